"""Articles whose publishers move their dates stay in the editions in which they stood."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.pipeline.editions import editions
from aggregator.pipeline.publish import due_days
from tests.support.store import A, B
from tests.test_editions import BERLIN, DAY, FEEDS, NOON, STORM, working

NEXT, THIRD = (DAY + timedelta(days=days) for days in (1, 2))
PERU = "Voters of Peru elect a parliament"


@pytest.fixture
def desk(tmp_path):
    with working(tmp_path) as desk:
        yield desk


def say(desk, key, title=STORM, *, now, hours, **fields):
    """Save a report at an hour after noon, dated at another."""
    desk.clock.now = NOON + timedelta(hours=now)
    return desk.report(key, title, hours=hours, first_seen=desk.clock.now, **fields)


def told(desk, day, slug=None):
    """For each story of an edition the ids and dates of its reports, the best first."""
    found = {each.topic and each.topic.slug: each for each in desk.build(day)}
    return [[(each.id, each.date) for each in story.reports] for story in found[slug].stories]


@pytest.mark.parametrize("slug", [None, "storms"])
def test_an_article_that_is_dated_anew_stays_where_it_was_told(desk, slug):
    storm = say(desk, "storm", now=0, hours=0)
    say(desk, "storm", now=26, hours=25)
    assert told(desk, DAY, slug) == [[(storm.id, NOON)]]
    assert told(desk, NEXT, slug) == [[(storm.id, NOON + timedelta(hours=25))]]


def test_its_other_day_says_when_it_was_told_first(desk):
    storm = say(desk, "storm", "Storm nears Lisbon", now=0, hours=0)
    say(desk, "peru", PERU, now=25, hours=25, at=B, summary=PERU, text=PERU)
    fresh = desk.build(NEXT)[0].stories[0].score
    say(desk, "storm", now=26, hours=25)
    ranked = {story.title: story for story in desk.build(NEXT)[0].stories}
    again, new = ranked[STORM], ranked[PERU]
    assert [(each.id, each.title, each.date) for each in again.past] == [
        (storm.id, "Storm nears Lisbon", NOON)
    ]
    assert (again.began, again.earlier) == (NOON, 1)
    assert (new.earlier, new.score) == (0, fresh)
    assert again.score < new.score
    page = (desk.room.config.digest.output / "digest/2026-02-18/storms/index.html").read_text()
    assert "1 earlier report" in page


def test_reports_stand_in_the_order_of_the_dates_of_the_day(desk):
    one = say(desk, "one", now=0, hours=0)
    two = say(desk, "two", now=1, hours=1, at=B)
    say(desk, "one", now=3, hours=2)
    assert desk.build()[0].stories[0].began == NOON + timedelta(hours=1)
    say(desk, "two", now=30, hours=-3, at=B)
    ((first, second),) = told(desk, DAY)
    assert {first, second} == {
        (one.id, NOON + timedelta(hours=2)),
        (two.id, NOON + timedelta(hours=1)),
    }


def test_what_came_since_then_is_dated_as_on_its_own_day(desk):
    say(desk, "one", now=0, hours=0)
    two = say(desk, "two", now=25, hours=24, at=B)
    say(desk, "two", now=50, hours=49, at=B)
    (story,) = desk.build()[0].stories
    assert [(each.id, each.date) for each in story.later] == [(two.id, NOON + timedelta(hours=24))]


def test_a_date_that_moves_back_after_the_day_leaves_it_alone(desk):
    storm = say(desk, "storm", now=25, hours=25)
    say(desk, "storm", now=50, hours=0)
    assert told(desk, NEXT) == [[(storm.id, NOON + timedelta(hours=25))]]
    assert told(desk, DAY) == []


def test_a_date_that_moves_back_within_the_day_leads_to_the_day_before(desk):
    storm = say(desk, "storm", now=25, hours=25)
    say(desk, "storm", now=26, hours=0)
    assert told(desk, NEXT) == []
    assert told(desk, DAY) == [[(storm.id, NOON)]]


def test_what_is_found_late_belongs_to_the_day_that_it_had_then(desk):
    storm = say(desk, "storm", now=25, hours=0)
    say(desk, "storm", now=50, hours=49)
    assert told(desk, DAY) == [[(storm.id, NOON)]]
    assert told(desk, NEXT) == []


def test_tags_fared_as_their_articles_were_dated_then(desk):
    for key, hours in (("one", -24), ("two", 0), ("three", 1)):
        say(desk, key, now=hours, hours=hours, categories=["Weather"])
    counted = (("weather", (*[0] * 12, 1, 2)),)
    assert desk.build()[0].trends == counted
    say(desk, "two", now=26, hours=25, categories=["Weather"])
    assert desk.build()[0].trends == counted
    assert desk.build(NEXT)[0].trends == (("weather", (*[0] * 11, 1, 1, 1)),)


def test_a_related_story_begins_as_it_did_then(desk):
    say(desk, "older", "Lisbon ferries: harbour of Almada in storm", at=B, now=-60, hours=-60)
    say(desk, "first", now=0, hours=0)
    (story,) = desk.build()[0].stories
    assert story.related[0].began == NOON - timedelta(hours=60)
    say(desk, "older", "Lisbon ferries: harbour of Almada in storm", at=B, now=50, hours=49)
    assert desk.build()[0].stories == (story,)


def test_a_day_that_lost_an_article_to_another_is_at_rest(desk):
    say(desk, "storm", now=0, hours=0)
    say(desk, "peru", PERU, now=1, hours=1, at=B, summary=PERU, text=PERU)
    desk.clock.now = NOON + timedelta(hours=20)
    desk.build()
    before = desk.bytes()
    for now in (26, 27):
        say(desk, "storm", now=now, hours=now)
        assert due_days(desk.room) == [NEXT]
    desk.build()
    assert desk.bytes() == before


def editions_of(desk, day):
    """The editions of a day without what came since then and without the paths to neighbours."""
    desk.room.index.catch_up()
    found = editions(desk.room, day, desk.room.config.topics)
    return [
        replace(each, later=0, stories=tuple(replace(one, later=()) for one in each.stories))
        for each in found
    ]


moves = st.fixed_dictionaries(
    {"key": st.sampled_from("abc"), "passed": st.integers(1, 30), "back": st.integers(0, 60)}
)
TITLES = {"a": STORM, "b": "Lisbon ferries: harbour of Almada in storm", "c": PERU}
AT = {"a": A, "b": B, "c": A}


@example(moves=[{"key": "a", "passed": 12, "back": 0}, {"key": "a", "passed": 12, "back": 30}])
@given(moves=st.lists(moves, max_size=5))
@settings(max_examples=8)
def test_however_dates_move_an_edition_stays_as_its_day_ended(moves):
    with tempfile.TemporaryDirectory() as directory, working(Path(directory), FEEDS) as desk:
        for key in TITLES:
            move(desk, key, now=0, hours=0)
        kept, now, day = {}, 0, DAY
        for each in [*moves, {"key": "a", "passed": 60, "back": 0}]:
            now += each["passed"]
            while day < (NOON + timedelta(hours=now + 1)).date():
                kept[day], day = editions_of(desk, day), day + timedelta(days=1)
            move(desk, each["key"], now=now, hours=now - each["back"])
        assert {day: editions_of(desk, day) for day in kept} == kept
        desk.room.store.forget_dates(BERLIN)
        assert {day: editions_of(desk, day) for day in kept} == kept
        before = (editions_of(desk, DAY - timedelta(days=back)) for back in (1, 2, 3))
        fronts = [front for front, _ in (*before, *kept.values())]
        assert {
            each.id for front in fronts for story in front.stories for each in story.reports
        } == {each.id for each in desk.room.store.find()}


def move(desk, key, *, now, hours):
    title = TITLES[key]
    told = {"summary": title, "text": title, "categories": ["News", title[:5]]}
    say(desk, key, title, now=now, hours=hours, at=AT[key], **told)
