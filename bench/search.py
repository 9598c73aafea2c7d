"""Searching beside SQLite FTS5: indexing, additions, queries, snippets, a cold command line.

python bench/search.py [--articles N]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Protocol

from library import FEEDS, Questions, article, each, feed_url, items, questions, tags
from measure import cpu_seconds, peak_megabytes, percentiles, print_table
from newsprint import END, Item
from yardstick import Fts5

from aggregator import config
from aggregator.pipeline.index import Facet
from aggregator.pipeline.newsroom import Newsroom, opened
from aggregator.query import Query
from aggregator.search import Results, Sort, snippet

ADDED = 100
FACETS: tuple[Facet, ...] = ("tag", "feed", "month")
COLD_STARTS = 5
Timing = tuple[float, float]


class Engine(Protocol):
    """What answers the questions."""

    def best(self, text: str) -> object:
        """The best 20 and the number of all."""

    def newest(self, asked: tuple[str, str]) -> object:
        """The newest 20 with a tag and a word, and the number of all."""

    def facets(self, text: str) -> object:
        """The ten commonest tags, feeds and months."""

    def snippets(self, text: str) -> object:
        """Excerpts of 20 articles."""


@dataclass(frozen=True, slots=True)
class Ours:
    """The search of a newsroom, as the command line and the pages call it."""

    newsroom: Newsroom

    def best(self, text: str) -> Results:
        """The first page of the best."""
        return self._page(self.newsroom.query(text), "relevance")

    def newest(self, asked: tuple[str, str]) -> Results:
        """The first page of the newest with a tag and a word."""
        return self._page(self.newsroom.query(f'tag:"{asked[0]}" {asked[1]}'), "newest")

    def facets(self, text: str) -> object:
        """The commonest tags, feeds and months."""
        bound = self.newsroom.query(text)
        return self.newsroom.index.facets(bound, FACETS, 10, timezone=self.newsroom.timezone)

    def snippets(self, text: str) -> list[str]:
        """Excerpts of the articles of a page, read from the store."""
        bound = self.newsroom.query(text)
        found = self._page(bound, "relevance")
        return [snippet(one, bound) for one in self.newsroom.store.articles(found.ids)]

    def _page(self, bound: Query, sort: Sort) -> Results:
        return self.newsroom.index.search(bound, sort=sort, limit=20, offset=0)


def save(newsroom: Newsroom, library: Sequence[Item]) -> None:
    """Put articles into the store, feed by feed."""
    for feed in newsroom.store.feeds():
        brought = [article(item) for item in library if feed_url(item) == feed.url]
        newsroom.store.save(feed, brought, present=frozenset(), now=END, tagger=tags)


def ask(engine: Engine, asked: Questions) -> dict[str, Timing]:
    """The timings of every kind of question."""
    return {
        "common term, best 20": percentiles(each(engine.best, asked.common)),
        "two terms AND": percentiles(each(engine.best, [" ".join(pair) for pair in asked.pairs])),
        "phrase": percentiles(each(engine.best, [f'"{a} {b}"' for a, b in asked.phrases])),
        "prefix": percentiles(each(engine.best, [f"{start}*" for start in asked.prefixes])),
        "tag + term, newest 20": percentiles(each(engine.newest, asked.tagged)),
        "facets tag, feed, month": percentiles(each(engine.facets, asked.common)),
        "page of 20 with snippets": percentiles(each(engine.snippets, asked.common)),
    }


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Processor and wall-clock seconds of a piece of work."""
    used, started = cpu_seconds(), perf_counter()
    work()
    return cpu_seconds() - used, perf_counter() - started


def cold(feeds: Path, word: str) -> tuple[float, float]:
    """The median wall-clock seconds and the peak megabytes of `aggregator search` as a process."""
    command = [sys.executable, "-m", "aggregator", "--config", feeds, "search", "--json", word]
    walls, peaks = [], []
    for _ in range(COLD_STARTS):
        started = perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        walls.append(perf_counter() - started)
        peaks.append(peak_megabytes(usage))
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"`aggregator search` ended with {process.returncode}")
    return median(walls), max(peaks)


def configured(directory: Path) -> Path:
    """A feeds.yaml for the library's feeds."""
    lines = [f"  - https://gazette-{number}.example/feed.xml" for number in range(FEEDS)]
    feeds = directory / "feeds.yaml"
    feeds.write_text("\n".join(("feeds:", *lines)) + "\n", encoding="utf-8")
    return feeds


def compare(head: str, unit: str, ours: float, theirs: float) -> tuple[str, ...]:
    """A row of the first table."""
    return (head, f"{ours:.0f} {unit}", f"{theirs:.0f} {unit}", f"{ours / theirs:.2f}")


def main() -> None:
    """Build both, ask both, print both."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--articles", type=int, default=10_000)
    number = arguments.parse_args().articles
    library = items(number + ADDED)
    old, added = library[:number], library[number:]
    print(f"{number} articles of about 500 words, 30 tags, two years\n")
    with tempfile.TemporaryDirectory() as directory:
        run(Path(directory), old, added)


def run(directory: Path, old: Sequence[Item], added: Sequence[Item]) -> None:
    """Measure in `directory` and print."""
    feeds, fts5 = configured(directory), Fts5(directory / "fts5.db")
    asked = questions(old)
    with opened(config.load(feeds)) as newsroom:
        newsroom.store.sync(newsroom.config.subscriptions, now=END)
        save(newsroom, old)
        ours = {"indexed": len(old) / timed(newsroom.index.rebuild)[0]}
        theirs = {"indexed": len(old) / timed(lambda: fts5.add(old))[0]}
        save(newsroom, added)
        ours["added"] = timed(newsroom.index.catch_up)[1] * 1000
        theirs["added"] = timed(lambda: fts5.add(added))[1] * 1000
        print_table(
            ("writing", "aggregator", "FTS5", "ratio"),
            (
                compare("indexing, articles/s/core", "", ours["indexed"], theirs["indexed"]),
                compare(f"adding {ADDED} articles", "ms", ours["added"], theirs["added"]),
            ),
        )
        answers, yardstick = ask(Ours(newsroom), asked), ask(fts5, asked)
    print()
    print_table(
        ("p50 / p95 in ms", "aggregator", "FTS5", "ratio of p50"),
        [
            (
                kind,
                f"{p50:.1f} / {p95:.1f}",
                f"{yardstick[kind][0]:.1f} / {yardstick[kind][1]:.1f}",
                f"{p50 / yardstick[kind][0]:.2f}",
            )
            for kind, (p50, p95) in answers.items()
        ],
    )
    wall, peak = cold(feeds, asked.common[0])
    print(f"\n`aggregator search` as a process: {wall:.2f} s, {peak:.0f} MB at most")


if __name__ == "__main__":
    main()
