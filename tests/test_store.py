"""What the store keeps and gives back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.errors import StoreError
from aggregator.model import (
    Change,
    Comments,
    Dateline,
    Enclosure,
    Feed,
    Hints,
    Revision,
    Rhythm,
    Subscription,
    Tag,
    TagCount,
    Validators,
)
from aggregator.store import Delivery, Saved, Store, Sync
from tests.support.store import (
    DAY,
    HOUR,
    NOW,
    SUBSCRIPTIONS,
    A,
    B,
    entry,
    feed,
    fingerprints,
    open_store,
    replay,
    save,
    tags_of,
    tell_as_one,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def ids(articles) -> list[str]:
    return [article.id for article in articles]


# --- feeds ----------------------------------------------------------------------------------------


def test_the_state_of_a_feed_survives_a_round_trip(store: Store) -> None:
    polled = replace(
        feed(store),
        fetch_url="https://a.example/moved",
        site_url="https://a.example/",
        language="de",
        validators=Validators('"tag"', "Tue, 17 Feb 2026 12:00:00 GMT", b"\x00\xff"),
        hints=Hints(HOUR, frozenset({3, 0}), frozenset({6}), 2 * HOUR, timedelta(0)),
        hub="https://hub.example/",
        interval=timedelta(minutes=17, microseconds=5),
        next_poll=NOW + HOUR,
        why=("two a day", "never less than 5 minutes"),
        last_poll=NOW,
        last_success=NOW,
        last_new=NOW,
        seconds=0.25,
        failures=3,
        error="no answer",
        http_status=503,
        gone=True,
    )
    store.save_feeds([polled])
    assert store.feed(A) == polled


def test_saving_a_feed_leaves_what_the_subscription_says(store: Store) -> None:
    changed = replace(feed(store), title="Other", groups=("x",), active=False, url="https://c/")
    store.save_feeds([changed])
    stored = feed(store)
    assert (stored.title, stored.groups, stored.active) == ("Alpha", (), True)


def test_a_feed_that_is_not_stored_is_refused(store: Store) -> None:
    stranger = replace(feed(store), id=99)
    with pytest.raises(StoreError, match="not in the store"):
        store.save_feeds([stranger])
    with pytest.raises(StoreError, match="not in the store"):
        store.save(stranger, [entry("1")], present=frozenset(), now=NOW, tagger=tags_of)
    assert store.count() == 0


def test_sync_adds_changes_and_retires(store: Store) -> None:
    save(store, entry("1"))
    wanted = [Subscription(B, title="Second", groups=("News",)), Subscription("https://c.example/")]
    expected = Sync(added=("https://c.example/",), changed=(B,), retired=(A,))
    assert store.plan(wanted) == expected
    assert store.sync(wanted, now=NOW) == expected
    assert store.plan(wanted) == Sync()
    assert [(f.url, f.title, f.groups, f.active) for f in store.feeds()] == [
        (A, "Alpha", (), False),
        (B, "Second", ("News",), True),
        ("https://c.example/", None, (), True),
    ]
    assert store.count() == 1


def test_urls_are_equal_only_exactly(store: Store) -> None:
    other = [*SUBSCRIPTIONS, Subscription(A + "/")]
    assert store.sync(other, now=NOW).added == (A + "/",)


def test_a_retired_feed_comes_back_due_and_without_its_failures(store: Store) -> None:
    failing = replace(feed(store), gone=True, failures=9, next_poll=NOW + DAY)
    store.save_feeds([failing])
    store.sync([SUBSCRIPTIONS[1]], now=NOW)
    assert store.sync(SUBSCRIPTIONS, now=NOW).changed == (A,)
    back = feed(store)
    assert (back.active, back.gone, back.failures, back.next_poll) == (True, False, 0, None)


def polled(store: Store, url: str = A) -> Feed:
    """The feed after a good poll that led elsewhere and gave every validator."""
    validators = Validators('"tag"', "Tue, 17 Feb 2026 12:00:00 GMT", b"hash")
    moved = "https://a.example/moved"
    state = replace(feed(store, url), validators=validators, fetch_url=moved, next_poll=NOW + DAY)
    store.save_feeds([state])
    return state


@pytest.mark.parametrize(
    "settings",
    [
        {"include": "tag:iran"},
        {"exclude": "tag:sport"},
        {"language": "de"},
        {"headers": (("Cookie", "a=1"),)},
        {"title": "Other"},
    ],
)
def test_a_feed_with_other_settings_is_read_anew(store: Store, settings: dict[str, Any]) -> None:
    one = entry("1")
    save(store, one)
    before = polled(store)
    changed = [replace(SUBSCRIPTIONS[0], **settings), SUBSCRIPTIONS[1]]
    for wanted in (changed, SUBSCRIPTIONS):
        assert store.sync(wanted, now=NOW).changed == (A,)
        assert store.plan(wanted) == Sync()
        after = feed(store)
        assert (after.validators, after.next_poll) == (Validators(), None)
        assert after.fetch_url == before.fetch_url
        assert store.known(after.id) == frozenset()
        assert save(store, one) == Saved(unchanged=1)
        polled(store)


def test_a_feed_with_the_same_settings_keeps_its_state(store: Store) -> None:
    save(store, entry("1"))
    before = polled(store)
    regrouped = [replace(SUBSCRIPTIONS[0], groups=("News",), weight=2.0), SUBSCRIPTIONS[1]]
    store.sync(regrouped, now=NOW)
    assert feed(store) == replace(before, groups=("News",), articles=1)
    assert store.known(before.id) == fingerprints([entry("1")])


def test_a_feed_that_comes_back_is_asked_where_it_was_subscribed(store: Store) -> None:
    polled(store)
    store.sync(SUBSCRIPTIONS[1:], now=NOW)
    store.sync(SUBSCRIPTIONS, now=NOW)
    back = feed(store)
    assert (back.fetch_url, back.validators, back.next_poll) == (A, Validators(), None)


def test_an_inactive_subscription_is_not_due(store: Store) -> None:
    store.sync([replace(SUBSCRIPTIONS[0], active=False), SUBSCRIPTIONS[1]], now=NOW)
    assert [f.url for f in store.due(NOW, 10)] == [B]


def test_a_title_given_by_the_user_reaches_every_article(store: Store) -> None:
    one, two = entry("1"), entry("2")
    save(store, one, two)
    before = store.last_change()
    store.sync([replace(SUBSCRIPTIONS[0], title="Renamed"), SUBSCRIPTIONS[1]], now=NOW)
    assert {change.id for change in store.changes(before, 10)} == {one.id, two.id}
    assert {a.sightings[0].feed_title for a in store.find()} == {"Renamed"}


def test_a_title_given_by_the_publisher_reaches_every_article(store: Store) -> None:
    one = entry("1")
    save(store, one)
    before = store.last_change()
    renamed = replace(feed(store), title="Alpha Daily")
    store.save(renamed, [], present=fingerprints([one]), now=NOW, tagger=tags_of)
    assert [change.id for change in store.changes(before, 10)] == [one.id]
    assert feed(store).title == "Alpha Daily"


def test_due_feeds_come_longest_due_first(store: Store) -> None:
    more = [*SUBSCRIPTIONS, *(Subscription(f"https://{n}.example/") for n in "cdef")]
    store.sync(more, now=NOW)
    plans = {"c": NOW - HOUR, "d": NOW, "e": NOW + HOUR, "f": NOW - 2 * HOUR}
    store.save_feeds(
        [replace(feed(store, f"https://{n}.example/"), next_poll=at) for n, at in plans.items()]
    )
    assert [f.url for f in store.due(NOW, 10)] == [
        A,
        B,
        "https://f.example/",
        "https://c.example/",
        "https://d.example/",
    ]
    assert len(store.due(NOW, 2)) == 2


def test_due_feeds_that_failed_the_last_time_come_last(store: Store) -> None:
    store.save_feeds([replace(feed(store), failures=1, next_poll=NOW - DAY)])
    store.save_feeds([replace(feed(store, B), next_poll=NOW)])
    assert [f.url for f in store.due(NOW, 10)] == [B, A]
    assert [feed.url for feed in store.all_due(NOW)] == [B, A]


def test_a_gone_feed_is_not_due(store: Store) -> None:
    store.save_feeds([replace(feed(store), gone=True)])
    assert [f.url for f in store.due(NOW, 10)] == [B]


def test_a_feed_polled_by_a_clock_that_was_ahead_is_due(store: Store) -> None:
    ahead = replace(feed(store), last_poll=NOW + DAY, next_poll=NOW + 2 * DAY)
    patient = replace(feed(store, B), last_poll=NOW + HOUR, next_poll=NOW + 3000 * DAY)
    store.save_feeds([ahead, patient])
    assert [f.url for f in store.due(NOW, 10)] == [A]
    store.save_feeds([replace(ahead, last_poll=NOW)])
    assert store.due(NOW, 10) == []


def test_what_a_clock_dated_ahead_is_dated_now(store: Store) -> None:
    ahead = NOW + 3000 * DAY
    one = entry("1", published=ahead, first_seen=ahead, categories=("Iran",))
    two = entry("2", published=NOW - DAY, first_seen=ahead, categories=("Iran",))
    three = entry("3", published=NOW, categories=("Iran",))
    store.save(
        replace(feed(store), last_new=ahead),
        [one, two, three],
        present=fingerprints([one, two, three]),
        now=ahead,
        tagger=tags_of,
    )
    before = store.last_change()
    store.sync(SUBSCRIPTIONS, now=NOW)
    expected = [(NOW, NOW), (NOW, NOW), (NOW - DAY, NOW)]
    for found in (store.find(), store.find(feed=A), store.find(tag="iran")):
        assert [(a.date, a.first_seen) for a in found] == expected
    assert store.arrivals(feed(store).id, 5) == [NOW, NOW, NOW - DAY]
    assert feed(store).last_new == NOW
    assert [change.id for change in store.changes(before, 10)] == [one.id]
    store.sync(SUBSCRIPTIONS, now=NOW)
    assert store.last_change() == before + 1


def test_dates_that_were_moved_by_a_clock_that_was_ahead_are_forgotten(store: Store) -> None:
    one, two = (entry(key, published=NOW - DAY) for key in "12")
    save(store, one, two)
    save(store, entry("1", published=NOW - HOUR), now=NOW)
    save(store, entry("2", published=NOW - HOUR), now=NOW + 3000 * DAY)
    assert {*store.daybook.redated([one.id, two.id])} == {one.id, two.id}
    store.sync(SUBSCRIPTIONS, now=NOW)
    assert {*store.daybook.redated([one.id, two.id])} == {one.id}


def test_a_clock_that_is_years_behind_dates_nothing(store: Store, caplog) -> None:
    save(store, *(entry(str(n), published=NOW - n * DAY) for n in range(4)))
    before, last = list(store.find()), store.last_change()
    store.sync(SUBSCRIPTIONS, now=NOW - 2000 * DAY)
    assert "clock seems to be wrong" in caplog.text
    assert (list(store.find()), store.last_change()) == (before, last)


def test_feeds_count_their_articles_once(store: Store) -> None:
    one = entry("1", "https://x/1")
    save(store, one, entry("2"))
    save(store, entry("new guid", "https://x/1"))
    save(store, entry("b", "https://x/1", at=B), at=B)
    assert [f.articles for f in store.feeds()] == [2, 1]
    assert feed(store).articles == 2


def test_known_holds_the_fingerprints_of_the_last_document(store: Store) -> None:
    one, two, three = entry("1"), entry("2"), entry("3")
    save(store, one, two)
    assert store.known(feed(store).id) == fingerprints([one, two])
    save(store, three, still=[two])
    assert store.known(feed(store).id) == fingerprints([two, three])
    assert store.known(feed(store, B).id) == frozenset()


def test_arrivals_are_the_newest_dates(store: Store) -> None:
    dates = [NOW - n * HOUR for n in range(5)]
    save(store, *(entry(str(n), published=when) for n, when in enumerate(dates)))
    assert store.arrivals(feed(store).id, 3) == dates[:3]


def test_arrivals_of_several_feeds_come_at_once(store: Store) -> None:
    save(store, *(entry(str(n), published=NOW - n * HOUR) for n in range(5)))
    one, other = feed(store).id, feed(store, B).id
    assert store.arrivals_of([one, other], 2) == {one: [NOW, NOW - HOUR], other: []}


def test_what_is_known_of_several_feeds_comes_at_once(store: Store) -> None:
    one = entry("1")
    save(store, one)
    numbers = [feed(store).id, feed(store, B).id]
    assert store.known_of(numbers) == dict(zip(numbers, [fingerprints([one]), set()], strict=True))


def test_the_rhythm_of_a_feed_is_kept(store: Store) -> None:
    rhythm = Rhythm(NOW, 3 * HOUR)
    store.save_feeds([replace(feed(store), rhythm=rhythm)])
    assert feed(store).rhythm == rhythm


def test_active_feeds_are_those_that_are_neither_paused_nor_retired(store: Store) -> None:
    assert [one.url for one in store.active()] == [A, B]
    store.sync([replace(SUBSCRIPTIONS[0], active=False)], now=NOW)
    assert store.active() == []


# --- several feeds at once ------------------------------------------------------------------------


def test_what_several_feeds_bring_is_saved_at_once(store: Store) -> None:
    shared = entry("1", "https://x/1")
    deliveries = [
        Delivery(feed(store, at), [one], fingerprints([one]))
        for at, one in ((A, shared), (B, replace(shared, sightings=entry("b").sightings)))
    ]
    saved = store.save_all(deliveries, now=NOW, tagger=tags_of)
    assert saved == [Saved(new=1), Saved(unchanged=1)]
    (article,) = store.find()
    assert [one.feed_url for one in article.sightings] == [A, B]


def test_of_several_deliveries_all_or_none_is_saved(store: Store) -> None:
    good = Delivery(feed(store), [entry("1")], frozenset())
    unknown = Delivery(replace(feed(store, B), id=99), [entry("2")], frozenset())
    with pytest.raises(StoreError):
        store.save_all([good, unknown], now=NOW, tagger=tags_of)
    assert store.count() == 0


# --- articles -------------------------------------------------------------------------------------


def test_an_article_survives_a_round_trip(store: Store) -> None:
    full = replace(
        entry("1", "https://x/1", categories=("World", "日本")),
        updated=NOW,
        authors=("Ann", "Bo"),
        language="en",
        image="https://x/i.png",
        enclosures=(Enclosure("https://x/a.mp3", "audio/mpeg", 10**30), Enclosure("https://x/b")),
        comments=Comments("https://x/c", None, 3),
        dateline=Dateline("JERUSALEM", "Reuters", date(2026, 2, 17)),
        words=12,
        title="A \x00 title",
    )
    save(store, full)
    stored = store.article(full.id)
    assert stored is not None
    sighting = replace(full.sightings[0], feed_title="Alpha")
    assert stored == replace(full, sightings=(sighting,), tags=stored.tags)
    assert [tag.label for tag in stored.tags] == ["World", "日本"]


@pytest.mark.parametrize("guid", ["a\x00b", "\x00", '"', "\\", "\x7f\u2028", "a" * 100_000, "[1]"])
def test_an_odd_guid_is_recognised_again(store: Store, guid: str) -> None:
    assert save(store, entry(guid)).new == 1
    assert save(store, entry(guid, title="Changed")) == Saved(updated=1)


def test_broken_text_is_refused_whole(store: Store) -> None:
    with pytest.raises(StoreError, match="broken text"):
        save(store, entry("1"), entry("2", title="\ud800"))
    assert store.count() == 0


def test_articles_come_in_the_order_asked(store: Store) -> None:
    one, two, three = entry("1"), entry("2"), entry("3")
    save(store, one, two, three)
    assert ids(store.articles([three.id, "unknown", one.id])) == [three.id, one.id]
    assert store.articles([]) == []
    assert store.article("unknown") is None


def test_find_gives_newest_first_over_many_pages(store: Store) -> None:
    many = [entry(str(n), published=NOW - (n // 3) * HOUR) for n in range(450)]
    save(store, *many)
    found = list(store.find())
    assert len(found) == 450
    assert [a.date for a in found] == sorted((a.date for a in many), reverse=True)
    assert ids(store.find(limit=201)) == ids(found[:201])
    assert ids(store.find(limit=0)) == []
    late = [a.id for a in found if NOW - 100 * HOUR <= a.date < NOW - HOUR]
    assert len(late) > 200
    assert ids(store.find(since=NOW - 100 * HOUR, until=NOW - HOUR)) == late


def test_find_filters_by_feed_tag_and_half_open_dates(store: Store) -> None:
    one = entry("1", "https://x/1", categories=("Iran",), published=NOW - 3 * HOUR)
    two = entry("2", published=NOW - 2 * HOUR)
    other = entry("3", at=B, categories=("Iran",), published=NOW - HOUR)
    save(store, one, two)
    save(store, other, entry("b", "https://x/1", at=B), at=B)
    assert ids(store.find(feed=A)) == [two.id, one.id]
    assert ids(store.find(feed=B)) == [other.id, one.id]
    assert ids(store.find(tag="iran")) == [other.id, one.id]
    assert ids(store.find(feed=A, tag="iran")) == [one.id]
    assert ids(store.find(since=NOW - 2 * HOUR)) == [other.id, two.id]
    assert ids(store.find(since=NOW - 3 * HOUR, until=NOW - HOUR)) == [two.id, one.id]
    assert ids(store.find(tag="iran", until=NOW - HOUR)) == [one.id]
    assert ids(store.find(feed=B, tag="iran", since=NOW - HOUR)) == [other.id]
    assert ids(store.find(feed="https://nowhere.example/")) == []


def test_an_article_under_two_guids_is_found_once(store: Store) -> None:
    save(store, entry("old", "https://x/1"))
    save(store, entry("new", "https://x/1"))
    assert len(list(store.find(feed=A))) == 1


def test_find_goes_on_while_the_store_is_written(store: Store) -> None:
    save(store, *(entry(str(n), published=NOW - n * HOUR) for n in range(300)))
    found = store.find()
    first = next(found)
    save(store, entry("later", published=NOW + HOUR))
    assert len([first, *found]) == 300


# --- tags and counts ------------------------------------------------------------------------------


def test_tags_are_counted_with_their_newest_label(store: Store) -> None:
    save(
        store,
        entry("1", categories=("middle east", "Iran"), published=NOW - HOUR),
        entry("2", categories=("Middle East",), published=NOW),
        entry("3"),
    )
    assert store.tags() == [TagCount("middle-east", "Middle East", 2), TagCount("iran", "Iran", 1)]
    assert store.tags(limit=1) == [TagCount("middle-east", "Middle East", 2)]


def test_slugs_and_urls_are_told_in_words(store: Store) -> None:
    save(
        store,
        entry("1", categories=("middle east", "Oil"), published=NOW - HOUR),
        entry("2", categories=("Middle East",), published=NOW),
    )
    labels = {"middle-east": "Middle East", "oil": "Oil"}
    assert store.labels(["oil", "unknown", "middle-east"]) == labels
    assert store.labels([]) == {}
    assert store.titles([A, "https://unknown.example/"]) == {A: "Alpha"}


def test_days_are_cut_in_the_time_zone(store: Store) -> None:
    moments = [
        datetime(2026, 3, 28, 22, 59, tzinfo=UTC),
        datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 21, 59, tzinfo=UTC),  # the clocks went forward on that day
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    ]
    save(store, *(entry(str(n), published=when) for n, when in enumerate(moments)))
    counted = {date(2026, 3, 30): 1, date(2026, 3, 29): 2, date(2026, 3, 28): 1}
    assert list(store.days(BERLIN).items()) == list(counted.items())


def test_an_empty_store_has_no_days(store: Store) -> None:
    assert store.days(BERLIN) == {}
    assert store.last_change() == 0


# --- what changes an article without its publisher ------------------------------------------------


def test_articles_name_their_story_while_they_have_company_in_it(store: Store) -> None:
    one, two = entry("1", published=NOW - HOUR), entry("2", published=NOW)
    save(store, one, two)
    before = store.last_change()
    assert tell_as_one(store, one, two) == one.id
    tell_as_one(store, two)
    assert [each.story for each in store.find()] == [one.id, one.id]
    assert [c.id for c in store.changes(before, 10)] == [one.id, two.id]
    store.places.pin({two.id: two.id})
    assert [each.story for each in store.find()] == [None, None]
    assert [c.id for c in store.changes(before + 2, 10)] == [one.id, two.id]


def test_a_star_is_logged_when_it_changes(store: Store) -> None:
    one = entry("1")
    save(store, one)
    before = store.last_change()
    assert store.star(one.id)
    assert not store.star(one.id)
    assert store.article(one.id).starred
    assert store.star(one.id, starred=False)
    assert not store.star("unknown")
    assert store.changes(before, 10) == [Change(before + 2, one.id, before + 1)]


def test_retag_writes_what_differs(store: Store) -> None:
    many = [entry(str(n), categories=("Old", "Both")) for n in range(250)]
    untouched = entry("x", categories=("Both",))
    save(store, *many, untouched)
    before = store.last_change()
    both, new = Tag("both", "Both", "feed", "category Both"), Tag("new", "New", "rule", "a rule")

    def tagger(article):
        return (both,) if article.id == untouched.id else (both, new)

    planned = store.retag(tagger, dry_run=True)
    assert store.last_change() == before
    assert store.retag(tagger) == planned
    assert len(planned) == 250
    changed, old, now = planned[0]
    assert (changed, [t.slug for t in old], now) == (many[0].id, ["both", "old"], (both, new))
    assert {c.id for c in store.changes(before, 1000)} == {a.id for a in many}
    assert ids(store.find(tag="new", limit=1)) == [many[-1].id]
    assert store.tags() == [TagCount("both", "Both", 251), TagCount("new", "New", 250)]
    assert store.retag(tagger) == []


def test_a_tag_given_twice_counts_once(store: Store) -> None:
    one = entry("1")
    tag = Tag("iran", "Iran", "feed", "category")
    twice = [tag, replace(tag, source="rule")]
    store.save(feed(store), [one], present=fingerprints([one]), now=NOW, tagger=lambda a: twice)
    assert store.article(one.id).tags == (tag,)


def test_expired_articles_leave_tombstones(store: Store) -> None:
    long_ago = NOW - 500 * DAY
    old = entry("old", published=long_ago, first_seen=long_ago, categories=("Iran",))
    young = entry("young")
    lately_seen = entry("lately", published=long_ago)
    save(store, old, young, lately_seen, now=long_ago)
    save(store, replace(old, text="Other."), still=[young, lately_seen])
    assert store.expire(NOW - 400 * DAY, now=NOW) == 1
    assert store.count() == 2
    assert store.revisions(old.id) == []
    assert store.tags() == []
    assert store.changes(0, 100)[-1].deleted
    assert save(store, old, still=[young]) == Saved(unchanged=1)
    assert save(store, replace(old, title="Edited")) == Saved(unchanged=1)
    assert store.count() == 2
    assert store.problems() == []


def test_starred_articles_stay(store: Store) -> None:
    one = entry("1", published=NOW - 500 * DAY, first_seen=NOW - 500 * DAY)
    save(store, one)
    store.star(one.id)
    assert store.expire(NOW, now=NOW) == 0


def test_expiry_works_through_many_batches(store: Store) -> None:
    save(store, *(entry(str(n), first_seen=NOW - DAY) for n in range(450)))
    assert store.expire(NOW, now=NOW) == 450
    assert (store.count(), replay(store)) == (0, set())


def test_another_feed_brings_an_expired_article_back(store: Store) -> None:
    old = entry("1", "https://x/1", first_seen=NOW - DAY)
    save(store, old)
    store.expire(NOW, now=NOW)
    assert save(store, entry("b", "https://x/1", at=B), at=B).new == 1
    assert save(store, replace(old, title="Edited")) == Saved(unchanged=1)
    stored = store.article(old.id)
    assert [s.feed_url for s in stored.sightings] == [B, A]
    assert stored.title == "Title of b"


# --- change log -----------------------------------------------------------------------------------


def test_changes_keep_the_newest_of_each_article(store: Store) -> None:
    one, two = entry("1"), entry("2")
    save(store, one, two)
    save(store, replace(one, text="Edited."))
    assert store.changes(0, 10) == [
        Change(2, two.id, first=2, fresh=True),
        Change(3, one.id, first=1, fresh=True),
    ]
    assert store.changes(1, 10) == [Change(2, two.id, 2, fresh=True), Change(3, one.id, 3)]
    assert store.changes(0, 1) == [Change(1, one.id, 1, fresh=True)]
    assert store.changes(3, 10) == []


def test_an_article_is_fresh_when_the_first_change_asked_for_brought_it(store: Store) -> None:
    old = entry("1", "https://x/1", first_seen=NOW - DAY)
    save(store, old)
    store.expire(NOW, now=NOW)
    save(store, entry("b", "https://x/1", at=B), at=B)
    assert store.changes(0, 10) == [Change(3, old.id, 1, fresh=True)]
    assert store.changes(1, 10) == [Change(3, old.id, 2)]
    assert store.changes(2, 10) == [Change(3, old.id, 3, fresh=True)]


def test_pruned_changes_are_never_numbered_again(store: Store) -> None:
    save(store, entry("1"), entry("2"))
    assert store.prune_changes(99) == 2
    assert (store.last_change(), store.pruned_changes(), store.changes(0, 10)) == (2, 2, [])
    assert store.prune_changes(1) == 0
    save(store, entry("3"))
    assert [change.seq for change in store.changes(2, 10)] == [3]


def test_maintenance_keeps_everything(store: Store) -> None:
    one = entry("1", categories=("Iran",))
    save(store, one)
    save(store, replace(one, text="Edited."))
    before = list(store.find())
    store.optimize()
    assert list(store.find()) == before
    assert store.revisions(one.id) == [Revision(one.title, "", "<p>Text.</p>", "Text.", NOW)]
    assert store.problems() == []
