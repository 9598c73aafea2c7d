"""Where the feeds of a site are: by its host's documentation, by its page, by usual paths. Pure.

A candidate is only a good guess: whether a feed is there shows when it is fetched.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from aggregator import parse
from aggregator.discovery.hosts import documented
from aggregator.discovery.pages import LONGEST_TITLE, Candidate, Page, read_page, usual_paths
from aggregator.errors import ParseError
from aggregator.parse import charset, shape
from aggregator.text import shorten

__all__ = ["Candidate", "Description", "Page", "documented", "look", "read_page", "usual_paths"]

_PAGE = re.compile(r"<(?:!doctype\s+html|html[\s>]|link\s|a\s)", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Description:
    """A feed that is there: `kind` is rss, atom, rdf or json, `newest` its latest entry's date."""

    title: str | None
    kind: str
    entries: int
    newest: datetime | None


def look(
    body: bytes, *, content_type: str | None, url: str, max_entries: int
) -> Description | Page:
    """Return what came from `url`: the description of a feed, or a page with its candidates.

    Raises ParseError, with the reason in words, for what is neither.
    """
    try:
        return _described(body, content_type=content_type, url=url, max_entries=max_entries)
    except ParseError:
        text = charset.decode(body, _with_declared_charset(body, content_type))
        if not _PAGE.search(text):
            raise
    return read_page(text, url)


def _described(body: bytes, *, content_type: str | None, url: str, max_entries: int) -> Description:
    """Return the description of a feed document; raises ParseError."""
    document = parse.parse(body, content_type=content_type, url=url, max_entries=max_entries)
    dates = [moment for e in document.entries if (moment := e.published or e.updated)]
    title = shorten(document.title or "", LONGEST_TITLE)
    kind = _kind(charset.decode(body, content_type).lstrip("\ufeff\0 \t\r\n"))
    return Description(title or None, kind, document.total, max(dates, default=None))


def _kind(text: str) -> str:
    if text.startswith(("{", "[")):
        return "json"
    name = re.split(r"[\s/>]", shape.root(text)[1:20].lower(), maxsplit=1)[0].rpartition(":")[2]
    return {"feed": "atom", "rdf": "rdf"}.get(name, "rss")


def _with_declared_charset(body: bytes, content_type: str | None) -> str | None:
    """Return the type of a page with the charset of its `<meta>` where HTTP names none."""
    declared = _META_CHARSET.search(body[:4096])
    if not declared or "charset" in (content_type or "").lower():
        return content_type
    return f"{content_type or 'text/html'}; charset={declared[1].decode('ascii')}"
