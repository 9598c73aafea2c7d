"""What editions ask of the store: earlier versions of articles, and tags by the day."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from aggregator.model import Article, Revision, Sighting
from aggregator.model.instants import bounds, from_microseconds, to_microseconds
from aggregator.store import rows
from aggregator.store.database import Database, driver
from aggregator.store.redating import EARLIER, Redated, redated, tags_moved
from aggregator.store.schema import among, article_tags, articles, revisions
from aggregator.store.told import Told, told
from aggregator.store.values import moment

_REVISIONS = (
    select(revisions, articles.c.id)
    .join(articles, articles.c.seq == revisions.c.article)
    .where(among(articles.c.id, "ids"))
    .order_by(revisions.c.seq)
)
_TAGGED = (
    select(article_tags.c.slug, func.count())
    .where(
        among(article_tags.c.slug, "slugs"),
        article_tags.c.date >= bindparam("start"),
        article_tags.c.date < bindparam("end"),
    )
    .group_by(article_tags.c.slug)
)
_TEXTS: Final = "SELECT id, text FROM articles WHERE id IN (SELECT value FROM json_each(:ids))"
_HEADS: Final = f"""
    SELECT a.id, a.title, a.date, a.revisions, {EARLIER}
    FROM json_each(:ids) CROSS JOIN articles AS a ON a.id = value
"""  # noqa: S608 - parts of our own
_LISTED: Final = """
    a.seq, a.id, a.url, a.title, a.summary, a.language, a.image, a.date, a.first_seen, a.published,
    a.updated, f.url, f.title
"""
_NEWEST: Final = """
    SELECT article FROM article_tags WHERE slug = {} ORDER BY date DESC, article DESC LIMIT :limit
"""
_TAGGED_NEWEST: Final = f"""
    SELECT {_LISTED} FROM articles AS a JOIN feeds AS f ON f.id = a.origin
    WHERE a.seq IN ({_NEWEST.format(":slug")}) ORDER BY a.date DESC, a.seq DESC
"""  # noqa: S608 - parts of our own
_NEWEST_BY_TAG: Final = f"""
    SELECT s.value, t.seq FROM json_each(:slugs) AS s
    JOIN articles AS t ON t.seq IN ({_NEWEST.format("s.value")})
"""  # noqa: S608
_MARKED: Final = f"""
    SELECT {_LISTED} FROM articles AS a JOIN feeds AS f ON f.id = a.origin
    WHERE a.seq IN (SELECT value FROM json_each(:seqs))
"""  # noqa: S608
_BARE: Final = """
    SELECT value FROM json_each(:slugs)
    WHERE NOT EXISTS (SELECT 1 FROM article_tags WHERE slug = value)
"""
_CARRIED: Final = """
    SELECT t.slug, t.label, count(*) AS number
    FROM articles AS a JOIN article_tags AS t ON t.article = a.seq
    WHERE a.date >= :since AND a.date < :until
    GROUP BY t.slug, t.label ORDER BY number, t.label DESC
"""


class Daybook:
    """What is known of days and their articles; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def revisions(self, ids: Collection[str]) -> Mapping[str, list[Revision]]:
        """The earlier versions of these articles, oldest first."""
        found: defaultdict[str, list[Revision]] = defaultdict(list)
        with self._database.read() as connection:
            for row in connection.execute(_REVISIONS, {"ids": json.dumps(list(ids))}):
                found[row.id].append(rows.revision(row))
        return found

    def redated(self, ids: Collection[str]) -> Mapping[str, Redated]:
        """Those of these articles whose dates were moved."""
        with self._database.read() as connection:
            return redated(driver(connection), ids)

    def told(self, day: date, timezone: ZoneInfo) -> list[Told]:
        """All articles of the stories that have or had one dated in a local day, in no order.

        Each has the date that it had when the day ended.
        """
        with self._database.read() as connection:
            return told(driver(connection), day, timezone)

    def texts(self, ids: Collection[str]) -> dict[str, str]:
        """The texts of these articles."""
        with self._database.read() as connection:
            return dict(driver(connection).execute(_TEXTS, {"ids": json.dumps(list(ids))}))

    def head_marks(self, ids: Collection[str]) -> dict[str, str]:
        """For each of these articles a mark of its headlines and dates, those of before, too."""
        with self._database.read() as connection:
            found = driver(connection).execute(_HEADS, {"ids": json.dumps(list(ids))})
            return {key: repr(told) for key, *told in found}

    def tagged(self, slug: str, limit: int) -> list[Article]:
        """The newest articles with a tag as lists show them: no text, no tags, one sighting."""
        with self._database.read() as connection:
            wanted = {"slug": slug, "limit": limit}
            return [_listed(row) for row in driver(connection).execute(_TAGGED_NEWEST, wanted)]

    def tag_marks(self, slugs: Collection[str], limit: int) -> dict[str, str]:
        """For each of these tags a mark of all that `tagged` gives."""
        lists: dict[str, list[int]] = {slug: [] for slug in slugs}
        with self._database.read() as connection:
            read = driver(connection)
            asked = {"slugs": json.dumps(list(slugs)), "limit": limit}
            for slug, seq in read.execute(_NEWEST_BY_TAG, asked):
                lists[slug].append(seq)
            seqs = sorted({seq for found in lists.values() for seq in found})
            marks = {
                row[0]: _mark(row) for row in read.execute(_MARKED, {"seqs": json.dumps(seqs)})
            }
        return {slug: _mark([marks[seq] for seq in sorted(seqs)]) for slug, seqs in lists.items()}

    def tags_between(self, since: datetime, until: datetime) -> dict[str, str]:
        """The tags of all articles dated in [since, until): their commonest labels by slug."""
        dated = {"since": to_microseconds(since), "until": to_microseconds(until)}
        with self._database.read() as connection:
            return {slug: label for slug, label, _ in driver(connection).execute(_CARRIED, dated)}

    def bare_tags(self, slugs: Collection[str]) -> list[str]:
        """Those of these tags that no article has."""
        with self._database.read() as connection:
            asked = {"slugs": json.dumps(list(slugs))}
            return [slug for (slug,) in driver(connection).execute(_BARE, asked)]

    def tag_days(
        self, slugs: Collection[str], last: date, days: int, timezone: ZoneInfo
    ) -> dict[str, list[int]]:
        """How many articles carry each of these tags on the local days that end with `last`.

        They are counted by the dates that they had when that day ended.
        """
        counts = {slug: [0] * days for slug in slugs}
        given = json.dumps(sorted(slugs))
        with self._database.read() as connection:
            for at in range(days):
                day = last - timedelta(days=days - 1 - at)
                start, end = bounds(day, timezone)
                times = {"slugs": given, "start": start, "end": end}
                for slug, number in connection.execute(_TAGGED, times):
                    counts[slug][at] = number
            _, end = bounds(last, timezone)
            for slug, day, change in tags_moved(driver(connection), slugs, end, timezone):
                if 0 <= (back := (last - day).days) < days:
                    counts[slug][days - 1 - back] += change
        return counts


def _listed(row: Sequence[Any]) -> Article:
    _, key, url, title, summary, language, image, date, first_seen, published, *more = row
    updated, feed, feed_title = more
    return Article(
        id=key,
        url=url,
        title=title,
        summary=summary,
        content_html="",
        text="",
        date=from_microseconds(date),
        first_seen=from_microseconds(first_seen),
        published=moment(published),
        updated=moment(updated),
        language=language,
        image=image,
        sightings=(Sighting(feed, feed_title, ""),),
    )


def _mark(told: Sequence[Any]) -> str:
    return blake2b(repr(told).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
