"""What the store knows of a batch before it is saved."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, null, select, union_all

from aggregator.model import Article
from aggregator.store.matching import Candidate, Known, Said, Seen, guid_of, linked_id, own_id
from aggregator.store.schema import among, articles, sightings
from aggregator.store.values import to_microseconds

_OF_FEED = sightings.c.feed == bindparam("feed")
_COLUMNS = (
    sightings.c.seq,
    sightings.c.feed,
    sightings.c.guid,
    sightings.c.entry,
    sightings.c.article,
    sightings.c.fingerprint,
    sightings.c.categories,
)
_NAMED = union_all(
    select(*_COLUMNS).where(_OF_FEED, among(sightings.c.guid, "guids")),
    select(*_COLUMNS).where(among(sightings.c.entry, "ids")),
    select(null(), null(), null(), articles.c.id, articles.c.seq, null(), null()).where(
        among(articles.c.id, "ids")
    ),
)
_CARRIED = select(*_COLUMNS).where(among(sightings.c.article, "seqs")).order_by(sightings.c.seq)
_GIVEN = select(articles.c.id).where(among(articles.c.id, "ids"))
_SAID = select(articles.c.seq, articles.c.url, articles.c.title, articles.c.published).where(
    among(articles.c.seq, "seqs")
)
_CANDIDATES = (
    select(*_COLUMNS, articles.c.title, articles.c.published)
    .join(articles, articles.c.seq == sightings.c.article)
    .where(_OF_FEED, among(sightings.c.date, "dates"))
)


def known(
    connection: Connection, feed_id: int, feed_url: str, incoming: Sequence[Article]
) -> Known:
    """This feed's sightings that the batch may renew, and who owns the ids in it."""
    own = {guid: own_id(feed_url, guid) for guid in map(guid_of, incoming)}
    ids = {article.id for article in incoming}.union(own.values())
    parameters = {
        "feed": feed_id,
        "guids": json.dumps(list(own)),
        "ids": json.dumps(list(ids)),
    }
    named = connection.execute(_NAMED, parameters).all()
    owners = _owners(named)
    seen = {row.seq: _seen(row) for row in named if row.feed == feed_id}
    stored = {one.article for one in seen.values() if one.article is not None}
    carried = _carried(connection, stored.union(owners.values()))
    seen.update((row.seq, _seen(row)) for row in carried if row.feed == feed_id)
    given = {row.entry for row in named if row.feed is None}
    if spoken_for := [one for one in incoming if own[guid_of(one)] in given]:
        linked = [linked_id(feed_url, article) for article in spoken_for]
        given.update(connection.execute(_GIVEN, {"ids": json.dumps(linked)}).scalars())
    said = _said(connection, seen.values(), incoming)
    return Known(list(seen.values()), owners, given, said)


def _said(
    connection: Connection, seen: Iterable[Seen], incoming: Iterable[Article]
) -> dict[int, Said]:
    """What the articles say that this feed had under a guid that now stands for another id."""
    ids = {guid_of(article): article.id for article in incoming}
    doubtful = [one.article for one in seen if one.entry != ids.get(one.guid, one.entry)]
    if not doubtful:
        return {}
    found = connection.execute(_SAID, {"seqs": json.dumps(doubtful)})
    return {row.seq: Said(row.url, row.title, row.published) for row in found}


def _owners(named: Iterable[Any]) -> dict[str, int]:
    """The article of each id; where several claim it, its own, then that of the first sighting."""
    owners: dict[str, int] = {}
    for row in sorted(named, key=lambda row: row.seq or 0):
        if row.article is not None:
            owners.setdefault(row.entry, row.article)
    return owners


def _carried(connection: Connection, stored: set[int]) -> Sequence[Any]:
    if not stored:
        return ()
    return connection.execute(_CARRIED, {"seqs": json.dumps(list(stored))}).all()


def candidates(connection: Connection, feed_id: int, dates: Iterable[datetime]) -> list[Candidate]:
    """The feed's articles of these dates, which a publisher may have moved."""
    moments = json.dumps([to_microseconds(when) for when in dates])
    found = connection.execute(_CANDIDATES, {"feed": feed_id, "dates": moments})
    return [Candidate(_seen(row), row.title, row.published) for row in found]


def _seen(row: Any) -> Seen:
    categories = tuple(row.categories or ())
    return Seen(row.seq, row.guid, row.entry, row.article, row.fingerprint, categories)
