"""Every search engine beside SQLite FTS5: indexing, additions, queries, snippets, a cold start.

python bench/search.py [--articles N] [--directory D]

A directory is kept, and the archive that an earlier run has left there is used again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Protocol

from library import FEEDS, Questions, article, each, feed_url, items, questions, tags
from measure import cpu_seconds, percentiles, print_table
from newsprint import END, Item
from yardstick import Fts5

from aggregator import config
from aggregator.errors import SearchError
from aggregator.model import Article
from aggregator.pipeline import searching, tagging
from aggregator.pipeline.newsroom import Newsroom, opened
from aggregator.query import Query, record
from aggregator.search import ENGINES, Facet, Results, Sort, maker, snippet
from aggregator.text import Vocabulary, terms

ADDED, ROUNDS = 100, 11
"""Articles that arrive at a time, and how often; the tenth time segments are joined."""
FACETS: tuple[Facet, ...] = ("tag", "feed", "month")
COLD_STARTS = 5
SPLIT = 5_000
"""Articles that the steps before an engine are measured with."""
AIMS = {
    "indexing, articles/s/core": ("350", ""),
    "indexing, articles/s by the clock": ("", "3000"),
    "100 more, ms: middle / worst": ("600 / 1000", "150"),
    "common term, best 20": ("120", "5"),
    "two terms AND": ("120", "5"),
    "phrase": ("120", "5"),
    "tag + term, newest 20": ("60", "5"),
    "facets tag, feed, month": ("250", "10"),
    "page of 20 with snippets": ("60", "20"),
    "cold process, s: CPU / wall": ("0.60", "0.35"),
    "cold process, MB": ("200", "120"),
}
"""What is aimed at, for p95 of the questions: of whoosh and of tantivy."""
COLD = """
import json, os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
used = usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss
print(json.dumps([os.waitstatus_to_exitcode(status), *used]))
"""
"""Run from a small process: a child's peak of memory begins as that of what starts it."""
Timing = tuple[float, float]
Column = Mapping[str, str]
"""What was measured of one contender, by row."""


class Contender(Protocol):
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

    def like(self, article: Article) -> object:
        """The articles most like one."""
        return searching.related(self.newsroom, article, 5)

    def profile(self, tag: str) -> object:
        """What the page of a tag tells of it."""
        return tagging.profile(self.newsroom, tag)

    def _page(self, bound: Query, sort: Sort) -> Results:
        return self.newsroom.index.search(bound, sort=sort, limit=20, offset=0)


def save(newsroom: Newsroom, library: Sequence[Item]) -> None:
    """Put articles into the store, feed by feed."""
    for feed in newsroom.store.feeds():
        brought = [article(item) for item in library if feed_url(item) == feed.url]
        newsroom.store.save(feed, brought, present=frozenset(), now=END, tagger=tags)


def steps(newsroom: Newsroom) -> Column:
    """What is done for every engine before it gets an article: articles a second of each step."""
    articles = list(islice(newsroom.store.find(), SPLIT))
    words = Vocabulary(lambda positions: " ".join(each[0] for each in positions))
    work: dict[str, Callable[[], object]] = {
        "reading from the store": lambda: list(islice(newsroom.store.find(), SPLIT)),
        "making records": lambda: [record(one) for one in articles],
        "texts into terms": lambda: [terms(one.text, "en") for one in articles],
        "texts into words, piece by piece": lambda: [
            " ".join(words.read(one.text, "en")) for one in articles
        ],
    }
    return {step: f"{len(articles) / cpu(each):.0f}" for step, each in work.items()}


def ask(engine: Contender, asked: Questions) -> dict[str, Timing]:
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


def cpu(work: Callable[[], object]) -> float:
    """Processor seconds of a piece of work."""
    return spent(work)[0]


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """The seconds of a piece of work: of processors, and by the clock."""
    used, started = cpu_seconds(), perf_counter()
    work()
    return cpu_seconds() - used, perf_counter() - started


def cold(feeds: Path, word: str) -> Column:
    """What `aggregator search` as a process takes: medians of the seconds, the most memory."""
    command = [sys.executable, "-m", "aggregator", "--config", feeds, "search", "--json", word]
    runs = []
    for _ in range(COLD_STARTS):
        told = subprocess.run(
            [sys.executable, "-c", COLD, *command], stdout=subprocess.PIPE, check=True
        )
        runs.append(json.loads(told.stdout))
    if failed := next((code for code, *_ in runs if code), None):
        sys.exit(f"`aggregator search` ended with {failed}")
    _, used, walls, peaks = zip(*runs, strict=True)
    unit = 1 << (20 if sys.platform == "darwin" else 10)
    return {
        "cold process, s: CPU / wall": f"{median(used):.2f} / {median(walls):.2f}",
        "cold process, MB": f"{max(peaks) / unit:.0f}",
    }


def told(
    number: int, indexed: tuple[float, float], added: Sequence[float], answers: Mapping[str, Timing]
) -> Column:
    """A column of the table, but for the cold start."""
    times = [seconds * 1000 for seconds in added]
    return {
        "indexing, articles/s/core": f"{number / indexed[0]:.0f}",
        "indexing, articles/s by the clock": f"{number / indexed[1]:.0f}",
        "100 more, ms: middle / worst": f"{median(times):.0f} / {max(times):.0f}",
        **{kind: f"{p50:.1f} / {p95:.1f}" for kind, (p50, p95) in answers.items()},
    }


def configured(directory: Path, engine: str = "whoosh") -> Path:
    """A feeds.yaml for the library's feeds and one of the engines."""
    lines = [f"  - https://gazette-{number}.example/feed.xml" for number in range(FEEDS)]
    feeds = directory / "feeds.yaml"
    written = "\n".join((f"settings: {{index: {engine}}}", "feeds:", *lines))
    feeds.write_text(f"{written}\n", encoding="utf-8")
    return feeds


def installed() -> list[str]:
    """The engines that can be used here."""
    found = []
    for name in ENGINES:
        try:
            maker(name)
        except SearchError as error:
            print(f"without {name}: {error}", file=sys.stderr)
        else:
            found.append(name)
    return found


def measured(
    directory: Path, engine: str, more: Sequence[Sequence[Item]], asked: Questions
) -> Column:
    """One engine on the store in `directory`, which grows by each of `more`."""
    feeds = configured(directory, engine)
    with opened(config.load(feeds)) as newsroom:
        number = newsroom.store.count()
        indexed = spent(lambda: newsroom.index.rebuild(engine=engine))
        added = []
        for arrived in more:
            save(newsroom, arrived)
            added.append(cpu(newsroom.index.catch_up))
        ours = Ours(newsroom)
        answers = ask(ours, asked) | {
            "articles like one": percentiles(each(ours.like, list(newsroom.store.find(limit=40)))),
            "profile of a tag": percentiles(each(ours.profile, [tag for tag, _ in asked.tagged])),
        }
        column = told(number, indexed, added, answers)
    return {**column, **cold(feeds, asked.common[0])}


def yardstick(
    path: Path, old: Sequence[Item], more: Sequence[Sequence[Item]], asked: Questions
) -> Column:
    """FTS5 on the same articles."""
    fts5 = Fts5(path)
    indexed = spent(lambda: fts5.add(old))
    added = [cpu(lambda arrived=arrived: fts5.add(arrived)) for arrived in more]
    return told(len(old), indexed, added, ask(fts5, asked))


def main() -> None:
    """Build all, ask all, print all."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--articles", type=int, default=10_000)
    arguments.add_argument("--directory", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        compare(given.directory or Path(directory), given.articles)


def compare(directory: Path, wanted: int) -> None:
    """Measure in `directory` and print."""
    engines = installed()
    with opened(config.load(configured(directory))) as newsroom:
        held = newsroom.store.count()
        number = max(wanted, held)
        library = items(number + len(engines) * ROUNDS * ADDED)
        old = library[:number]
        if held < number:
            newsroom.store.sync(newsroom.config.subscriptions, now=END)
            save(newsroom, old)
        before = steps(newsroom)
    starts = range(number, len(library), ADDED)
    more = [library[start : start + ADDED] for start in starts]
    asked = questions(old)
    with tempfile.TemporaryDirectory() as beside:
        columns = {"FTS5": yardstick(Path(beside) / "fts5.db", old, more[:ROUNDS], asked)}
    for place, engine in enumerate(engines):
        arriving = more[place * ROUNDS : (place + 1) * ROUNDS]
        columns[engine] = measured(directory, engine, arriving, asked)
    print(f"{number} articles of about 590 words, 30 tags, two years; CPU ms, p50 / p95\n")
    print_table(("steps before", "articles/s/core"), list(before.items()))
    print()
    print_table(
        ("", *columns, "aims: whoosh", "tantivy"),
        [
            (row, *(column.get(row, "") for column in columns.values()), *AIMS.get(row, ("", "")))
            for row in columns[engines[0]]
        ],
    )


if __name__ == "__main__":
    main()
