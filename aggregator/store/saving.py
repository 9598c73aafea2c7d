"""Saving what one poll brought: articles, sightings, tags, change log and the feed, as one."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from aggregator.model import Article, Feed, Sighting, Tag
from aggregator.store import changes, reading, rows, subscribing
from aggregator.store.matching import (
    Candidate,
    Known,
    Match,
    Matcher,
    Seen,
    follow_moves,
    guid_of,
    may_have_moved,
    own_id,
)
from aggregator.store.merging import is_indexed_change, is_revision, merge
from aggregator.store.reading import among
from aggregator.store.schema import (
    article_tags,
    articles,
    feeds,
    revisions,
    sightings,
    to_microseconds,
)

Tagger = Callable[[Article], Sequence[Tag]]

_OF_FEED = sightings.c.feed == bindparam("feed")
_TITLE = select(feeds.c.title).where(feeds.c.id == bindparam("feed"))
_SEEN = select(sightings).where(
    _OF_FEED, or_(among(sightings.c.guid, "guids"), among(sightings.c.entry, "ids"))
)
_SEEN_BY_OWNER = select(sightings).where(_OF_FEED, among(sightings.c.article, "owners"))
_OWNERS = union_all(
    select(sightings.c.entry, sightings.c.article).where(
        among(sightings.c.entry, "ids"), sightings.c.article.is_not(None)
    ),
    select(articles.c.id, articles.c.seq).where(among(articles.c.id, "ids")),
)
_CANDIDATES = (
    select(sightings, articles.c.title, articles.c.published)
    .join(articles, articles.c.seq == sightings.c.article)
    .where(_OF_FEED, among(sightings.c.date, "dates"))
)
_ORIGINS = select(articles.c.seq, articles.c.origin).where(among(articles.c.seq, "seqs"))
_LAST_SEQ = select(func.max(articles.c.seq))
_FINGERPRINTS = select(sightings.c.seq, sightings.c.fingerprint).where(
    _OF_FEED, sightings.c.fingerprint.is_not(None)
)
_INSERT_ARTICLE = insert(articles)
_UPDATE_ARTICLE = update(articles).where(articles.c.seq == bindparam("of"))
_INSERT_REVISION = insert(revisions)
_INSERT_SIGHTING = insert(sightings)
_UPDATE_SIGHTING = update(sightings).where(sightings.c.seq == bindparam("of"))
_DELETE_TAG = delete(article_tags).where(
    article_tags.c.article == bindparam("of"), article_tags.c.slug == bindparam("tag")
)
_INSERT_TAG = insert(article_tags)
_MOVE_SIGHTINGS = update(sightings).where(sightings.c.article == bindparam("of"))
_MOVE_TAGS = update(article_tags).where(article_tags.c.article == bindparam("of"))
_UPDATE_TITLE = update(feeds).where(feeds.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: every incoming article is new, updated (a revision was kept) or unchanged.

    `drifted` counts those that this feed had brought before under another guid.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    drifted: int = 0


@dataclass(slots=True)
class Writes:
    """What is to be written, gathered first so that each table is written in one go."""

    articles: list[rows.Values] = field(default_factory=list)
    updates: list[rows.Values] = field(default_factory=list)
    moves: list[rows.Values] = field(default_factory=list)
    revisions: list[rows.Values] = field(default_factory=list)
    sightings: list[rows.Values] = field(default_factory=list)
    resightings: list[rows.Values] = field(default_factory=list)
    untags: list[rows.Values] = field(default_factory=list)
    tags: list[rows.Values] = field(default_factory=list)
    log: list[tuple[str, changes.Kind]] = field(default_factory=list)

    def retag(self, seq: int, when: datetime, old: Sequence[Tag], new: Sequence[Tag]) -> None:
        """Replace the tags `old` of an article by `new`, touching only what differs."""
        before, after = set(old), set(new)
        self.untags += [{"of": seq, "tag": tag.slug} for tag in old if tag not in after]
        self.tags += [rows.tag_values(seq, when, tag) for tag in new if tag not in before]

    def execute(self, connection: Connection) -> None:
        """Write everything, parents before children."""
        for statement, values in (
            (_INSERT_ARTICLE, self.articles),
            (_UPDATE_ARTICLE, self.updates),
            (_INSERT_REVISION, self.revisions),
            (_INSERT_SIGHTING, self.sightings),
            (_UPDATE_SIGHTING, self.resightings),
            (_DELETE_TAG, self.untags),
            (_INSERT_TAG, self.tags),
            (_MOVE_SIGHTINGS, self.moves),
            (_MOVE_TAGS, self.moves),
        ):
            if values:
                connection.execute(statement, values)
        changes.log(connection, self.log)


def unique_tags(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """Tags by slug, in the order of slugs; the first of a slug counts."""
    by_slug: dict[str, Tag] = {}
    for tag in tags:
        by_slug.setdefault(tag.slug, tag)
    return tuple(by_slug[slug] for slug in sorted(by_slug))


class Save:
    """One save of one feed, inside the transaction of `connection`."""

    def __init__(
        self,
        connection: Connection,
        feed: Feed,
        *,
        present: Collection[bytes],
        now: datetime,
        tagger: Tagger,
    ) -> None:
        self._connection = connection
        self._feed = feed
        self._present = present
        self._now = now
        self._tagger = tagger
        self._writes = Writes()
        self._new = self._updated = 0

    def run(self, incoming: Sequence[Article]) -> Saved:
        """Match, merge and write; the feed's new state last."""
        matches = self._matches(incoming) if incoming else []
        self._forget_what_left(incoming)
        self._apply(matches)
        self._writes.execute(self._connection)
        self._save_feed()
        return Saved(
            new=self._new,
            updated=self._updated,
            unchanged=len(incoming) - self._new - self._updated,
            drifted=sum(match.drifted for match in matches),
        )

    def _matches(self, incoming: Sequence[Article]) -> list[Match]:
        matcher = Matcher(self._feed.url, incoming, self._known(incoming), self._present)
        matches = matcher.matches()
        if not may_have_moved(matches):
            return matches
        dates = json.dumps([to_microseconds(match.article.date) for match in matches])
        found = self._connection.execute(_CANDIDATES, {"feed": self._feed.id, "dates": dates})
        candidates = [Candidate(_seen(row), row.title, row.published) for row in found]
        return follow_moves(matches, candidates, matcher)

    def _known(self, incoming: Sequence[Article]) -> Known:
        ids = {article.id for article in incoming}
        ids |= {own_id(self._feed.url, guid_of(article)) for article in incoming}
        parameters = {
            "feed": self._feed.id,
            "ids": json.dumps(list(ids)),
            "guids": json.dumps([guid_of(article) for article in incoming]),
        }
        seen = self._connection.execute(_SEEN, parameters).all()
        owners = {row.entry: row.article for row in self._connection.execute(_OWNERS, parameters)}
        if owners:
            parameters["owners"] = json.dumps(list(set(owners.values())))
            seen = [*seen, *self._connection.execute(_SEEN_BY_OWNER, parameters)]
        return Known(list({row.seq: _seen(row) for row in seen}.values()), owners)

    def _forget_what_left(self, incoming: Sequence[Article]) -> None:
        """Fingerprints stand for the feed's last document only, which keeps `known` small."""
        feed = {"feed": self._feed.id}
        here = {article.sightings[0].fingerprint for article in incoming} | set(self._present)
        before = self._connection.execute(_FINGERPRINTS, feed)
        left = [
            {"of": row.seq, "fingerprint": None} for row in before if row.fingerprint not in here
        ]
        if left:
            self._connection.execute(_UPDATE_SIGHTING, left)

    def _apply(self, matches: Sequence[Match]) -> None:
        owners = [match.owner for match in matches if match.owner is not None]
        stored = reading.by_seqs(self._connection, owners) if owners else {}
        origins = self._origins(owners) if owners else {}
        last = self._connection.execute(_LAST_SEQ).scalar() or 0
        for match in matches:
            if match.owner is not None:
                own = origins[match.owner] == self._feed.id
                self._renew(match, match.owner, stored[match.owner], own=own)
            elif match.kind == "expired":
                self._sight(match, None, match.article.date)
            else:
                self._new += 1
                self._add(match, last + self._new)

    def _origins(self, owners: Sequence[int]) -> dict[int, int]:
        found = self._connection.execute(_ORIGINS, {"seqs": json.dumps(list(owners))})
        return {row.seq: row.origin for row in found}

    def _add(self, match: Match, seq: int) -> None:
        article = replace(match.article, sightings=(self._sighting(match),), revisions=0)
        tags = unique_tags(self._tagger(article))
        self._writes.articles.append(
            {
                "seq": seq,
                "id": article.id,
                "origin": self._feed.id,
                "first_seen": article.first_seen,
                **rows.article_values(article),
            }
        )
        self._sight(match, seq, article.date)
        self._writes.retag(seq, article.date, (), tags)
        self._writes.log.append((article.id, "new"))

    def _renew(self, match: Match, seq: int, before: Article, *, own: bool) -> None:
        """Only the feed that brought an article changes it; any other adds its sighting."""
        merged = merge(before, match.article) if own else before
        after = replace(merged, sightings=self._carried(before.sightings, match))
        if is_revision(before, merged):
            self._updated += 1
            self._writes.revisions.append(rows.revision_values(seq, before, self._now))
        if merged != before:
            self._writes.updates.append({"of": seq, **rows.article_values(merged)})
        if merged.date != before.date:
            self._writes.moves.append({"of": seq, "date": merged.date})
        self._sight(match, seq, merged.date)
        if is_indexed_change(before, after):
            tags = unique_tags(self._tagger(after))
            self._writes.retag(seq, after.date, before.tags, tags)
            self._writes.log.append((after.id, "changed"))

    def _sighting(self, match: Match) -> Sighting:
        return replace(
            match.article.sightings[0], feed_url=self._feed.url, feed_title=self._feed.title
        )

    def _carried(self, before: Sequence[Sighting], match: Match) -> tuple[Sighting, ...]:
        sighting = self._sighting(match)
        key = (sighting.feed_url, sighting.guid)
        if not any((one.feed_url, one.guid) == key for one in before):
            return (*before, sighting)
        return tuple(sighting if (one.feed_url, one.guid) == key else one for one in before)

    def _sight(self, match: Match, seq: int | None, when: datetime) -> None:
        """Record the sighting; nothing is written for one that is as it was."""
        sighting, seen = match.article.sightings[0], match.seen
        values = {
            "entry": match.article.id,
            "article": seq,
            "fingerprint": sighting.fingerprint,
            "categories": sighting.categories,
        }
        if seen is None:
            added = {"feed": self._feed.id, "guid": sighting.guid, "first_seen": self._now}
            self._writes.sightings.append({**values, **added, "date": when})
        elif values != seen.values():
            self._writes.resightings.append({"of": seen.seq, "date": when, **values})

    def _save_feed(self) -> None:
        title = self._connection.execute(_TITLE, {"feed": self._feed.id}).scalar()
        subscribing.save_states(self._connection, [self._feed])
        if title != self._feed.title:
            values = {"of": self._feed.id, "title": self._feed.title}
            self._connection.execute(_UPDATE_TITLE, values)
            changes.log_feed(self._connection, self._feed.id)


def _seen(row: Row[Any]) -> Seen:
    categories = tuple(row.categories or ())
    return Seen(row.seq, row.guid, row.entry, row.article, row.fingerprint, categories)
