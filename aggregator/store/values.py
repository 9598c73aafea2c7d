"""How the values of columns that SQLite has no type for are kept."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 in UTC: exact, unlike a float of seconds."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The inverse of `to_microseconds`, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


@overload
def moment(value: int) -> datetime: ...
@overload
def moment(value: int | None) -> datetime | None: ...
def moment(value: int | None) -> datetime | None:
    """A datetime in UTC from its column."""
    return None if value is None else from_microseconds(value)


def decoded(value: str | None) -> Any:
    """A list or mapping from its column; None for an empty one."""
    return None if value is None else json.loads(value)
