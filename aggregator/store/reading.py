"""Reading articles, newest first or by id, and counting them."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)

from aggregator.model import Article, Revision, Sighting, Tag
from aggregator.store import rows
from aggregator.store.schema import (
    Moment,
    article_tags,
    articles,
    feeds,
    revisions,
    sightings,
)

PAGE = 200


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`column` is one of the JSON list in parameter `name`: one statement for any number."""
    return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))


_BY_SEQ = select(articles).where(among(articles.c.seq, "seqs"))
_BY_ID = select(articles).where(among(articles.c.id, "ids"))
CARRIED = (
    select(sightings, feeds.c.url, feeds.c.title)
    .join(feeds, feeds.c.id == sightings.c.feed)
    .where(among(sightings.c.article, "seqs"))
    .order_by(sightings.c.seq)
)
_SIGHTINGS = CARRIED.with_only_columns(
    sightings.c.article,
    feeds.c.url,
    feeds.c.title,
    sightings.c.guid,
    sightings.c.categories,
    sightings.c.fingerprint,
)
_TAGS = select(
    article_tags.c.article,
    article_tags.c.slug,
    article_tags.c.label,
    article_tags.c.source,
    article_tags.c.why,
).where(among(article_tags.c.article, "seqs"))
_REVISIONS = (
    select(revisions)
    .join(articles, articles.c.seq == revisions.c.article)
    .where(articles.c.id == bindparam("id"))
    .order_by(revisions.c.seq)
)
_STORY = (
    select(articles.c.id)
    .where(articles.c.story == bindparam("story"))
    .order_by(articles.c.date.desc(), articles.c.seq.desc())
)
_COUNT = select(func.count()).select_from(articles)


def by_ids(connection: Connection, ids: Sequence[str]) -> list[Article]:
    """The articles of these ids in the order asked, without those that are not there."""
    found = connection.execute(_BY_ID, {"ids": json.dumps(list(ids))}).all()
    complete = {article.id: article for article in _complete(connection, found)}
    return [complete[one] for one in ids if one in complete]


def by_seqs(connection: Connection, seqs: Iterable[int]) -> dict[int, Article]:
    """The articles of these sequence numbers."""
    found = connection.execute(_BY_SEQ, {"seqs": json.dumps(list(seqs))}).all()
    return dict(zip((row.seq for row in found), _complete(connection, found), strict=True))


def _complete(connection: Connection, found: Sequence[Row[Any]]) -> list[Article]:
    parameters = {"seqs": json.dumps([row.seq for row in found])}
    seen: dict[int, list[Sighting]] = {row.seq: [] for row in found}
    tagged: dict[int, list[Tag]] = {row.seq: [] for row in found}
    if found:
        for seq, *carried in connection.execute(_SIGHTINGS, parameters).all():
            seen[seq].append(rows.sighting(*carried))
        for seq, *given in connection.execute(_TAGS, parameters).all():
            tagged[seq].append(Tag(*given))
    return [rows.article(row, seen[row.seq], tagged[row.seq]) for row in found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles `newest` gives: of a feed, with a tag, dated in [since, until)."""

    feed: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None


def newest(
    read: Callable[[], AbstractContextManager[Connection]], wanted: Wanted
) -> Iterator[Article]:
    """Articles by date, newest first, a page at a time: no transaction stays open in between."""
    position: tuple[datetime, int] | None = None
    left = wanted.limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        with read() as connection:
            page = connection.execute(_page(wanted, position).limit(size)).all()
            found = by_seqs(connection, [row.seq for row in page])
        yield from (found[row.seq] for row in page)
        if len(page) < size:
            return
        position = (page[-1].date, page[-1].seq)
        left = None if left is None else left - size


def _page(wanted: Wanted, position: tuple[datetime, int] | None) -> Select[Any]:
    """Sort positions from the narrowest table: each has an index that ends in date and article."""
    date, seq = articles.c.date, articles.c.seq
    if wanted.tag is not None:
        date, seq = article_tags.c.date, article_tags.c.article
    elif wanted.feed is not None:
        date, seq = sightings.c.date, sightings.c.article
    statement = select(date.label("date"), seq.label("seq")).distinct()
    if wanted.tag is not None:
        statement = statement.where(article_tags.c.slug == wanted.tag)
    if wanted.feed is not None:
        of_feed = select(feeds.c.id).where(feeds.c.url == wanted.feed).scalar_subquery()
        statement = statement.where(
            sightings.c.feed == of_feed, sightings.c.article == seq, sightings.c.date == date
        )
    if wanted.since is not None:
        statement = statement.where(date >= wanted.since)
    if position is not None:
        statement = statement.where(tuple_(date, seq) < _literal(position))
    elif wanted.until is not None:
        statement = statement.where(date < wanted.until)
    return statement.order_by(date.desc(), seq.desc())


def _literal(position: tuple[datetime, int]) -> ColumnElement[Any]:
    when, seq = position
    return tuple_(literal(when, Moment), literal(seq))


def revisions_of(connection: Connection, id: str) -> list[Revision]:
    """The earlier versions of an article, oldest first."""
    return [rows.revision(row) for row in connection.execute(_REVISIONS, {"id": id})]


def story(connection: Connection, id: str) -> list[str]:
    """The ids of a story's articles, newest first."""
    return list(connection.execute(_STORY, {"story": id}).scalars())


def count(connection: Connection) -> int:
    """How many articles there are."""
    return connection.execute(_COUNT).scalar_one()
