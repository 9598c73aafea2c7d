"""Stories in the store: where articles were placed and why, links, the user's decisions."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator.store import bygone, changes
from aggregator.store.bygone import Mark
from aggregator.store.prepared import Prepared
from aggregator.store.schema import (
    among,
    articles,
    feeds,
    placements,
    story_backgrounds,
    story_links,
    story_pins,
    story_queue,
)
from aggregator.stories.sketching import Source

Tie = tuple[str, str | None, float, tuple[str, ...]]
"""Kind, the other article, score, shared terms."""
StoryLink = tuple[str, str, float, tuple[str, ...]]
"""A story, another one, score, shared terms."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article was placed; `sketch` and `marks` are what it is compared and found by."""

    id: str
    story: str
    tie: Tie | None
    sketch: bytes = b""
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """A placed article without its long texts, its sketch packed in an earlier form."""

    source: Source
    batch: int
    sketch: bytes
    form: int


_OLD_FORMS = (
    select(
        articles.c.id,
        articles.c.date,
        feeds.c.url.label("feed"),
        articles.c.title,
        articles.c.summary,
        articles.c.language,
        placements.c.batch,
        placements.c.sketch,
        placements.c.form,
    )
    .join(placements, placements.c.article == articles.c.seq)
    .join(feeds, feeds.c.id == articles.c.origin)
    .where(placements.c.form < bindparam("form"))
    .limit(bindparam("limit"))
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
_SEQS = select(articles.c.id, articles.c.seq, articles.c.date).where(among(articles.c.id, "ids"))
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
_FORGET_FOUND = delete(story_links).where(among(story_links.c.story, "stories"))
_INSERT_LINK = Prepared(insert(story_links))
_SHOWN = select(articles.c.id, articles.c.story).where(among(articles.c.id, "ids"))
_SHOW = update(articles).where(articles.c.id == bindparam("of"))
_MOVE = update(placements).where(placements.c.article == bindparam("of"))
_FROZEN = (
    select(story_backgrounds.c.since, story_backgrounds.c.documents)
    .where(story_backgrounds.c.since <= bindparam("batch"))
    .order_by(story_backgrounds.c.since.desc())
    .limit(1)
)
_REPACK = Prepared(update(placements).where(placements.c.article == bindparam("of")))
_INSERT = Prepared(insert(placements))
_UNQUEUE = delete(story_queue).where(among(story_queue.c.article, "seqs"))


def next_batch(connection: Connection) -> int:
    """The number of the batch to come."""
    last = connection.execute(select(func.max(placements.c.batch))).scalar()
    return (last or 0) + 1


def packed_before(connection: Connection, form: int, limit: int) -> list[Outline]:
    """Some of the placed articles whose sketches are packed in an earlier form."""
    asked = {"form": form, "limit": limit}
    return [
        Outline(Source(*told), batch, sketch, packed)
        for *told, batch, sketch, packed in connection.execute(_OLD_FORMS, asked)
    ]


def repack(connection: Connection, placed: Sequence[Placed], form: int) -> None:
    """Replace the sketches of placed articles and their marks."""
    seqs = _seqs(connection, [each.id for each in placed])
    values = [{"of": seqs[each.id].seq, "sketch": each.sketch, "form": form} for each in placed]
    _REPACK.execute(connection, values)
    bygone.keep(connection, _marked(placed, seqs))


def place(connection: Connection, batch: int, placed: Sequence[Placed], form: int) -> None:
    """Write where articles were placed; what another process placed meanwhile stays there."""
    seqs = _seqs(connection, [each.id for each in placed])
    numbers = json.dumps([each.seq for each in seqs.values()])
    known = set(connection.execute(_PLACED_SEQS, {"seqs": numbers}).scalars())
    fresh = [each for each in placed if each.id in seqs and seqs[each.id].seq not in known]
    _INSERT.execute(
        connection,
        [
            {
                "article": seqs[each.id].seq,
                "batch": batch,
                "story": each.story,
                "tie": each.tie,
                "sketch": each.sketch,
                "form": form,
            }
            for each in fresh
        ],
    )
    bygone.keep(connection, _marked(fresh, seqs))
    connection.execute(_UNQUEUE, {"seqs": numbers})
    show(connection, {each.story for each in fresh})


def move(connection: Connection, placed: Sequence[Placed]) -> list[str]:
    """Place articles anew that have a place; the story that each one left."""
    seqs = _seqs(connection, [each.id for each in placed])
    numbers = json.dumps([each.seq for each in seqs.values()])
    left = {row.article: row.story for row in connection.execute(_STORIES_AT, {"seqs": numbers})}
    before = {one: left[row.seq] for one, row in seqs.items() if row.seq in left}
    again = [each for each in placed if each.id in before]
    if again:
        values = ({"of": seqs[each.id].seq, "story": each.story, "tie": each.tie} for each in again)
        connection.execute(_MOVE, list(values))
    show(connection, {*before.values(), *(each.story for each in again)})
    return [before[each.id] for each in again if before[each.id] != each.story]


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
    """Replace the links that were found from the stories that are keys."""
    connection.execute(_FORGET_FOUND, {"stories": json.dumps(sorted(found))})
    values = [
        {"story": story, "other": other, "score": score, "terms": terms}
        for links in found.values()
        for story, other, score, terms in links
    ]
    _INSERT_LINK.execute(connection, values)


def links(connection: Connection, stories: Iterable[str]) -> list[StoryLink]:
    """The links of these stories to others, whoever found them, the nearest first."""
    wanted = set(stories)
    found: dict[tuple[str, str], StoryLink] = {}
    for row in connection.execute(_LINKS, {"stories": json.dumps(sorted(wanted))}):
        for one, other in ((row.story, row.other), (row.other, row.story)):
            known = found.get((one, other))
            if one in wanted and (known is None or known[2] < row.score):
                found[one, other] = (one, other, row.score, tuple(row.terms or ()))
    return sorted(found.values(), key=lambda each: (each[0], -each[2], each[1]))


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


def frozen(connection: Connection, batch: int) -> tuple[int, int]:
    """The newest background up to a batch: since which one, of how many documents; 0 before."""
    row = connection.execute(_FROZEN, {"batch": batch}).first()
    return (0, 0) if row is None else (row.since, row.documents)


def frequencies(connection: Connection, since: int) -> dict[str, float]:
    """How many documents of the background since a batch have each term."""
    wanted = select(story_backgrounds.c.frequency).where(story_backgrounds.c.since == since)
    return connection.execute(wanted).scalar() or {}


def placed_since(connection: Connection, batch: int) -> int:
    """About how many articles stand in a batch or later ones: by the numbers that they got."""
    since = select(placements.c.article).where(placements.c.batch >= batch)
    oldest = since.order_by(placements.c.batch, placements.c.article).limit(1)
    first = connection.execute(oldest).scalar()
    last = connection.execute(select(func.max(placements.c.article))).scalar()
    return 0 if first is None or last is None else last - first + 1


def keep_background(
    connection: Connection, since: int, documents: int, frequency: Mapping[str, float]
) -> None:
    """Freeze document frequencies from a batch on."""
    connection.execute(delete(story_backgrounds).where(story_backgrounds.c.since == since))
    connection.execute(
        insert(story_backgrounds),
        [{"since": since, "documents": documents, "frequency": dict(frequency)}],
    )


def _seqs(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    """By id: rows of ids, numbers and dates."""
    found: Iterable[Any] = connection.execute(_SEQS, {"ids": json.dumps(list(ids))})
    return {row.id: row for row in found}


def _marked(
    placed: Iterable[Placed], seqs: Mapping[str, Any]
) -> Iterator[tuple[int, datetime, Sequence[Mark]]]:
    return ((seqs[each.id].seq, seqs[each.id].date, each.marks) for each in placed)


def _tie(values: Any) -> Tie | None:
    if not values:
        return None
    kind, other, score, terms = values
    return kind, other, score, tuple(terms)
