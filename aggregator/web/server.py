"""Uvicorn as one task among the background poller's."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from ipaddress import ip_address

import uvicorn

from aggregator.errors import AggregatorError
from aggregator.pipeline.newsroom import Newsroom
from aggregator.web.app import make_app

log = logging.getLogger("aggregator")

STOP_SECONDS = 2


class _Uvicorn(uvicorn.Server):
    """Leaves signals to the poller."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Server:
    """Serves the pages of a newsroom until an event is set.

    The address is taken at once: raises AggregatorError where it can't be had. Port 0 takes any.
    """

    def __init__(self, newsroom: Newsroom, *, host: str, port: int) -> None:
        self._app = make_app(newsroom)
        self._listening = _listen(host, port)

    @property
    def url(self) -> str:
        """Where the pages are: `http://127.0.0.1:8000/`."""
        host, port, *_ = self._listening.getsockname()
        return f"http://{_bracketed(host)}:{port}/"

    async def __call__(self, stopping: asyncio.Event) -> None:
        """Serve; a request that is being answered when the event comes has 2 seconds left."""
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            server_header=False,
        )
        web = _Uvicorn(config)
        serving = asyncio.create_task(web.serve(sockets=[self._listening]))
        log.info("pages on %s", self.url)
        await asyncio.wait(
            {serving, asyncio.create_task(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
        web.should_exit = True
        await serving


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`; a name that is not known may lead anywhere."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return False
    return all(ip_address(str(one[4][0]).partition("%")[0]).is_loopback for one in found)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with contextlib.ExitStack() as stack:
            listening = stack.enter_context(socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen()
            stack.pop_all()
    except OSError as error:
        reason = error.strerror or str(error)
        raise AggregatorError(f"cannot serve pages on {host}:{port}: {reason}") from error
    return listening


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
