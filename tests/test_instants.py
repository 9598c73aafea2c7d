"""Instants as whole numbers: exact, in order, the same for the store and the indexes."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.instants import from_microseconds, to_microseconds

zones = st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)


@given(instants, instants)
def test_an_instant_is_told_exactly_and_in_order(one, other):
    assert from_microseconds(to_microseconds(one)) == one
    assert from_microseconds(to_microseconds(one)).tzinfo is UTC
    assert (one < other) == (to_microseconds(one) < to_microseconds(other))
