"""Processes that decide about stories at once leave them as one process alone would have."""

import contextlib
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest

from aggregator import config
from aggregator.errors import BusyError
from aggregator.pipeline import placing
from aggregator.pipeline.newsroom import opened
from aggregator.store import turn
from aggregator.stories import Sketch
from tests.support.storyteller import EVENTS, report, subscribed

TURNS = 12
AT_ONCE = timedelta(0)


@pytest.fixture
def desk(tmp_path):
    return subscribed(tmp_path)


@contextlib.contextmanager
def telling(desk, name):
    """A process that has opened the store and begins when it is told to."""
    command = [sys.executable, "-m", "tests.support.storyteller", desk.config, name, str(TURNS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()


def placed(store):
    """By article: the story it was placed in."""
    batches = range(1, store.places.next_batch())
    found = [
        (Sketch(each.sketch).id, each.story)
        for number in batches
        for each in store.places.batch(number)
    ]
    assert max(Counter(article for article, _ in found).values()) == 1
    return dict(found)


def test_processes_that_place_at_once_neither_double_nor_tear_stories(desk):
    with contextlib.ExitStack() as stack:
        names = ("anna", "boris", "rebuild")
        processes = [stack.enter_context(telling(desk, name)) for name in names]
        for process in processes:
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in processes:
            assert process.wait() == 0

    with opened(config.load(desk.config)) as newsroom:
        stories = placed(newsroom.store)
        assert len(stories) == 2 * TURNS * len(EVENTS)
        assert newsroom.store.places.unplaced() == []
        assert all(stories[story] == story for story in stories.values())
        assert placing.rebuild(newsroom) == 0
        assert placed(newsroom.store) == stories


def test_articles_wait_while_another_decides(desk, caplog):
    with opened(config.load(desk.config)) as newsroom:
        report(newsroom, "anna", 0)
        with turn(desk.data, placing.LOCK_FILE, AT_ONCE):
            assert placing.place(newsroom, AT_ONCE) == 0
            with pytest.raises(BusyError):
                placing.rebuild(newsroom, AT_ONCE)

        assert "articles wait for their stories" in caplog.text
        assert placing.place(newsroom) == len(EVENTS)
