"""Where one fetch has come to: its redirects, its time, and the room that its body takes."""

import asyncio
import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address
from time import monotonic

from yarl import URL

from aggregator.errors import FetchError
from aggregator.fetch.room import Share

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.IGNORECASE)
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)$", re.IGNORECASE)

_LONGEST = 4_096
"""Characters of an address, as in feeds.yaml: long names in other scripts take time to encode."""
_REMEMBERED = 4_096

PERMANENT = frozenset((301, 308))
REDIRECTS = PERMANENT | {302, 303, 307}


@dataclass(slots=True)
class Journey:
    """A fetch from its first request to its answer; `left` and `spent` are seconds."""

    origin: URL
    url: URL
    share: Share
    moved_to: URL | None = None
    permanent: bool = True
    visited: set[URL] = field(default_factory=set)
    left: float = 0.0
    spent: float = 0.0
    deadline: asyncio.Timeout | None = None
    waited: float = 0.0

    async def make_room(self, size: int) -> None:
        """Wait until the body may take `size` bytes; the time limit stands still meanwhile."""
        if self.share.fits(size):
            await self.share.reach(size)
            return
        assert self.deadline is not None
        began, end = monotonic(), self.deadline.when()
        self.deadline.reschedule(None)
        await self.share.reach(size)
        waited = monotonic() - began
        self.waited += waited
        self.deadline.reschedule(None if end is None else end + waited)

    def redirect(self, status: int, location: str) -> None:
        """Go on to where an answer leads; raises FetchError where that is nowhere."""
        asked = str(self.origin)
        if not location:
            raise FetchError("redirects, but does not say where", url=asked, status=status)
        target = self._target(asked, location)
        if target in self.visited:
            raise FetchError("redirects in a circle", url=asked, status=status)
        downgraded = self.url.scheme == "https" and target.scheme == "http"
        self.permanent &= status in PERMANENT and not downgraded
        self.url = target
        if self.permanent:
            self.moved_to = target

    def may_send_secrets(self) -> bool:
        """Tell whether headers and credentials of the first request may be sent on."""
        return _is_same_origin(self.origin, self.url)

    def _target(self, asked: str, location: str) -> URL:
        """Return where a redirect leads; credentials of the first URL stay with its origin."""
        if len(location) > _LONGEST:
            reason = f"redirects to an address longer than {_LONGEST:,} characters"
            raise FetchError(reason, url=asked)
        try:
            target = self.url.join(URL(_spelled(location))).with_fragment(None)
            is_web = _is_web(target)
        except ValueError as error:
            raise FetchError("redirects to an address that is not valid", url=asked) from error
        if not is_web:
            raise FetchError("redirects to an address that is not http or https", url=asked)
        target = target.with_user(None)
        if _is_same_origin(self.origin, target):
            return target.with_user(self.origin.user).with_password(self.origin.password)
        return target


@lru_cache(maxsize=_REMEMBERED)
def start(text: str) -> URL:
    """Return the URL to begin with; raises FetchError for what cannot be fetched.

    Feeds are asked again and again: their URLs are taken apart once.
    """
    try:
        url = URL(text.strip())
        is_web = _is_web(url)
    except ValueError as error:
        raise FetchError("this is not a valid address", url=text) from error
    if not is_web:
        raise FetchError("only http and https addresses can be fetched", url=text)
    return url.with_fragment(None) if url.raw_fragment else url


def _is_web(url: URL) -> bool:
    """Tell whether an address is http or https; ValueError for a host that is none.

    That is also UnicodeError, for a name that begins like punycode and is not.
    """
    if url.scheme not in ("http", "https") or not url.raw_host:
        return False
    if not url.host or not _is_plain(url.raw_host):
        raise ValueError(f"{url.raw_host} is no host")
    return True


def _is_plain(host: str) -> bool:
    """Tell whether all programs read a host as the same one (URL Standard, section 3.5).

    Not so escapes, zones, and names that end in a number but are no usual IPv4 address: a proxy
    may take them for a private address.
    """
    if ":" in host:
        return "%" not in host
    name = host.rstrip(".")
    if not _ENDS_IN_NUMBER.search(name):
        return _NAME.fullmatch(name) is not None
    try:
        return IPv4Address(name) is not None
    except ValueError:
        return False


def is_same_origin(asked: str, other: str) -> bool:
    """Tell whether what is secret of one URL may be sent to another; FetchError for no URL."""
    return _is_same_origin(start(asked), start(other))


def _spelled(location: str) -> str:
    """Return a Location whose raw bytes are no UTF-8 with these bytes escaped, as browsers do.

    Bytes that could not be decoded come as lone surrogates (PEP 383).
    """
    if location.isascii():
        return location
    sent = location.encode("utf-8", "surrogateescape")
    try:
        return sent.decode()
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in sent)


def _is_same_origin(origin: URL, url: URL) -> bool:
    """Tell whether what is secret may be sent; a step from http up to https is no other origin."""
    if url.host != origin.host:
        return False
    upgraded = (origin.scheme, origin.port, url.scheme, url.port) == ("http", 80, "https", 443)
    return upgraded or (url.scheme, url.port) == (origin.scheme, origin.port)
