"""The HTTP client: one polite, bounded, conditional GET at a time, redirects by hand."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import monotonic
from types import TracebackType
from typing import Any, Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from aggregator.errors import FetchError
from aggregator.fetch import addresses, bodies, headers, words
from aggregator.fetch.room import Room, Share
from aggregator.model import Validators

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_PERMANENT = frozenset((301, 308))
_REDIRECTS = _PERMANENT | {302, 303, 307}
_ANSWERS = frozenset((200, 203))
_NOT_MODIFIED = 304
_LONGEST_HEADER = 32_768
_LONGEST_VALIDATOR = 1_024
_CHUNK = 65_536

_trusted: ContextVar[bool] = ContextVar("_trusted", default=False)
"""Whether the host of the current request was allowed by name, wherever it leads."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a client; `max_size` in bytes after decompression, 0 delay is none.

    `timeout` is for a whole fetch with all its redirects, without waiting for its turn or for
    room in memory.
    `allow` lists private hosts, `host:port`s and networks; `proxy` is an http:// URL.
    """

    concurrency: int = 32
    per_host: int = 2
    host_delay: timedelta = timedelta(seconds=1)
    timeout: timedelta = timedelta(seconds=30)
    connect_timeout: timedelta = timedelta(seconds=10)
    max_size: int = 10_000_000
    max_redirects: int = 5
    user_agent: str = "aggregator"
    allow: tuple[str, ...] = ()
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A feed to fetch; `headers` are sent to its own origin only."""

    url: str
    validators: Validators = Validators()  # noqa: RUF009 - frozen, so it may be shared
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; `body` is None when it is what `Request.validators` describe.

    `url` answered in the end, `moved_to` is where permanent redirects led, `seconds` is the time
    from the first byte sent to the last one read, without waiting for room in memory.
    """

    url: str
    moved_to: str | None
    status: int
    body: bytes | None
    content_type: str | None
    validators: Validators
    max_age: timedelta | None
    seconds: float


@dataclass(slots=True)
class _Host:
    slots: asyncio.Semaphore
    next_start: float = 0.0


@dataclass(slots=True)
class _Journey:
    """Where the redirects of one fetch have led so far."""

    origin: URL
    url: URL
    moved_to: URL | None = None
    permanent: bool = True
    visited: set[URL] = field(default_factory=set)
    left: float = 0.0
    spent: float = 0.0
    share: Share = field(default_factory=lambda: Share(Room(0)))
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


class Client:
    """Fetches feeds; `async with` it. Private addresses are refused unless the limits allow them.

    The check is made on the address of every single connection, so neither a name that leads
    inside nor a redirect nor another notation passes it. Through a proxy only addresses that
    stand in the URL can be checked. Cookies are neither kept nor sent.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._allowed = addresses.read(limits.allow)
        self._turns = asyncio.Semaphore(limits.concurrency)
        self._hosts: dict[str, _Host] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._limits.concurrency, socket_factory=self._socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._limits.connect_timeout.total_seconds()
            ),
            auto_decompress=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, request: Request, share: Share | None = None) -> Response:
        """Return the server's answer: 200, 203, or 304 to a conditional request.

        The body grows within `share`, which the caller gives back; without one it takes what it
        takes. Raises FetchError, with the reason in plain words, for everything else.
        """
        url = _url(request.url)
        journey = _Journey(url, url, left=self._limits.timeout.total_seconds())
        if share is not None:
            journey.share = share
        for _ in range(self._limits.max_redirects + 1):
            journey.visited.add(journey.url)
            response = await self._hop(request, journey)
            if response is not None:
                return response
        raise FetchError(f"redirects more than {self._limits.max_redirects} times", url=request.url)

    async def _hop(self, request: Request, journey: _Journey) -> Response | None:
        """Make one request; return its answer, or None after a redirect."""
        host = journey.url.host or ""
        async with self._turn(host):
            started = monotonic()
            try:
                async with asyncio.timeout(journey.left) as journey.deadline:
                    return await self._exchange(request, journey, started)
            except TimeoutError as error:
                if isinstance(error, aiohttp.ServerTimeoutError):
                    reason = words.failure(error, host)
                else:
                    reason = f"{host} took longer than {self._limits.timeout.total_seconds():g} s"
                raise FetchError(reason, url=request.url) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise FetchError(words.failure(error, host), url=request.url) from error
            finally:
                journey.left -= monotonic() - started
                journey.spent += monotonic() - started

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        """Wait for a slot of the host, for the end of its delay, then for a slot of the client."""
        name = name.removeprefix("www.")
        host = self._hosts.setdefault(name, _Host(asyncio.Semaphore(self._limits.per_host)))
        async with host.slots:
            now = monotonic()
            start = max(now, host.next_start)
            host.next_start = start + self._limits.host_delay.total_seconds()
            if start > now:
                await asyncio.sleep(start - now)
            async with self._turns:
                yield

    async def _exchange(
        self, request: Request, journey: _Journey, started: float
    ) -> Response | None:
        assert self._session is not None
        self._check_trust(request, journey.url)
        async with self._session.get(
            journey.url,
            headers=self._headers(request, journey),
            allow_redirects=False,
            proxy=self._limits.proxy,
        ) as answer:
            if answer.status in _REDIRECTS:
                self._redirect(request, journey, answer)
                return None
            body = await self._body(request, journey, answer)
            seconds = journey.spent + monotonic() - started - journey.waited
            return _response(request, journey, answer, body, seconds)

    def _check_trust(self, request: Request, url: URL) -> None:
        """Note whether the host is allowed by name; refuse private URLs that a proxy would open."""
        named = self._allowed.names(url.host or "", url.port)
        _trusted.set(named or self._limits.proxy is not None)
        if self._limits.proxy is not None and not named and self._is_refused(url):
            raise FetchError(words.private(url.host or ""), url=request.url)

    def _is_refused(self, url: URL) -> bool:
        host = url.host or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            numeric = socket.getaddrinfo(host, url.port, flags=socket.AI_NUMERICHOST)
        except OSError:
            return False
        return not all(self._allowed.reaches(str(one[4][0]), url.port or 0) for one in numeric)

    def _socket(self, info: Any) -> socket.socket:
        """Open the socket for one connection attempt, if its address may be connected to."""
        family, kind, protocol, _, address = info
        if not _trusted.get() and not self._allowed.reaches(address[0], address[1]):
            raise words.PrivateAddressError(words.PrivateAddressError.__name__)
        return socket.socket(family, kind, protocol)

    def _headers(self, request: Request, journey: _Journey) -> CIMultiDict[str]:
        sent = CIMultiDict(
            {
                "User-Agent": self._limits.user_agent,
                "Accept": _ACCEPT,
                "Accept-Encoding": ", ".join(bodies.ENCODINGS),
            }
        )
        if request.validators.etag:
            sent["If-None-Match"] = request.validators.etag
        if request.validators.last_modified:
            sent["If-Modified-Since"] = request.validators.last_modified
        if _is_same_origin(journey.origin, journey.url):
            sent.update(request.headers)
        return sent

    def _redirect(
        self, request: Request, journey: _Journey, answer: aiohttp.ClientResponse
    ) -> None:
        location = answer.headers.get("Location", "").strip()
        if not location:
            raise FetchError(
                "redirects, but does not say where", url=request.url, status=answer.status
            )
        target = _target(request.url, journey, location)
        if target in journey.visited:
            raise FetchError("redirects in a circle", url=request.url, status=answer.status)
        downgraded = journey.url.scheme == "https" and target.scheme == "http"
        journey.permanent &= answer.status in _PERMANENT and not downgraded
        journey.url = target
        if journey.permanent:
            journey.moved_to = target

    async def _body(
        self, request: Request, journey: _Journey, answer: aiohttp.ClientResponse
    ) -> bytes | None:
        conditional = request.validators.etag or request.validators.last_modified
        if answer.status == _NOT_MODIFIED and conditional:
            return None
        if answer.status not in _ANSWERS:
            raise FetchError(
                words.status(answer.status),
                url=request.url,
                status=answer.status,
                retry_after=headers.retry_after(answer.headers, datetime.now(UTC)),
            )
        return await self._read(request, journey, answer)

    async def _read(
        self, request: Request, journey: _Journey, answer: aiohttp.ClientResponse
    ) -> bytes:
        decoder = bodies.decoder(answer.headers.get("Content-Encoding", ""))
        too_large = FetchError(
            f"is larger than {self._limits.max_size / 1e6:g} MB",
            url=request.url,
            status=answer.status,
        )
        if (answer.content_length or 0) > self._limits.max_size:
            raise too_large
        await journey.make_room(answer.content_length or 0)
        body = bytearray()
        async for piece in answer.content.iter_chunked(_CHUNK):
            body += decoder.feed(piece, self._limits.max_size - len(body) + 1)
            if len(body) > self._limits.max_size:
                raise too_large
            await journey.make_room(len(body))
        decoder.finish()
        return bytes(body)


def _response(
    request: Request,
    journey: _Journey,
    answer: aiohttp.ClientResponse,
    body: bytes | None,
    seconds: float,
) -> Response:
    validators = replace(
        request.validators if body is None else Validators(),
        **dict(_sent_validators(answer, body)),
    )
    changed = body is not None and validators.body_hash != request.validators.body_hash
    return Response(
        url=str(journey.url.with_user(None)),
        moved_to=str(journey.moved_to) if journey.moved_to else None,
        status=answer.status,
        body=body if changed else None,
        content_type=answer.headers.get("Content-Type"),
        validators=validators,
        max_age=headers.max_age(answer.headers, datetime.now(UTC)),
        seconds=seconds,
    )


def _sent_validators(
    answer: aiohttp.ClientResponse, body: bytes | None
) -> Iterator[tuple[str, Any]]:
    """Yield what can be stored and sent back: short and printable ASCII (RFC 9110, 5.5)."""
    for name, header in (("etag", "ETag"), ("last_modified", "Last-Modified")):
        value = answer.headers.get(header, "")
        if 0 < len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable():
            yield name, value
    if body is not None:
        yield "body_hash", blake2b(body, digest_size=16).digest()


def _url(text: str) -> URL:
    try:
        url = URL(text.strip())
    except ValueError as error:
        raise FetchError("this is not a valid address", url=text) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise FetchError("only http and https addresses can be fetched", url=text)
    return url.with_fragment(None)


def _target(asked: str, journey: _Journey, location: str) -> URL:
    """Return where a redirect leads; credentials of the first URL stay with its origin."""
    try:
        target = journey.url.join(URL(location)).with_fragment(None)
    except ValueError as error:
        raise FetchError("redirects to an address that is not valid", url=asked) from error
    if target.scheme not in ("http", "https") or not target.host:
        raise FetchError("redirects to an address that is not http or https", url=asked)
    target = target.with_user(None)
    if _is_same_origin(journey.origin, target):
        return target.with_user(journey.origin.user).with_password(journey.origin.password)
    return target


def _is_same_origin(origin: URL, url: URL) -> bool:
    """Tell whether what is secret may be sent; a step from http up to https is no other origin."""
    if url.host != origin.host:
        return False
    upgraded = (origin.scheme, origin.port, url.scheme, url.port) == ("http", 80, "https", 443)
    return upgraded or (url.scheme, url.port) == (origin.scheme, origin.port)
