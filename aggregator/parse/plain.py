"""Plain entries and heads: those made of usual elements only, read straight from expat.

feedparser understands any feed, and spends 40 µs on each element doing so. Most entries need
nothing of that: they are read here, to the very fields that feedparser makes of them. So is the
head of a feed, that is what stands around its entries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from aggregator.parse import heads
from aggregator.parse.elements import MEANT, USUAL, Attributes, Element, Odd, nothing, tidy
from aggregator.parse.entries import Fields
from aggregator.parse.names import Names, attribute, changes_document, has_meaning

_ENTRIES = frozenset({"item", "entry"})
_SURROUNDING = frozenset({"rss", "channel", "feed", "rdf", "rdf_rdf"})
_BASES = frozenset({"base", "xml:base"})
_ELSEWHERE = frozenset({"href", "lastmod"})
_ENTRY = Element(nothing, holds=USUAL)
_UNKNOWN = Element(nothing, holds={})
_BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class Plain:
    """What feedparser would make of the entries, in order, and of the head; None if not plain."""

    entries: list[Fields | None]
    head: Fields | None
    atom: bool

    def without_any(self) -> "Plain":
        """The same document, in which nothing is plain."""
        return Plain([None] * len(self.entries), None, self.atom)


def read(text: str) -> Plain | None:
    """Return what is plain in a document.

    Returns None for a document that is not well-formed, namespaces included.
    """
    reader = _Reader()
    try:
        reader.read(text.encode())
    except expat.ExpatError:
        return None
    found = Plain(reader.entries, reader.head, reader.is_atom)
    return found if reader.is_clear else found.without_any()


class _Open(NamedTuple):
    """An element before its end; `texts` and `start` tell where its texts and bytes begin."""

    element: Element
    attributes: Attributes
    language: str | None
    texts: int
    start: int


class _Reader:
    """The way of a document through expat; not `is_clear` where names or bases are doubtful."""

    def __init__(self) -> None:
        self.entries: list[Fields | None] = []
        self.head: Fields | None = None
        self.is_clear = True
        self.is_atom = False
        self._names = Names()
        self._depth = self._part_depth = self._head_depth = 0
        self._in_entry = False
        self._language: str | None = None
        self._around: list[tuple[bool, str | None]] = []
        self._strange = 0
        self._fields: Fields | None = None
        self._open: list[_Open] = []
        self._texts: list[str] = []
        self._defines = self._is_rss = False

    def read(self, document: bytes) -> None:
        """Fill `entries` and `head`; raises ExpatError."""
        self._parser = parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.buffer_size = _BUFFER
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts.append
        try:
            parser.Parse(document, True)
        finally:
            del self._parser  # it refers to this reader

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        if uri:
            self.is_clear &= self._names.declare(prefix or "", uri)
            self._defines |= changes_document(uri)
            self._is_rss |= uri.lower() in heads.RSS_BY_NAMESPACE

    def _start(self, qualified: str, found: dict[str, str]) -> None:
        name = self._names[qualified]
        self._depth += 1
        attributes = _attributes(found) if found else {}
        if not self._part_depth:
            self._approach(name, qualified, attributes)
        if self._defines:
            self.is_clear &= not self._in_entry
            self.head = self.head if self._depth == 1 else None
            self._defines = False
        self.is_clear &= len(attributes) == len(found) and _BASES.isdisjoint(attributes)
        if not self._part_depth:
            strange = name not in _SURROUNDING
            self._strange += strange
            self._around.append((strange, self._language))
            self._language = _language(attributes, self._language)
        elif self._fields is not None:
            self._enter(name, attributes, self._fields)

    def _end(self, qualified: str) -> None:
        if not self._part_depth:
            strange, self._language = self._around.pop()
            self._strange -= strange
        elif self._fields is not None:
            self._leave(self._open.pop(), self._fields)
        if self._depth == self._part_depth:
            self._finish()
        self._depth -= 1

    def _approach(self, name: str, qualified: str, attributes: Attributes) -> None:
        """Begin an entry or an element of the head, if this is one."""
        if name in _ENTRIES:
            self._part_depth, self._in_entry, self._fields = self._depth, True, {}
        elif self._depth == 1:
            self._begin(qualified, attributes)
        elif self.head is not None and self._depth == self._head_depth:
            self._part_depth, self._fields = self._depth, self.head
        elif self.head is not None:
            is_first = self._depth == 2 and name == "channel" and not self.head.get("begun")
            self.head = {**self.head, "begun": True} if is_first and not attributes else None

    def _begin(self, qualified: str, attributes: Attributes) -> None:
        """Note what the root element tells of the head."""
        self.is_atom = qualified == f"{heads.ATOM} feed"
        if qualified == "rss" or (self.is_atom and not self._is_rss):
            self._head_depth = 2 if self.is_atom else 3
            language = _language(attributes, None)
            self.head = {"language": language.replace("_", "-")} if language else {}

    def _finish(self) -> None:
        """End an entry or an element of the head."""
        if self._in_entry:
            self.entries.append(self._fields)
        else:
            self.head = None if self._fields is None else self.head
        self._part_depth, self._in_entry = 0, False
        self._open.clear()
        self._texts.clear()

    def _enter(self, name: str, attributes: Attributes, fields: Fields) -> None:
        try:
            if self._open:
                element, inherited = _held(self._open[-1].element, name), self._open[-1].language
            else:
                element, inherited = self._part(name, attributes, fields), self._language
        except Odd:
            self._fields = None
            return
        language = _language(attributes, inherited) if attributes else inherited
        texts, start = len(self._texts), self._parser.CurrentByteIndex
        self._open.append(_Open(element, attributes, language, texts, start))

    def _part(self, name: str, attributes: Attributes, fields: Fields) -> Element:
        if self._in_entry:
            return self._entry(attributes, fields)
        return _named(heads.OF_ATOM if self.is_atom else heads.OF_RSS, name)

    def _entry(self, attributes: Attributes, fields: Fields) -> Element:
        if self._strange or not _ELSEWHERE.isdisjoint(attributes):
            raise Odd
        fields["id"] = attributes.get("rdf:about")
        return _ENTRY

    def _leave(self, ended: _Open, fields: Fields) -> None:
        element, attributes, language, texts, start = ended
        text = tidy("".join(self._texts[texts:]))
        del self._texts[texts:]
        try:
            if element.longest and self._parser.CurrentByteIndex - start > element.longest:
                raise Odd
            element.take(fields, text, attributes, language)
        except Odd:
            self._fields = None


def _held(parent: Element, name: str) -> Element:
    if parent.holds is None:
        raise Odd
    return _named(parent.holds, name)


def _named(elements: Mapping[str, Element], name: str) -> Element:
    return elements.get(name) or _unknown(name)


@lru_cache(maxsize=512)
def _unknown(name: str) -> Element:
    if has_meaning(name) or name in MEANT:
        raise Odd
    return _UNKNOWN


def _attributes(found: dict[str, str]) -> Attributes:
    attributes = {attribute(name): value for name, value in found.items()}
    for name in ("rel", "type"):
        if name in attributes:
            attributes[name] = attributes[name].lower()
    return attributes


def _language(attributes: Attributes, inherited: str | None) -> str | None:
    return attributes.get("xml:lang", attributes.get("lang", inherited)) or None
