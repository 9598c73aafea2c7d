"""What kind of document came: a feed, cut to its root element, or a refusal in plain words."""

import re
from collections.abc import Sequence

from aggregator.errors import ParseError
from aggregator.parse.spans import Span

_ROOT = re.compile(
    r"<!--.*?(?:-->|\Z)|<!DOCTYPE[^\[>]*(?:\[.*?(?:\]\s*>|\Z))?|<\?[^>]*"
    r"|<(?P<name>(?:[\w.-]+:)?(?:rss|feed|rdf|channel))(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_LOGIN = re.compile(r"<input[^>]{1,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_GIANT = 1 << 16
_GIANT_TAG = re.compile(rf"<[^<>]{{{_GIANT},}}")
_TAG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    r"|<(?:(?P<close>/)|(?P<open>[^\W\d]))[^<>]*+(?:(?<=/)(?P<empty>>))?",
    re.DOTALL,
)
_SNIFFED = 100_000
_MOST_ATTRIBUTES = 1_000
_MOST_CATEGORIES = 2_000
_DEEPEST = 10_000
_CATEGORIES = (
    "<category",
    "<dc:subject",
    "<media:keywords",
    "<itunes:category",
    "<itunes:keywords",
)
_SHORTEST_CATEGORY = min(map(len, _CATEGORIES))
_OTHERS = {
    "opml": "this is an OPML list of feeds, not a feed (use `aggregator import`)",
    "urlset": "this is a sitemap, not a feed",
    "sitemapindex": "this is a sitemap, not a feed",
    "error": "the server sent an XML error message instead of a feed",
}


def root(text: str) -> str:
    """Return the document from its root element to that element's end.

    What stands around it goes: declarations, DOCTYPE with its entities, server warnings, scripts.
    Raises ParseError when the document is no feed, with the reason in words.
    """
    for match in _ROOT.finditer(text):
        if match["name"]:
            if _HTML.search(text[: match.start()]):
                break
            return _until_end(text[match.start() :], match["name"])
    raise ParseError(_what_else(text))


def check(text: str, entries: Sequence[Span], total: int) -> None:
    """Raise ParseError where a document is built to exhaust its reader.

    It has `total` entries, of which `text` may hold but some.
    """
    for match in _GIANT_TAG.finditer(text) if _may_have_giants(text) else ():
        if match[0].count("=") > _MOST_ATTRIBUTES:
            raise ParseError(f"an element has more than {_MOST_ATTRIBUTES:,} attributes")
    most = _MOST_CATEGORIES * max(total, 1)
    if len(text) > most * _SHORTEST_CATEGORY and max(map(text.count, _CATEGORIES)) > most:
        raise ParseError(f"entries have more than {_MOST_CATEGORIES:,} categories")
    if not _is_shallow(text, entries):
        check_depth(text)


def check_depth(text: str) -> None:
    """Raise ParseError where too many elements stand in one another or were never closed."""
    depth = 0
    for tag in _TAG.finditer(text):
        if tag["close"]:
            depth -= depth > 0
        elif tag["open"] and not tag["empty"]:
            depth += 1
            if depth > _DEEPEST:
                raise ParseError(f"its elements nest more than {_DEEPEST:,} levels deep")


def _is_shallow(text: str, entries: Sequence[Span]) -> bool:
    """Tell whether there are too few tags, in each entry and around them, to nest too deeply.

    That holds where entries end where they seem to: in what is well-formed.
    """
    tags = text.count("<")
    if tags <= _DEEPEST:
        return True
    within = [text.count("<", entry.start, entry.end) for entry in entries]
    return max(within, default=0) + tags - sum(within) <= _DEEPEST


def _may_have_giants(text: str) -> bool:
    """Tell whether some stretch as long as a giant tag has no end of a tag in it; a few probes."""
    position = 0
    while position + _GIANT < len(text):
        end = text.rfind(">", position, position + _GIANT)
        if end < 0:
            return True
        position = end + 1
    return False


def is_whole(text: str) -> bool:
    """Tell whether a document, as `root` returns it, goes to the end of its root element."""
    start = _ROOT.match(text)
    if start is None or not start["name"]:
        return False
    head = text[: text.find(">") + 1]
    return head.endswith("/>") or _end(text, start["name"]) is not None


def _until_end(text: str, name: str) -> str:
    return text[: _end(text, name)]


def _end(text: str, name: str) -> int | None:
    """Return where the last closing tag of this very name ends."""
    closing = re.compile(rf"</{re.escape(name)}(?:\s[^<>]*)?>")
    start = text.rfind(f"</{name}")
    while start >= 0:
        if match := closing.match(text, start):
            return match.end()
        start = text.rfind(f"</{name}", 0, start)
    return None


def _what_else(text: str) -> str:
    head = text[:_SNIFFED]
    if not head.strip():
        return "the server sent an empty body"
    if _HTML.search(head):
        if _LOGIN.search(head):
            return "this is a login page, not a feed"
        return "this is a web page, not a feed"
    element = _ELEMENT.search(head)
    if not element:
        return "this is neither XML nor JSON, so not a feed"
    name = element[1].lower().rpartition(":")[2]
    return _OTHERS.get(
        name, f"this is XML, but not a feed (its first element is <{element[1][:40]}>)"
    )
