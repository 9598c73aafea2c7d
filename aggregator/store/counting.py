"""Counts of articles: by tag and by day, and when a tag was seen; what is counted in words."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aggregator.model import TagCount, TagHistory
from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.store.values import moment

_TAG_COUNTS: Final = """
    SELECT slug, (
        SELECT label FROM article_tags AS t WHERE t.slug = counted.slug
        ORDER BY t.date DESC, t.article DESC LIMIT 1
    ), number
    FROM (
        SELECT slug, count(*) AS number FROM article_tags
        GROUP BY slug ORDER BY number DESC, slug LIMIT :limit OFFSET :before
    ) AS counted
    ORDER BY number DESC, slug
"""
_LABELS: Final = """
    SELECT value, (
        SELECT label FROM article_tags WHERE slug = value ORDER BY date DESC, article DESC LIMIT 1
    )
    FROM json_each(:slugs)
"""
_TITLES: Final = """
    SELECT url, title FROM feeds
    WHERE url IN (SELECT value FROM json_each(:urls)) AND title IS NOT NULL
"""
_NEWEST: Final = "SELECT max(date) FROM articles"
_NEWEST_BEFORE: Final = "SELECT max(date) FROM articles WHERE date < :end"
_DATED: Final = "SELECT count(*) FROM articles WHERE date >= :start AND date < :end"
_EXTENT: Final = """
    SELECT
        min((SELECT min(date) FROM article_tags WHERE slug = value)),
        max((SELECT max(date) FROM article_tags WHERE slug = value))
    FROM json_each(:slugs)
"""
_TAGGED_SINCE: Final = """
    SELECT DISTINCT article, date FROM article_tags
    WHERE slug IN (SELECT value FROM json_each(:slugs)) AND date >= :since
"""
_TAGS_IN_TIME: Final = """
    SELECT t.slug, count(*) FROM article_tags AS t JOIN articles AS a ON a.seq = t.article
    WHERE a.date >= :start AND a.date < :end GROUP BY t.slug
"""
_UNLIMITED: Final = -1


def tag_counts(
    connection: sqlite3.Connection, limit: int | None, before: int = 0
) -> list[TagCount]:
    """Tags by number of articles, most first; each with the label that its newest article has."""
    wanted = {"limit": _UNLIMITED if limit is None else limit, "before": before}
    return [TagCount(*row) for row in connection.execute(_TAG_COUNTS, wanted)]


def tag_total(connection: sqlite3.Connection) -> int:
    """How many tags any article has."""
    return int(_one(connection, "SELECT count(DISTINCT slug) FROM article_tags"))


def labels(connection: sqlite3.Connection, slugs: Iterable[str]) -> dict[str, str]:
    """The label that the newest article of each tag gives it, by slug."""
    found = connection.execute(_LABELS, {"slugs": json.dumps(list(slugs))})
    return {slug: label for slug, label in found if label is not None}


def titles(connection: sqlite3.Connection, urls: Iterable[str]) -> dict[str, str]:
    """The titles of feeds that have one, by URL."""
    return dict(connection.execute(_TITLES, {"urls": json.dumps(list(urls))}))


def days(connection: sqlite3.Connection, timezone: ZoneInfo) -> dict[date, int]:
    """Local days that have articles, newest first, with their number of articles."""
    counts: dict[date, int] = {}
    newest = _one(connection, _NEWEST)
    end = None if newest is None else newest + 1
    while end is not None and (newest := _one(connection, _NEWEST_BEFORE, end=end)) is not None:
        day = from_microseconds(newest).astimezone(timezone).date()
        start = to_microseconds(datetime.combine(day, time(), timezone))
        counts[day] = _one(connection, _DATED, start=start, end=end)
        end = start
    return counts


def tag_history(
    connection: sqlite3.Connection, slugs: Iterable[str], since: datetime, timezone: ZoneInfo
) -> TagHistory:
    """When the articles that carry any of `slugs` are from; days from `since` on."""
    chosen = {"slugs": json.dumps(list(slugs))}
    first, newest = connection.execute(_EXTENT, chosen).fetchone()
    tagged = connection.execute(_TAGGED_SINCE, {**chosen, "since": to_microseconds(since)})
    days = Counter(from_microseconds(when).astimezone(timezone).date() for _, when in tagged)
    return TagHistory(first_seen=moment(first), newest=moment(newest), days=days)


def daily(
    connection: sqlite3.Connection, first: date, last: date, timezone: ZoneInfo
) -> tuple[dict[str, list[int]], list[int]]:
    """For every tag its articles on each local day from `first` to `last`, and all articles."""
    length = (last - first).days + 1
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * length)
    totals = []
    for at in range(length):
        start, end = (
            to_microseconds(datetime.combine(first + timedelta(days=day), time(), timezone))
            for day in (at, at + 1)
        )
        totals.append(_one(connection, _DATED, start=start, end=end))
        for slug, number in connection.execute(_TAGS_IN_TIME, {"start": start, "end": end}):
            counts[slug][at] = number
    return dict(counts), totals


def _one(connection: sqlite3.Connection, statement: str, **parameters: int) -> Any:
    (value,) = connection.execute(statement, parameters).fetchone()
    return value
