"""Stories in the store: where articles were placed and why, links, the user's decisions."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from aggregator.model.instants import from_microseconds
from aggregator.store import bygone, changes
from aggregator.store.bygone import Mark
from aggregator.store.database import driver
from aggregator.store.prepared import Prepared
from aggregator.store.schema import (
    among,
    articles,
    feeds,
    placements,
    story_backgrounds,
    story_links,
    story_pins,
)
from aggregator.store.told import tie_of
from aggregator.stories.sketching import Source
from aggregator.stories.ties import Link, Tie
from aggregator.stories.web import Retold


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
_PLACE_OF = (
    select(placements.c.story)
    .join(articles, articles.c.seq == placements.c.article)
    .where(articles.c.id == bindparam("id"))
)
_FORGET_LINKS = delete(story_links).where(
    or_(among(story_links.c.story, "stories"), among(story_links.c.other, "stories"))
)
_CUT = Prepared(
    delete(story_links).where(
        story_links.c.story == bindparam("one"), story_links.c.other == bindparam("two")
    )
)
_INSERT_LINK = Prepared(insert(story_links))
_SHOW = update(articles).where(articles.c.id == bindparam("of"))
_MOVE = update(placements).where(placements.c.article == bindparam("of"))
_REPACK = Prepared(update(placements).where(placements.c.article == bindparam("of")))
_INSERT = Prepared(insert(placements))
_SEQS = (
    "SELECT articles.id, seq, date FROM json_each(?) CROSS JOIN articles WHERE articles.id = value"
)
_PLACED = "SELECT article, story FROM json_each(?) CROSS JOIN placements WHERE article = value"
_UNQUEUE = "DELETE FROM story_queue WHERE article IN (SELECT value FROM json_each(?))"
_MEMBERS = """
SELECT articles.id, placements.story, tie
FROM json_each(?) CROSS JOIN placements CROSS JOIN articles
WHERE placements.story = value AND seq = article ORDER BY date, articles.id
"""
_SHOWN = "SELECT articles.id, story FROM json_each(?) CROSS JOIN articles WHERE articles.id = value"


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
    numbers = (json.dumps([each.seq for each in seqs.values()]),)
    known = {article for article, _ in driver(connection).execute(_PLACED, numbers)}
    fresh = [each for each in placed if each.id in seqs and seqs[each.id].seq not in known]
    _INSERT.execute(
        connection,
        [
            {
                "article": seqs[each.id].seq,
                "batch": batch,
                "story": each.story,
                "tie": _packed(each.tie),
                "sketch": each.sketch,
                "form": form,
            }
            for each in fresh
        ],
    )
    bygone.keep(connection, _marked(fresh, seqs))
    driver(connection).execute(_UNQUEUE, numbers)
    show(connection, {each.story for each in fresh})


def move(connection: Connection, placed: Sequence[Placed]) -> list[str]:
    """Place articles anew that have a place; the story that each one left."""
    seqs = _seqs(connection, [each.id for each in placed])
    numbers = json.dumps([each.seq for each in seqs.values()])
    left = dict(driver(connection).execute(_PLACED, (numbers,)))
    before = {one: left[row.seq] for one, row in seqs.items() if row.seq in left}
    again = [each for each in placed if each.id in before]
    if again:
        values = (
            {"of": seqs[each.id].seq, "story": each.story, "tie": _packed(each.tie)}
            for each in again
        )
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
    before = driver(connection).execute(_SHOWN, (json.dumps(list(wanted)),))
    moved = [one for one, story in before if story != wanted[one]]
    if moved:
        connection.execute(_SHOW, [{"of": one, "story": wanted[one]} for one in moved])
        changes.log(connection, [(one, "changed") for one in moved])


def members(connection: Connection, stories: Collection[str]) -> list[Placed]:
    """The articles of these stories, oldest first."""
    found = driver(connection).execute(_MEMBERS, (json.dumps(sorted(stories)),))
    return [Placed(one, story, tie_of(tie)) for one, story, tie in found]


def place_of(connection: Connection, id: str) -> str | None:
    """The story in which an article was placed."""
    return connection.execute(_PLACE_OF, {"id": id}).scalar()


def relink(connection: Connection, retold: Retold) -> None:
    """Cut the links that stories had before, and write those that they have now."""
    pairs = [(story, other) for story, others in retold.before.items() for other in others]
    ends = [{"one": one, "two": two} for pair in pairs for one, two in (pair, pair[::-1])]
    _CUT.execute(connection, ends)
    _link(connection, retold.links)


def replace_links(connection: Connection, links: Iterable[Link]) -> None:
    """Put these links in the place of all others."""
    connection.execute(delete(story_links))
    _link(connection, links)


def pin(connection: Connection, decided: Mapping[str, str]) -> None:
    """Remember what the user decided, and place the articles there."""
    connection.execute(
        delete(story_pins).where(among(story_pins.c.article, "ids")),
        {"ids": json.dumps(list(decided))},
    )
    connection.execute(
        insert(story_pins), [{"article": one, "story": story} for one, story in decided.items()]
    )


def keep_background(
    connection: Connection, since: int, documents: int, frequency: Mapping[str, float]
) -> None:
    """Freeze document frequencies from a batch on."""
    connection.execute(delete(story_backgrounds).where(story_backgrounds.c.since == since))
    connection.execute(
        insert(story_backgrounds),
        [{"since": since, "documents": documents, "frequency": dict(frequency)}],
    )


def _link(connection: Connection, links: Iterable[Link]) -> None:
    values = [
        {
            "story": each.story,
            "other": each.other,
            "score": each.score,
            "terms": each.terms,
            "chained": each.is_chained,
        }
        for each in links
    ]
    _INSERT_LINK.execute(connection, values)


class _Row(NamedTuple):
    """An article, by its number."""

    seq: int
    date: datetime


def _seqs(connection: Connection, ids: Sequence[str]) -> dict[str, _Row]:
    """By id: numbers and dates."""
    found = driver(connection).execute(_SEQS, (json.dumps(list(ids)),))
    return {one: _Row(seq, from_microseconds(date)) for one, seq, date in found}


def _marked(
    placed: Iterable[Placed], seqs: Mapping[str, _Row]
) -> Iterator[tuple[int, datetime, Sequence[Mark]]]:
    return ((*seqs[each.id], each.marks) for each in placed)


def _packed(tie: Tie | None) -> tuple[object, ...] | None:
    return (tie.kind, tie.other, tie.score, tie.terms) if tie else None
