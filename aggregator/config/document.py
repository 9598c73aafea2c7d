"""YAML text as a tree of nodes that know their line, and that tree as plain data.

Every scalar stays text: `no`, `06:30` and `1e3` mean what the reader of the value says, never what
YAML 1.1 would resolve. Read from libyaml's events, so that depth is bounded before anything is
built and only text, lists and mappings can come out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml import CBaseLoader, events

MAX_DEPTH = 50
MAX_COPIES = 100_000
MERGE = "<<"

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_STANDARD_TAGS = frozenset(
    {None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
)
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)\}|([A-Za-z_]\w*))", re.ASCII)

ReportUnset = Callable[[int, str, str], None]
"""Takes the line, the key and the name of a variable that is not set."""


class Malformed(Exception):  # noqa: N818 (it is caught at once and becomes a Problem)
    """Text that is not the YAML we read; carries the line, counted from 1."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


@dataclass(slots=True, eq=False)
class Scalar:
    """A text, or None where the value is left out."""

    line: int
    value: str | None


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    line: int
    items: list["Node"]


@dataclass(slots=True, eq=False)
class Table:
    """A mapping, as pairs in the order of the file."""

    line: int
    pairs: list[tuple[Scalar, "Node"]]

    def child(self, name: str) -> "tuple[int, Node] | None":
        """Return the line of the key and the node of the value; merged mappings come last."""
        wanted = same_key(name)
        for key, node in self.pairs:
            if same_key(key.value or "") == wanted:
                return key.line, node
        for merged in self.merged():
            if found := merged.child(name):
                return found
        return None

    def merged(self) -> "Iterator[Table]":
        """Yield the mappings that `<<` brings in, the first of them strongest."""
        for key, node in self.pairs:
            if key.value == MERGE:
                candidates = node.items if isinstance(node, Sequence) else [node]
                yield from (one for one in candidates if isinstance(one, Table))


Node = Scalar | Sequence | Table


def same_key(name: str) -> str:
    """Return the form in which kebab-case and snake_case spellings of a key are equal."""
    return name.replace("_", "-")


def is_null(text: str) -> bool:
    """Tell whether a value written like this, without quotes, is left out."""
    return text in _NULLS


def compose(text: str) -> Node:
    """Read one YAML document; raises Malformed."""
    if "\t" in text:
        _refuse_tabs(text)
    try:
        return _Composer(CBaseLoader(text)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(mark.line + 1 if mark else 1, _in_words(error)) from error
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        raise Malformed(text.count("\n", 0, position) + 1, "a control character") from error


def _refuse_tabs(text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent and line.strip():
            raise Malformed(number, "a tab in the indentation; YAML wants spaces")


def _in_words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "not YAML"
    if "mapping values are not allowed" in problem:
        return "a second ': ' in one line: quote the value, or mend the indentation"
    context = f" ({error.context})" if error.context else ""
    return f"broken YAML: {problem}{context}"


class _Composer:
    """Builds the tree from events, with an explicit stack instead of recursion."""

    def __init__(self, parser: CBaseLoader) -> None:
        self._next = parser.get_event
        self._anchors: dict[str, Node | None] = {}
        self._open: list[tuple[Any, list[Node]]] = []
        self._siblings: list[Node] = []
        self._copies = 0
        self._sizes: dict[int, int] = {}

    def document(self) -> Node:
        handle: dict[type, Callable[[Any], None]] = {
            events.ScalarEvent: self._scalar,
            events.SequenceStartEvent: self._start,
            events.SequenceEndEvent: self._end_sequence,
            events.MappingStartEvent: self._start,
            events.MappingEndEvent: self._end_table,
            events.AliasEvent: self._alias,
            events.DocumentStartEvent: self._document,
        }
        while (kind := type(event := self._next())) is not events.StreamEndEvent:
            if kind in handle:
                handle[kind](event)
        return self._siblings[0] if self._siblings else Scalar(1, None)

    def _document(self, event: Any) -> None:
        if self._siblings:
            raise Malformed(_line(event), "a second document (`---`) in one file")

    def _scalar(self, event: Any) -> None:
        _check_tag(event)
        value: str | None = event.value
        if is_null(event.value) and not event.style and event.implicit[0]:
            value = None
        self._add(Scalar(_line(event), value), event.anchor)

    def _start(self, event: Any) -> None:
        _check_tag(event)
        if len(self._open) >= MAX_DEPTH:
            raise Malformed(_line(event), f"nested more than {MAX_DEPTH} levels deep")
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # until its end: it can't stand in itself
        self._open.append((event, self._siblings))
        self._siblings = []

    def _end_sequence(self, _: Any) -> None:
        items = self._siblings
        start, self._siblings = self._open.pop()
        self._add(Sequence(_line(start), items), start.anchor)

    def _end_table(self, _: Any) -> None:
        pairs = _pairs(self._siblings)
        start, self._siblings = self._open.pop()
        self._add(Table(_line(start), pairs), start.anchor)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if name not in self._anchors:
            raise Malformed(_line(event), f"`*{name}` refers to no `&{name}`")
        node = self._anchors[name]
        if node is None:
            raise Malformed(_line(event), f"`*{name}` refers to what it stands in")
        self._copies += self._size(node)
        if self._copies > MAX_COPIES:
            raise Malformed(_line(event), f"aliases expand to more than {MAX_COPIES:,} values")
        self._siblings.append(node)

    def _add(self, node: Node, anchor: str | None) -> None:
        self._siblings.append(node)
        if anchor is not None:
            self._anchors[anchor] = node

    def _size(self, node: Node) -> int:
        if isinstance(node, Scalar):
            return 1
        if id(node) not in self._sizes:
            parts = node.items if isinstance(node, Sequence) else [one for _, one in node.pairs]
            self._sizes[id(node)] = 1 + sum(map(self._size, parts))
        return self._sizes[id(node)]


def _pairs(children: list[Node]) -> list[tuple[Scalar, Node]]:
    seen: dict[str, int] = {}
    pairs = []
    for key, value in zip(children[::2], children[1::2], strict=True):
        if not isinstance(key, Scalar) or key.value is None:
            raise Malformed(key.line, "a key must be a text")
        name = same_key(key.value)
        if name in seen:
            raise Malformed(key.line, f"{key.value}: is given twice, first in line {seen[name]}")
        seen[name] = key.line
        pairs.append((key, value))
    return pairs


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _check_tag(event: Any) -> None:
    if event.tag not in _STANDARD_TAGS:
        raise Malformed(_line(event), f"the YAML tag {event.tag} is not allowed")


class Plainer:
    """Turns nodes into text, lists and dicts, with `$NAME` filled in from an environment."""

    def __init__(self, environment: Mapping[str, str], unset: ReportUnset) -> None:
        self._environment = environment
        self._unset = unset

    def data(self, node: Node, key: str = "", *, without: str | None = None) -> Any:
        """Return the plain form; values left out and the key `without` are no members of it."""
        match node:
            case Scalar(line, value):
                return self._expand(value, line, key) if value and "$" in value else value
            case Sequence(items=items):
                return [self.data(item, key) for item in items]
        return self._table(node, without)

    def _table(self, table: Table, without: str | None) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for merged in reversed(list(table.merged())):
            result |= self._table(merged, without)
        for key, node in table.pairs:
            name = key.value or ""
            if name in (without, MERGE):
                continue
            value = self.data(node, name)
            if value is not None:
                result[name] = value
        return result

    def _expand(self, value: str, line: int, key: str) -> str:
        def replacement(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            if name is None:
                return "$"
            if name not in self._environment:
                self._unset(line, key, name)
            return self._environment.get(name, "")

        return _VARIABLE.sub(replacement, value)
