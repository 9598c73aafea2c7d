"""Every engine finds exactly the articles that a query means, whatever they and it are."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator import query
from aggregator.errors import QueryError
from aggregator.model import Article
from aggregator.search import ENGINES, FACETS, Counts, Engine, Facet, Results, Sort, maker
from tests.support import records

MOST = 9
QUERIES = 40
SORTS: tuple[Sort, ...] = ("relevance", "newest")


@contextmanager
def engine(name: str) -> Iterator[Engine]:
    directory = Path(tempfile.mkdtemp())
    made = maker(name).create(directory / "1")
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(directory)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Article | None]]:
    """Commits one after another: each writes some articles and deletes some."""
    names = st.sampled_from([f"a{number}" for number in range(MOST)])
    commits: list[dict[str, Article | None]] = []
    for number in range(draw(st.integers(1, 4))):
        chosen = draw(st.lists(names, min_size=1, max_size=6, unique=True))
        gone = st.none() if number else st.nothing()
        commits.append({name: draw(gone | records.articles(name)) for name in chosen})
    return commits


def indexed(made: Engine, history: list[dict[str, Article | None]]) -> dict[str, Article]:
    """What is left when the commits have been applied."""
    held: dict[str, Article] = {}
    for commit in history:
        written = [query.record(article) for article in commit.values() if article]
        made.apply(written, stale=[name for name in commit if name in held])
        for name, article in commit.items():
            held.pop(name, None)
            if article:
                held[name] = article
    return held


@pytest.mark.parametrize("name", ENGINES)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_memory_and_engine_find_the_same(name: str, data: st.DataObject) -> None:
    history = data.draw(histories())
    zone = data.draw(st.sampled_from(records.ZONES))
    with engine(name) as made:
        articles = indexed(made, history).values()
        held = {each.id: query.record(each) for each in articles}
        known = [article for commit in history for article in commit.values() if article]
        for written in data.draw(st.lists(records.queries(known), min_size=1, max_size=QUERIES)):
            bound = understood(written, zone)
            if bound is None:
                continue
            meant = {name for name, record in held.items() if query.matches(bound, record)}
            assert made.ids(bound) == meant
            assert made.facets(bound, FACETS, 999, timezone=ZoneInfo(zone)) == counted(
                [held[name] for name in meant], ZoneInfo(zone)
            )
            for sort in SORTS:
                whole = made.search(bound, sort=sort, limit=MOST, offset=0)
                assert (sorted(whole.ids), whole.total) == (sorted(meant), len(meant))
                assert paged(made, bound, sort) == (whole.ids, {len(meant)})
                in_order = [(score, held[name].date, name) for name, score in scored(whole)]
                assert in_order == sorted(in_order, reverse=True)


def understood(written: str, zone: str) -> query.Query | None:
    try:
        return records.bound(written, zone)
    except QueryError:
        return None


def paged(made: Engine, bound: query.Query, sort: Sort) -> tuple[tuple[str, ...], set[int]]:
    """All ids as page after page gives them, and the totals that the pages say."""
    pages = [made.search(bound, sort=sort, limit=2, offset=offset) for offset in range(0, MOST, 2)]
    return tuple(name for page in pages for name in page.ids), {page.total for page in pages}


def counted(found: list[query.Record], zone: ZoneInfo) -> dict[Facet, Counts]:
    """How records spread, counted one by one."""
    values: dict[Facet, Iterable[str]] = {
        "tag": (tag for each in found for tag in each.tags),
        "feed": (feed for each in found for feed in each.feeds if feed.startswith("http")),
        "language": (language for each in found for language in each.languages),
        "month": (f"{each.date.astimezone(zone):%Y-%m}" for each in found),
    }
    return {
        name: sorted(Counter(each).items(), key=lambda item: (-item[1], item[0]))
        for name, each in values.items()
    }


def scored(found: Results) -> list[tuple[str, float]]:
    return list(zip(found.ids, found.scores, strict=True))
