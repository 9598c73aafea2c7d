"""Which stored article an incoming one is: the rules of identity, pure, on what one save needs."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar

from aggregator.model import Article, article_id

MOVED_AT_LEAST = 3

K = TypeVar("K")
V = TypeVar("V")
Kind = Literal["new", "known", "expired"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A stored sighting of the feed being saved; `article` is None once the article has expired.

    `entry` is the id that the entry stood for when the feed last carried it.
    """

    seq: int
    guid: str
    entry: str
    article: int | None
    fingerprint: bytes | None = None
    categories: tuple[str, ...] = ()

    def values(self) -> dict[str, object]:
        """The columns that a new sighting of the entry may change."""
        return {
            "entry": self.entry,
            "article": self.article,
            "fingerprint": self.fingerprint,
            "categories": self.categories,
        }


@dataclass(frozen=True, slots=True)
class Said:
    """What tells a constant guid's next entry from an edit of its last one."""

    url: str | None
    title: str
    published: datetime | None

    def is_another(self, article: Article) -> bool:
        """Whether an incoming article has nothing of it: neither link nor title nor date."""
        pairs = (
            (self.url, article.url),
            (self.title, article.title),
            (self.published, article.published),
        )
        return all(old and new and old != new for old, new in pairs)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a batch: this feed's sightings, and the owner of each id in it.

    `ids` are those that stored articles bear; others may have an owner, but can still be given.
    `said` tells what a stored article says whose guid now comes with another id; `parted` are
    guids whose entries are not what they were once taken for.
    """

    seen: Sequence[Seen]
    owners: Mapping[str, int]
    ids: Collection[str]
    said: Mapping[int, Said]
    parted: Collection[str] = ()

    def articles(self) -> set[int]:
        """The stored articles that the batch may be about."""
        seen = {one.article for one in self.seen if one.article is not None}
        return seen.union(self.owners.values())


@dataclass(frozen=True, slots=True)
class Match:
    """What becomes of an incoming article, whose id is now final.

    `owner` is the stored article, None for a new one or an expired one; `seen` the sighting that
    is renewed, None where one is added; `drift` the one under which the feed had it before.
    """

    article: Article
    kind: Kind
    owner: int | None = None
    seen: Seen | None = None
    drift: Seen | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored article whose guid and link its publisher may have changed."""

    seen: Seen
    title: str
    published: datetime | None


def own_id(feed_url: str, guid: str) -> str:
    """The id of an entry whose link identifies nothing."""
    return article_id(f"{feed_url}\n{guid}")


def linked_id(feed_url: str, article: Article) -> str:
    """The id of an entry whose link identifies nothing and whose guid stood for another."""
    return own_id(feed_url, f"{guid_of(article)} {article.url or ''}")


def guid_of(article: Article) -> str:
    """The guid under which an incoming article comes."""
    return article.sightings[0].guid


class Matcher:
    """Matches one batch of one feed; `present` holds the fingerprints of the whole document."""

    def __init__(
        self,
        feed_url: str,
        articles: Iterable[Article],
        known: Known,
        present: Collection[bytes],
    ) -> None:
        self._feed_url = feed_url
        self._articles = list({(guid_of(a), a.id): a for a in reversed(list(articles))}.values())
        self._articles.reverse()
        self._owners = known.owners
        self._given_ids = known.ids
        self._said = known.said
        self._parted = known.parted
        self._present = present
        self._by_guid = _grouped((seen.guid, seen) for seen in known.seen)
        self._by_entry = _grouped((seen.entry, seen) for seen in known.seen)
        self._by_article = _grouped((seen.article, seen) for seen in known.seen)
        self._carried = Counter(map(guid_of, self._articles))
        self._taken_ids: set[str] = set()
        self._taken: set[int] = set()
        self._recognised: set[int] = set()

    def matches(self) -> list[Match]:
        """One match for each article of the batch, repeated entries left out; known guids first."""
        recognised = [(article, self._same_entry(article)) for article in self._articles]
        self._recognised = {seen.seq for _, seen in recognised if seen}
        by_guid = [self._renewed(article, seen) for article, seen in recognised if seen]
        by_link = [self._by_link(article) for article, seen in recognised if not seen]
        return [match for match in (*by_guid, *by_link) if match]

    def alive(self, seen: Seen, guid: str | None = None) -> bool:
        """Whether the document still carries the entry of a sighting, other than under `guid`."""
        carried = seen.guid != guid and seen.seq in self._recognised
        return carried or seen.fingerprint in self._present

    def is_parted(self, article: Article) -> bool:
        """Whether an incoming article is not to be recognised under another guid."""
        return guid_of(article) in self._parted

    def _same_entry(self, article: Article) -> Seen | None:
        """The sighting of the same entry; a guid that several entries share needs the link too."""
        sighting = article.sightings[0]
        seen = self._by_guid.get(sighting.guid, [])
        for one in seen:
            if one.entry == article.id:
                return one
        if len(seen) != 1 or self._carried[sighting.guid] > 1:
            return None
        said = self._said.get(seen[0].article or 0)
        another = said is not None and said.is_another(article)
        return None if another or self._still_there(seen[0], article) else seen[0]

    def _still_there(self, seen: Seen, article: Article) -> bool:
        """Whether the document carries the sighting's entry, unedited, beside the incoming one."""
        edited = seen.fingerprint != article.sightings[0].fingerprint
        return edited and seen.fingerprint in self._present

    def _renewed(self, article: Article, seen: Seen) -> Match | None:
        """The sighting's entry, edited; but not another copy of one that is still there."""
        if self._still_there(seen, article):
            return None
        owner = seen.article if seen.article is not None else self._owners.get(article.id)
        if owner in self._taken or self._is_anothers(owner, article, seen):
            return self._by_own_id(article, seen)
        return self._take(article, "expired" if owner is None else "known", owner, seen)

    def _is_anothers(self, owner: int | None, article: Article, seen: Seen) -> bool:
        """Whether an edited entry's article meanwhile stands for another, unedited one."""
        if owner is None or seen.fingerprint == article.sightings[0].fingerprint:
            return False
        others = (one for one in self._by_article.get(owner, []) if one.seq != seen.seq)
        return any(other.fingerprint in self._present for other in others)

    def _by_link(self, article: Article) -> Match | None:
        owner = self._owners.get(article.id)
        siblings = self._siblings(article.id, owner)
        shared = any(self.alive(seen, guid_of(article)) for seen in siblings)
        shared |= bool(siblings) and self.is_parted(article)
        if shared or owner in self._taken or article.id in self._taken_ids:
            return self._by_own_id(article)
        if owner is None:
            return self._take(article, "expired" if siblings else "new", None)
        before = max(siblings, key=lambda seen: seen.seq, default=None)
        return replace(self._take(article, "known", owner), drift=before)

    def _by_own_id(self, article: Article, seen: Seen | None = None) -> Match | None:
        """Another entry stands for this link: the guid has to tell them apart.

        `seen` is a sighting that was taken for the other entry until now.
        """
        guid = guid_of(article)
        own = replace(article, id=own_id(self._feed_url, guid))
        if own.id in self._taken_ids:
            return None
        before = [one for one in self._by_guid.get(guid, []) if one.entry == own.id]
        if before and seen not in before:
            return self._renewed(own, before[0])
        owner = self._owners.get(own.id)
        if owner in self._taken or (seen and owner == seen.article):
            return self._by_free_id(article, own.id, seen)
        return self._take(own, "new" if owner is None else "known", owner, seen)

    def _by_free_id(self, article: Article, id: str, seen: Seen | None) -> Match | None:
        """Another entry has taken the article of this one's own id: a new one, if an id is left."""
        for free in (id, linked_id(self._feed_url, article)):
            if free not in self._given_ids and free not in self._taken_ids:
                return self._take(replace(article, id=free), "new", None, seen)
        return None

    def _take(
        self, article: Article, kind: Kind, owner: int | None, seen: Seen | None = None
    ) -> Match:
        self._taken_ids.add(article.id)
        if owner is not None:
            self._taken.add(owner)
        return Match(article, kind, owner, seen)

    def _siblings(self, id: str, owner: int | None) -> list[Seen]:
        """This feed's sightings of the article that `id` stands for, expired ones included."""
        return self._by_entry.get(id, []) if owner is None else self._by_article.get(owner, [])


def may_have_moved(matches: Sequence[Match]) -> bool:
    """Whether so many entries are new that the publisher may have changed all guids and links."""
    new = sum(match.kind == "new" for match in matches)
    return new >= MOVED_AT_LEAST and 2 * new >= len(matches)


def follow_moves(
    matches: Sequence[Match], candidates: Sequence[Candidate], matcher: Matcher
) -> list[Match]:
    """Recognise a mass change of guids and links by title and publication date.

    Believed only when it explains at least three entries and half of the batch; a title and date
    that stand for several articles explain none.
    """
    here = {c.seen.article for c in candidates if matcher.alive(c.seen)}
    left = {c.seen.article: c for c in candidates if c.seen.article not in here}
    gone = _unambiguous(((c.title, c.published), c.seen) for c in left.values())
    arrived = _unambiguous(
        ((match.article.title, match.article.published), match)
        for match in matches
        if match.kind == "new" and match.article.title and match.article.published
        if not matcher.is_parted(match.article)
    )
    moved = {match.article.id: gone[key] for key, match in arrived.items() if key in gone}
    if len(moved) < MOVED_AT_LEAST or 2 * len(moved) < len(matches):
        return list(matches)
    return [_moved(match, moved.get(match.article.id)) for match in matches]


def _moved(match: Match, seen: Seen | None) -> Match:
    if seen is None:
        return match
    return replace(match, kind="known", owner=seen.article, drift=seen)


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _unambiguous(pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    return {key: values[0] for key, values in _grouped(pairs).items() if len(values) == 1}
