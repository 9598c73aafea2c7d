"""Commands as processes: signals, pipes, terminals, the lock."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.outputs.columns import cells
from aggregator.store import Store
from tests.support.newsrooms import (
    ARTICLES,
    DAY,
    HARBOUR,
    PATIENCE,
    TALKS,
    Item,
    json_feed,
    newsroom,
    rss,
    until,
)
from tests.support.server import Reply, conditional

STOP_WITHIN = 5.0


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path) as desk:
        yield desk


@pytest.fixture
def slow(tmp_path):
    """A desk with a feed that drips for minutes beside one that answers."""
    routes = {
        "/slow": Reply(200, rss("Slow", TALKS), drip=0.5),
        "/quick": conditional(rss("Quick", HARBOUR)),
    }
    with newsroom(tmp_path, routes) as desk:
        yield desk


def get(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode()


def sound(desk):
    """Assert that the store is whole, and return the titles it holds."""
    with Store.open(desk.data / "articles.db") as store:
        assert store.problems() == []
        return {article.title for article in store.find()}


# --- run ----------------------------------------------------------------------------------------


def test_run_polls_publishes_and_serves_until_it_is_told_to_stop(desk):
    with desk.start("run", "--port", "0") as process:
        url = process.url
        process.says("published")
        assert json.loads(get(f"{url}/healthz"))["articles"] == ARTICLES
        assert "<h1" in get(f"{url}/")
        assert TALKS.title in get(f"{url}/search?q=diplomats")
        assert "World Desk" in get(f"{url}/feeds/")

        held = desk.call("poll")
        assert held.code == 3
        assert f"(pid {process.pid})" in held.err
        assert desk.call("run", "--port", "0").code == 3
        assert desk.run("search", "diplomats").code == 0
        assert desk.run("digest", "--date", DAY.isoformat()).code == 0
        assert HARBOUR.title in get(f"{url}/digest/{DAY}/")

        process.send(signal.SIGTERM)
        assert process.wait(STOP_WITHIN) == 0
        assert process.out() == ""
        assert "Traceback" not in process.log
    assert len(sound(desk)) == ARTICLES
    assert desk.call("poll").code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_stops_within_seconds_amid_a_slow_poll(slow, number):
    with slow.start("run", "--port", "0") as process:
        process.says("/quick: 1 new")
        until(lambda: "/slow" in slow.server.paths())
        process.send(number)
        started = time.monotonic()
        assert process.wait(STOP_WITHIN) == 0
        assert time.monotonic() - started < STOP_WITHIN
        assert "stopping" in process.log
        assert "Traceback" not in process.log
    assert sound(slow) == {HARBOUR.title}


def test_a_poll_in_the_background_of_a_script_ends_on_sigterm(slow):
    """A shell without job control starts its background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = slow.start("poll")
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        until(lambda: {"/slow", "/quick"} <= set(slow.server.paths()))
        process.send(signal.SIGINT)
        time.sleep(0.2)
        started = time.monotonic()
        process.send(signal.SIGTERM)
        assert process.wait(STOP_WITHIN) == 0
        assert time.monotonic() - started < STOP_WITHIN
        assert "Traceback" not in process.log


def test_a_second_signal_ends_run_at_once(slow):
    with slow.start("run", "--port", "0") as process:
        process.says("/quick: 1 new")
        slow.server.routes["/slow"] = Reply(200, b"", pause=10)
        process.send(signal.SIGTERM)
        process.says("stopping")
        process.send(signal.SIGTERM)
        assert process.wait(1.0) in {0, 128 + signal.SIGTERM}
    assert sound(slow) == {HARBOUR.title}


@pytest.mark.slow
def test_run_stops_within_seconds_while_a_large_index_is_built(tmp_path):
    items = [Item(f"Report {n}", f"https://e.example/{n}", "word " * 1500) for n in range(1000)]
    routes = {
        f"/{part}": Reply(200, rss(f"Part {part}", *items[part * 200 : part * 200 + 200]))
        for part in range(5)
    }
    with newsroom(tmp_path, routes) as desk:
        desk.write(list(routes), poll={"max-size": "50MB"})
        desk.poll()
        search = desk.data / "search"
        (search / "current").unlink()
        earlier = set(search.iterdir())
        with desk.start("run", "--no-web") as process:
            until(lambda: set(search.iterdir()) - earlier)
            process.send(signal.SIGTERM)
            assert process.wait(STOP_WITHIN) == 0
        assert len(sound(desk)) == 1000
        assert desk.json("search", "report")["total"] == 1000


def test_run_without_web_serves_no_pages(desk):
    with desk.start("run", "--no-web") as process:
        process.says("new, 0 changed")
        process.send(signal.SIGINT)
        assert process.wait(STOP_WITHIN) == 0
        assert "pages on" not in process.log


def test_run_listens_elsewhere_only_when_told_to(desk):
    refused = desk.call("run", "--host", "0.0.0.0", "--port", "0")
    assert refused.code == 2
    assert refused.err.startswith("aggregator: 0.0.0.0 can be reached from outside")
    assert not desk.data.exists()
    with desk.start("run", "--host", "0.0.0.0", "--port", "0", "--insecure") as process:
        assert process.says("pages on").rpartition(" ")[2].startswith("http://0.0.0.0:")
        process.send(signal.SIGTERM)
        assert process.wait(STOP_WITHIN) == 0


# --- poll ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_poll_ends_cleanly_when_it_is_interrupted(slow, number):
    with slow.start("poll", "--json") as process:
        until(lambda: (slow.data / "articles.db").exists() and saved(slow))
        process.send(number)
        assert process.wait(STOP_WITHIN) == 0
        assert "Traceback" not in process.log
    assert sound(slow) == {HARBOUR.title}
    slow.server.routes["/slow"] = conditional(rss("Slow", TALKS))
    assert slow.poll()["new"] == 1


def saved(desk):
    with closing(sqlite3.connect(desk.data / "articles.db", timeout=5)) as database:
        try:
            return database.execute("SELECT count(*) FROM articles").fetchone()[0]
        except sqlite3.OperationalError:
            return 0


def test_no_process_is_left_behind(slow):
    with slow.start("run", "--no-web") as process:
        process.says("/quick: 1 new")
        workers = children(process.pid)
        assert workers
        process.send(signal.SIGTERM)
        assert process.wait(STOP_WITHIN) == 0
    until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 5)


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


# --- pipes and terminals ------------------------------------------------------------------------


def test_results_go_to_stdout_and_all_else_to_stderr(desk):
    polled = desk.call("poll", "--json")
    assert (polled.code, polled.err) == (0, "")
    assert polled.json["new"] == ARTICLES
    listed = desk.call("articles", "--json")
    assert (listed.code, listed.err) == (0, "")
    assert len([json.loads(line) for line in listed.lines]) == ARTICLES
    assert "\x1b" not in desk.call("search", "tehran").out


def test_a_reader_that_leaves_is_no_error(desk):
    desk.poll()
    process = subprocess.Popen(
        desk.command("articles", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(PATIENCE) == 0


def test_a_full_disk_is_one_line(desk):
    desk.poll()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            desk.command("articles"), stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE
        )
    assert done.returncode == 1
    assert done.stderr == b"aggregator: output: No space left on device\n"


def test_words_that_are_no_text_are_no_surprise(desk):
    desk.poll()
    done = subprocess.run(
        [*desk.command("search", "--json"), b"caf\xe9"], capture_output=True, timeout=PATIENCE
    )
    assert done.returncode in (0, 2)
    assert b"unexpected" not in done.stderr
    json.loads(done.stdout)


def test_a_locale_that_knows_no_hebrew_is_no_surprise(desk):
    desk.poll()
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        desk.command("articles"), env=environment, capture_output=True, timeout=PATIENCE
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == ARTICLES


def test_the_configuration_comes_from_the_environment_or_the_directory(desk):
    desk.poll()
    command = [sys.executable, "-m", "aggregator", "check"]
    here = subprocess.run(command, cwd=desk.directory, capture_output=True, timeout=PATIENCE)
    assert here.stdout.startswith(b"feeds.yaml: good")
    named = subprocess.run(
        command,
        cwd="/",
        env={**os.environ, "AGGREGATOR_CONFIG": str(desk.config)},
        capture_output=True,
        timeout=PATIENCE,
    )
    assert named.stdout.startswith(f"{desk.config}: good".encode())


@contextmanager
def terminal(desk, *arguments, **environment):
    """Run a command on a terminal of 160 columns; yields what it shows and its exit code."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        desk.command(*arguments),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "COLUMNS": "160", "TERM": "xterm-256color", **environment},
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:  # how Linux says that the other end is closed
        shown += b""
    finally:
        os.close(leader)
    yield shown.decode(), process.wait(PATIENCE)


def test_a_person_sees_tables_progress_and_colour(desk):
    with terminal(desk, "poll") as (shown, code):
        assert code == 0
        assert "polling" in shown
        assert "4/4" in shown
    with terminal(desk, "articles") as (shown, code):
        assert code == 0
        assert "title" in shown
        assert TALKS.title in shown
    with terminal(desk, "search", "diplomats") as (shown, code):
        assert code == 0
        assert "\x1b[1" in shown
        assert "2 articles of 8 in " in shown
    with terminal(desk, "tags", "--json") as (shown, code):
        assert code == 0
        assert shown.startswith("[\r\n")


def test_a_title_turns_nothing_on_a_terminal_but_stays_as_it_is(tmp_path):
    """Characters that turn the direction of a text would turn the columns beside it, too."""
    title = "Harbour \u202eruobraH\u202c of \u2067Haifa"
    item = replace(HARBOUR, title=title, tags=(f"Tag \u202e{title}",))
    with newsroom(tmp_path, {"/feed": Reply(200, rss(f"Desk {title}", item))}) as desk:
        desk.poll()
        for command in (
            ("articles",),
            ("search", "Haifa"),
            ("feeds",),
            ("tags",),
            ("digest", "--date", "3d"),
        ):
            with terminal(desk, *command) as (shown, _):
                assert "Harbour ruobraH of Haifa" in " ".join(shown.split()), command
                assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown), command
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", desk.run(*command).out), command
        assert [article["title"] for article in desk.articles()] == [title]


def test_each_line_of_json_is_one_for_every_reader(tmp_path):
    text = "Lines\u2028of\u2029many\u0085kinds"
    body = json_feed("Lines", Item("One", "https://e.example/1", f"<pre>{text}</pre>"))
    with newsroom(tmp_path, {"/feed": Reply(200, body)}) as desk:
        desk.poll()
        lines = desk.run("articles", "--json").out.splitlines()
        assert [json.loads(line)["title"] for line in lines] == ["One"]


def test_no_color_means_no_colour(desk):
    desk.poll()
    with terminal(desk, "search", "diplomats", NO_COLOR="1") as (shown, code):
        assert code == 0
        assert "\x1b[33" not in shown
        assert ";33m" not in shown


ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.mark.parametrize(
    "command",
    [
        *(("feeds",), ("digest", "--date", f"{DAY}"), ("stories", "--date", f"{DAY}"), ("tags",)),
        *(("tags", "middle-east"), ("tags", "--trending"), ("articles",), ("show",)),
        ("search", "tehran", "--facets", "tag,feed,language,month", "--explain"),
    ],
    ids=" ".join,
)
def test_nothing_but_addresses_is_wider_than_the_terminal(desk, command):
    desk.poll()
    ids = [desk.articles()[0]["id"]] if command == ("show",) else []
    with terminal(desk, *command, *ids, COLUMNS="80") as (shown, code):
        assert code == 0
    lines = [line.rstrip() for line in ESCAPES.sub("", shown).splitlines()]
    wide = [line for line in lines if cells(line) > 80]
    assert [line for line in wide if not line.startswith(("http", "pages: "))] == []


# --- verbosity ----------------------------------------------------------------------------------


def test_tracebacks_are_for_those_who_ask_twice(desk):
    desk.poll()
    with closing(sqlite3.connect(desk.data / "articles.db")) as database:
        database.execute("UPDATE articles SET date = 'x'")
        database.commit()
    plain = desk.call("articles")
    assert plain.code == 1
    assert "Traceback" not in plain.err
    assert len(plain.err.splitlines()) == 1
    asked = subprocess.run(
        [sys.executable, "-m", "aggregator", "-vv", "--config", str(desk.config), "articles"],
        capture_output=True,
        timeout=PATIENCE,
    )
    assert asked.returncode == 1
    assert b"Traceback" in asked.stderr
