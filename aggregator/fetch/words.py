"""Why a request failed, in words that a user understands."""

import errno
import re
import socket
from http import HTTPStatus

import aiohttp

from aggregator.fetch.bodies import BodyError
from aggregator.fetch.connections import InterimFloodError, LaboriousError

_BY_ERRNO = {
    errno.ECONNREFUSED: "{host} refused the connection",
    errno.ECONNRESET: "{host} broke off the connection",
    errno.EPIPE: "{host} broke off the connection",
    errno.EMFILE: "too many files are open here to connect to {host} (see `ulimit -n`)",
    errno.ENFILE: "too many files are open on this machine to connect to {host}",
    errno.EHOSTUNREACH: "{host} cannot be reached",
    errno.ENETUNREACH: "the network of {host} cannot be reached",
    errno.ETIMEDOUT: "{host} did not answer",
}
_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the name {host} could not be found"),
    (aiohttp.ClientProxyConnectionError, "the proxy could not be reached"),
    (aiohttp.ClientHttpProxyError, "the proxy refused to connect to {host}"),
    (aiohttp.ServerTimeoutError, "{host} did not answer in time"),
    (aiohttp.ServerDisconnectedError, "{host} closed the connection without an answer"),
    (InterimFloodError, "{host} sent interim answers without end"),
    (LaboriousError, "{host} sent an answer in too many pieces"),
    (aiohttp.ClientPayloadError, "{host} broke off in the middle of the answer"),
    (BodyError, "{host} sent a body whose compression is broken"),
    (aiohttp.InvalidURL, "this is not a valid address"),
    (aiohttp.ClientResponseError, "{host} sent an answer that is not valid HTTP"),
)
_BY_VERDICT = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself only",
    19: "is signed by nobody who is trusted",
    20: "is signed by nobody who is trusted, or comes without its chain",
    21: "is signed by nobody who is trusted, or comes without its chain",
    62: "is for other names",
    64: "is for other addresses",
}
"""By the number that OpenSSL gives a fault of a certificate (`X509_V_ERR_…`)."""
_BY_ALERT = {
    "wrong version number": "it does not speak TLS there",
    "packet length too long": "it does not speak TLS there",
    "record layer failure": "it does not speak TLS there",
    "unsupported protocol": "its versions of TLS are too old",
    "alert protocol version": "its versions of TLS are too old",
    "unrecognized name": "it does not know this name",
    "alert no application protocol": "it speaks HTTP/2 only",
}
"""By what OpenSSL says; Python does not know all of its numbers by name."""
_OURS = frozenset((errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE))
"""What keeps requests from leaving this machine."""
_HTTP2 = re.compile(r"\\x00\\x00.{1,4}\\x04(?:\\x00){4}")
"""What a server of HTTP/2 begins with (RFC 9113, section 3.4), as aiohttp quotes it."""
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
        if _HTTP2.search(error.message):
            return f"{host} speaks HTTP/2 only"
    if _is_lame_name(error):
        return f"the name servers gave no answer for {host}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"the certificate of {host} {_verdict(error)}"
    if isinstance(error, aiohttp.ClientSSLError):
        return f"no secure connection to {host} could be made{_alert(error)}"
    template = next((words for kind, words in _BY_TYPE if isinstance(error, kind)), None)
    if template is None and isinstance(error, OSError):
        template = _BY_ERRNO.get(_number(error))
    return (template or "the connection to {host} failed").format(host=host)


def may_be_ours(error: BaseException) -> bool:
    """Tell whether a request may have failed for want of a network of our own."""
    return _is_lame_name(error) or (isinstance(error, OSError) and _number(error) in _OURS)


def long_headers(host: str, limit: int) -> str:
    """Return that an answer's headers take more than `limit` bytes."""
    return f"{host} sent headers of more than {limit / 1e3:g} KB"


def private(host: str) -> str:
    """Return the refusal of a private address, and how to allow it."""
    return f"{host} is a private address (add it to settings.network.allow to poll it)"


def _is_lame_name(error: BaseException) -> bool:
    return isinstance(error, aiohttp.ClientConnectorDNSError) and error.errno == socket.EAI_AGAIN


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
    found = error.certificate_error
    message = getattr(found, "verify_message", "")
    usual = f"is not valid: {message}" if message else "is not valid"
    return _BY_VERDICT.get(getattr(found, "verify_code", 0), usual)


def _alert(error: aiohttp.ClientSSLError) -> str:
    said = str(error.os_error)
    return next((f": {reason}" for alert, reason in _BY_ALERT.items() if alert in said), "")


def _number(error: OSError) -> int:
    """Return the `errno` of an error; asyncio and aiohttp know of a reset without giving it."""
    wrapped = getattr(error, "os_error", error)
    is_reset = isinstance(error, ConnectionResetError) or isinstance(wrapped, ConnectionResetError)
    return error.errno or (errno.ECONNRESET if is_reset else 0)
