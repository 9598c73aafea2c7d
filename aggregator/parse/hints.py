"""What a feed says about how often to come: RSS 2.0 ttl and skips, RSS 1.0 syndication module."""

import re
from datetime import timedelta

from aggregator.model import Hints

_TTL = re.compile(r"<ttl>\s*(?:<!\[CDATA\[)?\s*(\d{1,7})", re.IGNORECASE)
_PERIOD = re.compile(
    r"<sy:updatePeriod>\s*(?:<!\[CDATA\[)?\s*(hourly|daily|weekly|monthly|yearly)", re.IGNORECASE
)
_FREQUENCY = re.compile(r"<sy:updateFrequency>\s*(?:<!\[CDATA\[)?\s*(\d{1,5})", re.IGNORECASE)
_SKIP_HOURS = re.compile(r"<skipHours>(.{0,4000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS = re.compile(r"<skipDays>(.{0,4000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([A-Za-z]{3})[A-Za-z]*\s*</day>", re.IGNORECASE)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 730, "yearly": 8760}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read(head: str) -> Hints:
    """Return the hints that stand in `head`, the feed's text without its entries."""
    ttl = _TTL.search(head)
    return Hints(
        ttl=timedelta(minutes=int(ttl[1])) if ttl and int(ttl[1]) else None,
        skip_hours=_skip_hours(head),
        skip_days=_skip_days(head),
        update_period=_update_period(head),
    )


def _update_period(head: str) -> timedelta | None:
    period, frequency = _PERIOD.search(head), _FREQUENCY.search(head)
    if not period:
        return None
    times = max(1, int(frequency[1]) if frequency else 1)
    return timedelta(hours=_PERIODS[period[1].lower()]) / times


def _skip_hours(head: str) -> frozenset[int]:
    block = _SKIP_HOURS.search(head)
    hours = (int(hour) % 24 for hour in _HOUR.findall(block[1]) if int(hour) <= 24) if block else ()
    return frozenset(hours)


def _skip_days(head: str) -> frozenset[int]:
    block = _SKIP_DAYS.search(head)
    names = (name.lower() for name in _DAY.findall(block[1])) if block else ()
    return frozenset(_DAYS.index(name) for name in names if name in _DAYS)
