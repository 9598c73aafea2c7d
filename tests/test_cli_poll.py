"""`poll` and what it leaves behind, seen through the commands that read."""

import json
import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.newsrooms import (
    ARTICLES,
    CAT,
    ELECTION,
    FEEDS,
    HARBOUR,
    QUAKE,
    TALKS,
    Desk,
    atom,
    fail,
    newsroom,
    rss,
    serve,
)
from tests.support.server import Reply, Server, conditional, together

SUMMARY_KEYS = {
    *("feeds", "polled", "not_modified", "failed", "new", "updated", "removed", "seconds"),
    "results",
}
RESULT_KEYS = {
    *("url", "outcome", "http_status", "entries", "new", "updated", "error", "next_poll"),
}


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path) as desk:
        yield desk


@pytest.fixture
def one(tmp_path):
    """A desk with one feed, `/feed`, that has one entry."""
    with newsroom(tmp_path, {"/feed": conditional(rss("One", TALKS))}) as desk:
        yield desk


def feed(desk, path="/feed"):
    return next(each for each in desk.json("feeds") if each["url"] == desk.url(path))


def explained(desk, path="/feed"):
    return desk.json("feeds", "--explain", desk.url(path))


# --- what a poll tells --------------------------------------------------------------------------


def test_a_first_poll_brings_the_articles_of_all_four_formats(desk):
    summary = desk.poll()
    assert set(summary) >= SUMMARY_KEYS
    assert all(set(result) >= RESULT_KEYS for result in summary["results"])
    told = {key: summary[key] for key in ("feeds", "polled", "not_modified", "failed", "new")}
    assert told == {"feeds": 4, "polled": 4, "not_modified": 0, "failed": 0, "new": ARTICLES}
    assert (summary["updated"], summary["removed"]) == (0, 0)
    assert summary["seconds"] > 0
    urls = [result["url"] for result in summary["results"]]
    assert urls == sorted(desk.url(path) for path in FEEDS)
    for result in summary["results"]:
        assert (result["outcome"], result["http_status"], result["error"]) == ("ok", 200, None)
        assert datetime.fromisoformat(result["next_poll"]) > datetime.now(UTC)
        assert result["next_poll"].endswith("Z")
    assert sum(result["entries"] for result in summary["results"]) == ARTICLES + 1


def test_a_second_poll_is_not_modified_and_changes_nothing(desk):
    desk.poll()
    before = desk.articles()
    changes = _last_change(desk)
    summary = desk.poll()
    assert (summary["not_modified"], summary["new"], summary["updated"]) == (4, 0, 0)
    assert {result["outcome"] for result in summary["results"]} == {"not_modified"}
    assert desk.articles() == before
    assert _last_change(desk) == changes


def test_the_same_bytes_without_validators_are_not_modified_either(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("Plain", TALKS))}) as desk:
        desk.poll()
        changes = _last_change(desk)
        (result,) = desk.poll()["results"]
        assert (result["outcome"], result["http_status"]) == ("not_modified", 200)
        assert _last_change(desk) == changes


def _last_change(desk):
    from aggregator.store import Store

    with Store.open(desk.data / "articles.db") as store:
        return store.last_change()


def test_polling_what_is_due_leaves_the_rest_alone(desk):
    assert desk.json("poll")["feeds"] == 4
    assert desk.json("poll") | {"seconds": 0} == {
        **dict.fromkeys(SUMMARY_KEYS, 0),
        "results": [],
    }
    assert len(desk.server.asked) == 4


def test_named_feeds_are_polled_once_each(desk):
    url = desk.url("/wire.rdf")
    summary = desk.json("poll", url, url)
    assert [result["url"] for result in summary["results"]] == [url]
    assert desk.server.paths() == ["/wire.rdf"]


def test_a_feed_that_is_not_listed_is_refused_with_the_nearest(desk):
    ran = desk.run("poll", desk.url("/wire.rd"))
    assert ran.code == 1
    assert "not among the active feeds" in ran.err
    assert f"did you mean {desk.url('/wire.rdf')}?" in ran.err
    assert desk.server.asked == []


def test_without_json_each_change_and_failure_is_a_line(desk):
    fail(desk, "/tech.json", 500)
    ran = desk.run("poll")
    assert ran.code == 0
    *lines, last = ran.lines
    assert len(lines) == 4
    assert (
        f"failed  {desk.url('/tech.json')}: the server says 500 Internal Server Error" in ran.lines
    )
    assert f"   2 new   0 changed  {desk.url('/wire.rdf')}" in lines
    assert last.startswith("4 feeds in ")
    assert last.endswith("6 new articles, 0 changed, 0 feeds not modified, 1 failed")


# --- articles -----------------------------------------------------------------------------------


def test_an_edited_entry_is_updated_and_keeps_its_earlier_version(one):
    one.poll()
    serve(one, "/feed", rss("One", replace(TALKS, title="Talks are off", text="Changed.")))
    summary = one.poll()
    assert (summary["new"], summary["updated"]) == (0, 1)
    (article,) = one.articles()
    assert (article["title"], article["revisions"]) == ("Talks are off", 1)
    shown = one.run("show", article["id"]).out
    assert f"before: {TALKS.title}" in shown
    assert one.run("search", "diplomats").out == ""
    assert one.run("search", "changed").out.startswith(article["id"])


def test_an_article_tells_the_dates_that_its_publisher_moved(one):
    one.poll()
    (before,) = one.articles()
    assert "dated " not in one.run("show", before["id"]).out
    serve(one, "/feed", rss("One", replace(TALKS, hours=TALKS.hours - 24)))
    one.poll()
    (article,) = one.articles()
    assert (article["date"] < before["date"], article["revisions"]) == (True, 0)
    (told,) = [line for line in one.run("show", article["id"]).lines if line.startswith("dated ")]
    assert f"{before['date'][:10]} " in told
    assert " until " in told


def test_an_article_in_two_feeds_is_one_with_both_sightings_and_tags(desk):
    desk.poll()
    (shared,) = [a for a in desk.articles() if a["url"] == HARBOUR.link]
    assert {sighting["url"] for sighting in shared["feeds"]} == {
        desk.url("/world.rss"),
        desk.url("/herald.atom"),
    }
    assert {(s["title"], s["guid"]) for s in shared["feeds"]} == {
        ("World Desk", HARBOUR.link),
        ("Herald", "tag:herald.example,2026:harbour"),
    }
    assert {tag["tag"] for tag in shared["tags"]} == {"israel", "shipping", "middle-east"}
    for path in ("/world.rss", "/herald.atom"):
        ran = desk.run("articles", "--feed", desk.url(path))
        assert sum(HARBOUR.title in line for line in ran.lines) == 1


def test_tags_say_where_they_come_from(tmp_path):
    with newsroom(tmp_path, {"/feed": conditional(rss("One", TALKS))}) as desk:
        desk.write([{"url": "/feed", "tags": ["World"]}])
        desk.poll()
        (article,) = desk.articles()
    sources = {tag["label"]: (tag["source"], bool(tag["why"])) for tag in article["tags"]}
    assert sources == {
        "Iran": ("feed", True),
        "Diplomacy": ("feed", True),
        "World": ("subscription", True),
        "Middle East": ("parent", True),
    }


def test_filters_keep_what_they_are_told_to(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("Mixed", TALKS, HARBOUR, ELECTION))}) as desk:
        desk.write([{"url": "/feed", "include": "tehran OR haifa", "exclude": "title:harbour"}])
        summary = desk.poll()
        assert (summary["new"], summary["results"][0]["entries"]) == (1, 3)
        assert [article["title"] for article in desk.articles()] == [TALKS.title]


def test_filters_know_the_tags_that_articles_would_get(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("Mixed", TALKS, HARBOUR, ELECTION))}) as desk:
        desk.write([{"url": "/feed", "include": 'tag:"middle east"', "exclude": "tag:diplomacy"}])
        assert desk.poll()["new"] == 1
        assert [article["title"] for article in desk.articles()] == [HARBOUR.title]


def test_a_titleless_hostile_entry_reaches_no_terminal_as_it_is(tmp_path):
    body = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Feed\x1b[2J\tof\nlines",
            "items": [
                {
                    "id": "1",
                    "url": "https://evil.example/1",
                    "title": "Red \x1b[31m alert\tand\nlines\x07",
                    "content_text": "Text \x1b]0;owned\x07 with\ttabs\nand lines",
                    "tags": ["Tag\x1b[1m"],
                    "authors": [{"name": "A\x1b[5mB"}],
                }
            ],
        }
    ).encode()
    with newsroom(tmp_path, {"/feed": Reply(200, body)}) as desk:
        desk.poll()
        (article,) = desk.articles()
        for command in (
            ("articles",),
            ("search", "alert"),
            ("feeds",),
            ("tags",),
            ("show", article["id"]),
            ("digest",),
            ("stories",),
        ):
            ran = desk.run(*command)
            assert ran.code == 0
            assert not {"\x1b", "\x07"} & set(ran.out + ran.err), command
        (row,) = desk.run("search", "alert").lines
        assert len(row.split("\t")) == 5
        (row,) = desk.run("articles").lines
        assert len(row.split("\t")) == 4


def test_a_dateline_and_a_hub_are_shown(one):
    dated = replace(TALKS, text=f"<p>GENEVA, {TALKS.date:%b %-d} (Reuters) - They will meet.</p>")
    hub = b'<channel><link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.e/"/>'
    serve(one, "/feed", rss("One", dated).replace(b"<channel>", hub))
    one.poll()
    (article,) = one.articles()
    assert (article["dateline"]["place"], article["dateline"]["agency"]) == ("GENEVA", "Reuters")
    assert "dateline: GENEVA / Reuters" in one.run("show", article["id"]).lines
    assert "hub https://hub.e/" in one.run("feeds", "--explain", one.url("/feed")).out


# --- failures -----------------------------------------------------------------------------------

FAILURES = {
    "404": (Reply(404, b"no"), "404 Not Found", 404),
    "500": (Reply(500, b"no"), "500 Internal Server Error", 500),
    "503": (Reply(503, b"no", {"Retry-After": "7200"}), "503 Service Unavailable", 503),
    "html": (
        Reply(
            200, b"<!doctype html><html><title>Hi</title><p>Hello", {"Content-Type": "text/html"}
        ),
        "",
        200,
    ),
    "empty": (Reply(200, b""), "", 200),
    "too large": (Reply(200, b"<rss>" + b" " * 3000), "larger than 0.002 MB", 200),
    "too slow": (Reply(200, b"<rss/>", drip=0.1), "took longer than 0.3 s", None),
    "cut short": (Reply(200, b"<rss/>", cut=3), "broke off", None),
    "not http": (Reply(raw=b"SSH-2.0-OpenSSH_9\r\n"), "not valid HTTP", None),
    "circle": (Reply(302, headers={"Location": "/feed"}), "redirects in a circle", 302),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_feed_that_fails_says_why_and_the_others_go_on(tmp_path, name):
    reply, words, status = FAILURES[name]
    routes = {"/feed": reply, "/good": conditional(rss("Good", TALKS))}
    with newsroom(tmp_path, routes) as desk:
        desk.write(list(routes), poll={"timeout": "300ms", "max-size": "2KB"})
        summary = desk.poll()
        assert (summary["failed"], summary["new"]) == (1, 1)
        (failed,) = [r for r in summary["results"] if r["outcome"] == "failed"]
        assert words in failed["error"]
        assert "Error" not in failed["error"].replace("Internal Server Error", "")
        assert failed["http_status"] == status
        told = feed(desk)
        assert (told["health"], told["failures"]) == ("failing", 1)
        assert (told["error"], told["http_status"]) == (failed["error"], status)
        assert feed(desk, "/good")["health"] == "ok"
        (broken,) = desk.json("feeds", "--broken")
        assert broken == told
        assert explained(desk)["why"]


def test_retry_after_is_honoured(one):
    one.server.routes["/feed"] = Reply(503, b"no", {"Retry-After": "7200"})
    before = datetime.now(UTC)
    (result,) = one.poll()["results"]
    wait = datetime.fromisoformat(result["next_poll"]) - before
    assert timedelta(hours=1, minutes=59) < wait < timedelta(hours=2, minutes=1)
    assert any("Retry-After" in reason for reason in explained(one)["why"])


def test_a_feed_that_is_gone_is_not_polled_again_unless_asked_for(one):
    fail(one, "/feed", 410)
    (result,) = one.poll()["results"]
    assert (result["http_status"], result["next_poll"]) == (410, None)
    told = feed(one)
    assert (told["health"], told["next_poll"]) == ("gone", None)
    assert one.json("poll")["feeds"] == 0
    assert one.run("feeds").out.split("\t")[4] == "–"
    serve(one, "/feed", rss("Back", TALKS))
    assert one.poll(one.url("/feed"))["new"] == 1
    assert feed(one)["health"] == "ok"


def test_gone_then_unreadable_is_failing_no_longer_gone(one):
    fail(one, "/feed", 410)
    one.poll()
    one.server.routes["/feed"] = Reply(200, b"")
    (result,) = one.poll()["results"]
    assert result["http_status"] == 200
    assert feed(one)["health"] == "failing"


def test_a_port_without_a_server_and_a_name_without_an_address_are_told_apart(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}/feed"
        unknown = "http://nowhere.invalid/feed"
        desk = Desk(tmp_path)
        desk.write([closed, unknown])
        errors = {result["url"]: result["error"] for result in desk.poll()["results"]}
    assert errors[closed] == "127.0.0.1 refused the connection"
    assert "nowhere.invalid" in errors[unknown]


def test_a_failing_feed_explains_itself(one):
    fail(one, "/feed", 500)
    one.poll()
    told = one.run("feeds", "--explain", one.url("/feed")).lines
    assert told[0] == f"{one.url('/feed')}: failing"
    assert told[1] == "  failed once: the server says 500 Internal Server Error"
    assert told[-1].startswith("  - failed once: next try after ")


def test_a_failing_feed_works_again_and_forgets_its_failures(one):
    fail(one, "/feed", 500)
    one.poll()
    one.poll()
    assert feed(one)["failures"] == 2
    serve(one, "/feed", rss("Works", TALKS))
    one.poll()
    told = feed(one)
    assert (told["failures"], told["error"], told["health"]) == (0, None, "ok")
    assert one.json("feeds", "--broken") == []


def test_a_failure_keeps_the_validators_of_the_last_good_answer(one):
    one.poll()
    good = one.server.routes["/feed"]
    fail(one, "/feed", 500)
    one.poll()
    one.server.routes["/feed"] = good
    (result,) = one.poll()["results"]
    assert result["outcome"] == "not_modified"


def test_an_unreadable_answer_does_not_replace_the_validators(one):
    one.poll()
    one.server.routes["/feed"] = Reply(200, b"<html>down", {"ETag": '"new"'})
    one.poll()
    assert feed(one)["health"] == "failing"
    one.poll()
    assert one.server.asked[-1].headers["if-none-match"] == '"1"'


def test_the_rest_of_a_document_that_was_cut_off_is_fetched_later(one):
    whole = rss("One", TALKS, HARBOUR)
    cut = whole.index(b"<item>", whole.index(b"<item>") + 1)
    serve(one, "/feed", whole[:cut], **{"Last-Modified": "Tue, 17 Feb 2026 10:00:00 GMT"})
    assert one.poll()["new"] == 1
    assert one.poll()["results"][0]["outcome"] == "ok"
    assert not {"if-none-match", "if-modified-since"} & set(one.server.asked[-1].headers)
    serve(one, "/feed", whole)
    assert one.poll()["new"] == 1
    assert one.poll()["not_modified"] == 1


# --- the network --------------------------------------------------------------------------------


def test_private_addresses_are_refused_with_the_way_to_allow_them(one):
    one.write(["/feed"], allow=[])
    (result,) = one.poll()["results"]
    assert result["outcome"] == "failed"
    assert result["error"] == (
        "127.0.0.1 is a private address (add it to settings.network.allow to poll it)"
    )
    assert one.server.asked == []


def test_a_redirect_into_a_private_network_is_refused(one, tmp_path):
    with Server({"/secret": Reply(200, rss("Secret", CAT))}) as inside:
        one.server.routes["/feed"] = Reply(302, headers={"Location": f"{inside.url}/secret"})
        one.write(["/feed"], allow=[f"127.0.0.1:{one.server.port}"])
        (result,) = one.poll()["results"]
        assert "private address" in result["error"]
        assert inside.asked == []


def test_headers_go_to_their_own_host_only(one):
    with Server({"/there": Reply(200, rss("There", CAT))}) as other:
        one.server.routes["/feed"] = Reply(302, headers={"Location": f"{other.url}/there"})
        one.write([{"url": "/feed", "headers": {"Authorization": "Bearer s3cret"}}])
        assert one.poll()["new"] == 1
        assert one.server.asked[0].headers["authorization"] == "Bearer s3cret"
        assert "authorization" not in other.asked[0].headers
        assert "s3cret" not in json.dumps(other.asked[0].headers)
    for command in ("feeds", "articles"):
        assert "s3cret" not in one.run(command, "--json").out


def test_a_permanent_redirect_is_remembered_after_a_success_only(one):
    one.server.routes["/feed"] = Reply(301, headers={"Location": "/new"})
    one.server.routes["/new"] = Reply(200, b"not a feed")
    one.poll()
    assert feed(one)["health"] == "failing"
    serve(one, "/new", rss("New home", TALKS))
    one.poll()
    state = feed(one)
    assert (state["health"], state["moved_to"]) == ("moved", one.url("/new"))
    assert state["notes"] == [f"moves to {one.url('/new')} (day 1 of 3)"]
    one.server.asked.clear()
    one.poll()
    assert one.server.paths() == ["/feed", "/new"]
    assert state["notes"][0] in one.run("feeds", "--explain", one.url("/feed")).out


def test_a_temporary_redirect_is_followed_anew_each_time(one):
    one.server.routes["/feed"] = Reply(302, headers={"Location": "/today"})
    one.server.routes["/today"] = conditional(rss("Today", TALKS))
    one.poll()
    one.poll()
    assert one.server.paths() == ["/feed", "/today"] * 2


# --- many feeds, and the store underneath -------------------------------------------------------


def test_slow_feeds_are_polled_side_by_side(tmp_path):
    answer = together(8, Reply(200, rss("One", TALKS)))
    with newsroom(tmp_path, {f"/{n}": answer for n in range(8)}) as desk:
        assert desk.poll()["polled"] == 8
        assert desk.server.busiest == 8


def test_what_is_no_longer_listed_is_not_polled_but_its_articles_stay(desk):
    desk.poll()
    desk.write(["/world.rss"])
    desk.server.asked.clear()
    assert desk.poll()["feeds"] == 1
    assert desk.server.paths() == ["/world.rss"]
    assert len(desk.articles()) == ARTICLES
    assert desk.run("feeds").out.count("off\t") == 3


def test_an_inactive_feed_is_listed_but_not_polled(one):
    one.write([{"url": "/feed", "active": False}])
    assert one.poll()["feeds"] == 0
    told = feed(one)
    assert (told["active"], told["last_poll"], told["health"]) == (False, None, "new")


@pytest.mark.parametrize("status", [200, 304, 500])
def test_a_store_that_breaks_amid_a_poll_is_an_error_in_words(one, status):
    one.poll()

    def answer(_):
        with closing(sqlite3.connect(one.data / "articles.db")) as database:
            database.execute("ALTER TABLE feeds RENAME TO lost")
        return Reply(status, rss("One", QUAKE))

    one.server.routes["/feed"] = answer
    ran = one.run("poll", "--all", "--json")
    assert ran.code == 1
    assert ran.json["error"]["kind"] == "store"
    assert "articles.db failed: no such table" in ran.json["error"]["message"]
    assert "Traceback" not in ran.err
    assert "ExceptionGroup" not in ran.err


def test_a_guid_that_changes_does_not_double_the_article(one):
    one.poll()
    serve(one, "/feed", rss("One", replace(TALKS, guid="another")))
    summary = one.poll()
    assert (summary["new"], len(one.articles())) == (0, 1)


def test_new_entries_of_a_known_feed_are_the_only_new_articles(one):
    one.poll()
    serve(one, "/feed", atom("One", QUAKE, TALKS))
    summary = one.poll()
    assert (summary["new"], summary["updated"]) == (1, 0)
    assert [a["title"] for a in one.articles()] == [TALKS.title, QUAKE.title]
