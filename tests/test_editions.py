"""Editions of a store: the state of their day's end, what came since, and the days after."""

import json
import os
import shutil
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aggregator import config
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.publish import due_days, publish
from aggregator.pipeline.retagging import retag
from aggregator.text import count_words
from tests.support.feedrules import problems_of_atom, problems_of_json_feed
from tests.support.store import A, B, entry, save

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 2, 17)
NOON = datetime(2026, 2, 17, 12, tzinfo=UTC)
FEEDS = f"""
settings: {{timezone: Europe/Berlin}}
feeds: [{A}, {B}]
topics:
  - {{name: Storms, query: storm, stories: 1}}
"""
STORM = "Storm floods the harbour of Lisbon, ferries to Almada stand still"
SUMMARY = "The storm that reached Lisbon flooded the harbour; ferries to Almada were cancelled."


class Desk:
    def __init__(self, room, clock):
        self.room, self.clock = room, clock

    def report(self, key, title=STORM, *, at=A, hours=0.0, **fields):
        """Save a report dated `hours` after noon, seen then."""
        when = NOON + timedelta(hours=hours)
        values = {"title": title, "summary": SUMMARY, "text": SUMMARY, **fields}
        made = entry(key, f"{at}/{key}", at=at, **{"published": when, **values})
        save(self.room.store, made, at=at, now=max(when, self.clock.now))
        return made

    def build(self, day=DAY):
        self.room.index.catch_up()
        return publish(self.room, day)

    def bytes(self):
        root = self.room.config.digest.output
        return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}


class Clock:
    now = NOON + timedelta(days=1)

    def __call__(self):
        return self.now


@contextmanager
def working(directory, written=FEEDS):
    path = directory / "feeds.yaml"
    path.write_text(written)
    clock = Clock()
    with opened(config.load(path), clock=clock) as room:
        room.store.sync(room.config.subscriptions, now=clock.now)
        yield Desk(room, clock)


@pytest.fixture
def desk(tmp_path):
    with working(tmp_path) as desk:
        yield desk


def test_reports_after_the_day_are_told_as_later_ones(desk):
    first = desk.report("first")
    later = desk.report("later", at=B, hours=14)

    (front, topic) = desk.build()

    for edition in (front, topic):
        (story,) = edition.stories
        assert [each.id for each in story.reports] == [first.id]
        assert [each.id for each in story.later] == [later.id]
        assert (edition.articles, edition.later) == (1, 1)
    page = (desk.room.config.digest.output / "digest/2026-02-17/storms/index.html").read_text()
    assert "Since then" in page


def test_the_day_after_names_what_came_before(desk):
    first = desk.report("first")
    second = desk.report("second", at=B, hours=14)

    (front, _) = desk.build(DAY + timedelta(days=1))

    (story,) = front.stories
    assert [each.id for each in story.past] == [first.id]
    assert [each.id for each in story.reports] == [second.id]
    assert story.later == ()


def test_a_past_day_shows_articles_as_they_read_at_its_end(desk):
    desk.clock.now = NOON
    made = desk.report("first", "Storm closes the harbour of Lisbon")
    desk.clock.now = NOON + timedelta(hours=2)
    desk.report("first", STORM)
    desk.clock.now = NOON + timedelta(days=2)
    desk.report("first", "Storm is over, says the harbour of Lisbon")

    (front, _) = desk.build()

    (story,) = front.stories
    assert (story.id, story.title) == (made.id, STORM)
    (change,) = story.amended
    assert change.before == "Storm closes the harbour of Lisbon"
    assert change.at == NOON + timedelta(hours=2)


def test_a_standfirst_is_taken_from_the_text_of_the_day(desk):
    desk.clock.now = NOON
    desk.report("first", summary="A storm.", text="Two piers broke.")
    desk.clock.now = NOON + timedelta(days=2)
    desk.report("other", "Peru votes", at=B, summary="A vote.", text="Polls opened late.")
    desk.report("first", summary="A storm.", text="Nothing broke after all.")
    (front, _) = desk.build()
    assert {story.summary for story in front.stories} == {
        "A storm. Two piers broke.",
        "A vote. Polls opened late.",
    }


def test_a_revised_text_is_told_without_a_headline(desk):
    desk.clock.now = NOON
    desk.report("first")
    desk.clock.now = NOON + timedelta(hours=1)
    desk.report("first", text=SUMMARY + " Two piers broke.")
    ((change,),) = [story.amended for story in desk.build()[0].stories]
    assert change.before is None


def test_the_same_store_and_date_give_the_same_bytes(desk):
    desk.report("first", categories=["Weather"])
    desk.report("second", at=B, hours=14)
    desk.report("other", "Voters of Peru elect a parliament", summary="Peru votes.", text="Peru.")
    for day in (DAY, DAY + timedelta(days=1), DAY):
        desk.build(day)
    once = desk.bytes()
    shutil.rmtree(desk.room.config.digest.output)
    for day in (DAY + timedelta(days=1), DAY):
        desk.build(day)
    assert desk.bytes() == once
    record = Path("digest/2026-02-17/storms/edition.json")
    assert b'"later": [' in once[record]


def test_a_tag_is_called_the_same_in_whatever_order_days_are_built(desk):
    desk.report("first", categories=["education"])
    desk.report("second", "Peru votes", at=B, hours=24, summary="", categories=["Education"])
    both = [DAY, DAY + timedelta(days=1)]
    told = []
    for order in (both, reversed(both)):
        shutil.rmtree(desk.room.config.digest.output, ignore_errors=True)
        for day in order:
            desk.build(day)
        told.append({path: data for path, data in desk.bytes().items() if path.parts[0] == "tag"})
    assert told[0] == told[1]
    assert b'<h1 dir="auto">Education</h1>' in told[0][Path("tag/education/index.html")]


@pytest.mark.parametrize("back", [1, 3, 5])
def test_recent_days_are_published_again_when_their_stories_go_on(desk, back):
    for hours in range(0, 24 * back, 12):
        desk.report(f"{hours}", at=(A, B)[hours % 24 > 0], hours=hours)
    days = [DAY + timedelta(days=passed) for passed in range(back)]
    for day in days:
        desk.build(day)
    today = DAY + timedelta(days=back)
    desk.clock.now = NOON + timedelta(days=back, hours=3)
    desk.report("last", at=B, hours=24 * back)
    desk.build(today)
    due = due_days(desk.room)
    assert (due[0], due[-1]) == (DAY, today)
    _, storms = desk.build(DAY)
    assert storms.stories[0].later[-1].date == NOON + timedelta(days=back)
    for day in due:
        desk.build(day)
    assert due_days(desk.room) == [today]


def test_what_is_not_told_is_named(desk):
    desk.report("first")
    desk.report("second", "A storm of protest in the parliament of Peru", at=B, text="storm",
                summary="Peru's parliament met protest.")  # fmt: skip
    (front, topic) = desk.build()
    assert (len(front.stories), front.also) == (2, ())
    assert (len(topic.stories), len(topic.also), topic.found) == (1, 1, 2)
    assert {topic.stories[0].id, topic.also[0].id} == {each.id for each in front.stories}


def test_the_commonest_tags_tell_their_last_days(desk):
    desk.report("older", categories=["Weather"], hours=-24, title="Wind in Oslo", summary="Oslo")
    desk.report("first", categories=["Weather"])
    desk.report("second", categories=["Weather"], at=B, hours=1)
    desk.report("later", categories=["Weather"], at=B, hours=14)
    (front, topic) = desk.build()
    assert front.trends == (("weather", (*[0] * 12, 1, 2)),)
    assert topic.trends == front.trends


def tamper(path):
    """Change a page in a way that only making it again undoes: a byte, not the length."""
    path.write_bytes(path.read_bytes().replace(b"Lisbon", b"Nobsil"))
    return path.read_bytes()


def pages_of(desk, *slugs):
    root = desk.room.config.digest.output / "digest" / DAY.isoformat()
    return [root / slug / "index.html" for slug in slugs]


TWO_TOPICS = FEEDS + "  - {name: Ports, query: harbour, stories: %d}\n"


def test_what_did_not_change_is_not_made_again(tmp_path):
    with working(tmp_path, TWO_TOPICS % 5) as desk:
        desk.report("first", categories=["Weather"])
        desk.build()
        marks = {page: tamper(page) for page in pages_of(desk, "storms", "ports", "")}
        tag = desk.room.config.digest.output / "tag/weather/index.html"
        marks[tag] = tamper(tag)
        desk.build()
        assert {page: page.read_bytes() for page in marks} == marks


def test_a_tag_is_made_again_when_its_articles_change(desk):
    desk.report("first", categories=["Weather"])
    desk.report("second", "Lisbon's market", at=B, categories=["Trade"])
    desk.build()
    tags = desk.room.config.digest.output / "tag"
    names = ("index.html", "atom.xml", "feed.json")
    weather, trade = ([tags / tag / name for name in names] for tag in ("weather", "trade"))

    def made_again(change):
        before = {path: tamper(path) for path in (*weather, *trade)}
        change()
        desk.build()
        return [[path.read_bytes() != before[path] for path in of] for of in (weather, trade)]

    all_of, none_of = [True] * 3, [False] * 3
    assert made_again(lambda: None) == [none_of, none_of]
    assert made_again(lambda: desk.report("third", "Peru votes")) == [none_of, none_of]
    more = {"categories": ["Weather"], "hours": 1}
    assert made_again(lambda: desk.report("fourth", at=B, **more)) == [all_of, none_of]
    retold = {"categories": ["Trade"], "summary": "Told anew."}
    assert made_again(lambda: desk.report("second", "Lisbon's market", at=B, **retold)) == [
        none_of,
        all_of,
    ]
    assert b"Told anew." in trade[1].read_bytes()


@pytest.mark.parametrize("known_before", [True, False])
def test_an_article_elsewhere_makes_again_only_what_shows_its_tags_last_days(
    tmp_path, known_before
):
    with working(tmp_path, TWO_TOPICS % 5) as desk:
        if known_before:
            desk.report("older", "Wind in Oslo", categories=["Weather"], hours=-24, summary="Wind")
        desk.report("first", categories=["Weather"])
        desk.build()
        feeds = [
            desk.room.config.digest.output / "topic" / topic / name
            for topic in ("storms", "ports")
            for name in ("atom.xml", "feed.json")
        ]
        kept = {path: tamper(path) for path in feeds}
        pages = pages_of(desk, "storms", "ports")
        before = {page: tamper(page) for page in pages}
        desk.report("second", "Rain in Peru", categories=["Weather"], at=B, summary="", text="")
        desk.build()
        assert {path: path.read_bytes() for path in feeds} == kept
        made_again = [page.read_bytes() != before[page] for page in pages]
        assert made_again == [known_before] * 2


def test_a_tag_that_articles_gained_or_lost_is_made_again_long_after_its_day(tmp_path):
    rule = FEEDS + "tags: {rules: [{tag: High Water, when: '%s'}]}\n"
    with working(tmp_path, rule % "title:floods") as desk:
        desk.report("first")
        desk.report("second", "Oslo floods", at=B)
        desk.report("third", "Lisbon dries", at=B, categories=["Weather"])
        retag(desk.room)
        desk.build()
        tags = desk.room.config.digest.output / "tag"
        names = ("index.html", "atom.xml", "feed.json")
        water, weather = (
            [tags / tag / name for name in names] for tag in ("high-water", "weather")
        )
        told = [path.read_bytes() for path in water]
        assert all(b"Oslo floods" in each and STORM.encode() in each for each in told)
        kept = [tamper(path) for path in weather]
    with working(tmp_path, rule % "title:ferries") as desk:
        desk.report("fourth", "Peru votes", at=B, hours=72)
        retag(desk.room)
        desk.build(DAY + timedelta(days=3))
        told = [path.read_bytes() for path in water]
        assert not any(b"Oslo floods" in each for each in told)
        assert all(STORM.encode() in each and b"High Water" in each for each in told)
        assert [path.read_bytes() for path in weather] == kept


def test_a_tag_that_no_article_has_any_more_is_told_empty(tmp_path):
    ruled = FEEDS + "tags: {rules: [{tag: High Water, when: floods}]}\n"
    with working(tmp_path, ruled) as desk:
        desk.report("first", categories=["Weather"])
        retag(desk.room)
        desk.build()
        tags = desk.room.config.digest.output / "tag"
        told = {path: path.read_bytes() for path in tags.rglob("*") if path.is_file()}
        assert {path.parent.name for path in told} == {"weather", "high-water"}
    later = DAY + timedelta(days=1)
    with working(tmp_path, FEEDS) as desk:
        desk.report("second", "Peru votes", at=B, hours=24)
        retag(desk.room)
        desk.build(later)
        water = tags / "high-water"
        assert "No article has this tag now." in (water / "index.html").read_text()
        assert json.loads((water / "feed.json").read_bytes())["items"] == []
        for name, problems in (
            ("atom.xml", problems_of_atom),
            ("feed.json", problems_of_json_feed),
        ):
            assert problems((water / name).read_bytes()) == []
        assert all(path.read_bytes() == told[path] for path in told if water not in path.parents)
        before = {path: path.stat().st_mtime_ns for path in water.iterdir()}
        desk.build(later)
        assert {path: path.stat().st_mtime_ns for path in water.iterdir()} == before
    with working(tmp_path, ruled) as desk:
        retag(desk.room)
        desk.build()
        assert {path: path.read_bytes() for path in told} == told


def test_directories_beside_those_of_tags_do_no_harm(desk):
    desk.report("first", categories=["Weather"])
    tags = desk.room.config.digest.output / "tag"
    (tags / os.fsdecode(b"\xff\xfe")).mkdir(parents=True)
    desk.build()
    assert (tags / "weather/index.html").is_file()


def test_an_edited_topic_alone_is_made_again(tmp_path):
    with working(tmp_path, TWO_TOPICS % 5) as desk:
        desk.report("first")
        desk.build()
        storms, ports = pages_of(desk, "storms", "ports")
        kept, undone = tamper(storms), tamper(ports)
    with working(tmp_path, TWO_TOPICS % 6) as desk:
        desk.build()
        assert storms.read_bytes() == kept
        assert ports.read_bytes() != undone
        assert b"Lisbon" in ports.read_bytes()


def test_an_article_makes_its_topics_again(tmp_path):
    with working(tmp_path, TWO_TOPICS % 5) as desk:
        desk.report("first")
        desk.report("protest", "A storm of protest in Peru", summary="", text="")
        desk.build()
        storms, ports, front = pages_of(desk, "storms", "ports", "")
        kept = tamper(ports)
        tamper(storms), tamper(front)
        desk.report("second", "Another storm of protest", summary="", text="", hours=1)
        desk.build()
        assert ports.read_bytes() == kept
        assert b"Nobsil" not in storms.read_bytes() + front.read_bytes()


def test_a_story_that_goes_on_makes_its_topics_again(tmp_path):
    with working(tmp_path, FEEDS + "  - {name: Peru, query: peru}\n") as desk:
        desk.report("first")
        desk.report("vote", "Peru: Lisbon's envoy votes", summary="Peru votes.", text="Peru.")
        desk.build()
        storms, peru = pages_of(desk, "storms", "peru")
        tamper(storms)
        kept = tamper(peru)
        desk.report("later", at=B, hours=14)
        desk.build()
        assert peru.read_bytes() == kept
        assert b"Nobsil" not in storms.read_bytes()
        assert b"Since then" in storms.read_bytes()


def test_a_page_that_is_missing_or_cut_is_made_again(desk):
    desk.report("first")
    desk.build()
    whole = desk.bytes()
    (storms, front) = pages_of(desk, "storms", "")
    storms.unlink()
    front.write_bytes(b"")
    desk.build()
    assert desk.bytes() == whole


def test_the_address_of_the_site_stands_in_its_feeds_alone(desk):
    desk.report("first")
    desk.build()
    path = desk.room.config.path
    before = desk.bytes()
    path.write_text(FEEDS + "digest: {url: https://papers.example/daily}\n")
    with opened(config.load(path), clock=desk.clock) as room:
        publish(room, DAY)
    changed = {str(name) for name, data in desk.bytes().items() if before.get(name) != data}
    assert changed == {
        *("atom.xml", "feed.json", "topic/storms/atom.xml", "topic/storms/feed.json"),
    }
    told = json.loads(desk.bytes()[Path("topic/storms/feed.json")])
    assert told["home_page_url"] == "https://papers.example/daily/topic/storms/"


def test_other_templates_make_every_page_again(desk):
    desk.report("first")
    desk.build()
    (storms,) = pages_of(desk, "storms")
    tamper(storms)
    path = desk.room.config.path
    (path.parent / "mine/static").mkdir(parents=True)
    (path.parent / "mine/static/style.css").write_text("body {}")
    path.write_text(FEEDS + "digest: {templates: mine}\n")
    with opened(config.load(path), clock=desk.clock) as room:
        publish(room, DAY)
    assert b"Lisbon" in storms.read_bytes()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"site": 1}', b"\xff", b'{"made": {"a": 1}}']
)
def test_a_damaged_manifest_makes_everything_again(desk, damage):
    desk.report("first")
    desk.build()
    (storms,) = pages_of(desk, "storms")
    tamper(storms)
    manifest = desk.room.config.settings.data / "published.json"
    manifest.write_bytes(damage)
    desk.build()
    assert b"Lisbon" in storms.read_bytes()
    assert manifest.stat().st_size > len(damage)


def test_missed_days_are_caught_up_once(desk):
    desk.report("first")
    desk.report("second", "Peru votes", at=B, hours=-48, summary="", text="")
    desk.clock.now = NOON + timedelta(days=3)
    today = DAY + timedelta(days=3)
    due = due_days(desk.room)
    assert due == [DAY - timedelta(days=2), DAY, today]
    for day in due:
        desk.build(day)
    assert due_days(desk.room) == [today]


def test_days_longer_ago_than_late_articles_come_are_left_alone(desk):
    desk.report("first")
    desk.clock.now = NOON + timedelta(days=9)
    assert due_days(desk.room) == [DAY + timedelta(days=9)]


def test_a_day_whose_articles_expire_is_left_as_it_is(tmp_path):
    with working(tmp_path, FEEDS.replace("settings: {", "settings: {keep: 3d, ")) as desk:
        desk.report("first", hours=-9, first_seen=NOON - timedelta(hours=9))
        desk.report("second", "Peru votes", at=B, summary="", text="")
        desk.build()
        desk.clock.now = NOON + timedelta(days=2)
        desk.room.store.expire(NOON - timedelta(hours=2), now=desk.clock.now)
        assert DAY in due_days(desk.room)
        desk.clock.now = NOON + timedelta(days=3)
        assert due_days(desk.room) == [DAY + timedelta(days=3)]


@pytest.mark.parametrize(
    ("at", "now", "begun"),
    [
        ("06:30", datetime(2026, 3, 29, 4, 29, tzinfo=UTC), False),  # clocks went forward
        ("06:30", datetime(2026, 3, 29, 4, 30, tzinfo=UTC), True),
        ("02:30", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), False),  # 02:30 does not exist
        ("02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), True),
        ("06:30", datetime(2026, 10, 25, 5, 29, tzinfo=UTC), False),  # clocks went back
        ("06:30", datetime(2026, 10, 25, 5, 30, tzinfo=UTC), True),
        ("02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),  # the first of two
        ("02:30", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),
    ],
)
def test_a_day_without_articles_begins_at_its_local_hour(tmp_path, at, now, begun):
    with working(tmp_path, FEEDS + f'digest: {{at: "{at}"}}\n') as desk:
        desk.clock.now = now
        assert due_days(desk.room) == ([now.astimezone(BERLIN).date()] if begun else [])


def test_readers_never_see_half_a_page(desk):
    """Whoever opens pages while they are made again finds the whole of an old or a new one."""
    desk.report("first")
    desk.build()
    root = desk.room.config.digest.output
    pages = [path for path in root.rglob("*.html") if "digest" in path.parts or path.parent == root]
    torn, done = [], threading.Event()

    def read():
        while not done.is_set():
            for page in pages:
                told = page.read_bytes()
                if not (told.startswith(b"<!DOCTYPE") and told.endswith(b"</html>\n")):
                    torn.append(page)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(5):
            desk.report(f"more {number}", f"Storm number {number}", at=B, hours=number)
            desk.build()
    finally:
        done.set()
        reader.join()
    assert torn == []
    assert not list(root.rglob("*.new"))


def test_what_changed_late_in_a_day_is_published_on_the_next(desk):
    """The day's last publication came before the change; its count of articles stays as it was."""
    desk.clock.now = NOON
    desk.report("first", "Storm closes the harbour of Lisbon")
    for day in due_days(desk.room):
        desk.build(day)
    desk.clock.now = NOON + timedelta(hours=10, minutes=50)
    desk.report("first")
    desk.clock.now = NOON + timedelta(hours=11, minutes=30)

    assert due_days(desk.room) == [DAY]
    ((story,), _) = (edition.stories for edition in desk.build())

    assert story.title == STORM
    assert due_days(desk.room) == []


def test_a_day_is_made_again_when_a_story_that_its_own_lead_to_has_another_headline(desk):
    desk.clock.now = NOON
    desk.report("first")
    desk.report("older", "Lisbon ferries: harbour of Almada in storm", at=B, hours=-60)
    desk.build()
    desk.clock.now = NOON + timedelta(hours=1)
    desk.report("older", "Almada is dry again", at=B, hours=-60)

    for edition in desk.build():
        (story,) = edition.stories
        assert [each.title for each in story.related] == ["Almada is dry again"]


def test_later_edits_leave_no_trace_in_a_past_day(desk):
    """Neither headlines nor length of reports, nor headlines of the stories that they lead to."""
    desk.clock.now = NOON
    text = SUMMARY + " Two piers broke." * 40
    desk.report("first", text=text, words=count_words(text))
    desk.report("older", "Lisbon ferries: harbour of Almada in storm", at=B, hours=-60)
    desk.clock.now = NOON + timedelta(days=1)
    (front, _) = desk.build()
    before = desk.bytes()
    assert [each.title for story in front.stories for each in story.related] != []

    desk.clock.now = NOON + timedelta(days=2)
    desk.report("first", "All is over", text="Over.", words=1)
    desk.report("older", "Almada is dry again", at=B, hours=-60)
    shutil.rmtree(desk.room.config.digest.output)
    desk.build()

    record = Path("digest/2026-02-17/edition.json")
    assert desk.bytes()[record] == before[record]
