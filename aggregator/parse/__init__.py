"""Bytes to a document of entries as published: RSS, Atom, RDF, CDF and JSON Feed."""

from aggregator.model import Document
from aggregator.parse import charset, jsonfeed, xmlfeed

__all__ = ["parse"]


def parse(
    body: bytes,
    *,
    content_type: str | None,
    url: str,
    known: frozenset[bytes] = frozenset(),
    max_entries: int = 1000,
) -> Document:
    """Return the feed document in `body`; `content_type` is the HTTP header, `url` the final URL.

    `known` holds fingerprints of entries that the caller has: they are left out. At most
    `max_entries` entries are looked at, the newest. Raises ParseError in words.
    """
    text = charset.decode(body, content_type).lstrip("\ufeff\0 \t\r\n")
    if text.startswith(("{", "[")):
        return jsonfeed.parse(text, url=url, known=known, max_entries=max_entries)
    return xmlfeed.parse(text, url=url, known=known, max_entries=max_entries)
