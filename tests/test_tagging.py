"""Tags of an archive with a past: profiles, trends, retagging, suggestions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from aggregator import config
from aggregator.cli import output
from aggregator.model import Article
from aggregator.pipeline import tagging
from aggregator.pipeline.newsroom import Newsroom, opened
from tests.support.newsrooms import Item, newsroom, rss
from tests.support.server import Reply
from tests.support.store import A, B, entry, save

NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)
FEEDS = f"""
settings: {{timezone: Asia/Jerusalem}}
feeds: [{{url: "{A}", title: Alpha}}, {{url: "{B}", title: Beta}}]
tags:
  aliases: {{Iran: [Islamic Republic]}}
  parents: {{Middle East: [Iran]}}
"""


LATE = entry("late", published=datetime(2026, 2, 16, 22, 30, tzinfo=UTC), categories=("Late",))


def past(days: int, number: int, *categories: str) -> list[Article]:
    at = NOW - timedelta(days=days, minutes=1)
    return [
        entry(
            f"{days}-{n}-{'-'.join(categories)}", published=at, first_seen=at, categories=categories
        )
        for n in range(number)
    ]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Four weeks of sport and a little Iran, and today much of Iran with nuclear matters."""
    path = tmp_path_factory.mktemp("room") / "feeds.yaml"
    path.write_text(FEEDS, "utf-8")
    with opened(config.load(path), clock=lambda: NOW) as room:
        room.store.sync(room.config.subscriptions, now=NOW)
        articles = [one for day in range(1, 29) for one in past(day, 6, "Sport")]
        articles += [one for day in range(1, 29, 4) for one in past(day, 1, "Iran", "Middle East")]
        articles += past(0, 6, "Sport") + past(0, 5, "Islamic Republic", "Nuclear", "Middle East")
        save(room.store, *articles, now=NOW)
        save(room.store, LATE, at=B, now=NOW)
        room.index.catch_up()
        yield room


def test_a_profile_counts_a_tag_with_its_aliases(room: Newsroom) -> None:
    profile = tagging.profile(room, "iran")
    assert profile is not None
    assert (profile.tag.slug, profile.tag.label, profile.tag.articles) == ("iran", "Iran", 12)
    assert profile.first_seen == NOW - timedelta(days=25, minutes=1)
    assert profile.newest == NOW - timedelta(minutes=1)
    assert profile.days[-2:] == ((date(2026, 2, 16), 1), (date(2026, 2, 17), 5))
    assert len(profile.days) == tagging.DAYS
    assert [(t.label, t.articles, t.lift) for t in profile.related] == [
        ("Nuclear", 5, round(187 / 12, 2))
    ]
    assert profile.sources == (("Alpha", 12),)
    assert tagging.profile(room, "Islamic Republic") == profile


def test_days_of_a_profile_are_local(room: Newsroom) -> None:
    profile = tagging.profile(room, "late")
    assert profile is not None
    assert dict(profile.days)[date(2026, 2, 17)] == 1


def test_no_article_no_profile(room: Newsroom) -> None:
    assert tagging.profile(room, "nowhere") is None


def test_what_trends_does_so_against_its_own_past(room: Newsroom) -> None:
    trends = tagging.trends(room)
    assert {trend.tag for trend in trends} == {"islamic-republic", "nuclear", "middle-east"}
    (middle_east,) = (trend for trend in trends if trend.tag == "middle-east")
    assert (middle_east.today, sum(middle_east.days)) == (5, 12)
    assert len(middle_east.days) == tagging.BASELINE + 1


# --- the shell ----------------------------------------------------------------------------------

PORT = "The lighthouse keepers of the port went on strike; the lighthouse keepers want lamps."
ITEMS = [
    Item(
        f"Council of town {n} meets", f"https://x.example/{n}", "Roads, roads.", hours=-n, tags=tags
    )
    for n, tags in enumerate([("Election",), ("Election", "Roads"), ("Elections",), ("Roads",)] * 6)
]
STRIKE = Item("Lighthouse keepers strike", "https://x.example/strike", PORT, hours=1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    routes = {"/feed": Reply(200, rss("One", *ITEMS, STRIKE))}
    with newsroom(tmp_path_factory.mktemp("desk"), routes) as desk:
        desk.poll()
        yield desk


def test_a_tag_has_a_page_in_the_terminal(desk):
    lines = desk.run("tags", "election").lines
    assert lines[0] == "Election  12 articles"
    assert lines[1].startswith("  first seen ")
    assert lines[2].endswith("  the last 30 days, 0 today")
    assert set(lines[2].split()[0]) <= set(output.BARS)
    assert lines[-1] == "  from     One: 12"
    shape = desk.json("tags", "Election")
    assert shape["tag"] == "election"
    assert shape["articles"] == sum(count for _, count in shape["days"]) == 12
    assert shape["sources"] == [["One", 12]]
    assert {"first_seen", "newest", "related", "trend"} <= shape.keys()


def test_a_tag_that_no_article_has_is_told_with_the_nearest(desk):
    ran = desk.run("tags", "Electon")
    assert ran.code == 1
    assert "no article has the tag Electon (did you mean Election?)" in ran.err


def test_two_questions_at_once_are_one_too_many(desk):
    ran = desk.run("tags", "--trending", "--suggest")
    assert ran.code == 2
    assert "--trending and --suggest are two questions" in ran.err


def test_nothing_trends_in_an_archive_of_yesterday(desk):
    assert desk.json("tags", "--trending") == []
    assert desk.run("tags", "--trending").lines == []


def test_aliases_are_proposed_as_lines_of_feeds_yaml(desk):
    assert desk.run("tags", "--suggest-aliases").lines == [
        "tags:",
        "  aliases:",
        "    Election: [Elections]  # 12 + 6 articles",
    ]
    assert desk.json("tags", "--suggest-aliases") == [
        {
            "label": "Election",
            "articles": 12,
            "aliases": [{"tag": "elections", "label": "Elections", "articles": 6}],
        }
    ]


def test_suggestions_stand_beside_an_article_and_never_among_its_tags(desk):
    (untagged,) = desk.json("tags", "--suggest")
    assert untagged["title"] == STRIKE.title
    first = untagged["suggested_tags"][0]
    assert (first["tag"], first["articles"]) == ("lighthouse-keepers", 0)
    shown = desk.json("show", untagged["id"])
    assert shown["tags"] == []
    assert shown["suggested_tags"] == untagged["suggested_tags"]
    line = f"might be tagged {first['label']} ({first['why']})"
    assert line in desk.run("show", untagged["id"]).lines
    tagged = next(article for article in desk.articles() if article["tags"])
    assert desk.json("show", tagged["id"])["suggested_tags"] == []


def test_retagging_many_is_summed_up_by_tag(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", *ITEMS[:4]))}) as desk:
        desk.poll()
        desk.write(
            ["/feed"], sections="tags: {ignore: [Roads], rules: [{tag: Council, when: town}]}"
        )
        lines = desk.run("retag", "--dry-run").lines
        assert lines[-3:] == [
            "-Roads: 2 articles",
            "+Council: 4 articles",
            "4 articles would change",
        ]
        changes = desk.json("retag", "--dry-run")
        assert {change["why"]["Council"] for change in changes} == {
            "rule: town (“town” in the title)"
        }


@pytest.mark.parametrize(
    ("counts", "bars"),
    [([], ""), ([0, 0], "▁▁"), ([0, 1, 7], "▁▂█"), ([5], "█"), ([1, 100], "▂█")],
)
def test_a_sparkline_shows_the_least_and_the_most(counts, bars):
    assert output.sparkline(counts) == bars
