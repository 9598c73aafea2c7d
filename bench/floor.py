"""What a 304 takes, and what of it the sockets, aiohttp, our client and the store take alone.

    python bench/floor.py [--feeds N] [--rounds N]

Processor time of this process in ms a feed, the middle of all rounds, which take turns; the server
is another process. Every figure contains the opening of 32 connections, but those of the store.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import uvloop
from contenders import FEEDS_YAML
from measure import cpu_seconds, print_table
from poll import serving

from aggregator import config, fetch
from aggregator.model import Feed
from aggregator.pipeline.newsroom import Newsroom, opened
from aggregator.pipeline.rounds import poll

CONNECTIONS = 32
BATCH = 40
"""States that are usually written at once."""

Ask = Callable[[Feed], Awaitable[object]]


class _Conversation(asyncio.Protocol):
    """Asks and hears, one answer at a time; whatever comes is one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._answer.set_result(data)

    async def ask(self, request: bytes) -> bytes:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


async def _all(feeds: Iterable[Feed], asks: Iterable[Ask]) -> None:
    waiting = iter(feeds)

    async def work(ask: Ask) -> None:
        for feed in waiting:
            await ask(feed)

    await asyncio.gather(*map(work, asks))


async def sockets(feeds: Iterable[Feed], base: str) -> None:
    """Ask through bare protocols of the event loop."""
    address = urlsplit(base)
    loop = asyncio.get_running_loop()

    def asking(conversation: _Conversation) -> Ask:
        async def ask(feed: Feed) -> None:
            head = f"GET {urlsplit(feed.url).path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            wanted = f"{head}If-None-Match: {feed.validators.etag}\r\n\r\n"
            assert b" 304 " in await conversation.ask(wanted.encode())

        return ask

    opening = (
        loop.create_connection(_Conversation, address.hostname, address.port)
        for _ in range(CONNECTIONS)
    )
    conversations = [conversation for _, conversation in await asyncio.gather(*opening)]
    await _all(feeds, map(asking, conversations))
    for conversation in conversations:
        conversation.transport.close()


async def session(feeds: Iterable[Feed], _: str) -> None:
    """Ask through aiohttp, set up as lean as it can be."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
    ) as asked:

        async def ask(feed: Feed) -> None:
            sent = {"If-None-Match": feed.validators.etag or ""}
            async with asked.get(feed.url, headers=sent, allow_redirects=False) as answer:
                assert answer.status == 304

        await _all(feeds, [ask] * CONNECTIONS)


async def client(feeds: Iterable[Feed], _: str) -> None:
    """Ask through our client, with its bounds, checks and turns."""
    limits = fetch.Limits(
        concurrency=CONNECTIONS,
        per_host=CONNECTIONS,
        host_delay=timedelta(),
        allow=("127.0.0.1",),
    )
    async with fetch.Client(limits) as asked:

        async def ask(feed: Feed) -> None:
            answer = await asked.fetch(fetch.Request(feed.url, feed.validators))
            assert answer.status == 304

        await _all(feeds, [ask] * CONNECTIONS)


def _write(newsroom: Newsroom, feeds: Sequence[Feed]) -> None:
    for start in range(0, len(feeds), BATCH):
        newsroom.store.save_feeds(feeds[start : start + BATCH])


@contextmanager
def _polled(base: str, feeds: int) -> Iterator[Newsroom]:
    """A newsroom whose feeds have all been polled."""
    with tempfile.TemporaryDirectory() as directory:
        listed = Path(directory) / "feeds.yaml"
        lines = "\n".join(f"  - {base}/feed/{number}.xml" for number in range(feeds))
        listed.write_text(FEEDS_YAML.format(feeds=lines), encoding="utf-8")
        with opened(config.load(listed)) as newsroom:
            newsroom.store.sync(newsroom.config.subscriptions, now=newsroom.clock())
            uvloop.run(poll(newsroom, newsroom.store.active()))
            yield newsroom


def _milliseconds(work: Callable[[], object], feeds: int) -> float:
    started = cpu_seconds()
    work()
    return (cpu_seconds() - started) * 1000 / feeds


def main() -> None:
    """Measure the parts in turn and print the middle of each."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=500)
    arguments.add_argument("--rounds", type=int, default=7)
    size = arguments.parse_args()
    with serving(size.feeds, 4) as (base, _), _polled(base, size.feeds) as newsroom:
        feeds = newsroom.store.active()
        if any(feed.validators.etag is None for feed in feeds):
            sys.exit("a feed could not be polled")
        parts: dict[str, Callable[[], object]] = {
            "the whole poll": lambda: uvloop.run(poll(newsroom, newsroom.store.active())),
            "our client alone": lambda: uvloop.run(client(feeds, base)),
            "aiohttp alone": lambda: uvloop.run(session(feeds, base)),
            "sockets of the event loop alone": lambda: uvloop.run(sockets(feeds, base)),
            "reading the rows of feeds": newsroom.store.active,
            "writing them, 40 at once": lambda: _write(newsroom, feeds),
        }
        rounds = [
            {name: _milliseconds(work, size.feeds) for name, work in parts.items()}
            for _ in range(size.rounds)
        ]
    rows = [(name, f"{median(one[name] for one in rounds):.3f}") for name in parts]
    print_table(("part of a 304", "ms"), rows)


if __name__ == "__main__":
    main()
