"""The background poller's jobs, under a clock that the test turns."""

import asyncio
import gc
import json
import sqlite3
import threading
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator import config
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.poll import Poller
from aggregator.pipeline.service import Service
from tests.support.newsrooms import (
    ARTICLES,
    DAY,
    NOON,
    PATIENCE,
    QUAKE,
    SECTIONS,
    TALKS,
    Item,
    fail,
    newsroom,
    rss,
    serve,
    until,
)
from tests.support.server import Reply, Server
from tests.support.store import entry, save


@dataclass
class Clock:
    now: datetime

    def __call__(self):
        return self.now


CHORES = {"digest", "index", "mail", "maintenance"}


@dataclass
class Running:
    service: Service
    room: object
    clock: Clock

    async def until(self, condition):
        await asyncio.to_thread(until, condition)

    async def polled(self):
        """Waits until no feed is being polled."""
        polls = [task for task in asyncio.all_tasks() if task.get_name().startswith("poll ")]
        await asyncio.gather(*polls)
        await asyncio.sleep(0)

    async def settled(self):
        """Ticks until every feed that is due has been polled, then waits for the chores."""
        while self.room.store.due(self.clock(), 100) or polling():
            await self.service.tick()
            await asyncio.sleep(0.02)
        await asyncio.sleep(0)  # the service learns in its callbacks that a poll has ended
        await self.service.tick()
        await self.finished()

    async def finished(self):
        """Waits for the chores, however long they take, before the service is drained."""
        chores = [task for task in asyncio.all_tasks() if task.get_name() in CHORES]
        await asyncio.gather(*chores, return_exceptions=True)
        assert await self.service.drain()


def polling():
    return any(task.get_name().startswith("poll ") for task in asyncio.all_tasks())


@asynccontextmanager
async def running(desk, now=NOON):
    clock = Clock(now)
    with opened(config.load(desk.config), clock=clock) as room:
        room.store.sync(room.config.subscriptions, now=now)
        async with Poller.open(room) as poller:
            yield Running(Service(room, poller), room, clock)


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path) as desk:
        yield desk


def test_ticks_poll_what_is_due_and_the_first_round_ends_with_a_digest(desk):
    async def main():
        async with running(desk) as it:
            await it.settled()
            assert it.room.store.count() == ARTICLES
            assert it.room.index.ids(it.room.query("tehran"))
            asked = len(desk.server.asked)
            await it.settled()
            assert len(desk.server.asked) == asked == 4
            it.clock.now += timedelta(days=2)
            await it.settled()
            assert len(desk.server.asked) == 8

    asyncio.run(main())
    assert (desk.site / "digest" / DAY.isoformat() / "index.html").is_file()


def test_a_feed_is_not_polled_twice_at_the_same_time(tmp_path):
    with newsroom(tmp_path, {"/slow": Reply(200, rss("Slow", TALKS), pause=0.5)}) as desk:

        async def main():
            async with running(desk) as it:
                for _ in range(5):
                    await it.service.tick()
                    await asyncio.sleep(0.02)
                await it.until(lambda: it.room.store.count())

        asyncio.run(main())
        assert desk.server.paths() == ["/slow"]


def test_a_day_without_articles_is_published_once_the_digest_is_due(desk):
    async def main():
        async with running(desk) as it:
            await it.settled()
            told = days(desk)
            tomorrow = DAY + timedelta(days=1)
            it.clock.now = datetime(tomorrow.year, tomorrow.month, tomorrow.day, 1, 30, tzinfo=UTC)
            await it.service.digest()
            await it.finished()
            assert days(desk) == told
            it.clock.now += timedelta(hours=7)
            await it.service.digest()
            await it.finished()
            assert days(desk) == told | {tomorrow}

    asyncio.run(main())


def test_a_day_that_gained_articles_is_published_again(desk):
    async def main():
        async with running(desk) as it:
            await it.settled()
            (record,) = (desk.site / "digest" / DAY.isoformat()).glob("edition.json")
            whole = record.read_text()
            record.write_text(json.dumps({**json.loads(whole), "articles": 1}))
            it.clock.now += timedelta(days=2)
            await it.service.digest()
            await it.finished()
            assert json.loads(record.read_text())["articles"] == json.loads(whole)["articles"]

    asyncio.run(main())


def test_the_front_page_leads_to_the_week_as_soon_as_there_is_one(desk):
    digest = f"\ndigest: {{weekly: {DAY + timedelta(days=1):%A}, at: '06:30'}}\n"
    desk.write(list(desk.server.routes), sections=SECTIONS + digest)

    async def main():
        async with running(desk) as it:
            await it.settled()
            assert "The week" not in (desk.site / "index.html").read_text()
            it.clock.now += timedelta(days=1)
            await it.service.digest()
            await it.finished()
            assert "The week" in (desk.site / "index.html").read_text()

    asyncio.run(main())


def days(desk):
    return {datetime.fromisoformat(path.name).date() for path in (desk.site / "digest").iterdir()}


def test_maintenance_lets_old_articles_go_from_store_and_index(desk):
    desk.write(list(desk.server.routes), settings={"keep": "30d"})
    fresh = Item("A month later", "https://world.example/later", hours=24 * 39)

    async def main():
        async with running(desk) as it:
            await it.settled()
            await it.service.maintain()
            await it.finished()
            assert it.room.store.count() == ARTICLES
            it.clock.now += timedelta(days=40)
            serve(desk, "/world.rss", rss("World Desk", fresh))
            await it.settled()
            await it.service.maintain()
            await it.finished()
            (left,) = it.room.store.find()
            assert left.title == fresh.title
            assert it.room.index.ids(it.room.query("")) == {left.id}
            assert it.room.index.behind() == 0

    asyncio.run(main())


def test_maintenance_forgets_dates_with_which_no_day_ended(desk):
    async def main():
        async with running(desk) as it:
            await it.settled()
            for hours in (1, 2, 24):
                it.clock.now = now = NOON + timedelta(hours=hours)
                made = entry("1", at=desk.url("/world.rss"), published=now, first_seen=now)
                save(it.room.store, made, at=desk.url("/world.rss"), now=now)
            await it.service.maintain()
            await it.finished()
            (redated,) = it.room.store.daybook.redated([made.id]).values()
            assert redated.earlier == ((NOON + timedelta(hours=24), NOON + timedelta(hours=2)),)

    asyncio.run(main())


def test_maintenance_removes_nothing_where_all_is_old_for_a_clock_may_be_ahead(desk, caplog):
    async def main():
        async with running(desk) as it:
            await it.settled()
            it.clock.now += timedelta(days=5 * 365)
            await it.service.maintain()
            await it.finished()
            assert it.room.store.count() == ARTICLES

    asyncio.run(main())
    assert "none is removed" in caplog.text


def test_a_chore_that_fails_is_told_and_the_next_one_works(desk, caplog):
    desk.site.write_text("in the way")

    async def main():
        async with running(desk) as it:
            await it.service.digest()
            await it.finished()
            assert "digest: cannot write" in caplog.text
            desk.site.unlink()
            await it.service.digest()
            await it.finished()

    asyncio.run(main())
    assert (desk.site / "index.html").is_file()
    assert "Traceback" not in caplog.text


def test_failures_and_recoveries_are_told_once(desk, caplog):
    caplog.set_level("INFO", "aggregator")
    desk.write(["/world.rss"])
    working = desk.server.routes["/world.rss"]
    fail(desk, "/world.rss", 500)

    async def main():
        async with running(desk) as it:
            for _ in range(3):
                await it.settled()
                it.clock.now += timedelta(days=2)
            desk.server.routes["/world.rss"] = working
            await it.settled()
            assert it.room.store.count() == 3

    asyncio.run(main())
    assert caplog.text.count("500 Internal Server Error") == 1
    assert "works again after 3 failures" in caplog.text
    assert "3 new, 0 changed" in caplog.text


def test_a_publisher_that_changes_its_ids_is_told_of(desk, caplog):
    desk.write(["/world.rss"])
    serve(desk, "/world.rss", rss("World Desk", TALKS))

    async def main():
        async with running(desk) as it:
            await it.settled()
            serve(desk, "/world.rss", rss("World Desk", replace(TALKS, guid="anew")))
            it.clock.now += timedelta(days=2)
            await it.settled()
            assert it.room.store.count() == 1

    asyncio.run(main())
    assert "1 article came with new ids: recognised" in caplog.text


def test_a_chore_that_runs_is_not_started_twice(desk, caplog):
    caplog.set_level("INFO", "aggregator")

    async def main():
        async with running(desk) as it:
            await it.settled()
            caplog.clear()
            for _ in range(3):
                await it.service.digest()
                await it.service.index()
            await it.finished()
            assert it.room.index.ids(it.room.query("tehran"))

    asyncio.run(main())
    assert caplog.text.count(f"published {DAY}") == 1


def test_draining_gives_polls_up(tmp_path):
    with newsroom(tmp_path, {"/slow": Reply(200, rss("Slow", TALKS), drip=0.2)}) as desk:

        async def main():
            async with running(desk) as it:
                await it.service.tick()
                await it.until(lambda: desk.server.asked)
                started = asyncio.get_running_loop().time()
                assert await it.service.drain()
                assert asyncio.get_running_loop().time() - started < 2
                (feed,) = it.room.store.feeds()
                assert (feed.last_poll, feed.failures) == (None, 0)

        asyncio.run(main())


def test_polls_that_are_given_up_before_they_begin_leave_nothing_behind(desk):
    """A coroutine that nobody awaits is warned of, here as an error, in the log of a stop."""

    async def main():
        async with running(desk) as it:
            await it.service.tick()
            assert polling()
            assert await it.service.drain()
            assert desk.server.asked == []

    asyncio.run(main())
    gc.collect()


def test_the_jobs_are_scheduled_in_the_configured_zone(desk):
    desk.write([], settings={"timezone": "Europe/Berlin"}, sections='digest: {at: "06:45"}')

    async def main():
        async with running(desk) as it:
            scheduler = it.service.schedule()
            triggers = {job.func.__name__: str(job.trigger) for job in scheduler.get_jobs()}
            assert set(triggers) == {"tick", "index", "digest", "maintain"}
            assert "minute='45'" in triggers["digest"]
            assert "hour='4'" in triggers["maintain"]
            assert str(scheduler.timezone) == "Europe/Berlin"

    asyncio.run(main())


def test_a_store_that_cannot_be_written_makes_polling_pause(desk, caplog):
    desk.write(["/world.rss", "/wire.rdf", "/tech.json"])

    async def main():
        async with running(desk) as it:
            with closing(sqlite3.connect(desk.data / "articles.db")) as database:
                database.execute(
                    "CREATE TRIGGER full BEFORE UPDATE ON feeds "
                    "BEGIN SELECT RAISE(ABORT, 'no'); END"
                )

            async def asked_after(wait):
                before = len(desk.server.asked)
                it.clock.now += wait
                await it.service.tick()
                await it.polled()
                return len(desk.server.asked) - before

            asked = [await asked_after(timedelta(seconds=seconds)) for seconds in (0, 5, 50)]
            assert asked == [3, 0, 0]
            assert caplog.text.count("polling waits for 1 min") == 1
            asked = [await asked_after(timedelta(seconds=seconds)) for seconds in (5, 60, 50, 10)]
            assert asked == [1, 0, 0, 1]
            assert caplog.text.count("polling waits for") == 3
            assert [await asked_after(timedelta(hours=2)) for _ in range(5)] == [1] * 5
            assert caplog.text.count("polling waits for 60 min") == 2
            with closing(sqlite3.connect(desk.data / "articles.db")) as database:
                database.execute("DROP TRIGGER full")
            it.clock.now += timedelta(minutes=60)
            await it.settled()
            assert it.room.store.count() == 7

    asyncio.run(main())


def test_a_store_that_cannot_be_read_makes_polling_pause(desk, caplog):
    async def main():
        async with running(desk) as it:
            with closing(sqlite3.connect(desk.data / "articles.db")) as database:
                database.execute("ALTER TABLE feeds RENAME TO lost")
                await it.service.tick()
                await it.service.tick()
                assert caplog.text.count("polling waits for 1 min") == 1
                database.execute("ALTER TABLE lost RENAME TO feeds")
            it.clock.now += timedelta(minutes=1)
            await it.settled()
            assert it.room.store.count() == ARTICLES

    asyncio.run(main())


def test_a_feed_that_takes_long_does_not_keep_the_first_digest_waiting(tmp_path):
    routes = {
        "/slow": Reply(200, rss("Slow", TALKS), pause=20),
        "/quick": Reply(200, rss("Quick", QUAKE)),
    }
    with newsroom(tmp_path, routes) as desk:

        async def main():
            async with running(desk) as it:
                await it.service.tick()
                await it.until(lambda: it.room.store.count())
                it.clock.now += timedelta(seconds=119)
                await it.service.tick()
                assert not desk.site.exists()
                it.clock.now += timedelta(seconds=1)
                await it.service.tick()
                await it.until((desk.site / "index.html").is_file)
                await it.finished()

        asyncio.run(main())


def test_a_host_with_many_due_feeds_does_not_keep_others_waiting(tmp_path):
    released = threading.Event()

    def held(_):
        released.wait(PATIENCE)
        return Reply(200, rss("Held", TALKS))

    quick = {f"/{n}": Reply(200, rss("Quick", QUAKE)) for n in range(20)}
    with (
        Server(quick, host="127.0.0.2") as other,
        newsroom(tmp_path, {f"/{n}": held for n in range(100)}) as desk,
    ):
        many = [desk.url(f"/{n}") for n in range(100)]
        desk.write(
            many + [other.url + path for path in quick],
            poll={"per-host": 2, "concurrency": 3},
            allow=["127.0.0.0/8"],
        )

        async def main():
            async with running(desk) as it:
                await it.service.tick()
                await it.until(lambda: len(other.asked) == len(quick))
                assert len(desk.server.asked) <= 2
                released.set()
                await it.settled()

        asyncio.run(main())
        assert sorted(other.paths()) == sorted(quick)
        assert len(desk.server.paths()) == len(set(desk.server.paths())) == 100
        assert desk.server.busiest <= 2


def test_a_feed_that_is_put_off_while_it_waits_in_line_is_not_polled(tmp_path):
    routes = {f"/{n}": Reply(200, rss("One", TALKS)) for n in range(3)}
    with newsroom(tmp_path, routes) as desk:
        desk.write(list(routes), poll={"per-host": 1, "concurrency": 1})
        later = NOON + timedelta(hours=3)

        async def main():
            async with running(desk) as it:
                await it.service.tick()
                it.room.store.postpone(
                    [desk.url("/2")], until=later, spread=timedelta(), why="its site rests"
                )
                await it.settled()
                assert sorted(desk.server.paths()) == ["/0", "/1"]
                it.clock.now = later
                await it.settled()
                assert "/2" in desk.server.paths()

        asyncio.run(main())


def test_a_feed_that_is_always_due_does_not_keep_the_first_digest_waiting(desk):
    desk.write(["/world.rss"], poll={"min-interval": "1s", "interval": "1s"})

    async def main():
        async with running(desk) as it:
            for _ in range(2):
                await it.service.tick()
                await it.polled()
                it.clock.now += timedelta(days=2)
                assert it.room.store.due(it.clock(), 1)
            await it.finished()

    asyncio.run(main())
    assert (desk.site / "index.html").is_file()
