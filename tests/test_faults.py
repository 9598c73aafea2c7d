"""Polls of many broken feeds at once, by the real command: each fails in words, and alone."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.faults import FAULTY, MAX_SIZE, QUICK, SLOW, items
from tests.support.measuring import measured
from tests.support.newsrooms import Desk, Item, newsroom, rss
from tests.support.server import Reply, conditional

MAX_MEMORY = 300_000_000
GOOD = "good"
"""The feed among the broken ones that does nothing wrong."""
PATIENT, HURRIED = "300s", "2s"
LEAKS = ("root:x:0", "haha", "a" * 1001)
"""What entities and files would leave in articles, were they read."""


def first(name):
    return conditional(rss(f"Feed {name}", *items(name)), etag=f'"{name}"')


def later(name):
    news = Item(f"{name}: it works again", f"https://e.example/{name}/again", "New.", hours=1)
    return conditional(rss(f"Feed {name}", news, *items(name)), etag=f'"{name} again"')


def faulty(answer):
    """The answer with validators that may never be sent back."""
    if callable(answer):
        return lambda asked: faulty(answer(asked))
    return replace(answer, headers={"ETag": FAULTY, "Last-Modified": FAULTY, **answer.headers})


@dataclass
class Case:
    """A desk with a feed for each fault of a table, and one that is good."""

    desk: Desk
    names: list[str] = field(default_factory=list)

    def serve(self, route):
        assert self.desk.server is not None
        self.desk.server.routes |= {f"/{name}": route(name) for name in self.names}

    def write(self, timeout=PATIENT):
        poll = {"max-size": f"{MAX_SIZE // 1000}KB", "per-host": 100, "concurrency": 100}
        self.desk.write(
            [f"/{name}" for name in self.names],
            poll={**poll, "timeout": timeout},
            allow=[f"127.0.0.1:{self.desk.server.port}"],
        )

    def feeds(self):
        return by_name(self.desk.json("feeds"))


def wrong(faults, rows):
    """Those of the rows whose error is not the one that the table asks for."""
    return {
        name: rows[name]["error"]
        for name, fault in faults.items()
        if not re.search(fault.reason or "^$", rows[name]["error"] or "")
    }


def by_name(rows):
    return {row["url"].rpartition("/")[2]: row for row in rows}


@pytest.mark.parametrize(("faults", "timeout"), [(QUICK, PATIENT), (SLOW, HURRIED)])
def test_broken_feeds_are_told_of_and_harm_nothing(tmp_path, faults, timeout):
    with newsroom(tmp_path, {}) as desk:
        case = Case(desk, [*faults, GOOD])
        case.serve(first)
        case.write()
        assert desk.poll()["new"] == 3 * len(case.names)

        case.serve(lambda name: faulty(faults[name].answer) if name in faults else later(name))
        case.write(timeout)
        polled = measured(desk.command("poll", "--all", "--json"))
        assert (polled.ran.code, polled.ran.err) == (0, "")
        assert polled.memory < MAX_MEMORY
        assert_told(case, faults, by_name(polled.ran.json["results"]))
        if faults is QUICK:  # no machine is so slow that a good feed fails
            assert case.feeds()[GOOD]["articles"] == 4

        before = len(desk.server.asked)
        case.serve(later)
        case.write()
        assert_recovered(faults, by_name(desk.poll()["results"]), desk.server.asked[before:])
        assert {row["health"] for row in case.feeds().values()} <= {"ok", "slow"}


def assert_told(case, faults, results):
    """Every reason is given in words, what was there is there, and nothing that must not be."""
    feeds = case.feeds()
    assert wrong(faults, results) == {}
    assert wrong(faults, feeds) == {}
    assert {name: feeds[name]["articles"] for name in faults} == {
        name: fault.articles for name, fault in faults.items()
    }
    stored = json.dumps(case.desk.articles())
    assert not [leak for leak in LEAKS if leak in stored]


def assert_recovered(faults, results, asked):
    """Every feed works again, and no server was told what it had said with a faulty answer."""
    outcomes = {name: (results[name]["outcome"], results[name]["new"]) for name in faults}
    assert outcomes == dict.fromkeys(faults, ("ok", 1))
    told = {one.path[1:] for one in asked if FAULTY in one.headers.values()}
    assert told <= {name for name, fault in faults.items() if fault.reason is None}
    assert set(faults) <= {one.path[1:] for one in asked}


@pytest.mark.parametrize(("status", "wish", "seconds"), [(429, None, 60), (503, "7200", 7200)])
def test_a_server_that_has_enough_is_left_alone(tmp_path, status, wish, seconds):
    with newsroom(tmp_path, {"/feed": first("feed")}) as desk:
        assert desk.poll()["new"] == 3
        headers = {"ETag": FAULTY} | ({"Retry-After": wish} if wish else {})
        desk.server.routes["/feed"] = Reply(status, rss("Feed"), headers)
        at = datetime.now(UTC)
        (result,) = desk.poll()["results"]
        assert f"the server says {status}" in result["error"]
        (feed,) = desk.json("feeds")
        assert (feed["error"], feed["articles"]) == (result["error"], 3)
        assert datetime.fromisoformat(feed["next_poll"]) >= at + timedelta(seconds=seconds)
        asked = len(desk.server.asked)
        assert desk.json("poll")["feeds"] == 0
        assert len(desk.server.asked) == asked
