"""How the values of columns that SQLite has no type for are kept."""

import json
from datetime import datetime, timedelta
from typing import Any, overload

from aggregator.model.instants import EPOCH, MICROSECOND

encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@overload
def moment(value: int) -> datetime: ...
@overload
def moment(value: int | None) -> datetime | None: ...
def moment(value: int | None) -> datetime | None:
    """A datetime in UTC from its column."""
    return None if value is None else EPOCH + value * MICROSECOND


def moment_column(moment: datetime | None) -> int | None:
    """The inverse of `moment`."""
    return None if moment is None else (moment - EPOCH) // MICROSECOND


@overload
def duration(value: int) -> timedelta: ...
@overload
def duration(value: int | None) -> timedelta | None: ...
def duration(value: int | None) -> timedelta | None:
    """A duration from its column, which counts microseconds."""
    return None if value is None else value * MICROSECOND


def duration_column(duration: timedelta | None) -> int | None:
    """The inverse of `duration`."""
    return None if duration is None else duration // MICROSECOND


def decoded(value: str | None) -> Any:
    """A list or mapping from its column; None for an empty one."""
    return None if value is None else json.loads(value)


def json_column(value: Any) -> str | None:
    """The inverse of `decoded`."""
    return encoded(value) if value else None
