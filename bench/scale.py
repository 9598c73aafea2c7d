"""Very many feeds due at once: is the poller's memory bounded, does anything hold it up?

    python bench/scale.py [--feeds N] [--hosts N] [--entries N]

The feeds are spread over hosts of their own, 127.0.0.1 and so on, from a server in another
process, and polled as `aggregator poll` does, with the default limits: first all are new, then
nothing has changed. A heartbeat in the event loop tells how late it comes, which on a busy machine
is also the doing of others, so the processor time that the loop spent between two beats is told as
well. Memory is that of the poller and of its workers, sampled ten times a second.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvloop
from feedserver import addresses
from measure import print_table
from poll import serving

from aggregator import config
from aggregator.pipeline.newsroom import Newsroom, opened, system_clock
from aggregator.pipeline.rounds import poll

BEAT, SAMPLE = 0.01, 0.1
"""Seconds between two beats, and between two looks at the memory."""
AIMS = {"memory of all processes, MB": 300, "heartbeat late at most, ms": 100}
ROUNDS = (("all new", timedelta()), ("304", timedelta(days=2)))
"""The rounds, and how far the clock is ahead in each: a long way makes every feed due again."""
FEEDS_YAML = """\
settings:
  network: {{allow: [127.0.0.0/8]}}
feeds:
{feeds}
"""

Figures = dict[str, float]


@dataclass(slots=True)
class Pulse:
    """What the heartbeat felt: seconds late and seconds of processor time between two beats."""

    late: float = 0.0
    busy: float = 0.0

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            began, spent = time.perf_counter(), time.thread_time()
            await asyncio.sleep(BEAT)
            self.late = max(self.late, time.perf_counter() - began - BEAT)
            self.busy = max(self.busy, time.thread_time() - spent)


@dataclass(slots=True)
class Memory:
    """The largest resident sizes seen, in kilobytes: of this process, of it and its workers."""

    own: int = 0
    tree: int = 0

    async def watch(self, server: int) -> None:
        """Look until cancelled; the server is no part of the poller."""
        while True:
            sizes = dict(_resident(server))
            self.own = max(self.own, sizes.get("self", 0))
            self.tree = max(self.tree, sum(sizes.values()))
            await asyncio.sleep(SAMPLE)


def _below(parent: str) -> Iterator[str]:
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):  # it has just ended
            for pid in children.read_text().split():
                yield pid
                yield from _below(pid)


def _resident(server: int) -> Iterator[tuple[str, int]]:
    """Yield the resident sizes of this process and of those below it (Linux)."""
    for pid in {"self", *_below("self")} - {str(server)}:
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        except OSError:  # it has just ended
            continue
        fields = dict(line.split(":", 1) for line in status.splitlines())
        yield pid, int(fields.get("VmRSS", "0 kB").split()[0])


@contextmanager
def _beside(*works: "asyncio.Task[None]") -> Iterator[None]:
    try:
        yield
    finally:
        for work in works:
            work.cancel()


async def measured(newsroom: Newsroom, server: int) -> Figures:
    """Poll what is due and tell what that took."""
    feeds = newsroom.store.due(newsroom.clock(), limit=1_000_000)
    pulse, memory = Pulse(), Memory()
    before, began = _spent(), time.perf_counter()
    beating = asyncio.create_task(pulse.beat()), asyncio.create_task(memory.watch(server))
    with _beside(*beating):
        summary = await poll(newsroom, feeds)
    wall, after = time.perf_counter() - began, _spent()
    polled = summary.count("ok") + summary.count("not_modified")
    cpu = {name: after[name] - before[name] for name in after}
    return {
        "feeds polled": polled,
        "articles": newsroom.store.count(),
        "seconds": wall,
        "cpu a feed, event loop, ms": cpu["loop"] * 1000 / len(feeds),
        "cpu a feed, store, ms": (cpu["process"] - cpu["loop"]) * 1000 / len(feeds),
        "cpu a feed, workers, ms": cpu["workers"] * 1000 / len(feeds),
        "memory of the poller, MB": memory.own / 1024,
        "memory of all processes, MB": memory.tree / 1024,
        "heartbeat late at most, ms": pulse.late * 1000,
        "loop's cpu between two beats at most, ms": pulse.busy * 1000,
    }


def _spent() -> Mapping[str, float]:
    """Processor seconds so far: of this thread, of this process, of its children that ended."""
    own, ended = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "loop": time.thread_time(),
        "process": own.ru_utime + own.ru_stime,
        "workers": ended.ru_utime + ended.ru_stime,
    }


def run(base: str, server: int, feeds: int, hosts: int, directory: Path) -> list[Figures]:
    """The figures of each round; checks that every feed was polled."""
    port = base.rpartition(":")[2]
    names = addresses(hosts)
    path = directory / "feeds.yaml"
    lines = (f"  - http://{names[n % hosts]}:{port}/feed/{n}.xml" for n in range(feeds))
    path.write_text(FEEDS_YAML.format(feeds="\n".join(lines)), encoding="utf-8")
    settings, figures = config.load(path), []
    for name, ahead in ROUNDS:
        with opened(settings, clock=lambda ahead=ahead: system_clock() + ahead) as newsroom:
            newsroom.store.sync(newsroom.config.subscriptions, now=newsroom.clock())
            figures.append(uvloop.run(measured(newsroom, server)))
        if figures[-1]["feeds polled"] != feeds:
            sys.exit(f"{name}: {figures[-1]['feeds polled']:g} feeds polled, not {feeds}")
    return figures


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=10_000)
    arguments.add_argument("--hosts", type=int, default=500)
    arguments.add_argument("--entries", type=int, default=2)
    size = arguments.parse_args()
    print(f"{size.feeds} feeds of {size.entries} entries on {size.hosts} hosts, all due at once\n")
    with (
        serving(size.feeds, size.entries, size.hosts) as (base, server),
        tempfile.TemporaryDirectory() as directory,
    ):
        rounds = run(base, server, size.feeds, size.hosts, Path(directory))
    rows = [
        (name, *(f"{figures[name]:.4g}" for figures in rounds), f"{AIMS.get(name, '')}")
        for name in rounds[0]
    ]
    print_table(("", *(name for name, _ in ROUNDS), "at most"), rows)


if __name__ == "__main__":
    main()
