"""The default engine: whoosh, pure Python, a directory of segments with one writer."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from whoosh import index as whoosh_index
from whoosh import scoring
from whoosh.reading import SegmentReader
from whoosh.searching import Searcher

from aggregator.errors import AggregatorError, SearchError
from aggregator.query import Query, Record
from aggregator.search.fields import schema
from aggregator.search.reading import label, quarter, whoosh_query
from aggregator.search.results import Results, Sort

WRITER_MEMORY_MB = 128
SMALL_SEGMENT, MANY_SEGMENTS = 2_000, 12
"""Segments of fewer articles than the first are joined when there are more than the second."""


class WhooshEngine:
    """Articles as whoosh documents. One thread searches at a time; one process writes."""

    def __init__(self, index: whoosh_index.FileIndex) -> None:
        self._index = index
        self._lock = Lock()
        self._searcher: Searcher | None = None

    @classmethod
    def create(cls, directory: Path) -> "WhooshEngine":
        """An empty index in a new directory."""
        directory.mkdir(parents=True, mode=0o700)
        return cls(whoosh_index.create_in(directory, schema()))

    @classmethod
    def open(cls, directory: Path) -> "WhooshEngine":
        """The index of a directory; raises SearchError when it cannot be read."""
        with _damage_told():
            return cls(whoosh_index.open_dir(directory))

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            if self._searcher is not None:
                self._searcher.close()
                self._searcher = None
        self._index.close()

    def apply(self, records: Iterable[Record], *, stale: Iterable[str] = ()) -> None:
        """Delete the articles `stale` and add `records`, in one commit."""
        with _damage_told():
            writer = self._index.writer(limitmb=WRITER_MEMORY_MB, compound=False)
            try:
                for gone in stale:
                    writer.delete_by_term("id", gone)
                for record in records:
                    writer.add_document(**_document(record))
            except BaseException:
                writer.cancel()
                raise
            writer.commit(mergetype=_join_small_segments)
        self._refresh()

    def count(self) -> int:
        """How many articles the index holds."""
        with _damage_told():
            return int(self._index.doc_count())

    def search(self, query: Query, *, sort: Sort, limit: int, offset: int) -> Results:
        """A page of the articles that match."""
        with self._searching() as searcher:
            if sort == "newest":
                return _newest(searcher, query, limit, offset)
            return _most_relevant(searcher, query, limit, offset)

    def ids(self, query: Query) -> set[str]:
        """The ids of all articles that match."""
        with self._searching() as searcher:
            id_of = _ids(searcher)
            return {id_of(number) for number in _matching(searcher, query)}

    @contextmanager
    def _searching(self) -> Iterator[Searcher]:
        with self._lock, _damage_told():
            if self._searcher is None:
                self._searcher = self._index.searcher(weighting=scoring.BM25F())
            yield self._searcher

    def _refresh(self) -> None:
        with self._lock:
            if self._searcher is not None:
                self._searcher = self._searcher.refresh()


def _document(record: Record) -> dict[str, Any]:
    labels = [
        *(label("tag", tag) for tag in record.tags),
        *(label("language", language) for language in record.languages),
        *(label("site", site) for site in record.sites),
        *(label("feed", feed) for feed in record.feeds),
        *(label("has", what) for what in record.has),
    ]
    if record.story:
        labels.append(label("story", record.story))
    if record.starred:
        labels.append(label("is", "starred"))
    return {
        "id": record.id,
        "title": record.title,
        "body": record.body,
        "author": record.author,
        "feed": record.feed,
        "label": labels,
        "quarter": quarter(record.date),
        "words": record.words,
        "moment": int(record.date.timestamp()),
    }


def _matching(searcher: Searcher, query: Query) -> Iterator[int]:
    numbers: Iterator[int] = searcher.docs_for_query(whoosh_query(query, searcher.reader()))
    return numbers


def _ids(searcher: Searcher) -> Any:
    column = searcher.reader().column_reader("id")
    return lambda number: column[number]


def _newest(searcher: Searcher, query: Query, limit: int, offset: int) -> Results:
    moments = searcher.reader().column_reader("moment")
    id_of = _ids(searcher)
    dated = [(moments[number], id_of(number)) for number in _matching(searcher, query)]
    page = heapq.nlargest(offset + limit, dated)[offset:]
    return Results(tuple(each for _, each in page), (0.0,) * len(page), len(dated))


def _most_relevant(searcher: Searcher, query: Query, limit: int, offset: int) -> Results:
    found = searcher.search(whoosh_query(query, searcher.reader()), limit=offset + limit)
    id_of = _ids(searcher)
    page = found.top_n[offset:]
    return Results(
        tuple(id_of(number) for _, number in page),
        tuple(round(float(score), 4) for score, _ in page),
        sum(1 for _ in _matching(searcher, query)),
    )


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


@contextmanager
def _damage_told() -> Iterator[None]:
    """Damaged files raise almost anything; here it becomes SearchError."""
    try:
        yield
    except AggregatorError:
        raise
    except Exception as error:
        raise SearchError(f"the search index cannot be read: {error!r}") from error
