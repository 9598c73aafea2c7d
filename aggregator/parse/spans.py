"""Where the entries of an XML feed stand in its text, so that known ones need not be parsed."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from xml.parsers import expat

_MARK = re.compile(
    r"<!\[CDATA\[|<!--|<\?|<(?P<close>/)?(?P<name>(?:[\w.-]+:)?(?:item|entry))(?=[\s/>])",
    re.IGNORECASE,
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}


@dataclass(frozen=True, slots=True)
class Span:
    """One entry's stretch of the text, and the hash of its bytes."""

    start: int
    end: int
    fingerprint: bytes


def find(text: str) -> tuple[Span, ...]:
    """Return the spans of all `<item>` and `<entry>` elements, or none where they are not clear.

    Any prefix, any case; tags inside CDATA sections, comments and processing instructions do not
    count. Nested, unclosed or stray tags make the whole unclear. Linear in the length.
    """
    spans: list[Span] = []
    opened: tuple[str, int] | None = None
    position = 0
    while mark := _MARK.search(text, position):
        name, position = mark["name"], mark.end()
        if name is None:
            end = text.find(_ENDS[mark[0].upper()], position)
            if end < 0:
                return ()
            position = end + 1
        elif mark["close"]:
            position = text.find(">", position) + 1
            if opened is None or opened[0] != name or not position:
                return ()
            spans.append(_span(text, opened[1], position))
            opened = None
        else:
            position = text.find(">", position) + 1
            if opened is not None or not position:
                return ()
            if text[position - 2] == "/":
                spans.append(_span(text, mark.start(), position))
            else:
                opened = (name, mark.start())
    return () if opened else tuple(spans)


def without(text: str, spans: tuple[Span, ...], keep: frozenset[int] | set[int]) -> str:
    """Return the text with only those spans whose index is in `keep`."""
    pieces: list[str] = []
    position = 0
    for index, span in enumerate(spans):
        if index not in keep:
            pieces.append(text[position : span.start])
            position = span.end
    pieces.append(text[position:])
    return "".join(pieces)


def is_well_formed(text: str) -> bool:
    """Tell whether `text` is well-formed, namespaces included."""
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        return False
    return True


def _span(text: str, start: int, end: int) -> Span:
    digest = blake2b(text[start:end].encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return Span(start, end, digest)
