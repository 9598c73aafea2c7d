"""Drifts: articles that came under new guids and were recognised, and how that is undone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, tuple_, update

from aggregator.model import Article
from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.store import reading, rows, subscribing
from aggregator.store.database import driver
from aggregator.store.schema import Moment, articles, drifts, feeds, redatings, sightings
from aggregator.store.writing import Tagger, Writes, unique_tags

REMEMBERED = timedelta(days=30)
"""How long a drift can be undone."""

_TOLD = (
    select(drifts, articles.c.id.label("id"), feeds.c.url.label("feed_url"), feeds.c.title)
    .join(articles, articles.c.seq == drifts.c.article)
    .join(feeds, feeds.c.id == drifts.c.feed)
    .order_by(drifts.c.seq)
)
_OF_ARTICLE = _TOLD.where(articles.c.id == bindparam("of"))
_OF_FEED = _TOLD.where(drifts.c.feed == bindparam("of"), drifts.c.undone.is_(None))
_PARTED = select(drifts.c.guid).where(
    drifts.c.feed == bindparam("feed"), drifts.c.undone.is_not(None)
)
_SIGHTINGS = select(sightings.c.seq).where(
    sightings.c.feed == bindparam("feed"),
    tuple_(sightings.c.guid, sightings.c.article).in_(
        select(drifts.c.guid, drifts.c.article).where(
            drifts.c.feed == bindparam("feed"), drifts.c.undone.is_(None)
        )
    ),
)
_UNDO = (
    update(drifts)
    .where(drifts.c.feed == bindparam("of"), drifts.c.undone.is_(None))
    .values(undone=bindparam("now", type_=Moment), before=None)
)
_FORGET_DATES = delete(redatings).where(
    redatings.c.article == bindparam("of"), redatings.c.replaced >= bindparam("since")
)
_FORGET = delete(drifts).where(drifts.c.at < bindparam("before"), drifts.c.undone.is_(None))


@dataclass(frozen=True, slots=True)
class Drift:
    """An article that a feed brought under another guid, maybe with another link; when `undone`."""

    article: str
    feed_url: str
    feed_title: str | None
    at: datetime
    old_guid: str
    old_url: str | None
    guid: str
    url: str | None
    undone: datetime | None = None


def values(
    feed_id: int, seq: int, now: datetime, guids: tuple[str, str], before: Article, merged: Article
) -> rows.Values:
    """A row of drifts: the guids before and now, and what the article will no longer say."""
    old, new = rows.article_values(before), rows.article_values(merged)
    return {
        "feed": feed_id,
        "article": seq,
        "at": now,
        "old_guid": guids[0],
        "old_url": before.url,
        "guid": guids[1],
        "url": merged.url,
        "before": {name: _plain(value) for name, value in old.items() if value != new[name]},
    }


def of_article(connection: Connection, id: str) -> list[Drift]:
    """The drifts of an article, oldest first, also those that were undone."""
    return [_drift(row) for row in connection.execute(_OF_ARTICLE, {"of": id})]


def of_feed(connection: Connection, feed_id: int) -> list[Drift]:
    """The drifts of a feed that can be undone, oldest first."""
    return [_drift(row) for row in connection.execute(_OF_FEED, {"of": feed_id})]


def parted(connection: Connection, feed_id: int) -> frozenset[str]:
    """The guids under which a feed's entries are not what they were once taken for."""
    return frozenset(connection.execute(_PARTED, {"feed": feed_id}).scalars())


def forget(connection: Connection, now: datetime) -> None:
    """Forget drifts that nobody has undone for long."""
    connection.execute(_FORGET, {"before": now - REMEMBERED})


def undo(connection: Connection, feed_id: int, *, now: datetime, tagger: Tagger) -> int:
    """Give articles back what they said before the feed's drifts; return how many there were.

    What they say now stays as a revision, the dates that they had meanwhile do not. The entries
    that were taken for them are read anew with the next poll, which is due at once, and are
    articles of their own.
    """
    found = connection.execute(_OF_FEED, {"of": feed_id}).all()
    if not found:
        return 0
    writes = Writes()
    writes.unsightings = [
        {"of": seq} for seq in connection.execute(_SIGHTINGS, {"feed": feed_id}).scalars()
    ]
    said = _said_before(found)
    for seq, article in reading.by_seqs(driver(connection), said).items():
        _restore(writes, seq, article, said[seq], now)
    writes.execute(connection)
    began = {row.article: row.at for row in reversed(found)}
    connection.execute(_FORGET_DATES, [{"of": seq, "since": at} for seq, at in began.items()])
    _retag(connection, list(said), tagger)
    connection.execute(_UNDO, {"of": feed_id, "now": now})
    subscribing.read_anew(connection, feed_id)
    return len(found)


def _said_before(found: Sequence[Any]) -> Mapping[int, rows.Values]:
    """For each article the columns as they were before its first drift."""
    said: defaultdict[int, rows.Values] = defaultdict(dict)
    for row in reversed(found):
        said[row.article] |= row.before or {}
    return said


def _restore(
    writes: Writes, seq: int, article: Article, before: rows.Values, now: datetime
) -> None:
    if not before:
        return
    earlier = {name: _typed(name, value) for name, value in before.items()}
    restored = {**rows.article_values(article), **earlier, "revisions": article.revisions + 1}
    writes.revisions.append(rows.revision_values(seq, article, now))
    writes.updates.append({"of": seq, **restored})
    writes.moves.append({"of": seq, "date": restored["date"]})


def _retag(connection: Connection, seqs: Sequence[int], tagger: Tagger) -> None:
    writes = Writes()
    for seq, article in reading.by_seqs(driver(connection), seqs).items():
        writes.retag(seq, article.date, article.tags, unique_tags(tagger(article)))
        writes.log.append((article.id, "changed"))
    writes.execute(connection)


def _drift(row: Any) -> Drift:
    return Drift(
        row.id,
        row.feed_url,
        row.title,
        row.at,
        row.old_guid,
        row.old_url,
        row.guid,
        row.url,
        row.undone,
    )


def _plain(value: Any) -> Any:
    return to_microseconds(value) if isinstance(value, datetime) else value


def _typed(name: str, value: Any) -> Any:
    is_moment = value is not None and isinstance(articles.c[name].type, Moment)
    return from_microseconds(value) if is_moment else value
