"""The archive as calendars: a page a year, so that none grows with the years."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

NEWEST_MONTHS = 12
"""How many months the page shows that is of no year."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month: its first day, its weeks, Monday first, with 0 for no day of it, what is published.

    `published` are the days that have a digest, `summaries` the last days of the weeks summed up.
    """

    first: date
    weeks: tuple[tuple[int, ...], ...]
    published: tuple[int, ...]
    summaries: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months of one year, or without one the newest, latest first; the years there are."""

    year: int | None
    months: tuple[Month, ...]
    years: tuple[int, ...]


def calendar_of(
    days: Iterable[date], year: int | None = None, weeks: Sequence[date] = ()
) -> Calendar:
    """Returns the calendar of published days; `weeks` are the last days of weeks summed up."""
    by_month: dict[date, set[int]] = {}
    for day in days:
        by_month.setdefault(day.replace(day=1), set()).add(day.day)
    shown = [first for first in sorted(by_month, reverse=True) if year in (None, first.year)]
    months = (
        Month(
            first,
            _weeks(first),
            tuple(sorted(by_month[first])),
            tuple(sorted(last for last in weeks if last.replace(day=1) == first)),
        )
        for first in (shown if year else shown[:NEWEST_MONTHS])
    )
    return Calendar(year, tuple(months), tuple(years(by_month)))


def years(days: Iterable[date]) -> list[int]:
    """Returns the years of days, the newest first."""
    return sorted({day.year for day in days}, reverse=True)


def _weeks(first: date) -> tuple[tuple[int, ...], ...]:
    weeks = calendar.Calendar().monthdayscalendar(first.year, first.month)
    return tuple(tuple(week) for week in weeks)
