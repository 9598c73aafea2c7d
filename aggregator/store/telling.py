"""Stories in the store: where articles were placed and why, links, the user's decisions."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, or_, select, update

from aggregator.store import changes, rows
from aggregator.store.schema import (
    among,
    articles,
    feeds,
    placements,
    story_backgrounds,
    story_links,
    story_pins,
)

Tie = tuple[str, str | None, float, tuple[str, ...]]
"""Kind, the other article, score, shared terms."""
StoryLink = tuple[str, str, float, tuple[str, ...]]
"""A story, another one, score, shared terms."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article was placed; `prints` are kept as bytes."""

    id: str
    story: str
    tie: Tie | None
    prints: bytes = b""


@dataclass(frozen=True, slots=True)
class Outline:
    """A placed article without its long texts; `feed` is the URL of the one that brought it."""

    id: str
    date: datetime
    feed: str
    title: str
    summary: str
    language: str | None
    story: str
    batch: int
    prints: bytes


_UNPLACED = (
    select(articles.c.id, articles.c.date)
    .where(~exists().where(placements.c.article == articles.c.seq))
    .order_by(articles.c.date, articles.c.id)
)
_OUTLINES = (
    select(
        articles.c.id,
        articles.c.date,
        feeds.c.url.label("feed"),
        articles.c.title,
        articles.c.summary,
        articles.c.language,
        placements.c.story,
        placements.c.batch,
        placements.c.prints,
    )
    .join(placements, placements.c.article == articles.c.seq)
    .join(feeds, feeds.c.id == articles.c.origin)
    .order_by(articles.c.date, articles.c.id)
)
_MEMBERS = (
    select(articles.c.id, placements.c.story, placements.c.tie)
    .join(placements, placements.c.article == articles.c.seq)
    .where(among(placements.c.story, "stories"))
    .order_by(articles.c.date, articles.c.id)
)
_STORIES_OF = (
    select(placements.c.story)
    .join(articles, articles.c.seq == placements.c.article)
    .where(articles.c.date >= bindparam("since"), articles.c.date < bindparam("until"))
    .distinct()
)
_SEQS = select(articles.c.id, articles.c.seq).where(among(articles.c.id, "ids"))
_PLACED_SEQS = select(placements.c.article).where(among(placements.c.article, "seqs"))
_PLACE_OF = (
    select(placements.c.story)
    .join(articles, articles.c.seq == placements.c.article)
    .where(articles.c.id == bindparam("id"))
)
_STORIES_AT = select(placements.c.article, placements.c.story).where(
    among(placements.c.article, "seqs")
)
_LINKS = select(story_links).where(
    or_(among(story_links.c.story, "stories"), among(story_links.c.other, "stories"))
)
_FORGET_LINKS = delete(story_links).where(
    or_(among(story_links.c.story, "stories"), among(story_links.c.other, "stories"))
)
_SHOWN = select(articles.c.id, articles.c.story).where(among(articles.c.id, "ids"))
_SHOW = update(articles).where(articles.c.id == bindparam("of"))
_MOVE = update(placements).where(placements.c.article == bindparam("of"))


def unplaced(connection: Connection) -> list[tuple[str, datetime]]:
    """Ids and dates of the articles that no story has, oldest first."""
    return [(row.id, row.date) for row in connection.execute(_UNPLACED)]


def next_batch(connection: Connection) -> int:
    """The number of the batch to come."""
    last = connection.execute(select(func.max(placements.c.batch))).scalar()
    return (last or 0) + 1


def outlines(connection: Connection, since: datetime, until: datetime) -> list[Outline]:
    """The placed articles dated in [since, until), oldest first."""
    wanted = _OUTLINES.where(articles.c.date >= since, articles.c.date < until)
    return [Outline(*row) for row in connection.execute(wanted)]


def batch_of(connection: Connection, number: int) -> list[Outline]:
    """The articles of a batch, oldest first."""
    return [
        Outline(*row) for row in connection.execute(_OUTLINES.where(placements.c.batch == number))
    ]


def place(connection: Connection, batch: int, placed: Sequence[Placed]) -> None:
    """Write where articles were placed; what another process placed meanwhile stays there."""
    seqs = _seqs(connection, [each.id for each in placed])
    known = set(
        connection.execute(_PLACED_SEQS, {"seqs": json.dumps(list(seqs.values()))}).scalars()
    )
    fresh = [each for each in placed if each.id in seqs and seqs[each.id] not in known]
    if fresh:
        connection.execute(
            insert(placements),
            [
                {
                    "article": seqs[each.id],
                    "batch": batch,
                    "story": each.story,
                    "tie": each.tie,
                    "prints": each.prints,
                }
                for each in fresh
            ],
        )
    show(connection, {each.story for each in fresh})


def move(connection: Connection, placed: Sequence[Placed]) -> list[str]:
    """Place articles anew that have a place; the story that each one left."""
    seqs = _seqs(connection, [each.id for each in placed])
    rows_ = connection.execute(_STORIES_AT, {"seqs": json.dumps(list(seqs.values()))})
    before = {row.article: row.story for row in rows_}
    again = [each for each in placed if seqs.get(each.id) in before]
    if again:
        values = ({"of": seqs[each.id], "story": each.story, "tie": each.tie} for each in again)
        connection.execute(_MOVE, list(values))
    show(connection, {*before.values(), *(each.story for each in again)})
    return [before[seqs[each.id]] for each in again if before[seqs[each.id]] != each.story]


def forget_links(connection: Connection, stories: Iterable[str]) -> None:
    """Forget the links of those of these stories that no article is left in."""
    wanted = set(stories)
    gone = wanted - {each.story for each in members(connection, wanted)}
    connection.execute(_FORGET_LINKS, {"stories": json.dumps(sorted(gone))})


def show(connection: Connection, stories: Collection[str]) -> None:
    """Let the articles of these stories tell it: those with company name it, others none."""
    found = members(connection, stories)
    sizes: dict[str, int] = {}
    for each in found:
        sizes[each.story] = sizes.get(each.story, 0) + 1
    wanted = {each.id: each.story if sizes[each.story] > 1 else None for each in found}
    before = connection.execute(_SHOWN, {"ids": json.dumps(list(wanted))})
    moved = [row.id for row in before if row.story != wanted[row.id]]
    if moved:
        connection.execute(_SHOW, [{"of": one, "story": wanted[one]} for one in moved])
        changes.log(connection, [(one, "changed") for one in moved])


def members(connection: Connection, stories: Collection[str]) -> list[Placed]:
    """The articles of these stories, oldest first."""
    found = connection.execute(_MEMBERS, {"stories": json.dumps(sorted(stories))})
    return [Placed(row.id, row.story, _tie(row.tie)) for row in found]


def place_of(connection: Connection, id: str) -> str | None:
    """The story in which an article was placed."""
    return connection.execute(_PLACE_OF, {"id": id}).scalar()


def told(connection: Connection, since: datetime, until: datetime) -> list[Placed]:
    """All articles of the stories that have one dated in [since, until)."""
    found = connection.execute(_STORIES_OF, {"since": since, "until": until}).scalars()
    return members(connection, list(found))


def link(connection: Connection, found: Mapping[str, Sequence[StoryLink]]) -> None:
    """Replace the links of the stories that are keys."""
    connection.execute(_FORGET_LINKS, {"stories": json.dumps(sorted(found))})
    values: dict[tuple[str, str], rows.Values] = {}
    for links in found.values():
        for one, other, score, terms in links:
            if (other, one) not in values:
                values[one, other] = {"story": one, "other": other, "score": score, "terms": terms}
    if values:
        connection.execute(insert(story_links), list(values.values()))


def links(connection: Connection, stories: Iterable[str]) -> list[StoryLink]:
    """The links from these stories to others, the nearest first; each is told from either end."""
    wanted = set(stories)
    found: list[StoryLink] = []
    for row in connection.execute(_LINKS, {"stories": json.dumps(sorted(wanted))}):
        ends = ((row.story, row.other), (row.other, row.story))
        found += [
            (one, other, row.score, tuple(row.terms or ())) for one, other in ends if one in wanted
        ]
    return sorted(found, key=lambda each: (each[0], -each[2], each[1]))


def pins(connection: Connection) -> dict[str, str]:
    """The stories of articles that the user placed."""
    return {row.article: row.story for row in connection.execute(select(story_pins))}


def pin(connection: Connection, decided: Mapping[str, str]) -> None:
    """Remember what the user decided, and place the articles there."""
    connection.execute(
        delete(story_pins).where(among(story_pins.c.article, "ids")),
        {"ids": json.dumps(list(decided))},
    )
    connection.execute(
        insert(story_pins), [{"article": one, "story": story} for one, story in decided.items()]
    )


def backgrounds(connection: Connection) -> list[tuple[int, int, dict[str, float]]]:
    """Since which batch, of how many documents, how many have each term; oldest first."""
    found = connection.execute(select(story_backgrounds).order_by(story_backgrounds.c.since))
    return [(row.since, row.documents, row.frequency or {}) for row in found]


def keep_background(
    connection: Connection, since: int, documents: int, frequency: Mapping[str, float]
) -> None:
    """Freeze document frequencies from a batch on."""
    connection.execute(delete(story_backgrounds).where(story_backgrounds.c.since == since))
    connection.execute(
        insert(story_backgrounds),
        [{"since": since, "documents": documents, "frequency": dict(frequency)}],
    )


def _seqs(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    found = connection.execute(_SEQS, {"ids": json.dumps(list(ids))})
    return {row.id: row.seq for row in found}


def _tie(values: Any) -> Tie | None:
    if not values:
        return None
    kind, other, score, terms = values
    return kind, other, score, tuple(terms)
