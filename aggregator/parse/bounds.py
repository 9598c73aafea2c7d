"""Lengths: bounds for what is kept with every article and has none as published."""

from dataclasses import replace

from aggregator.model import Entry, Markup
from aggregator.parse.entries import guid_of
from aggregator.text import shorten

MAX_TITLE = 200
MAX_GUID = 1_000


def feed_title(title: str | None) -> str | None:
    """Return a feed's title in at most MAX_TITLE characters."""
    return shorten(title, MAX_TITLE) if title else title


def entry(entry: Entry) -> Entry:
    """Return the entry with a guid of at most MAX_GUID characters: a longer one is hashed."""
    if len(entry.guid) <= MAX_GUID:
        return entry
    return replace(entry, guid=guid_of(Markup(entry.guid)))
