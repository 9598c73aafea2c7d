"""A newsroom: one configuration with its store, its index and its tagger, opened together."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from aggregator import query, store
from aggregator.config import Config
from aggregator.errors import SearchError, StoreError
from aggregator.model import Outcome, Subscription
from aggregator.pipeline.index import Index
from aggregator.search import maker
from aggregator.store import Holdings
from aggregator.tags import Tagger

if TYPE_CHECKING:
    from aggregator.store import Store

T = TypeVar("T")
Clock = Callable[[], datetime]

DATABASE = "articles.db"


def system_clock() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What every command works with; `clock` is the only source of the current time.

    `holdings` is the store as far as it is read: a command that writes nothing needs no more.
    """

    config: Config
    holdings: Holdings
    index: Index
    tagger: Tagger
    clock: Clock
    open_store: "Callable[[], Store]"
    polls: Counter[Outcome] = field(default_factory=Counter)
    """How many polls of this process had which outcome."""

    @property
    def store(self) -> "Store":
        """The store, opened when it is first asked for."""
        return self.open_store()

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which days are cut."""
        return self.config.settings.timezone

    def now(self) -> datetime:
        """The current time in that zone."""
        return self.clock().astimezone(self.timezone)

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """The subscriptions by feed URL."""
        return {subscription.url: subscription for subscription in self.config.subscriptions}

    def bind(self, tree: query.Query) -> query.Query:
        """Bind a query to today's dates and tags."""
        return query.bind(
            tree,
            now=self.clock(),
            timezone=self.timezone,
            tag_slugs=self.tagger.slugs,
        )

    def query(self, text: str) -> query.Query:
        """Parse and bind a query to today's dates and tags; raises QueryError."""
        return self.bind(query.parse(text))


@contextmanager
def archive(config: Config) -> "Iterator[Store | None]":
    """Open the store of `config` alone; None where nothing was ever stored. Raises StoreError."""
    path = config.settings.data / DATABASE
    if not path.exists():
        yield None
        return
    with store.Store.open(path) as opened:
        yield opened


@contextmanager
def opened(config: Config, *, clock: Clock = system_clock) -> Iterator[Newsroom]:
    """Open the store and the index of `config`, making them where there are none.

    Raises StoreError or SearchError.
    """
    require_supported(config)
    data = config.settings.data
    _keep_private(data)
    tagger = Tagger(config.tagging, config.subscriptions, timezone=config.settings.timezone)
    with ExitStack() as stack:
        holdings = stack.enter_context(Holdings.open(data / DATABASE))
        index = Index.open(data / "search", holdings, config.settings.index)
        stack.callback(index.close)

        def open_store() -> "Store":
            return stack.enter_context(store.Store.open(data / DATABASE))

        yield Newsroom(config, holdings, index, tagger, clock, _once(open_store))


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """What makes something when it is first asked for: one, whatever threads ask at a time."""
    making, made = Lock(), cache(make)

    def ask() -> T:
        with making:
            return made()

    return ask


def require_supported(config: Config) -> None:
    """Raise StoreError or SearchError for what feeds.yaml may name but is not there to be used."""
    settings = config.settings
    if settings.store != "sqlite":
        raise StoreError(f"{config.path}: store: this version has sqlite only; leave it out")
    try:
        maker(settings.index)
    except SearchError as error:
        raise SearchError(f"{config.path}: index: {error}") from error


def _keep_private(data: Path) -> None:
    """Make the data directory, closed to other users: an index is trusted when it is read."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if data.stat().st_uid == os.geteuid():
            data.chmod(0o700)
    except OSError as error:
        raise StoreError(f"{data}: cannot be used: {error.strerror}") from error
