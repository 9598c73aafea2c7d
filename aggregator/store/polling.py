"""Feeds as a poller needs them: which are due, what is known of them, their state afterwards.

All of it is plain SQL, without SQLAlchemy: most polls bring nothing, and this is what they cost.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from aggregator.errors import StoreError
from aggregator.model import Feed
from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.store import rows

_CLOCK_DRIFT = timedelta(hours=1)
_FEEDS: Final = f"SELECT {', '.join(rows.FEED)} FROM feeds"  # noqa: S608 - names
_ALL: Final = f"{_FEEDS} ORDER BY id"
_ACTIVE: Final = f"{_FEEDS} WHERE active = 1 ORDER BY id"
_ONE: Final = f"{_FEEDS} WHERE url = :url"
_IS_DUE: Final = """
    active = 1 AND gone = 0 AND (next_poll IS NULL OR next_poll <= :now OR last_poll > :later)
"""
_PROMPT_FIRST: Final = "ORDER BY failures > 0, next_poll, id"
_DUE: Final = f"{_FEEDS} WHERE {_IS_DUE} {_PROMPT_FIRST} LIMIT :limit"
_ALL_DUE: Final = f"SELECT id, fetch_url, seconds FROM feeds WHERE {_IS_DUE} {_PROMPT_FIRST}"  # noqa: S608
_DUE_OF: Final = f"{_FEEDS} WHERE {_IS_DUE} AND id IN (SELECT value FROM json_each(:feeds))"  # noqa: S608
_COUNTS: Final = """
    SELECT feed, count(DISTINCT article) FROM sightings WHERE article IS NOT NULL GROUP BY feed
"""
_COUNT: Final = "SELECT count(DISTINCT article) FROM sightings WHERE feed = ?"
_KNOWN: Final = """
    SELECT feed, fingerprint FROM sightings
    WHERE feed IN (SELECT value FROM json_each(?)) AND fingerprint IS NOT NULL
"""
_ARRIVALS: Final = """
    SELECT asked.value, (
        SELECT json_group_array(newest.date) FROM (
            SELECT date FROM sightings WHERE feed = asked.value ORDER BY date DESC LIMIT :limit
        ) AS newest
    )
    FROM json_each(:feeds) AS asked
"""
_SAVE: Final = f"UPDATE feeds SET {', '.join(f'{name} = ?' for name in rows.STATE)} WHERE id = ?"  # noqa: S608


class Due(NamedTuple):
    """A feed to poll now: its number and address, and how many seconds it took the last time."""

    id: int
    url: str
    seconds: float | None


def all_feeds(connection: sqlite3.Connection) -> list[Feed]:
    """Every feed, retired ones included, with its number of articles."""
    counts = dict(connection.execute(_COUNTS).fetchall())
    return [rows.feed(row, counts.get(row[0], 0)) for row in connection.execute(_ALL)]


def active(connection: sqlite3.Connection) -> list[Feed]:
    """Feeds to be polled, due or not; their articles are not counted."""
    return list(map(rows.feed, connection.execute(_ACTIVE)))


def one_feed(connection: sqlite3.Connection, url: str) -> Feed | None:
    """The feed of this URL, with its number of articles."""
    row = connection.execute(_ONE, {"url": url}).fetchone()
    if row is None:
        return None
    (count,) = connection.execute(_COUNT, row[:1]).fetchone()
    return rows.feed(row, count)


def due(connection: sqlite3.Connection, now: datetime, limit: int) -> list[Feed]:
    """Feeds to poll now, those that were never polled first, those that failed the last time last.

    Their articles are not counted. A feed that was polled in the future, by a clock that has been
    set since, is due as well.
    """
    return list(map(rows.feed, connection.execute(_DUE, {**_moments(now), "limit": limit})))


def all_due(connection: sqlite3.Connection, now: datetime) -> list[Due]:
    """All feeds to poll now, in the order of `due`."""
    return list(map(Due._make, connection.execute(_ALL_DUE, _moments(now))))


def due_of(connection: sqlite3.Connection, now: datetime, feed_ids: Iterable[int]) -> list[Feed]:
    """Those of some feeds that are to be polled now, in no order; articles are not counted."""
    wanted = {**_moments(now), "feeds": json.dumps(list(feed_ids))}
    return list(map(rows.feed, connection.execute(_DUE_OF, wanted)))


def _moments(now: datetime) -> dict[str, int]:
    return {"now": to_microseconds(now), "later": to_microseconds(now + _CLOCK_DRIFT)}


def known_of(
    connection: sqlite3.Connection, feed_ids: Collection[int]
) -> dict[int, frozenset[bytes]]:
    """For each feed the fingerprints of the entries of its last document that are stored."""
    known: dict[int, set[bytes]] = {feed: set() for feed in feed_ids}
    for feed, fingerprint in connection.execute(_KNOWN, (json.dumps(list(known)),)):
        known[feed].add(fingerprint)
    return {feed: frozenset(fingerprints) for feed, fingerprints in known.items()}


def arrivals_of(
    connection: sqlite3.Connection, feed_ids: Iterable[int], limit: int
) -> dict[int, list[datetime]]:
    """For each feed the dates of its entries, newest first."""
    wanted = {"feeds": json.dumps(list(feed_ids)), "limit": limit}
    return {
        feed: sorted(map(from_microseconds, json.loads(dates)), reverse=True)
        for feed, dates in connection.execute(_ARRIVALS, wanted)
    }


def save_states(connection: sqlite3.Connection, polled: Sequence[Feed]) -> None:
    """Write what polls changed; StoreError for a feed that the store does not have."""
    values = [(*rows.feed_state(feed), feed.id) for feed in polled]
    if values and connection.executemany(_SAVE, values).rowcount != len(values):
        raise StoreError("a feed to be saved is not in the store")
