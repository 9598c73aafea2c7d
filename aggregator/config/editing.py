"""Edits of feeds.yaml as text: feeds go in and out, every other character stays.

Pure: text that `config.load` accepts in, text out. That an edit did what it should, and nothing
else, is for `rewriting` to check before it writes.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aggregator.config.document import is_null
from aggregator.config.spans import Layout, Part

_PLAIN = re.compile(r"[^\W_](?:[\w ./~%?=&;+@!()’'–—-]|:(?=[\w/.]))*", re.UNICODE)
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_NOTHING_OR_COMMENT = re.compile(r"[ \t]*(?:#.*)?")
_COMMA_AND_COMMENT = re.compile(r"[ \t]*,?[ \t]*(?:#.*)?")
_EMPTY_LIST = re.compile(r"\[\s*\]")
_STEP = 2


class Uneditable(Exception):  # noqa: N818 (its catcher makes an AggregatorError of it)
    """A text whose form does not allow the edit; carries the line, counted from 1."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Line:
    """A feed to be written: its address alone, or with its title and tags."""

    url: str
    title: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """A group to be written; a group of this name at its place takes in what it holds."""

    name: str
    items: "Sequence[Line | Folder]"


Item = Line | Folder


@dataclass(frozen=True, slots=True)
class _Edit:
    """What takes the place of the text from `start` to `end`."""

    start: int
    end: int
    text: str


def insert(text: str, items: Sequence[Item]) -> str:
    """Return feeds.yaml with `items` at the end of its feeds, groups joined by name.

    Raises Uneditable.
    """
    layout = Layout.of(text)
    root = layout.root
    if root and (found := root.pair("feeds")):
        return _applied(text, list(_into(layout, root, found, items)))
    return _applied(text, [_new_section(layout, items)])


def remove(text: str, is_wanted: Callable[[str], bool]) -> str:
    """Return feeds.yaml without the feed whose address, as written, is wanted.

    Comments on lines of their own stay. Raises Uneditable, also when no such feed is found in
    plain sight.
    """
    layout = Layout.of(text)
    feeds = layout.root.child("feeds") if layout.root else None
    for siblings, number in _positions(feeds):
        if is_wanted(_address(siblings.children[number])):
            return _applied(text, [_removal(layout, siblings, number)])
    line = layout.line(feeds.start) if feeds else 1
    raise Uneditable(line, "the feed stands there by way of an anchor, an alias or a merge")


def groups(text: str) -> list[tuple[str, ...]]:
    """Return the path of every group of feeds.yaml, in the order of the text."""
    root = Layout.of(text).root
    return list(_paths(root.child("feeds") if root else None, ()))


def _applied(text: str, edits: Sequence[_Edit]) -> str:
    pieces, position = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*pieces, text[position:]])


# --- looking around -----------------------------------------------------------------------------


def _positions(feeds: Part | None) -> Iterator[tuple[Part, int]]:
    """Yield every list of feeds with the position of each of its feeds."""
    if feeds is None or feeds.kind != "list":
        return
    for number, item in enumerate(feeds.children):
        if item.child("group") or item.child("feeds"):
            yield from _positions(item.child("feeds"))
        else:
            yield feeds, number


def _paths(feeds: Part | None, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for group in _groups(feeds).values():
        path = (*above, _name(group))
        yield path
        yield from _paths(group.child("feeds"), path)


def _groups(feeds: Part | None) -> dict[str, Part]:
    """Return the groups of a list that can take in feeds, the first of each name."""
    found: dict[str, Part] = {}
    for item in feeds.children if feeds and feeds.kind == "list" else []:
        if item.child("group") and item.child("feeds"):
            found.setdefault(_name(item), item)
    return found


def _name(group: Part) -> str:
    name = group.child("group")
    return " ".join(name.value.split()) if name else ""


def _address(item: Part) -> str:
    url = item.child("url") if item.kind == "map" else item
    return url.value if url else ""


def _content_end(layout: Layout, part: Part) -> int:
    """Return the end of a part without the line breaks that a block text carries along."""
    return len(layout.text[part.start : part.end].rstrip()) + part.start


# --- inserting ----------------------------------------------------------------------------------


def _into(
    layout: Layout, owner: Part, pair: tuple[Part, Part], items: Sequence[Item]
) -> Iterator[_Edit]:
    """Yield the edits that bring `items` into the list that `pair` names in its `owner`."""
    known = _groups(pair[1])
    fresh: list[Item] = []
    for item in items:
        group = known.get(item.name) if isinstance(item, Folder) else None
        if group is None:
            fresh.append(item)
            continue
        below = group.pair("feeds")
        assert isinstance(item, Folder)
        assert below is not None
        yield from _into(layout, group, below, item.items)
    if fresh:
        yield from _appended(layout, owner, pair, fresh)


def _appended(
    layout: Layout, owner: Part, pair: tuple[Part, Part], items: Sequence[Item]
) -> Iterator[_Edit]:
    key, value = pair
    line = layout.line(key.start)
    if value.kind == "alias":
        raise Uneditable(line, "these feeds are an alias of a list elsewhere")
    if value.kind == "list" and value.children:
        yield from (_beside if value.flow else _below)(layout, value, items)
    elif not owner.flow:
        yield from _first(layout, pair, items)
    elif value.kind == "list":
        yield _Edit(value.end - 1, value.end - 1, ", ".join(map(_flow, items)))
    else:
        raise Uneditable(line, "these feeds are no list; write them as `feeds: []`")


def _below(layout: Layout, value: Part, items: Sequence[Item]) -> Iterator[_Edit]:
    """Yield the lines that continue a block list."""
    column = layout.column(layout.dash(value.children[0]))
    yield _lines(layout, _content_end(layout, value), items, column)


def _first(layout: Layout, pair: tuple[Part, Part], items: Sequence[Item]) -> Iterator[_Edit]:
    """Yield the edits that put a block list where none, or an empty one, is."""
    key, value = pair
    written = layout.text[value.start : value.end]
    if not (is_null(written) or _EMPTY_LIST.fullmatch(written)):
        raise Uneditable(layout.line(value.start), "the empty list of feeds has a form of its own")
    if written:
        before = layout.text[: value.start].rstrip(" ")
        yield _Edit(len(before), value.end, "")
    yield _lines(layout, value.end, items, layout.column(key.start) + _STEP)


def _lines(layout: Layout, end: int, items: Sequence[Item], column: int) -> _Edit:
    """Return the insertion of lines below the one in which something ends."""
    line_end = layout.line_end(end)
    if not _NOTHING_OR_COMMENT.fullmatch(layout.text, end, line_end):
        raise Uneditable(layout.line(end), "something follows the feeds on their last line")
    position = _after_comments(layout, line_end, max(column, 1))
    written = [line for item in items for line in _block(item, column)]
    return _Edit(position, position, "".join(_line_break(layout) + line for line in written))


def _after_comments(layout: Layout, line_end: int, column: int) -> int:
    """Return the end of the comments right below a line that are indented like its list."""
    text = layout.text
    while (start := text.find("\n", line_end) + 1) and start < len(text):
        end = layout.line_end(start)
        indent = end - start - len(text[start:end].lstrip(" "))
        if indent < column or not text.startswith("#", start + indent):
            break
        line_end = end
    return line_end


def _beside(layout: Layout, value: Part, items: Sequence[Item]) -> Iterator[_Edit]:
    """Yield the edits that continue a list in brackets, a line each where it has lines."""
    last = value.children[-1]
    comma = layout.comma(last.end, value.end)
    line_end = layout.line_end(last.end if comma is None else comma)
    indent = layout.text[layout.line_start(last.start) : last.start]
    if indent.strip() or line_end >= value.end:
        yield _Edit(last.end, last.end, "".join(f", {_flow(item)}" for item in items))
        return
    if comma is None:
        yield _Edit(last.end, last.end, ",")
    lines = f",{_line_break(layout)}{indent}".join(map(_flow, items))
    final = "" if comma is None else ","
    yield _Edit(line_end, line_end, f"{_line_break(layout)}{indent}{lines}{final}")


def _new_section(layout: Layout, items: Sequence[Item]) -> _Edit:
    """Return the insertion of `feeds:` at the end of the text."""
    text, root = layout.text, layout.root
    if root and (root.flow or root.kind != "map") and root.start < root.end:
        raise Uneditable(layout.line(root.start), "there is no `feeds:` and no line for it")
    column = layout.column(root.start) if root and root.kind == "map" else 0
    eol = _line_break(layout)
    head = "" if not text or text.endswith("\n") else eol
    lines = [" " * column + "feeds:"]
    lines += [line for item in items for line in _block(item, column + _STEP)]
    return _Edit(len(text), len(text), head + "".join(line + eol for line in lines))


def _line_break(layout: Layout) -> str:
    return "\r\n" if "\r\n" in layout.text else "\n"


# --- removing -----------------------------------------------------------------------------------


def _removal(layout: Layout, siblings: Part, number: int) -> _Edit:
    item = siblings.children[number]
    if siblings.flow:
        return _cut_lines(layout, item.start, item) or _cut_words(layout, siblings, number)
    edit = _cut_lines(layout, layout.dash(item), item)
    if edit is None:
        raise Uneditable(layout.line(item.start), "the feed shares its line with something else")
    return edit


def _cut_lines(layout: Layout, start: int, item: Part) -> _Edit | None:
    """Return the removal of whole lines, from `start` on; None where more stands in them."""
    text, line_start = layout.text, layout.line_start(start)
    end = _content_end(layout, item)
    line_end = layout.line_end(end)
    rest = _COMMA_AND_COMMENT.fullmatch(text, end, line_end)
    if text[line_start:start].strip() or not rest:
        return None
    following = text.find("\n", line_end) + 1
    return _Edit(line_start, following or len(text), "")


def _cut_words(layout: Layout, siblings: Part, number: int) -> _Edit:
    """Return the removal of an item of a list in brackets, with one of the commas beside it."""
    item = siblings.children[number]
    if (comma := layout.comma(item.end, siblings.end)) is not None:
        after = layout.text[comma + 1 : siblings.end]
        return _Edit(item.start, comma + 1 + len(after) - len(after.lstrip(" ")), "")
    before = layout.text[siblings.start : item.start].rstrip(" ")
    spaced = before.endswith(",")
    return _Edit(siblings.start + len(before) - 1 if spaced else item.start, item.end, "")


# --- writing values -----------------------------------------------------------------------------


def _block(item: Item, column: int) -> Iterator[str]:
    """Yield the lines of an item of a block list, its dash at `column`."""
    pad = " " * column
    match item:
        case Folder(name, items):
            yield f"{pad}- group: {scalar(name)}"
            yield f"{pad}  feeds:" if items else f"{pad}  feeds: []"
            for below in items:
                yield from _block(below, column + 2 * _STEP)
        case Line(url, None, ()):
            yield f"{pad}- {scalar(url)}"
        case Line():
            first, *others = _members(item)
            yield f"{pad}- {first}"
            yield from (f"{pad}  {other}" for other in others)


def _flow(item: Item) -> str:
    """Return an item of a list in brackets."""
    match item:
        case Folder(name, items):
            return f"{{group: {scalar(name)}, feeds: [{', '.join(map(_flow, items))}]}}"
        case Line(url, None, ()):
            return scalar(url)
        case Line():
            return f"{{{', '.join(_members(item))}}}"


def _members(line: Line) -> list[str]:
    members = [f"url: {scalar(line.url)}"]
    if line.title is not None:
        members.append(f"title: {scalar(line.title)}")
    if line.tags:
        members.append(f"tags: [{', '.join(map(scalar, line.tags))}]")
    return members


def scalar(text: str) -> str:
    """Return a text as feeds.yaml has to write it: plain where that is safe, else in quotes."""
    text = text.replace("$", "$$")
    if _PLAIN.fullmatch(text) and not is_null(text) and text == text.strip():
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
