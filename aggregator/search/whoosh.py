"""The default engine: a whoosh index, a directory of segments with one writer."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from math import inf
from pathlib import Path
from threading import Lock
from time import thread_time
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from whoosh import fields
from whoosh import index as whoosh_index

from aggregator.query import Query, Record
from aggregator.search import commits, seals
from aggregator.search.arrays import Array
from aggregator.search.documents import facet_prefixes
from aggregator.search.facets import leading, months
from aggregator.search.likeness import traits
from aggregator.search.meaning import Meaning
from aggregator.search.results import Counts, Facet, Results, Sort
from aggregator.search.segments import Documents, Segment
from aggregator.search.words import Lexicon

MANY_SEGMENTS = 10
"""So many segments of about one size are joined."""
LARGEST_JOIN = 8_000
"""Articles that are joined at most: joining them must not hold up the next articles for long."""
FILLED_BATCH = 8_000
"""Articles a commit while an empty index is filled."""
PATIENCE = 1.0
"""Seconds of processor time after which a search gives what it has found so far."""
LATE = "this took too long: only a part of the archive was looked at; narrow the query"
ATTEMPTS = 5
"""How often a reader tries to open files that commits keep taking away."""

Key = tuple[float, int]
"""What results are ordered by before their ids: score and moment."""


class WhooshEngine:
    """Articles in a whoosh index, an `Engine`; one thread searches at a time."""

    def __init__(
        self,
        index: whoosh_index.FileIndex,
        directory: Path,
        trusted: seals.Trusted,
        patience: float = PATIENCE,
    ) -> None:
        self._index = index
        self._directory = directory
        self._lock = Lock()
        self._segments: dict[str, Segment] | None = None
        self._trusted = trusted
        self._patience = patience

    @classmethod
    def create(cls, directory: Path) -> "WhooshEngine":
        """An empty index in a new directory."""
        directory.mkdir(parents=True, mode=0o700)
        schema = fields.Schema(id=fields.ID(unique=True))
        engine = cls(whoosh_index.create_in(directory, schema), directory, {})
        engine.apply([])
        return engine

    @classmethod
    def open(cls, directory: Path, *, patience: float = PATIENCE) -> "WhooshEngine":
        """The index of a directory, after a check that leaves the postings unread.

        A search that takes more processor time than `patience` seconds gives what it has so far.
        """
        trusted: seals.Trusted = {}
        with seals.failures_told():
            seals.check(directory, trusted, thorough=False)
            return cls(whoosh_index.open_dir(directory), directory, trusted, patience)

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            self._segments = None
        self._index.close()

    def apply(self, records: Iterable[Record], *, stale: Iterable[str] = ()) -> None:
        """Delete the articles `stale` and add `records`, in one commit."""
        with seals.failures_told():
            commits.commit(self._index, records, stale, _worth_joining)
        with self._lock:
            if self._segments is not None:
                with seals.failures_told():
                    self._segments = self._read(self._segments)

    def fill(self, records: Iterable[Record]) -> None:
        """Add records to an empty index, in commits that bound the memory."""
        waiting = iter(records)
        for first in waiting:
            self.apply(chain([first], islice(waiting, FILLED_BATCH - 1)))

    def check(self) -> None:
        """Read every file that has changed since it was last read here, for damage."""
        with seals.failures_told():
            seals.check(self._directory, self._trusted, thorough=True)

    def count(self) -> int:
        """How many articles the index holds."""
        with seals.failures_told():
            return sum(each.doc_count() for each in self._index._segments())

    def search(self, query: Query, *, sort: Sort, limit: int, offset: int) -> Results:
        """A page of the articles that match, the best or the newest first, then by id."""
        with self._searching(thread_time() + self._patience) as meanings:
            ranked, warning = _in_time(meanings, query, scored=sort == "relevance")
            page = _best(ranked, offset + limit)[offset:]
        total = sum(len(each.documents) for each in ranked)
        return Results(
            tuple(name for _, name in page),
            tuple(score for (score, _), _ in page),
            total,
            warning,
        )

    def ids(self, query: Query) -> set[str]:
        """The ids of all articles that match."""
        with self._searching() as meanings:
            found = ((each.segment, np.flatnonzero(each.of(query))) for each in meanings)
            return set().union(*(segment.ids(documents) for segment, documents in found))

    def facets(
        self, query: Query, names: Sequence[Facet], limit: int, *, timezone: ZoneInfo
    ) -> dict[Facet, Counts]:
        """For each of `names` the commonest values among the articles that match."""
        with self._searching() as meanings:
            found = [(each.segment, each.of(query)) for each in meanings]
            return {name: leading(_counted(found, name, timezone), limit) for name in names}

    def related(self, record: Record, limit: int) -> list[tuple[str, float]]:
        """The articles most like one, without itself, with likeness from 0 to 1."""
        with self._searching() as meanings:
            if not meanings:
                return []
            lexicon = meanings[0].lexicon
            alike = traits(record, lexicon.articles(), lexicon.spread)
            likeness = [(each.segment, each.likeness(alike)) for each in meanings]
            own = max(_take_out(record.id, likeness), default=0.0)
            if not own:
                return []
            ranked = [
                _ranked(segment, segment.alive & (here > 0), here / own)
                for segment, here in likeness
            ]
            return [(name, min(score, 1.0)) for (score, _), name in _best(ranked, limit)]

    @contextmanager
    def _searching(self, until: float = inf) -> Iterator[list[Meaning]]:
        with self._lock, seals.failures_told():
            if self._segments is None:
                self._segments = self._read({})
            for segment in self._segments.values():
                segment.check()
            lexicon = Lexicon(list(self._segments.values()))
            yield [Meaning(segment, lexicon, until) for segment in self._segments.values()]

    def _read(self, known: dict[str, Segment]) -> dict[str, Segment]:
        """Open the newest commit, again when another one took files away meanwhile."""
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                stored = self._index._segments()
                return {each.segment_id(): self._segment(each, known) for each in stored}
            except FileNotFoundError:
                if not attempts_left:
                    raise
        raise AssertionError

    def _segment(self, stored: commits.Stored, known: dict[str, Segment]) -> Segment:
        segment = known.get(stored.segment_id())
        if segment is None:
            return commits.opened(self._directory, stored)
        dead = segment.size - int(np.count_nonzero(segment.alive))
        return segment if dead == stored.deleted_count() else segment.without(stored.deleted)


class _Ranked(NamedTuple):
    """Documents of a segment with what they are ordered by."""

    segment: Segment
    documents: Array
    scores: Array
    moments: Array


def _in_time(
    meanings: Sequence[Meaning], query: Query, *, scored: bool
) -> tuple[list[_Ranked], str | None]:
    """What matches in each segment, those with the newest articles first, while there is time."""
    ranked: list[_Ranked] = []
    for each in sorted(meanings, key=_newest, reverse=True):
        try:
            found = each.of(query)
            scores = each.scores(query, found) if scored else None
        except TimeoutError:
            return ranked, LATE
        ranked.append(_ranked(each.segment, found, scores))
    return ranked, None


def _newest(meaning: Meaning) -> int:
    return int(meaning.segment.columns["moment"].max(initial=0))


def _ranked(segment: Segment, wanted: Documents, scores: Array | None) -> _Ranked:
    """The wanted documents, with 0 where there are no scores."""
    documents = np.flatnonzero(wanted)
    chosen = np.zeros(len(documents)) if scores is None else np.round(scores[documents], 4)
    return _Ranked(segment, documents, chosen, segment.columns["moment"][documents])


def _best(ranked: Sequence[_Ranked], count: int) -> list[tuple[Key, str]]:
    """The first `count` by key and id, with their ids; ids are read only where they decide."""
    if not ranked or not count:
        return []
    where = np.repeat(np.arange(len(ranked)), [len(each.documents) for each in ranked])
    documents, scores, moments = (
        np.concatenate(each) for each in list(zip(*ranked, strict=True))[1:]
    )
    named = [
        (
            (float(scores[each]), int(moments[each])),
            next(ranked[where[each]].segment.ids([documents[each]])),
        )
        for each in _close(scores, moments, count)
    ]
    return sorted(named, reverse=True)[:count]


def _take_out(id: str, likeness: Sequence[tuple[Segment, Array]]) -> Iterator[float]:
    """How like an article is to itself; it is like nothing thereafter."""
    for segment, here in likeness:
        for document in segment.numbered([id]):
            if segment.alive[document]:
                yield float(here[document])
            here[document] = 0


def _counted(
    found: Sequence[tuple[Segment, Documents]], name: Facet, timezone: ZoneInfo
) -> Mapping[str, int]:
    """The values of a facet with how many of the documents have each."""
    if name == "month":
        instants = [segment.columns["moment"][documents] for segment, documents in found]
        return months(np.concatenate(instants), timezone) if instants else {}
    counts: Counter[str] = Counter()
    for prefix in facet_prefixes(name):
        for segment, documents in found:
            for value, number in segment.spread(prefix, documents):
                counts[value] += number
    return counts


def _close(scores: Array, moments: Array, count: int) -> Array:
    """Where the first `count` by score and moment are, and all that equal the last of them."""
    above, level = _split(scores, count)
    if len(level) > count - len(above):
        higher, equal = _split(moments[level], count - len(above))
        level = level[np.concatenate((higher, equal))]
    return np.concatenate((above, level))


def _split(numbers: Array, count: int) -> tuple[Array, Array]:
    """Where the numbers above the `count` largest one are, and where those that equal it."""
    if len(numbers) <= count:
        return np.arange(len(numbers)), np.arange(0)
    edge = np.partition(numbers, len(numbers) - count)[len(numbers) - count]
    return np.flatnonzero(numbers > edge), np.flatnonzero(numbers == edge)


def _worth_joining(stored: Sequence[commits.Stored]) -> list[commits.Stored]:
    """The smallest of too many segments of about one size, or one that is half deleted."""
    by_size = sorted(stored, key=lambda each: int(each.doc_count()))
    for size in sorted({_size(each) for each in stored}):
        alike = [each for each in by_size if _size(each) == size]
        if len(alike) >= MANY_SEGMENTS and len(chosen := _fitting(alike)) > 1:
            return chosen
    return next(([each] for each in stored if each.deleted_count() * 2 > each.count), [])


def _size(stored: commits.Stored) -> int:
    """A number for sizes of about one kind: 4 to 31, 32 to 255, 256 to 2047 …"""
    return int(stored.doc_count()).bit_length() // 3


def _fitting(stored: Sequence[commits.Stored]) -> list[commits.Stored]:
    sizes = np.cumsum([each.doc_count() for each in stored])
    return list(stored[: int(np.searchsorted(sizes, LARGEST_JOIN, side="right"))])
