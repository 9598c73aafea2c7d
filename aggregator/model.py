"""The values that flow through the pipeline: immutable, without I/O.

Datetimes are aware and in UTC. HTML and plain text are never mixed in one field: names ending in
`_html` hold HTML, `Entry` says which is which, everything else is plain text.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from types import MappingProxyType
from typing import Literal

MailingState = Literal["sending", "sent", "waiting", "refused", "unsure"]
TagSource = Literal["feed", "subscription", "rule", "parent", "page"]
Outcome = Literal["ok", "not_modified", "failed", "skipped"]
Health = Literal["ok", "slow", "silent", "failing", "gone", "moved", "new"]
Day = date


_BASE32 = tuple(map("".join, product("abcdefghijklmnopqrstuvwxyz234567", repeat=2)))
"""Two characters for each ten bits (RFC 4648, section 6, lower case)."""


def article_id(key: str) -> str:
    """The id of the article that `key` identifies: 16 lower-case base32 characters, 80 bits."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    number = int.from_bytes(digest[:10])
    return "".join([_BASE32[number >> place & 0x3FF] for place in range(70, -1, -10)])


# --- what the user says -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subscription:
    """The user's line in feeds.yaml, with everything its groups give it."""

    url: str
    title: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    interval: timedelta | None = None
    headers: tuple[tuple[str, str], ...] = ()
    include: str | None = None
    exclude: str | None = None
    language: str | None = None
    weight: float = 1.0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """Gives the tag `tag` (a label) to every article that the query `when` matches."""

    tag: str
    when: str


@dataclass(frozen=True, slots=True)
class Tagging:
    """How tags are read: aliases and parents by label, slugs to ignore, rules in order."""

    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    ignore: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A named saved query that gets an edition every day, of at most `stories` stories."""

    name: str
    slug: str
    query: str
    stories: int = 20


# --- the polled thing ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next request conditional; `body_hash` serves where a server sends neither."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What a publisher says about how often to come; `skip_days` counts from Monday = 0."""

    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    update_period: timedelta | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Where permanent redirects lead of late, and on which days a good answer came from there."""

    url: str
    days: tuple[Day, ...] = ()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a feed's newest article was published and the usual gap between two of them."""

    newest: datetime | None = None
    gap: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A polled feed and its state; `fetch_url` is where it has moved to, else its `url`.

    `since` tells for how long its health is what it is, silence apart; `notes` say what of its
    last document was left out, and why.
    """

    id: int
    url: str
    fetch_url: str
    title: str | None = None
    site_url: str | None = None
    language: str | None = None
    groups: tuple[str, ...] = ()
    active: bool = True
    validators: Validators = Validators()
    hints: Hints = Hints()
    rhythm: Rhythm = Rhythm()
    hub: str | None = None
    interval: timedelta = timedelta(minutes=30)
    next_poll: datetime | None = None
    why: tuple[str, ...] = ()
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    seconds: float | None = None
    failures: int = 0
    error: str | None = None
    http_status: int | None = None
    gone: bool = False
    move: Move | None = None
    since: datetime | None = None
    notes: tuple[str, ...] = ()
    articles: int = 0


# --- as published -------------------------------------------------------------------------------


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
    hints: Hints = Hints()
    hub: str | None = None
    entries: tuple[Entry, ...] = ()
    present: frozenset[bytes] = frozenset()
    total: int = 0
    complete: bool = True


# --- ours ---------------------------------------------------------------------------------------


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
    `url` is canonical. The first sighting is of the feed that brought the article.
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
    comments: Comments = Comments()
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


# --- published by us ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """One feed's report of a story, as an edition refers to it."""

    id: str
    title: str
    url: str | None
    feed: str
    date: datetime
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """That a publisher changed a report: `before` is its headline until then if that changed."""

    report: str
    feed: str
    at: datetime
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """A story in a line: its leading report, how many sources tell it; `id` is the story's."""

    id: str
    report: str
    title: str
    url: str | None
    feed: str
    sources: int
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """Reports with the same text, by id, and whose text it is: an agency or the first publisher."""

    origin: str
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kin:
    """A story of the same affair by its first report: how near it is, and the words both share.

    `is_earlier` says that it came before this one and is near enough to be a part of it.
    """

    id: str
    title: str
    began: datetime
    is_earlier: bool
    score: float
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Articles of one event; `reports` begins with the one that tells it best.

    `began` is the date of its first report, `earlier` how many came before the edition's day and
    `past` the last of those; `later` came after the day, `amended` is what changed during it.
    """

    id: str
    title: str
    summary: str
    url: str | None
    image: str | None
    score: float
    reports: tuple[Report, ...]
    sources: tuple[str, ...]
    tags: tuple[tuple[str, str], ...] = ()
    why: tuple[str, ...] = ()
    language: str | None = None
    began: datetime | None = None
    earlier: int = 0
    past: tuple[Report, ...] = ()
    later: tuple[Report, ...] = ()
    amended: tuple[Amendment, ...] = ()
    copies: tuple[Copied, ...] = ()
    related: tuple[Kin, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One topic, one day: its stories, ranked, and the tags of the day.

    The front page is the edition without a topic. `articles` counts the day's matching articles,
    `sources` the feeds they came from; `previous` and `next` are the neighbouring days that have
    an edition; story and edition tags are (slug, label) and (slug, label, count).

    `also` are the next stories after those that are told, out of `total`; `later` counts reports
    that stories of the day got after it. `trends` are the articles a day of some of its tags by
    slug, the edition's day last.
    """

    day: date
    topic: Topic | None
    timezone: str
    articles: int
    sources: int
    stories: tuple[Story, ...]
    tags: tuple[tuple[str, str, int], ...] = ()
    previous: date | None = None
    next: date | None = None
    also: tuple[Brief, ...] = ()
    total: int = 0
    later: int = 0
    trends: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def found(self) -> int:
        """How many stories there are, told or not."""
        return max(self.total, len(self.stories))


@dataclass(frozen=True, slots=True)
class Mailing:
    """A letter with a day's editions to one recipient; `topic` is a slug, None for all of them.

    It is `sending` from before it leaves until its outcome is known; `unsure` if nobody will know.
    """

    day: Day
    topic: str | None
    recipient: str
    state: MailingState = "sending"
    attempts: int = 1
    next_try: datetime | None = None
    error: str | None = None

    def is_due(self, now: datetime | None = None) -> bool:
        """Whether to try it again, by `now` or ever."""
        patient = now is not None and self.next_try is not None and self.next_try > now
        return self.state == "waiting" and not patient
