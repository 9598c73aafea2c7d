"""Lengths: bounds for what is kept with every article and has none as published."""

import re
from dataclasses import replace

from aggregator.model import Entry, Markup
from aggregator.parse.entries import guid_of
from aggregator.text import shorten

MAX_TITLE = 200
MAX_GUID = 1_000

_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f]")


def feed_title(title: str | None) -> str | None:
    """Return a feed's title in at most MAX_TITLE printable characters."""
    return shorten(_UNPRINTABLE.sub(" ", title), MAX_TITLE) or None if title else title


def entry(entry: Entry) -> Entry:
    """Return the entry with a guid of at most MAX_GUID characters: a longer one is hashed."""
    if len(entry.guid) <= MAX_GUID:
        return entry
    return replace(entry, guid=guid_of(Markup(entry.guid)))
