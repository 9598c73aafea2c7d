"""The HTTP client: one polite, bounded, conditional GET at a time, redirects by hand."""

import asyncio
import re
import socket
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import chain
from time import monotonic
from types import TracebackType
from typing import Any, Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from aggregator.errors import FetchError, RefusedError, SlowError, UnreachableError
from aggregator.fetch import addresses, bodies, headers, hosts, words
from aggregator.fetch import journey as journeys
from aggregator.fetch.connections import Connector
from aggregator.fetch.journey import Journey
from aggregator.fetch.names import Names
from aggregator.fetch.places import Places
from aggregator.fetch.room import Room, Share
from aggregator.model import Validators

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_ANSWERS = frozenset((200, 203))
_PARTIAL = 206
_NOT_MODIFIED = 304
_TOO_MANY = 429
_REFUSALS = frozenset((_TOO_MANY, 503))
_WHOLE_RANGE = re.compile(r"bytes 0-(\d{1,18})/(\d{1,18})", re.IGNORECASE)
_CHUNK = 65_536
_HASH_BYTES = 16
"""Of a body's SHA-256, which processors compute themselves: in half the time of BLAKE2."""
_NAMES_GIVEN_UP = 256
"""Lookups of names that may go on though nobody waits for them any more."""

_trusted: ContextVar[bool] = ContextVar("_trusted", default=False)
"""Whether the host of the current request was allowed by name, wherever it leads."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a client; `max_size` in bytes after decompression, 0 delay is none.

    `concurrency` requests go on at a time, and beside them up to `slow` that take long and up to
    `patient` that are known to.
    `timeout` is for a whole fetch with all its redirects, without waiting for its turn or for
    room in memory.
    A site that says 429 without saying for how long rests for `rest`, one that says 503 for ten
    times `host_delay`; `site_of` tells which hosts are one site. `max_headers` is in bytes.
    `allow` lists private hosts, `host:port`s and networks; `proxy` is an http:// URL.
    """

    concurrency: int = 32
    slow: int = 0
    patient: int = 0
    per_host: int = 2
    host_delay: timedelta = timedelta(seconds=1)
    timeout: timedelta = timedelta(seconds=30)
    connect_timeout: timedelta = timedelta(seconds=10)
    max_size: int = 10_000_000
    max_headers: int = 64_000
    max_redirects: int = 5
    rest: timedelta = timedelta(minutes=5)
    site_of: Callable[[str], str] = hosts.by_name
    user_agent: str = "aggregator"
    allow: tuple[str, ...] = ()
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A feed to fetch; `headers` are sent to its own origin only.

    `patient` says that it is known to take long, and waits for others of that kind.
    """

    url: str
    validators: Validators = Validators()  # noqa: RUF009 - frozen, so it may be shared
    headers: tuple[tuple[str, str], ...] = ()
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; `body` is None when it is what `Request.validators` describe.

    `url` answered in the end, `moved_to` is where permanent redirects led, `seconds` is the time
    from the first byte sent to the last one read, without waiting for room in memory; `hub` is
    what a Link header names as the WebSub hub.
    """

    url: str
    moved_to: str | None
    status: int
    body: bytes | None
    content_type: str | None
    validators: Validators
    max_age: timedelta | None
    seconds: float
    hub: str | None = None


class Client:
    """Fetches feeds; `async with` it. Private addresses are refused unless the limits allow them.

    The check is made on the address of every single connection, so neither a name that leads
    inside nor a redirect nor another notation passes it. What a proxy is asked for is resolved
    and checked before; a name that is known to the proxy alone is the proxy's to check. Cookies
    are neither kept nor sent.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._timeout = limits.timeout.total_seconds()
        self._allowed = addresses.read(limits.allow)
        self._places = Places(limits.concurrency, limits.slow, limits.patient)
        self._most = limits.concurrency + limits.slow + limits.patient
        self._hosts = hosts.Hosts(
            per_host=limits.per_host, delay=limits.host_delay, site_of=limits.site_of
        )
        self._usual_headers = CIMultiDict(
            {
                "User-Agent": limits.user_agent,
                "Accept": _ACCEPT,
                "Accept-Encoding": ", ".join(bodies.ENCODINGS),
            }
        )
        self._names = Names(
            self._most + _NAMES_GIVEN_UP,
            limits.connect_timeout.total_seconds(),
        )
        self._session: aiohttp.ClientSession | None = None
        self.site_of = limits.site_of

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=Connector(
                limit=self._most,
                names=self._names,
                open_socket=self._socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._limits.connect_timeout.total_seconds()
            ),
            auto_decompress=False,
            max_line_size=self._limits.max_headers,
            max_field_size=self._limits.max_headers,
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
        """Return the server's answer: 200, 203, a 206 of all, or 304 to a condition.

        The body grows within `share`, which the caller gives back; without one it takes what it
        takes. Raises FetchError, with the reason in plain words, for everything else: RefusedError
        for 429 and 503, RestingError while the site of a host that said so is left alone.
        """
        url = journeys.start(request.url)
        share = Room(0).share() if share is None else share
        journey = Journey(url, url, share, left=self._timeout)
        for _ in range(self._limits.max_redirects + 1):
            journey.visited.add(journey.url)
            response = await self._hop(request, journey)
            if response is not None:
                return response
        raise FetchError(f"redirects more than {self._limits.max_redirects} times", url=request.url)

    async def _hop(self, request: Request, journey: Journey) -> Response | None:
        """Make one request; return its answer, or None after a redirect."""
        host = journey.url.host or ""
        place = self._places.place(patient=request.patient)
        async with self._hosts.turn(host, request.url), place:
            started = monotonic()
            try:
                async with asyncio.timeout(journey.left) as journey.deadline:
                    return await self._exchange(request, journey, started)
            except TimeoutError as error:
                if isinstance(error, aiohttp.ServerTimeoutError):
                    reason = words.failure(error, host)
                else:
                    reason = f"{host} took longer than {self._timeout:g} s"
                raise SlowError(reason, url=request.url) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                kind = UnreachableError if words.may_be_ours(error) else FetchError
                raise kind(words.failure(error, host), url=request.url) from error
            finally:
                journey.left -= monotonic() - started
                journey.spent += monotonic() - started

    async def _exchange(
        self, request: Request, journey: Journey, started: float
    ) -> Response | None:
        assert self._session is not None
        await self._check_trust(request, journey.url)
        sent = self._headers(request, journey)
        async with self._session.get(
            journey.url.with_user(None) if "Authorization" in sent else journey.url,
            headers=sent,
            allow_redirects=False,
            proxy=self._limits.proxy,
        ) as answer:
            self._check_headers(request, answer)
            if answer.status in journeys.REDIRECTS:
                journey.redirect(answer.status, answer.headers.get("Location", "").strip())
                return None
            body = await self._body(request, journey, answer)
            seconds = journey.spent + monotonic() - started - journey.waited
            return _response(request, journey, answer, body, seconds)

    async def _check_trust(self, request: Request, url: URL) -> None:
        """Note whether the host is allowed by name; refuse private URLs that a proxy would open."""
        named = self._allowed.names(url.host or "", url.port)
        _trusted.set(named or self._limits.proxy is not None)
        if self._limits.proxy is not None and not named and await self._is_refused(url):
            raise FetchError(words.private(url.host or ""), url=request.url)

    async def _is_refused(self, url: URL) -> bool:
        """Tell whether a name leads to a private address, as far as that can be seen from here."""
        host = (url.host or "").rstrip(".")
        if addresses.is_local_name(host):
            return True
        try:
            found = await self._names.look_up(host, url.port or 0)
        except OSError:
            return False
        return not all(self._allowed.reaches(str(one[4][0]), url.port or 0) for one in found)

    def _check_headers(self, request: Request, answer: aiohttp.ClientResponse) -> None:
        size = sum(map(len, chain.from_iterable(answer.raw_headers))) + 4 * len(answer.raw_headers)
        if size > self._limits.max_headers:
            reason = words.long_headers(answer.url.host or "", self._limits.max_headers)
            raise FetchError(reason, url=request.url, status=answer.status)

    def _socket(self, info: Any) -> socket.socket:
        """Open the socket for one connection attempt, if its address may be connected to."""
        family, kind, protocol, _, address = info
        if not _trusted.get() and not self._allowed.reaches(address[0], address[1]):
            raise words.PrivateAddressError(words.PrivateAddressError.__name__)
        return socket.socket(family, kind, protocol)

    def _headers(self, request: Request, journey: Journey) -> CIMultiDict[str]:
        sent = self._usual_headers.copy()
        if request.validators.etag:
            sent["If-None-Match"] = request.validators.etag
        if request.validators.last_modified:
            sent["If-Modified-Since"] = request.validators.last_modified
        if journey.may_send_secrets():
            sent.update(request.headers)
        return sent

    async def _body(
        self, request: Request, journey: Journey, answer: aiohttp.ClientResponse
    ) -> bytes | None:
        host = journey.url.host or ""
        conditional = request.validators.etag or request.validators.last_modified
        if answer.status == _NOT_MODIFIED and conditional:
            self._hosts.welcomed(host)
            return None
        if answer.status in _REFUSALS:
            raise self._refused(request, host, answer)
        if answer.status not in _ANSWERS and not _is_whole_range(answer):
            raise FetchError(
                words.status(answer.status),
                url=request.url,
                status=answer.status,
                retry_after=headers.retry_after(answer.headers, datetime.now(UTC)),
            )
        self._hosts.welcomed(host)
        return await self._read(request, journey, answer)

    def _refused(self, request: Request, host: str, answer: aiohttp.ClientResponse) -> RefusedError:
        wish = headers.retry_after(answer.headers, datetime.now(UTC))
        return RefusedError(
            words.status(answer.status),
            url=request.url,
            status=answer.status,
            retry_after=wish,
            rest=self._hosts.refused(host, wish=wish, usual=self._usual_rest(answer.status)),
            host=host,
        )

    def _usual_rest(self, status: int) -> timedelta:
        return self._limits.rest if status == _TOO_MANY else 10 * self._limits.host_delay

    async def _read(
        self, request: Request, journey: Journey, answer: aiohttp.ClientResponse
    ) -> bytes:
        limit = self._limits.max_size
        try:
            if (answer.content_length or 0) > limit:
                raise bodies.OversizeError
            encodings = ",".join(answer.headers.getall("Content-Encoding", ()))
            unpacking = bodies.Unpacking(encodings, limit)
            await journey.make_room(answer.content_length or 0)
            body = bytearray()
            async for piece in answer.content.iter_chunked(_CHUNK):
                body += unpacking.feed(piece)
                await journey.make_room(len(body))
            unpacking.finish()
        except bodies.OversizeError as error:
            reason = f"is larger than {limit / 1e6:g} MB"
            raise FetchError(reason, url=request.url, status=answer.status) from error
        return bytes(body)


def _is_whole_range(answer: aiohttp.ClientResponse) -> bool:
    """Tell whether an answer is 206 with everything in it, though nobody asked for a part."""
    if answer.status != _PARTIAL:
        return False
    span = _WHOLE_RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    return span is not None and int(span[1]) + 1 == int(span[2]) == answer.content_length


def _response(
    request: Request,
    journey: Journey,
    answer: aiohttp.ClientResponse,
    body: bytes | None,
    seconds: float,
) -> Response:
    validators = _validators(request.validators, answer, body)
    changed = body is not None and validators.body_hash != request.validators.body_hash
    return Response(
        url=str(journey.url.with_user(None) if journey.url.raw_user else journey.url),
        moved_to=str(journey.moved_to) if journey.moved_to else None,
        status=answer.status,
        body=body if changed else None,
        content_type=answer.headers.get("Content-Type"),
        validators=validators,
        max_age=headers.max_age(answer.headers, datetime.now(UTC)),
        seconds=seconds,
        hub=headers.hub(answer.headers.getall("Link", ()), journey.url),
    )


def _validators(
    before: Validators, answer: aiohttp.ClientResponse, body: bytes | None
) -> Validators:
    """Return what an answer says of its body; a 304 has none, so what was asked with stays true.

    An ETag that comes with a 304 may be that of a newer document, which we do not have.
    """
    if body is None:
        return before
    return Validators(
        headers.etag(answer.headers),
        headers.last_modified(answer.headers, datetime.now(UTC)),
        sha256(body).digest()[:_HASH_BYTES],
    )
