"""Who is polled next, when feeds of many sites wait."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aggregator.pipeline.line import Lanes, Line


def line(per_site, *sites):
    waiting = Line(per_site)
    for feed, site in enumerate(sites):
        waiting.join(feed, site)
    return waiting


def test_sites_take_turns_and_each_keeps_its_order():
    assert line(9, *"aaabbc").call(99) == [0, 3, 5, 1, 4, 2]


def test_a_site_with_all_its_places_taken_is_passed_over():
    waiting = line(1, *"aaabb")
    assert waiting.call(99) == [0, 3]
    assert waiting.call(99) == []
    waiting.leave(3)
    assert waiting.call(99) == [4]
    waiting.leave(0)
    assert waiting.call(99) == [1]


def test_a_feed_is_in_line_until_it_leaves():
    waiting = line(1, "a")
    assert 0 in waiting
    waiting.call(1)
    assert 0 in waiting
    waiting.leave(0)
    assert 0 not in waiting


@given(
    st.lists(st.sampled_from("abc"), max_size=30),
    st.integers(1, 3),
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_everyone_is_called_once_and_no_site_is_crowded(sites, per_site, rooms, random):
    waiting, called, present = line(per_site, *sites), [], []
    while len(called) < len(sites) or present:
        fresh = list(waiting.call(random.choice(rooms)))
        present += fresh
        called += fresh
        assert max(Counter(sites[feed] for feed in present).values()) <= per_site
        waiting.leave(present.pop(random.randrange(len(present))))
    assert sorted(called) == list(range(len(sites)))
    assert waiting.call(99) == []


def lanes(patient, kinds):
    waiting = Lanes(9, patient)
    for feed, kind in enumerate(kinds):
        waiting.join(feed, feed, patient=kind == "p")
    return waiting


def test_patient_feeds_hold_up_each_other_only():
    waiting = lanes(2, "pppaaa")
    assert waiting.call(4) == [3, 4, 0, 1]
    assert waiting.call(9) == [5]
    waiting.leave(1)
    assert 1 not in waiting
    assert waiting.call(9) == [2]
    assert waiting.call(9) == []


def test_where_one_may_be_called_it_is_a_prompt_one():
    waiting = lanes(2, "ppa")
    assert waiting.call(1) == [2]
    assert waiting.call(0) == []
    assert waiting.call(1) == [0]


def test_prompt_feeds_leave_room_for_patient_ones():
    waiting = lanes(2, "ap" * 9)
    assert waiting.call(4) == [0, 2, 1, 3]
