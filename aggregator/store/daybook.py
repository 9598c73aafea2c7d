"""What editions ask of the store: earlier versions of articles, and tags by the day."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, bindparam, func, select

from aggregator.model import Article, Revision, Sighting
from aggregator.store import rows
from aggregator.store.database import Database
from aggregator.store.schema import among, article_tags, articles, feeds, placements, revisions

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


_TOLD_ROWS = (
    select(
        articles.c.id,
        articles.c.date,
        placements.c.story,
        feeds.c.url.label("feed"),
        feeds.c.title.label("feed_title"),
        placements.c.tie,
        articles.c.revisions,
        articles.c.language,
        articles.c.words,
        articles.c.url,
        articles.c.image,
        articles.c.dateline,
        articles.c.authors,
        articles.c.title,
        articles.c.summary,
        select(func.group_concat(article_tags.c.slug + "\x1f" + article_tags.c.label, "\x1e"))
        .where(article_tags.c.article == articles.c.seq)
        .correlate(articles)
        .scalar_subquery()
        .label("tags"),
    )
    .join(placements, placements.c.article == articles.c.seq)
    .join(feeds, feeds.c.id == articles.c.origin)
    .where(placements.c.story.in_(_TOLD))
)
_TAGGED_NEWEST = (
    select(article_tags.c.article)
    .where(article_tags.c.slug == bindparam("slug"))
    .order_by(article_tags.c.date.desc(), article_tags.c.article.desc())
    .limit(bindparam("limit", type_=Integer))
)
_LISTED = (
    select(
        articles.c.id,
        articles.c.url,
        articles.c.title,
        articles.c.summary,
        articles.c.language,
        articles.c.date,
        articles.c.first_seen,
        feeds.c.url.label("feed"),
        feeds.c.title.label("feed_title"),
    )
    .join(feeds, feeds.c.id == articles.c.origin)
    .where(articles.c.seq.in_(_TAGGED_NEWEST))
    .order_by(articles.c.date.desc(), articles.c.seq.desc())
)


@dataclass(frozen=True, slots=True)
class Told:
    """An article of a story; `mark` stands for all that an edition may show of it but its text."""

    id: str
    date: datetime
    story: str
    feed: str
    mark: str


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

    def told(self, since: datetime, until: datetime) -> list[Told]:
        """All articles of the stories that have one dated in [since, until), in no order.

        A text that changes leaves a revision; their number is among what is marked.
        """
        with self._database.read() as connection:
            found = connection.execute(_TOLD_ROWS, {"since": since, "until": until}).all()
            return [Told(row.id, row.date, row.story, row.feed, repr(tuple(row))) for row in found]

    def tagged(self, slug: str, limit: int) -> list[Article]:
        """The newest articles with a tag as lists show them: no text, no tags, one sighting."""
        with self._database.read() as connection:
            found = connection.execute(_LISTED, {"slug": slug, "limit": limit}).all()
        return [
            Article(
                id=row.id,
                url=row.url,
                title=row.title,
                summary=row.summary,
                content_html="",
                text="",
                date=row.date,
                first_seen=row.first_seen,
                language=row.language,
                sightings=(Sighting(row.feed, row.feed_title, ""),),
            )
            for row in found
        ]

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
