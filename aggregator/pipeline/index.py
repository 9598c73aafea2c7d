"""The index of a data directory: generations of an engine's files, and how far they have come.

    search/current          the name of the generation in use
    search/1/ …             an engine's files and `progress`: whose they are, and the change-log
                            position that they reflect
    search/1/damaged        that a search met damage: the generation is to be replaced

A generation is replaced as a whole: the new one is built beside it, then `current` is renamed over.
That is also how one engine takes another's place.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import RLock
from typing import TypeVar
from zoneinfo import ZoneInfo

from aggregator import urls
from aggregator.errors import DamageError, SearchError
from aggregator.model import Change
from aggregator.query import Query, Record, record
from aggregator.search import (
    ENGINES,
    Counts,
    Engine,
    Facet,
    Results,
    Sort,
    failures_told,
    maker,
    write_whole,
)
from aggregator.store import Holdings

BATCH = 300
"""Changes a commit: a crash repeats at most so many."""
ATTEMPTS = 3
"""How often a search follows an index that is replaced under it."""
MISSING = "there is no search index yet; `aggregator reindex` builds it"
DAMAGED = "the search index is damaged; the next poll or `aggregator reindex` rebuilds it"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """Which store is indexed by which engine up to which change.

    Changes up to `until` may be in it already. `named` is the engine that the settings named when
    `engine` was chosen: until they name another, the choice stays.
    """

    store: str
    engine: str
    named: str
    change: int = 0
    until: int | None = None

    def wanted(self, named: str) -> str:
        """The engine to use when the settings name this one."""
        return self.engine if self.named == named else named


class Index:
    """Searches the newest generation and brings it up to date from the store's change log.

    Searching works from any thread and beside another process that writes; threads that bring it up
    to date take turns.
    """

    def __init__(self, path: Path, store: Holdings, named: str) -> None:
        self._path = path
        self._store = store
        self._named = named
        self._engine: Engine | None = None
        self._generation: Path | None = None
        self._progress = Progress(store.uuid, named, named)
        self._lack = MISSING
        self._writing = RLock()

    @classmethod
    def open(cls, path: Path, store: Holdings, engine: str) -> "Index":
        """The index at `path`; a missing, damaged or foreign one is behind by everything.

        One of another engine than the settings name answers until catching up replaces it; but one
        that `rebuild` was told to make stays for as long as they name the same.
        """
        index = cls(path, store, engine)
        index._load()
        return index

    def close(self) -> None:
        """Let the files go."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def behind(self) -> int:
        """How many changes of the store the index does not reflect; at least 1 where it lacks."""
        if self._engine is None or self.engine != self._progress.engine:
            return max(1, self._store.last_change())
        return self._store.last_change() - self._progress.change

    @property
    def engine(self) -> str:
        """The name of the engine that catching up keeps or puts in place."""
        return self._progress.wanted(self._named)

    @property
    def position(self) -> int:
        """The change up to which the index reflects the store."""
        return self._progress.change

    def catch_up(self) -> int:
        """Apply what changed in the store since; rebuilds where that is not enough.

        Damage is looked for first: in every file that changed since it was last read. Returns the
        number of articles indexed or removed. Only one process may call it at a time.
        """
        with self._writing:
            engine = self._engine
            if engine is None or self._is_marked() or self._is_superseded():
                return self.rebuild()
            try:
                engine.check()
                applied = self._apply_changes(engine)
                sound = engine.count() == self._store.count() or self.behind() > 0
            except DamageError:
                return self.rebuild()
            return applied if sound else self.rebuild()

    def problems(self) -> list[str]:
        """What is wrong with the files of the index, all of them read, or beside the store."""
        engine = self._engine
        if engine is None:
            return [self._lack] if self._store.last_change() else []
        try:
            engine.check()
            held, stored = engine.count(), self._store.count()
        except SearchError as error:
            return [str(error)]
        if held == stored or self.behind():
            return []
        return [f"the search index holds {held} articles, the archive {stored}"]

    def rebuild(
        self, advance: Callable[[], object] = lambda: None, *, engine: str | None = None
    ) -> int:
        """Index the whole store into a new generation and swap; `advance` hears of each article.

        `engine` names another than the one in use. Returns the number of articles indexed.
        """
        name = engine or self.engine
        make = maker(name)
        with self._writing, failures_told():
            start = self._store.last_change()
            self._remove_generations()
            generation = self._new_generation()
            made = make.create(generation)
            try:
                made.fill(self._records(advance))
                # Changes made meanwhile may be in it already: applying them again must replace.
                until = self._store.last_change()
                progress = Progress(self._store.uuid, name, self._named, start, until)
                _write(generation / "progress", json.dumps(asdict(progress)))
                _write(self._path / "current", generation.name)
            except BaseException:
                made.close()
                shutil.rmtree(generation, ignore_errors=True)
                raise
            self._adopt(generation, made, progress)
            self._remove_generations()
            return made.count()

    def search(self, query: Query, *, sort: Sort = "relevance", limit: int, offset: int) -> Results:
        """A page of the articles that match a bound query; raises SearchError."""
        return self._ask(lambda engine: engine.search(query, sort=sort, limit=limit, offset=offset))

    def ids(self, query: Query) -> set[str]:
        """The ids of all articles that match a bound query; raises SearchError."""
        return self._ask(lambda engine: engine.ids(query))

    def facets(
        self, query: Query, names: Sequence[Facet], limit: int, *, timezone: ZoneInfo
    ) -> dict[str, Counts]:
        """For each of `names` the commonest values among the matches, as people call them."""
        found = self.counts(query, names, limit, timezone=timezone)
        return {name: self.called(name, counts) for name, counts in found.items()}

    def counts(
        self, query: Query, names: Sequence[Facet], limit: int, *, timezone: ZoneInfo
    ) -> dict[Facet, Counts]:
        """The same with the slugs of tags and the URLs of feeds; raises SearchError."""
        return self._ask(lambda engine: engine.facets(query, names, limit, timezone=timezone))

    def called(self, name: Facet, counts: Counts) -> Counts:
        """Counted tags by their labels, feeds by their titles, else their hosts."""
        values = [value for value, _ in counts]
        names = {"tag": self._store.labels, "feed": self._store.titles}
        called = names[name](values) if name in names else {}
        unnamed = urls.host if name == "feed" else str
        return [(called.get(value) or unnamed(value), number) for value, number in counts]

    def related(self, record: Record, limit: int) -> list[tuple[str, float]]:
        """Ids of the articles most like one, with likeness from 0 to 1; raises SearchError."""
        return self._ask(lambda engine: engine.related(record, limit))

    # --- searching --------------------------------------------------------------------------------

    def _ask(self, ask: Callable[[Engine], T]) -> T:
        """Ask the engine, or the one that replaced it meanwhile; damage is marked for later."""
        for _ in range(ATTEMPTS):
            engine = self._engine
            if engine is None:
                raise SearchError(self._lack)
            try:
                return ask(engine)
            except DamageError as error:
                if not self._is_replaced(engine):
                    self._mark()
                    raise SearchError(DAMAGED) from error
        raise SearchError("the search index is being rebuilt; try again in a moment")

    def _is_replaced(self, engine: Engine) -> bool:
        """Whether this thread or another process has put another engine in this one's place."""
        if self._engine is engine and self._current() != self._generation:
            self._load()
        return self._engine is not engine

    def _mark(self) -> None:
        """Tell whoever catches up next, also in another process, that there is damage."""
        self._lack = DAMAGED
        if self._generation is not None:
            with suppress(OSError):  # a reader need not have the right to write
                (self._generation / "damaged").touch()

    def _is_marked(self) -> bool:
        marked = self._generation is not None and (self._generation / "damaged").exists()
        return marked or self._lack == DAMAGED

    # --- catching up ------------------------------------------------------------------------------

    def _is_superseded(self) -> bool:
        """Whether another engine is wanted, or changes that it lacks are no longer in the log."""
        pruned = self._progress.change < self._store.pruned_changes()
        return pruned or self.engine != self._progress.engine

    def _apply_changes(self, engine: Engine) -> int:
        applied = 0
        repeated = self._progress.until or 0
        while changes := self._store.changes(self._progress.change, BATCH):
            reached = changes[-1].seq
            until = max(reached, repeated)
            self._write_progress(replace(self._progress, until=until))
            self._apply(engine, changes, repeated)
            self._write_progress(replace(self._progress, change=reached, until=repeated or None))
            applied += len(changes)
        return applied

    def _apply(self, engine: Engine, changes: Sequence[Change], repeated: int) -> None:
        """One commit; changes up to `repeated` may have been applied before."""
        stale = [c.id for c in changes if c.deleted or not c.fresh or c.first <= repeated]
        current = [change.id for change in changes if not change.deleted]
        engine.apply((record(article) for article in self._store.articles(current)), stale=stale)

    def _write_progress(self, progress: Progress) -> None:
        assert self._generation is not None
        with failures_told():
            _write(self._generation / "progress", json.dumps(asdict(progress)))
        self._progress = progress

    # --- generations ------------------------------------------------------------------------------

    def _records(self, advance: Callable[[], object]) -> Iterator[Record]:
        for article in self._store.find():
            yield record(article)
            advance()

    def _load(self) -> None:
        """Open the current generation, if it is sound and of this store."""
        generation = self._current()
        if generation is None:
            return
        try:
            progress = Progress(**json.loads((generation / "progress").read_bytes()))
            if progress.engine in ENGINES:
                self._progress = replace(
                    self._progress, engine=progress.engine, named=progress.named
                )
            foreign = progress.store != self._store.uuid
            if foreign or not 0 <= progress.change <= self._store.last_change():
                self._lack = MISSING
            elif (generation / "damaged").exists():
                self._lack = DAMAGED
            else:
                self._adopt(generation, maker(progress.engine).open(generation), progress)
        except (OSError, ValueError, TypeError, DamageError):
            self._lack = DAMAGED
        except SearchError as error:
            self._lack = str(error)

    def _adopt(self, generation: Path, engine: Engine, progress: Progress) -> None:
        old, self._engine = self._engine, engine
        chosen = (
            replace(progress, named=self._named) if progress.engine == self._named else progress
        )
        self._generation, self._progress, self._lack = generation, chosen, ""
        if old is not None:
            old.close()

    def _current(self) -> Path | None:
        """The directory of the generation in use."""
        try:
            return self._path / (self._path / "current").read_text("ascii").strip()
        except (OSError, ValueError):
            return None

    def _new_generation(self) -> Path:
        """A directory of a name never used before: a reader may still know an older one."""
        taken = (int(entry.name) for entry in self._path.glob("*") if entry.name.isdecimal())
        return self._path / str(max(taken, default=0) + 1)

    def _remove_generations(self) -> None:
        """Remove all but the current one: older ones, and what interrupted rebuilds left."""
        current = self._current()
        for entry in self._path.glob("*/"):
            if entry != current:
                shutil.rmtree(entry)


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode("ascii"))
