"""Why a request failed, in words that a user understands."""

import errno
import re
import socket
from http import HTTPStatus

import aiohttp

from aggregator.fetch.bodies import BodyError
from aggregator.fetch.connections import InterimFloodError

_BY_ERRNO = {
    errno.ECONNREFUSED: "{host} refused the connection",
    errno.ECONNRESET: "{host} broke off the connection",
    errno.EHOSTUNREACH: "{host} cannot be reached",
    errno.ENETUNREACH: "the network of {host} cannot be reached",
    errno.ETIMEDOUT: "{host} did not answer",
}
_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the name {host} could not be found"),
    (aiohttp.ClientProxyConnectionError, "the proxy could not be reached"),
    (aiohttp.ClientHttpProxyError, "the proxy refused to connect to {host}"),
    (aiohttp.ClientSSLError, "no secure connection to {host} could be made"),
    (aiohttp.ServerTimeoutError, "{host} did not answer in time"),
    (aiohttp.ServerDisconnectedError, "{host} closed the connection without an answer"),
    (InterimFloodError, "{host} sent interim answers without end"),
    (aiohttp.ClientPayloadError, "{host} broke off in the middle of the answer"),
    (BodyError, "{host} sent a body whose compression is broken"),
    (aiohttp.InvalidURL, "this is not a valid address"),
    (aiohttp.ClientResponseError, "{host} sent an answer that is not valid HTTP"),
)


_LONG_LINE = re.compile(r"Got more than (\d+) bytes")
"""How aiohttp says so; the exceptions that it wraps are not always there."""


class PrivateAddressError(OSError):
    """A name led to a private address that the user did not allow."""


def status(code: int) -> str:
    """Return `the server says 404 Not Found`, with the standard's phrase for the code."""
    try:
        return f"the server says {code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"the server says {code}"


def failure(error: BaseException, host: str) -> str:
    """Return the reason for a failed request to `host`; no library's own words."""
    if _is_private(error):
        return private(host)
    if isinstance(error, aiohttp.ClientResponseError):
        if long := _LONG_LINE.search(error.message):
            return long_headers(host, int(long[1]))
        if "Too many headers" in error.message:
            return f"{host} sent more headers than anybody needs"
    if isinstance(error, aiohttp.ClientConnectorDNSError) and error.errno == socket.EAI_AGAIN:
        return f"the name servers gave no answer for {host}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"the certificate of {host} is not valid{_verdict(error)}"
    template = next((words for kind, words in _BY_TYPE if isinstance(error, kind)), None)
    if template is None and isinstance(error, OSError):
        template = _BY_ERRNO.get(error.errno or 0)
    return (template or "the connection to {host} failed").format(host=host)


def long_headers(host: str, limit: int) -> str:
    """Return that an answer's headers take more than `limit` bytes."""
    return f"{host} sent headers of more than {limit / 1e3:g} KB"


def private(host: str) -> str:
    """Return the refusal of a private address, and how to allow it."""
    return f"{host} is a private address (add it to settings.network.allow to poll it)"


def _is_private(error: BaseException) -> bool:
    """Look through what aiohttp wraps around, and joins together from, several attempts."""
    seen: list[BaseException | None] = [error, error.__cause__, error.__context__]
    seen.append(getattr(error, "os_error", None))
    return any(
        isinstance(one, PrivateAddressError) or PrivateAddressError.__name__ in str(one)
        for one in seen
        if one is not None
    )


def _verdict(error: aiohttp.ClientConnectorCertificateError) -> str:
    message = getattr(error.certificate_error, "verify_message", "")
    return f": {message}" if message else ""
