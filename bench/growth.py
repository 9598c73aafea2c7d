"""How tantivy grows: the questions of the search benchmark at 10,000, 100,000, 1,000,000 articles.

python bench/growth.py [--articles N] [--directory D]

The engine is measured with the tokenizer, without the store. Only 10,000 articles are made: each of
the others has half the text of one and half of another, the title of the first, the tags of a
third, a date of its own. They come in commits of 50,000.
"""

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from library import DAYS, Questions, article, each, items, questions, tags
from measure import cpu_seconds, percentiles, print_table
from newsprint import END

from aggregator import query
from aggregator.query import Query, Record
from aggregator.search import Facet, Results, Sort
from aggregator.search.tantivy import TantivyEngine

MADE, COMMIT = 10_000, 50_000
FACETS: tuple[Facet, ...] = ("tag", "feed", "month")
UTC = ZoneInfo("UTC")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An engine, asked in words."""

    engine: TantivyEngine

    def best(self, written: str, sort: Sort = "relevance") -> Results:
        """The first page."""
        return self.engine.search(_bound(written), sort=sort, limit=20, offset=0)

    def newest(self, asked: tuple[str, str]) -> Results:
        """The first page of the newest with a tag and a word."""
        return self.best(f'tag:"{asked[0]}" {asked[1]}', "newest")

    def facets(self, written: str) -> object:
        """The commonest tags, feeds and months."""
        return self.engine.facets(_bound(written), FACETS, 10, timezone=UTC)


def made(library: Sequence[Record]) -> Iterator[Record]:
    """The library, then articles without end."""
    yield from library
    dice = random.Random("growth")
    number = len(library)
    while True:
        one, other, third = dice.choices(library, k=3)
        body = query.Wording((_half(one, 0), _half(other, 1)), "en")
        age = timedelta(seconds=dice.randrange(DAYS * 86_400))
        yield replace(one, id=f"{number:032x}", body=body, tags=third.tags, date=END - age)
        number += 1


def _half(one: Record, which: int) -> str:
    (text,) = one.body.texts
    middle = text.index(" ", len(text) // 2)
    return text[middle:] if which else text[:middle]


def grown(engine: TantivyEngine, more: Iterator[Record], by: int) -> float:
    """Processor seconds of adding so many articles."""
    started = cpu_seconds()
    for start in range(0, by, COMMIT):
        engine.apply(islice(more, min(COMMIT, by - start)))
    return cpu_seconds() - started


def measured(engine: TantivyEngine, directory: Path, asked: Questions) -> list[Row]:
    """The rows of one size but the first."""
    ours = Asked(engine)
    kinds = {
        "common term, best 20": each(ours.best, asked.common),
        "two terms AND": each(ours.best, [" ".join(pair) for pair in asked.pairs]),
        "phrase": each(ours.best, [f'"{a} {b}"' for a, b in asked.phrases]),
        "prefix": each(ours.best, [f"{start}*" for start in asked.prefixes]),
        "tag + term, newest 20": each(ours.newest, asked.tagged),
        "facets tag, feed, month": each(ours.facets, asked.common),
    }
    ours.best("")
    size = sum(file.stat().st_size for file in directory.iterdir())
    timed = {kind: percentiles(calls) for kind, calls in kinds.items()}
    rows = [(kind, f"{p50:.1f} / {p95:.1f}") for kind, (p50, p95) in timed.items()]
    return [*rows, ("bytes an article", f"{size / engine.count():.0f}")]


def main(directory: Path, most: int) -> None:
    """Grow an index tenfold at a time, ask at every size, print all."""
    library = items(MADE)
    asked = questions(library)
    more = made([query.record(replace(article(one), tags=tags(article(one)))) for one in library])
    engine = TantivyEngine.create(directory)
    sizes = sorted({size for size in (MADE, 10 * MADE, 100 * MADE) if size < most} | {most})
    columns = []
    for before, number in pairwise([0, *sizes]):
        rate = (number - before) / grown(engine, more, number - before)
        told = measured(engine, directory, asked)
        columns.append([("indexed, articles/s/core", f"{rate:.0f}"), *told])
        print(f"{number} articles are there", flush=True)
    rows = [(row[0][0], *(cell for _, cell in row)) for row in zip(*columns, strict=True)]
    print_table(("articles", *map(str, sizes)), rows)


def _bound(written: str) -> Query:
    return query.bind(query.parse(written), now=END, timezone=UTC)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--articles", type=int, default=100 * MADE)
    arguments.add_argument("--directory", type=Path, help="a new one that is kept")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as beside:
        main(given.directory or Path(beside) / "index", given.articles)
