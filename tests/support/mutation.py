"""Feed documents damaged at random, and what becomes of them."""

import re
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

from aggregator import normalize
from aggregator.errors import ParseError
from tests.support.pace import slowness
from tests.support.purity import as_json, blemishes

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://feeds.example.org/world/feed.xml"
MAX_SECONDS = 5.0
"""Processor time that one document may take on a usual machine."""
FEW = 4
"""Entries of a long document that are usually kept, so that a mutation hits what matters."""

Mutation = Callable[[Random, bytes], bytes]

_ENTRY = re.compile(rb"<(item|entry)\b.*?</\1\s*>", re.DOTALL)
_TAG = re.compile(rb"<[^<>]{1,200}>")
_TEXT = re.compile(rb">([^<>]+)<")
_ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1", "cp1252"),
    *("windows-1251", "koi8-r", "shift_jis", "gb2312", "big5", "euc-kr", "iso-2022-jp", "cp037"),
    *("rot13", "idna", "punycode", "unicode_escape", "hex", "nonsense", ""),
)
_TOKENS = (
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x", b"?>", b"<!DOCTYPE rss [", b"<!ENTITY a 'b'>"),
    *(b"&", b"&amp;", b"&lt;", b"&gt;", b"&#0;", b"&#x1F600;", b"&#xD800;", b"&nbsp;", b"&a;"),
    *(b"\0", b"\x0b", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xa8"),
    *(
        b"<",
        b">",
        b'"',
        b"'",
        b"</",
        b"/>",
        b"]",
        b"{",
        b"}",
        b"[",
        b"\\u0000",
        b"\\ud800",
        b"1e999",
    ),
    *(b"<item>", b"</item>", b"<entry>", b"</entry>", b"<channel>", b"<title>", b"</title>"),
    *(b"<author>", b"<link>", b"<link href='javascript:alert(1)'/>", b"<guid>", b"<category>"),
    *(b"<pubDate>9999-12-31</pubDate>", b"<updated>-1</updated>", b"<content type='xhtml'>"),
    *(b"<content type='html' xml:base='javascript:'>", b"<media:content url='data:,' width='1'/>"),
    *(b"<enclosure url='file:///etc/passwd' length='-1'/>", b"xml:lang='\0'", b"<description>"),
)
_PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=/a.gif width=1 height=1>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='data:text/html,x' onclick=y style=z>x</a>",
    "<svg/onload=alert(1)><style><img src=x onerror=alert(1)></style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form><input formaction=javascript:alert(1)><button>x",
    "<iframe srcdoc='&lt;script>'></iframe>",
    "<p style=x:expression(y)><meta http-equiv=refresh content=0><base href=//e>",
    "<img srcset='javascript:a 2x, data:, 3x'>",
    "</div></p></td><td><table><tr><b><i></p></table>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<b><p><a href=//x><table><a href=//y><div>",
    "JERUSALEM, Nov 3 (Reuters) - <b>",
    "<p>TEHRAN (<a href=//e>AP</a>) <i>\u2014 </i>\u202e\u2028\ud800",
)


def flip(random: Random, body: bytes) -> bytes:
    """Flip up to 20 bits."""
    flipped = bytearray(body)
    for _ in range(random.randint(1, 20)):
        flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def swap(random: Random, body: bytes) -> bytes:
    """Swap two neighbouring spans."""
    a, b, c = sorted(random.randrange(len(body) + 1) for _ in range(3))
    return body[:a] + body[b:c] + body[a:b] + body[c:]


def truncate(random: Random, body: bytes) -> bytes:
    """Cut off an end."""
    return body[: random.randrange(len(body))]


def delete(random: Random, body: bytes) -> bytes:
    """Take out a span of up to 300 bytes."""
    start = random.randrange(len(body))
    return body[:start] + body[start + random.randint(1, 300) :]


def double(random: Random, body: bytes) -> bytes:
    """Write a tag several times."""
    tags = list(_TAG.finditer(body))
    if not tags:
        return body * 2
    tag = random.choice(tags)
    return body[: tag.end()] + tag[0] * random.choice((1, 2, 50, 3_000)) + body[tag.end() :]


def untag(random: Random, body: bytes) -> bytes:
    """Take out tags."""
    share = random.random() / 4
    return _TAG.sub(lambda tag: b"" if random.random() < share else tag[0], body)


def insert(random: Random, body: bytes) -> bytes:
    """Put tokens of markup at any place."""
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(body))
        body = body[:at] + random.choice(_TOKENS) + body[at:]
    return body


def plant(random: Random, body: bytes) -> bytes:
    """Put hostile HTML into a text: as it is, escaped, escaped twice or as CDATA."""
    places = list(_TEXT.finditer(body)) or [re.match(b"(.*)", body, re.DOTALL)]
    place = random.choice(places)
    assert place is not None
    payload = "".join(random.choices(_PAYLOADS, k=random.randint(1, 3)))
    written = payload.encode("utf-8", "surrogatepass")
    escaped = written.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    forms = (written, escaped, escaped.replace(b"&", b"&amp;"), b"<![CDATA[" + written + b"]]>")
    return body[: place.start(1)] + random.choice(forms) + body[place.end(1) :]


def recode(random: Random, body: bytes) -> bytes:
    """Write the document in another encoding, or only say so."""
    named, used = random.choice(_ENCODINGS), random.choice(_ENCODINGS)
    body = re.sub(rb"encoding=[\"'][\w-]*[\"']", f'encoding="{named}"'.encode(), body, count=1)
    if random.random() < 0.5:
        return body
    try:
        return body.decode("utf-8", "replace").encode(used, "replace")
    except (LookupError, ValueError, AssertionError):
        return body


MUTATIONS: Sequence[Mutation] = (
    *(flip, swap, truncate, delete, double, untag, insert, plant, plant, recode),
)


def shorten(random: Random, body: bytes) -> bytes:
    """Keep a few entries of a document."""
    entries = list(_ENTRY.finditer(body))
    if len(entries) <= FEW:
        return body
    first = random.randrange(len(entries) - FEW)
    return body[: entries[0].start()] + b"\n".join(
        [*(entry[0] for entry in entries[first : first + FEW]), body[entries[-1].end() :]]
    )


def mutant(random: Random, bodies: Sequence[bytes]) -> bytes:
    """One of the documents, usually shortened, with one to four mutations, spliced at times."""
    body = random.choice(bodies)
    if random.random() < 0.98:
        body = shorten(random, body)
    if random.random() < 0.1:
        other = shorten(random, random.choice(bodies))
        body = body[: random.randrange(len(body))] + other[random.randrange(len(other)) :]
    for mutation in random.choices(MUTATIONS, k=random.randint(1, 4)):
        body = mutation(random, body or b"<rss>")
    return body


CONTENT_TYPES = (
    *(None, "application/rss+xml", "text/xml; charset=utf-8", "text/html; charset=windows-1252"),
    *("text/xml; charset=rot13", "application/json", "image/png", "; charset='"),
)


def probe(directory: str, seed: int) -> tuple[str, list[str]]:
    """Read one mutant of a directory's documents; how that ended, and everything found wrong."""
    random = Random(seed)
    return judge(mutant(random, documents(directory)), random.choice(CONTENT_TYPES))


def judge(body: bytes, content_type: str | None) -> tuple[str, list[str]]:
    """Read a document; `read`, `refused` or `crashed`, and everything found wrong."""
    began = time.process_time()
    try:
        reading = read(body, content_type)
    except ParseError as error:
        return "refused", [] if str(error) and "\n" not in str(error) else ["unclear refusal"]
    except Exception:  # that is what is looked for
        return "crashed", [traceback.format_exc()]
    seconds = time.process_time() - began
    found = list(dict.fromkeys(blemishes(reading, NOW)))
    as_json(reading.articles)
    if seconds > MAX_SECONDS and seconds > MAX_SECONDS * slowness():
        found.append(f"took {seconds:.1f} s for {len(body)} bytes")
    return "read", found


def read(body: bytes, content_type: str | None = None) -> normalize.Reading:
    """What a poll makes of a document."""
    return normalize.read(
        body,
        content_type=content_type,
        url=URL,
        feed_url=URL,
        feed_title=None,
        known=frozenset(),
        language=None,
        now=NOW,
        most=normalize.Most(),
    )


@cache
def documents(directory: str) -> list[bytes]:
    """The feed documents of a directory, in the order of their names."""
    paths = sorted(Path(directory).iterdir())
    return [
        path.read_bytes() for path in paths if path.suffix in (".xml", ".json", ".rss", ".atom")
    ]
