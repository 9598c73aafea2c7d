"""What servers do wrong, by accident or on purpose: each fault with what must come of it."""

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from itertools import repeat
from time import sleep

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from tests.support.newsrooms import Item, rss
from tests.support.server import Answer, Asked, Reply

MAX_SIZE = 3_000_000
"""Bytes that the feeds of the table may have."""
BOMB = 60_000_000
"""Bytes that a bomb comes to."""

HTML = {"Content-Type": "text/html"}
HTTP2 = bytes.fromhex("000006 04 00 00000000 0003 00000064  000008 07 00 00000000") + bytes(8)
"""What a server of HTTP/2 answers to older HTTP: its settings, and that it leaves (RFC 9113)."""


def items(name: str, count: int = 3) -> list[Item]:
    """The entries that a feed of the table had before it broke."""
    return [
        Item(f"{name}: report {n}", f"https://e.example/{name}/{n}", "Old.", hours=-n)
        for n in range(count)
    ]


@dataclass(frozen=True)
class Fault:
    """What is served, and a pattern of the reason for `feeds`; None where the poll is good.

    `articles` counts those of the feed afterwards; it had three.
    """

    answer: Answer
    reason: str | None
    articles: int = 3


def _sent(body: bytes, encoding: str) -> Reply:
    return Reply(200, body, {"Content-Encoding": encoding})


def _raw(head: str, body: bytes) -> Reply:
    return Reply(raw=f"HTTP/1.1 200 OK\r\nETag: {FAULTY}\r\n{head}\r\n\r\n".encode() + body)


FAULTY = '"of a faulty answer"'
"""The ETag of every faulty answer: it may never be sent back."""


def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _blank(size: int) -> bytes:
    return b"<rss>" + b" " * size


def _endless(piece: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: repeat(piece)


def _feed(inner: str, prolog: str = "", name: str = "bomb") -> bytes:
    head = f'{prolog}<rss version="2.0"><channel><title>T</title>'
    link = f"<item><title>{name}</title><link>https://e.example/{name}/new</link>"
    return f"{head}{link}{inner}</item></channel></rss>".encode()


def _text(html: str) -> str:
    return f"<description>{escape(html)}</description>"


def _redirect(location: str, status: int = 302) -> Reply:
    return Reply(status, headers={"Location": location})


def _chain(asked: Asked) -> Reply:
    steps = int(asked.path.partition("?")[2] or 0)
    return _redirect(f"?{steps + 1}")


WHOLE = rss("Whole", *items("whole"))
PACKED = _packed(WHOLE * 20)
CHUNK = b"400\r\n" + b" " * 0x400 + b"\r\n"
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
LAUGHTER = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{LAUGHS}]>'
LONG = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>'
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARKED = (
    b"<!doctype html><html><head><title>e.example is for sale</title></head><body>"
    b"<h1>Buy this domain</h1><a href='https://parking.example/'>Related searches</a></body></html>"
)
LOGIN = b"<html><form><input type='password' name='p'></form></html>"
SHORT = "broke off in the middle of the answer"
PACKING = "compression is broken"
LARGE = "is larger than 3 MB"
NESTED = f"{LARGE}|{PACKING}"
PRIVATE = "private address"
LATE = "took longer than 2 s"

TRANSPORT: Mapping[str, Fault] = {
    "short-length": Fault(Reply(200, WHOLE, length=len(WHOLE) - 40), "not valid HTTP"),
    "long-length": Fault(Reply(200, WHOLE, length=len(WHOLE) + 40, cut=len(WHOLE)), SHORT),
    "cut-chunk": Fault(_raw("Transfer-Encoding: chunked", CHUNK[:500]), SHORT),
    "no-last-chunk": Fault(_raw("Transfer-Encoding: chunked", CHUNK), SHORT),
    "no-chunk": Fault(_raw("Transfer-Encoding: chunked", b""), SHORT),
    "bad-chunk": Fault(_raw("Transfer-Encoding: chunked", b"x\r\n"), "not valid HTTP|broke off"),
    "huge-length": Fault(Reply(200, b"<rss", length=10**15, cut=4), LARGE),
    "endless": Fault(
        Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n<rss>", stream=_endless(b" " * 65_536)), LARGE
    ),
    "endless-chunks": Fault(
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", stream=_endless(CHUNK)),
        LARGE,
    ),
    "endless-header": Fault(
        Reply(raw=b"HTTP/1.1 200 OK\r\nX: ", stream=_endless(b"x" * 1_000)), "not valid HTTP|head"
    ),
    "endless-headers": Fault(
        Reply(raw=b"HTTP/1.1 200 OK\r\n", stream=_endless(b"X: y\r\n" * 100)), "not valid HTTP|head"
    ),
    "interim": Fault(
        Reply(raw=b"", stream=_endless(b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 100)),
        "interim answers without end",
    ),
    "not-http": Fault(Reply(raw=b"SSH-2.0-OpenSSH_9\r\n"), "not valid HTTP"),
    "http-2": Fault(Reply(raw=HTTP2), "speaks HTTP/2 only"),
    "nothing": Fault(Reply(raw=b""), "closed the connection without an answer"),
    "half-a-head": Fault(Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Le"), "closed the connection"),
}
COMPRESSION: Mapping[str, Fault] = {
    "cut-gzip": Fault(_sent(PACKED[:-12], "gzip"), PACKING),
    "cut-deflate": Fault(_sent(zlib.compress(WHOLE)[:-6], "deflate"), PACKING),
    "cut-brotli": Fault(_sent(brotli.compress(WHOLE)[:-6], "br"), PACKING),
    "cut-zstd": Fault(_sent(zstd.compress(WHOLE)[:-6], "zstd"), PACKING),
    "zstd-bomb": Fault(_sent(zstd.compress(_blank(BOMB)), "zstd"), LARGE),
    "not-gzip": Fault(_sent(WHOLE, "gzip"), PACKING),
    "unknown": Fault(_sent(WHOLE, "sdch"), PACKING),
    "gzip-bomb": Fault(_sent(_packed(_blank(BOMB)), "gzip"), LARGE),
    "deflate-bomb": Fault(_sent(zlib.compress(_blank(BOMB)), "deflate"), LARGE),
    "brotli-bomb": Fault(_sent(brotli.compress(_blank(BOMB), quality=4), "br"), LARGE),
    "gzip-in-gzip": Fault(
        _sent(_packed(_packed(_blank(BOMB))), "gzip, gzip"), f"{LARGE}|{PACKING}"
    ),
    "gzip-in-brotli": Fault(
        _sent(brotli.compress(_packed(_blank(BOMB)), quality=4), "gzip, br"), NESTED
    ),
    "many-encodings": Fault(_sent(PACKED, ", ".join(["gzip"] * 50)), PACKING),
}
REDIRECTS: Mapping[str, Fault] = {
    "circle": Fault(_redirect("circle"), "redirects in a circle"),
    "chain": Fault(_chain, "redirects more than 5 times"),
    "nowhere": Fault(Reply(302), "redirects, but does not say where"),
    "to-a-file": Fault(_redirect("file:///etc/passwd"), "not http or https"),
    "to-ftp": Fault(_redirect("ftp://e.example/feed"), "not http or https"),
    "to-data": Fault(_redirect("data:text/xml,<rss/>"), "not http or https"),
    "to-a-script": Fault(_redirect("javascript:alert(1)"), "not http or https"),
    "to-a-broken-address": Fault(_redirect("http://[::1"), "not valid"),
    "to-a-long-address": Fault(_redirect("/" + "x" * 70_000), "not valid HTTP|head"),
    "to-link-local": Fault(
        _redirect("http://169.254.169.254/latest/meta-data/"), "private address"
    ),
    "to-private": Fault(_redirect("http://10.0.0.1/", 301), PRIVATE),
    "to-this-host": Fault(_redirect("http://0.0.0.0:9/", 308), PRIVATE),
}
ANSWERS: Mapping[str, Fault] = {
    **{
        f"status-{code}": Fault(Reply(code, WHOLE), f"the server says {code}")
        for code in (400, 401, 403, 404, 410, 418, 451, 500, 502, 504, 599)
    },
    "status-204": Fault(Reply(204, WHOLE), "not valid HTTP|the server says 204"),
    "unasked-304": Fault(lambda asked: Reply(304, headers={"ETag": FAULTY}), None),
    "page": Fault(Reply(200, b"<!doctype html><title>Hi</title><p>Hello", HTML), "a web page"),
    "page-said-to-be-a-feed": Fault(Reply(200, b"<html><p>Hello</html>"), "a web page"),
    "parked": Fault(Reply(200, PARKED, HTML), "a web page"),
    "login": Fault(Reply(200, LOGIN, HTML), "a login page"),
    "empty": Fault(Reply(200, b""), "an empty body"),
    "blank": Fault(Reply(200, b" \r\n\t"), "an empty body"),
    "picture": Fault(Reply(200, b"\x89PNG\r\n\x1a\n\0\0"), "neither XML nor JSON"),
    "sitemap": Fault(Reply(200, b"<urlset><url><loc>x</loc></url></urlset>"), "a sitemap"),
    "broken-json": Fault(Reply(200, b'{"version": "https://jsonfeed.org/versio'), "broken or cut"),
    "deep-json": Fault(Reply(200, b"[" * 1_000_000), "JSON|nested"),
    "feed-said-to-be-a-page": Fault(Reply(200, rss("T", *items("x", 2)), HTML), None, 5),
    "feed-said-to-be-a-picture": Fault(
        Reply(200, rss("T", *items("y", 2)), {"Content-Type": "image/png"}), None, 5
    ),
}
HABITS: Mapping[str, Fault] = {
    "shrinks": Fault(Reply(200, rss("T", *items("shrinks", 1))), None),
    "has-no-entries-left": Fault(Reply(200, rss("T")), None),
    "new-guids": Fault(
        Reply(
            200,
            rss(
                "T",
                *(Item(i.title, i.link, i.text, guid=f"{i.link}#new") for i in items("new-guids")),
            ),
        ),
        None,
    ),
    "new-guids-and-links": Fault(
        Reply(
            200,
            rss(
                "T",
                *(
                    replace(item, link=f"{item.link}/moved", guid=f"{item.link}#new")
                    for item in items("new-guids-and-links")
                ),
            ),
        ),
        None,
    ),
    "two-thousand": Fault(Reply(200, rss("T", *items("many", 2_000))), None, 1_003),
}
BOMBS: Mapping[str, Fault] = {
    "laughs": Fault(Reply(200, _feed("<description>&e11;</description>", LAUGHTER, "a")), None, 4),
    "entities": Fault(
        Reply(200, _feed(f"<description>{'&a;' * 20_000}</description>", LONG, "b")), None, 4
    ),
    "external": Fault(Reply(200, _feed("<description>&x;</description>", EXTERNAL, "c")), None, 4),
    "attributes": Fault(
        Reply(200, _feed("<x " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>")),
        "more than 1,000 attributes",
    ),
    "categories": Fault(
        Reply(200, _feed("<category>x</category>" * 100_000)), "more than 2,000 categories"
    ),
    "nesting": Fault(
        Reply(200, _feed("<a>" * 100_000 + "</a>" * 100_000)), "nest more than 10,000 levels deep"
    ),
    "author": Fault(Reply(200, _feed(f"<author>{'a' * 500_000}</author>", name="d")), None, 4),
    "style": Fault(
        Reply(200, _feed(_text(f"<p style='{'a:b;' * 200_000}'>x"), name="e")),
        None,
        4,
    ),
    "open-tags": Fault(
        Reply(200, _feed(_text("<p <b" * 100_000), name="f")),
        None,
        4,
    ),
}


def _drip() -> Iterator[bytes]:
    while True:
        yield b" "
        sleep(0.2)


SLOW: Mapping[str, Fault] = {
    "silent": Fault(Reply(pause=600), LATE),
    "drips-its-head": Fault(Reply(raw=b"HTTP/1.1 200 OK\r\nX: ", stream=_drip), LATE),
    "drips-its-body": Fault(Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n<rss>", stream=_drip), LATE),
    "drips-redirects": Fault(lambda asked: replace(_chain(asked), pause=1.5), LATE),
}
QUICK: Mapping[str, Fault] = {
    **TRANSPORT,
    **COMPRESSION,
    **REDIRECTS,
    **ANSWERS,
    **HABITS,
    **BOMBS,
}
