"""The store is killed with SIGKILL at random instants: it is as before a save, or as after it."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from aggregator.model import Article, Validators
from aggregator.store import Store
from tests.support.store import HOUR, NOW, A, B, entry, feed, fingerprints, open_store, tags_of

KILLS = 50
POLLS = 60
LONGEST = 0.05
TABLES = ("feeds", "articles", "sightings", "article_tags", "revisions", "changes")


def document(number: int) -> list[Article]:
    """The document of poll `number`: five entries, of which some are new, edited or shared."""
    at = (A, B)[number % 2]
    first = number // 2
    return [
        entry(
            f"{at}/{n}" if n % 7 else f"{at}/{n}/{number // 4}",
            f"https://x.example/{n}",
            at=at,
            text=f"Text of {n}." + (" Edited." if n % 3 == 0 and first > n - 2 else ""),
            categories=(f"Tag {n % 4}",),
            published=NOW + n * HOUR,
        )
        for n in range(first, first + 5)
    ]


def done(store: Store) -> int:
    """How many polls the validators say were saved."""
    etags = [feed(store, url).validators.etag for url in (A, B)]
    return max(int(etag) + 1 if etag else 0 for etag in etags)


def poll(store: Store, number: int) -> None:
    articles = document(number)
    polled = replace(feed(store, (A, B)[number % 2]), validators=Validators(str(number)))
    present = fingerprints(articles)
    store.save(polled, articles, present=present, now=NOW, tagger=tags_of)


def poll_on(path: Path, begun: Callable[[], None]) -> None:
    """Poll from where the store stands until all is done."""
    with Store.open(path) as store:
        begun()
        for number in range(done(store), POLLS):
            poll(store, number)


def create(path: Path, begun: Callable[[], None]) -> None:
    begun()
    Store.open(path).close()


def contents(path: Path) -> str:
    """A digest of every row; SQLite itself finds no fault in the file."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = [connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES]
    connection.close()
    return sha256(repr(tables).encode()).hexdigest()


def killed(work: Callable[[Callable[[], None]], None], after: float) -> bool:
    """Run `work` in a process of its own, killed `after` seconds from when it says it has begun.

    Returns whether it was cut short.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(lambda: os.close(writing))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def undisturbed(path: Path) -> list[str]:
    """The contents after each poll when nothing happens."""
    states = [contents(path)]
    with Store.open(path) as store:
        for number in range(POLLS):
            poll(store, number)
            states.append(contents(path))
    return states


def fresh(directory: Path) -> Path:
    directory.mkdir()
    open_store(directory).close()
    return directory / "articles.db"


def test_a_killed_save_is_whole_or_absent(tmp_path: Path) -> None:
    states = undisturbed(fresh(tmp_path / "undisturbed"))
    chance = random.Random(17)
    kills = lives = 0
    reached: set[int] = set()
    while kills < KILLS:
        lives += 1
        path = fresh(tmp_path / str(lives))
        while killed(partial(poll_on, path), chance.uniform(0, LONGEST)):
            kills += 1
            with Store.open(path) as store:
                polls = done(store)
            reached.add(polls)
            assert contents(path) == states[polls]
        assert contents(path) == states[-1]
    assert len(reached) > KILLS / 10


def test_a_killed_creation_is_made_up_for(tmp_path: Path) -> None:
    chance = random.Random(17)
    Store.open(tmp_path / "warm.db").close()
    for number in range(20):
        path = tmp_path / f"{number}.db"
        killed(partial(create, path), chance.uniform(0, 0.06))
        with Store.open(path) as store:
            assert (store.count(), store.problems()) == (0, [])
