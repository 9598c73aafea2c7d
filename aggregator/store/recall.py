"""What the store knows of a batch before it is saved."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from aggregator.model import Article
from aggregator.model.instants import to_microseconds
from aggregator.store.matching import Candidate, Known, Said, Seen, guid_of, linked_id, own_id
from aggregator.store.values import decoded, moment

_COLUMNS: Final = "s.seq, s.feed, s.guid, s.entry, s.article, s.fingerprint, s.categories"
_NAMED: Final = f"""
    SELECT {_COLUMNS} FROM sightings AS s
    WHERE feed = :feed AND guid IN (SELECT value FROM json_each(:guids))
    UNION ALL
    SELECT {_COLUMNS} FROM sightings AS s WHERE entry IN (SELECT value FROM json_each(:ids))
    UNION ALL
    SELECT NULL, NULL, NULL, id, seq, NULL, NULL FROM articles
    WHERE id IN (SELECT value FROM json_each(:ids))
"""  # noqa: S608 - names
_CARRIED: Final = f"""
    SELECT {_COLUMNS} FROM sightings AS s
    WHERE article IN (SELECT value FROM json_each(?)) ORDER BY seq
"""  # noqa: S608
_GIVEN: Final = "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
_SAID: Final = """
    SELECT seq, url, title, published FROM articles
    WHERE seq IN (SELECT value FROM json_each(?))
"""
_CANDIDATES: Final = f"""
    SELECT {_COLUMNS}, a.title, a.published
    FROM sightings AS s JOIN articles AS a ON a.seq = s.article
    WHERE s.feed = :feed AND s.date IN (SELECT value FROM json_each(:dates))
"""  # noqa: S608


class _Row(NamedTuple):
    """A sighting, or the claim of an article to its own id: that has no feed."""

    seq: int
    feed: int | None
    guid: str
    entry: str
    article: int | None
    fingerprint: bytes | None
    categories: str | None


def known(
    connection: sqlite3.Connection, feed_id: int, feed_url: str, incoming: Sequence[Article]
) -> Known:
    """This feed's sightings that the batch may renew, and who owns the ids in it."""
    own = {guid: own_id(feed_url, guid) for guid in map(guid_of, incoming)}
    ids = {article.id for article in incoming}.union(own.values())
    parameters = {
        "feed": feed_id,
        "guids": json.dumps(list(own)),
        "ids": json.dumps(list(ids)),
    }
    named = list(map(_Row._make, connection.execute(_NAMED, parameters)))
    owners = _owners(named)
    seen = {row.seq: _seen(row) for row in named if row.feed == feed_id}
    stored = {one.article for one in seen.values() if one.article is not None}
    carried = _carried(connection, stored.union(owners.values()))
    seen.update((row.seq, _seen(row)) for row in carried if row.feed == feed_id)
    given = {row.entry for row in named if row.feed is None}
    if spoken_for := [one for one in incoming if own[guid_of(one)] in given]:
        linked = [linked_id(feed_url, article) for article in spoken_for]
        given.update(one for (one,) in connection.execute(_GIVEN, (json.dumps(linked),)))
    said = _said(connection, seen.values(), incoming)
    return Known(list(seen.values()), owners, given, said)


def _said(
    connection: sqlite3.Connection, seen: Iterable[Seen], incoming: Iterable[Article]
) -> dict[int, Said]:
    """What the articles say that this feed had under a guid that now stands for another id."""
    ids = {guid_of(article): article.id for article in incoming}
    doubtful = [one.article for one in seen if one.entry != ids.get(one.guid, one.entry)]
    if not doubtful:
        return {}
    found = connection.execute(_SAID, (json.dumps(doubtful),))
    return {seq: Said(url, title, moment(published)) for seq, url, title, published in found}


def _owners(named: Iterable[_Row]) -> dict[str, int]:
    """The article of each id; where several claim it, its own, then that of the first sighting."""
    owners: dict[str, int] = {}
    for row in sorted(named, key=lambda row: row.seq or 0):
        if row.article is not None:
            owners.setdefault(row.entry, row.article)
    return owners


def _carried(connection: sqlite3.Connection, stored: set[int]) -> Sequence[_Row]:
    if not stored:
        return ()
    return list(map(_Row._make, connection.execute(_CARRIED, (json.dumps(list(stored)),))))


def candidates(
    connection: sqlite3.Connection, feed_id: int, dates: Iterable[datetime]
) -> list[Candidate]:
    """The feed's articles of these dates, which a publisher may have moved."""
    moments = json.dumps([to_microseconds(when) for when in dates])
    found = connection.execute(_CANDIDATES, {"feed": feed_id, "dates": moments})
    return [
        Candidate(_seen(_Row(*row)), title, moment(published)) for *row, title, published in found
    ]


def _seen(row: _Row) -> Seen:
    categories = tuple(decoded(row.categories) or ())
    return Seen(row.seq, row.guid, row.entry, row.article, row.fingerprint, categories)
