"""Politeness as the owner of a newsroom sees it, and the owners of the servers."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Subscription
from aggregator.store import Store
from tests.support.newsrooms import HARBOUR, PATIENCE, QUAKE, TALKS, newsroom, rss
from tests.support.server import Reply


@pytest.fixture
def desk(tmp_path):
    routes = {
        "/talks": Reply(200, rss("Talks", TALKS)),
        "/quake": Reply(200, rss("Quake", QUAKE)),
        "/harbour": Reply(200, rss("Harbour", HARBOUR)),
    }
    with newsroom(tmp_path, routes) as desk:
        yield desk


def outcomes(polled):
    return {one["url"].rpartition("/")[2]: one["outcome"] for one in polled["results"]}


def wait(feed):
    return datetime.fromisoformat(feed["next_poll"]) - datetime.now(UTC)


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_puts_off_every_feed_of_the_host_for_every_later_poll(desk, status):
    desk.server.routes["/talks"] = Reply(status, headers={"Retry-After": "7200"})
    desk.write(["/talks", "/quake", "/harbour"], poll={"per-host": 1})
    polled = desk.poll()
    assert outcomes(polled) == {"talks": "failed", "quake": "skipped", "harbour": "skipped"}
    assert (polled["feeds"], polled["polled"], polled["failed"]) == (3, 1, 1)
    assert desk.server.paths() == ["/talks"]
    for feed in desk.json("feeds"):
        assert timedelta(hours=1.9) < wait(feed) < timedelta(hours=2.3)
    assert desk.json("poll")["feeds"] == 0
    explained = desk.run("feeds", "--explain", desk.url("/quake")).out
    assert "127.0.0.1 refused other requests, so all its feeds wait" in explained


def test_feeds_that_are_due_later_anyway_are_not_polled_earlier(desk):
    desk.write([{"url": "/quake", "interval": "9h"}, "/talks"], poll={"per-host": 1})
    desk.poll()
    desk.server.routes["/talks"] = Reply(429, headers={"Retry-After": "3600"})
    desk.poll(desk.url("/talks"))
    quake, talks = desk.json("feeds")
    assert wait(quake) > timedelta(hours=8.9)
    assert timedelta(minutes=59) < wait(talks) < timedelta(hours=1.2)


def test_feeds_that_are_not_due_yet_are_put_off_as_well(desk):
    desk.write(["/quake", "/talks"], poll={"per-host": 1})
    desk.poll()
    desk.server.routes["/talks"] = Reply(429, headers={"Retry-After": "72000"})
    desk.poll(desk.url("/talks"))
    assert timedelta(hours=19.9) < wait(desk.json("feeds")[0]) < timedelta(hours=22.1)
    explained = desk.run("feeds", "--explain", desk.url("/quake")).out
    assert f"127.0.0.1 said 429 to {desk.url('/talks')}: all its feeds wait" in explained


def test_a_lone_503_takes_nobody_with_it(desk):
    desk.server.routes["/talks"] = Reply(503)
    desk.write(["/talks", "/quake", "/harbour"], poll={"per-host": 1})
    assert outcomes(desk.poll()) == {"talks": "failed", "quake": "ok", "harbour": "ok"}


def waiting():
    """What a server replies that waits until the other one is asked, and what that one does."""
    is_asked = threading.Event()

    def silent(_):
        return Reply(200 if is_asked.wait(PATIENCE) else 500, rss("Quake", QUAKE))

    def prompt(_):
        is_asked.set()
        return Reply(200, rss("Talks", TALKS))

    return silent, prompt


def test_servers_that_do_not_answer_hold_up_nobody(desk):
    silent, prompt = waiting()
    desk.server.routes |= {"/silent": silent, "/mute": silent, "/talks": prompt}
    desk.write(["/silent", "/mute", "/talks"], poll={"concurrency": 1, "timeout": "300s"})
    assert set(outcomes(desk.poll()).values()) == {"ok"}


def test_a_time_limit_is_remembered(desk):
    desk.server.routes["/talks"] = Reply(200, rss("Talks", TALKS), pause=5)
    desk.write(["/talks", "/quake"], poll={"timeout": "1s"})
    assert outcomes(desk.poll()) == {"talks": "failed", "quake": "ok"}
    with Store.open(desk.data / "articles.db") as store:
        talks, quake = store.feeds()
    assert talks.seconds == 1.0 > quake.seconds


def test_feeds_that_kept_us_waiting_hold_up_none_but_their_like(desk):
    """However many they are: here more than all places together."""
    silent, prompt = waiting()
    paths = [f"/silent{number}" for number in range(20)]
    desk.server.routes |= {**dict.fromkeys(paths, silent), "/talks": prompt}
    desk.write([*paths, "/talks"], poll={"concurrency": 1, "per-host": 100, "timeout": "300s"})
    with Store.open(desk.data / "articles.db") as store:
        store.sync(
            [Subscription(desk.url(path)) for path in (*paths, "/talks")], now=datetime.now(UTC)
        )
        for path in paths:
            feed = store.feed(desk.url(path))
            store.save_feeds([replace(feed, seconds=30.0, failures=1)])
    assert set(outcomes(desk.poll()).values()) == {"ok"}


def test_bounds_of_a_fetch_are_settings(desk):
    desk.server.routes["/moved"] = Reply(302, headers={"Location": "/talks"})
    desk.server.routes["/talks"] = Reply(200, rss("Talks", TALKS), {"X": "y" * 3_000})
    desk.write(["/moved"], poll={"max-redirects": 0})
    assert desk.poll()["results"][0]["error"] == "redirects more than 0 times"
    desk.write(["/talks"], poll={"max-headers": "2KB"})
    assert desk.poll()["results"][0]["error"] == "127.0.0.1 sent headers of more than 2 KB"
