"""The engine for large archives: tantivy, a compiled library that is installed as an extra."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from heapq import nlargest
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple, cast
from zoneinfo import ZoneInfo

import tantivy

from aggregator.errors import DamageError, SearchError
from aggregator.query import Query, Record
from aggregator.search import files, footers
from aggregator.search.forms import (
    LEXICON,
    Forms,
    document,
    entry,
    lexicon,
    of,
    original,
    plain,
    schema,
)
from aggregator.search.likeness import traits
from aggregator.search.ranking import freshness, positive
from aggregator.search.results import Counts, Facet, Results, Sort
from aggregator.search.translation import Translation

WRITER_MEMORY: Final = 128_000_000
MARGIN: Final = 20
"""Hits that are asked for beyond a page: the next ones may be as good as its last."""
FRESH: Final = 20_000
"""Forms that are entered into the lexicon together, about."""
AGED: Final = 180
"""Hits that are asked for beyond a page whose ages may put them on it."""
REACH: Final = 10_000
"""So many articles at least, those that fit best by their words, are ordered by age as well."""
_ATTEMPTS: Final = 5
_SYSTEM_ERROR: Final = re.compile(r"os error (\d+)")

Hit = tuple[float, tantivy.DocAddress]


class _Opened(NamedTuple):
    """A commit as it was opened, and how its files were then: they are read as they are used."""

    searcher: tantivy.Searcher
    states: dict[Path, footers.State]
    newest: int
    """The moment of the newest article."""


class TantivyEngine:
    """Articles in a tantivy index, an `Engine`."""

    def __init__(self, directory: Path, trusted: footers.Trusted) -> None:
        self._directory = directory
        self._trusted = trusted
        self._lock = Lock()
        self._opened: _Opened | None = None
        self._forms = Forms()

    @classmethod
    def create(cls, directory: Path) -> "TantivyEngine":
        """An empty index in a new directory."""
        directory.mkdir(parents=True, mode=0o700)
        with _failures_told():
            tantivy.Index(schema(), path=str(directory), reuse=False)
            footers.seal(directory)
        return cls(directory, {})

    @classmethod
    def open(cls, directory: Path) -> "TantivyEngine":
        """The index of a directory, after a check that reads only files that seem changed."""
        engine = cls(directory, {})
        with _failures_told():
            footers.check(directory, engine._trusted, thorough=False)
            engine._searcher()
        return engine

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            self._opened = None

    def apply(self, records: Iterable[Record], *, stale: Iterable[str] = ()) -> None:
        """Delete the articles `stale` and add `records`, in one commit."""
        with _failures_told(), self._writing() as writer:
            for gone in stale:
                writer.delete_documents_by_term("id", plain(gone))
            for record in records:
                writer.add_document(document(record, self._forms))
                if len(self._forms.fresh) > FRESH:
                    self._enter(writer)
            self._enter(writer)
            footers.announce(self._directory)
            writer.commit()
            footers.seal(self._directory)

    def fill(self, records: Iterable[Record]) -> None:
        """Add records to an empty index, in one commit."""
        self.apply(records)

    def check(self) -> None:
        """Read every file that has changed since it was last read here, for damage."""
        with _failures_told():
            footers.check(self._directory, self._trusted, thorough=True)

    def count(self) -> int:
        """How many articles the index holds."""
        with _failures_told():
            searcher = self._searcher()
            return searcher.num_docs - searcher.doc_freq("label", LEXICON)

    def search(self, query: Query, *, sort: Sort, limit: int, offset: int) -> Results:
        """A page of the articles that match, the best or the newest first, then by id."""
        with _failures_told():
            searcher, _, newest = self._reading()
            asked = Translation(searcher).of(query)
            scored = sort == "relevance" and any(positive(query))
            leading = _best if scored else _newest
            total, hits = leading(searcher, asked, offset + limit, newest)
            page = _ordered(searcher, hits, offset + limit)[offset:]
        return Results(tuple(name for _, name in page), tuple(score for score, _ in page), total)

    def ids(self, query: Query) -> set[str]:
        """The ids of all articles that match."""
        with _failures_told():
            searcher = self._searcher()
            asked = Translation(searcher).of(query)
            found = searcher.search(asked, max(1, searcher.num_docs), order_by_field="moment")
            return {_id(searcher, address) for _, address in found.hits}

    def facets(
        self, query: Query, names: Sequence[Facet], limit: int, *, timezone: ZoneInfo
    ) -> dict[Facet, Counts]:
        """For each of `names` the commonest values among the articles that match."""
        from aggregator.search.buckets import counted

        with _failures_told():
            searcher = self._searcher()
            asked = Translation(searcher).of(query)
            return counted(searcher, asked, names, limit, timezone)

    def related(self, record: Record, limit: int) -> list[tuple[str, float]]:
        """The articles most like one, without itself, with likeness from 0 to 1."""
        with _failures_told():
            searcher = self._searcher()
            translation = Translation(searcher)
            alike = traits(record, searcher.num_docs, translation.spread)
            own, others = (
                translation.alike(alike, record.id, itself=itself) for itself in (True, False)
            )
            best = searcher.search(own, 1).hits
            if not best or best[0][0] <= 0:
                return []
            _, hits = _leading(lambda count: searcher.search(others, count), limit)
            scored = [(round(score / best[0][0], 4), address) for score, address in hits]
            return [(name, min(score, 1.0)) for score, name in _ordered(searcher, scored, limit)]

    # --- reading ----------------------------------------------------------------------------------

    def _searcher(self) -> tantivy.Searcher:
        return self._reading().searcher

    def _reading(self) -> _Opened:
        """What sees the newest commit; raises DamageError when files changed outside of commits.

        Files are mapped into memory, where reading beyond the end of one that was cut ends the
        process: hence the look at all of them first.
        """
        with self._lock:
            for _ in range(_ATTEMPTS):
                opened = self._opened or self._open()
                changed = next(_changed(opened.states), None)
                if changed is None:
                    self._opened = opened
                    return opened
                self._opened = None
                if _changed_since(opened, self._directory / footers.META):
                    continue
                raise DamageError(f"the search index is damaged: {changed.name} has changed")
        raise SearchError("the search index is being written; try again in a moment")

    def _open(self) -> _Opened:
        states = footers.states(self._directory)
        index = tantivy.Index.open(str(self._directory))
        if index.schema != schema():
            raise DamageError("the search index is of another version")
        index.config_reader("manual")
        index.reload()
        searcher = index.searcher()
        last = searcher.search(tantivy.Query.all_query(), 1, order_by_field="moment").hits
        return _Opened(searcher, states, max([0, *(moment for moment, _ in last)]))

    # --- writing ----------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        """A writer; it waits for the segments to be merged that a commit makes too many."""
        index = tantivy.Index.open(str(self._directory))
        writer = index.writer(WRITER_MEMORY, num_threads=1)
        try:
            yield writer
        except BaseException:
            writer.rollback()
            self._forms = Forms()
            raise
        finally:
            writer.wait_merging_threads()
        footers.seal(self._directory)

    def _enter(self, writer: tantivy.IndexWriter) -> None:
        """Enter the forms into the lexicon that are not there yet."""
        searcher = self._searcher()
        fresh = self._forms.fresh
        if searcher.num_docs:
            fresh = [
                form for form in fresh if not searcher.doc_freq(LEXICON, entry(of(form)[0], form))
            ]
        if fresh:
            writer.add_document(lexicon(fresh))
        self._forms.fresh.clear()


def _changed(states: dict[Path, footers.State]) -> Iterator[Path]:
    for path, before in states.items():
        try:
            if footers.state(path) != before:
                yield path
        except FileNotFoundError:
            yield path


def _changed_since(opened: _Opened, meta: Path) -> bool:
    return footers.state(meta) != opened.states[meta]


def _best(
    searcher: tantivy.Searcher, asked: tantivy.Query, count: int, newest: int
) -> tuple[int, list[Hit]]:
    """How many match, and all that may be among the first `count` once their ages count."""
    wanted = count + AGED
    while True:
        found = searcher.search(asked, wanted)
        moments = _moments(searcher, found.hits)
        hits = [
            (round(score * freshness(newest - moment), 4), address)
            for (score, address), moment in zip(found.hits, moments, strict=True)
        ]
        last = nlargest(count, (score for score, _ in hits))[-1:]
        if len(hits) < wanted or wanted > REACH or [found.hits[-1][0] * freshness(0)] < last:
            return _total(found), hits
        wanted *= 4


def _newest(
    searcher: tantivy.Searcher, asked: tantivy.Query, count: int, newest: int
) -> tuple[int, list[Hit]]:
    """How many match, and at least the newest `count` with all that are as new as the last."""
    total, hits = _leading(
        lambda wanted: searcher.search(asked, wanted, order_by_field="moment"), count
    )
    return total, [(0.0, address) for _, address in hits]


def _leading(search: Callable[[int], tantivy.SearchResult], count: int) -> tuple[int, list[Hit]]:
    """How many match, and at least the first `count` with all that are as good as the last."""
    wanted = count + MARGIN
    while True:
        found = search(wanted)
        hits: list[Hit] = [(round(key, 4), address) for key, address in found.hits]
        if len(hits) < wanted or not count or hits[-1][0] < hits[count - 1][0]:
            return _total(found), hits
        wanted *= 4


def _total(found: tantivy.SearchResult) -> int:
    total: int = found.count  # type: ignore[attr-defined]  # missing in its stubs
    return total


def _ordered(searcher: tantivy.Searcher, hits: list[Hit], count: int) -> list[tuple[float, str]]:
    """The first `count` by score, moment and id; ids are read only where they decide."""
    moments = _moments(searcher, hits)
    keys = [(score, moment) for (score, _), moment in zip(hits, moments, strict=True)]
    last = sorted(keys, reverse=True)[:count][-1:]
    named = [
        (key, _id(searcher, address))
        for key, (_, address) in zip(keys, hits, strict=True)
        if [key] >= last
    ]
    return [(score, name) for (score, _), name in sorted(named, reverse=True)[:count]]


def _moments(searcher: tantivy.Searcher, hits: Sequence[Hit]) -> list[int]:
    found = searcher.fast_field_values("moment", [address for _, address in hits])
    return cast(list[int], found)


def _id(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    return original(searcher.doc(address)["id"][0])


@contextmanager
def _failures_told() -> Iterator[None]:
    """As `files.failures_told`, of what tantivy raises: ValueError for nearly everything."""
    with files.failures_told():
        try:
            yield
        except ValueError as error:
            if "LockBusy" in str(error):
                raise SearchError("the search index is being written by another process") from error
            if number := _SYSTEM_ERROR.search(str(error)):
                raise OSError(int(number[1]), str(error)) from error
            raise
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise DamageError(f"the search index is damaged: {error}") from error
