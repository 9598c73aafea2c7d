"""OPML subscription lists as others export them: lenient in form, bounded in everything.

listparser reads them with an HTML parser, so that stray ampersands and unclosed outlines do no
harm; what would make that parser slow or deep is refused first, in one pass over the text.
"""

import codecs
import re
from typing import Any

import listparser

from aggregator.config.document import Malformed
from aggregator.config.source import Outline

MAX_DEPTH = 50

_MARKUP = re.compile(
    r"(?P<ignored><!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<!DOCTYPE[^>\[]*+>)"
    r"""|</?[A-Za-z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""",
    re.DOTALL | re.IGNORECASE,
)
_ENCODING = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def read(body: bytes) -> list[Outline]:
    """Return the feeds of an OPML document, each URL once, in order; raises Malformed."""
    tags = _tags_only(_text(body))
    reader = _Reader()
    try:
        reader.feed(tags)
    except (AssertionError, IndexError, KeyError) as error:
        raise Malformed(reader.getpos()[0], "broken OPML: its elements do not nest") from error
    if not reader.is_opml:
        raise Malformed(1, "is no OPML document")
    return list(reader.outlines.values())


def _text(body: bytes) -> str:
    bom = next((mark for mark in _BOMS if body.startswith(mark)), b"")
    declared = _ENCODING.match(body)
    encoding = _BOMS.get(bom) or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        return body[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Malformed(line, f"is not {encoding.upper()} text") from error
    except LookupError as error:
        raise Malformed(1, f"the encoding {encoding} is unknown") from error


def _tags_only(text: str) -> str:
    parts, position = [], 0
    while (start := text.find("<", position)) >= 0:
        parts.append(text[position:start])
        match = _MARKUP.match(text, start)
        if match is None:
            line = text.count("\n", 0, start) + 1
            raise Malformed(
                line, "broken OPML: markup that does not end, or a document type's body"
            )
        ignored = match["ignored"]
        parts.append(match[0] if ignored is None else "\n" * ignored.count("\n"))
        position = match.end()
    return "".join([*parts, text[position:]])


class _Reader(listparser.Handler):  # type: ignore[misc]  # listparser carries no types
    """listparser's handler, taking down the line and the groups of every feed."""

    def __init__(self) -> None:
        super().__init__()
        self.harvest |= {"feeds": [], "lists": [], "opportunities": [], "meta": {}, "version": ""}
        self.outlines: dict[str, Outline] = {}
        self.is_opml = False

    def start_opml_opml(self, attrs: dict[str, Any]) -> None:
        """Note that this is OPML."""
        super().start_opml_opml(attrs)
        self.is_opml = True

    def start_opml_outline(self, attrs: dict[str, Any]) -> None:
        """Note a feed, or open a group."""
        line = self.getpos()[0]
        if len(self.hierarchy) >= MAX_DEPTH:
            raise Malformed(line, f"outlines nest more than {MAX_DEPTH} levels deep")
        texts = {name: value or "" for name, value in attrs.items()}
        groups = tuple(filter(None, self.hierarchy))
        found = len(self.harvest["feeds"])
        super().start_opml_outline(texts)
        for feed in self.harvest["feeds"][found:]:
            self.outlines[feed.url] = Outline(line, feed.url, feed.title or None, groups)
