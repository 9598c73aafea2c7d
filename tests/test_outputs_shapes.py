"""The JSON shapes of articles, editions, feeds, tags and results."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import AggregatorError
from aggregator.model import (
    Amendment,
    Brief,
    Copied,
    Edition,
    Kin,
    Report,
    Sighting,
    Story,
    TagCount,
    Topic,
)
from aggregator.outputs import edition_shapes, feed_shapes, shapes
from tests.support.editions import NOON, article, edition, feed, paper

ARTICLE_KEYS = {
    *("id", "url", "title", "summary", "content_html", "text", "authors", "language"),
    *("published", "updated", "first_seen", "date", "tags", "feeds", "image", "enclosures"),
    *("comments", "dateline", "words", "story", "revisions"),
}
FEED_KEYS = {
    *("url", "title", "site_url", "groups", "active", "articles", "last_poll", "last_success"),
    *("last_new", "next_poll", "interval_seconds", "failures", "error", "http_status", "health"),
}

texts = st.text(max_size=20)
days = st.dates(min_value=date(1970, 1, 1))
moments = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))
optional = st.none() | texts
some_texts = st.lists(texts, max_size=2).map(tuple)
pairs = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
reports = st.builds(
    Report, id=texts, title=texts, url=optional, feed=texts, date=moments, language=optional,
    source=texts, origin=optional,
)  # fmt: skip
amendments = st.builds(Amendment, report=texts, feed=texts, at=moments, before=optional)
briefs = st.builds(
    Brief, id=texts, report=texts, title=texts, url=optional, feed=texts, sources=st.integers(),
    language=optional,
)  # fmt: skip
kin = st.builds(
    Kin, id=texts, title=texts, began=moments, is_earlier=st.booleans(),
    score=st.floats(0, 1), terms=some_texts,
)  # fmt: skip
stories = st.builds(
    Story, id=texts, title=texts, summary=texts, url=optional, image=optional,
    score=st.floats(allow_nan=False, allow_infinity=False),
    reports=st.lists(reports, max_size=3).map(tuple), sources=some_texts, tags=pairs,
    why=some_texts, language=optional, past=st.lists(reports, max_size=2).map(tuple),
    later=st.lists(reports, max_size=2).map(tuple),
    amended=st.lists(amendments, max_size=2).map(tuple),
    copies=st.lists(st.builds(Copied, texts, some_texts), max_size=2).map(tuple),
    related=st.lists(kin, max_size=2).map(tuple),
)  # fmt: skip
editions = st.builds(
    Edition, day=days, timezone=texts, articles=st.integers(), sources=st.integers(),
    topic=st.none() | st.builds(Topic, texts, texts, texts, st.integers()),
    stories=st.lists(stories, max_size=3).map(tuple),
    tags=st.lists(st.tuples(texts, texts, st.integers()), max_size=3).map(tuple),
    previous=st.none() | days, next=st.none() | days, total=st.integers(), later=st.integers(),
    also=st.lists(briefs, max_size=2).map(tuple),
    trends=st.dictionaries(texts, st.lists(st.integers(), max_size=3).map(tuple), max_size=2).map(
        lambda trends: tuple(trends.items())
    ),
)  # fmt: skip


@settings(max_examples=50)
@given(editions)
def test_an_edition_survives_its_json(made: Edition) -> None:
    shape = json.loads(json.dumps(edition_shapes.edition(made)))
    assert edition_shapes.edition_from(shape) == made


def test_an_edition_has_the_shape_of_the_contract() -> None:
    made = edition_shapes.edition(replace(paper()[1], previous=date(2026, 2, 16)))
    assert {"date", "topic", "timezone", "articles", "sources", "stories", "tags", "previous",
            "next"} <= set(made)  # fmt: skip
    assert (made["date"], made["topic"], made["next"]) == ("2026-02-17", "Middle East", None)
    assert made["previous"] == "2026-02-16"
    assert made["tags"][0] == ["Middle East", 5]
    first = made["stories"][0]
    assert {"id", "title", "summary", "url", "image", "score", "articles", "sources", "tags",
            "why"} <= set(first)  # fmt: skip
    assert first["tags"] == ["Middle East", "Truce talks", "Egypt", "Diplomacy"]
    assert {"id", "title", "url", "feed", "date"} <= set(first["articles"][0])
    assert first["articles"][0]["date"] == "2026-02-17T11:00:00Z"
    assert edition_shapes.edition(edition(None))["topic"] is None


def test_records_of_an_earlier_version_are_read() -> None:
    shape = edition_shapes.edition(paper()[1])
    for added in ("also", "total", "later", "trends"):
        del shape[added]
    for each in shape["stories"]:
        for added in ("past", "later", "amended", "copies", "related"):
            del each[added]
    read = edition_shapes.edition_from(shape)
    assert (read.also, read.found) == ((), len(read.stories))


@pytest.mark.parametrize(
    "damage",
    [
        {"date": "yesterday"},
        {"stories": None},
        {"stories": [{"id": "x"}]},
        {"tags": [["a", 1]]},
        {"tags": ["a"], "tag_slugs": ["a"]},
    ],
)
def test_what_is_no_edition_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(AggregatorError, match="not an edition"):
        edition_shapes.edition_from({**edition_shapes.edition(edition(None)), **damage})


def test_an_article_has_every_key_of_the_contract_and_null_for_the_unknown() -> None:
    full = shapes.article(article())
    assert set(full) >= ARTICLE_KEYS
    assert full["feeds"][0] == {
        "url": "https://observer.example/feed.xml", "title": "The Observer Post", "guid": "tag:1",
    }  # fmt: skip
    assert full["tags"][1]["source"] == "rule"
    assert full["dateline"] == {"place": "GRAZ", "agency": "Reuters", "date": "2026-02-17"}
    assert full["comments"]["count"] == 48
    assert full["published"] == "2026-02-17T11:00:00Z"
    bare = shapes.article(article(published=None, image=None, url=None, story=None))
    assert [bare[key] for key in ("published", "image", "url", "story")] == [None] * 4
    assert json.loads(json.dumps(full)) == full


def test_a_feed_has_every_key_of_the_contract() -> None:
    shape = feed_shapes.feed(feed(last_success=None), "slow")
    assert set(shape) == FEED_KEYS | {"health_since", "moved_to", "hub", "notes"}
    assert (shape["interval_seconds"], shape["health"], shape["last_success"]) == (
        1800,
        "slow",
        None,
    )


def test_hits_results_tags_and_errors() -> None:
    hit = shapes.hit(article(), score=1.5, snippet_html="<mark>a</mark>")
    assert set(hit) == {"id", "title", "url", "feed", "date", "language", "tags", "score",
                        "snippet_html", "story"}  # fmt: skip
    assert hit["tags"] == ["Science", "Semiconductors"]
    found = shapes.results("a", [hit], total=1, took_ms=1.26, facets={"tag": [("Science", 1)]})
    assert set(found) == {"query", "total", "took_ms", "page", "hits", "facets", "warning"}
    assert (found["facets"], found["took_ms"], found["page"]) == ({"tag": [["Science", 1]]}, 1.3, 1)
    assert shapes.tag(TagCount("iran", "Iran", 3), parents=["Middle East"]) == {
        "tag": "iran", "label": "Iran", "articles": 3, "parents": ["Middle East"], "aliases": [],
        "trend": None,
    }  # fmt: skip
    assert shapes.error("query", "No.") == {"error": {"kind": "query", "message": "No."}}


def test_times_are_utc_with_z_to_the_second() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=2))).replace(microsecond=999_999)
    assert shapes.timestamp(there) == "2026-02-17T11:00:00Z"
    assert shapes.timestamp(None) is None


def test_a_source_is_named_by_its_title_else_its_host() -> None:
    assert shapes.source(article()) == "The Observer Post"
    untitled = Sighting("https://www.example.org:8080/feed", None, "1")
    assert shapes.source(article(sightings=(untitled,))) == "www.example.org"
    assert shapes.source(article(sightings=())) == ""
