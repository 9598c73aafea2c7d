"""Stories find what was placed before, whoever placed it, and replaying tells the same."""

import random
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from aggregator import config
from aggregator import store as package
from aggregator.model.instants import to_microseconds
from aggregator.pipeline import placing
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.past import Past
from aggregator.stories import Background, sketched
from aggregator.stories.desk import KEPT, QUIET, REACH
from aggregator.stories.marks import marks, of_term
from aggregator.stories.past import Remembered
from aggregator.stories.postings import ARTICLE, posting
from aggregator.stories.sketch import FORM
from aggregator.stories.words import number, weighted
from tests.support.newsrooms import Desk
from tests.support.sketches import first_form, second_form
from tests.support.store import DAY, HOUR, NOW, SUBSCRIPTIONS, A, B, entry, save
from tests.support.storyteller import EVENTS, subscribed

WORDS = ("court", "fee", "harbour", "moon", "ruling", "storm", "vote", "wheat")


@pytest.fixture
def room(tmp_path):
    with opened(config.load(subscribed(tmp_path).config)) as newsroom:
        yield newsroom


def report(number, when, title, at=A):
    link = f"https://{number}.example/"
    return entry(link, link, at=at, title=title, date=when, published=when, language="en")


def tell(room, number, when, title, at=A):
    """A report arrives and is placed; the article."""
    told = report(number, when, title, at)
    save(room.store, told, at=at, now=NOW)
    placing.place(room)
    return room.store.article(told.id)


def told(room):
    """All placed articles, with their stories and ties."""
    places = room.store.places
    return places.members({places.place_of(each.id) for each in room.store.find()})


def links(room):
    return room.store.places.links(sorted({each.story for each in told(room)}))


def test_replaying_many_small_batches_moves_nothing(room):
    dice, frozen = random.Random(3), []
    for turn in range(40):
        when = NOW + dice.uniform(-10, 10) * DAY
        title = dice.choice(EVENTS)
        if turn % 2:
            title += " " + " ".join(dice.sample(WORDS, 3))
        tell(room, turn, when, title, at=dice.choice([A, B]))
        if turn in (0, 3, 4, 15, 16, 39):
            frozen.append(room.store.places.background(999).documents)
    before = links(room)
    stories = told(room)

    assert placing.rebuild(room) == 0

    assert links(room) == before != []
    assert told(room) == stories
    assert len({each.story for each in stories}) < len(stories)
    assert frozen == [1, 4, 4, 16, 16, 16], "rarity is counted anew seldom"


def placed_in_one_poll(directory, articles):
    """The stories, ties and links of articles that arrive in this order."""
    directory.mkdir()
    with opened(config.load(subscribed(directory).config)) as room:
        for each in articles:
            save(room.store, each, at=each.sightings[0].feed_url, now=NOW)
        placing.place(room)
        return told(room), links(room)


def test_the_order_in_which_a_poll_brings_articles_changes_nothing(tmp_path):
    dice = random.Random(5)
    articles = [
        report(
            number,
            NOW + dice.randrange(200) * HOUR,
            " ".join([dice.choice(EVENTS), *dice.sample(WORDS, 3)]),
            at=dice.choice([A, B]),
        )
        for number in range(24)
    ]

    stories, linked = placed_in_one_poll(tmp_path / "one", articles)
    dice.shuffle(articles)

    assert placed_in_one_poll(tmp_path / "other", articles) == (stories, linked)
    assert len({each.story for each in stories}) < len(stories)
    assert linked


def test_what_is_edited_after_it_was_placed_stays_where_it_is(room):
    first = tell(room, 1, NOW, EVENTS[0])
    again = tell(room, 2, NOW + HOUR, f"{EVENTS[0]}: more", at=B)
    edited = report(2, NOW - 3 * DAY, "Bakers quarrel", at=B)
    save(room.store, edited, at=B, now=NOW)

    assert room.store.article(again.id).title == "Bakers quarrel"
    assert placing.rebuild(room) == 0
    assert room.store.article(again.id).story == first.id


def kept_in_the_store(room, articles):
    save(room.store, *articles, now=NOW)
    placing.place(room)
    background = room.store.places.background(1)
    return Past(room.store.places, NOW + REACH, NOW + 2 * DAY - QUIET), background


def kept_in_memory(room, articles):
    background, past = Background(), Remembered()
    for each in sorted(articles, key=lambda each: each.date):
        told = sketched(each, background)
        past.keep(told, each.id, marks(told, background))
    return past.since(NOW + REACH - KEPT, NOW), background


@pytest.mark.parametrize("kept", [kept_in_the_store, kept_in_memory])
def test_a_past_tells_its_articles_by_marks_and_by_stories(room, kept):
    names, hours = ("ancient", "old", "recent", "newest"), (-99, -2, 2, 3)
    ancient, old, recent, newest = (
        report(name, NOW + hour * HOUR, f"{event}, {name}")
        for name, hour, event in zip(names, hours, EVENTS, strict=False)
    )
    past, background = kept(room, [old, newest, ancient, recent])
    expected = marks(sketched(recent, background), background)
    own = of_term(number("recent"))

    found = past.postings([*(mark.number for mark in expected), of_term(number("old"))])
    (article,) = (each >> ARTICLE for each in found[own])
    story = past.stories([article])[article]

    for mark in expected:
        assert posting(article, mark.weight, mark.flags) in found[mark.number]
    assert [each.sketch.id for each in past.told([story])] == [recent.id]
    assert not found.get(of_term(number("old"))), "that is out of reach"
    assert [each.sketch.id for each in past.told([old.id])] == [old.id]
    assert list(past.told([ancient.id])) == list(past.told(["no story"])) == []


def old_store(path: Path, version: str, *placed, waiting) -> None:
    """A store of an earlier version: articles with their placements, and one that has none."""
    with create_engine(f"sqlite:///{path}").begin() as connection:
        settings = Config()
        migrations = Path(package.__file__).parent / "migrations"
        settings.set_main_option("script_location", str(migrations))
        settings.attributes["connection"] = connection
        command.upgrade(settings, version)
    with sqlite3.connect(path) as database:
        database.execute(
            "INSERT INTO feeds (id, url, fetch_url, interval) VALUES (1, ?, ?, 900)", (A, A)
        )
        for number, each in enumerate((*placed, waiting), 1):
            moment = to_microseconds(each.date)
            database.execute(
                "INSERT INTO articles (seq, id, origin, date, first_seen, language, words, url,"
                " title, summary, content_html, text)"
                " VALUES (?, ?, 1, ?, ?, 'en', 1, ?, ?, '', '', '')",
                (number, each.id, moment, moment, each.url, each.title),
            )
            if each is waiting:
                continue
            if version == "0001":
                row = number, each.id, first_form(signed=False)
                database.execute("INSERT INTO placements VALUES (?, 1, ?, NULL, ?)", row)
            else:
                row = (
                    number,
                    each.id,
                    second_form(weighted(each.title, "", "en").head, signed=False),
                )
                database.execute("INSERT INTO placements VALUES (?, 1, ?, NULL, ?, 1)", row)
        if version == "0002":
            _mark(database, placed, waiting)
    database.close()


def _mark(database: sqlite3.Connection, placed, waiting) -> None:
    """What the second version added."""
    database.execute("INSERT INTO story_queue VALUES (?)", (len(placed) + 1,))
    for article, each in enumerate(placed, 1):
        hour = to_microseconds(each.date) // (HOUR // timedelta(microseconds=1))
        for stem in weighted(each.title, "", "en").titled:
            row = hour // (7 * 24), of_term(number(stem)), hour, article, 300, 2
            database.execute("INSERT INTO story_marks VALUES (?, ?, ?, ?, ?, ?)", row)


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_stories_of_an_earlier_version_go_on(tmp_path, version):
    first = report(1, NOW, EVENTS[0])
    other = report(2, NOW, EVENTS[1])
    waiting = report(3, NOW + HOUR, f"{EVENTS[0]}, again", at=B)
    desk = Desk(tmp_path)
    desk.write([each.url for each in SUBSCRIPTIONS])
    desk.data.mkdir(parents=True)
    old_store(desk.data / "articles.db", version, first, other, waiting=waiting)

    with opened(config.load(desk.config)) as room:
        room.store.sync(SUBSCRIPTIONS, now=NOW)
        assert placing.place(room) == 1
        joined = tell(room, 4, NOW + 2 * HOUR, f"{EVENTS[1]}: more", at=B)

        assert room.store.article(waiting.id).story == first.id
        assert joined.story == other.id
        assert room.store.places.packed_before(FORM, 10) == []
        assert placing.rebuild(room) == 0


def test_what_expired_is_found_no_more(room):
    old = tell(room, 1, NOW - 90 * DAY, EVENTS[0])
    tell(room, 2, NOW, EVENTS[0])
    room.store.expire(NOW + DAY - timedelta(days=30), now=NOW)

    assert room.store.article(old.id) is not None, "it was first seen today"
    alike = tell(room, 3, NOW - 90 * DAY + HOUR, EVENTS[0], at=B)
    assert alike.story is None
    assert tell(room, 4, NOW + HOUR, EVENTS[0], at=B).story is not None


def test_the_rest_of_a_story_is_told_without_what_expired(room):
    linked = tell(room, 1, NOW + 20 * HOUR, "Why dockers of Ribe leave grain in silos to gulls")
    first = tell(room, 2, NOW + 23 * HOUR, "Dockers shut quays of Ribe harbour")
    left = tell(room, 3, NOW + 25 * HOUR, "Dockers of Ribe shut quays", at=B)
    last = tell(room, 4, NOW + 26 * HOUR, "Gulls leave Ribe, silos and dockers")
    assert left.story == first.id
    assert {first.id, linked.id} in [{each.story, each.other} for each in links(room)]
    position = room.store.last_change()

    assert room.store.expire(NOW + DAY, now=NOW) == 2

    assert room.store.article(left.id).story is None, "it is alone"
    assert [each.id for each in room.store.changes(position, 9) if not each.deleted] == [left.id]
    assert room.store.places.links([linked.id]) == []
    assert {first.id, last.id} in [{each.story, each.other} for each in links(room)]


def test_a_rebuild_keeps_the_name_that_an_expired_report_gave(room):
    first = tell(room, 1, NOW + 23 * HOUR, "Dockers shut quays of Ribe harbour")
    left = tell(room, 2, NOW + 25 * HOUR, "Dockers of Ribe shut quays", at=B)
    later = tell(room, 3, NOW + 26 * HOUR, "Dockers of Ribe shut all quays, harbour says")
    tell(room, 4, NOW + 27 * HOUR, "Why dockers of Ribe leave grain in silos to gulls")
    assert {each.story for each in (left, later)} == {first.id}
    room.store.expire(NOW + DAY, now=NOW)
    before = {frozenset((each.story, each.other)) for each in links(room)}
    assert any(first.id in pair for pair in before)

    assert placing.rebuild(room) == 0

    assert room.store.article(later.id).story == first.id
    assert {frozenset((each.story, each.other)) for each in links(room)} == before


def test_parts_of_a_story_without_its_first_report_do_not_share_its_name(room):
    first = tell(room, 1, NOW + 23 * HOUR, "Dockers shut quays of Ribe harbour")
    left = tell(room, 2, NOW + 25 * HOUR, "Dockers of Ribe shut quays", at=B)
    room.store.places.pin(
        {(moved := tell(room, 3, NOW + 26 * HOUR, "Bakers quarrel")).id: first.id}
    )
    room.store.expire(NOW + DAY, now=NOW)

    placing.rebuild(room)

    assert room.store.places.place_of(moved.id) == first.id, "the user said so"
    assert room.store.places.place_of(left.id) != first.id
