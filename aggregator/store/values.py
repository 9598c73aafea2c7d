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
    return _EPOCH + value * _MICROSECOND


@overload
def moment(value: int) -> datetime: ...
@overload
def moment(value: int | None) -> datetime | None: ...
def moment(value: int | None) -> datetime | None:
    """A datetime in UTC from its column."""
    return None if value is None else _EPOCH + value * _MICROSECOND


def moment_column(moment: datetime | None) -> int | None:
    """The inverse of `moment`."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


@overload
def duration(value: int) -> timedelta: ...
@overload
def duration(value: int | None) -> timedelta | None: ...
def duration(value: int | None) -> timedelta | None:
    """A duration from its column, which counts microseconds."""
    return None if value is None else value * _MICROSECOND


def duration_column(duration: timedelta | None) -> int | None:
    """The inverse of `duration`."""
    return None if duration is None else duration // _MICROSECOND


def decoded(value: str | None) -> Any:
    """A list or mapping from its column; None for an empty one."""
    return None if value is None else json.loads(value)


def json_column(value: Any) -> str | None:
    """The inverse of `decoded`."""
    return encoded(value) if value else None
