"""One engine takes another's place: the old index answers until then; a choice by hand stays."""

import json
import subprocess
import sys

import pytest
import tantivy

from aggregator.pipeline.index import Index
from aggregator.search import footers
from tests.support.indexing import agrees, articles, bound, opened
from tests.support.newsrooms import TALKS, newsroom, rss
from tests.support.server import Reply
from tests.support.store import open_store, save

WITHOUT_TANTIVY = (
    "import sys; sys.modules['tantivy'] = None; from aggregator.cli import main; main()"
)


@pytest.fixture
def data(tmp_path):
    """A data directory of three articles in a whoosh index."""
    with open_store(tmp_path) as store:
        save(store, *articles(3))
        index = Index.open(tmp_path / "search", store, "whoosh")
        index.catch_up()
        index.close()
    return tmp_path


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", TALKS))}) as desk:
        desk.poll()
        yield desk


def used(data):
    """The engine whose files the current generation holds."""
    current = (data / "search" / "current").read_text()
    return json.loads((data / "search" / current / "progress").read_text())["engine"]


def test_the_old_engine_answers_until_the_other_is_there(data):
    with opened(data, "tantivy") as (store, index):
        assert index.behind() == store.last_change()
        assert len(index.ids(bound("storm"))) == 3
        assert index.catch_up() == 3
        assert agrees(store, index)
        assert used(data) == "tantivy"
        assert len(list((data / "search").glob("*/"))) == 1
    with opened(data, "whoosh") as (store, index):
        assert index.catch_up() == 3
        assert agrees(store, index)
        assert used(data) == "whoosh"


def test_an_engine_chosen_by_hand_stays_until_the_settings_name_another(data):
    with opened(data, "whoosh") as (store, index):
        assert index.rebuild(engine="tantivy") == 3
        save(store, *articles(1, first=9))
        assert index.catch_up() == 1
    with opened(data, "whoosh") as (store, index):
        assert index.behind() == 0
        index.rebuild()
        assert used(data) == "tantivy"
    for named in ("tantivy", "whoosh"):
        with opened(data, named) as (store, index):
            save(store, *articles(1, first=20))
            index.catch_up()
            assert agrees(store, index)
            assert used(data) == named


def test_an_index_of_an_earlier_version_is_rebuilt(data):
    with opened(data, "whoosh") as (_, index):
        index.rebuild(engine="tantivy")
    directory = data / "search" / "2"
    for written in directory.glob("*.*"):
        written.unlink()
    earlier = tantivy.SchemaBuilder().add_text_field("id", stored=True).build()
    tantivy.Index(earlier, path=str(directory), reuse=False)
    footers.seal(directory)
    with opened(data, "whoosh") as (store, index):
        assert index.behind() == store.last_change()
        assert index.catch_up() == 3
        assert agrees(store, index)
        assert used(data) == "tantivy"


def test_a_damaged_index_is_rebuilt_with_the_engine_that_was_chosen(data):
    with opened(data, "whoosh") as (_, index):
        index.rebuild(engine="tantivy")
    (data / "search" / "2" / "meta.json").unlink()
    with opened(data, "whoosh") as (store, index):
        index.catch_up()
        assert agrees(store, index)
        assert used(data) == "tantivy"


def test_reindexing_moves_to_an_engine_and_back(desk):
    feeds = desk.config.read_text()
    before = desk.json("search", "talks")
    for engine in ("tantivy", "whoosh"):
        assert desk.run("reindex", "--engine", engine).out == "indexed 1 articles\n"
        desk.poll()
        assert used(desk.data) == engine
        after = desk.json("search", "talks")
        assert [hit["id"] for hit in after["hits"]] == [hit["id"] for hit in before["hits"]]
    assert desk.config.read_text() == feeds


def test_the_settings_choose_the_engine(desk):
    desk.write(["/feed"], settings={"index": "tantivy"})
    assert desk.json("search", "talks")["total"] == 1
    assert used(desk.data) == "tantivy"


@pytest.mark.parametrize("command", [["search", "x"], ["check"], ["reindex"]])
def test_a_missing_library_is_one_line_that_says_how_to_install_it(desk, command):
    desk.write(["/feed"], settings={"index": "tantivy"})
    ended = without_tantivy(desk, *command)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.endswith(
        "index: the search engine tantivy is not installed; pip install 'aggregator[tantivy]'\n"
    )
    assert len(ended.stderr.splitlines()) == 1


def test_a_missing_library_cannot_be_moved_to_but_can_be_moved_from(desk):
    refused = without_tantivy(desk, "reindex", "--engine", "tantivy")
    assert refused.returncode == 1
    assert "pip install 'aggregator[tantivy]'" in refused.stderr
    assert used(desk.data) == "whoosh"
    desk.run("reindex", "--engine", "tantivy")
    back = without_tantivy(desk, "reindex", "--engine", "whoosh")
    assert (back.returncode, back.stdout) == (0, "indexed 1 articles\n")
    assert used(desk.data) == "whoosh"


def without_tantivy(desk, *arguments):
    command = [sys.executable, "-c", WITHOUT_TANTIVY, "--config", desk.config, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
