"""`poll` killed at many instants: what it leaves is whole, and the next run completes it."""

import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass

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


def faults(desk):
    """What is wrong in the store after a crash at any instant, before anyone mends anything."""
    path = desk.data / "articles.db"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        found = [row for row in database.execute("PRAGMA integrity_check") if row != ("ok",)]
        found += database.execute("PRAGMA foreign_key_check").fetchall()
    with Store.open(path) as store:
        return [*found, *half_articles(store), *half_feeds(store), *unlogged(store)]


def half_articles(store):
    for article in store.find():
        says = (article.title and article.text) or "e.example" not in article.url
        if not (article.sightings and says):
            yield f"half an article: {article.id}"


def half_feeds(store):
    for feed in store.feeds():
        has_entries = len(store.known(feed.id)) == SHARED + ITEMS
        told = (feed.validators.etag is not None, feed.last_success is not None)
        if told != (has_entries, has_entries) or feed.articles not in (0, SHARED + ITEMS):
            yield f"half a feed: {feed.url}"


def unlogged(store):
    changed, position = set(), 0
    while batch := store.changes(position, 500):
        changed |= {change.id for change in batch}
        position = batch[-1].seq
    return [f"not in the change log: {one.id}" for one in store.find() if one.id not in changed]


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


@dataclass(frozen=True)
class Completed:
    """What a killed poll left, and what the next one made of it."""

    interrupted: bool
    faults: tuple[object, ...]
    failed: int
    is_complete: bool


def sweep(newsroom_of_many, tmp_path, points):
    """Kill polls from their start to the end of an undisturbed one; complete each."""
    undisturbed, before, after = newsroom_of_many
    expected = rows(undisturbed), answers(undisturbed)
    completed = []
    for point in range(points):
        desk = Desk(tmp_path / str(point), undisturbed.server)
        desk.directory.mkdir()
        desk.write(list(undisturbed.server.routes))
        desk.server.asked.clear()
        with desk.start("poll") as process:
            moment = -0.25 + 1.25 * point / points
            interrupted = kill_at(desk, process, moment, before, after)
        left = faults(desk)
        failed = desk.poll("--all")["failed"]
        is_complete = (rows(desk), answers(desk)) == expected
        completed.append(Completed(interrupted, (*left, *faults(desk)), failed, is_complete))
    return completed


def broken(completed):
    return [one for one in completed if one.faults or one.failed or not one.is_complete]


def test_a_poll_killed_at_ten_instants_is_completed_by_the_next(newsroom_of_many, tmp_path):
    completed = sweep(newsroom_of_many, tmp_path, 10)
    assert broken(completed) == []
    assert sum(one.interrupted for one in completed) > 5


@pytest.mark.slow
def test_a_poll_killed_at_sixty_instants_is_completed_by_the_next(newsroom_of_many, tmp_path):
    completed = sweep(newsroom_of_many, tmp_path, 60)
    assert broken(completed) == []
    assert sum(one.interrupted for one in completed) > 30
