"""The index of a data directory: generations of an engine's files, and how far they have come.

    search/current          the name of the generation in use
    search/1/ …             an engine's files and `progress`, the change-log position they reflect

A generation is replaced as a whole: the new one is built beside it, then `current` is renamed over.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.errors import SearchError
from aggregator.model import Article, Change
from aggregator.query import Query, record
from aggregator.search import Results, Sort, WhooshEngine
from aggregator.store import Store

Facet = Literal["tag", "feed", "language", "month"]
FACETS: tuple[Facet, ...] = ("tag", "feed", "language", "month")
BATCH = 300
"""Changes a commit: a crash repeats at most so many."""
REBUILD_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Progress:
    """Which store is indexed up to which change; those up to `until` may be in it already."""

    store: str
    change: int
    until: int | None = None


class Index:
    """Searches the newest generation and brings it up to date from the store's change log."""

    def __init__(self, path: Path, store: Store) -> None:
        self._path = path
        self._store = store
        self._engine: WhooshEngine | None = None
        self._progress = Progress(store.uuid, 0)

    @classmethod
    def open(cls, path: Path, store: Store) -> "Index":
        """The index at `path`; a missing, damaged or foreign one is behind by everything."""
        index = cls(path, store)
        index._load()
        return index

    def close(self) -> None:
        """Let the files go."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def behind(self) -> int:
        """How many changes of the store the index does not reflect yet."""
        return self._store.last_change() - (self._progress.change if self._engine else 0)

    @property
    def position(self) -> int:
        """The change up to which the index reflects the store."""
        return self._progress.change

    def catch_up(self) -> int:
        """Apply what changed in the store since; rebuilds where that is not enough.

        Returns the number of articles indexed or removed. Only one process may call it at a time.
        """
        if self._engine is None or self._progress.change < self._store.pruned_changes():
            return self.rebuild()
        try:
            applied = self._apply_changes(self._engine)
            sound = self._engine.count() == self._store.count() or self.behind() > 0
        except SearchError:
            return self.rebuild()
        return applied if sound else self.rebuild()

    def rebuild(self, advance: Callable[[], object] = lambda: None) -> int:
        """Index the whole store into a new generation and swap; `advance` hears of each article."""
        start = self._store.last_change()
        generation = self._new_generation()
        engine = WhooshEngine.create(generation)
        indexed = 0
        for articles in _batches(self._store.find(), REBUILD_BATCH):
            engine.apply(record(article) for article in articles)
            indexed += len(articles)
            for _ in articles:
                advance()
        # Changes made meanwhile may be in it already: applying them again must replace.
        progress = Progress(self._store.uuid, start, until=self._store.last_change())
        _write_beside(generation / "progress", json.dumps(asdict(progress)))
        self._swap(generation, engine, progress)
        return indexed

    def search(self, query: Query, *, sort: Sort = "relevance", limit: int, offset: int) -> Results:
        """A page of the articles that match a bound query; raises SearchError."""
        return self._ready().search(query, sort=sort, limit=limit, offset=offset)

    def ids(self, query: Query) -> set[str]:
        """The ids of all articles that match a bound query; raises SearchError."""
        return self._ready().ids(query)

    def facets(
        self, query: Query, names: Sequence[Facet], limit: int, *, timezone: ZoneInfo
    ) -> Mapping[str, list[tuple[str, int]]]:
        """For each of `names` (see FACETS) the commonest values among the matches, with counts."""
        ids = self.ids(query)
        return {name: self._store.facet(ids, name, limit, timezone=timezone) for name in names}

    def _ready(self) -> WhooshEngine:
        if self._engine is None:
            raise SearchError("there is no search index yet; `aggregator reindex` builds it")
        return self._engine

    def _apply_changes(self, engine: WhooshEngine) -> int:
        applied = 0
        repeated = self._progress.until or 0
        while changes := self._store.changes(self._progress.change, BATCH):
            reached = changes[-1].seq
            until = max(reached, repeated)
            self._write_progress(Progress(self._store.uuid, self._progress.change, until))
            self._apply(engine, changes, repeated)
            self._write_progress(Progress(self._store.uuid, reached, repeated or None))
            applied += len(changes)
        return applied

    def _apply(self, engine: WhooshEngine, changes: Sequence[Change], repeated: int) -> None:
        """One commit; changes up to `repeated` may have been applied before."""
        stale = [c.id for c in changes if c.deleted or not c.fresh or c.seq <= repeated]
        current = [change.id for change in changes if not change.deleted]
        engine.apply((record(article) for article in self._store.articles(current)), stale=stale)

    def _load(self) -> None:
        try:
            generation = self._generation()
            progress = Progress(**json.loads((generation / "progress").read_text("ascii")))
            engine = WhooshEngine.open(generation)
        except (OSError, ValueError, TypeError, SearchError):
            return
        if progress.store == self._store.uuid and progress.change <= self._store.last_change():
            self._engine, self._progress = engine, progress

    def _generation(self) -> Path:
        """The directory in use; raises OSError where there is none."""
        return self._path / (self._path / "current").read_text("ascii").strip()

    def _new_generation(self) -> Path:
        taken = {entry.name for entry in self._path.glob("*")}
        return next(self._path / str(n) for n in count(1) if str(n) not in taken)

    def _write_progress(self, progress: Progress) -> None:
        _write_beside(self._generation() / "progress", json.dumps(asdict(progress)))
        self._progress = progress

    def _swap(self, generation: Path, engine: WhooshEngine, progress: Progress) -> None:
        _write_beside(self._path / "current", generation.name)
        old, self._engine, self._progress = self._engine, engine, progress
        if old is not None:
            old.close()
        for entry in _directories(self._path):
            if entry != generation:
                shutil.rmtree(entry)


def _batches(articles: Iterator[Article], size: int) -> Iterator[list[Article]]:
    while batch := list(islice(articles, size)):
        yield batch


def _directories(path: Path) -> Iterable[Path]:
    return [entry for entry in path.iterdir() if entry.is_dir()]


def _write_beside(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old one or the new one."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
