"""Counts of articles: by tag and by day, and when a tag was seen; what is counted in words."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    bindparam,
    func,
    select,
)

from aggregator.model import TagCount, TagHistory
from aggregator.store.reading import among
from aggregator.store.schema import (
    article_tags,
    articles,
    feeds,
)

_NUMBER = func.count().label("number")


def _labelled(counted: Any) -> Select[Any]:
    """Counted slugs with the label of the newest article that carries each."""
    other = article_tags.alias()
    label = (
        select(other.c.label)
        .where(other.c.slug == counted.c.slug)
        .order_by(other.c.date.desc(), other.c.article.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(counted.c.slug, label.label("label"), counted.c.number).order_by(
        counted.c.number.desc(), counted.c.slug
    )


_LIMIT = bindparam("limit", type_=Integer)
_TAG_COUNTS = _labelled(
    select(article_tags.c.slug, _NUMBER)
    .group_by(article_tags.c.slug)
    .order_by(_NUMBER.desc(), article_tags.c.slug)
    .limit(_LIMIT)
    .subquery()
)
_wanted = func.json_each(bindparam("slugs")).table_valued("value").alias("wanted")
_newest_label = (
    select(article_tags.c.label)
    .where(article_tags.c.slug == _wanted.c.value)
    .order_by(article_tags.c.date.desc(), article_tags.c.article.desc())
    .limit(1)
    .scalar_subquery()
)
_LABELS = select(_wanted.c.value, _newest_label)
_TITLES = select(feeds.c.url, feeds.c.title).where(
    among(feeds.c.url, "urls"), feeds.c.title.is_not(None)
)
_NEWEST_BEFORE = select(func.max(articles.c.date)).where(articles.c.date < bindparam("end"))
_IN_TIME = (articles.c.date >= bindparam("start"), articles.c.date < bindparam("end"))
_DATED = select(func.count()).where(*_IN_TIME)
_UNLIMITED = -1
_asked = func.json_each(bindparam("slugs")).table_valued("value").alias("asked")


def _end_of(which: Any) -> Any:
    """The first or the last date of each tag asked for, from the end of an index."""
    return select(which(article_tags.c.date)).where(article_tags.c.slug == _asked.c.value)


_EXTENT = select(
    func.min(_end_of(func.min).scalar_subquery()), func.max(_end_of(func.max).scalar_subquery())
).select_from(_asked)
_TAGGED_SINCE = (
    select(article_tags.c.article, article_tags.c.date)
    .where(among(article_tags.c.slug, "slugs"), article_tags.c.date >= bindparam("since"))
    .distinct()
)
_TAGS_IN_TIME = (
    select(article_tags.c.slug, func.count())
    .join(articles, articles.c.seq == article_tags.c.article)
    .where(*_IN_TIME)
    .group_by(article_tags.c.slug)
)


def tag_counts(connection: Connection, limit: int | None) -> list[TagCount]:
    """Tags by number of articles, most first."""
    found = connection.execute(_TAG_COUNTS, {"limit": _UNLIMITED if limit is None else limit})
    return [TagCount(*row) for row in found]


def labels(connection: Connection, slugs: Iterable[str]) -> dict[str, str]:
    """The label that the newest article of each tag gives it, by slug."""
    found = connection.execute(_LABELS, {"slugs": json.dumps(list(slugs))})
    return {slug: label for slug, label in found if label is not None}


def titles(connection: Connection, urls: Iterable[str]) -> dict[str, str]:
    """The titles of feeds that have one, by URL."""
    return dict(map(tuple, connection.execute(_TITLES, {"urls": json.dumps(list(urls))})))


def days(connection: Connection, timezone: ZoneInfo) -> dict[date, int]:
    """Local days that have articles, newest first, with their number of articles."""
    counts: dict[date, int] = {}
    end: datetime | None = connection.execute(select(func.max(articles.c.date))).scalar()
    end = end and end + timedelta(microseconds=1)
    while end and (newest := connection.execute(_NEWEST_BEFORE, {"end": end}).scalar()):
        day = newest.astimezone(timezone).date()
        start = datetime.combine(day, time(), timezone)
        counts[day] = connection.execute(_DATED, {"start": start, "end": end}).scalar_one()
        end = start
    return counts


def tag_history(
    connection: Connection, slugs: Iterable[str], since: datetime, timezone: ZoneInfo
) -> TagHistory:
    """When the articles that carry any of `slugs` are from; days from `since` on."""
    chosen = {"slugs": json.dumps(list(slugs))}
    first, newest = connection.execute(_EXTENT, chosen).one()
    tagged = connection.execute(_TAGGED_SINCE, {**chosen, "since": since})
    days = Counter(when.astimezone(timezone).date() for _, when in tagged)
    return TagHistory(first_seen=first, newest=newest, days=days)


def daily(
    connection: Connection, first: date, last: date, timezone: ZoneInfo
) -> tuple[dict[str, list[int]], list[int]]:
    """For every tag its articles on each local day from `first` to `last`, and all articles."""
    length = (last - first).days + 1
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * length)
    totals = []
    for at in range(length):
        times = {
            name: datetime.combine(first + timedelta(days=at + later), time(), timezone)
            for name, later in (("start", 0), ("end", 1))
        }
        totals.append(connection.execute(_DATED, times).scalar_one())
        for slug, number in connection.execute(_TAGS_IN_TIME, times):
            counts[slug][at] = number
    return dict(counts), totals
