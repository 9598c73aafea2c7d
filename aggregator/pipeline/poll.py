"""Polling: a feed is fetched, read in a worker process, filtered and saved in one transaction."""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from aggregator import fetch, normalize, schedule, urls
from aggregator.errors import (
    AggregatorError,
    FetchError,
    RefusedError,
    RestingError,
    SlowError,
    UnreachableError,
)
from aggregator.model import Feed, Hints, Outcome, Subscription, Validators
from aggregator.pipeline import asking, bounds, moving
from aggregator.pipeline.filtering import Filter
from aggregator.pipeline.memory import settled
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.records import ARRIVALS, Records
from aggregator.store import Delivery
from aggregator.workers import Pool

E = TypeVar("E", bound=AggregatorError)

log = logging.getLogger("aggregator.poll")

GONE = 410
WHY_GONE = "its server says that it is gone for good: polled only when you ask for it"
LONGEST_OFFLINE = timedelta(hours=1)
"""The longest wait of feeds that no server was reached for: the network may be back by then."""
LARGE = 250_000
"""Bytes of a body that is read while no other so large is: not all workers grow at once."""
LONG = 10.0
"""Seconds of an answer whose feed is asked beside the others the next time."""
ROOM = 8 << 20
"""Bytes of bodies that are being fetched, wait to be read or have not been saved."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of polling one feed."""

    url: str
    outcome: Outcome
    http_status: int | None = None
    entries: int = 0
    new: int = 0
    updated: int = 0
    drifted: int = 0
    error: str | None = None
    next_poll: datetime | None = None


class Poller:
    """Polls feeds concurrently; the store is written by one thread.

    Beside all others go on at most `most_patient` polls of feeds that took long the last time.
    """

    def __init__(self, newsroom: Newsroom, client: fetch.Client, pool: Pool) -> None:
        self._newsroom = newsroom
        self._client = client
        self._pool = pool
        self._room = fetch.Room(ROOM)
        self._alone = asyncio.Lock()
        self._records = Records(newsroom, self._in_rhythm)
        self._subscriptions = newsroom.subscriptions
        self._filters = {
            one.url: Filter(one, newsroom)
            for one in newsroom.config.subscriptions
            if one.include or one.exclude
        }
        settings = newsroom.config.settings.poll
        self._timeout = settings.timeout.total_seconds()
        self.most_patient = bounds.most_patient(newsroom.config)
        self._most = normalize.Most(
            entries=settings.max_entries,
            title=settings.max_title,
            text=settings.max_text,
            tags=settings.max_tags,
        )
        self._bounds = schedule.Bounds(
            minimum=settings.min_interval,
            maximum=settings.max_interval,
            default=settings.interval,
        )
        longest = max(settings.min_interval, min(settings.max_interval, LONGEST_OFFLINE))
        self._offline = replace(self._bounds, maximum=longest)

    @classmethod
    @asynccontextmanager
    async def open(cls, newsroom: Newsroom) -> AsyncIterator["Poller"]:
        """A poller with its HTTP client and its worker processes."""
        async with AsyncExitStack() as stack:
            stack.enter_context(settled())
            limits = bounds.limits(newsroom.config)
            client = await stack.enter_async_context(fetch.Client(limits))
            pool = await stack.enter_async_context(bounds.pool(newsroom.config))
            poller = cls(newsroom, client, pool)
            await stack.enter_async_context(poller._records)
            yield poller

    @property
    def most_at_once(self) -> int:
        """How many polls may go on: one waits for its turn, is read or saved while one is asked."""
        return self._newsroom.config.settings.poll.concurrency * 2

    @property
    def most_slow(self) -> int:
        """How many polls may go on beside these while servers keep them waiting."""
        return bounds.most_slow(self._newsroom.config)

    def is_patient(self, seconds: float | None) -> bool:
        """Whether a feed that took so long the last time is asked beside the others."""
        return self.most_patient > 0 and (seconds or 0.0) >= LONG

    @property
    def most_per_site(self) -> int:
        """How many polls of one site may go on."""
        return self._newsroom.config.settings.poll.per_host

    def site_of(self, url: str) -> str:
        """The site that takes turns with all that is asked of it."""
        return self._client.site_of(urls.host(url))

    async def poll(self, feed: Feed) -> Polled:
        """Poll one feed and record what came of it, whatever it is."""
        status = None
        try:
            asked = moving.at_its_address(feed)
            condition = asking.condition(asked, self._newsroom.clock())
            patient = self.is_patient(feed.seconds)
            request = fetch.Request(asked.fetch_url, condition, self._headers(asked), patient)
            with self._room.share() as share:
                response = await self._client.fetch(request, share)
                status = response.status
                return await self._take(feed, asked, response)
        except RestingError as error:
            return await self._skipped(feed, error)
        except RefusedError as error:
            await self._spare(feed, error)
            return await self._failed(feed, error, error.status)
        except FetchError as error:
            return await self._failed(feed, _bare(error), error.status)
        except AggregatorError as error:
            return await self._failed(feed, _bare(error), status)
        except Exception as error:
            log.exception("%s: unexpected error", feed.url)
            return await self._failed(feed, AggregatorError(f"unexpected {error!r}"), status)

    async def _take(self, feed: Feed, asked: Feed, response: fetch.Response) -> Polled:
        now = self._newsroom.clock()
        followed = moving.followed(asked, response.moved_to, now.date())
        hints = feed.hints
        if hints.max_age != response.max_age:
            hints = replace(hints, max_age=response.max_age)
        answer: dict[str, Any] = {
            "validators": response.validators,
            "http_status": response.status,
            "seconds": response.seconds,
            "hints": hints,
            "hub": response.hub or (feed.hub if response.body is None else None),
            "last_success": now,
            "failures": 0,
            "error": None,
            "gone": False,
        }
        if response.body is None:
            answer |= self._plan(feed, hints, now)
        answered = schedule.aged(replace(followed, **answer), feed, now)
        if response.body is None:
            await self._records.note(answered)
            return Polled(feed.url, "not_modified", response.status, next_poll=answered.next_poll)
        reading = await self._read(answered, response)
        return await self._save(answered, reading)

    async def _read(self, feed: Feed, response: fetch.Response) -> normalize.Reading:
        subscription = self._subscription(feed)
        known = await self._records.known(feed.id)
        body = response.body or b""
        async with self._alone if len(body) > LARGE else nullcontext():
            return await self._parsed(body, feed, subscription, known, response)

    async def _parsed(
        self,
        body: bytes,
        feed: Feed,
        subscription: Subscription,
        known: frozenset[bytes],
        response: fetch.Response,
    ) -> normalize.Reading:
        return await self._pool.run(
            normalize.read,
            body,
            content_type=response.content_type,
            url=response.url,
            feed_url=feed.url,
            feed_title=subscription.title or feed.title,
            known=known,
            language=subscription.language,
            now=self._newsroom.clock(),
            most=self._most,
        )

    async def _save(self, feed: Feed, reading: normalize.Reading) -> Polled:
        subscription = self._subscription(feed)
        choice = self._filters.get(feed.url)
        now = self._newsroom.clock()
        wanted = choice.keep(reading.articles, now) if choice else reading.articles
        described = replace(
            feed,
            title=subscription.title or reading.title or feed.title or urls.host(feed.url),
            site_url=reading.site_url or feed.site_url,
            language=subscription.language or reading.language or feed.language,
            validators=feed.validators if reading.complete else Validators(),
            hub=reading.hub or feed.hub,
            notes=reading.notes,
            hints=replace(reading.hints, max_age=feed.hints.max_age),
        )
        delivery = Delivery(described, wanted, reading.present)
        saved, next_poll = await self._records.deliver(delivery)
        return Polled(
            feed.url,
            "ok",
            feed.http_status,
            entries=reading.total,
            new=saved.new,
            updated=saved.updated,
            drifted=saved.drifted,
            next_poll=next_poll,
        )

    def _plan(self, feed: Feed, hints: Hints, now: datetime) -> dict[str, Any]:
        """What a good answer changes in a feed's plan."""
        plan = schedule.after_success(
            now=now,
            rhythm=feed.rhythm,
            hints=hints,
            fixed=self._subscription(feed).interval,
            bounds=self._bounds,
            random=random.random,
            first=feed.last_poll is None,
        )
        return {
            "interval": plan.interval,
            "next_poll": plan.at,
            "why": plan.why,
            "last_poll": now,
            "last_success": now,
        }

    def _in_rhythm(self, delivery: Delivery, stored: Sequence[datetime], now: datetime) -> Delivery:
        """The delivery with its feed's rhythm and next poll; `stored` are its latest arrivals."""
        arrivals = {article.date for article in delivery.articles}.union(stored)
        newest = sorted(arrivals, reverse=True)[:ARRIVALS]
        rhythm = schedule.rhythm(newest, now=now, together=self._bounds.minimum)
        feed = replace(delivery.feed, rhythm=rhythm)
        return replace(delivery, feed=replace(feed, **self._plan(feed, feed.hints, now)))

    async def _failed(self, feed: Feed, error: AggregatorError, status: int | None) -> Polled:
        now = self._newsroom.clock()
        plan = schedule.after_failure(
            now=now,
            failures=feed.failures + 1,
            retry_after=error.retry_after if isinstance(error, FetchError) else None,
            interval=feed.interval,
            bounds=self._offline if isinstance(error, UnreachableError) else self._bounds,
            random=random.random,
        )
        failed = replace(
            feed,
            next_poll=plan.at,
            why=plan.why,
            last_poll=now,
            failures=feed.failures + 1,
            error=str(error),
            seconds=self._timeout if isinstance(error, SlowError) else feed.seconds,
            http_status=status,
            gone=status == GONE and moving.is_asked_at_home(feed),
        )
        if failed.gone:
            failed = replace(failed, next_poll=None, why=(WHY_GONE,))
        failed = schedule.aged(failed, feed, now)
        await self._records.note(failed)
        return Polled(feed.url, "failed", status, error=failed.error, next_poll=failed.next_poll)

    async def _skipped(self, feed: Feed, error: RestingError) -> Polled:
        """Put off a feed whose site rests: nothing was asked, so nothing else changes."""
        plan = schedule.after_rest(
            now=self._newsroom.clock(),
            rest=error.rest,
            interval=feed.interval,
            why=str(error),
            random=random.random,
        )
        skipped = replace(feed, next_poll=plan.at, why=plan.why)
        await self._records.note(skipped)
        return Polled(feed.url, "skipped", error=str(error), next_poll=plan.at)

    async def _spare(self, feed: Feed, error: RefusedError) -> None:
        """Put off all feeds of a site that refused one, also for whoever polls after us."""
        if error.rest <= fetch.PATIENCE:
            return
        site = self._client.site_of(error.host)
        others = await asyncio.to_thread(self._others, site, feed.url)
        await self._records.run(
            self._newsroom.store.postpone,
            others,
            until=self._newsroom.clock() + error.rest,
            spread=error.rest * schedule.SPREAD_AFTER_REST,
            why=f"{site} said {error.status} to {feed.url}: all its feeds wait",
        )

    def _others(self, site: str, but: str) -> list[str]:
        return [url for url in self._sites[site] if url != but]

    @cached_property
    def _sites(self) -> Mapping[str, Sequence[str]]:
        """The feeds of each site."""
        sites: defaultdict[str, list[str]] = defaultdict(list)
        for url in self._subscriptions:
            sites[self.site_of(url)].append(url)
        return sites

    def _headers(self, feed: Feed) -> tuple[tuple[str, str], ...]:
        """The headers that feeds.yaml gives a feed: for its own site, not for one it moved to."""
        headers = self._subscription(feed).headers
        return headers if headers and fetch.is_same_origin(feed.url, feed.fetch_url) else ()

    def _subscription(self, feed: Feed) -> Subscription:
        return self._subscriptions.get(feed.url) or Subscription(feed.url)


def _bare(error: E) -> E:
    """Return an error without the frames it came through, which hold the body in memory."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
