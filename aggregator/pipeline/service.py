"""The background poller: four scheduled jobs that hand their work to one group of tasks."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from aggregator.errors import AggregatorError
from aggregator.model import Feed
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.poll import Polled, Poller
from aggregator.pipeline.publish import due_days, publish

log = logging.getLogger("aggregator")

Server = Callable[[asyncio.Event], Coroutine[Any, Any, None]]

TICK = timedelta(seconds=5)
INDEX = timedelta(seconds=60)
MAINTENANCE_HOUR = 4
DRAIN = timedelta(seconds=4)
"""How long a stop waits for work that must not be torn."""


class Service:
    """Polls what is due, keeps the index up to date, publishes digests, keeps house."""

    def __init__(self, newsroom: Newsroom, poller: Poller) -> None:
        self._newsroom = newsroom
        self._poller = poller
        self._polls: dict[int, asyncio.Task[None]] = {}
        self._chores: dict[str, asyncio.Task[None]] = {}
        self._first_round = True

    def schedule(self) -> AsyncIOScheduler:
        """The scheduler with its four jobs, not yet started."""
        settings = self._newsroom.config.settings
        at = self._newsroom.config.digest.at
        scheduler = AsyncIOScheduler(
            timezone=settings.timezone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        now = self._newsroom.clock()
        scheduler.add_job(self.tick, IntervalTrigger(seconds=TICK.seconds), next_run_time=now)
        scheduler.add_job(self.index, IntervalTrigger(seconds=INDEX.seconds))
        scheduler.add_job(self.digest, CronTrigger(minute=at.minute, timezone=settings.timezone))
        scheduler.add_job(
            self.maintain, CronTrigger(hour=MAINTENANCE_HOUR, timezone=settings.timezone)
        )
        return scheduler

    async def tick(self) -> None:
        """Start polling the feeds that are due and not being polled."""
        room = self._newsroom.config.settings.poll.concurrency * 2 - len(self._polls)
        due = self._newsroom.store.due(
            self._newsroom.clock(), limit=max(room, 0) + len(self._polls)
        )
        for feed in [feed for feed in due if feed.id not in self._polls][: max(room, 0)]:
            work = _guarded(feed.url, self._poll(feed))
            task = asyncio.create_task(work, name=f"poll {feed.url}")
            self._polls[feed.id] = task
            task.add_done_callback(partial(self._polled, feed.id))
        if self._first_round and not due:
            self._first_round = False
            self._start("index", self._index_and_publish())

    def _polled(self, feed_id: int, _: asyncio.Task[None]) -> None:
        self._polls.pop(feed_id, None)

    async def index(self) -> None:
        """Bring the search index up to date."""
        self._start("index", self._index())

    async def digest(self) -> None:
        """Publish today's editions as they stand, and those of days that gained articles."""
        self._start("digest", self._publish())

    async def maintain(self) -> None:
        """Let old articles go and tidy the store."""
        self._start("maintenance", self._maintain())

    async def drain(self) -> bool:
        """Cancel polls, wait a little for chores; whether all of them have ended.

        What they had not committed is redone later.
        """
        polls = list(self._polls.values())
        for task in polls:
            task.cancel()
        tasks = [*polls, *self._chores.values()]
        if not tasks:
            return True
        _, unfinished = await asyncio.wait(tasks, timeout=DRAIN.total_seconds())
        return not unfinished

    def _start(self, name: str, chore: Coroutine[Any, Any, None]) -> None:
        if name in self._chores:
            chore.close()
            return
        task = asyncio.create_task(_guarded(name, chore), name=name)
        self._chores[name] = task
        task.add_done_callback(lambda _: self._chores.pop(name, None))

    async def _poll(self, feed: Feed) -> None:
        result = await self._poller.poll(feed)
        _tell(feed, result)

    async def _index(self) -> None:
        indexed = await asyncio.to_thread(self._newsroom.index.catch_up)
        if indexed:
            log.debug("indexed %d articles", indexed)

    async def _publish(self) -> None:
        await self._index()
        for day in await asyncio.to_thread(due_days, self._newsroom):
            published = await asyncio.to_thread(publish, self._newsroom, day)
            stories = sum(len(edition.stories) for edition in published)
            log.info("published %s: %d stories in %d editions", day, stories, len(published))

    async def _index_and_publish(self) -> None:
        await self._index()
        await self._publish()

    async def _maintain(self) -> None:
        now = self._newsroom.clock()
        keep = self._newsroom.config.settings.keep
        expired = await asyncio.to_thread(self._newsroom.store.expire, now - keep, now=now)
        await asyncio.to_thread(self._newsroom.index.catch_up)
        await asyncio.to_thread(self._newsroom.store.prune_changes, self._newsroom.index.position)
        await asyncio.to_thread(self._newsroom.store.optimize)
        if expired:
            log.info("removed %d articles older than %d days", expired, keep.days)


async def run(newsroom: Newsroom, *, server: Server | None = None) -> None:
    """Run until SIGTERM or SIGINT, with `server` beside the jobs; a second signal ends at once."""
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    async with Poller.open(newsroom) as poller:
        service = Service(newsroom, poller)
        scheduler = service.schedule()
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                if server is not None:
                    tasks.create_task(server(stopping))
                await stopping.wait()
                log.info("stopping")
                scheduler.pause()
                drained = tasks.create_task(service.drain())
        finally:
            scheduler.shutdown(wait=False)
        if not drained.result():
            log.info("left unfinished work to the next start")
            os._exit(0)  # its thread would keep the process; the store is whole at any instant


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)


async def _guarded(name: str, chore: Coroutine[Any, Any, None]) -> None:
    try:
        await chore
    except AggregatorError as error:
        log.error("%s: %s", name, error)
    except Exception:
        log.exception("%s: unexpected error", name)


def _tell(feed: Feed, result: Polled) -> None:
    name = feed.title or feed.url
    if result.outcome == "failed" and feed.failures == 0:
        log.warning("%s: %s", name, result.error)
    elif result.outcome != "failed" and feed.failures:
        log.info("%s: works again after %d failures", name, feed.failures)
    if result.new or result.updated:
        log.info("%s: %d new, %d changed", name, result.new, result.updated)
    if result.drifted:
        log.warning("%s: %d articles came with new ids; they were recognised", name, result.drifted)
