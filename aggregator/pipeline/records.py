"""The store as a poller needs it: one thread that reads and writes, for many feeds at once."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from aggregator.model import Feed
from aggregator.pipeline.batching import Batcher
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import Delivery, Saved

P = ParamSpec("P")
T = TypeVar("T")

STATES_AT_ONCE = 500
DELIVERIES_AT_ONCE = 32
"""How many feeds at most are written in one transaction: with articles it takes half a second."""
ARRIVALS = 20
"""How many of a feed's newest articles tell its rhythm."""

Planner = Callable[[Delivery, Sequence[datetime], datetime], Delivery]
"""Gives a delivery its feed's next poll: from the newest dates stored before, and the time."""


class Records:
    """Reads and writes what polls need and bring; `async with` it.

    Whatever comes at the same time goes into one transaction. Where that fails, each is tried
    alone, so every feed is written whole or not at all and for itself.
    """

    def __init__(self, newsroom: Newsroom, plan: Planner) -> None:
        self._newsroom = newsroom
        self._plan = plan
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self.known = Batcher(self._known, most=STATES_AT_ONCE)
        """Of a feed's number: the fingerprints of what is stored of its last document."""
        self.note = Batcher(self._note, most=STATES_AT_ONCE)
        """Writes the state of a feed whose poll brought no articles."""
        self.deliver = Batcher(self._deliver, most=DELIVERIES_AT_ONCE, patient=True)
        """Plans the next poll and saves a delivery: what was saved, when that poll is."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call something of the store in its turn."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))

    async def _known(self, feed_ids: Sequence[int]) -> Sequence[frozenset[bytes]]:
        known = await self.run(self._newsroom.store.known_of, feed_ids)
        return [known[feed_id] for feed_id in feed_ids]

    async def _note(self, feeds: Sequence[Feed]) -> Sequence[None]:
        await self.run(self._newsroom.store.save_feeds, feeds)
        return [None] * len(feeds)

    async def _deliver(
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[tuple[Saved, datetime | None]]:
        return await self.run(self._save, deliveries)

    def _save(self, deliveries: Sequence[Delivery]) -> list[tuple[Saved, datetime | None]]:
        now = self._newsroom.clock()
        store, tagger = self._newsroom.store, self._newsroom.tagger
        arrivals = store.arrivals_of([one.feed.id for one in deliveries], ARRIVALS)
        planned = [self._plan(one, arrivals[one.feed.id], now) for one in deliveries]
        saved = store.save_all(planned, now=now, tagger=lambda one: tagger.tags(one, now=now))
        return [(what, one.feed.next_poll) for what, one in zip(saved, planned, strict=True)]
