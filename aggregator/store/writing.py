"""What is to be written, gathered first so that each table is written in one go."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, update

from aggregator.model import Article, Tag
from aggregator.store import changes, rows
from aggregator.store.prepared import Prepared
from aggregator.store.schema import (
    article_tags,
    articles,
    drifts,
    redatings,
    revisions,
    sightings,
    story_queue,
)

Tagger = Callable[[Article], Sequence[Tag]]

_INSERT_ARTICLE = Prepared(insert(articles))
_QUEUE_ARTICLE = Prepared(insert(story_queue))
_UPDATE_ARTICLE = Prepared(update(articles).where(articles.c.seq == bindparam("of")))
_ADOPT_ARTICLE = Prepared(update(articles).where(articles.c.seq == bindparam("of")))
_INSERT_REVISION = Prepared(insert(revisions))
_INSERT_REDATING = Prepared(insert(redatings).prefix_with("OR IGNORE"))
_INSERT_DRIFT = Prepared(insert(drifts))
_INSERT_SIGHTING = Prepared(insert(sightings))
_UPDATE_SIGHTING = Prepared(update(sightings).where(sightings.c.seq == bindparam("of")))
_DELETE_SIGHTING = Prepared(delete(sightings).where(sightings.c.seq == bindparam("of")))
_DELETE_TAG = Prepared(
    delete(article_tags).where(
        article_tags.c.article == bindparam("of"), article_tags.c.slug == bindparam("tag")
    )
)
_INSERT_TAG = Prepared(insert(article_tags))
_MOVE_SIGHTINGS = Prepared(update(sightings).where(sightings.c.article == bindparam("of")))
_MOVE_TAGS = Prepared(update(article_tags).where(article_tags.c.article == bindparam("of")))


@dataclass(slots=True)
class Writes:
    """What is to be written, gathered first so that each table is written in one go.

    `feeds`, `ids` and `seqs` are the feeds, the ids and the stored articles that it is about.
    """

    articles: list[rows.Values] = field(default_factory=list)
    updates: list[rows.Values] = field(default_factory=list)
    adoptions: list[rows.Values] = field(default_factory=list)
    moves: list[rows.Values] = field(default_factory=list)
    redatings: list[rows.Values] = field(default_factory=list)
    revisions: list[rows.Values] = field(default_factory=list)
    drifts: list[rows.Values] = field(default_factory=list)
    sightings: list[rows.Values] = field(default_factory=list)
    unsightings: list[rows.Values] = field(default_factory=list)
    resightings: list[rows.Values] = field(default_factory=list)
    untags: list[rows.Values] = field(default_factory=list)
    tags: list[rows.Values] = field(default_factory=list)
    log: list[tuple[str, changes.Kind]] = field(default_factory=list)
    feeds: set[int] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    seqs: set[int] = field(default_factory=set)

    def are_about(
        self, *, feed: int | None = None, ids: Collection[str] = (), seqs: Collection[int] = ()
    ) -> bool:
        """Whether something of this is to be written."""
        return feed in self.feeds or not self.ids.isdisjoint(ids) or not self.seqs.isdisjoint(seqs)

    def redate(self, seq: int, now: datetime, before: datetime, after: datetime) -> None:
        """Give an article's sightings and tags its new date; the one before is kept.

        Of several that end at one instant, it is the first.
        """
        if after != before:
            self.moves.append({"of": seq, "date": after})
            self.redatings.append({"article": seq, "replaced": now, "date": before})

    def retag(self, seq: int, when: datetime, old: Sequence[Tag], new: Sequence[Tag]) -> None:
        """Replace the tags `old` of an article by `new`, touching only what differs."""
        before = set(old)
        after = set(new) if before else ()
        self.untags += [{"of": seq, "tag": tag.slug} for tag in old if tag not in after]
        added = [tag for tag in new if tag not in before] if before else new
        self.tags += [rows.tag_values(seq, when, tag) for tag in added]

    def execute(self, connection: Connection) -> None:
        """Write everything, parents before children; nothing is left to be written."""
        for statement, values in (
            (_INSERT_ARTICLE, self.articles),
            (_QUEUE_ARTICLE, [{"article": values["seq"]} for values in self.articles]),
            (_UPDATE_ARTICLE, self.updates),
            (_ADOPT_ARTICLE, self.adoptions),
            (_INSERT_REVISION, self.revisions),
            (_INSERT_REDATING, self.redatings),
            (_INSERT_DRIFT, self.drifts),
            (_DELETE_SIGHTING, self.unsightings),
            (_INSERT_SIGHTING, self.sightings),
            (_UPDATE_SIGHTING, self.resightings),
            (_DELETE_TAG, self.untags),
            (_INSERT_TAG, self.tags),
            (_MOVE_SIGHTINGS, self.moves),
            (_MOVE_TAGS, self.moves),
        ):
            statement.execute(connection, values)
        changes.log(connection, self.log)
        for each in fields(self):
            getattr(self, each.name).clear()


def unique_tags(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """Tags by slug, in the order of slugs; the first of a slug counts."""
    by_slug: dict[str, Tag] = {}
    for tag in tags:
        by_slug.setdefault(tag.slug, tag)
    return tuple(by_slug[slug] for slug in sorted(by_slug))
