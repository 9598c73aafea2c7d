"""Ours: articles with their tags, and what is counted of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import Literal

from aggregator.model.entries import Comments, Enclosure

Day = date
TagSource = Literal["feed", "subscription", "rule", "parent", "page"]

_BASE32 = tuple(map("".join, product("abcdefghijklmnopqrstuvwxyz234567", repeat=2)))
"""Two characters for each ten bits (RFC 4648, section 6, lower case)."""


def article_id(key: str) -> str:
    """The id of the article that `key` identifies: 16 lower-case base32 characters, 80 bits."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    number = int.from_bytes(digest[:10])
    return "".join([_BASE32[number >> place & 0x3FF] for place in range(70, -1, -10)])


@dataclass(frozen=True, slots=True)
class Tag:
    """A label with its slug, who gave it and why, in words."""

    slug: str
    label: str
    source: TagSource
    why: str


@dataclass(frozen=True, slots=True)
class Dateline:
    """A wire dateline: `JERUSALEM, Nov 3 (Reuters) -` is place, agency and day."""

    place: str | None = None
    agency: str | None = None
    date: Day | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a feed carried an article: under which guid, with which categories."""

    feed_url: str
    feed_title: str | None
    guid: str
    categories: tuple[str, ...] = ()
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article, after normalization; `date` is the sort date, never in the future.

    `id` is derived from the canonical URL, else from feed and guid: equal on every machine.
    `url` is canonical. The first sighting is of the feed whose version of the article it is.
    """

    id: str
    url: str | None
    title: str
    summary: str
    content_html: str
    text: str
    date: datetime
    first_seen: datetime
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    comments: Comments = Comments()  # noqa: RUF009 - frozen, so it may be shared
    dateline: Dateline = Dateline()
    words: int = 0
    sightings: tuple[Sighting, ...] = ()
    tags: tuple[Tag, ...] = ()
    story: str | None = None
    revisions: int = 0
    starred: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier version of an article, kept when its title or text changed."""

    title: str
    summary: str
    content_html: str
    text: str
    replaced: datetime


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag and how many articles carry it."""

    slug: str
    label: str
    articles: int


@dataclass(frozen=True, slots=True)
class RelatedTag:
    """A tag beside another: how many articles carry both, how many times as many as by chance."""

    slug: str
    label: str
    articles: int
    lift: float


@dataclass(frozen=True, slots=True)
class TagHistory:
    """From when to when articles carry a tag, and how many a local day."""

    first_seen: datetime | None
    newest: datetime | None
    days: Mapping[Day, int]


@dataclass(frozen=True, slots=True)
class TagProfile:
    """A tag as its page shows it; `days` are the last local days with their articles, in order."""

    tag: TagCount
    first_seen: datetime | None
    newest: datetime | None
    days: tuple[tuple[Day, int], ...]
    related: tuple[RelatedTag, ...]
    sources: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the store's change log: article `id` is to be indexed anew, or taken out.

    It stands for all of the article's changes in the range asked for, from number `first` to `seq`.
    `fresh` says that the first of them brought the article, so no index from before holds it.
    """

    seq: int
    id: str
    first: int
    deleted: bool = False
    fresh: bool = False
