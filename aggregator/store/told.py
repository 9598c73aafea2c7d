"""The articles of a day's stories as editions need them: without their texts, each read once."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from aggregator.model import Article, Sighting, Tag
from aggregator.model.instants import bounds, from_microseconds, to_microseconds
from aggregator.store import rows
from aggregator.store.redating import EARLIER, redated_of
from aggregator.store.values import decoded, moment, moment_column
from aggregator.stories.ties import Tie

_TOLD: Final = f"""
    SELECT a.id, a.date, p.story, f.url, f.title, p.tie, a.first_seen, a.revisions, a.language,
        a.words, a.url, a.image, a.dateline, a.authors, a.title, a.summary,
        (SELECT json_group_array(json_array(t.slug, t.label))
            FROM article_tags AS t WHERE t.article = a.seq),
        {EARLIER}
    FROM placements AS p JOIN articles AS a ON a.seq = p.article JOIN feeds AS f ON f.id = a.origin
    WHERE p.story IN (
        SELECT q.story FROM articles AS b JOIN placements AS q ON q.article = b.seq
        WHERE b.date >= :since AND b.date < :until
        UNION ALL
        SELECT q.story FROM redatings AS d JOIN placements AS q ON q.article = d.article
        WHERE d.date >= :since AND d.date < :until
    )
"""  # noqa: S608 - parts of our own


@dataclass(frozen=True)
class Told:
    """An article of a story as it was dated when a day ended: a row, read no further than asked."""

    row: Sequence[Any]

    @property
    def id(self) -> str:
        """The article's id."""
        key: str = self.row[0]
        return key

    @property
    def date(self) -> datetime:
        """Its sort date."""
        return from_microseconds(self.row[1])

    @property
    def is_redated(self) -> bool:
        """Whether it had another date once: it may have another one now."""
        return self.row[-1] is not None

    @property
    def told_before(self) -> datetime | None:
        """The date under which it stood in the edition of an earlier day, before it was moved."""
        if self.row[-1] is None:
            return None
        before: int | None = self.row[-1][0]
        return moment(before)

    @property
    def story(self) -> str:
        """The story that it is in."""
        story: str = self.row[2]
        return story

    @property
    def feed(self) -> str:
        """The URL of the feed that brought it."""
        url: str = self.row[3]
        return url

    @property
    def tie(self) -> Tie | None:
        """Why it is in its story; None for the story's first."""
        return tie_of(self.row[5])

    @cached_property
    def mark(self) -> str:
        """What stands for all that an edition may show of it but its text.

        A text that changes leaves a revision; their number is among what is marked.
        """
        return repr((*self.row[:-1], *self.row[-1]) if self.is_redated else self.row)

    def article(self) -> Article:
        """The article without its texts, enclosures and comments, with its first sighting only."""
        key, date, _, feed, feed_title, _, first_seen, *more = self.row
        revisions, language, words, url, image, dateline, authors, title, summary, tags, _ = more
        return Article(
            id=key,
            url=url,
            title=title,
            summary=summary,
            content_html="",
            text="",
            date=from_microseconds(date),
            first_seen=from_microseconds(first_seen),
            authors=tuple(decoded(authors) or ()),
            language=language,
            image=image,
            dateline=rows.dateline_of(decoded(dateline)),
            words=words,
            sightings=(Sighting(feed, feed_title, ""),),
            tags=tuple(Tag(slug, label, "feed", "") for slug, label in decoded(tags)),
            revisions=revisions,
        )


def told(connection: sqlite3.Connection, day: date, timezone: ZoneInfo) -> list[Told]:
    """All articles of the stories that have or had one dated in a local day, in no order."""
    since, until = bounds(day, timezone)
    dated = {"since": to_microseconds(since), "until": to_microseconds(until)}
    return [
        Told(row if row[-1] is None else _as_of(row, since, until, timezone))
        for row in connection.execute(_TOLD, dated)
    ]


def tie_of(packed: str | None) -> Tie | None:
    """The tie in a column; None for what begins a story."""
    values = decoded(packed)
    if not values:
        return None
    kind, other, score, terms = values
    return Tie(kind, other, score, tuple(terms))


def _as_of(row: Sequence[Any], since: datetime, until: datetime, timezone: ZoneInfo) -> list[Any]:
    """The row of an article that was redated as it was when the day in [since, until) ended."""
    redated = redated_of(row[6], row[1], row[-1])
    date = redated.as_of(until, timezone)
    before = redated.told_before(since) if since <= date < until else None
    return [row[0], to_microseconds(date), *row[2:-1], (moment_column(before),)]
