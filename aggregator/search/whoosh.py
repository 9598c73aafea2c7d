"""The default engine: whoosh, pure Python, a directory of segments with one writer."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from whoosh import index as whoosh_index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import SegmentReader

from aggregator.query import Query, Record
from aggregator.search import seals
from aggregator.search.documents import document
from aggregator.search.fields import schema
from aggregator.search.meaning import Meaning
from aggregator.search.results import Results, Sort
from aggregator.search.segments import Documents, Segment, segment_name
from aggregator.search.words import Lexicon

WRITER_MEMORY_MB = 128
SMALL_SEGMENT, MANY_SEGMENTS = 2_000, 12
"""Segments of fewer articles than the first are joined when there are more than the second."""
ATTEMPTS = 5
"""How often a reader tries to open files that commits keep taking away."""

Found = Sequence[tuple[Meaning, Documents]]
Key = tuple[float, int]
"""What results are ordered by before their ids: score and moment."""


class _Codec(W3Codec):  # type: ignore[misc]  # whoosh has no types
    """Whoosh's own, but for lengths of texts: ours are columns, where it would look for files."""

    length_stats = False


class WhooshEngine:
    """Articles as whoosh documents. One thread searches at a time; one process writes.

    Every method raises DamageError when files are missing or are not what was written, and
    SearchError when they cannot be used.
    """

    def __init__(
        self, index: whoosh_index.FileIndex, directory: Path, trusted: seals.Trusted
    ) -> None:
        self._index = index
        self._directory = directory
        self._lock = Lock()
        self._reader: Any = None
        self._segments: list[Segment] = []
        self._trusted = trusted

    @classmethod
    def create(cls, directory: Path) -> "WhooshEngine":
        """An empty index in a new directory."""
        directory.mkdir(parents=True, mode=0o700)
        engine = cls(whoosh_index.create_in(directory, schema()), directory, {})
        engine.apply([])
        return engine

    @classmethod
    def open(cls, directory: Path) -> "WhooshEngine":
        """The index of a directory, after a check that leaves the postings unread."""
        trusted: seals.Trusted = {}
        with seals.failures_told():
            seals.check(directory, trusted, thorough=False)
            return cls(whoosh_index.open_dir(directory), directory, trusted)

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            self._forget()
        self._index.close()

    def apply(self, records: Iterable[Record], *, stale: Iterable[str] = ()) -> None:
        """Delete the articles `stale` and add `records`, in one commit."""
        with seals.failures_told():
            writer = seals.SealingWriter(
                self._index, limitmb=WRITER_MEMORY_MB, compound=False, codec=_Codec()
            )
            try:
                for gone in stale:
                    writer.delete_by_term("id", gone)
                for record in records:
                    writer.add_document(**document(record))
                writer.commit(mergetype=_join_small_segments)
            except BaseException:
                if not writer.is_closed:
                    writer.cancel()
                raise
        with self._lock:
            self._forget()

    def check(self) -> None:
        """Read every file that has changed since it was last read here, for damage."""
        with seals.failures_told():
            seals.check(self._directory, self._trusted, thorough=True)

    def count(self) -> int:
        """How many articles the index holds."""
        with seals.failures_told():
            return int(self._index.doc_count())

    def search(self, query: Query, *, sort: Sort, limit: int, offset: int) -> Results:
        """A page of the articles that match, the best or the newest first, then by id."""
        with self._searching() as meanings:
            found = [(meaning, meaning.of(query)) for meaning in meanings]
            ranks = _ranks(found, query if sort == "relevance" else None)
            page = _best(found, ranks, offset + limit)[offset:]
        return Results(
            tuple(name for _, name in page),
            tuple(score for (score, _), _ in page),
            sum(len(documents) for _, documents in found),
        )

    def ids(self, query: Query) -> set[str]:
        """The ids of all articles that match."""
        with self._searching() as meanings:
            return set().union(*(each.segment.ids(each.of(query)) for each in meanings))

    @contextmanager
    def _searching(self) -> Iterator[list[Meaning]]:
        with self._lock, seals.failures_told():
            if self._reader is None:
                self._read()
            lexicon = Lexicon(self._segments)
            yield [Meaning(segment, lexicon) for segment in self._segments]

    def _read(self) -> None:
        """Open all files of the newest commit, again when another one took some away meanwhile."""
        for attempts_left in reversed(range(ATTEMPTS)):
            reader = self._index.reader()
            try:
                self._segments = _segments(reader, self._segments)
            except FileNotFoundError:
                reader.close()
                if not attempts_left:
                    raise
            else:
                self._reader = reader
                return

    def _forget(self) -> None:
        """Close the reader; the segments are kept for the numbers that they have read."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _segments(reader: Any, before: Sequence[Segment]) -> list[Segment]:
    known = {segment.name: segment for segment in before}
    leaves = [each for each, _ in reader.leaf_readers() if each.doc_count_all()]
    return [Segment(each, known.get(segment_name(each))) for each in leaves]


def _ranks(found: Found, scored: Query | None) -> list[tuple[Key, int, int]]:
    """What every document is ordered by, with the number of its segment and its own."""
    ranks: list[tuple[Key, int, int]] = []
    for number, (meaning, documents) in enumerate(found):
        moments = meaning.segment.numbers("moment")
        scores = meaning.scores(scored, documents) if scored is not None else {}
        ranks += (
            ((round(scores.get(each, 0.0), 4), moments[each]), number, each) for each in documents
        )
    return ranks


def _best(found: Found, ranks: Sequence[tuple[Key, int, int]], count: int) -> list[tuple[Key, str]]:
    """The first `count` by key and id, with their ids; ids are read only where they decide."""
    top = heapq.nlargest(count, (key for key, _, _ in ranks))
    if not top:
        return []
    close = [rank for rank in ranks if rank[0] >= top[-1]]
    named = [(key, next(found[number][0].segment.ids({each}))) for key, number, each in close]
    return sorted(named, reverse=True)[:count]


def _join_small_segments(writer: Any, segments: Sequence[Any]) -> list[Any]:
    """A merge policy: large segments stay, small ones become one when they are many."""
    small = [segment for segment in segments if segment.doc_count_all() < SMALL_SEGMENT]
    if len(small) <= MANY_SEGMENTS:
        return list(segments)
    for segment in small:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in small]
