"""Uvicorn as one task among the background poller's."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import uvicorn

from aggregator.errors import AggregatorError
from aggregator.pipeline.newsroom import Newsroom
from aggregator.web.app import make_app

log = logging.getLogger("aggregator")

STOP_SECONDS = 2


class _Server(uvicorn.Server):
    """Leaves signals to the poller."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def server(
    newsroom: Newsroom, *, host: str, port: int
) -> Callable[[asyncio.Event], Coroutine[Any, Any, None]]:
    """A coroutine function that serves until its event is set.

    The address is taken at once: raises AggregatorError where it can't be had. Port 0 takes any.
    """
    listening = _listen(host, port)

    async def serve(stopping: asyncio.Event) -> None:
        config = uvicorn.Config(
            make_app(newsroom),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            server_header=False,
        )
        web = _Server(config)
        serving = asyncio.create_task(web.serve(sockets=[listening]))
        address = listening.getsockname()
        log.info("pages on http://%s:%d/", _bracketed(address[0]), address[1])
        await asyncio.wait(
            {serving, asyncio.create_task(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED
        )
        web.should_exit = True
        await serving

    return serve


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AggregatorError(f"cannot serve pages on {host}:{port}: {reason}") from error
    return listening


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
