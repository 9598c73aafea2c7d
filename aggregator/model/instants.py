"""Instants as whole numbers, as the store and the indexes keep them, and those that bound days."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 in UTC: exact, unlike a float of seconds."""
    return (instant - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The inverse of `to_microseconds`, in UTC."""
    return EPOCH + value * MICROSECOND


def bounds(day: date, timezone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of a local day and the first of the next, in UTC: 23 to 25 hours apart."""
    start, end = (
        datetime.combine(each, time(), timezone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return start, end
