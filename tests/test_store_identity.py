"""Which incoming entry is which stored article, and what an edit does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.model import Article, Comments, Revision, Subscription, article_id
from aggregator.store import Delivery, Saved, Store
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

X = "https://x.example/1"
Y = "https://x.example/2"
C = "https://c.example/feed"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened
        assert replay(opened) == {article.id for article in opened.find()}
        assert opened.problems() == []


def the_only(store: Store) -> Article:
    (article,) = store.find()
    return article


def slugs(article: Article) -> list[str]:
    return [tag.slug for tag in article.tags]


def guids(article: Article) -> list[tuple[str, str]]:
    return [(s.feed_url, s.guid) for s in article.sightings]


# --- edits ----------------------------------------------------------------------------------------


def test_saving_the_same_again_changes_nothing(store: Store) -> None:
    one = entry("1", X)
    save(store, one)
    before, changes = the_only(store), store.last_change()
    assert save(store, one) == Saved(unchanged=1)
    assert (the_only(store), store.last_change()) == (before, changes)


@pytest.mark.parametrize("field", ["title", "text"])
def test_an_edit_keeps_the_earlier_version(store: Store, field: str) -> None:
    save(store, entry("1", X, text="First.", title="First"))
    edited = entry("1", X, **{"text": "First.", "title": "First", field: "Second"})
    assert save(store, edited, now=NOW + HOUR) == Saved(updated=1)
    stored = the_only(store)
    assert (getattr(stored, field), stored.revisions) == ("Second", 1)
    kept = Revision("First", "", "<p>Text.</p>", "First.", NOW + HOUR)
    assert store.revisions(stored.id) == [kept]
    assert store.changes(1, 10)[0].id == stored.id


def test_white_space_is_no_edit(store: Store) -> None:
    save(store, entry("1", X, text="Two words."))
    assert save(store, entry("1", X, text="Two\n  words. ")) == Saved(unchanged=1)
    assert the_only(store).revisions == 0


@pytest.mark.parametrize(
    "fields",
    [{"comments": Comments("https://x/c", None, 4)}, {"updated": NOW + HOUR}],
)
def test_bookkeeping_is_saved_in_silence(store: Store, fields: dict[str, object]) -> None:
    save(store, entry("1", X, comments=Comments("https://x/c", None, 3)))
    changes = store.last_change()
    fields = {"comments": Comments("https://x/c", None, 3), **fields}
    assert save(store, entry("1", X, **fields)) == Saved(unchanged=1)
    stored = the_only(store)
    assert all(getattr(stored, name) == value for name, value in fields.items())
    assert store.last_change() == changes


@pytest.mark.parametrize(
    "fields",
    [
        {"image": "https://x/i.png"},
        {"authors": ("Ann",)},
        {"language": "de"},
        {"summary": "New."},
        {"words": 7},
        {"comments": Comments("https://x/c")},
        {"categories": ("Iran",)},
    ],
)
def test_what_is_searched_is_logged_without_a_revision(
    store: Store, fields: dict[str, object]
) -> None:
    save(store, entry("1", X))
    changes = store.last_change()
    assert save(store, entry("1", X, **fields)) == Saved(unchanged=1)
    assert store.last_change() == changes + 1
    assert the_only(store).revisions == 0


def test_categories_become_tags_and_leave_again(store: Store) -> None:
    save(store, entry("1", X, categories=("Iran", "Oil")))
    save(store, entry("1", X, categories=("Oil", "Gas")))
    assert [tag.slug for tag in the_only(store).tags] == ["gas", "oil"]


def test_an_edit_keeps_what_is_ours(store: Store) -> None:
    one = entry("1", X)
    other = entry("2", "https://x.example/2")
    save(store, one, other)
    store.star(one.id)
    story = tell_as_one(store, other, one)
    edited = entry("1", X, text="Other.", first_seen=NOW + DAY)
    save(store, edited, still=[other], now=NOW + DAY)
    stored = store.article(one.id)
    assert stored is not None
    assert (stored.starred, stored.story, stored.first_seen) == (True, story, NOW)


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "date", "expected"),
    [
        (NOW - HOUR, NOW, NOW - 2 * HOUR),  # moved, but not believed
        (NOW - HOUR, NOW - HOUR, NOW - HOUR),  # moved and believed
        (None, NOW, NOW - 2 * HOUR),  # taken away
        (NOW - 2 * HOUR, NOW, NOW - 2 * HOUR),  # as before
    ],
)
def test_the_sort_date_moves_only_with_a_believed_publication_date(
    store: Store, published: datetime | None, date: datetime, expected: datetime
) -> None:
    save(store, entry("1", X, published=NOW - 2 * HOUR, categories=("Iran",)))
    save(store, entry("1", X, published=published, date=date, categories=("Iran",)))
    assert the_only(store).date == expected
    assert [a.date for a in store.find(tag="iran", since=expected)] == [expected]
    assert [a.date for a in store.find(feed=A, since=expected)] == [expected]
    assert store.arrivals(feed(store).id, 5) == [expected]


def dates(store: Store, id: str) -> list[tuple[datetime, datetime]]:
    """The earlier dates of an article, each after its end."""
    return [pair for each in store.daybook.redated([id]).values() for pair in each.earlier]


def test_a_date_that_is_moved_is_kept(store: Store) -> None:
    one, other = entry("1", X, published=NOW - 2 * DAY), entry("2", Y)
    save(store, one, other)
    save(store, replace(one, words=2), now=NOW + HOUR)
    assert store.daybook.redated([one.id, other.id]) == {}
    for hours in (1, 2, 2):
        moved = entry("1", X, published=NOW + hours * HOUR)
        save(store, moved, now=NOW + hours * HOUR)
    assert dates(store, one.id) == [(NOW + HOUR, NOW - 2 * DAY), (NOW + 2 * HOUR, NOW + HOUR)]
    redated = store.daybook.redated([one.id, other.id])
    assert [*redated] == [one.id]
    assert redated[one.id].date == NOW + 2 * HOUR
    assert store.revisions(one.id) == []
    store.expire(NOW + DAY, now=NOW + DAY)
    assert store.daybook.redated([one.id, other.id]) == {}


def test_of_the_dates_of_one_instant_the_first_is_kept(store: Store) -> None:
    one = entry("1", X, published=NOW - DAY)
    save(store, one)
    moved = [entry("1", X, published=NOW - hours * HOUR) for hours in (3, 2)]
    deliveries = [Delivery(feed(store), [each], fingerprints([each])) for each in moved]
    store.save_all(deliveries, now=NOW, tagger=tags_of)
    assert the_only(store).date == NOW - 2 * HOUR
    assert dates(store, one.id) == [(NOW, NOW - DAY)]


def test_of_the_dates_of_a_local_day_the_last_is_kept(store: Store) -> None:
    one = entry("1", X, published=NOW - HOUR)
    save(store, one)
    for hours in (1, 2, 13, 14, 40):
        now = NOW + hours * HOUR
        save(store, entry("1", X, published=now), now=now)
    first, *_, last = (at for at, _ in dates(store, one.id))
    assert (first, last) == (NOW + HOUR, NOW + 40 * HOUR)
    assert store.forget_dates(ZoneInfo("Europe/Berlin")) == 3
    kept = [(NOW + 13 * HOUR, NOW + 2 * HOUR), (NOW + 40 * HOUR, NOW + 14 * HOUR)]
    assert dates(store, one.id) == kept
    assert store.forget_dates(ZoneInfo("Europe/Berlin")) == 0


def test_what_another_feed_dates_is_not_moved(store: Store) -> None:
    one = entry("1", X, published=NOW - DAY)
    save(store, one)
    save(store, entry("b", X, at=B), at=B)
    assert dates(store, one.id) == []


# --- several feeds --------------------------------------------------------------------------------


def test_another_feed_adds_a_sighting_and_its_tags_only(store: Store) -> None:
    one = entry("1", X, categories=("Iran",))
    save(store, one)
    foreign = entry("b", X, at=B, title="Hijacked", text="Hijacked", categories=("Oil",))
    assert save(store, foreign, at=B) == Saved(unchanged=1)
    stored = the_only(store)
    assert (stored.title, stored.text, stored.revisions) == (one.title, one.text, 0)
    assert guids(stored) == [(A, "1"), (B, "b")]
    assert [s.feed_title for s in stored.sightings] == ["Alpha", "Beta"]
    assert [tag.slug for tag in stored.tags] == ["iran", "oil"]
    assert store.last_change() == 2


def test_another_feed_never_edits(store: Store) -> None:
    save(store, entry("1", X))
    save(store, entry("b", X, at=B), at=B)
    save(store, entry("b", X, at=B, text="Hijacked"), at=B)
    assert the_only(store).text == "Text."
    assert store.known(feed(store, B).id) == fingerprints([entry("b", X, at=B, text="Hijacked")])


def test_the_first_active_carrier_edits_what_a_retired_feed_brought(store: Store) -> None:
    carriers = [Subscription(C), SUBSCRIPTIONS[1]]
    store.sync([*SUBSCRIPTIONS, *carriers], now=NOW)
    save(store, entry("1", X))
    save(store, entry("b", X, at=B), at=B)
    save(store, entry("c", X, at=C), at=C)
    store.sync(carriers, now=NOW)
    save(store, entry("c", X, at=C, text="Hijacked"), at=C)
    assert the_only(store).text == "Text."
    assert save(store, entry("b", X, at=B, text="Corrected"), at=B) == Saved(updated=1)
    assert the_only(store).text == "Corrected"
    assert guids(the_only(store)) == [(A, "1"), (B, "b"), (C, "c")]
    store.sync([Subscription(C)], now=NOW)
    assert save(store, entry("c", X, at=C, text="Once more"), at=C) == Saved(updated=1)


def test_who_brings_what_a_retired_feed_brought_edits_it_later_only(store: Store) -> None:
    save(store, entry("1", X))
    store.sync(SUBSCRIPTIONS[1:], now=NOW)
    assert save(store, entry("b", X, at=B, text="Excerpt"), at=B) == Saved(unchanged=1)
    assert the_only(store).text == "Text."
    assert save(store, entry("b", X, at=B, text="Corrected"), at=B) == Saved(updated=1)


def test_a_feed_that_comes_back_edits_its_articles_again(store: Store) -> None:
    save(store, entry("1", X))
    save(store, entry("b", X, at=B), at=B)
    store.sync(SUBSCRIPTIONS[1:], now=NOW)
    assert save(store, entry("1", X, text="Polled by hand")) == Saved(updated=1)
    store.sync(SUBSCRIPTIONS, now=NOW)
    assert save(store, entry("b", X, at=B, text="Hijacked"), at=B) == Saved(unchanged=1)
    assert save(store, entry("1", X, text="Corrected")) == Saved(updated=1)


def test_a_guid_belongs_to_its_feed(store: Store) -> None:
    save(store, entry("same"))
    save(store, entry("same", at=B), at=B)
    assert store.count() == 2


# --- guids and links ------------------------------------------------------------------------------


def test_a_known_guid_with_a_new_link_is_the_same_article(store: Store) -> None:
    save(store, entry("1", X))
    assert save(store, entry("1", Y)) == Saved(unchanged=1)
    stored = the_only(store)
    assert (stored.id, stored.url) == (article_id(X), Y)
    assert save(store, entry("b", Y, at=B), at=B) == Saved(unchanged=1)
    assert guids(the_only(store)) == [(A, "1"), (B, "b")]


def test_a_link_that_changes_back_is_still_the_same_article(store: Store) -> None:
    save(store, entry("1", X))
    save(store, entry("1", Y))
    assert save(store, entry("1", X)) == Saved(unchanged=1)
    assert the_only(store).url == X


def test_a_known_guid_whose_entry_is_still_there_is_another_entry(store: Store) -> None:
    first = entry("1", X)
    save(store, first)
    assert save(store, entry("1", Y), still=[first]).new == 1
    assert store.count() == 2


def test_a_guid_that_occurs_twice_tells_nothing(store: Store) -> None:
    save(store, entry("1", "https://x.example/0"))
    assert save(store, entry("1", X), entry("1", Y)).new == 2
    assert save(store, entry("1", X, text="Edited")) == Saved(updated=1)
    assert save(store, entry("1", "https://x.example/3")).new == 1
    assert store.count() == 4


def daily(day: int, guid: str = "daily", **fields: Any) -> Article:
    """The entry of a day: link, title and date are its own."""
    return entry(
        guid,
        f"https://x.example/day/{day}",
        **{"title": f"Day {day}", "published": NOW + (day - 9) * DAY, **fields},
    )


def test_a_guid_that_never_changes_stands_for_many_articles(store: Store) -> None:
    for day in range(1, 4):
        assert save(store, daily(day)).new == 1
        assert save(store, daily(day)) == Saved(unchanged=1)
        assert save(store, daily(day, text="Edited.")) == Saved(updated=1)
    assert save(store, daily(1, text="Once more.")) == Saved(updated=1)
    assert [a.title for a in store.find()] == ["Day 3", "Day 2", "Day 1"]
    assert {tuple(guids(a)) for a in store.find()} == {((A, "daily"),)}


@pytest.mark.parametrize(
    "kept", [{"title": "Day 1"}, {"published": NOW - 8 * DAY}, {"published": None}]
)
def test_an_entry_that_keeps_anything_is_the_same_under_its_guid(
    store: Store, kept: dict[str, Any]
) -> None:
    save(store, daily(1))
    assert save(store, daily(2, **kept)).new == 0
    assert the_only(store).id == daily(1).id


def test_guids_that_count_positions_do_not_mix_articles_up(store: Store) -> None:
    save(store, daily(3, "1"), daily(2, "2"), daily(1, "3"))
    assert save(store, daily(4, "1"), daily(3, "2"), daily(2, "3")).new == 1
    assert [a.title for a in store.find()] == ["Day 4", "Day 3", "Day 2", "Day 1"]
    assert {a.revisions for a in store.find()} == {0}
    again = daily(5, "1"), daily(4, "2"), daily(3, "3")
    assert save(store, *again) == Saved(new=1, unchanged=2, drifted=2)
    assert save(store, *again) == Saved(unchanged=3)


def test_an_entry_repeated_in_one_document_counts_once(store: Store) -> None:
    one = entry("1", X)
    assert save(store, one, one, entry("1", X, text="Later copy")) == Saved(new=1, unchanged=2)
    assert the_only(store).text == "Text."


def test_a_changed_guid_is_drift(store: Store) -> None:
    save(store, entry("old", X))
    assert save(store, entry("new", X, text="Edited")) == Saved(updated=1, drifted=1)
    assert guids(the_only(store)) == [(A, "old"), (A, "new")]
    assert save(store, entry("new", X, text="Edited")) == Saved(unchanged=1)


def test_drift_is_seen_in_a_feed_that_did_not_bring_the_article(store: Store) -> None:
    save(store, entry("1", X))
    save(store, entry("b", X, at=B), at=B)
    assert save(store, entry("c", X, at=B, text="Other"), at=B) == Saved(unchanged=1, drifted=1)
    assert the_only(store).text == "Text."


def test_entries_that_share_a_link_are_told_apart_by_guid(store: Store) -> None:
    first, second = entry("1", X, text="First."), entry("2", X, text="Second.")
    save(store, first)
    assert save(store, second, still=[first]) == Saved(new=1)
    assert {a.id for a in store.find()} == {article_id(X), article_id(f"{A}\n2")}
    assert save(store, entry("2", X, text="Edited."), still=[first]) == Saved(updated=1)
    assert {a.text for a in store.find()} == {"First.", "Edited."}


def test_entries_that_share_a_link_in_one_batch_are_all_kept(store: Store) -> None:
    batch = [entry(str(n), X, text=f"Text {n}.") for n in range(4)]
    assert save(store, *batch) == Saved(new=4)
    assert save(store, *batch) == Saved(unchanged=4)
    assert {a.text for a in store.find()} == {a.text for a in batch}


def test_of_two_copies_of_an_entry_the_one_that_was_stored_stays(store: Store) -> None:
    stored, copy = entry("1", X, text="First."), entry("1", X, text="Second.")
    assert save(store, stored, copy) == Saved(new=1, unchanged=1)
    assert save(store, copy, still=[stored]) == Saved(unchanged=1)
    assert the_only(store).text == "First."
    assert save(store, copy) == Saved(updated=1)


def test_a_copy_of_an_entry_that_shares_its_link_changes_nothing(store: Store) -> None:
    first, second = entry("1", X, text="First."), entry("2", X, text="Second.")
    save(store, first)
    save(store, second, still=[first])
    copy = entry("2", X, text="Second, copied.")
    assert save(store, copy, still=[first, second]) == Saved(unchanged=1)
    assert {a.text for a in store.find()} == {"First.", "Second."}


def test_entries_without_any_identity_of_their_own_are_one(store: Store) -> None:
    first, second = entry("1", X, text="First."), entry("2", Y, text="Second.")
    save(store, first, second)
    same = entry("3", X, text="Third."), entry("3", Y, text="Fourth.")
    assert save(store, *same, still=[first, second]) == Saved(new=1, unchanged=1)
    assert {a.text for a in store.find()} == {"First.", "Second.", "Third."}


def test_entries_taken_for_drift_part_when_both_come_back(store: Store) -> None:
    save(store, entry("1", X, text="First."))
    save(store, entry("2", X, text="Second."))
    both = entry("1", X, text="First, again."), entry("2", X, text="Second, again.")
    assert save(store, *both).new == 1
    assert save(store, *both) == Saved(unchanged=2)
    assert {a.text for a in store.find()} == {"First, again.", "Second, again."}


def test_an_entry_that_comes_back_beside_the_one_taken_for_it_is_another(store: Store) -> None:
    old = entry("1", X, text="First.", categories=("One",))
    new = entry("2", X, text="Second.", categories=("Two",))
    save(store, old)
    save(store, new)
    edited = entry("1", X, text="First, again.", categories=("One",))
    assert save(store, edited, still=[new]) == Saved(new=1)
    assert {a.text: slugs(a) for a in store.find()} == {
        "First, again.": ["one"],
        "Second.": ["two"],
    }
    assert save(store, edited, new) == Saved(unchanged=2)
    last = entry("1", X, text="First, at last.")
    assert save(store, last, entry("2", X, text="Second, too.")) == Saved(updated=2)
    assert {a.text for a in store.find()} == {"First, at last.", "Second, too."}


def test_an_entry_read_again_whole_parts_from_the_one_taken_for_it(store: Store) -> None:
    new = entry("2", X, text="Second.")
    save(store, entry("1", X, text="First."))
    save(store, new)
    assert save(store, entry("1", X, text="First, again."), new) == Saved(new=1, unchanged=1)
    assert {a.text for a in store.find()} == {"First, again.", "Second."}


def test_an_entry_whose_own_article_another_took_gets_one_more(store: Store) -> None:
    bare, new = entry("1", text="First."), entry("2", Y, text="Second.")
    save(store, bare)
    save(store, replace(entry("1", Y, text="First."), id=article_id(Y)))
    save(store, new)
    back = entry("1", text="First, again.")
    assert save(store, back, still=[new]) == Saved(new=1)
    assert save(store, new, back) == Saved(unchanged=2)
    assert {a.text for a in store.find()} == {"First, again.", "Second."}


def test_an_entry_whose_own_article_another_took_is_told_apart_by_its_link_too(
    store: Store,
) -> None:
    first, second = entry("1", X, text="First."), entry("2", X, text="Second.")
    save(
        store,
        *(replace(one, id=article_id(f"{A}\n{n + 1}")) for n, one in enumerate((first, second))),
    )
    save(store, entry("2", X, text="Second, edited."), still=[first])
    third, back = entry("3", X, text="Third."), entry("2", X, text="Second, again.")
    assert save(store, third) == Saved(updated=1, drifted=1)
    assert save(store, back, still=[third]) == Saved(new=1)
    assert {a.text for a in store.find()} == {"First.", "Third.", "Second, again."}
    assert save(store, back, third) == Saved(unchanged=2)


def test_a_second_guid_of_an_expired_article_stays_expired(store: Store) -> None:
    save(store, entry("old", X, first_seen=NOW - DAY))
    store.expire(NOW, now=NOW)
    assert save(store, entry("new", X)) == Saved(unchanged=1)
    assert save(store, entry("new", X, text="Edited")) == Saved(unchanged=1)
    assert store.count() == 0


# --- all guids and links at once ------------------------------------------------------------------


def batch(count: int, host: str) -> list[Article]:
    return [
        entry(f"{host}/{n}", f"https://{host}/{n}", title=f"Title {n}", published=NOW - n * HOUR)
        for n in range(count)
    ]


def test_a_feed_that_moves_to_another_host_is_not_doubled(store: Store) -> None:
    save(store, *batch(6, "old.example"))
    moved = batch(6, "new.example")
    assert save(store, *moved) == Saved(unchanged=6, drifted=6)
    assert {a.url for a in store.find()} == {a.url for a in moved}
    assert save(store, *moved) == Saved(unchanged=6)


def test_new_entries_among_moved_ones_are_new(store: Store) -> None:
    save(store, *batch(4, "old.example"))
    assert save(store, *batch(5, "new.example")) == Saved(new=1, unchanged=4, drifted=4)


def test_a_move_is_believed_from_three_entries_on(store: Store) -> None:
    save(store, *batch(2, "old.example"))
    assert save(store, *batch(2, "new.example")).new == 2


def test_a_move_is_believed_for_at_least_half_of_the_batch(store: Store) -> None:
    save(store, *batch(3, "old.example"))
    assert save(store, *batch(7, "new.example")).new == 7


def test_entries_that_are_still_there_have_not_moved(store: Store) -> None:
    old = batch(4, "old.example")
    save(store, *old)
    assert save(store, *batch(4, "new.example"), still=old).new == 4


def test_another_feed_may_carry_the_same_titles_at_the_same_time(store: Store) -> None:
    save(store, *batch(4, "old.example"))
    others = [
        entry(a.sightings[0].guid, a.url, at=B, title=a.title, published=a.published)
        for a in batch(4, "new.example")
    ]
    assert save(store, *others, at=B).new == 4


def test_a_title_and_date_that_stand_for_several_articles_prove_nothing(store: Store) -> None:
    same = [replace(a, title="Live", published=NOW, date=NOW) for a in batch(4, "old.example")]
    save(store, *same)
    again = [replace(a, title="Live", published=NOW, date=NOW) for a in batch(4, "new.example")]
    assert save(store, *again).new == 4


# --- all or nothing -------------------------------------------------------------------------------


def test_a_tagger_that_fails_leaves_the_store_as_it_was(store: Store) -> None:
    one = entry("1", X)
    polled = replace(feed(store), validators=replace(feed(store).validators, etag="new"))

    def failing(article: Article) -> tuple[()]:
        raise RuntimeError(article.id)

    with pytest.raises(RuntimeError):
        store.save(polled, [one], present=fingerprints([one]), now=NOW, tagger=failing)
    assert (store.count(), feed(store).validators.etag, store.last_change()) == (0, None, 0)
    assert store.save(polled, [one], present=fingerprints([one]), now=NOW, tagger=tags_of).new == 1
    assert feed(store).validators.etag == "new"


def test_the_tagger_sees_the_article_as_it_will_be_stored(store: Store) -> None:
    shown: list[Article] = []

    def tagger(article: Article) -> tuple[()]:
        shown.append(article)
        return ()

    save(store, entry("1", X, categories=("Iran",)))
    foreign = entry("b", X, at=B, title="Other", categories=("Oil",))
    store.save(feed(store, B), [foreign], present=frozenset(), now=NOW, tagger=tagger)
    (article,) = shown
    assert article.title == "Title of 1"
    assert [(s.feed_title, s.categories) for s in article.sightings] == [
        ("Alpha", ("Iran",)),
        ("Beta", ("Oil",)),
    ]
