"""Articles find their stories as they arrive, and what the user decides stays."""

import json

import pytest

from aggregator.store import lock
from aggregator.stories.groups import EARLIER
from tests.support.newsrooms import (
    DAY,
    HARBOUR,
    QUAKE,
    TALKS,
    TALKS_WIRE,
    Item,
    newsroom,
    rss,
    serve,
)
from tests.support.server import conditional

LATER = Item(
    "Geneva and Tehran: date for nuclear talks is agreed",
    "https://late.example/talks",
    "Diplomats of Iran and European ministers will meet in Geneva.",
    hours=2,
)


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path) as desk:
        desk.poll()
        yield desk


def ids(desk):
    listed = desk.run("articles", "--limit", "100", "--json").lines
    return {each["title"]: each["id"] for each in map(json.loads, listed)}


def story_of(desk, item):
    return desk.json("show", ids(desk)[item.title])["story"]


def test_reports_that_arrive_together_share_a_story(desk):
    assert story_of(desk, TALKS) == story_of(desk, TALKS_WIRE) is not None
    assert story_of(desk, QUAKE) is None


def test_a_report_that_arrives_later_joins(desk):
    before = story_of(desk, TALKS)
    serve(desk, "/world.rss", rss("World Desk", TALKS, HARBOUR, LATER))

    desk.poll()

    assert story_of(desk, LATER) == before


def test_show_names_the_pair_and_the_words_that_tie_them(desk):
    shown = desk.run("show", ids(desk)[TALKS.title]).out

    assert f"story   {story_of(desk, TALKS)}" in shown
    assert TALKS_WIRE.title in shown
    assert "geneva" in shown.casefold()


WIRE = (
    "<p>The ferry Frisia Nova reached Esbjerg on Tuesday after nineteen hours at anchor in storm, "
    "and all 212 passengers walked ashore, the harbour office said. Two people were treated for "
    "bruises. The captain had refused to enter the channel while gusts passed eleven, and the "
    "company said that he had been right to wait. Buses took the passengers to Ribe.</p>"
)
FERRY = Item("Ferry docks in Esbjerg after a night at anchor", "https://one.example/ferry", WIRE)
FERRY_COPY = Item("212 nerves of steel", "https://two.example/ferry", WIRE, hours=1)
FERRY_SUED = Item(
    "Owner of Frisia Nova is sued over night at anchor",
    "https://two.example/sued",
    "<p>Passengers of the Frisia Nova ask a court in Esbjerg for money.</p>",
    hours=60,
)


def test_json_tells_ties_copies_and_related_stories(tmp_path):
    feeds = {
        "/one.rss": conditional(rss("One", FERRY)),
        "/two.rss": conditional(rss("Two", FERRY_COPY, FERRY_SUED)),
    }
    with newsroom(tmp_path, feeds) as desk:
        desk.poll()
        known = ids(desk)
        first, copy, sued = (known[each.title] for each in (FERRY, FERRY_COPY, FERRY_SUED))

        shown = desk.json("show", copy)
        assert [(each["article"], each["other"], each["kind"]) for each in shown["ties"]] == [
            (copy, first, "copy")
        ]
        assert shown["copies"] == [{"origin": "One", "articles": [first, copy]}]
        (later,) = shown["related"]
        assert (later["id"], later["title"], later["earlier"]) == (sued, FERRY_SUED.title, False)
        assert {"frisia", "nova"} <= set(later["terms"])

        (earlier,) = desk.json("show", sued)["related"]
        assert (earlier["id"], earlier["earlier"]) == (first, earlier["score"] >= EARLIER)

        (story,) = desk.json("stories", "--date", DAY.isoformat())["stories"]
        assert story["copies"] == shown["copies"]
        assert story["related"] == [], "what came after the day is no part of its edition"


def test_a_split_stays_through_a_rebuild_and_new_reports(desk):
    story, out = story_of(desk, TALKS), ids(desk)[TALKS_WIRE.title]

    split = desk.json("stories", "--split", story, out)
    rebuilt = desk.json("stories", "--rebuild")

    assert split["articles"] == 1
    assert rebuilt == {"moved": 0}
    assert story_of(desk, TALKS) is None
    assert story_of(desk, TALKS_WIRE) is None
    stories = desk.json("stories", "--date", DAY.isoformat())["stories"]
    assert all(len(each["articles"]) == 1 for each in stories)


def test_a_merge_stays_through_a_rebuild(desk):
    story = story_of(desk, TALKS)

    merged = desk.json("stories", "--merge", story, ids(desk)[QUAKE.title])
    desk.json("stories", "--rebuild")

    assert merged == {"story": story, "articles": 3}
    assert story_of(desk, QUAKE) == story
    assert "placed by you" in desk.run("show", ids(desk)[QUAKE.title]).out


def test_a_merge_beside_a_running_poller_leaves_the_index_to_it(desk):
    story, quake = story_of(desk, TALKS), ids(desk)[QUAKE.title]

    with lock(desk.data):
        assert desk.json("stories", "--merge", story, quake)["articles"] == 3
        found = desk.run("search", f"story:{story}")
        assert QUAKE.title not in found.out
        assert "not in the index yet" in found.err

    assert QUAKE.title in desk.run("search", f"story:{story}").out


def test_rebuilding_gives_the_same_stories(desk):
    serve(desk, "/world.rss", rss("World Desk", TALKS, HARBOUR, LATER))
    desk.poll()
    before = {title: desk.json("show", one)["story"] for title, one in ids(desk).items()}

    assert desk.json("stories", "--rebuild") == {"moved": 0}

    assert before == {title: desk.json("show", one)["story"] for title, one in ids(desk).items()}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--split", "nostory", "x"), 1, "no story nostory"),
        (("--split", "x"), 2, "ID ARTICLE"),
        (("x",), 2, "ID ARTICLE"),
        (("--merge", "a", "a"), 1, "named twice"),
        (("--merge", "a", "b", "--rebuild"), 2, "at a time"),
    ],
)
def test_mistakes_are_one_clear_line(desk, arguments, code, words):
    ran = desk.run("stories", *arguments)

    assert ran.code == code
    assert words in ran.err


def test_a_story_cannot_be_emptied(desk):
    story = story_of(desk, TALKS)
    both = (ids(desk)[TALKS.title], ids(desk)[TALKS_WIRE.title])

    assert "nothing would be left" in desk.run("stories", "--split", story, *both).err
    stranger = desk.run("stories", "--split", story, ids(desk)[QUAKE.title])
    assert "is no article of story" in stranger.err
