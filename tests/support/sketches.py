"""Sketches as earlier versions packed them."""

import struct

SIGNATURES = range(70_000, 70_128)


def first_form(links=(), own=-1, body=(), *, signed=True):
    """What form 0 kept of a text: signatures of 32 bits, links, the own address, terms."""
    numbers = SIGNATURES if signed else ()
    form = f"<HH{len(numbers)}I{len(links) + 1}q"
    counts = len(numbers), len(links) + 1
    return struct.pack(form, *counts, *numbers, *links, own) + "\n".join(body).encode()


def second_form(titled, links=(), body=(), *, signed=True):
    """What form 1 kept: signatures of 16 bits, links, counts, roles, terms, spellings."""
    numbers = [number & 0xFFFF for number in SIGNATURES] if signed else []
    terms = [*titled, *body]
    counts = len(numbers) // 64, len(links), len(titled), len(terms), len(terms)
    return b"".join(
        (
            struct.pack(f"<BBHHHH{len(numbers)}H{len(links)}Q", 0, *counts, *numbers, *links),
            bytes([3] * len(titled)),
            bytes([3] * len(titled) + [255] * len(body)),
            bytes([1] * len(titled) + [0] * len(body)),
            "\n".join((*terms, *titled, *("" for _ in body))).encode(),
        )
    )
