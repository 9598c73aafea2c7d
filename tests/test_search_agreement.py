"""An engine finds exactly the articles that a query means, whatever they and it are."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aggregator import query
from aggregator.errors import QueryError
from aggregator.model import Article
from aggregator.search import WhooshEngine

from .support import records

MOST = 9
QUERIES = 25


@contextmanager
def engine() -> Iterator[WhooshEngine]:
    directory = Path(tempfile.mkdtemp())
    made = WhooshEngine.create(directory / "1")
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(directory)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Article | None]]:
    """Commits one after another: each writes some articles and deletes some."""
    ids = [f"a{number}" for number in range(MOST)]
    commits = draw(st.integers(1, 4))
    return [
        {
            id: draw(st.none() | records.articles(id) if number else records.articles(id))
            for id in draw(st.lists(st.sampled_from(ids), min_size=1, max_size=6, unique=True))
        }
        for number in range(commits)
    ]


def indexed(made: WhooshEngine, history: list[dict[str, Article | None]]) -> dict[str, Article]:
    held: dict[str, Article] = {}
    for commit in history:
        written = [query.record(article) for article in commit.values() if article]
        made.apply(written, stale=[id for id in commit if id in held])
        held.update({id: article for id, article in commit.items() if article})
        held = {id: article for id, article in held.items() if commit.get(id, article)}
    return held


@given(st.data())
@settings(max_examples=40, deadline=None, phases=[Phase.generate], report_multiple_bugs=False, suppress_health_check=list(HealthCheck))
def test_memory_and_engine_find_the_same(data):
    history = data.draw(histories())
    zone = data.draw(st.sampled_from(records.ZONES))
    with engine() as made:
        held = indexed(made, history)
        known = [article for commit in history for article in commit.values() if article]
        for written in data.draw(st.lists(records.queries(known), min_size=QUERIES)):
            try:
                bound = records.bound(written, zone)
            except QueryError:
                continue
            meant = {
                id for id, article in held.items() if query.matches(bound, query.record(article))
            }
            assert made.ids(bound) == meant, written
            for sort in ("relevance", "newest"):
                whole = made.search(bound, sort=sort, limit=100, offset=0)
                assert (set(whole.ids), whole.total) == (meant, len(meant)), (written, sort)
                assert len(whole.ids) == len(meant)
