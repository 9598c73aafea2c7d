"""Names whose servers never answer hold up no feed but their own, and no end of a command."""

import shutil
import signal
import socket
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.newsrooms import TALKS, Desk, newsroom, rss
from tests.support.server import Reply

LAME = [f"http://lame-{number}.example/feed" for number in range(60)]


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """A library that answers for names; it is preloaded."""
    compiler = shutil.which("cc") or pytest.skip("without a C compiler no name can be lame")
    library = tmp_path_factory.mktemp("names") / "names.so"
    source = Path(__file__).parent / "support" / "names.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture
def desk(tmp_path, shim, monkeypatch):
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    with newsroom(tmp_path, {"/feed": Reply(200, rss("Talks", TALKS))}) as desk:
        yield Desk(desk.directory, desk.server, {"LD_PRELOAD": str(shim)})


def test_lame_names_hold_up_no_other_feed(desk):
    good = [f"http://good-{number}.example:{desk.server.port}/feed" for number in range(10)]
    desk.write([*LAME, *good], poll={"concurrency": 16, "connect-timeout": "2s", "timeout": "1m"})
    rows = {row["url"]: row for row in desk.call("poll", "--json").json["results"]}
    assert [rows[url]["error"] for url in good] == [None] * len(good)
    assert rows[LAME[0]]["error"] == "the name servers gave no answer for lame-0.example"


def test_names_that_are_looked_up_hold_up_no_end(desk):
    desk.write([*LAME[:3], "/feed"], poll={"connect-timeout": "1h", "timeout": "1h"})
    with desk.start("run", "--no-web") as process:
        process.says("1 new")
        process.send(signal.SIGTERM)
        assert process.wait() == 0


def test_feeds_are_back_soon_after_the_network(desk):
    with socket.create_server(("127.0.0.1", 0)) as door:
        closed = f"http://127.0.0.1:{door.getsockname()[1]}/feed"
    desk.write([LAME[0], closed], poll={"connect-timeout": "100ms", "interval": "30m"})
    for _ in range(4):
        desk.call("poll", "--all")
    lame, refused = (waiting(row) for row in desk.json("feeds"))
    assert lame <= timedelta(hours=1)
    assert refused >= timedelta(hours=4)


def waiting(row):
    """How long a feed waits after its last poll."""
    last, following = (datetime.fromisoformat(row[name]) for name in ("last_poll", "next_poll"))
    return following - last
