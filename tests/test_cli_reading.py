"""What the reading commands print, as JSON and as plain lines, about one polled newsroom."""

import json
import re
from datetime import timedelta

import pytest

from aggregator.store import lock
from tests.support.newsrooms import (
    ARTICLES,
    CAT,
    DAY,
    ELECTION,
    FEEDS,
    HARBOUR,
    HEBREW,
    QUAKE,
    TALKS,
    TALKS_WIRE,
    WAFER,
    newsroom,
)

ARTICLE = {
    "id": str,
    "url": str,
    "title": str,
    "summary": str,
    "content_html": str,
    "text": str,
    "authors": list,
    "language": str,
    "published": "time",
    "updated": "time",
    "first_seen": "time",
    "date": "time",
    "tags": [{"tag": str, "label": str, "source": str, "why": str}],
    "feeds": [{"url": str, "title": str, "guid": str}],
    "image": str,
    "enclosures": [{"url": str, "type": str, "length": int}],
    "comments": {"url": str, "feed": str, "count": int},
    "dateline": {"place": str, "agency": str, "date": str},
    "words": int,
    "story": str,
    "revisions": int,
    "starred": bool,
}
FEED = {
    "url": str,
    "title": str,
    "site_url": str,
    "groups": list,
    "active": bool,
    "articles": int,
    "last_poll": "time",
    "last_success": "time",
    "last_new": "time",
    "next_poll": "time",
    "interval_seconds": int,
    "failures": int,
    "error": str,
    "http_status": int,
    "health": str,
}
RESULTS = {
    "query": str,
    "total": int,
    "took_ms": float,
    "page": int,
    "hits": [
        {
            "id": str,
            "title": str,
            "url": str,
            "feed": str,
            "date": "time",
            "language": str,
            "tags": list,
            "score": float,
            "snippet_html": str,
            "story": str,
        }
    ],
    "facets": dict,
    "warning": str,
    "did_you_mean": str,
}
TAG = {
    "tag": str,
    "label": str,
    "articles": int,
    "parents": list,
    "aliases": list,
    "trend": float,
}
EDITION = {
    "date": str,
    "topic": str,
    "timezone": str,
    "articles": int,
    "sources": int,
    "stories": [
        {
            "id": str,
            "title": str,
            "summary": str,
            "url": str,
            "image": str,
            "score": float,
            "articles": [{"id": str, "title": str, "url": str, "feed": str, "date": "time"}],
            "sources": list,
            "tags": list,
            "why": list,
        }
    ],
    "tags": list,
    "previous": str,
    "next": str,
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NEWEST_FIRST = [TALKS_WIRE, TALKS, WAFER, HARBOUR, QUAKE, CAT, HEBREW, ELECTION]


def conforms(value, shape, place="document"):
    """Assert that a value has every key of a shape, of its type or null."""
    if isinstance(shape, dict):
        assert set(shape) <= set(value), place
        for key, expected in shape.items():
            conforms(value[key], expected, f"{place}.{key}")
    elif isinstance(shape, list):
        for one in value:
            conforms(one, shape[0], f"{place}[]")
    elif value is not None and shape == "time":
        assert TIME.fullmatch(value), place
    elif value is not None:
        assert type(value) is shape, place


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("desk")) as desk:
        desk.poll()
        yield desk


@pytest.fixture(scope="module")
def ids(desk):
    return {article["title"]: article["id"] for article in desk.articles()}


def titles(ran):
    assert ran.code == 0, ran
    return [line.split("\t")[3] for line in ran.lines]


# --- articles -----------------------------------------------------------------------------------


def test_articles_are_json_lines_of_the_documented_shape(desk):
    found = desk.articles()
    assert len(found) == ARTICLES
    for article in found:
        conforms(article, ARTICLE)
        assert re.fullmatch(r"[a-z2-7]{16}", article["id"])
        assert {sighting["url"] for sighting in article["feeds"]} <= set(map(desk.url, FEEDS))


def test_an_article_has_what_its_feed_said(desk, ids):
    article = desk.json("show", ids[WAFER.title])
    conforms(article, ARTICLE)
    assert article["url"] == "https://herald.example/wafer"
    assert article["authors"] == ["Jana Novak"]
    assert article["language"] == "en"
    assert article["published"] == WAFER.date.strftime("%Y-%m-%dT%H:%M:%SZ") == article["date"]
    assert article["text"] == "The fab will make semiconductors for cars; 2,000 people work there."
    assert "<em>semiconductors</em>" in article["content_html"]
    assert [(t["label"], t["source"]) for t in article["tags"]] == [("Chips", "feed")]
    assert article["feeds"] == [
        {"url": desk.url("/herald.atom"), "title": "Herald", "guid": WAFER.link}
    ]
    assert desk.json("show", ids[TALKS.title])["image"] == "https://world.example/talks.jpg"


def test_articles_come_newest_first_as_plain_lines(desk, ids):
    ran = desk.run("articles")
    assert titles(ran) == [item.title for item in NEWEST_FIRST]
    first = ran.lines[0].split("\t")
    assert first == [
        ids[TALKS_WIRE.title],
        TALKS_WIRE.date.strftime("%Y-%m-%d %H:%M"),
        "The Wire",
        TALKS_WIRE.title,
    ]


def test_articles_can_be_narrowed(desk):
    assert titles(desk.run("articles", "--limit", "2")) == [TALKS_WIRE.title, TALKS.title]
    assert titles(desk.run("articles", "--feed", desk.url("/wire.rdf"))) == [
        TALKS_WIRE.title,
        QUAKE.title,
    ]
    by_alias = titles(desk.run("articles", "--tag", "Islamic Republic"))
    assert by_alias == [TALKS_WIRE.title, TALKS.title]
    in_parent = titles(desk.run("articles", "--tag", "middle-east"))
    assert in_parent == [TALKS_WIRE.title, TALKS.title, HARBOUR.title, HEBREW.title]
    assert titles(desk.run("articles", "--tag", "none such")) == []
    before = (DAY - timedelta(days=1)).isoformat()
    assert titles(desk.run("articles", "--until", before)) == [ELECTION.title]
    assert ELECTION.title not in titles(desk.run("articles", "--since", DAY.isoformat()))
    assert titles(desk.run("articles", "--since", before, "--until", before)) == [ELECTION.title]
    assert titles(desk.run("articles", "--since", "yesterday")) == []
    assert len(titles(desk.run("articles", "--since", "30d"))) == ARTICLES


def test_days_and_times_are_those_of_the_configured_zone(desk, ids):
    with_zone = desk.config.read_text("utf-8")
    zone = with_zone.replace('"timezone": "UTC"', '"timezone": "Pacific/Kiritimati"')
    desk.config.write_text(zone, "utf-8")
    try:
        following = (DAY + timedelta(days=1)).isoformat()
        assert TALKS.title in titles(desk.run("articles", "--since", following))
        assert f"{following} 02:00" in desk.run("show", ids[TALKS.title]).out
        assert f"\t{following}\tWorld Desk\t{TALKS.title}" in desk.run("search", "diplomats").out
    finally:
        desk.config.write_text(with_zone, "utf-8")


def test_show_tells_tags_reasons_and_sightings(desk, ids):
    shown = desk.run("show", ids[HARBOUR.title])
    lines = shown.lines
    assert lines[0] == HARBOUR.title
    assert HARBOUR.link in lines
    assert any(re.fullmatch(r"tag     Israel \(.+\)", line) for line in lines)
    assert any(re.fullmatch(r"tag     Middle East \(.+Israel.*\)", line) for line in lines)
    assert f"seen in World Desk as {HARBOUR.link}" in lines
    assert "seen in Herald as tag:herald.example,2026:harbour" in lines


def test_a_star_keeps_an_article_and_is_searched_for(desk, ids):
    talks, harbour = ids[TALKS.title], ids[HARBOUR.title]

    assert "starred: it is kept for good" in desk.run("show", talks, "--star").lines
    assert titles(desk.run("search", "is:starred")) == [TALKS.title]
    with lock(desk.data):
        assert desk.json("show", harbour, "--star")["starred"], "beside a running poller"
        found = desk.run("search", "is:starred")
        assert "1 changes are not in the index yet" in found.err
        assert titles(found) == [TALKS.title]
    assert len(titles(desk.run("search", "is:starred"))) == 2
    for each in (talks, harbour):
        assert not desk.json("show", each, "--no-star")["starred"]
    assert titles(desk.run("search", "is:starred")) == []


# --- search -------------------------------------------------------------------------------------


def test_search_results_have_the_documented_shape(desk, ids):
    found = desk.json("search", "tehran", "--facets", "tag,feed,language,month")
    conforms(found, RESULTS)
    assert (found["query"], found["total"], found["page"]) == ("tehran", 2, 1)
    assert {hit["id"] for hit in found["hits"]} == {ids[TALKS.title], ids[TALKS_WIRE.title]}
    assert all("<mark>" in hit["snippet_html"] for hit in found["hits"])
    assert found["facets"] == {
        "tag": [["Iran", 2], ["Middle East", 2], ["Diplomacy", 1]],
        "feed": [["The Wire", 1], ["World Desk", 1]],
        "language": [["en", 2]],
        "month": [[DAY.strftime("%Y-%m"), 2]],
    }
    assert desk.json("search", "zzzz") | {"took_ms": 0} == {
        "query": "zzzz",
        "total": 0,
        "took_ms": 0,
        "page": 1,
        "hits": [],
        "facets": {},
        "warning": None,
        "did_you_mean": None,
    }


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ('"foreign ministry"', [TALKS, TALKS_WIRE]),
        ("semicond*", [WAFER]),
        ("voter", [ELECTION]),
        ("הבחירות", [HEBREW]),
        ("tag:ישראל", [HEBREW, HARBOUR]),
        ('tag:"Middle East" -tehran', [HARBOUR, HEBREW]),
        ("feed:herald", [WAFER]),
        ("site:wire.example", [TALKS_WIRE, QUAKE]),
        ("language:he", [HEBREW]),
        ("author:novak", [WAFER]),
        ("has:image", [TALKS]),
        (f"date:{DAY - timedelta(days=1)}", [ELECTION]),
        ("title:harbour OR title:cat", [HARBOUR, CAT]),
        ("", NEWEST_FIRST),
    ],
)
def test_queries_find(desk, ids, query, items):
    found = desk.json("search", query, "--sort", "newest")
    hits = [hit["id"] for hit in found["hits"]]
    expected = {ids[item.title] for item in items}
    if query == "feed:herald":
        expected.add(ids[HARBOUR.title])
    assert set(hits) == expected
    assert hits == sorted(hits, key=[ids[i.title] for i in NEWEST_FIRST].index)
    assert found["total"] == len(expected)


def test_results_come_in_pages_without_gaps_or_repeats(desk):
    pages = [
        [hit["id"] for hit in desk.json("search", "", "--limit", "3", "--page", str(n))["hits"]]
        for n in (1, 2, 3, 4)
    ]
    assert [len(page) for page in pages] == [3, 3, 2, 0]
    assert len({one for page in pages for one in page}) == ARTICLES


def test_since_and_until_narrow_a_search(desk):
    day, before = DAY.isoformat(), (DAY - timedelta(days=1)).isoformat()
    assert desk.json("search", "", "--until", before)["total"] == 1
    assert desk.json("search", "", "--since", day)["total"] == ARTICLES - 1
    assert desk.json("search", "", "--since", day, "--until", before)["total"] == 0


def test_explain_says_how_a_query_was_read(desk):
    found = desk.json("search", "tehran OR (title:cat", "--explain")
    assert found["read_as"] == "tehran OR title:cat"
    plain = desk.run("search", "tehran", "--explain", "--facets", "language")
    assert plain.lines[0] == "read as: tehran"
    assert plain.lines[-1] == "language: en 2"


# --- feeds and tags -----------------------------------------------------------------------------


def test_feeds_have_the_documented_shape(desk):
    feeds = desk.json("feeds")
    for feed in feeds:
        conforms(feed, FEED)
    assert {feed["url"]: feed["articles"] for feed in feeds} == {
        desk.url("/world.rss"): 3,
        desk.url("/wire.rdf"): 2,
        desk.url("/herald.atom"): 2,
        desk.url("/tech.json"): 2,
    }
    assert {feed["title"]: feed["site_url"] for feed in feeds} == {
        "World Desk": "https://world.example/",
        "The Wire": "https://wire.example/",
        "Herald": "https://herald.example/",
        "Tech Notes": "https://tech.example/",
    }
    assert {feed["health"] for feed in feeds} == {"ok"}


def test_feeds_are_plain_lines(desk):
    rows = [line.split("\t") for line in desk.run("feeds").lines]
    assert [row[:3] for row in rows] == [
        ["ok", "World Desk", "3"],
        ["ok", "The Wire", "2"],
        ["ok", "Herald", "2"],
        ["ok", "Tech Notes", "2"],
    ]
    assert all(row[3].endswith(" ago") and row[4].startswith("in ") for row in rows)


def test_a_feed_explains_its_next_poll(desk):
    url = desk.url("/wire.rdf")
    told = desk.json("feeds", "--explain", url)
    conforms(told, FEED)
    assert told["why"]
    lines = desk.run("feeds", "--explain", url).lines
    assert lines[0] == "The Wire: ok"
    assert lines[-1] == f"  - {told['why'][-1]}"


def test_tags_have_the_documented_shape(desk):
    tags = desk.json("tags")
    for tag in tags:
        conforms(tag, TAG)
    assert [tag["articles"] for tag in tags] == sorted((t["articles"] for t in tags), reverse=True)
    by_slug = {tag["tag"]: tag for tag in tags}
    assert by_slug["israel"] == {
        "tag": "israel",
        "label": "Israel",
        "articles": 2,
        "parents": ["Middle East"],
        "aliases": ["ישראל"],
        "trend": None,
    }
    assert len(desk.json("tags", "--limit", "2")) == 2
    assert "2\tIsrael\tMiddle East\tישראל" in desk.run("tags").lines


# --- digests ------------------------------------------------------------------------------------


def test_editions_have_the_documented_shape(desk):
    editions = desk.json("digest", "--date", DAY.isoformat())
    for edition in editions:
        conforms(edition, EDITION)
    assert [edition["topic"] for edition in editions] == [None, "Middle East", "Chips", "Cricket"]
    front = editions[0]
    assert (front["date"], front["timezone"]) == (DAY.isoformat(), "UTC")
    assert (front["articles"], front["sources"]) == (7, 4)
    talks = next(story for story in front["stories"] if len(story["articles"]) > 1)
    assert {article["title"] for article in talks["articles"]} == {TALKS.title, TALKS_WIRE.title}
    assert set(talks["sources"]) == {"World Desk", "The Wire"}
    assert talks["why"]
    assert editions[3]["stories"] == []


def test_a_story_joins_its_articles(desk, ids):
    desk.run("digest", "--date", DAY.isoformat())
    stories = {desk.json("show", ids[item.title])["story"] for item in (TALKS, TALKS_WIRE)}
    (story,) = stories
    assert story
    assert desk.json("search", f"story:{story}")["total"] == 2
    assert f"story   {story}" in desk.run("show", ids[TALKS.title]).lines


def test_one_topic_can_be_asked_for_by_name_or_slug(desk):
    day = DAY.isoformat()
    (by_name,) = desk.json("digest", "--date", day, "--topic", "Middle East")
    (by_slug,) = desk.json("digest", "--date", day, "--topic", "middle-east")
    assert by_name == by_slug
    stories = desk.json("stories", "--date", day, "--topic", "Middle East")
    conforms(stories, EDITION)
    assert stories["stories"] == by_name["stories"]


def test_stories_of_a_day_say_what_ties_them_together(desk):
    ran = desk.run("stories", "--date", DAY.isoformat())
    assert ran.lines[0].startswith("Front page  ")
    assert ran.lines[2].endswith(" from 7 reports in 4 feeds")
    assert any(line.startswith("    - ") for line in ran.lines)


def test_neighbouring_days_are_named(desk):
    before = DAY - timedelta(days=1)
    assert desk.json("digest", "--date", before.isoformat())[0]["date"] == before.isoformat()
    editions = desk.json("digest", "--date", DAY.isoformat())
    assert {edition["previous"] for edition in editions} == {before.isoformat()}
    assert desk.json("digest", "--date", before.isoformat())[0]["next"] == DAY.isoformat()


def test_a_day_without_news_has_an_edition_that_says_so(desk):
    ran = desk.run("stories", "--date", "today")
    assert "A quiet day" in ran.out
    assert desk.json("stories", "--date", "30d")["stories"] == []


def test_a_digest_names_its_page(desk):
    ran = desk.run("digest", "--date", DAY.isoformat())
    page = desk.site / "digest" / DAY.isoformat() / "index.html"
    assert ran.lines[-1] == f"pages: {page}"
    assert page.is_file()


def test_a_digest_of_the_week_that_ends_with_a_day(desk):
    desk.run("digest", "--date", DAY.isoformat())
    ran = desk.run("digest", "--date", DAY.isoformat(), "--week")
    page = desk.site / "week" / DAY.isoformat() / "index.html"
    assert ran.lines[0].startswith("The week to ")
    assert ran.lines[-1] == f"pages: {page}"
    assert page.is_file()
    told = desk.json("digest", "--date", DAY.isoformat(), "--week")
    assert {each["date"] for each in told} == {DAY.isoformat()}


def test_a_week_without_a_published_day_names_no_page(desk):
    ran = desk.run("digest", "--date", "2020-01-01", "--week")
    assert ran.code == 0
    assert "no day of that week was published" in ran.err
    assert "pages:" not in ran.out
    assert not (desk.site / "week" / "2020-01-01").exists()


# --- before the first poll ----------------------------------------------------------------------


def test_feeds_that_were_never_polled_are_new(tmp_path):
    with newsroom(tmp_path) as desk:
        feeds = desk.json("feeds")
        assert {feed["health"] for feed in feeds} == {"new"}
        for feed in feeds:
            conforms(feed, FEED)
        url = desk.url("/wire.rdf")
        assert desk.run("feeds", "--explain", url).lines[0] == f"{url}: new"
        assert desk.run("feeds").lines[0].split("\t")[3] == "–"
        assert desk.run("articles", "--json").out == ""
        assert json.loads(desk.run("tags", "--json").out) == []
        assert desk.json("search", "anything")["total"] == 0
        assert desk.json("stories")["stories"] == []
