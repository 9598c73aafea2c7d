"""Damage to the index is noticed, told in plain words, and mended by catching up."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from aggregator.errors import SearchError
from aggregator.pipeline.index import Index
from tests.support.indexing import agrees, articles, bound, opened
from tests.support.newsrooms import until
from tests.support.store import entry, open_store, save

PATTERNS = {
    "whoosh": ("MAIN_*.pst", "MAIN_*.trm", "MAIN_*.col", "_MAIN_*.toc", "seal_*.json", "progress"),
    "tantivy": (
        "*.idx", "*.term", "*.pos", "*.store", "*.fast", "*.fieldnorm", "*.del",
        "meta.json", "seal.json", "progress",
    ),
}  # fmt: skip
"""The kinds of files that an engine writes, its postings first."""
KINDS = [(engine, pattern) for engine, patterns in PATTERNS.items() for pattern in patterns]
SPOTS = 10
LOOKS = 10
KILLS = 25
ROOT = Path(__file__).parent.parent


@pytest.fixture(params=PATTERNS)
def engine(request):
    return request.param


@cache
def sound(engine):
    """A data directory with an index of several segments, one of them with deletions."""
    data = Path(tempfile.mkdtemp())
    with open_store(data) as store:
        index = Index.open(data / "search", store, engine)
        kept = []
        for first in (0, 4, 8):
            fresh = articles(4, first=first, categories=("Iran",))
            save(store, *fresh, still=kept)
            kept += fresh
            index.catch_up()
        save(store, entry("2", "https://news.example/2", title="Calm", text="No wind."))
        index.catch_up()
        index.close()
    return data


@pytest.fixture
def data(engine, tmp_path):
    shutil.copytree(sound(engine), tmp_path / "data")
    return tmp_path / "data"


def files(data: Path, pattern: str) -> list[Path]:
    found = sorted((data / "search" / "1").glob(pattern))
    assert found, pattern
    return found


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x55
    path.write_bytes(content)


def truncate(path: Path, at: int) -> None:
    os.truncate(path, at)


def zero(path: Path, at: int) -> None:
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:at] + bytes(size - at))


def find_or_complain(index: Index) -> None:
    """A reader of a damaged index: an answer, or a sentence."""
    for written in ("storm", '"storm hits"', "title:tit*", "date:7d", "tag:iran"):
        with suppress(SearchError):
            index.search(bound(written), sort="newest", limit=5, offset=0)
            index.search(bound(written), limit=5, offset=0)


@pytest.mark.parametrize(("engine", "pattern"), KINDS)
@pytest.mark.parametrize("damage", [flip, truncate, zero], ids=lambda damage: damage.__name__)
def test_damage_anywhere_is_noticed_and_mended(data, pattern, damage, engine):
    for path in files(data, pattern)[:2]:
        intact = path.read_bytes()
        for at in random.Random(pattern).sample(range(len(intact)), min(SPOTS, len(intact))):
            damage(path, at)
            if path.read_bytes() == intact:
                continue
            with opened(data, engine) as (store, index):
                find_or_complain(index)
                index.catch_up()
                assert agrees(store, index), (path.name, at)
            shutil.rmtree(data / "search")
            shutil.copytree(data.parent / "data.copy" / "search", data / "search")


@pytest.fixture(autouse=True)
def _copy(data):
    shutil.copytree(data, data.parent / "data.copy")


@pytest.mark.parametrize(("engine", "pattern"), KINDS)
def test_a_lost_file_is_noticed_and_mended(data, pattern, engine):
    for path in files(data, pattern)[:1]:
        path.unlink()
        with opened(data, engine) as (store, index):
            assert index.behind() == store.last_change()
            with pytest.raises(SearchError, match="damaged"):
                index.ids(bound("storm"))
            assert index.catch_up() == 12
            assert agrees(store, index)


@pytest.mark.parametrize("content", ["", "7", "../..", "\x00", "\xff"])
def test_a_broken_pointer_to_the_generation_is_mended(data, content, engine):
    (data / "search" / "current").write_text(content, "latin-1")
    with opened(data, engine) as (store, index):
        find_or_complain(index)
        index.catch_up()
        assert agrees(store, index)


def test_damage_under_an_open_index_is_mended_by_the_next_catching_up(data, engine):
    with opened(data, engine) as (store, index):
        assert index.catch_up() == 0
        flip(files(data, PATTERNS[engine][0])[0], 40)
        assert index.catch_up() == 12
        assert agrees(store, index)


def threads_of_tantivy_rest():
    """Whether nothing reads an index behind our back, as tantivy does once after it is opened."""
    return all(not any(map(is_reading, Path("/proc/self/task").glob("*"))) for _ in range(LOOKS))


def is_reading(thread):
    time.sleep(0.001)
    try:
        _, name, state = re.split(r"[()]", (thread / "stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return False
    watches = name.startswith("thread-tantivy-")
    return name == "watch-callbacks" or (watches and state.split()[0] != "S")


def test_files_cut_short_under_an_open_index_end_no_process(data, engine):
    for pattern in PATTERNS[engine][:3]:
        with opened(data, engine) as (store, index):
            assert len(index.ids(bound('"storm hits"'))) == 11
            until(threads_of_tantivy_rest)
            for path in files(data, pattern):
                truncate(path, 0)
            with pytest.raises(SearchError, match="damaged"):
                index.ids(bound('"storm hits"'))
            assert index.catch_up() == 12
            assert agrees(store, index)
        shutil.rmtree(data / "search")
        shutil.copytree(data.parent / "data.copy" / "search", data / "search")


def test_damage_met_by_a_search_is_remembered_by_other_processes(data, engine):
    with opened(data, engine) as (_, index):
        for path in files(data, PATTERNS[engine][0]):
            zero(path, 0)
        with pytest.raises(SearchError, match="damaged"):
            index.ids(bound("storm"))
    with opened(data, engine) as (store, index):
        assert index.behind() == store.last_change()
        with pytest.raises(SearchError, match="damaged"):
            index.ids(bound("date:7d"))
        assert index.catch_up() == 12
        assert agrees(store, index)


def child(data: Path, engine: str, what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.index_writer", str(data), engine, what]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("what", ["follow", "rebuild"])
def test_a_killed_writer_leaves_an_index_that_catches_up(data, what, engine):
    pause = random.Random(what)
    for _ in range(KILLS):
        process = child(data, engine, what)
        time.sleep(pause.uniform(0, 0.3))
        kill(process)
        with opened(data, engine) as (store, index):
            find_or_complain(index)
            index.catch_up()
            assert agrees(store, index)
            assert len(index.ids(bound(""))) == store.count()
            left = {entry.name for entry in (data / "search").glob("*/")}
            assert len(left) <= 2


def test_searching_goes_on_while_another_process_rebuilds(data, engine):
    with opened(data, engine) as (_, index):
        process = child(data, engine, "rebuild")
        seen = set()

        def rebuilt():
            assert len(index.ids(bound("storm"))) == 11
            assert index.search(bound("title:calm"), limit=3, offset=0).total == 1
            seen.add((data / "search" / "current").read_text())
            assert process.poll() is None
            return len(seen) > 3

        try:
            until(rebuilt)
        finally:
            kill(process)


def test_searching_goes_on_while_another_process_follows(data, engine):
    with opened(data, engine) as (store, index):
        before = store.last_change()
        process = child(data, engine, "follow")

        def followed():
            assert index.ids(bound("storm"))
            assert process.poll() is None
            return store.last_change() > before + 20

        try:
            until(followed)
        finally:
            kill(process)
    with opened(data, engine) as (store, index):
        index.catch_up()
        assert agrees(store, index)
