from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import schedule
from aggregator.model import Feed, Hints

NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)  # a Tuesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOUNDS = schedule.Bounds(minimum=5 * MINUTE, maximum=DAY, default=30 * MINUTE)


def every(gap, count=10, since=timedelta()):
    return [NOW - since - gap * number for number in range(count)]


NO_HINTS = Hints()


def plan(arrivals=(), hints=NO_HINTS, fixed=None, bounds=BOUNDS, jitter=0.0, now=NOW, first=False):
    return schedule.after_success(
        now=now,
        rhythm=schedule.rhythm(arrivals, now=now, together=bounds.minimum),
        hints=hints,
        fixed=fixed,
        bounds=bounds,
        random=lambda: jitter,
        first=first,
    )


def after_failure(failures, retry_after=None, interval=30 * MINUTE, jitter=0.0):
    return schedule.after_failure(
        now=NOW,
        failures=failures,
        retry_after=retry_after,
        interval=interval,
        bounds=BOUNDS,
        random=lambda: jitter,
    )


# --- the feed's own rhythm ----------------------------------------------------------------------


def test_a_feed_is_polled_twice_in_its_usual_gap():
    made = plan(every(40 * MINUTE))
    assert made == schedule.Plan(
        NOW + 20 * MINUTE, 20 * MINUTE, ("publishes about every 40 min: polled every 20 min",)
    )


def test_an_unknown_feed_is_polled_in_the_default_interval():
    for arrivals in ((), [NOW - HOUR], [NOW + HOUR, NOW + 2 * HOUR]):
        made = plan(arrivals)
        assert made.interval == 30 * MINUTE
        assert made.why == ("its rhythm is not known yet: polled every 30 min",)


def test_articles_that_came_together_count_once():
    daily = [moment - second for moment in every(DAY) for second in (timedelta(), MINUTE)]
    assert plan(daily).interval == 12 * HOUR


def test_one_long_pause_does_not_change_the_rhythm():
    arrivals = every(HOUR, 5) + every(HOUR, 5, since=20 * DAY)
    assert plan(arrivals).interval == 30 * MINUTE


def test_a_feed_that_fell_quiet_is_polled_less_and_less():
    intervals = [plan(every(HOUR, since=quiet)).interval for quiet in (HOUR, 6 * HOUR, DAY)]
    assert intervals == [30 * MINUTE, HOUR, 4 * HOUR]
    assert plan(every(HOUR, since=90 * DAY)).interval == DAY
    assert "but has been quiet for 1 d: polled every 4 h" in plan(every(HOUR, since=DAY)).why[0]


def test_the_settings_bound_the_interval_and_say_so():
    assert plan(every(6 * MINUTE)).why == (
        "publishes about every 6 min: polled every 5 min (min-interval)",
    )
    assert plan(every(9 * DAY)).why == (
        "publishes about every 9 d: polled every 1 d (max-interval)",
    )


# --- what user and publisher ask for ------------------------------------------------------------


def test_a_fixed_interval_wins_over_everything():
    hints = Hints(ttl=DAY, skip_hours=frozenset(range(23)), max_age=DAY)
    made = plan(every(HOUR), hints, fixed=2 * MINUTE)
    assert (made.at, made.interval) == (NOW + 2 * MINUTE, 2 * MINUTE)
    assert made.why == ("feeds.yaml fixes the interval at 2 min",)


@pytest.mark.parametrize(
    ("hints", "words"),
    [
        (Hints(ttl=90 * MINUTE), "the feed's ttl asks for at least 1 h 30 min"),
        (Hints(update_period=90 * MINUTE), "the feed says that it is updated every 1 h 30 min"),
        (
            Hints(max_age=90 * MINUTE),
            "the server says that its answer stays fresh for 1 h 30 min",
        ),
    ],
)
def test_each_wish_of_the_publisher_makes_the_interval_longer(hints, words):
    made = plan(every(40 * MINUTE), hints)
    assert made.interval == 90 * MINUTE
    assert made.why[-1] == words
    assert plan(every(DAY), hints).interval == 12 * HOUR
    assert len(plan(every(DAY), hints).why) == 1


def test_the_longest_wish_decides_and_is_told_last():
    made = plan(every(HOUR), Hints(ttl=3 * HOUR, update_period=HOUR, max_age=2 * HOUR))
    assert made.interval == 3 * HOUR
    assert [reason.split()[1] for reason in made.why] == ["about", "feed", "server", "feed's"]


def test_no_wish_goes_beyond_the_maximum():
    made = plan(every(HOUR), Hints(ttl=30 * DAY))
    assert made.interval == DAY
    assert made.why[-1] == "never less often than every 1 d (max-interval)"


def test_skipped_hours_and_days_move_the_poll():
    hints = Hints(skip_hours=frozenset((12, 13)), skip_days=frozenset((1,)))
    made = plan(every(HOUR), hints)
    assert made.at == datetime(2026, 2, 18, 0, tzinfo=UTC)
    assert made.why[-1] == "the feed asks not to be polled before Wednesday 00:00 UTC"
    assert plan(every(HOUR), hints, jitter=0.5).at == made.at + 2.5 * MINUTE


def test_a_feed_that_asks_never_to_be_polled_is_not_obeyed():
    for hints in (Hints(skip_hours=frozenset(range(24))), Hints(skip_days=frozenset(range(7)))):
        assert plan(every(HOUR), hints).at == NOW + 30 * MINUTE


def test_what_was_first_polled_together_is_spread_over_half_of_the_interval():
    waits = [plan(first=True, jitter=jitter).at - NOW for jitter in (0, 0.5, 1)]
    assert waits == [30 * MINUTE, 37.5 * MINUTE, 45 * MINUTE]


def test_jitter_spreads_polls_over_a_tenth_of_the_interval():
    assert plan(every(40 * MINUTE), jitter=0.5).at == NOW + 21 * MINUTE
    assert plan(every(40 * MINUTE), jitter=0.5).interval == 20 * MINUTE


durations = st.timedeltas(timedelta(seconds=1), timedelta(days=40))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
hints = st.builds(
    Hints,
    ttl=st.none() | durations,
    update_period=st.none() | durations,
    max_age=st.none() | durations,
)
skips = st.builds(
    Hints,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
jitters = st.floats(0, 1, exclude_max=True)


@given(moments, st.lists(moments, max_size=30), hints, jitters)
def test_a_poll_is_never_sooner_than_the_minimum_nor_later_than_the_maximum(
    now, arrivals, asked, jitter
):
    made = plan(arrivals, asked, jitter=jitter, now=now)
    assert BOUNDS.minimum <= made.interval <= BOUNDS.maximum
    assert now + made.interval <= made.at <= now + BOUNDS.maximum
    assert made.why


@given(moments, st.lists(moments, max_size=9), skips, jitters)
def test_skipped_times_are_never_chosen_if_any_time_is_left(now, arrivals, asked, jitter):
    made = plan(arrivals, asked, jitter=jitter, now=now)
    assert now + BOUNDS.minimum <= made.at <= now + BOUNDS.maximum + 8 * DAY
    if len(asked.skip_hours) < 24 and len(asked.skip_days) < 7:
        assert made.at.hour not in asked.skip_hours
        assert made.at.weekday() not in asked.skip_days


# --- failures -----------------------------------------------------------------------------------


def test_failures_back_off_to_the_maximum():
    waits = [after_failure(failures).at - NOW for failures in (1, 2, 3, 7, 1000)]
    assert waits == [30 * MINUTE, HOUR, 2 * HOUR, DAY, DAY]
    assert after_failure(1).why == ("failed once: next try after 30 min",)
    assert after_failure(3).why == ("failed 3 times in a row: next try after 2 h",)


def test_the_interval_of_better_times_is_kept_through_failures():
    assert after_failure(5).interval == 30 * MINUTE


def test_the_servers_wish_to_wait_is_honoured():
    made = after_failure(1, retry_after=2 * HOUR)
    assert made.at == NOW + 2 * HOUR
    assert made.why[-1] == "the server asks to wait 2 h (Retry-After)"
    assert after_failure(1, retry_after=MINUTE).at == NOW + 30 * MINUTE


@given(st.integers(0, 10_000), st.none() | durations, durations, jitters)
def test_a_retry_is_never_too_soon_and_only_the_server_makes_it_late(
    failures, retry_after, interval, jitter
):
    wait = after_failure(failures, retry_after, interval, jitter).at - NOW
    assert max(BOUNDS.minimum, retry_after or BOUNDS.minimum) <= wait
    assert wait <= max(BOUNDS.maximum, interval, retry_after or BOUNDS.maximum)


# --- health -------------------------------------------------------------------------------------


def feed(**state):
    good = {"last_success": NOW, "last_new": NOW - HOUR, "seconds": 0.3}
    return Feed(id=1, **{"url": "https://a/", "fetch_url": "https://a/", **good, **state})


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, "ok"),
        ({"gone": True, "failures": 3}, "gone"),
        ({"failures": 1}, "failing"),
        ({"last_success": None, "last_new": None}, "new"),
        ({"last_success": None, "failures": 2}, "failing"),
        ({"fetch_url": "https://b/"}, "moved"),
        ({"seconds": 5.1}, "slow"),
        ({"seconds": None}, "ok"),
        ({"last_new": NOW - 31 * DAY}, "silent"),
        ({"last_new": NOW - 29 * DAY}, "ok"),
        ({"last_new": None}, "ok"),
    ],
)
def test_the_health_of_a_feed(state, expected):
    assert schedule.health(feed(**state), NOW) == expected


@pytest.mark.parametrize(
    ("gap", "quiet", "expected"),
    [
        (HOUR, 20 * HOUR, "ok"),
        (HOUR, 2 * DAY, "silent"),
        (7 * DAY, 20 * DAY, "ok"),
        (7 * DAY, 22 * DAY, "silent"),
    ],
)
def test_a_feed_is_silent_against_its_own_rhythm(gap, quiet, expected):
    rhythm = schedule.rhythm(every(gap, since=quiet), now=NOW, together=MINUTE)
    state = feed(last_new=NOW - quiet, rhythm=rhythm)
    assert schedule.health(state, NOW) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (45, "45 s"), (90, "1 min 30 s"), (3600, "1 h"), (90_061, "1 d 1 h")],
)
def test_durations_are_said_in_two_units(seconds, words):
    assert plan(fixed=timedelta(seconds=seconds)).why[0].endswith(f" at {words}")
