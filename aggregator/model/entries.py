"""As published: what a document of a feed says, before anything is made of it."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.feeds import Hints


@dataclass(frozen=True, slots=True)
class Image:
    """An image that a feed offers for an entry; sizes in pixels."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attached file; `length` in bytes."""

    url: str
    type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Comments:
    """Where readers' comments are: the page, their feed, how many."""

    url: str | None = None
    feed: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Markup:
    """A text as published: HTML, or plain text that only looks like it."""

    value: str
    is_html: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its publisher wrote it: uncleaned, links unresolved against `base`.

    `fingerprint` is the hash of the entry's bytes in the document, None where it has no clear span.
    """

    guid: str
    link: str | None = None
    original_link: str | None = None
    title: Markup = Markup("")
    summary: Markup | None = None
    content: Markup | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    images: tuple[Image, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    comments: Comments = Comments()
    base: str | None = None
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed feed document: `entries` without those already known, `present` with all spans.

    It is not `complete` when it was cut off before the end of its root element.
    """

    title: str | None = None
    site_url: str | None = None
    language: str | None = None
    hints: Hints = Hints()  # noqa: RUF009 - frozen, so it may be shared
    hub: str | None = None
    entries: tuple[Entry, ...] = ()
    present: frozenset[bytes] = frozenset()
    total: int = 0
    complete: bool = True
