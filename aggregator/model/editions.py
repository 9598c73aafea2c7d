"""Published by us: stories, editions and letters."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from aggregator.model.articles import Day
from aggregator.model.subscriptions import Topic
from aggregator.model.voices import voices_of

MailingState = Literal["sending", "sent", "waiting", "refused", "unsure"]


@dataclass(frozen=True, slots=True)
class Report:
    """One feed's report of a story, as an edition refers to it.

    `source` is whose report it is: a site, or where many share one a feed's name. `origin` is whose
    text it carries: an agency or another source; None for its own.
    """

    id: str
    title: str
    url: str | None
    feed: str
    date: datetime
    language: str | None = None
    source: str = field(kw_only=True)
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """One who tells a story independently: its first report, how many more carry the same text.

    `origin` is whose text that is, by name.
    """

    report: Report
    origin: str
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Amendment:
    """That a publisher changed a report: `before` is its headline until then if that changed."""

    report: str
    feed: str
    at: datetime
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """A story in a line: its leading report, how many voices tell it; `id` is the story's."""

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

    `sources` are the names of the feeds that have them; who of these tells it independently,
    `voices` says. `began` is the date of its first report, `earlier` how many came before the
    edition's day and `past` the last of those; `later` came after the day, `amended` is what
    changed during it.
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

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Who tells it independently, in the order of its reports."""
        if len(self.reports) == 1:
            return (Voice(self.reports[0], self.reports[0].origin or self.reports[0].feed),)
        voices = voices_of((each.source, each.origin) for each in self.reports)
        firsts: dict[str, Report] = {}
        for report in self.reports:
            firsts.setdefault(voices[report.source], report)
        carried = Counter(voices.values())
        return tuple(
            Voice(first, self.name_of(voice), carried[voice] - 1) for voice, first in firsts.items()
        )

    def name_of(self, voice: str) -> str:
        """What a source is called: as its feed is; an agency has its own name."""
        return next((each.feed for each in self.reports if each.source == voice), voice)


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
