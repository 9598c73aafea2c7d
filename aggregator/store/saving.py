"""Saving what one poll brought: articles, sightings, tags, change log and the feed, as one."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from sqlalchemy import Connection, bindparam, case, func, select, update

from aggregator.errors import StoreError
from aggregator.model import Article, Feed, Sighting
from aggregator.store import changes, drifting, polling, reading, recall, rows
from aggregator.store.database import driver
from aggregator.store.matching import Known, Match, Matcher, follow_moves, guid_of, may_have_moved
from aggregator.store.merging import adopt, is_at_home, is_indexed_change, lend, merge
from aggregator.store.schema import among, articles, feeds, sightings
from aggregator.store.writing import Tagger, Writes, unique_tags

_carrier = feeds.alias()
_HEIR = (
    select(sightings.c.feed)
    .join(_carrier, _carrier.c.id == sightings.c.feed)
    .where(sightings.c.article == articles.c.seq, _carrier.c.active)
    .order_by(sightings.c.seq)
    .limit(1)
    .correlate(articles)
    .scalar_subquery()
)
_EDITORS = (
    select(
        articles.c.seq, articles.c.origin, feeds.c.url, case((~feeds.c.active, _HEIR)).label("heir")
    )
    .join(feeds, feeds.c.id == articles.c.origin)
    .where(among(articles.c.seq, "seqs"))
)
_TITLES = select(feeds.c.id, feeds.c.title).where(among(feeds.c.id, "feeds"))
_LAST = select(func.max(articles.c.seq))
_FORGET = "UPDATE sightings SET fingerprint = NULL WHERE feed = ? AND fingerprint = ?"
_UPDATE_TITLE = update(feeds).where(feeds.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one poll brought: the feed's new state and the articles that are new to the poller.

    Each article has exactly one sighting and no tags; `present` holds the fingerprints of every
    entry in the document, known ones included.
    """

    feed: Feed
    articles: Sequence[Article]
    present: Collection[bytes]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: every incoming article is new, updated (a revision was kept) or unchanged.

    `drifted` counts those that this feed had brought before under another guid.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    drifted: int = 0


def save(
    connection: Connection, deliveries: Sequence[Delivery], *, now: datetime, tagger: Tagger
) -> list[Saved]:
    """Save what several polls brought, in their order; the states of their feeds last.

    What one brings is written together with what others bring, but before another one is matched
    with what is stored if that is about the same feed or article.
    """
    saving = _Saving(connection, now, tagger, _titles(connection, deliveries))
    saved = [_Save(saving, one).run() for one in deliveries]
    saving.writes.execute(connection)
    states = [
        replace(one.feed, last_new=now) if what.new else one.feed
        for one, what in zip(deliveries, saved, strict=True)
    ]
    _forget(driver(connection), deliveries)
    polling.save_states(driver(connection), states)
    return saved


def _forget(connection: sqlite3.Connection, deliveries: Sequence[Delivery]) -> None:
    """Fingerprints stand for the entries of a feed's last document only, and so stay few."""
    stored = polling.known_of(connection, [one.feed.id for one in deliveries])
    gone = [
        (one.feed.id, fingerprint)
        for one in deliveries
        for fingerprint in stored[one.feed.id].difference(one.present, _carried(one))
    ]
    connection.executemany(_FORGET, gone)


def _carried(delivery: Delivery) -> set[bytes | None]:
    return {article.sightings[0].fingerprint for article in delivery.articles}


def _titles(connection: Connection, deliveries: Sequence[Delivery]) -> dict[int, str | None]:
    """The titles of the feeds until now; StoreError for a feed that is not there."""
    wanted = json.dumps([one.feed.id for one in deliveries])
    titles = {row.id: row.title for row in connection.execute(_TITLES, {"feeds": wanted})}
    for one in deliveries:
        if one.feed.id not in titles:
            raise StoreError(f"{one.feed.url} is not in the store")
    return titles


class _Saving:
    """What the saves of one transaction share: `numbers` are those of new articles."""

    def __init__(
        self,
        connection: Connection,
        now: datetime,
        tagger: Tagger,
        titles: dict[int, str | None],
    ) -> None:
        self.connection = connection
        self.now = now
        self.tagger = tagger
        self.titles = titles
        self.writes = Writes()
        self.numbers = count((connection.execute(_LAST).scalar() or 0) + 1)

    def settle(self) -> None:
        """Write what is to be written, so that it is read."""
        self.writes.execute(self.connection)


class _Save:
    """One save of one feed."""

    def __init__(self, saving: _Saving, delivery: Delivery) -> None:
        self._saving = saving
        self._connection = saving.connection
        self._feed = delivery.feed
        self._incoming = delivery.articles
        self._present = delivery.present
        self._now = saving.now
        self._tagger = saving.tagger
        self._writes = saving.writes
        self._parted: Mapping[int, Collection[str]] = {}
        self._new = self._updated = 0

    def run(self) -> Saved:
        """Match, merge and gather all but the feed's new state, which `save` writes."""
        incoming = self._incoming
        if self._writes.are_about(feed=self._feed.id, ids=[article.id for article in incoming]):
            self._saving.settle()
        if self._saving.titles[self._feed.id] != self._feed.title:
            self._rename()
        matches = self._matches(incoming) if incoming else []
        self._apply(matches)
        self._writes.feeds.add(self._feed.id)
        self._writes.ids.update(match.article.id for match in matches)
        return Saved(
            new=self._new,
            updated=self._updated,
            unchanged=len(incoming) - self._new - self._updated,
            drifted=sum(match.drift is not None for match in matches),
        )

    def _matches(self, incoming: Sequence[Article]) -> list[Match]:
        known = self._known(incoming)
        if self._writes.are_about(seqs=known.articles()):
            self._saving.settle()
            known = self._known(incoming)
        matches = self._matched(incoming, known)
        if not any(match.drift for match in matches):
            return matches
        parted = drifting.parted(self._connection, self._feed.id)
        return self._matched(incoming, replace(known, parted=parted)) if parted else matches

    def _known(self, incoming: Sequence[Article]) -> Known:
        return recall.known(driver(self._connection), self._feed.id, self._feed.url, incoming)

    def _matched(self, incoming: Sequence[Article], known: Known) -> list[Match]:
        matcher = Matcher(self._feed.url, incoming, known, self._present)
        matches = matcher.matches()
        if not may_have_moved(matches):
            return matches
        if self._writes.seqs:  # a candidate may be among them
            self._saving.settle()
        dates = {match.article.date for match in matches}
        candidates = recall.candidates(driver(self._connection), self._feed.id, dates)
        return follow_moves(matches, candidates, matcher)

    def _apply(self, matches: Sequence[Match]) -> None:
        owners = {match.owner for match in matches if match.owner is not None}
        self._parted = _parted(matches)
        touched = owners.union(self._parted)
        self._writes.seqs.update(touched)
        stored = reading.by_seqs(driver(self._connection), touched) if touched else {}
        claims = self._claims(owners) if owners else {}
        for match in matches:
            if match.owner is not None:
                self._renew(match, match.owner, stored[match.owner], claims[match.owner])
            elif match.kind == "expired":
                self._sight(match, None, match.article.date)
            else:
                self._new += 1
                self._add(match, next(self._saving.numbers))
        for seq in self._parted.keys() - owners:
            before = stored[seq]
            self._retag(seq, before, replace(before, sightings=self._remaining(seq, before)))

    def _claims(self, owners: Collection[int]) -> dict[int, "_Claim"]:
        """Whose these articles are: this feed's are those that it brought or has inherited."""
        found = self._connection.execute(_EDITORS, {"seqs": json.dumps(list(owners))})
        return {
            row.seq: _Claim(row.url, is_own=self._feed.id in (row.origin, row.heir))
            for row in found
        }

    def _add(self, match: Match, seq: int) -> None:
        article, sightings = match.article, (self._sighting(match),)
        if article.sightings != sightings:
            article = replace(article, sightings=sightings)
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

    def _renew(self, match: Match, seq: int, before: Article, claim: "_Claim") -> None:
        """Write what an article's other version changes, and that this feed carries it."""
        origin = claim.origin
        if self._comes_home(match, before, claim):
            merged, origin = adopt(before, match.article), self._feed.url
            self._writes.adoptions.append({"of": seq, "origin": self._feed.id})
        elif claim.is_own:
            merged = merge(before, match.article)
        else:
            merged = lend(before, match.article)
        carried = self._carried(self._remaining(seq, before), match)
        after = replace(merged, sightings=_origin_first(carried, origin))
        if merged.revisions != before.revisions:
            self._updated += 1
            self._writes.revisions.append(rows.revision_values(seq, before, self._now))
        if merged != before:
            self._writes.updates.append({"of": seq, **rows.article_values(merged)})
        if match.drift:
            guids = (match.drift.guid, guid_of(match.article))
            self._writes.drifts.append(
                drifting.values(self._feed.id, seq, self._now, guids, before, merged)
            )
        self._writes.redate(seq, self._now, before.date, merged.date)
        self._sight(match, seq, merged.date)
        if is_indexed_change(before, after):
            self._retag(seq, before, after)

    def _comes_home(self, match: Match, before: Article, claim: "_Claim") -> bool:
        """Whether the article is of this feed's own site, and was brought by a feed that is not."""
        here = self._feed.url
        if claim.origin == here or not all(
            is_at_home(one, here) for one in (before, match.article)
        ):
            return False
        return not is_at_home(before, claim.origin)

    def _retag(self, seq: int, before: Article, after: Article) -> None:
        tags = unique_tags(self._tagger(after))
        self._writes.retag(seq, after.date, before.tags, tags)
        self._writes.log.append((after.id, "changed"))

    def _remaining(self, seq: int, article: Article) -> tuple[Sighting, ...]:
        """The sightings of a stored article without those that turned out to be of another."""
        parted = self._parted.get(seq)
        if not parted:
            return article.sightings
        here = self._feed.url
        return tuple(
            one for one in article.sightings if one.feed_url != here or one.guid not in parted
        )

    def _sighting(self, match: Match) -> Sighting:
        came = match.article.sightings[0]
        return Sighting(
            self._feed.url, self._feed.title, came.guid, came.categories, came.fingerprint
        )

    def _carried(self, before: Sequence[Sighting], match: Match) -> tuple[Sighting, ...]:
        sighting = self._sighting(match)
        key = (sighting.feed_url, sighting.guid)
        if not any((one.feed_url, one.guid) == key for one in before):
            return (*before, sighting)
        return tuple(sighting if (one.feed_url, one.guid) == key else one for one in before)

    def _sight(self, match: Match, seq: int | None, when: datetime) -> None:
        """Record the sighting; nothing is written for one that is as it was.

        A tombstone whose article another feed has brought back makes way for a new sighting: the
        first sighting of an article is that of the feed that brought it.
        """
        sighting, seen = match.article.sightings[0], match.seen
        values = {
            "entry": match.article.id,
            "article": seq,
            "fingerprint": sighting.fingerprint,
            "categories": sighting.categories,
        }
        returned = seen and seen.article is None and seq is not None
        if seen and returned:
            self._writes.unsightings.append({"of": seen.seq})
        if seen is None or returned:
            added = {"feed": self._feed.id, "guid": sighting.guid, "first_seen": self._now}
            self._writes.sightings.append({**values, **added, "date": when})
        elif values != seen.values():
            self._writes.resightings.append({"of": seen.seq, "date": when, **values})

    def _rename(self) -> None:
        """The title of a feed is searched with every article that it carries already."""
        values = {"of": self._feed.id, "title": self._feed.title}
        self._connection.execute(_UPDATE_TITLE, values)
        self._saving.titles[self._feed.id] = self._feed.title
        changes.log_feed(self._connection, self._feed.id)


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whose a stored article is: the URL of the feed that brought it, whether this one edits it."""

    origin: str
    is_own: bool


def _origin_first(sightings: Iterable[Sighting], origin: str) -> tuple[Sighting, ...]:
    return tuple(sorted(sightings, key=lambda one: one.feed_url != origin))


def _parted(matches: Sequence[Match]) -> Mapping[int, Collection[str]]:
    """For each stored article the guids of its sightings that become those of another one."""
    parted: dict[int, set[str]] = defaultdict(set)
    for match in matches:
        if match.seen and match.seen.article not in (None, match.owner):
            parted[match.seen.article].add(match.seen.guid)
    return parted
