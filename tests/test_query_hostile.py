"""Queries that nobody means well with: refused in a sentence or answered, with bounded work."""

import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator import query
from aggregator.errors import QueryError
from aggregator.query import Record
from aggregator.search import ENGINES, Engine, maker
from tests.support.articles import article

NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)
MEGABYTE = 1 << 20
MEMORY = 48 * MEGABYTE
"""What answering may take at most; reading a few hundred articles takes most of it."""
FEW, ALL = 400, 10_000
REFUSED = "refused in a line with a column"
Answer = tuple[set[str], int, tuple[str, ...]]

PIECES = (
    *("a", "the", "elect", "日本", "البحر", "หิ", "C++", "covid-19", "U.S.", "#MeToo", "'", "’s"),
    *("(", ")", '"', "“", "*", "-", "--", ":", "\\", "|", "||", "&&", "!", "^", "~", "?", "[", "]"),
    *("AND", "OR", "NOT", " ", " ", " ", "\t", "\n", "\0", "\ud800", "\udfff", "\ufeff", "\u202e"),
    *(
        "title:",
        "tag:",
        "feed:",
        "author:",
        "language:",
        "site:",
        "story:",
        "is:",
        "has:",
        "words:",
    ),
    *("after:", "before:", "date:", "titel:", "a*", "e*", "*a", "9999999999", "-1", "..", "7d"),
    *("0000-00-00", "2026-02-30", "1e309", "NaN", "\U0001f600", "e\u0301", "\u0301", "١٢٣", "½"),
)
LONG = (
    *(
        "a",
        " ",
        "*",
        "-",
        "(",
        ")",
        '"',
        "((",
        "()",
        "a*",
        "a* ",
        "a ",
        "a-",
        "-a ",
        "a.",
        "a'",
        "a&",
    ),
    *(
        "\\",
        '\\"',
        "a OR ",
        "OR ",
        "NOT ",
        "AND ",
        "title:",
        "title:(",
        "tag:a OR ",
        "日",
        "日 ",
        "ก",
    ),
    *("\0", "\ud800", "\u0301", "e\u0301", "\u200b", "+", "#", "#A", "9", "9,", "1.", "words:>1 "),
    *(
        '"a" ',
        '"a b" ',
        "date:7d ",
        "site:a.",
        "feed:a ",
        "%s",
        "{}",
        "<b>",
        "'; --",
        "\n",
        "ﷺ",
        "İ",
    ),
)
CRAFTED = (
    *(piece * count for piece in LONG for count in (7, 63, 900)),
    *(piece * (MEGABYTE // len(piece)) for piece in LONG),
    *("(" * depth + "a" + ")" * depth for depth in (1, 31, 32, 33, 400)),
    *("-" * depth + "a" for depth in (2, 3, 999)),
    *(f"{field}:" + "(" * 33 for field in ("title", "tag", "is")),
    *(f"{field}:\0" for field in ("title", "tag", "site", "story", "feed", "date", "words", "has")),
    *("words:>99999999999", "words:999999999999..1", "date:999999999d", "date:9999", "after:0001"),
    " ".join(f"w{number}" for number in range(5_000)),
    " OR ".join(f"{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"),
    " ".join(f"-{letter}*" for letter in "abcdefghijklmnopqrstuvwxyz"),
    '"' + " ".join("the" for _ in range(240)) + '"',
    "the " * 64,
    'title:"' + "the " * 200 + '"',
)


def scribbled(seed: int, count: int) -> Iterator[str]:
    rng = random.Random(seed)
    for _ in range(count):
        yield "".join(rng.choices(PIECES, k=rng.randint(1, 40)))


@pytest.fixture(scope="module")
def records() -> list[Record]:
    words = ("the", "election", "of", "a", "council", "elects", "electors", "sea", "日本語の新聞")
    rng = random.Random(4)
    return [
        query.record(article(f"Title {n}", " ".join(rng.choices(words, k=60)), labels=("A",)))
        for n in range(60)
    ]


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, records: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    made = maker(request.param).create(tmp_path_factory.mktemp("engine") / "index")
    made.apply(records)
    yield made
    made.close()


def refusal(written: str) -> QueryError | None:
    try:
        query.parse(written)
    except QueryError as error:
        return error
    return None


def meaning(written: str) -> query.Query | str:
    """What a query means; of one that is refused what is amiss with how that is said, if anything.

    It is to be one line that names a column of the query.
    """
    if refused := refusal(written):
        in_place = refused.column in range(1, len(written) + 2)
        return REFUSED if in_place and "\n" not in str(refused) else f"refused with {refused!r}"
    return query.bind(query.parse(written), now=NOW, timezone=ZoneInfo("UTC"))


def found(bound: query.Query | str, engine: Engine) -> Answer | str:
    """What an engine finds: ids, how many, and what is on a page beyond the end."""
    if isinstance(bound, str):
        return bound
    beyond = engine.search(bound, sort="newest", limit=20, offset=10_000)
    best = engine.search(bound, sort="relevance", limit=20, offset=0)
    return engine.ids(bound), best.total, beyond.ids


def expected(bound: query.Query | str, records: list[Record]) -> Answer | str:
    """What is to be found: what matches in memory."""
    if isinstance(bound, str):
        return REFUSED
    meant = {each.id for each in records if query.matches(bound, each)}
    return meant, len(meant), ()


def test_there_are_two_hundred_crafted_queries() -> None:
    assert len(set(CRAFTED)) >= 200


def test_crafted_queries_are_answered_in_bounded_memory(
    engine: Engine, records: list[Record]
) -> None:
    tracemalloc.start()
    for written in CRAFTED:
        bound = meaning(written)
        assert found(bound, engine) == expected(bound, records)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY


@pytest.mark.parametrize("count", [FEW, pytest.param(ALL, marks=pytest.mark.slow)])
def test_scribbles_are_answered_or_refused(
    engine: Engine, records: list[Record], count: int
) -> None:
    for written in scribbled(count, count):
        bound = meaning(written)
        assert found(bound, engine) == expected(bound, records)
