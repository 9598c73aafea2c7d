"""The poller itself, where a command cannot reach: one poller over time, feeds that share it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from aggregator import config
from aggregator.errors import StoreError
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.poll import Poller
from tests.support.newsrooms import HARBOUR, NOON, QUAKE, TALKS, newsroom, rss, serve
from tests.support.server import Reply, conditional


@asynccontextmanager
async def polling(desk, clock=lambda: NOON):
    """A poller and its newsroom."""
    with opened(config.load(desk.config), clock=clock) as room:
        room.store.sync(room.config.subscriptions, now=clock())
        async with Poller.open(room) as poller:
            yield poller, room


def test_a_state_that_cannot_be_saved_fails_alone(tmp_path):
    routes = {path: conditional(rss("Talks", TALKS)) for path in ("/a", "/b", "/lost")}
    with newsroom(tmp_path, routes) as desk:

        async def main():
            async with polling(desk) as (poller, room):
                for feed in room.store.feeds():
                    await poller.poll(feed)
                *good, lost = room.store.feeds()
                settled = await asyncio.gather(
                    *map(poller.poll, [*good, replace(lost, id=99)]), return_exceptions=True
                )
                assert [polled.outcome for polled in settled[:2]] == ["not_modified"] * 2
                assert isinstance(settled[2], StoreError)

        asyncio.run(main())


def test_the_days_of_a_filter_go_with_the_clock(tmp_path):
    now = [NOON]
    with newsroom(tmp_path, {"/feed": Reply(200, rss("Talks", TALKS))}) as desk:
        desk.write([{"url": "/feed", "include": "date:today"}])

        async def main():
            async with polling(desk, clock=lambda: now[0]) as (poller, room):
                (feed,) = room.store.feeds()
                assert (await poller.poll(feed)).new == 1
                now[0] += timedelta(days=1)
                tomorrow = replace(QUAKE, hours=24)
                serve(desk, "/feed", rss("Talks", TALKS, HARBOUR, tomorrow))
                assert (await poller.poll(feed)).new == 1
                assert [one.title for one in room.store.find()] == [QUAKE.title, TALKS.title]

        asyncio.run(main())


def test_an_edit_is_no_news(tmp_path):
    now = [NOON]
    with newsroom(tmp_path, {"/feed": Reply(200, rss("Talks", TALKS))}) as desk:

        async def main():
            async with polling(desk, clock=lambda: now[0]) as (poller, room):

                async def poll(*items):
                    now[0] += timedelta(days=1)
                    serve(desk, "/feed", rss("Talks", *items))
                    polled = await poller.poll(room.store.feeds()[0])
                    return polled.new, polled.updated, room.store.feeds()[0].last_new

                first = NOON + timedelta(days=1)
                assert await poll(TALKS) == (1, 0, first)
                edited = replace(TALKS, title="Talks are off", text="Not yet.")
                assert await poll(edited) == (0, 1, first)
                assert await poll(edited, QUAKE) == (1, 0, now[0])

        asyncio.run(main())


def test_a_newsroom_has_one_store_however_many_threads_ask_for_it_at_once(tmp_path):
    with newsroom(tmp_path, {}) as desk:
        desk.write()
        with opened(config.load(desk.config)) as room, ThreadPoolExecutor(8) as threads:
            asking = Barrier(8)

            def ask(_):
                asking.wait()
                return room.store

            assert len(set(map(id, threads.map(ask, range(8))))) == 1
