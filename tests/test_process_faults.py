"""What goes wrong around a process, by the real command: told in a line, nothing lost."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.store import Store
from tests.support.newsrooms import (
    ARTICLES,
    FEEDS,
    PATIENCE,
    TALKS,
    Desk,
    Item,
    Ran,
    conditional_feeds,
    newsroom,
    rss,
    until,
)
from tests.support.server import Reply, Server, conditional

STOP = 5.0
"""Seconds that a stop may take, where an undisturbed poll takes USUAL_POLL."""
USUAL_POLL = 1.5
YEARS = timedelta(days=5 * 365)
BULK = [
    Item(f"Report {n}", f"https://e.example/{n}", f"<p>{'Words of it. ' * 400}</p>", hours=-n / 9)
    for n in range(300)
]


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch):
    """Commands run without coverage, which handles signals and writes files of its own."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path) as desk:
        yield desk


@pytest.fixture(autouse=True)
def interruptible():
    """Commands hear SIGINT also where the tests run in the background, as jobs that ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def limited(desk: Desk, limit: str, *arguments: str) -> Ran:
    """Run a command under a limit of the shell's `ulimit`."""
    script = f'ulimit {limit} && exec "$@"'
    command = ["sh", "-c", script, "sh", *desk.command(*arguments)]
    done = subprocess.run(command, capture_output=True, timeout=10 * PATIENCE)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def complaint(ran: Ran, code: int = 1) -> str:
    """The one line that a command which could not do its work has said."""
    assert ran.code == code, ran
    (line,) = ran.err.splitlines()
    assert line.startswith("aggregator: "), ran
    assert "unexpected" not in line
    return line.removeprefix("aggregator: ")


def titles(desk: Desk) -> set[str]:
    """The titles in the store, which must be whole."""
    with Store.open(desk.data / "articles.db") as store:
        assert store.problems() == []
        return {article.title for article in store.find()}


# --- the disk -----------------------------------------------------------------------------------


@contextmanager
def mounted(directory: Path, size: str):
    """A small file system of its own in memory."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("only root may mount a small disk")
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this root may not mount a small disk")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True)


def fill(ballast: Path) -> Path:
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            continue
    return ballast


def trouble(ran: Ran) -> str:
    """What a poll says that could not store an answer, but perhaps that it could not."""
    if ran.code:
        return complaint(ran)
    assert ran.err == ""
    (line,) = [line for line in ran.lines if line.startswith("failed")]
    return line


def test_a_full_disk_is_told_and_the_next_poll_goes_on(tmp_path):
    with mounted(tmp_path, "32m") as disk, newsroom(disk) as desk:
        assert desk.poll()["new"] == ARTICLES
        before = titles(desk)
        desk.server.routes["/world.rss"] = Reply(200, rss("World Desk", *BULK))
        ballast = fill(disk / "ballast")
        assert "the disk is full" in trouble(desk.call("poll", "--all"))
        read = desk.call("articles")
        assert read.code == 0 or "the disk is full" in complaint(read)
        ballast.unlink()
        assert before <= titles(desk)
        assert desk.poll()["failed"] == 0
        assert before < titles(desk)
        assert desk.json("search", "diplomats")["total"] == 2


@pytest.mark.parametrize("kilobytes", [100, 1000])
def test_files_that_may_not_grow_are_told_of_and_the_next_poll_goes_on(desk, kilobytes):
    desk.poll()
    before = titles(desk)
    desk.server.routes["/world.rss"] = Reply(200, rss("World Desk", *BULK))
    said = trouble(limited(desk, f"-f {kilobytes * 2}", "poll", "--all"))
    assert "cannot be read or written: the disk reports an error" in said
    assert before <= titles(desk)
    assert desk.poll()["failed"] == 0
    assert titles(desk) == before | {item.title for item in BULK}
    assert desk.json("search", "report")["total"] == len(BULK)


def test_a_directory_that_is_read_only_is_told_of(tmp_path):
    with mounted(tmp_path, "20m") as disk, newsroom(disk) as desk:
        desk.poll()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert "index" in complaint(desk.call("poll", "--all"))
        assert "index" in complaint(desk.call("run", "--no-web"))
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert desk.poll()["not_modified"] == len(FEEDS)


def test_a_directory_of_somebody_else_is_told_of(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere; the test above is for it")
    with newsroom(tmp_path) as desk:
        desk.poll()
        desk.data.chmod(0o500)
        (desk.data / "lock").chmod(0o400)
        try:
            assert "index" in complaint(desk.call("poll", "--all"))
        finally:
            desk.data.chmod(0o700)


# --- the database -------------------------------------------------------------------------------


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database, " * 1000)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def overwritten(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
        database.commit()


@pytest.mark.parametrize("damage", [garbage, cut_off, overwritten, directory, foreign])
@pytest.mark.parametrize("command", [("poll", "--all"), ("articles",), ("search", "talks")])
def test_a_damaged_database_is_named_and_left_alone(desk, damage, command):
    desk.poll()
    path = desk.data / "articles.db"
    damage(path)
    left = path.read_bytes() if path.is_file() else None
    assert "articles.db" in complaint(desk.run(*command))
    assert left is None or path.read_bytes() == left


@contextmanager
def held(desk: Desk):
    """Hold the database as another program may."""
    with closing(sqlite3.connect(desk.data / "articles.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_poll_waits_for_a_database_that_another_program_holds(desk):
    desk.poll()
    with held(desk) as other, desk.start("poll", "--all", "--json") as process:
        until(lambda: (desk.data / "lock").read_text() == f"{process.pid}\n")
        time.sleep(0.5)
        other.execute("ROLLBACK")
        assert process.wait() == 0
        assert process.log == ""


@pytest.mark.slow
def test_a_poll_says_so_when_the_database_is_not_let_go(desk):
    desk.poll()
    with held(desk):
        ran = desk.call("poll", "--all")
        assert "is locked by another program" in complaint(ran)
        assert len(desk.run("articles").lines) == ARTICLES
    assert desk.poll()["not_modified"] == len(FEEDS)


def test_a_second_poller_ends_at_once_and_leaves_the_first_alone(tmp_path):
    routes = {"/slow": Reply(200, rss("Slow", TALKS), pause=600), **conditional_feeds()}
    with newsroom(tmp_path, routes) as desk, desk.start("poll", "--all", "--json") as first:
        until(lambda: "/slow" in desk.server.paths())
        asked = len(desk.server.asked)
        second = desk.call("poll", "--all", "--json")
        assert f"(pid {first.pid})" in complaint(second, code=3)
        assert second.json["error"]["kind"] == "busy"
        assert "/slow" in desk.server.paths()[:asked]
        until(lambda: len(titles(desk)) == ARTICLES)
        first.send(signal.SIGTERM)
        assert first.wait() == 0


def test_pollers_that_start_together_share_the_work_in_turn(desk):
    with desk.start("poll", "--json") as one, desk.start("poll", "--json") as other:
        assert sorted((one.wait(), other.wait())) in ([0, 0], [0, 3])
    assert len(titles(desk)) == ARTICLES


# --- few files ----------------------------------------------------------------------------------


def test_forty_eight_open_files_are_enough(tmp_path):
    routes = {
        f"/{n}": Reply(200, rss(f"Feed {n}", Item(f"Report {n}", f"https://e.example/{n}")))
        for n in range(100)
    }
    with newsroom(tmp_path, routes) as desk:
        desk.write(list(routes), poll={"per-host": 100})
        ran = limited(desk, "-n 48", "poll", "--json")
        assert (ran.code, ran.err) == (0, "")
        failed = [row["error"] for row in ran.json["results"] if row["error"]]
        assert failed == []
        assert len(titles(desk)) == len(routes)


@pytest.mark.parametrize("files", [8, 16, 32])
def test_too_few_open_files_are_told_with_the_mend_and_nothing_is_lost(desk, files):
    desk.poll()
    before = titles(desk)
    desk.server.routes["/world.rss"] = Reply(200, rss("World Desk", *BULK[:9]))
    mend = f"too few files may be open ({files}): allow 256 or more (`ulimit -n 256`)"
    for command in (("poll", "--all"), ("run", "--no-web")):
        assert complaint(limited(desk, f"-n {files}", *command)) == mend
    assert titles(desk) == before
    for command in (("search", "diplomats"), ("digest", "--date", "today")):
        ran = limited(desk, f"-n {files}", *command)
        assert ran.err == "" if files > 12 and ran.code == 0 else complaint(ran).endswith(mend)
    assert desk.poll()["failed"] == 0
    assert titles(desk) == before | {item.title for item in BULK[:9]}


def test_as_many_files_are_opened_as_the_system_allows(desk):
    """The limit of a shell is often far below the one to which a process may raise it."""
    ran = limited(desk, "-Sn 16", "poll", "--all", "--json")
    assert (ran.code, ran.err, ran.json["new"]) == (0, "", ARTICLES)


# --- the clock ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """A library that moves the clock of the processes that load it."""
    compiler = shutil.which("cc") or pytest.skip("without a C compiler no clock can be moved")
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).parent / "support" / "clock.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def shifted(desk: Desk, shim: Path, shift: timedelta) -> Desk:
    """The desk, as processes see it whose clock is wrong by so much."""
    seconds = str(int(shift.total_seconds()))
    return Desk(desk.directory, desk.server, {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": seconds})


@pytest.mark.parametrize("shift", [YEARS, -YEARS], ids=["ahead", "behind"])
@pytest.mark.parametrize("polled_before", [False, True], ids=["at-first", "later"])
def test_a_clock_that_jumps_by_years_strands_nothing(desk, shim, shift, polled_before):
    if polled_before:
        assert desk.poll()["new"] == ARTICLES
    before = {article["id"]: moment(article["date"]) for article in desk.articles()}
    polled = shifted(desk, shim, shift).call("poll", "--all", "--json")
    assert polled.code == 0
    assert ("the clock seems to be wrong" in polled.err) == (polled_before and shift < timedelta())
    year = (datetime.now(UTC) + shift).year
    told = {moment(row["next_poll"]).year for row in polled.json["results"]}
    assert told <= {year, year + 1}

    desk.server.routes["/world.rss"] = conditional(rss("World Desk", TALKS, *BULK[:2]), etag='"2"')
    polled = desk.run("poll", "--json")
    assert (polled.code, polled.err) == (0, "")
    assert (polled.json["polled"], polled.json["failed"]) == (len(FEEDS), 0)
    now = datetime.now(UTC)
    feeds = desk.json("feeds")
    assert max(moment(feed["next_poll"]) for feed in feeds) < now + timedelta(days=2)
    assert {feed["failures"] for feed in feeds} == {0}
    dates = {article["id"]: moment(article["date"]) for article in desk.articles()}
    assert len(dates) == ARTICLES + 2
    assert max(dates.values()) <= now
    assert before.items() <= dates.items()
    assert desk.json("search", "diplomats")["total"] == 2


# --- signals ------------------------------------------------------------------------------------


def is_in_charge(pid: int) -> bool:
    """Whether a process has told the kernel what to do at SIGTERM; before, the kernel ends it."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@dataclass(frozen=True)
class Stop:
    """How a command ended that was sent a signal, and what the next poll made of what it left."""

    code: int
    log: str
    seconds: float
    failed: int
    articles: int
    found: int


def stopped(desk: Desk, number: signal.Signals, delay: float, command: str) -> Stop:
    """Send a signal `delay` seconds after a command has taken charge of it; then poll."""
    with desk.start(*command.split()) as process:
        until(lambda: is_in_charge(process.pid))
        time.sleep(delay)
        began = time.monotonic()
        process.send(number)
        code = process.wait()
        seconds = time.monotonic() - began
    return Stop(
        code,
        process.log,
        seconds,
        failed=desk.poll()["failed"],
        articles=len(titles(desk)),
        found=desk.json("search", "report")["total"],
    )


def sweep(tmp_path: Path, points: int, command: str) -> tuple[list[Stop], float]:
    """SIGTERM and SIGINT in turn, from the first moment to after the end of a poll.

    How each stop went, and how long the undisturbed poll took.
    """
    routes = {**conditional_feeds(), "/bulk": conditional(rss("Bulk", *BULK))}
    with Server(routes) as server:
        longest = undisturbed(directed(tmp_path / "whole", server))
        stops = [
            stopped(
                directed(tmp_path / str(point), server),
                (signal.SIGTERM, signal.SIGINT)[point % 2],
                longest * point / max(points - 1, 1),
                command,
            )
            for point in range(points)
        ]
    return stops, longest


def directed(directory: Path, server: Server) -> Desk:
    """A desk of its own that follows all feeds of a server."""
    desk = Desk(directory, server)
    directory.mkdir()
    desk.write(list(server.routes))
    return desk


def undisturbed(desk: Desk) -> float:
    """How long a poll takes from the moment when it is in charge of its signals."""
    with desk.start("poll") as process:
        until(lambda: is_in_charge(process.pid))
        began = time.monotonic()
        assert process.wait() == 0
        return time.monotonic() - began


def unclean(stops: list[Stop]) -> list[Stop]:
    """Those that failed, said something wrong or left anything half."""
    whole = (0, 0, ARTICLES + len(BULK))
    return [
        stop
        for stop in stops
        if (stop.code, stop.failed, stop.articles) != whole
        or stop.found < len(BULK)
        or "Traceback" in stop.log
        or "unexpected" in stop.log
    ]


INTERRUPTED = """
import os, signal, sys
from aggregator import cli
source = "import os, signal; os.kill(os.getpid(), signal.SIGINT); [None for _ in range(1000)]"
cli.cli.callback = lambda **_: exec(source)
sys.argv = ["aggregator", "check"]
cli.main()
"""


def test_a_signal_while_code_is_made_from_text_ends_like_any_other(tmp_path):
    (tmp_path / "interrupted.py").write_text(INTERRUPTED)
    command = [sys.executable, "-m", "interrupted"]
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr.strip()) == (0, b"")


@pytest.mark.parametrize("command", ["poll", pytest.param("run --no-web", marks=pytest.mark.slow)])
def test_a_signal_at_any_point_ends_cleanly_and_loses_nothing(tmp_path, command):
    stops, _ = sweep(tmp_path, 2, command)
    assert len(stops) == 2
    assert unclean(stops) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["poll", "run --no-web", "run --port 0"])
def test_a_signal_at_forty_points_ends_cleanly_in_five_seconds_and_loses_nothing(tmp_path, command):
    stops, poll = sweep(tmp_path, 40, command)
    slowest = max(stop.seconds for stop in stops)
    print(f"{command}: {len(stops)} signals, slowest stop {slowest:.1f} s")  # noqa: T201 - with -s
    assert len(stops) == 40
    assert unclean(stops) == []
    assert slowest < STOP * max(poll / USUAL_POLL, 1)
