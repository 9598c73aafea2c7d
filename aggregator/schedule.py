"""When a feed is polled next, and why: pure arithmetic on what is known of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from aggregator.model import Feed, Health, Hints, Rhythm

SPREAD_AFTER_REST = 0.1
"""The part of a site's rest within which its feeds are asked again, each at a time of its own."""
_JITTER = 0.1
_FIRST_JITTER = 0.5
_FAILURE_JITTER = 0.25
_LATEST_ARRIVALS = 20
_HOUR = timedelta(hours=1)
_SPREAD_AFTER_SKIP = timedelta(minutes=5)
_MOST_DOUBLINGS = 16
_SLOW_SECONDS = 5.0
_LEAST_SILENCE = timedelta(days=1)
_SILENCE_OF_UNKNOWN_RHYTHM = timedelta(days=30)
_WORKING = frozenset({"ok", "slow", "moved"})
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_NEXT_UNITS = tuple(pairwise(_UNITS))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and longest interval that the settings allow, and the one for unknown feeds."""

    minimum: timedelta
    maximum: timedelta
    default: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """The next poll: when, in which interval, and what led to it, the decisive reason last."""

    at: datetime
    interval: timedelta
    why: tuple[str, ...]


def rhythm(arrivals: Iterable[datetime], *, now: datetime, together: timedelta) -> Rhythm:
    """Return the rhythm that the dates of articles tell; those `together` apart count once."""
    newest = sorted((moment for moment in arrivals if moment <= now), reverse=True)
    bursts = _bursts(newest, together)
    return Rhythm(bursts[0] if bursts else None, _usual_gap(bursts))


def after_success(
    *,
    now: datetime,
    rhythm: Rhythm,
    hints: Hints,
    fixed: timedelta | None,
    bounds: Bounds,
    random: Callable[[], float],
    first: bool = False,
) -> Plan:
    """Plan the poll after a good one.

    The interval is half of the feed's usual gap. What its publisher asks for makes it longer, up
    to the settings' maximum. An interval that the user fixed wins over all of this. `random`
    returns numbers from 0 up to 1: they spread polls over a tenth of the interval, and over half
    of it after the `first`, for feeds that are listed together are first polled together.
    """
    if fixed is not None:
        at = now + fixed * (1 + _JITTER * random())
        return Plan(at, fixed, (f"feeds.yaml fixes the interval at {_said(fixed)}",))
    interval, reason = _usual_interval(rhythm, now, bounds)
    why = [reason]
    for least, words in _wishes(hints):
        if least > interval and interval < bounds.maximum:
            interval = min(least, bounds.maximum)
            why.append(words)
            if least > bounds.maximum:
                why.append(f"never less often than every {_said(bounds.maximum)} (max-interval)")
    spread = _FIRST_JITTER if first else _JITTER
    at = now + min(interval * (1 + spread * random()), bounds.maximum)
    allowed = _after_skips(at, hints, random)
    if allowed != at:
        why.append(f"the feed asks not to be polled before {allowed:%A %H}:00 UTC")
    return Plan(allowed, interval, tuple(why))


def after_failure(
    *,
    now: datetime,
    failures: int,
    retry_after: timedelta | None,
    interval: timedelta,
    bounds: Bounds,
    random: Callable[[], float],
) -> Plan:
    """Plan the poll after `failures` in a row: the interval doubles each time, up to the maximum.

    `retry_after` is the server's own wish and holds even beyond the maximum.
    """
    doublings = min(max(failures - 1, 0), _MOST_DOUBLINGS)
    longest = max(interval, bounds.maximum)
    wait = min(max(interval, bounds.minimum) * 2**doublings, longest)
    times = "once" if failures == 1 else f"{failures} times in a row"
    why = [f"failed {times}: next try after {_said(wait)}"]
    wait = min(wait * (1 + _FAILURE_JITTER * random()), longest)
    if retry_after is not None and retry_after > wait:
        wait = retry_after
        why.append(f"the server asks to wait {_said(retry_after)} (Retry-After)")
    return Plan(now + wait, interval, tuple(why))


def after_rest(
    *,
    now: datetime,
    rest: timedelta,
    interval: timedelta,
    why: str,
    random: Callable[[], float],
) -> Plan:
    """Plan the poll of a feed that was not asked, because its site shall rest for `rest`."""
    return Plan(now + rest * (1 + SPREAD_AFTER_REST * random()), interval, (why,))


def health(feed: Feed, now: datetime) -> Health:
    """Return the state of a feed.

    Silent means nothing new for more than a day and three usual gaps (a month where the gap is
    unknown), slow that the last answer took more than 5 s, moved that it lives elsewhere.
    """
    state = _state(feed)
    quiet = feed.last_new is not None and now - feed.last_new > _silence(feed.rhythm)
    return "silent" if quiet and state in _WORKING else state


def healthy_since(feed: Feed, health: Health) -> datetime | None:
    """Return since when a feed has this health; a silent one, since its last new article."""
    return feed.last_new if health == "silent" else feed.since


def aged(after: Feed, before: Feed, now: datetime) -> Feed:
    """Return the feed `after` a poll with the moment since when it is in its state."""
    same = _state(after) == _state(before) and before.since is not None
    since = before.since if same else now
    return after if after.since == since else replace(after, since=since)


def _state(feed: Feed) -> Health:
    """Return the health of a feed as of its last poll."""
    if feed.gone:
        return "gone"
    if feed.failures:
        return "failing"
    if feed.last_success is None:
        return "new"
    if feed.fetch_url != feed.url or feed.move:
        return "moved"
    return "slow" if (feed.seconds or 0) > _SLOW_SECONDS else "ok"


def _usual_interval(rhythm: Rhythm, now: datetime, bounds: Bounds) -> tuple[timedelta, str]:
    """Return half of the usual gap, longer for a feed that has fallen quiet, and its reason."""
    gap = rhythm.gap
    if gap is None or rhythm.newest is None:
        interval = min(max(bounds.default, bounds.minimum), bounds.maximum)
        return interval, f"its rhythm is not known yet: polled every {_said(interval)}"
    quiet = now - rhythm.newest
    reason = f"publishes about every {_about(gap)}"
    if quiet > 3 * gap:
        gap = quiet / 3
        reason += f", but has been quiet for {_said(quiet)}"
    interval = min(max(gap / 2, bounds.minimum), bounds.maximum)
    return interval, f"{reason}: polled every {_said(interval)}{_limit(interval, bounds)}"


def _limit(interval: timedelta, bounds: Bounds) -> str:
    """Return which setting holds an interval, if one does."""
    if interval == bounds.maximum:
        return " (max-interval)"
    return " (min-interval)" if interval == bounds.minimum else ""


def _bursts(arrivals: Iterable[datetime], together: timedelta) -> list[datetime]:
    """Return the newest of the arrivals, newest first, those that came `together` counted once."""
    bursts: list[datetime] = []
    for moment in arrivals:
        if not bursts or bursts[-1] - moment > together:
            bursts.append(moment)
    return bursts[:_LATEST_ARRIVALS]


def _usual_gap(bursts: Sequence[datetime]) -> timedelta | None:
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(bursts)]
    return timedelta(seconds=median(gaps)) if gaps else None


def _wishes(hints: Hints) -> Iterator[tuple[timedelta, str]]:
    """Yield what the publisher asks for, the longest last, each with its words."""
    wishes = (
        (hints.ttl, "the feed's ttl asks for at least {}"),
        (hints.update_period, "the feed says that it is updated every {}"),
        (hints.max_age, "the server says that its answer stays fresh for {}"),
    )
    asked = [(least, words.format(_said(least))) for least, words in wishes if least]
    yield from sorted(asked)


def _after_skips(at: datetime, hints: Hints, random: Callable[[], float]) -> datetime:
    """Return the first moment from `at` on that is in no skipped hour or day (UTC)."""
    if len(hints.skip_hours) >= 24 or len(hints.skip_days) >= 7:
        return at
    allowed = at
    while allowed.hour in hints.skip_hours or allowed.weekday() in hints.skip_days:
        allowed = allowed.replace(minute=0, second=0, microsecond=0) + _HOUR
    return allowed if allowed == at else allowed + _SPREAD_AFTER_SKIP * random()


def _silence(rhythm: Rhythm) -> timedelta:
    if rhythm.gap is None:
        return _SILENCE_OF_UNKNOWN_RHYTHM
    return max(3 * rhythm.gap, _LEAST_SILENCE)


def _about(duration: timedelta) -> str:
    """Return a duration in the largest unit of which it has two or more: `40 min`."""
    total = duration.total_seconds()
    for unit, seconds in _UNITS:
        if total >= 2 * seconds:
            return f"{round(total / seconds)} {unit}"
    return f"{round(total)} s"


def _said(duration: timedelta) -> str:
    """Return a duration in its two largest units: `1 h 30 min`."""
    total = max(round(duration.total_seconds()), 0)
    for (unit, seconds), (lesser, fewer) in _NEXT_UNITS:
        if total >= seconds:
            count, left = divmod(total, seconds)
            rest = f" {left // fewer} {lesser}" if left >= fewer else ""
            return f"{count} {unit}{rest}"
    return f"{total} s"
