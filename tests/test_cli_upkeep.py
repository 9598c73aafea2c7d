"""doctor, backup and restore: what is wrong is named with its mend; no copy is ever half there."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator import config
from aggregator.pipeline import doctor
from aggregator.store import Store, lock
from tests.support.newsrooms import HARBOUR, TALKS, Desk, newsroom, rss
from tests.support.server import Reply
from tests.support.store import make_prerelease


@pytest.fixture
def desk(tmp_path):
    """A desk that has polled one article."""
    routes = {"/feed": Reply(200, rss("One", TALKS)), "/more": Reply(200, rss("Two", HARBOUR))}
    with newsroom(tmp_path, routes) as desk:
        desk.write(["/feed"])
        desk.poll()
        yield desk


def findings(desk, code=0):
    ran = desk.run("doctor", "--json")
    assert (ran.code, ran.err) == (code, "")
    assert ran.json["healthy"] == (code == 0)
    return {one["check"]: one for one in ran.json["findings"]}


def test_a_sound_installation_is_healthy(desk):
    found = findings(desk)
    assert list(found) == ["feeds.yaml", "versions", "disk", "store", "index", "clock"]
    assert found["store"]["message"] == "1 articles, sound"
    assert found["index"]["message"] == "whoosh, up to date"
    assert desk.run("doctor").code == 0


def test_a_database_from_before_the_first_version_is_told_with_its_mend(desk):
    database = desk.data / "articles.db"
    database.unlink()
    make_prerelease(database)
    for command in ("poll", "search", "digest"):
        ran = desk.run(command, *(["talks"] if command == "search" else []))
        (line,) = ran.err.splitlines()
        assert (ran.code, f"{database} was made before" in line, "move it away" in line) == (
            1,
            1,
            1,
        )
    found = findings(desk, code=1)["store"]
    assert f"{database} was made before" in found["message"]
    assert found["mend"] == f"mv {database} {database}.old, then aggregator poll --all"
    database.rename(f"{database}.old")
    assert desk.poll()["new"] == 1
    assert desk.json("search", "diplomats")["total"] == 1


def test_where_nothing_is_stored_the_doctor_makes_nothing(tmp_path):
    bare = Desk(tmp_path)
    bare.write()
    assert findings(bare)["store"]["mend"] == "aggregator poll"
    assert not (bare.data / "articles.db").exists()


@pytest.mark.parametrize("name", ["current", "1/progress"])
def test_a_damaged_index_is_a_problem_that_reindex_mends(desk, name):
    (desk.data / "search" / name).write_text("?")
    found = findings(desk, 1)["index"]
    assert (found["state"], found["mend"]) == ("problem", "aggregator reindex")
    assert desk.run("reindex").code == 0
    assert findings(desk)["index"]["state"] == "ok"


def test_a_damaged_posting_is_found(desk):
    (posting, *_) = (desk.data / "search" / "1").glob("*.pst")
    content = bytearray(posting.read_bytes())
    content[len(content) // 2] ^= 1
    posting.write_bytes(content)
    assert "damaged" in findings(desk, 1)["index"]["message"]


def test_a_damaged_archive_is_a_problem_that_restore_mends(desk, tmp_path):
    assert desk.run("backup", str(tmp_path / "copy")).out == "copied 1 articles\n"
    (desk.data / "articles.db").write_bytes(b"SQLite format 3\0 and no more")
    found = findings(desk, 1)["store"]
    assert (found["state"], found["mend"]) == ("problem", "aggregator restore FILE, with a backup")
    assert desk.run("restore", str(tmp_path / "copy")).out == "restored 1 articles\n"
    assert findings(desk)["store"]["state"] == "ok"


def test_articles_that_the_index_lacks_are_a_problem(desk):
    with closing(sqlite3.connect(desk.data / "articles.db")) as connection:
        connection.execute("DELETE FROM articles")
        connection.commit()
    assert (
        findings(desk, 1)["index"]["message"] == "the search index holds 1 articles, the archive 0"
    )


def test_a_clock_that_went_back_is_a_problem(desk):
    loaded = config.load(desk.config)
    for now in (datetime.now(UTC) - timedelta(days=1), datetime(1999, 1, 1, tzinfo=UTC)):
        found = {one.check: one for one in doctor.examine(loaded, clock=lambda now=now: now)}
        assert found["clock"].state == "problem"


def test_tantivy_is_recommended_for_large_archives_in_whoosh():
    (found,) = doctor.advice("whoosh", 50_001)
    assert (found.state, found.mend) == ("warning", doctor.TO_TANTIVY)
    assert doctor.advice("whoosh", 50_000) == doctor.advice("tantivy", 50_001) == []


def test_the_doctor_looks_beside_a_running_poller(desk):
    with lock(desk.data):
        assert findings(desk)["index"]["state"] == "ok"


def test_a_feed_list_with_mistakes_is_told_as_by_check(desk):
    desk.config.write_text("feeds: 7")
    assert (desk.run("doctor").code, desk.run("doctor").err) == (2, desk.run("check").err)


def test_a_backup_brings_back_what_was_there(desk, tmp_path):
    before = desk.articles()
    assert desk.json("backup", str(tmp_path / "copy")) == {"articles": 1}
    desk.write(["/feed", "/more"])
    desk.poll()
    assert len(desk.articles()) > 1
    assert desk.run("restore", str(tmp_path / "copy")).code == 0
    assert desk.articles() == before
    assert desk.json("search", "tehran OR talks OR harbour")["total"] <= 1
    with Store.open(desk.data / "articles.db.old") as replaced:
        assert replaced.count() > 1
    assert not list(desk.data.glob("*.new*"))


def test_a_backup_is_taken_beside_a_poller_and_replaces_an_older_one(desk, tmp_path):
    with lock(desk.data):
        for _ in range(2):
            assert desk.run("backup", str(tmp_path / "copy")).code == 0
        assert desk.run("restore", str(tmp_path / "copy")).code == 3
    assert not list(tmp_path.glob("copy?*"))


def test_a_backup_never_replaces_anything_else(desk):
    for name in (desk.config, desk.data / "articles.db"):
        before = Path(name).read_bytes()
        refused = desk.run("backup", str(name))
        assert refused.code == 1
        assert "is no backup; choose another name" in refused.err
        assert Path(name).read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "empty", "cut", "foreign", "missing"])
def test_what_is_no_sound_backup_changes_nothing(desk, tmp_path, damage):
    copy = tmp_path / "copy"
    before = desk.articles()
    if damage == "foreign":
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("CREATE TABLE other (x)")
    elif damage != "missing":
        desk.run("backup", str(copy))
        whole = copy.read_bytes()
        copy.write_bytes({"text": b"feeds:", "empty": b"", "cut": whole[: len(whole) // 2]}[damage])
    refused = desk.run("restore", str(copy))
    assert refused.code == 1
    assert str(copy) in refused.err
    assert len(refused.err.splitlines()) == 1
    assert desk.articles() == before
    assert not list(desk.data.glob("articles.db.*"))


def test_a_moved_archive_starts_from_its_backup(desk, tmp_path):
    before = desk.articles()
    desk.run("backup", str(tmp_path / "copy"))
    shutil.rmtree(desk.data)
    assert desk.run("restore", str(tmp_path / "copy")).code == 0
    assert desk.articles() == before
