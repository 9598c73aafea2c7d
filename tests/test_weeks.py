"""The summary of a week: what its days told, each story once, on the day that was asked for."""

import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import feedparser
import pytest

from aggregator import config, digest
from aggregator.errors import AggregatorError
from aggregator.outputs import mail
from aggregator.outputs.layout import Week
from aggregator.outputs.weeks import Weeks
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.publish import publish
from aggregator.pipeline.weekly import due_week, publish_week
from tests.support.editions import CHIPS, DAY, HOSTILE, OPERA, dated, edition, report, story
from tests.support.feedrules import problems_of_atom, problems_of_json_feed
from tests.support.store import A, B, entry, save
from tests.test_outputs_pages import LIVE, PAGES, STATIC, assert_navigable, assert_safe, parsed

FEEDS = f"""
settings: {{timezone: Europe/Berlin}}
feeds: [{A}, {B}]
topics: [{{name: Storms, query: storm}}]
digest: {{weekly: sunday, at: "06:30"}}
"""


def days(*told):
    """Editions of the days that end with DAY, each with stories of Chips."""
    first = DAY - timedelta(days=len(told) - 1)
    return [
        edition(CHIPS, stories, day=first + timedelta(days=at)) for at, stories in enumerate(told)
    ]


def test_a_story_of_several_days_is_told_once_with_the_reports_of_all():
    monday = replace(story("Plant opens", sources=("Daily", "Wire")), id="x", score=2.0, earlier=3)
    tuesday = replace(
        story("Plant opens at last", sources=("Daily", "Radio"), image="https://a.example/i.jpg"),
        id="x", score=1.5, earlier=5,
    )  # fmt: skip
    (week,) = digest.week(DAY, days([monday], [tuesday]))
    (told,) = week.stories
    assert (told.title, told.image) == ("Plant opens", "https://a.example/i.jpg")
    assert told.sources == ("Daily", "Wire", "Radio")
    assert len(told.reports) == len({each.id for each in told.reports}) == 4
    assert told.reports[0] == monday.reports[0]
    assert told.score > 2.0
    assert (told.earlier, told.later, told.amended) == (3, (), ())


def test_a_copy_of_another_day_is_no_source_of_the_week(tmp_path):
    monday = replace(story("Plant opens", sources=("Daily", "Wire")), id="x", score=2.0)
    copy = report("Plant open", "Post", origin="Wire")
    tuesday = replace(story("Plant opens", sources=("Wire",), more=(copy,)), id="x", score=1.5)
    made = digest.week(DAY, days([monday], [tuesday]))
    ((told,),) = (week.stories for week in made)
    assert told.score == monday.score
    assert [(voice.origin, voice.copies) for voice in told.voices] == [("Daily", 0), ("Wire", 1)]
    Weeks(tmp_path, PAGES, ("json",)).publish(DAY, made, "mark")
    assert "<cite>Daily, Wire</cite>" in (tmp_path / "week/feed.json").read_text()


def test_the_most_widely_told_stories_of_the_week_come_first():
    many = [replace(story(f"Story {n}"), id=f"{n}", score=n / 10) for n in range(30)]
    (week,) = digest.week(DAY, days(many[:15], many[15:]))
    assert [each.title for each in week.stories] == [f"Story {n}" for n in range(29, 21, -1)]
    assert [each.title for each in week.also[:2]] == ["Story 21", "Story 20"]
    assert week.found == 30


def test_tags_of_the_week_are_those_of_its_days():
    one = story("A", tags=("Oil",))
    (week,) = digest.week(DAY, days([one, one], [story("B")], [one]))
    assert week.tags == (("oil", "Oil", 3),)
    assert week.trends == (("oil", (2, 0, 1)),)


def test_a_week_without_days_has_no_editions():
    assert digest.week(DAY, []) == []


@pytest.mark.parametrize("frame", [STATIC, LIVE], ids=["static", "live"])
@pytest.mark.parametrize("text", ["Ships", "", HOSTILE, "מלחמה"])
def test_the_page_of_a_week_is_valid_and_safe(text, frame):
    told = [replace(story(text, text, (text,)), id=f"{n}") for n in range(9)]
    editions = (edition(None, told), edition(CHIPS, told), edition(OPERA))
    near = (DAY - timedelta(days=7), DAY + timedelta(days=7))
    for week in (Week(DAY, editions, "", *near), Week(DAY, editions[2:]), Week(DAY, ())):
        tree = parsed(PAGES.week(replace(frame, week=True), week))
        assert_safe(tree)
        assert_navigable(tree)


def test_quiet_weeks_look_intended():
    page = PAGES.week(STATIC, Week(DAY, (edition(None), edition(CHIPS))))
    assert "A quiet week: nothing on Chips." in page
    assert "A quiet week: no news came in." in PAGES.week(STATIC, Week(DAY, ()))


def test_weeks_lead_to_each_other_and_stand_in_one_feed(tmp_path):
    weeks = Weeks(tmp_path, PAGES, ("html", "atom", "json", "markdown", "text"))
    for back in (0, 14, 7):
        last = DAY - timedelta(days=back)
        made = digest.week(last, [dated(edition(CHIPS, [story(f"Story {back}")]), last)])
        assert weeks.publish(last, made, "mark")
        assert weeks.publish(last, made, "mark") == []
    assert weeks.days() == [DAY - timedelta(days=back) for back in (14, 7, 0)]
    middle = weeks.week(DAY - timedelta(days=7))
    assert (middle.previous, middle.next) == (DAY - timedelta(days=14), DAY)
    page = (tmp_path / "week/2026-02-10/index.html").read_text()
    assert 'rel="prev" href="../../week/2026-02-03/index.html"' in page
    assert 'rel="next" href="../../week/2026-02-17/index.html"' in page
    newest = (tmp_path / "week/index.html").read_text()
    assert "Story 0" in newest
    feed = json.loads((tmp_path / "week/feed.json").read_bytes())
    assert [each["title"] for each in feed["items"]] == [
        f"The week to {day} Feb 2026" for day in (17, 10, 3)
    ]
    for url in (None, "https://papers.example/"):
        Weeks(tmp_path, PAGES, ("atom", "json"), url).publish(DAY, made, "mark")
        assert problems_of_json_feed((tmp_path / "week/feed.json").read_bytes()) == []
        assert problems_of_atom((tmp_path / "week/atom.xml").read_bytes()) == []
    told = json.loads((tmp_path / "week/feed.json").read_bytes())
    assert (told["home_page_url"], told["feed_url"]) == (f"{url}week/", f"{url}week/feed.json")
    atom = feedparser.parse(io.BytesIO((tmp_path / "week/atom.xml").read_bytes()))
    assert (atom.bozo, atom.version, len(atom.entries)) == (False, "atom10", 3)
    assert all(each.id and each.title and each.updated and each.content for each in atom.entries)
    assert len({each.id for each in atom.entries}) == 3
    assert "Story 0" in (tmp_path / "week/2026-02-17/index.md").read_text()
    assert "Story 0" in (tmp_path / "week/2026-02-17/index.txt").read_text()


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"editions": 1}', b'{"editions": [1]}'])
def test_a_damaged_week_counts_as_missing(tmp_path, damage):
    weeks = Weeks(tmp_path, PAGES, ("html",))
    weeks.publish(DAY, digest.week(DAY, days([story("A")])), "mark")
    (tmp_path / "week/2026-02-17/week.json").write_bytes(damage)
    assert weeks.week(DAY) is None
    assert weeks.recent() == []


def test_a_week_that_a_fault_kept_back_is_made_again(tmp_path):
    weeks = Weeks(tmp_path, PAGES, ("html", "atom"))
    made = digest.week(DAY, days([story("A")]))
    (tmp_path / "week" / "atom.xml").mkdir(parents=True)
    with pytest.raises(AggregatorError, match=r"cannot write .*atom\.xml"):
        weeks.publish(DAY, made, "mark")
    assert weeks.week(DAY) is None
    (tmp_path / "week" / "atom.xml").rmdir()
    assert tmp_path / "week" / "atom.xml" in weeks.publish(DAY, made, "mark")
    assert weeks.week(DAY).made_from == "mark"


def test_the_letter_of_a_week_says_so():
    made = digest.week(DAY, days([story("Plant opens")]))
    letter = mail.weekly_letter(DAY, made)
    style = mail.Style("papers@example.org")
    told = mail.message(
        letter, "a@example.org", pages=PAGES, style=style, now=datetime(2026, 2, 18, tzinfo=UTC)
    )
    assert told["Subject"] == "Morning papers, the week to 17 Feb: Plant opens"
    text, page = (part.get_content() for part in told.iter_parts())
    assert "The week to 17 Feb 2026" in text
    assert "The week to Tuesday, 17 February 2026" in page
    assert mail.weekly_letter(DAY, [edition(CHIPS)]) is None


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


def working(directory, now, written=FEEDS):
    path = directory / "feeds.yaml"
    path.write_text(written)
    return opened(config.load(path), clock=Clock(now))


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 2, 22, 5, 29, tzinfo=UTC), date(2026, 2, 14)),  # before 06:30 in Berlin
        (datetime(2026, 2, 22, 5, 30, tzinfo=UTC), date(2026, 2, 21)),
        (datetime(2026, 2, 28, 23, 0, tzinfo=UTC), date(2026, 2, 21)),  # Sunday, but too early
        (datetime(2026, 3, 29, 4, 29, tzinfo=UTC), date(2026, 3, 21)),  # clocks went forward
        (datetime(2026, 3, 29, 4, 30, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 10, 25, 5, 29, tzinfo=UTC), date(2026, 10, 17)),  # clocks went back
        (datetime(2026, 10, 25, 5, 30, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 28, 12, 0, tzinfo=UTC), date(2026, 10, 24)),  # missed: caught up
    ],
)
def test_the_week_is_due_on_its_day_in_the_configured_zone(tmp_path, now, last):
    with working(tmp_path, now) as room:
        assert due_week(room) == last


def test_no_week_is_due_unless_a_day_is_named(tmp_path):
    written = FEEDS.replace("weekly: sunday, ", "")
    with working(tmp_path, datetime(2026, 2, 22, 12, tzinfo=UTC), written) as room:
        assert due_week(room) is None


def test_a_week_is_made_from_its_days_and_again_only_when_they_change(tmp_path):
    now = datetime(2026, 2, 22, 12, tzinfo=UTC)
    with working(tmp_path, now) as room:
        room.store.sync(room.config.subscriptions, now=now)
        when = datetime(2026, 2, 17, 12, tzinfo=UTC)
        save(room.store, entry("1", f"{A}/1", title="Storm over Oslo", published=when), now=now)
        room.index.catch_up()
        publish(room, DAY)
        last = due_week(room)
        page = room.config.digest.output / "week/2026-02-21/index.html"
        assert [each.stories[0].title for each in publish_week(room, last).editions] == [
            "Storm over Oslo",
            "Storm over Oslo",
        ]
        page.write_bytes(b"kept")
        publish_week(room, last)
        assert page.read_bytes() == b"kept"
        other = entry("2", f"{B}/2", at=B, title="Peru votes", published=when)
        save(room.store, other, at=B, now=now)
        room.index.catch_up()
        publish(room, DAY)
        publish_week(room, last)
        assert b"Peru votes" in page.read_bytes()
        shutil.rmtree(page.parent)
        publish_week(room, last)
        assert b"Peru votes" in page.read_bytes()


def test_pages_lead_to_the_week_once_there_is_one(tmp_path):
    now = datetime(2026, 2, 22, 12, tzinfo=UTC)
    with working(tmp_path, now) as room:
        front = room.config.digest.output / "digest/2026-02-17/index.html"
        room.index.catch_up()
        publish(room, DAY)
        assert b"The week" not in front.read_bytes()
        assert publish_week(room, date(2026, 2, 7)).editions == ()
        assert not (room.config.digest.output / "week").exists()
        publish_week(room, due_week(room))
        publish(room, DAY)
        assert b'<a href="../../week/index.html">The week</a>' in front.read_bytes()


def test_a_week_tells_weekdays():
    told = story("Plant opens", more=(report("Plant is near", "Radio Nord", 30),))
    page = PAGES.week(STATIC, Week(DAY, (edition(CHIPS, [told]),)))
    assert ">Tuesday</time>" in page
    assert "12:00" not in page
