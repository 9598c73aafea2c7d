"""Where every part of a YAML text stands: what an editor needs to leave the rest untouched."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from yaml import BlockEntryToken, CBaseLoader, FlowEntryToken, events

from aggregator.config.document import same_key

Kind = Literal["scalar", "alias", "list", "map"]

_PARTS: dict[type, Kind] = {
    events.ScalarEvent: "scalar",
    events.AliasEvent: "alias",
    events.SequenceStartEvent: "list",
    events.MappingStartEvent: "map",
}
_ENDS = (events.SequenceEndEvent, events.MappingEndEvent)


@dataclass(slots=True)
class Part:
    """One value of a YAML text, from `start` to `end`, offsets in characters.

    `children` are the items of a list, or the keys and values of a mapping in turn. A block
    collection ends with its last child, without the comments and blank lines below it.
    """

    kind: Kind
    start: int
    end: int
    value: str = ""
    flow: bool = False
    children: list["Part"] = field(default_factory=list)

    def pairs(self) -> Iterator[tuple["Part", "Part"]]:
        """Yield the keys and values of a mapping."""
        return zip(self.children[::2], self.children[1::2], strict=True)

    def pair(self, name: str) -> "tuple[Part, Part] | None":
        """Return a key of this mapping and its value; None for what is no mapping."""
        if self.kind != "map":
            return None
        pairs = self.pairs()
        return next((one for one in pairs if same_key(one[0].value) == same_key(name)), None)

    def child(self, name: str) -> "Part | None":
        """Return the value of a key of this mapping."""
        found = self.pair(name)
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Layout:
    """A YAML text with its parts: `root` is None where there is nothing but comments.

    `dashes` and `commas` are the offsets of the marks that begin and separate the items of lists.
    """

    text: str
    root: Part | None
    dashes: tuple[int, ...]
    commas: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Layout":
        """Take down the layout of a text that `document.compose` accepts."""
        dashes, commas = _marks(text)
        return cls(text, _root(CBaseLoader(text)), dashes, commas)

    def dash(self, item: Part) -> int:
        """Return where the dash of an item of a block list stands."""
        return self.dashes[bisect_left(self.dashes, item.start) - 1]

    def comma(self, start: int, end: int) -> int | None:
        """Return where the first comma of a flow collection from `start` on stands."""
        position = bisect_left(self.commas, start)
        found = self.commas[position : position + 1]
        return found[0] if found and found[0] < end else None

    def line(self, offset: int) -> int:
        """Return the number of the line, counted from 1."""
        return self.text.count("\n", 0, offset) + 1

    def line_start(self, offset: int) -> int:
        """Return where the line begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line ends, before its line break."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def column(self, offset: int) -> int:
        """Return the number of characters before an offset in its line."""
        return offset - self.line_start(offset)


def _marks(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    scanner = CBaseLoader(text)
    found: dict[type, list[int]] = {BlockEntryToken: [], FlowEntryToken: []}
    while (token := scanner.get_token()) is not None:
        if type(token) in found:
            found[type(token)].append(token.start_mark.index)
    return tuple(found[BlockEntryToken]), tuple(found[FlowEntryToken])


def _root(parser: CBaseLoader) -> Part | None:
    roots: list[Part] = []
    open_parts: list[Part] = []
    while not isinstance(event := parser.get_event(), events.StreamEndEvent):
        if type(event) in _PARTS:
            part = _part(event)
            (open_parts[-1].children if open_parts else roots).append(part)
            if part.kind in ("list", "map"):
                open_parts.append(part)
        elif isinstance(event, _ENDS):
            _close(open_parts.pop(), event)
    return roots[0] if roots else None


def _part(event: Any) -> Part:
    kind = _PARTS[type(event)]
    flow = kind in ("list", "map") and bool(event.flow_style)
    value = event.value if kind == "scalar" else ""
    return Part(kind, event.start_mark.index, event.end_mark.index, value, flow)


def _close(part: Part, event: Any) -> None:
    end: int = event.end_mark.index
    part.end = end if part.flow or not part.children else part.children[-1].end
