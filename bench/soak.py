"""A poller left alone: do memory, files and threads level off as days pass in seconds?

    python bench/soak.py [--minutes M] [--feeds N] [--speed S] [--keep DAYS] [--engine NAME]

`aggregator run` is started with a clock that runs S times as fast (a preloaded C shim, so it needs
a C compiler and Linux) and polls N feeds, each of a loopback address of its own. They bring new
articles every day; some edit old ones, fail, drop connections, change all their ids or send
documents made to exhaust a reader. A line a simulated day tells what everything takes, in the end
come the doctor's findings.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import blake2b
from html import escape
from pathlib import Path

from aiohttp import web
from newsprint import Newsprint

DAY = 86_400
SHOWN = 20
"""Entries of a document."""
WORDS = 120
CLOCK = Path(__file__).parent.parent / "tests" / "support" / "clock.c"
FEEDS_YAML = """\
settings:
  title: A soak
  keep: {keep}d
  index: {engine}
  poll: {{host-delay: 0s, min-interval: 1h, interval: 6h, timeout: 5s}}
  network: {{allow: [127.0.0.0/8]}}
digest: {{outputs: [html, atom, json, markdown]}}
tags:
  rules:
    - {{tag: Crisis, when: 'police OR court'}}
topics:
  - {{name: World, query: 'world OR country'}}
  - {{name: Crisis, query: 'tag:crisis'}}
feeds:
{feeds}
"""
HEAD = "<rss version='2.0'><channel><title>Gazette {number}</title>"
ITEM = (
    "<item><title>{title}</title><link>https://gazette-{feed}.example/{number}</link>"
    "<guid isPermaLink='false'>{guid}</guid><pubDate>{date}</pubDate>{tags}"
    "<description>{text}</description></item>"
)
TAIL = "</channel></rss>"
BOMBS: Sequence[str] = (
    "<item><title>deep</title>" + "<a>" * 60_000,
    "<item><title>attributes</title><x " + " ".join(f"a{n}=''" for n in range(60_000)) + "/>",
    "<item><title>long</title><description>" + "words and more words " * 90_000,
    "".join(f"<category>{n}</category>" for n in range(100_000)),
    "<item><title>authors</title>" + "<author>a@e.example</author>" * 30_000,
)


class Feed:
    """A feed whose articles come as its days go by; its number says how it behaves."""

    def __init__(self, number: int, began: float) -> None:
        self._number = number
        self._newsprint = Newsprint(number, days=1)
        self._gap = DAY / (1 + number % 4)
        self._next = began - SHOWN * self._gap
        self._items: deque[Mapping[str, object]] = deque(maxlen=SHOWN)
        self._made = 0

    def answer(self, now: float, known: str | None) -> web.Response | None:
        """What the server says at `now`; None where it breaks off."""
        day = int(now // DAY)
        match self._number % 10:
            case 7 if day % 3 == 0:
                return web.Response(status=(500, 503, 404)[self._number % 3])
            case 7 if day % 3 == 1:
                return None
            case 8 if day % 2 == 0:
                bomb = BOMBS[(self._number // 10 + day) % len(BOMBS)]
                return self._said(HEAD.format(number=self._number) + bomb + TAIL, known)
        return self._said(self._document(now, day), known)

    def _said(self, document: str, known: str | None) -> web.Response:
        body = document.encode()
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        if known == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"ETag": etag}, content_type="application/rss+xml")

    def _document(self, now: float, day: int) -> str:
        while self._next <= now:
            self._items.append(self._item(self._next))
            self._next += self._gap
        scheme = day // 5 if self._number % 10 == 9 else 0
        edited = f" ({day})" if self._number % 10 == 6 else ""
        items = [
            ITEM.format(
                **{**item, "title": f"{item['title']}{edited if place == 0 else ''}"},
                guid=f"{scheme}-{item['number']}",
            )
            for place, item in enumerate(reversed(self._items))
        ]
        return "".join((HEAD.format(number=self._number), *items, TAIL))

    def _item(self, at: float) -> Mapping[str, object]:
        self._made += 1
        item = self._newsprint.item(self._made, WORDS)
        return {
            "feed": self._number,
            "number": self._made,
            "title": escape(item.title),
            "text": escape("".join(f"<p>{each}</p>" for each in item.paragraphs)),
            "tags": "".join(f"<category>{tag}</category>" for tag in item.tags),
            "date": formatdate(at, usegmt=True),
        }


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs `speed` times as fast from `began` on, as the shim's does."""

    began: int
    speed: int

    def now(self) -> float:
        """Seconds of the epoch, by this clock."""
        return self.began + (time.time() - self.began) * self.speed

    @property
    def days(self) -> float:
        """How many of its days have passed."""
        return (self.now() - self.began) / DAY

    def environment(self, directory: Path) -> dict[str, str]:
        """What makes a process live by this clock."""
        library = directory / "clock.so"
        if not library.exists():
            compiler = shutil.which("cc") or sys.exit("a C compiler is needed to make time pass")
            command = [compiler, "-shared", "-fPIC", "-o", str(library), str(CLOCK), "-ldl"]
            subprocess.run(command, check=True)
        return {
            **os.environ,
            "LD_PRELOAD": str(library),
            "CLOCK_FROM": str(self.began),
            "CLOCK_SPEED": str(self.speed),
        }


def application(feeds: Sequence[Feed], clock: Clock) -> web.Application:
    """The server of all feeds."""

    async def serve(request: web.Request) -> web.StreamResponse:
        feed = feeds[int(request.match_info["number"])]
        answer = feed.answer(clock.now(), request.headers.get("If-None-Match"))
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer

    made = web.Application()
    made.router.add_get(r"/feed/{number:\d+}", serve)
    return made


# --- what is looked at --------------------------------------------------------------------------


COLUMNS = (
    *("day", "articles", "poller MB", "workers MB", "files open", "threads", "database MB"),
    *("WAL MB", "index MB", "index files", "pages MB", "pages", "log KB"),
)


def looked_at(pid: int, directory: Path, clock: Clock) -> list[str]:
    """A row of the table."""
    children = _children(pid)
    data = directory / "index"
    index, pages = _files(data / "search"), _files(directory / "digests")
    return [
        f"{clock.days:.0f}",
        str(_articles(data / "articles.db")),
        f"{_resident(pid):.0f}",
        f"{sum(map(_proportional, children)):.0f}",
        str(len(list(Path(f"/proc/{pid}/fd").iterdir()))),
        str(len(list(Path(f"/proc/{pid}/task").iterdir()))),
        f"{_size(data / 'articles.db'):.1f}",
        f"{_size(data / 'articles.db-wal'):.1f}",
        f"{sum(map(_size, index)):.1f}",
        str(len(index)),
        f"{sum(map(_size, pages)):.1f}",
        str(len(pages)),
        f"{_size(directory / 'log') * 1000:.0f}",
    ]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (thread / "children").read_text().split()):
                found += [child, *_children(child)]
    return found


def _resident(pid: int) -> float:
    return _memory(pid, "status", "VmRSS:")


def _proportional(pid: int) -> float:
    return _memory(pid, "smaps_rollup", "Pss:")


def _memory(pid: int, file: str, name: str) -> float:
    """Megabytes; 0 for a process that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def _size(path: Path) -> float:
    try:
        return path.stat().st_size / 1e6
    except OSError:
        return 0.0


def _articles(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as store:
        (count,) = store.execute("SELECT count(*) FROM articles").fetchone()
    return int(count)


# --- the soak -----------------------------------------------------------------------------------


async def soak(given: argparse.Namespace, directory: Path) -> None:
    """Serve, poll, look, and ask the doctor."""
    clock = Clock(int(time.time()), given.speed)
    feeds = [Feed(number, clock.now()) for number in range(given.feeds)]
    runner = web.AppRunner(application(feeds, clock), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0).start()  # every address of this machine
    port = runner.addresses[0][1]
    hosts = (f"127.1.{number // 250}.{number % 250 + 1}" for number in range(given.feeds))
    urls = [f"http://{host}:{port}/feed/{number}" for number, host in enumerate(hosts)]
    (directory / "feeds.yaml").write_text(
        FEEDS_YAML.format(
            keep=given.keep, engine=given.engine, feeds="\n".join(f"  - {url}" for url in urls)
        )
    )
    ours = [sys.executable, "-m", "aggregator", "--config", str(directory / "feeds.yaml")]
    environment = clock.environment(directory)
    with (directory / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *ours, "run", "--port", "0", env=environment, stderr=log
        )
        await _watch(process, directory, clock, time.monotonic() + given.minutes * 60)
    doctor = await asyncio.create_subprocess_exec(*ours, "doctor", env=environment)
    await doctor.wait()
    await runner.cleanup()


async def _watch(
    process: asyncio.subprocess.Process, directory: Path, clock: Clock, end: float
) -> None:
    """Print a row a day until the time is over, then let the poller stop."""
    print("\t".join(COLUMNS), flush=True)
    while time.monotonic() < end and process.returncode is None:
        await asyncio.sleep(DAY / clock.speed)
        row = await asyncio.to_thread(looked_at, process.pid, directory, clock)
        print("\t".join(row), flush=True)
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    print("exit code", await process.wait(), flush=True)


def main() -> None:
    """Soak a poller in a directory that goes afterwards, unless one is given."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--speed", type=int, default=2_880, help="2,880: a day in 30 s")
    parser.add_argument("--keep", type=int, default=7, help="days")
    parser.add_argument("--engine", default="whoosh")
    parser.add_argument("--directory", type=Path)
    given = parser.parse_args()
    if given.directory:
        given.directory.mkdir(parents=True, exist_ok=True)
        asyncio.run(soak(given, given.directory))
        return
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(soak(given, Path(directory)))


if __name__ == "__main__":
    main()
