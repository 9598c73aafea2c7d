"""What `search` says beside its hits: how it read the query, what it may have meant."""

import json
import subprocess
import sys

import pytest

from tests.support.newsrooms import TALKS, TALKS_WIRE, Item, newsroom, rss, serve

COUNCIL = "The council of the island met in the old town and spoke of roads and the price of bread."


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("desk")) as desk:
        desk.poll()
        yield desk


def test_explaining_tells_what_matched_where_and_the_parts_of_the_score(desk):
    told = desk.json("search", "tehran (geneva OR lima)", "--explain")
    assert told["read_as"] == "tehran (geneva OR lima)"
    assert {t["asked"]: t["articles"] for t in told["terms"]} == {
        "tehran": 2,
        "geneva": 2,
        "lima": 0,
    }
    assert {hit["title"] for hit in told["hits"]} == {TALKS.title, TALKS_WIRE.title}
    for hit in told["hits"]:
        titles = [m["asked"] for m in told["matched"][hit["id"]] if m["where"] == "title"]
        assert titles == ["tehran", "geneva"]
        parts = told["score_parts"][hit["id"]]
        assert parts["lima"] is None
        assert parts["tehran"] > 0 < parts["geneva"]
    lines = desk.run("search", "tehran geneva", "--explain").lines
    assert lines[:3] == [
        "read as: tehran geneva",
        "  tehran: in 2 articles",
        "  geneva: in 2 articles",
    ]
    assert any(line.startswith("  score: tehran ") for line in lines)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("earthqauke", "earthquake"),
        ("tehrann geneva", "tehran geneva"),
        ("(genva OR xyzzy)", "geneva OR xyzzy"),
        ("title:earthquke", "title:earthquake"),
        ("xyzzyplugh", None),
        ("tehran xyzzyplugh", None),
        ("tehran", None),
        ("tag:nowhere", None),
    ],
)
def test_no_hits_suggest_the_archives_nearest_words(desk, typed, meant):
    assert desk.json("search", typed)["did_you_mean"] == meant


def test_a_suggestion_is_a_note_beside_no_result(desk):
    ran = desk.run("search", "earthqauke")
    assert ran.out == ""
    assert "nothing found; did you mean: earthquake" in ran.err


NOT_FOR_A_SEARCH = (
    *(
        "sqlalchemy",
        "alembic",
        "asyncio",
        "jinja2",
        "aiohttp",
        "feedparser",
        "apscheduler",
        "uvicorn",
        "starlette",
        "rich",
    ),
    *("email.headerregistry", "statistics", "w3lib", "numpy.ma"),
    *("aggregator.stories", "aggregator.schedule", "aggregator.outputs.pages"),
    *("aggregator.tags.trends", "aggregator.tags.phrases"),
)
TOLD = """
import sys
from aggregator.cli import main
try:
    main()
finally:
    print(*sorted(set({wanted!r}) & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("engine", "other"),
    [("whoosh", ["tantivy"]), ("tantivy", ["numpy", "urllib.request", "whoosh.index"])],
)
def test_a_search_imports_only_what_it_needs(tmp_path, engine, other):
    code = TOLD.format(wanted=(*NOT_FOR_A_SEARCH, *other))
    with newsroom(tmp_path) as desk:
        desk.poll()
    desk.write(settings={"index": engine})
    assert desk.json("search", "tehran")["total"] == 2
    command = [sys.executable, "-c", code, "--config", desk.config, "search", "--json", "tehran"]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    assert json.loads(ran.stdout)["total"] == 2
    assert ran.stderr.strip() == ""


# --- related ------------------------------------------------------------------------------------

REEF, NORTH, WIRE, WHALES, CHESS = REEFS = tuple(
    Item(title, f"https://world.example/{number}", text, hours=-number)
    for number, (title, text) in enumerate(
        [
            ("Coral reef off the coast is bleaching", f"Divers saw pale corals. {COUNCIL} reefs"),
            ("Bleaching reaches the northern reef", "Corals of the north are pale, divers say."),
            ("Coral reef off the coast is bleaching", f"Divers saw pale corals. {COUNCIL}"),
            ("Whales return", "Whales were seen from the harbour by many who live on the coast."),
            ("Grandmasters drew", ""),
        ]
    )
)


@pytest.fixture(scope="module")
def reefs(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("reefs")) as desk:
        serve(desk, "/world.rss", rss("World Desk", *REEFS))
        desk.poll()
        yield desk


def id_of(desk, item):
    return next(each["id"] for each in desk.articles() if each["url"] == item.link)


def test_related_articles_are_found_without_the_article_and_its_copies(reefs):
    told = reefs.json("search", "--related", id_of(reefs, REEF))
    assert [hit["title"] for hit in told["hits"]] == [NORTH.title]
    assert told["query"] is None
    assert told["related"] == id_of(reefs, REEF)
    assert told["total"] == 1
    assert 0 < told["hits"][0]["score"] < 1
    again = reefs.json("search", "--related", id_of(reefs, WIRE))
    assert [hit["title"] for hit in again["hits"]] == [NORTH.title]
    assert reefs.json("search", "--related", id_of(reefs, CHESS))["hits"] == []
    line = reefs.run("search", "--related", id_of(reefs, REEF), "--limit", "1").lines[0]
    assert line.split("\t")[3] == NORTH.title


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--related", "nowhere"], 1, "no article nowhere"),
        (["--related", "x", "storm"], 2, "QUERY does not go with --related"),
        (["--related", "x", "--sort", "newest"], 2, "--sort does not go with --related"),
        ([], 2, "no QUERY"),
    ],
)
def test_a_search_for_relatives_that_cannot_be_made_is_told(reefs, arguments, code, told):
    ran = reefs.run("search", *arguments)
    assert ran.code == code
    assert told in ran.err
