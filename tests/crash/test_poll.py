"""`poll` killed at many instants: what it leaves is whole, and the next run completes it."""

import json
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from aggregator.store import Store
from tests.support.newsrooms import Desk, Item, newsroom, rss, until
from tests.support.server import conditional

FEEDS = 6
ITEMS = 12
SHARED = 3
"""Entries that every feed carries."""


def feeds():
    common = [Item(f"Agency report {n}", f"https://agency.example/{n}") for n in range(SHARED)]
    return {
        f"/{feed}": conditional(
            rss(
                f"Feed {feed}",
                *common,
                *(
                    Item(
                        f"Report {n} of feed {feed}",
                        f"https://e.example/{feed}/{n}",
                        f"<p>{'Words of a report. ' * 40}</p>",
                        hours=-n,
                        tags=(f"Tag {n % 4}", f"Feed {feed}"),
                    )
                    for n in range(ITEMS)
                ),
            )
        )
        for feed in range(FEEDS)
    }


def rows(desk):
    """What does not depend on when or in which order the feeds were polled."""
    found = {}
    for article in desk.articles():
        sightings = sorted((one["url"], one["guid"]) for one in article["feeds"])
        tags = sorted(tag["tag"] for tag in article["tags"])
        found[article["id"]] = (article["url"], article["title"], article["text"], sightings, tags)
    return found


QUERIES = ["report", "agency", "tag:feed-3", '"report 7"', "feed:feed-2", ""]


def answers(desk):
    return {query: sorted(ids(desk, query)) for query in QUERIES}


def ids(desk, query):
    return [hit["id"] for hit in desk.json("search", query, "--limit", "1000")["hits"]]


def assert_whole(desk):
    """What must hold after a crash at any instant, before anyone mends anything."""
    path = desk.data / "articles.db"
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    with Store.open(path) as store:
        stored = list(store.find())
        assert all(article.sightings for article in stored)
        assert all(
            article.title and article.text for article in stored if "e.example" in article.url
        )
        for feed in store.feeds():
            has_entries = len(store.known(feed.id)) == SHARED + ITEMS
            assert has_entries == (feed.validators.etag is not None)
            assert has_entries == (feed.last_success is not None)
            assert feed.articles in (0, SHARED + ITEMS)
        changed, position = set(), 0
        while batch := store.changes(position, 500):
            changed |= {change.id for change in batch}
            position = batch[-1].seq
        assert {article.id for article in stored} <= changed


@pytest.fixture(scope="module")
def newsroom_of_many(tmp_path_factory):
    """A desk that was polled undisturbed, with the seconds before its first request and after."""
    with newsroom(tmp_path_factory.mktemp("undisturbed"), feeds()) as desk:
        started = time.monotonic()
        with desk.start("poll", "--json") as process:
            assert process.wait() == 0
        asked = desk.server.asked[0].at
        yield desk, asked - started, time.monotonic() - asked


def kill_at(desk, process, moment, before, after):
    """Kill at a moment from -1 (the start) over 0 (the first request) to 1 (the end)."""
    if moment < 0:
        time.sleep(before * (1 + moment))
    else:
        until(lambda: desk.server.asked)
        time.sleep(after * moment)
    process.send(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def sweep(newsroom_of_many, tmp_path, points):
    undisturbed, before, after = newsroom_of_many
    expected, found = rows(undisturbed), answers(undisturbed)
    interrupted = 0
    for point in range(points):
        desk = Desk(tmp_path / str(point), undisturbed.server)
        desk.directory.mkdir()
        desk.write(list(undisturbed.server.routes))
        desk.server.asked.clear()
        with desk.start("poll") as process:
            moment = -0.25 + 1.25 * point / points
            interrupted += kill_at(desk, process, moment, before, after)
        assert_whole(desk)
        summary = desk.poll("--all")
        assert summary["failed"] == 0, json.dumps(summary)
        assert rows(desk) == expected
        assert answers(desk) == found
        assert_whole(desk)
    assert interrupted > points / 2


def test_a_poll_killed_at_ten_instants_is_completed_by_the_next(newsroom_of_many, tmp_path):
    sweep(newsroom_of_many, tmp_path, 10)


@pytest.mark.slow
def test_a_poll_killed_at_sixty_instants_is_completed_by_the_next(newsroom_of_many, tmp_path):
    sweep(newsroom_of_many, tmp_path, 60)
