"""Where the entries of an XML feed stand in its text, so that known ones need not be parsed."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from xml.parsers import expat

_MARK = re.compile(
    r"<!\[CDATA\[|<!--|<\?|<(?P<close>/)?(?P<name>(?:[\w.-]+:)?(?:item|entry))(?=[\s/>])",
    re.IGNORECASE,
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_ENTRIES = frozenset({"item", "entry"})
_FIRST = re.compile(r"<(item|entry)(?=[\s/>])")
_TAGS = {name: re.compile(rf"</?{name}(?=[\s/>])") for name in _ENTRIES}
_REST_OF_TAG = re.compile(r"(?:\s+[\w:.-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*\s*>")
_END_OF_TAG = re.compile(r"\s*>")
_DAMAGED = b"damaged"


@dataclass(frozen=True, slots=True)
class Span:
    """One entry's stretch of the text, and the hash of its bytes.

    In a document that is not well-formed the same bytes have another hash: an entry that is known
    by its hash is known to have been well-formed, or not.
    """

    start: int
    end: int
    fingerprint: bytes


def outline(text: str) -> tuple[tuple[Span, ...], bool]:
    """Return what `find` returns, and whether `text` is well-formed, namespaces included."""
    elements: list[str] = []
    if not parsed(text, EndElementHandler=elements.append):
        return find(text, _DAMAGED), False
    found = counted(text, elements)
    return find(text) if found is None else found, True


def find(text: str, kind: bytes = b"") -> tuple[Span, ...]:
    """Return the spans of all `<item>` and `<entry>` elements, or none where they are not clear.

    Any prefix, any case; tags inside CDATA sections, comments and processing instructions do not
    count. Nested, unclosed or stray tags make the whole unclear. Linear in the length. The hashes
    of documents of another `kind` are others.
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
            spans.append(_span(text, opened[1], position, kind))
            opened = None
        else:
            position = text.find(">", position) + 1
            if opened is not None or not position:
                return ()
            if text[position - 2] == "/":
                spans.append(_span(text, mark.start(), position, kind))
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


def parsed(text: str, **handlers: Callable[..., object]) -> bool:
    """Give a text to expat and what it meets, `uri local prefix`, to its handlers.

    Returns False for one that is not well-formed, namespaces included.
    """
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    try:
        parser.Parse(text.encode(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return True


def counted(text: str, elements: Sequence[str]) -> tuple[Span, ...] | None:
    """Return the spans of entries that are all called by one name, without a prefix.

    Where its tags stand in the text as often as the document has such elements, each is a real
    one, and none in a comment or CDATA section. Elsewhere None is returned.
    """
    kinds = [kind for kind in set(elements) if local_name(kind).lower() in _ENTRIES]
    if len(kinds) > 1 or any(kind.count(" ") > 1 for kind in kinds):
        return None
    found = between_tags(text) if kinds else ()
    return found if len(found) == sum(map(elements.count, kinds)) else None


def between_tags(text: str) -> tuple[Span, ...]:
    """Return what stands between tags of the name that the first entry has, prefixes apart.

    Only a parser can tell whether these are elements. Returns nothing where tags are irregular.
    """
    first = _FIRST.search(text)
    if first is None:
        return ()
    spans: list[Span] = []
    tags = _TAGS[first[1]].finditer(text, first.start())
    for opening in tags:
        closing = next(tags, None)
        if closing is None or opening[0][1] == "/" or closing[0][1] != "/":
            return ()
        end = _END_OF_TAG.match(text, closing.end())
        if end is None or not _REST_OF_TAG.match(text, opening.end()):
            return ()
        spans.append(_span(text, opening.start(), end.end()))
    return tuple(spans)


def local_name(name: str) -> str:
    """Return the name of an element without what expat says of its namespace."""
    return name.split(" ")[1] if " " in name else name


def _span(text: str, start: int, end: int, kind: bytes = b"") -> Span:
    said = text[start:end].encode("utf-8", "surrogatepass")
    return Span(start, end, blake2b(said, digest_size=8, person=kind).digest())
