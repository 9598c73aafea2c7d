"""Days as users write them, cut at midnight in their time zone and given as UTC instants."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from aggregator.query.tree import DateField

FORMS: Final = "2026-02-17, 2026-02, 2026, 7d, today or yesterday"

_DAY: Final = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?")
_AGO: Final = re.compile(r"(\d{1,9})([hdw])")
_COMPARED: Final = re.compile(r"(>=|<=|>|<|=)?(.+)")
_YEARS: Final = range(1000, 9999)
_MOST_DAYS: Final = 100_000


class Span(NamedTuple):
    """`since` <= instant < `until`; None is open."""

    since: datetime | None
    until: datetime | None


class _Clock(NamedTuple):
    now: datetime
    timezone: ZoneInfo

    def midnight(self, day: date) -> datetime:
        """The first instant of a local day, also where clocks skip or repeat midnight."""
        return datetime(day.year, day.month, day.day, tzinfo=self.timezone).astimezone(UTC)

    def days(self, first: date, following: date) -> tuple[datetime, datetime]:
        return self.midnight(first), self.midnight(following)


def span(field: DateField, text: str, *, now: datetime, timezone: ZoneInfo) -> Span | None:
    """What `after:`, `before:` or `date:` with this value means; None when it is no date.

    `date:` also knows ranges (`2026-02-01..2026-02-17`, open at either end) and comparisons.
    """
    clock = _Clock(now, timezone)
    value = text.strip().lower()
    if field == "date":
        return _range(value, clock) if ".." in value else _compared(value, clock)
    moment = _moment(value, clock)
    if moment is None:
        return None
    return Span(moment[0], None) if field == "after" else Span(None, moment[0])


def _range(value: str, clock: _Clock) -> Span | None:
    low, _, high = value.partition("..")
    first, last = _moment(low, clock), _moment(high, clock)
    if (low and not first) or (high and not last) or not (first or last):
        return None
    if first and last and last < first:
        first, last = last, first
    return Span(first[0] if first else None, last[1] if last else None)


def _compared(value: str, clock: _Clock) -> Span | None:
    match = _COMPARED.fullmatch(value)
    moment = _moment(match[2], clock) if match else None
    if match is None or moment is None:
        return None
    start, end = moment
    spans = {">": Span(end, None), ">=": Span(start, None), "<": Span(None, start)}
    return (spans | {"<=": Span(None, end)}).get(match[1], Span(start, end))


def _moment(value: str, clock: _Clock) -> tuple[datetime, datetime] | None:
    """The half-open time that a word such as `2026-02`, `7d` or `today` names."""
    today = clock.now.astimezone(clock.timezone).date()
    tomorrow = today + timedelta(days=1)
    if value == "today":
        return clock.days(today, tomorrow)
    if value == "yesterday":
        return clock.days(today - timedelta(days=1), today)
    if match := _AGO.fullmatch(value):
        return _last(int(match[1]), match[2], tomorrow, clock)
    if match := _DAY.fullmatch(value):
        return _calendar(match, clock)
    return None


def _last(count: int, unit: str, tomorrow: date, clock: _Clock) -> tuple[datetime, datetime]:
    if unit == "h":
        hours = timedelta(hours=min(count, _MOST_DAYS * 24))
        return clock.now.astimezone(UTC) - hours, clock.midnight(tomorrow)
    days = timedelta(days=min(count * (7 if unit == "w" else 1), _MOST_DAYS))
    return clock.days(tomorrow - days, tomorrow)


def _calendar(match: re.Match[str], clock: _Clock) -> tuple[datetime, datetime] | None:
    year, month, day = (int(part or 0) for part in match.groups())
    if year not in _YEARS:
        return None
    try:
        first = date(year, month if match[2] else 1, day if match[3] else 1)
    except ValueError:
        return None
    if match[3]:
        return clock.days(first, first + timedelta(days=1))
    if match[2] and month < 12:
        return clock.days(first, date(year, month + 1, 1))
    return clock.days(first, date(year + 1, 1, 1))
