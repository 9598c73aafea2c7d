"""What editions ask of the store: earlier versions of articles, and tags by the day."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from aggregator.model import Revision
from aggregator.store import rows
from aggregator.store.database import Database
from aggregator.store.reading import among
from aggregator.store.schema import article_tags, articles, placements, revisions

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
_TOLD = (
    select(placements.c.story)
    .join(articles, articles.c.seq == placements.c.article)
    .where(articles.c.date >= bindparam("since"), articles.c.date < bindparam("until"))
)
_LATER = (
    select(func.count())
    .select_from(placements)
    .join(articles, articles.c.seq == placements.c.article)
    .where(articles.c.date >= bindparam("until"), placements.c.story.in_(_TOLD))
)


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

    def tag_days(
        self, slugs: Collection[str], last: date, days: int, timezone: ZoneInfo
    ) -> dict[str, list[int]]:
        """How many articles carry each of these tags on the local days that end with `last`."""
        counts = {slug: [0] * days for slug in slugs}
        given = json.dumps(sorted(slugs))
        with self._database.read() as connection:
            for at in range(days):
                day = last - timedelta(days=days - 1 - at)
                start, end = (
                    datetime.combine(each, time(), timezone)
                    for each in (day, day + timedelta(days=1))
                )
                times = {"slugs": given, "start": start, "end": end}
                for slug, number in connection.execute(_TAGGED, times):
                    counts[slug][at] = number
        return counts

    def later(self, since: datetime, until: datetime) -> int:
        """How many articles from `until` on are in stories with one dated in [since, until)."""
        with self._database.read() as connection:
            return connection.execute(_LATER, {"since": since, "until": until}).scalar_one()
