"""Dates that publishers moved: which one an article had when a day ended."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.model.instants import bounds, from_microseconds
from aggregator.store.values import decoded

EARLIER: Final = """
    (SELECT NULLIF(json_group_array(json_array(r.replaced, r.date)), '[]')
        FROM redatings AS r WHERE r.article = a.seq)
"""
"""The column of `earlier_of` for article `a`."""
_REDATED: Final = f"""
    SELECT a.id, a.first_seen, a.date, {EARLIER} AS earlier
    FROM json_each(:ids) CROSS JOIN articles AS a ON a.id = value WHERE earlier IS NOT NULL
"""  # noqa: S608 - parts of our own


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


def earlier_of(column: str | None) -> tuple[tuple[datetime, datetime], ...]:
    """The earlier dates in a column of `EARLIER`, each after its end."""
    found = sorted(decoded(column) or ())
    return tuple((from_microseconds(end), from_microseconds(date)) for end, date in found)


def redated(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Redated]:
    """Those of these articles whose dates were moved."""
    return {
        key: Redated(from_microseconds(first_seen), from_microseconds(date), earlier_of(earlier))
        for key, first_seen, date, earlier in connection.execute(
            _REDATED, {"ids": json.dumps(list(ids))}
        )
    }
