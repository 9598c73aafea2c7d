"""Sketches as earlier versions packed them: what they tell that titles and summaries do not."""

import struct
from dataclasses import dataclass
from typing import Final

from aggregator.stories.copies import PERMUTATIONS, SIGNATURE, Signature, kept

_FIRST_COUNTS: Final = "<HH"
_FIRST_NUMBERS: Final = "<HH{}I{}q"
_COUNTS: Final = struct.Struct("<BBHHHH")
_LINK: Final = 8
_OF_BODY: Final = 255


@dataclass(frozen=True, slots=True)
class Earlier:
    """Of the text of an article: its signatures, hashes of its links, its first terms."""

    signatures: tuple[Signature, ...]
    links: frozenset[int]
    body: tuple[str, ...]


def earlier(packed: bytes, form: int) -> Earlier:
    """What a sketch of form 0 or 1 tells."""
    return _first(packed) if form == 0 else _second(packed)


def _first(packed: bytes) -> Earlier:
    """Of two counts, signatures of 32-bit numbers, links, the own address or -1, terms by line."""
    numbers, linked = struct.unpack_from(_FIRST_COUNTS, packed)
    form = _FIRST_NUMBERS.format(numbers, linked)
    found = struct.unpack_from(form, packed)[2:]
    body = packed[struct.calcsize(form) :].decode()
    starts = range(0, numbers, PERMUTATIONS)
    return Earlier(
        tuple(kept(found[start : start + PERMUTATIONS]) for start in starts),
        frozenset(link for link in found[numbers:] if link >= 0),
        tuple(body.split("\n")) if body else (),
    )


def _second(packed: bytes) -> Earlier:
    """Of flags, counts, signatures, links, the counts of terms, 255 for those of the text, roles.

    Terms by line are the last.
    """
    _, signed, linked, head, wide, terms = _COUNTS.unpack_from(packed)
    links = _COUNTS.size + signed * SIGNATURE
    counts = links + linked * _LINK + head
    told = packed[counts + wide + terms :].decode().split("\n", wide)[:wide]
    occurs = packed[counts : counts + wide]
    return Earlier(
        tuple(packed[at : at + SIGNATURE] for at in range(_COUNTS.size, links, SIGNATURE)),
        frozenset(struct.unpack_from(f"<{linked}Q", packed, links)),
        tuple(term for term, often in zip(told, occurs, strict=True) if often == _OF_BODY),
    )
