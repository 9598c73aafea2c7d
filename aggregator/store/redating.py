"""Dates that publishers moved: which one an article had when a day ended."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.model.instants import bounds, from_microseconds, to_microseconds
from aggregator.store.values import decoded

EARLIER: Final = """
    (SELECT NULLIF(json_group_array(json_array(r.replaced, r.date)), '[]')
        FROM redatings AS r WHERE r.article = a.seq)
"""
"""A column of earlier dates for article `a`, each after its end; NULL if it has none."""
_REDATED: Final = f"""
    SELECT a.id, a.first_seen, a.date, {EARLIER} AS earlier
    FROM json_each(:ids) CROSS JOIN articles AS a ON a.id = value WHERE earlier IS NOT NULL
"""  # noqa: S608 - parts of our own
_TAGS_MOVED: Final = f"""
    SELECT t.slug, a.first_seen, a.date, {EARLIER}
    FROM (SELECT DISTINCT article FROM redatings WHERE replaced >= :end) AS m
    JOIN articles AS a ON a.seq = m.article JOIN article_tags AS t ON t.article = m.article
    WHERE t.slug IN (SELECT value FROM json_each(:slugs))
"""  # noqa: S608
_ALL: Final = """
    SELECT r.article, r.replaced, a.first_seen
    FROM redatings AS r JOIN articles AS a ON a.seq = r.article ORDER BY r.article, r.replaced
"""
_FORGET: Final = "DELETE FROM redatings WHERE article = ? AND replaced = ?"


@dataclass(frozen=True, slots=True)
class Redated:
    """An article whose date was moved: since when it is known, its date now and those before.

    Each of those stands after the instant at which it was replaced, oldest first.
    """

    first_seen: datetime
    date: datetime
    earlier: tuple[tuple[datetime, datetime], ...]

    def at(self, moment: datetime) -> datetime:
        """The date that it had just before a moment."""
        return next((date for replaced, date in self.earlier if replaced >= moment), self.date)

    def as_of(self, end: datetime, timezone: ZoneInfo) -> datetime:
        """The date that it has in the edition of a day: that of the day's end.

        For what was found later, that of the end of the day on which it was found: so it stands in
        one edition at least.
        """
        _, found = bounds(self.first_seen.astimezone(timezone).date(), timezone)
        return self.at(max(end, found))

    def told_before(self, start: datetime) -> datetime | None:
        """The date under which it stood in an edition before a day, if it did."""
        date = self.at(start)
        return date if self.first_seen < start and date < start else None


def redated_of(first_seen: int, date: int, earlier: str) -> Redated:
    """What stands in the columns of these names, the last one being `EARLIER`."""
    dates = ((from_microseconds(end), from_microseconds(at)) for end, at in decoded(earlier))
    return Redated(from_microseconds(first_seen), from_microseconds(date), tuple(sorted(dates)))


def tags_moved(
    connection: sqlite3.Connection, slugs: Collection[str], end: datetime, timezone: ZoneInfo
) -> Iterator[tuple[str, date, int]]:
    """On which local days one more article had a tag, or one less, as of a day's end than now."""
    asked = {"end": to_microseconds(end), "slugs": json.dumps(list(slugs))}
    for slug, *row in connection.execute(_TAGS_MOVED, asked):
        found = redated_of(*row)
        yield slug, found.as_of(end, timezone).astimezone(timezone).date(), 1
        yield slug, found.date.astimezone(timezone).date(), -1


def redated(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Redated]:
    """Those of these articles whose dates were moved."""
    found = connection.execute(_REDATED, {"ids": json.dumps(list(ids))})
    return {key: redated_of(*row) for key, *row in found}


def forget_passing(connection: sqlite3.Connection, timezone: ZoneInfo) -> int:
    """Forget the dates that were given up on the local day on which they began; how many."""
    passing = []
    for article, found in groupby(connection.execute(_ALL), itemgetter(0)):
        since = None
        for _, replaced, first_seen in found:
            began, ended = (_day(at, timezone) for at in (since or first_seen, replaced))
            if ended <= began:
                passing.append((article, replaced))
            since = replaced
    connection.executemany(_FORGET, passing)
    return len(passing)


def _day(instant: int, timezone: ZoneInfo) -> date:
    return from_microseconds(instant).astimezone(timezone).date()
