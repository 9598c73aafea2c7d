"""Where the entries of an XML feed stand in its text, so that known ones need not be parsed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from xml.parsers import expat

_MARK = re.compile(
    r"<!\[CDATA\[|<!--|<\?|<(?P<close>/)?(?P<name>(?:[\w.-]+:)?(?:item|entry))(?=[\s/>])",
    re.IGNORECASE,
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_ENTRIES = frozenset({"item", "entry"})
_REST_OF_TAG = re.compile(r"(?:\s+[\w:.-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*>")


@dataclass(frozen=True, slots=True)
class Span:
    """One entry's stretch of the text, and the hash of its bytes."""

    start: int
    end: int
    fingerprint: bytes


def outline(text: str) -> tuple[tuple[Span, ...], bool]:
    """Return what `find` returns, and whether `text` is well-formed, namespaces included."""
    elements = _elements(text)
    if elements is None:
        return find(text), False
    return _counted(text, elements) or find(text), True


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


def _elements(text: str) -> list[str] | None:
    """Return the names of all elements as expat gives them, `uri local prefix`.

    Returns None for a document that is not well-formed.
    """
    names: list[str] = []
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.EndElementHandler = names.append
    try:
        parser.Parse(text.encode(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return None
    return names


def _counted(text: str, elements: Sequence[str]) -> tuple[Span, ...]:
    """Return the spans of entries that are all called by one name, without a prefix.

    Where its tags stand in the text as often as the document has such elements, each is a real
    one, and none in a comment or CDATA section. Elsewhere no spans are returned.
    """
    kinds = [kind for kind in set(elements) if _local_name(kind).lower() in _ENTRIES]
    if len(kinds) != 1 or kinds[0].count(" ") > 1:
        return ()
    opening, closing = f"<{_local_name(kinds[0])}", f"</{_local_name(kinds[0])}"
    *pieces, rest = text.split(closing)
    if len(pieces) != elements.count(kinds[0]) or opening in rest:
        return ()
    spans: list[Span] = []
    end_of_name = 0
    for piece in pieces:
        start, tag, content = piece.partition(opening)
        if not tag or opening in content or not _REST_OF_TAG.match(content):
            return ()
        begin, end_of_name = end_of_name + len(start), end_of_name + len(piece) + len(closing)
        spans.append(_span(text, begin, text.index(">", end_of_name) + 1))
    return tuple(spans)


def _local_name(name: str) -> str:
    return name.split(" ")[1] if " " in name else name


def _span(text: str, start: int, end: int) -> Span:
    digest = blake2b(text[start:end].encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return Span(start, end, digest)
