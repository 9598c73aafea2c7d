"""A round: feeds that are polled once each, as many at a time as may be."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aggregator.model import Feed, Outcome
from aggregator.pipeline.line import Lanes
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.poll import Polled, Poller

AHEAD = 4
"""So many times more polls are begun than may ask at once: of some, answers wait to be written."""
LINED_UP_AT_ONCE = 200
"""How many feeds join the line before the event loop looks at something else."""


@dataclass(slots=True)
class Summary:
    """What came of polling several feeds."""

    seconds: float = 0.0
    removed: int = 0
    results: list[Polled] = field(default_factory=list, repr=False)

    def count(self, outcome: Outcome) -> int:
        """How many feeds ended so."""
        return sum(result.outcome == outcome for result in self.results)

    @property
    def new(self) -> int:
        """Articles not seen before."""
        return sum(result.new for result in self.results)

    @property
    def updated(self) -> int:
        """Articles whose title or text changed."""
        return sum(result.updated for result in self.results)


async def poll(
    newsroom: Newsroom,
    feeds: Iterable[Feed],
    *,
    progress: Callable[[Polled], None] = lambda _: None,
) -> Summary:
    """Poll `feeds` once, all of them concurrently; `progress` hears of each as it ends.

    Raises StoreError when what came of a feed cannot be recorded; the others are then given up.
    """
    started = time.monotonic()
    summary = Summary()
    try:
        async with Poller.open(newsroom) as poller, asyncio.TaskGroup() as tasks:
            await _Round(poller, tasks, summary, progress).begin(feeds)
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    summary.seconds = time.monotonic() - started
    return summary


class _Round:
    """Feeds that are polled once each, as many at a time as may be."""

    def __init__(
        self,
        poller: Poller,
        tasks: asyncio.TaskGroup,
        summary: Summary,
        progress: Callable[[Polled], None],
    ) -> None:
        self._poller = poller
        self._tasks = tasks
        self._summary = summary
        self._progress = progress
        self._line = Lanes(AHEAD * poller.most_per_site, poller.most_patient)
        self._most = AHEAD * poller.most_at_once + poller.most_slow + poller.most_patient
        self._waiting: dict[int, Feed] = {}
        self._polling = 0

    async def begin(self, feeds: Iterable[Feed]) -> None:
        """Line the feeds up and poll the first; who has been polled lets the next begin."""
        for number, feed in enumerate(feeds, 1):
            self._waiting[feed.id] = feed
            patient = self._poller.is_patient(feed.seconds)
            self._line.join(feed.id, self._poller.site_of(feed.url), patient=patient)
            if number % LINED_UP_AT_ONCE == 0:
                await asyncio.sleep(0)
        self._call()

    def _call(self) -> None:
        for feed_id in self._line.call(self._most - self._polling):
            self._polling += 1
            self._tasks.create_task(self._poll(self._waiting.pop(feed_id)))

    async def _poll(self, feed: Feed) -> None:
        result = await self._poller.poll(feed)
        self._summary.results.append(result)
        self._progress(result)
        self._polling -= 1
        self._line.leave(feed.id)
        self._call()
