"""Opening, locking and damaging the files of the store."""

import os
import re
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert

from aggregator import store as package
from aggregator.errors import BusyError, OutdatedError, StoreError
from aggregator.model import Subscription
from aggregator.store import Store, lock, schema
from aggregator.store.file import VERSION
from aggregator.store.rows import article_values
from aggregator.stories import Link
from tests.support.store import DAY, NOW, A, entry, feed, make_prerelease, open_store, save

SHORT = timedelta(milliseconds=100)
HOLD = "import sys; from pathlib import Path; from aggregator.store import lock\n" + (
    "with lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- opening and migrating ------------------------------------------------------------------------


def test_only_the_owner_may_look_inside(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "data" / "articles.db"
    with Store.open(path) as store:
        store.sync([], now=NOW)
        assert mode(path.parent) == 0o700
        assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    path.chmod(0o644)
    Store.open(path).close()
    assert mode(path) == 0o600


def test_a_directory_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Store.open(tmp_path / "articles.db").close()
    assert mode(tmp_path) == 0o755


def test_a_store_keeps_its_uuid(tmp_path: Path) -> None:
    with Store.open(tmp_path / "articles.db") as store:
        uuid = store.uuid
    with Store.open(tmp_path / "articles.db") as store:
        assert store.uuid == uuid
    with Store.open(tmp_path / "other.db") as store:
        assert store.uuid != uuid


def test_a_file_that_is_opened_twice_keeps_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);" + (
        "print(c.execute('SELECT count(*) FROM feeds').fetchone()[0]); c.close()"
    )

    def feeds_seen_by_another_process() -> int:
        command = [sys.executable, "-c", look, str(path)]
        return int(subprocess.run(command, check=True, capture_output=True).stdout)

    subscriptions = [Subscription(f"https://{name}.example/feed.xml") for name in "ab"]
    with Store.open(path) as store:
        store.sync(subscriptions[:1], now=NOW)
        Store.open(path).close()
        assert feeds_seen_by_another_process() == 1
        store.sync(subscriptions, now=NOW)
        assert feeds_seen_by_another_process() == 2


def test_an_open_store_needs_no_alembic(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    Store.open(path).close()
    code = "import sys; from pathlib import Path; from aggregator.store import Store\n" + (
        f"Store.open(Path({str(path)!r})).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    Store.open(path).close()
    with create_engine(f"sqlite:///{path}").connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == VERSION
    made, known = sqlite3.connect(path), sqlite3.connect(":memory:")
    engine = create_engine("sqlite://", creator=lambda: known)
    schema.metadata.create_all(engine)
    assert indexes(made) == indexes(known)


def indexes(connection: sqlite3.Connection) -> set[str]:
    query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    with connection:
        found = {re.sub(r"\s+", " ", sql).replace('"', "") for (sql,) in connection.execute(query)}
    connection.close()
    return found


def test_the_version_is_that_of_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migrations()).get_current_head() == VERSION


def migrations(**attributes: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    config.attributes.update(attributes)
    return config


def test_a_store_of_the_version_before_keeps_dates_from_now_on(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    one = entry("1", published=NOW - 2 * DAY)
    with create_engine(f"sqlite:///{path}").begin() as connection:
        command.upgrade(migrations(connection=connection), "0003")
        connection.execute(insert(schema.feeds).values(id=1, url=A, fetch_url=A, interval=900))
        values = {**article_values(one), "id": one.id, "origin": 1, "first_seen": NOW}
        connection.execute(insert(schema.articles).values(values))
    with Store.open(path) as store:
        assert [each.id for each in store.find()] == [one.id]
        assert store.daybook.redated([one.id]) == {}
        save(store, entry("1", published=NOW - DAY))
        assert store.daybook.redated([one.id])[one.id].earlier == ((NOW, NOW - 2 * DAY),)
        assert store.problems() == []


def test_links_of_the_version_before_stand_once(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    with create_engine(f"sqlite:///{path}").begin() as connection:
        command.upgrade(migrations(connection=connection), "0004")
    links = [("a", "b", 0.4), ("b", "a", 0.5), ("a", "c", 0.05), ("c", "b", 0.2), ("b", "c", 0.2)]
    with closing(sqlite3.connect(path)) as made, made:
        made.executemany("INSERT INTO story_links VALUES (?, ?, ?, '[\"quay\"]')", links)
    with Store.open(path) as store:
        assert set(store.places.links(["a", "b", "c"])) == {
            Link("b", "a", 0.5, ("quay",)),
            Link("a", "c", 0.05, ("quay",), is_chained=True),
            Link("b", "c", 0.2, ("quay",)),
        }


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match=r"newer version of aggregator \(schema 9999"):
        Store.open(path)


def test_two_processes_may_make_the_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    code = "import sys; from pathlib import Path; from aggregator.store import Store\n" + (
        "print(Store.open(Path(sys.argv[1])).uuid)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    uuids = {process.communicate()[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(uuids) == 1


# --- what cannot be opened ------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    path.write_text("just some text, longer than the head of a database " * 20)
    with pytest.raises(StoreError, match="is not a database"):
        Store.open(path)


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (id)")
    connection.close()
    with pytest.raises(StoreError, match="database of another program"):
        Store.open(path)


def test_a_file_from_before_the_first_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "articles.db"
    make_prerelease(path)
    before = path.read_bytes()
    with pytest.raises(OutdatedError, match=r"articles\.db was made before .* move it away"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        save(store, *(entry(str(n), text="Text. " * 300) for n in range(200)))
    path = tmp_path / "articles.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 8192) + whole[-4096:])
    with (
        pytest.raises(StoreError, match=re.escape(str(path)) + " is damaged"),
        Store.open(path) as it,
    ):
        list(it.find())


def test_problems_tell_of_a_broken_reference(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        save(store, entry("1", categories=("Iran",)))
        with sqlite3.connect(tmp_path / "articles.db") as connection:
            connection.execute("DELETE FROM articles")
        connection.close()
        assert any("refers to a missing row of articles" in one for one in store.problems())


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path)


def test_a_path_through_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "file" / "articles.db")
    with pytest.raises(StoreError, match="cannot be locked"), lock(tmp_path / "file" / "data"):
        pass


# --- what cannot be written -----------------------------------------------------------------------


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        save(store, entry("1"))
        before = list(store.find())
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            with pytest.raises(StoreError, match=r"disk is full|disk reports an error"):
                save(store, *(entry(f"n{n}", text="Text. " * 3000) for n in range(50)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, ignored)
        assert list(store.find()) == before
        assert save(store, entry("2")).new == 1
        assert store.problems() == []


def test_a_read_only_store_is_refused_with_the_reason(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    path = tmp_path / "articles.db"
    path.chmod(0o444)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom aggregator.store import Store\n"
        "os.chdir(sys.argv[1])\nos.getuid() or os.setuid(65534)\n"
        "Store.open(Path('articles.db'))"
    )
    child = [sys.executable, "-c", code, str(tmp_path)]
    result = subprocess.run(child, capture_output=True, text=True, check=False)
    assert "StoreError: articles.db cannot be opened: Permission denied" in result.stderr


def test_a_locked_store_waits_then_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path, wait=SHORT) as store:
        polled = feed(store)
        other = sqlite3.connect(tmp_path / "articles.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            store.save_feeds([polled])
        assert store.count() == 0, "readers go on"
        other.execute("ROLLBACK")
        other.close()
        store.save_feeds([polled])


def test_a_writer_waits_for_another_to_finish(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        polled = feed(store)
        path = tmp_path / "articles.db"
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        finish = threading.Timer(0.1, other.execute, ["COMMIT"])
        finish.start()
        store.save_feeds([polled])
        finish.join()
        other.close()


# --- readers beside the writer --------------------------------------------------------------------


def test_readers_see_whole_saves_while_one_writes(tmp_path: Path) -> None:
    with open_store(tmp_path) as writer, Store.open(tmp_path / "articles.db") as reader:
        stop = threading.Event()
        torn: list[int] = []

        def read() -> None:
            while not stop.is_set():
                with_story = [a.sightings and a.tags for a in reader.find(limit=50)]
                if not all(with_story) or len(with_story) % 5:
                    torn.append(len(with_story))

        readers = [threading.Thread(target=read) for _ in range(2)]
        for one in readers:
            one.start()
        for n in range(30):
            save(writer, *(entry(f"{n}/{m}", categories=("Iran",)) for m in range(5)))
        stop.set()
        for one in readers:
            one.join()
        assert torn == []
        assert reader.count() == 150


# --- the lock of the data directory ---------------------------------------------------------------


def test_the_lock_names_its_holder_and_ends_with_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout
    assert holder.stdin
    assert holder.stdout.readline() == b"held\n"
    expected = re.escape(f"{data}/ is in use by another aggregator (pid {holder.pid})")
    with pytest.raises(BusyError, match=expected), lock(data):
        pass
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with lock(data):
        assert (data / "lock").read_text() == f"{os.getpid()}\n"
    assert (mode(data), mode(data / "lock")) == (0o700, 0o600)


def test_the_lock_holds_within_a_process_too(tmp_path: Path) -> None:
    with lock(tmp_path), pytest.raises(BusyError, match=f"pid {os.getpid()}"), lock(tmp_path):
        pass
    with lock(tmp_path):
        assert (tmp_path / "lock").exists()
