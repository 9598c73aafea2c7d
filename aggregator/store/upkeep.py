"""Changes that no feed brings: stars, retagging, expiry."""

import json
import logging
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from aggregator.model import Tag
from aggregator.store import bygone, changes, reading, telling
from aggregator.store.database import driver
from aggregator.store.schema import among, article_tags, articles, feeds, redatings, sightings
from aggregator.store.writing import Tagger, Writes, unique_tags

log = logging.getLogger("aggregator.store")

BATCH = 200

Retagged = tuple[str, tuple[Tag, ...], tuple[Tag, ...]]

_NEXT = (
    select(articles.c.seq)
    .where(articles.c.seq > bindparam("after"))
    .order_by(articles.c.seq)
    .limit(BATCH)
)
_OLD = (
    select(articles.c.seq, articles.c.id)
    .where(
        articles.c.date < bindparam("before"),
        articles.c.first_seen < bindparam("before"),
        ~articles.c.starred,
    )
    .limit(BATCH)
)
_AHEAD = select(articles.c.seq, articles.c.id).where(articles.c.date > bindparam("now"))
_PUBLISHED = select(
    func.count(articles.c.published),
    func.count().filter(articles.c.published > bindparam("now")),
)
_REDATE_TAGS = (
    update(article_tags).where(among(article_tags.c.article, "seqs")).values(date=bindparam("at"))
)
_AHEAD_OF_FEEDS = (sightings.c.feed.in_(select(feeds.c.id)), sightings.c.date > bindparam("now"))
_BACK_TO = (
    update(sightings).where(*_AHEAD_OF_FEEDS).values(date=bindparam("at")),
    *(
        update(column.table).where(column > bindparam("now")).values({column: bindparam("at")})
        for column in (articles.c.date, articles.c.first_seen, feeds.c.last_new, feeds.c.newest)
    ),
)
_REDATED_AHEAD = delete(redatings).where(
    or_(redatings.c.replaced > bindparam("now"), redatings.c.date > bindparam("now"))
)
_EMPTY_SIGHTINGS = update(sightings).where(among(sightings.c.article, "seqs"))
_DELETE = delete(articles).where(among(articles.c.seq, "seqs"))
NEWEST = select(func.max(articles.c.published))


def star(connection: Connection, id: str, starred: bool) -> bool:
    """Star an article or take its star away; whether that changed anything."""
    differing = update(articles).where(articles.c.id == id, articles.c.starred != starred)
    changed = connection.execute(differing.values(starred=starred))
    if changed.rowcount:
        changes.log(connection, [(id, "changed")])
    return bool(changed.rowcount)


def retag_batch(
    connection: Connection, after: int, tagger: Tagger, *, dry_run: bool
) -> tuple[int | None, list[Retagged]]:
    """Retag the next articles after the sequence number `after`: where it ended, what changed."""
    seqs = list(connection.execute(_NEXT, {"after": after}).scalars())
    writes = Writes()
    retagged: list[Retagged] = []
    for seq, article in sorted(reading.by_seqs(driver(connection), seqs).items()):
        new = unique_tags(tagger(article))
        if new != article.tags:
            retagged.append((article.id, article.tags, new))
            writes.retag(seq, article.date, article.tags, new)
            if {tag.slug for tag in new} != {tag.slug for tag in article.tags}:
                writes.log.append((article.id, "changed"))
    if not dry_run:
        writes.execute(connection)
    return (seqs[-1] if seqs else None), retagged


def undo_future(connection: Connection, now: datetime) -> None:
    """Date what lies after `now` as of now: only a clock that was wrong can have brought it.

    Where most publishers dated their articles after `now`, it is this clock that is wrong, and
    nothing is changed.
    """
    ahead = connection.execute(_AHEAD, {"now": now}).all()
    if ahead and _is_behind(connection, now):
        log.warning("the clock seems to be wrong: most articles are from after %s", now.date())
        return
    if ahead:
        connection.execute(
            _REDATE_TAGS, {"seqs": json.dumps([row.seq for row in ahead]), "at": now}
        )
        changes.log(connection, [(row.id, "changed") for row in ahead])
    for statement in _BACK_TO:
        connection.execute(statement, {"now": now, "at": now})
    connection.execute(_REDATED_AHEAD, {"now": now})


def _is_behind(connection: Connection, now: datetime) -> bool:
    published, later = connection.execute(_PUBLISHED, {"now": now}).one()
    return bool(2 * later > published)


def expire_batch(connection: Connection, before: datetime) -> int:
    """Delete some articles older than `before`; their sightings stay as tombstones.

    The rest of their stories is told without them, and where nothing is left links end.
    """
    old = connection.execute(_OLD, {"before": before}).all()
    seqs = {"seqs": json.dumps([row.seq for row in old])}
    if old:
        stories = set(bygone.stories(driver(connection), [row.seq for row in old]).values())
        connection.execute(_EMPTY_SIGHTINGS.values(categories=None), seqs)
        connection.execute(_DELETE, seqs)
        changes.log(connection, [(row.id, "deleted") for row in old])
        telling.show(connection, stories)
        telling.forget_links(connection, stories)
    return len(old)


def problems(connection: Connection) -> list[str]:
    """What SQLite finds wrong in the file and between its tables."""
    found = list(connection.exec_driver_sql("PRAGMA integrity_check").scalars())
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [str(one) for one in found if one != "ok"] + [
        f"{row[0]}: row {row[1]} refers to a missing row of {row[2]}" for row in dangling
    ]
