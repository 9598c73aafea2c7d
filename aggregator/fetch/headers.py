"""What response headers say about when to come again."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from yarl import URL

from aggregator import urls

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|[\s,])no-(?:cache|store)", re.IGNORECASE)
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
_LONGEST_WAIT = timedelta(hours=24)
_LONGEST_VALIDATOR = 1_024
_CLOCK_DRIFT = timedelta(days=1)
_ANY = "*"


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the wait that Retry-After asks for (RFC 9110, section 10.2.3), at most 24 h."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        wait = timedelta(seconds=min(int(value[:9]), 1 << 20))
    else:
        until = _moment(value)
        if until is None:
            return None
        wait = until - (_moment(headers.get("Date", "")) or now)
    return min(max(wait, timedelta()), _LONGEST_WAIT)


def max_age(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the answer stays fresh (RFC 9111, section 4.2), or None if unknown or over.

    Cache-Control wins over Expires; time already spent in caches (Age) counts.
    """
    control = headers.get("Cache-Control", "")
    match = _MAX_AGE.search(control)
    if _UNCACHED.search(control):
        return None
    if match:
        fresh = timedelta(seconds=int(match[1]))
    else:
        expires = _moment(headers.get("Expires"))
        if expires is None:
            return None
        fresh = expires - (_moment(headers.get("Date", "")) or now)
    age = headers.get("Age", "").strip()
    spent = timedelta(seconds=int(age[:9])) if age.isascii() and age.isdigit() else timedelta()
    return fresh - spent if fresh > spent else None


def etag(headers: Mapping[str, str]) -> str | None:
    """Return the ETag, quoted or not; None for one that cannot be sent back or fits any body.

    `If-None-Match: *` would ask whether there is a document at all (RFC 9110, section 13.1.2).
    """
    value = _validator(headers.get("ETag"))
    return None if value == _ANY else value


def last_modified(headers: Mapping[str, str], now: datetime) -> str | None:
    """Return Last-Modified; None for one that cannot be sent back or is yet to come.

    Nothing would count as modified since then, until then (RFC 9110, section 13.1.3).
    """
    value = _validator(headers.get("Last-Modified"))
    moment = _moment(value)
    return None if moment and moment > now + _CLOCK_DRIFT else value


def _validator(value: str | None) -> str | None:
    """Return what can be stored and sent back: short and printable ASCII (RFC 9110, 5.5)."""
    if value and len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable():
        return value
    return None


def hub(links: Sequence[str], base: URL) -> str | None:
    """Return the WebSub hub that Link headers name (W3C WebSub, section 4; RFC 8288)."""
    for link in _LINK.finditer(",".join(links)) if links else ():
        rel = _REL.search(link[2])
        if rel and "hub" in (rel[1] or rel[2] or "").lower().split():
            return urls.resolve(str(base), link[1])
    return None


def _moment(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
