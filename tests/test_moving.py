"""Feeds that move, over days: permanent redirects, and how the health of feeds ages."""

import asyncio
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import pytest

from aggregator import config, schedule
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.poll import Poller
from tests.support.newsrooms import HARBOUR, NOON, TALKS, newsroom, rss, serve
from tests.support.server import Reply, Server

DAY = timedelta(days=1)


class Diary:
    """A desk and a poller that is called when the diary says so."""

    def __init__(self, desk, now):
        self.desk = desk
        self.now = now
        self.room = self.poller = None

    @property
    def feed(self):
        return self.room.store.feeds()[0]

    @property
    def health(self):
        health = schedule.health(self.feed, self.now)
        return health, schedule.healthy_since(self.feed, health)

    async def poll(self, after):
        self.now += after
        self.desk.server.asked.clear()
        polled = await self.poller.poll(self.feed)
        return polled.outcome, self.desk.server.paths()


@asynccontextmanager
async def _polling(diary):
    with opened(config.load(diary.desk.config), clock=lambda: diary.now) as room:
        room.store.sync(room.config.subscriptions, now=diary.now)
        async with Poller.open(room) as poller:
            diary.room, diary.poller = room, poller
            yield diary


@pytest.fixture
def keeping(tmp_path):
    """Run a test that is a coroutine on a diary of a newsroom with the feed `/feed`."""

    @contextmanager
    def kept(settings):
        with newsroom(tmp_path, {"/feed": Reply(200, rss("Talks", TALKS))}) as desk:
            desk.write([{"url": "/feed", **settings}])
            yield Diary(desk, NOON)

    def run(test, **settings):
        async def main(diary):
            async with _polling(diary):
                await test(diary)

        with kept(settings) as diary:
            asyncio.run(main(diary))

    return run


def move(desk, status=301, location="/new"):
    desk.server.routes["/feed"] = Reply(status, headers={"Location": location})
    serve(desk, "/new", rss("New home", TALKS))


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_believed_on_the_third_day(keeping, status):
    async def test(diary):
        move(diary.desk, status)
        through = ("/feed", "/new")
        for after in (timedelta(), timedelta(hours=2), DAY, timedelta(hours=1)):
            assert (await diary.poll(after))[1] == [*through]
            assert diary.feed.fetch_url == diary.desk.url("/feed")
            assert diary.health == ("moved", NOON)
        assert len(diary.feed.move.days) == 2
        await diary.poll(5 * DAY)
        assert (diary.feed.fetch_url, diary.feed.move) == (diary.desk.url("/new"), None)
        assert (await diary.poll(DAY))[1] == ["/new"]

    keeping(test)


def test_headers_of_a_feed_are_not_sent_where_it_moved_to(keeping):
    async def test(diary):
        desk = diary.desk
        with Server({"/new": Reply(200, rss("New home", TALKS))}) as elsewhere:
            move(desk, location=f"{elsewhere.url}/new")
            for _ in range(4):
                assert (await diary.poll(DAY))[0] in ("ok", "not_modified")
            assert diary.feed.fetch_url == f"{elsewhere.url}/new"
            assert len(elsewhere.asked) == 4
            assert not any("x-key" in asked.headers for asked in elsewhere.asked)
            elsewhere.routes["/new"] = Reply(404)
            for _ in range(4):
                await diary.poll(DAY)
            assert [asked.headers["x-key"] for asked in desk.server.asked] == ["secret"]

    keeping(test, headers={"X-Key": "secret"})


def test_days_without_success_do_not_count_and_lose_nothing(keeping):
    async def test(diary):
        move(diary.desk)
        await diary.poll(DAY)
        for body in (Reply(404), Reply(200, b"<html>parked</html>")):
            diary.desk.server.routes["/new"] = body
            assert (await diary.poll(DAY))[0] == "failed"
        assert len(diary.feed.move.days) == 1
        serve(diary.desk, "/new", rss("New home", TALKS))
        await diary.poll(DAY)
        assert diary.feed.fetch_url == diary.desk.url("/feed")
        await diary.poll(DAY)
        assert diary.feed.fetch_url == diary.desk.url("/new")

    keeping(test)


@pytest.mark.parametrize("turn", ["back", "elsewhere", "temporary"])
def test_a_redirect_that_changes_its_mind_begins_anew(keeping, turn):
    async def test(diary):
        move(diary.desk)
        await diary.poll(DAY)
        await diary.poll(DAY)
        routes = diary.desk.server.routes
        routes["/other"] = Reply(200, rss("Other home", TALKS))
        routes["/feed"] = {
            "back": Reply(200, rss("Talks", TALKS, HARBOUR)),
            "elsewhere": Reply(301, headers={"Location": "/other"}),
            "temporary": Reply(302, headers={"Location": "/new"}),
        }[turn]
        await diary.poll(DAY)
        assert diary.feed.fetch_url == diary.desk.url("/feed")
        move(diary.desk)
        await diary.poll(DAY)
        assert len(diary.feed.move.days) == 1

    keeping(test)


def test_an_address_that_stays_dead_after_a_move_gives_way_to_the_first(keeping):
    async def test(diary):
        move(diary.desk)
        for _ in range(3):
            await diary.poll(DAY)
        routes = diary.desk.server.routes
        routes["/feed"], routes["/new"] = Reply(404), Reply(404)
        asked = [(await diary.poll(DAY))[1] for _ in range(6)]
        assert asked == [["/new"], ["/new"], ["/new"], ["/feed"], ["/new"], ["/feed"]]
        serve(diary.desk, "/feed", rss("Talks", TALKS))
        assert [await diary.poll(DAY) for _ in range(2)] == [
            ("failed", ["/new"]),
            ("ok", ["/feed"]),
        ]
        assert diary.feed.fetch_url == diary.desk.url("/feed")
        assert diary.health == ("ok", diary.now)

    keeping(test)


def test_a_feed_is_gone_when_its_own_address_says_so_not_where_it_moved_to(keeping):
    async def test(diary):
        move(diary.desk)
        for _ in range(3):
            await diary.poll(DAY)
        routes = diary.desk.server.routes
        routes["/new"] = routes["/feed"] = Reply(410)
        for _ in range(3):
            assert await diary.poll(DAY) == ("failed", ["/new"])
            assert diary.health[0] == "failing"
        assert await diary.poll(DAY) == ("failed", ["/feed"])
        assert diary.health[0] == "gone"

    keeping(test)


def _told(diary):
    """Whether the last request was conditional."""
    return "if-none-match" in diary.desk.server.asked[-1].headers


def test_a_silent_feed_is_read_whole_on_one_day_of_seven(keeping):
    """Its server may say “not modified” by mistake, as long as nobody doubts it."""

    async def test(diary):
        body = rss("Talks", TALKS, HARBOUR)

        def mistaken(asked):
            return Reply(304) if "if-none-match" in asked.headers else Reply(200, body)

        serve(diary.desk, "/feed", rss("Talks", TALKS))
        await diary.poll(timedelta())
        diary.desk.server.routes["/feed"] = mistaken
        diary.now += 40 * DAY
        assert diary.health[0] == "silent"
        polled = [await diary.poll(DAY) for _ in range(7)]
        assert sorted(outcome for outcome, _ in polled) == ["not_modified"] * 6 + ["ok"]

    keeping(test)


def test_a_feed_that_fails_is_asked_without_condition_after_every_third_failure(keeping):
    async def test(diary):
        serve(diary.desk, "/feed", rss("Talks", TALKS))
        await diary.poll(timedelta())
        diary.desk.server.routes["/feed"] = Reply(500)
        told = []
        for _ in range(8):
            await diary.poll(DAY)
            told.append(_told(diary))
        assert told == [True, True, True, False, True, True, False, True]

    keeping(test)


def test_health_tells_since_when(keeping):
    async def test(diary):
        await diary.poll(timedelta())
        assert diary.health == ("ok", NOON)
        await diary.poll(DAY)
        assert diary.health == ("ok", NOON)
        diary.now += 40 * DAY
        assert diary.health == ("silent", NOON)
        diary.desk.server.routes["/feed"] = Reply(500)
        await diary.poll(DAY)
        failing = diary.now
        await diary.poll(DAY)
        assert diary.health == ("failing", failing)
        diary.desk.server.routes["/feed"] = Reply(410)
        await diary.poll(DAY)
        assert diary.health == ("gone", diary.now)
        diary.desk.server.routes["/feed"] = Reply(200, rss("Talks", TALKS, HARBOUR))
        await diary.poll(DAY)
        assert diary.health == ("ok", diary.now)

    keeping(test)


def test_the_hub_of_a_feed_is_recorded_from_headers_as_well(keeping):
    async def test(diary):
        body = rss("Talks", TALKS)
        links = '<https://e.example/>; rel=self, </hub>; foo="a, b"; rel="nofollow HUB"'
        diary.desk.server.routes["/feed"] = Reply(200, body, {"Link": links})
        await diary.poll(timedelta())
        assert diary.feed.hub == diary.desk.url("/hub")
        diary.desk.server.routes["/feed"] = Reply(200, body)
        await diary.poll(DAY)
        assert diary.feed.hub == diary.desk.url("/hub")
        bad = {"Link": "<javascript:alert(1)>; rel=hub"}
        diary.desk.server.routes["/feed"] = Reply(200, rss("Talks", TALKS, HARBOUR), bad)
        await diary.poll(DAY)
        assert diary.feed.hub is None
        explained = diary.desk.run("feeds", "--explain", diary.feed.url)
        assert "hub" not in explained.out

    keeping(test)
