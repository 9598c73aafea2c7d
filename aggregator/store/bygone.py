"""What placing reads: articles by mark, batch and story, links, backgrounds, pins."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import starmap
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert

from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.store.prepared import Prepared
from aggregator.store.schema import story_marks
from aggregator.store.values import decoded
from aggregator.stories.postings import ARTICLE, WEIGHT, Posting
from aggregator.stories.ties import Link

Mark = tuple[int, int, int]
"""A number, a weight and flags."""

_HOUR = timedelta(hours=1) // timedelta(microseconds=1)
_WEEK = 7 * 24

_UNPLACED = """
SELECT id, date FROM story_queue CROSS JOIN articles ON seq = article ORDER BY date, id
"""
_POSTINGS = """
SELECT marks.value, (
    SELECT group_concat(posting) FROM (
        SELECT (article << ?) | (weight << ?) | flags AS posting FROM story_marks
        WHERE week = weeks.value AND mark = marks.value AND hour BETWEEN ? AND ?
        ORDER BY hour, article
    )
) AS found
FROM json_each(?) AS weeks CROSS JOIN json_each(?) AS marks WHERE found IS NOT NULL
"""
_STORIES = """
SELECT article, story FROM json_each(?) CROSS JOIN placements WHERE article = value
"""
_OF_STORIES = """
SELECT article, story, sketch FROM json_each(?) CROSS JOIN placements WHERE story = value
"""
_OF_BATCH = "SELECT article, story, sketch FROM placements WHERE batch = ?"
_THESE = """
SELECT article, story, sketch FROM json_each(?) CROSS JOIN placements WHERE article = value
"""
_LINKS = """
SELECT story, other, score, terms, chained FROM json_each(:stories) CROSS JOIN story_links
WHERE story = value
UNION ALL
SELECT story, other, score, terms, chained FROM json_each(:stories) CROSS JOIN story_links
WHERE other = value
"""
_HAS_OLDER = "SELECT EXISTS (SELECT 1 FROM placements WHERE form < ?)"
_NEXT_BATCH = "SELECT coalesce(max(batch), 0) + 1 FROM placements"
_FROZEN = """
SELECT since, documents FROM story_backgrounds WHERE since <= ? ORDER BY since DESC LIMIT 1
"""
_FREQUENCY = "SELECT frequency FROM story_backgrounds WHERE since = ?"
_PLACED_SINCE = """
SELECT max(article) + 1 - (
    SELECT article FROM placements WHERE batch >= ? ORDER BY batch, article LIMIT 1
) FROM placements
"""
_PINS = "SELECT article, story FROM story_pins"
_REPLACE = Prepared(insert(story_marks).prefix_with("OR REPLACE"))


class Sketched(NamedTuple):
    """A placed article, by the store's own number."""

    number: int
    story: str
    sketch: bytes


def unplaced(connection: sqlite3.Connection) -> list[tuple[str, datetime]]:
    """Ids and dates of the articles that no story has, oldest first."""
    return [(article, from_microseconds(date)) for article, date in connection.execute(_UNPLACED)]


def has_older(connection: sqlite3.Connection, form: int) -> bool:
    """Whether sketches of an earlier form are kept."""
    return bool(connection.execute(_HAS_OLDER, (form,)).fetchone()[0])


def next_batch(connection: sqlite3.Connection) -> int:
    """The number of the batch to come."""
    number: int
    (number,) = connection.execute(_NEXT_BATCH).fetchone()
    return number


def frozen(connection: sqlite3.Connection, batch: int) -> tuple[int, int]:
    """The newest background up to a batch: since which one, of how many documents; 0 before."""
    found: tuple[int, int] | None = connection.execute(_FROZEN, (batch,)).fetchone()
    return found or (0, 0)


def frequencies(connection: sqlite3.Connection, since: int) -> dict[str, float]:
    """How many documents of the background since a batch have each term."""
    found = connection.execute(_FREQUENCY, (since,)).fetchone()
    return decoded(found[0]) or {} if found else {}


def placed_since(connection: sqlite3.Connection, batch: int) -> int:
    """About how many articles stand in a batch or later ones: by the numbers that they got."""
    (number,) = connection.execute(_PLACED_SINCE, (batch,)).fetchone()
    return number or 0


def pins(connection: sqlite3.Connection) -> dict[str, str]:
    """The stories of articles that the user placed."""
    return dict(connection.execute(_PINS))


def postings(
    connection: sqlite3.Connection, marks: Collection[int], since: datetime, until: datetime
) -> Mapping[int, list[Posting]]:
    """By mark: the articles dated in [since, until] that have it, by the hour, oldest first."""
    first, last = _hour(since), _hour(until)
    weeks = list(range(first // _WEEK, last // _WEEK + 1))
    asked = (ARTICLE, WEIGHT, first, last, json.dumps(weeks), json.dumps(list(marks)))
    found: defaultdict[int, list[Posting]] = defaultdict(list)
    for mark, postings in connection.execute(_POSTINGS, asked):
        found[mark] += map(int, postings.split(","))
    return found


def stories(connection: sqlite3.Connection, articles: Collection[int]) -> dict[int, str]:
    """By number: the stories of these articles."""
    return dict(connection.execute(_STORIES, (json.dumps(list(articles)),)))


def told(connection: sqlite3.Connection, stories: Collection[str]) -> list[Sketched]:
    """The articles of these stories."""
    return _sketched(connection.execute(_OF_STORIES, (json.dumps(list(stories)),)))


def of_batch(connection: sqlite3.Connection, batch: int) -> list[Sketched]:
    """The articles of a batch."""
    return _sketched(connection.execute(_OF_BATCH, (batch,)))


def these(connection: sqlite3.Connection, articles: Collection[int]) -> list[Sketched]:
    """The articles of these numbers."""
    return _sketched(connection.execute(_THESE, (json.dumps(list(articles)),)))


def links(connection: sqlite3.Connection, stories: Collection[str]) -> list[Link]:
    """The links of these stories, whichever story they are from."""
    found = connection.execute(_LINKS, {"stories": json.dumps(list(stories))})
    return [
        Link(story, other, score, tuple(decoded(terms) or ()), is_chained=bool(is_chained))
        for story, other, score, terms, is_chained in found
    ]


def keep(connection: Connection, marked: Iterable[tuple[int, datetime, Sequence[Mark]]]) -> None:
    """Make articles findable: their numbers, dates and marks, each mark once."""
    values = [
        {
            "week": (hour := _hour(date)) // _WEEK,
            "mark": mark,
            "hour": hour,
            "article": article,
            "weight": weight,
            "flags": flags,
        }
        for article, date, marks in marked
        for mark, weight, flags in marks
    ]
    _REPLACE.execute(connection, values)


def forget(connection: Connection, before: datetime) -> None:
    """Forget the marks of the weeks that ended before then."""
    week = _hour(before) // _WEEK
    connection.execute(delete(story_marks).where(story_marks.c.week < week))


def _hour(moment: datetime) -> int:
    return to_microseconds(moment) // _HOUR


def _sketched(rows: Iterable[tuple[int, str, bytes]]) -> list[Sketched]:
    return list(starmap(Sketched, rows))
