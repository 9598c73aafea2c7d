"""An index beside its store in a data directory, and whether they agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import query
from aggregator.model import Article
from aggregator.pipeline.index import Index
from aggregator.store import Store
from tests.support.store import NOW, entry

UTC = ZoneInfo("UTC")
QUERIES = (
    "",
    "storm",
    "title:title",
    "tag:iran",
    "feed:alpha",
    "-storm",
    "date:7d",
    '"storm hits"',
)


def bound(written: str) -> query.Query:
    return query.bind(query.parse(written), now=NOW, timezone=UTC)


@contextmanager
def opened(data: Path, engine: str = "whoosh") -> Iterator[tuple[Store, Index]]:
    with Store.open(data / "articles.db") as store:
        index = Index.open(data / "search", store, engine)
        try:
            yield store, index
        finally:
            index.close()


def _meant(store: Store, written: str) -> set[str]:
    return {
        article.id
        for article in store.find()
        if query.matches(bound(written), query.record(article))
    }


def agrees(store: Store, index: Index) -> bool:
    """Whether the index has come to the end of the log and finds what memory means."""
    return index.behind() == 0 and all(
        index.ids(bound(written)) == _meant(store, written) for written in QUERIES
    )


def articles(count: int, first: int = 0, **fields: Any) -> list[Article]:
    """Articles about storms, numbered from `first`."""
    numbers = range(first, first + count)
    return [
        entry(str(n), f"https://news.example/{n}", text=f"Storm hits town {n}.", **fields)
        for n in numbers
    ]
