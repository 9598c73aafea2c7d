"""The polled thing: a feed, and what is known of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

Health = Literal["ok", "slow", "silent", "failing", "gone", "moved", "new"]
HEALTHS: Final[tuple[Health, ...]] = get_args(Health)
Outcome = Literal["ok", "not_modified", "failed", "skipped"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


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
    days: tuple[date, ...] = ()


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
