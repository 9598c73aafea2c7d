"""Local days as people write them: `2026-02-17`, `today`, `yesterday`, `7d` for seven days ago."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
_DAYS_AGO = re.compile(r"[0-9]{1,5}d")
_NAMED = {"today": 0, "yesterday": 1}


def written(text: str) -> date | timedelta:
    """The day, or how far back it lies; raises ValueError in words."""
    word = text.strip().lower()
    if word in _NAMED:
        return timedelta(days=_NAMED[word])
    if _DAYS_AGO.fullmatch(word):
        return timedelta(days=int(word[:-1]))
    try:
        day = date.fromisoformat(word)
    except ValueError as error:
        reason = f"{text[:40]!r} is no day; write 2026-02-17, today, yesterday or 7d"
        raise ValueError(reason) from error
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{text[:40]!r} lies outside the years 1900 to 2999")
    return day


def meant(day: date | timedelta | None, today: date) -> date | None:
    """The day that was written, seen from today."""
    return today - day if isinstance(day, timedelta) else day


def between(
    first: date | None, last: date | None, timezone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """The half-open interval from the beginning of one local day to the end of another."""
    return (
        datetime.combine(first, time(), timezone) if first else None,
        datetime.combine(last + timedelta(days=1), time(), timezone) if last else None,
    )
