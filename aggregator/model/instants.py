"""Instants as whole numbers, as the store and the indexes keep them."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 in UTC: exact, unlike a float of seconds."""
    return (instant - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The inverse of `to_microseconds`, in UTC."""
    return EPOCH + value * MICROSECOND
