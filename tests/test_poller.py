"""The poller itself, where a command cannot reach: one poller over time, feeds that share it."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

from aggregator import config
from aggregator.errors import StoreError
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.poll import Poller
from tests.support.newsrooms import NOON, TALKS, newsroom, rss
from tests.support.server import conditional


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
