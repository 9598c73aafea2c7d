"""The background poller: scheduled jobs that hand their work to one group of tasks."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from aggregator.errors import AggregatorError, StoreError
from aggregator.model import Feed
from aggregator.pipeline import mailing, memory, placing, weekly
from aggregator.pipeline.line import Lanes
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.outage import Outage
from aggregator.pipeline.poll import Polled, Poller
from aggregator.pipeline.publish import due_days, publish

log = logging.getLogger("aggregator")

Server = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
Work = Callable[[], Coroutine[Any, Any, None]]

TICK = timedelta(seconds=5)
INDEX = timedelta(seconds=60)
MAIL = timedelta(minutes=5)
FIRST_DIGEST = timedelta(minutes=2)
"""How long after the start the first digest waits for the feeds that were due."""
LINED_UP_AT_ONCE = 200
"""How many feeds join the line before the event loop looks at something else."""
MAINTENANCE_HOUR = 4
DRAIN = timedelta(seconds=4)
"""How long a stop waits for work that must not be torn."""


class Service:
    """Polls what is due, keeps the index up to date, publishes digests, keeps house."""

    def __init__(self, newsroom: Newsroom, poller: Poller) -> None:
        self._newsroom = newsroom
        self._poller = poller
        self._line = Lanes(poller.most_per_site, poller.most_patient)
        self._most = poller.most_at_once + poller.most_slow + poller.most_patient
        self._polls: dict[int, asyncio.Task[None]] = {}
        self._chores: dict[str, asyncio.Task[None]] = {}
        self._outage = Outage()
        self._opening: set[int] | None = None
        self._publish_at: datetime | None = None

    def schedule(self) -> AsyncIOScheduler:
        """The scheduler with its jobs, not yet started."""
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
        if mailing.wanted(self._newsroom):
            scheduler.add_job(self.mail, IntervalTrigger(seconds=MAIL.seconds))
        scheduler.add_job(
            self.maintain, CronTrigger(hour=MAINTENANCE_HOUR, timezone=settings.timezone)
        )
        return scheduler

    async def tick(self) -> None:
        """Let the feeds that are due wait in line, and poll as many as may be."""
        now = self._newsroom.clock()
        if self._outage.holds(now):
            return
        try:
            await self._line_up(now)
            self._call(now)
        except StoreError as error:
            self._outage.begin(now, error)
            return
        self._publish_first(now)

    async def _line_up(self, now: datetime) -> None:
        due = self._newsroom.store.all_due(now)
        if self._opening is None:
            self._opening = {feed.id for feed in due}
            self._publish_at = now + FIRST_DIGEST
        for number, feed in enumerate(due, 1):
            if feed.id not in self._line:
                patient = self._poller.is_patient(feed.seconds)
                self._line.join(feed.id, self._poller.site_of(feed.url), patient=patient)
            if number % LINED_UP_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _call(self, now: datetime) -> None:
        """Poll who is next; what was put off while it waited leaves."""
        while called := self._line.call(self._room()):
            due = {feed.id: feed for feed in self._newsroom.store.due_of(now, called)}
            for feed_id in called:
                if feed_id in due:
                    self._begin(due[feed_id])
                else:
                    self._leave(feed_id)

    def _room(self) -> int:
        """How many more may be polled; only one as long as it is not sure that it can be stored."""
        most = 1 if self._outage.is_feared else self._most
        return max(most - len(self._polls), 0)

    def _begin(self, feed: Feed) -> None:
        work = _guarded(feed.url, partial(self._poll, feed))
        task = asyncio.create_task(work, name=f"poll {feed.url}")
        self._polls[feed.id] = task
        task.add_done_callback(partial(self._polled, feed.id))

    def _publish_first(self, now: datetime) -> None:
        """Publish when all that was due at the start has been polled, at the latest after a while.

        Feeds that are always due shall not keep the first digest waiting.
        """
        if self._publish_at is not None and (not self._opening or now >= self._publish_at):
            self._publish_at = None
            self._start("digest", self._publish)

    def _polled(self, feed_id: int, task: asyncio.Task[None]) -> None:
        """Poll the next, unless this one was given up."""
        del self._polls[feed_id]
        self._leave(feed_id)
        now = self._newsroom.clock()
        if task.cancelled() or self._outage.holds(now):
            return
        try:
            self._call(now)
        except StoreError as error:
            self._outage.begin(now, error)

    def _leave(self, feed_id: int) -> None:
        self._line.leave(feed_id)
        if self._opening:
            self._opening.discard(feed_id)

    async def index(self) -> None:
        """Bring the search index up to date."""
        self._start("index", self._index)

    async def digest(self) -> None:
        """Publish today's editions as they stand, and those of days that gained articles."""
        self._start("digest", self._publish)

    async def mail(self) -> None:
        """Send the letters of the newest complete editions that were not sent yet."""
        self._start("mail", self._mail)

    async def maintain(self) -> None:
        """Let old articles go and tidy the store."""
        self._start("maintenance", self._maintain)

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

    def _start(self, name: str, chore: Work) -> None:
        if name in self._chores:
            return
        task = asyncio.create_task(_done(name, chore), name=name)
        self._chores[name] = task
        task.add_done_callback(lambda _: self._chores.pop(name, None))

    async def _poll(self, feed: Feed) -> None:
        try:
            result = await self._poller.poll(feed)
        except StoreError as error:
            self._outage.begin(self._newsroom.clock(), error)
            return
        self._outage.end()
        self._newsroom.polls[result.outcome] += 1
        _tell(feed, result)

    async def _index(self) -> None:
        await asyncio.to_thread(placing.place, self._newsroom)
        indexed = await asyncio.to_thread(self._newsroom.index.catch_up)
        if indexed:
            log.debug("indexed %d articles", indexed)

    async def _publish(self) -> None:
        await self._index()
        today = self._newsroom.now().date()
        due = await asyncio.to_thread(due_days, self._newsroom)
        await self._publish_days(day for day in due if day < today)
        last = weekly.due_week(self._newsroom)
        if last is not None:
            await asyncio.to_thread(weekly.publish_week, self._newsroom, last)
        await self._publish_days(day for day in due if day >= today)  # they lead to the week

    async def _publish_days(self, days: Iterable[date]) -> None:
        for day in days:
            published = await asyncio.to_thread(publish, self._newsroom, day)
            stories = sum(len(edition.stories) for edition in published)
            log.info("published %s: %d stories in %d editions", day, stories, len(published))

    async def _mail(self) -> None:
        settings = mailing.wanted(self._newsroom)
        if settings is not None:
            await self._index()
            day = mailing.due_day(self._newsroom)
            await asyncio.to_thread(mailing.deliver, self._newsroom, settings, day)
            last = weekly.due_week(self._newsroom)
            if last is not None:
                await asyncio.to_thread(mailing.deliver_week, self._newsroom, settings, last)

    async def _maintain(self) -> None:
        expired = await asyncio.to_thread(self._expire)
        await asyncio.to_thread(self._newsroom.index.catch_up)
        await asyncio.to_thread(self._newsroom.store.prune_changes, self._newsroom.index.position)
        await asyncio.to_thread(self._newsroom.store.forget_dates, self._newsroom.timezone)
        await asyncio.to_thread(self._newsroom.store.optimize)
        if expired:
            keep = self._newsroom.config.settings.keep
            log.info("removed %d articles older than %d days", expired, keep.days)

    def _expire(self) -> int:
        """Remove what is old; not all at once, which a clock that is years ahead would ask for."""
        now = self._newsroom.clock()
        before = now - self._newsroom.config.settings.keep
        newest = self._newsroom.store.newest()
        if newest is not None and newest < before:
            log.warning("no article is from after %s: none is removed", before.date())
            return 0
        return self._newsroom.store.expire(before, now=now)


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


async def _done(name: str, chore: Work) -> None:
    """Do a chore, and let its memory go."""
    await _guarded(name, chore)
    await asyncio.to_thread(memory.give_back)


async def _guarded(name: str, work: Work) -> None:
    """Do what may fail; what is cancelled before it begins leaves nothing behind."""
    try:
        await work()
    except AggregatorError as error:
        log.error("%s: %s", name, error)
    except Exception:
        log.exception("%s: unexpected error", name)


def _tell(feed: Feed, result: Polled) -> None:
    name = feed.title or feed.url
    if result.outcome == "failed" and feed.failures == 0:
        log.warning("%s: %s", name, result.error)
    elif result.outcome != "failed" and feed.failures:
        log.info("%s: works again after %s", name, _counted(feed.failures, "failure"))
    if result.new or result.updated:
        log.info("%s: %d new, %d changed", name, result.new, result.updated)
    if result.drifted:
        came = _counted(result.drifted, "article")
        log.warning("%s: %s came with new ids: recognised (see feeds --explain)", name, came)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
