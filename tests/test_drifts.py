"""Articles that came under new ids: recognised, told, and parted again where that was wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.newsrooms import Item, newsroom, rss, serve
from tests.support.store import DAY, HOUR, NOW, entry, open_store, save, tags_of

LIVE = "https://e.example/live"
FIRST = Item("Votes are counted", LIVE, "<p>Counting began at noon.</p>", guid="1")
SECOND = Item("A storm nears the coast", LIVE, "<p>Winds of gale force.</p>", guid="2")


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path, {"/feed": None}) as desk:
        yield desk


def publish(desk, *items):
    serve(desk, "/feed", rss("Desk", *items))
    return desk.poll()


def undo(desk):
    return desk.json("feeds", "--undo-drift", desk.url("/feed"))["undone"]


def titles(desk):
    return {article["title"]: article for article in desk.articles()}


def test_articles_taken_for_one_are_parted(desk):
    publish(desk, FIRST)
    before = desk.articles()
    assert (publish(desk, SECOND)["new"], len(desk.articles())) == (0, 1)
    assert undo(desk) == 1
    (restored,) = desk.articles()
    assert restored == {**before[0], "revisions": 2}
    assert desk.json("search", "counted")["total"] == 1
    assert desk.json("search", "storm")["total"] == 0
    assert desk.json("poll")["new"] == 1
    assert set(titles(desk)) == {FIRST.title, SECOND.title}
    edited = replace(SECOND, text="<p>Winds of hurricane force.</p>")
    assert (publish(desk, edited)["new"], len(desk.articles())) == (0, 2)
    assert titles(desk)[FIRST.title]["text"] == restored["text"]
    assert "hurricane" in titles(desk)[SECOND.title]["text"]
    assert undo(desk) == 0


def test_a_whole_feed_that_was_taken_for_its_past_is_parted(desk):
    def items(host):
        return [
            Item(f"Weather {n}", f"https://{host}/{n}", f"{host} {n}", hours=-n, guid=f"{host}{n}")
            for n in range(4)
        ]

    publish(desk, *items("old.example"))
    before = desk.articles()
    assert publish(desk, *items("new.example"))["new"] == 0
    assert {article["url"] for article in desk.articles()} == {
        f"https://new.example/{n}" for n in range(4)
    }
    assert undo(desk) == 4
    assert [article["url"] for article in desk.articles()] == [one["url"] for one in before]
    assert desk.poll()["new"] == 4
    assert len(desk.articles()) == 8
    assert desk.poll()["new"] == 0
    assert desk.run("doctor").code == 0


def test_what_came_in_several_steps_goes_back_to_its_beginning(desk):
    publish(desk, FIRST)
    publish(desk, SECOND)
    publish(desk, replace(FIRST, title="Snow closes a pass", guid="3"))
    assert undo(desk) == 2
    assert [article["title"] for article in desk.articles()] == [FIRST.title]
    desk.poll()
    assert set(titles(desk)) == {FIRST.title, "Snow closes a pass"}


def test_an_article_says_under_which_ids_it_came(desk):
    publish(desk, FIRST)
    publish(desk, SECOND)
    (article,) = desk.articles()
    (drift,) = desk.json("show", article["id"])["drifts"]
    assert (drift["old"], drift["new"]) == ({"guid": "1", "url": LIVE}, {"guid": "2", "url": LIVE})
    assert (drift["feed"], drift["undone"]) == (desk.url("/feed"), None)
    assert "in Desk: 2 before 1" in desk.run("show", article["id"]).out
    undo(desk)
    assert desk.json("show", article["id"])["drifts"][0]["undone"]
    assert "(undone " in desk.run("show", article["id"]).out


def test_a_feed_says_when_its_articles_came_under_new_ids(desk):
    publish(desk, FIRST)
    publish(desk, SECOND)
    told = desk.run("feeds", "--explain", desk.url("/feed")).out
    assert "1 article recognised under new ids" in told
    assert "feeds --undo-drift URL" in told
    assert len(desk.json("feeds", "--explain", desk.url("/feed"))["drifts"]) == 1
    assert "1 undone: the next poll" in desk.run("feeds", "--undo-drift", desk.url("/feed")).out
    assert "under new ids" not in desk.run("feeds", "--explain", desk.url("/feed")).out
    assert "nothing to undo" in desk.run("feeds", "--undo-drift", desk.url("/feed")).out


def test_an_unknown_feed_has_nothing_to_undo(desk):
    ran = desk.run("feeds", "--undo-drift", desk.url("/fed"))
    assert (ran.code, ran.out) == (1, "")
    assert "no feed" in ran.err


def test_dates_that_came_with_another_id_are_undone_with_it(tmp_path):
    with open_store(tmp_path) as store:
        first = entry("1", LIVE, published=NOW - 3 * DAY)
        save(store, first)
        save(store, entry("1", LIVE, published=NOW - 2 * DAY))
        for hours in (0, 1):
            moved = entry("2", LIVE, text="Other", published=NOW + hours * HOUR)
            save(store, moved, now=NOW + (hours + 1) * HOUR)
        (feed, *_) = store.feeds()
        assert store.undo_drifts(feed.id, now=NOW + DAY, tagger=tags_of) == 1
        (article,) = store.find()
        assert article.date == NOW - 2 * DAY
        assert store.daybook.redated([first.id])[first.id].earlier == ((NOW, NOW - 3 * DAY),)


def test_a_drift_can_be_undone_for_a_month(tmp_path):
    with open_store(tmp_path) as store:
        save(store, entry("1", LIVE))
        save(store, entry("2", LIVE, text="Edited"))
        (feed, *_) = store.feeds()
        store.expire(NOW - timedelta(days=400), now=NOW + timedelta(days=29))
        assert len(store.drifts(feed.id)) == 1
        store.expire(NOW - timedelta(days=400), now=NOW + timedelta(days=31))
        assert store.drifts(feed.id) == []
