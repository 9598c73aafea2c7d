"""Connections of aiohttp, with bounds that it does not have itself."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from functools import partial
from socket import socket
from time import thread_time
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from aggregator.fetch.names import Names

MOST_INTERIM = 32
"""Interim answers (1xx) that may come before an answer: one or two are usual."""
MOST_SECONDS = 2.0
"""Processor time for taking one answer apart: 10 MB take milliseconds, chunks of a byte seconds."""
_SWITCHING = 101
_NOT_MODIFIED = (b"HTTP/1.1 304", b"HTTP/1.0 304")


class InterimFloodError(aiohttp.ClientConnectionError):
    """A server that sends interim answers without end."""


class LaboriousError(aiohttp.ClientConnectionError):
    """A server whose answer comes in pieces so small that it takes too long to put together."""


class Connector(aiohttp.TCPConnector):
    """Opens at most `limit` connections, each through a socket from `open_socket`."""

    def __init__(self, *, limit: int, names: Names, open_socket: Callable[[Any], socket]) -> None:
        super().__init__(limit=limit, resolver=names, socket_factory=open_socket)
        self._factory = partial(_conversation, self._loop)


class _Conversation(ResponseHandler):
    """What comes over one connection."""

    _interim = 0
    _spent = 0.0

    def set_response_params(self, **options: Any) -> None:
        """Make ready for the next answer."""
        self._spent = 0.0
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        """Take what came; what a server sends after the head of a 304 goes with its connection.

        There is no such body (RFC 9110, section 15.4.5), but some send one, or an empty chunk.
        """
        if data.startswith(_NOT_MODIFIED):
            head, end, rest = data.partition(b"\r\n\r\n")
            data = head + end
            if rest:
                self.force_close()
        began = thread_time()
        super().data_received(data)
        self._spent += thread_time() - began
        if self._spent > MOST_SECONDS:
            self._break_off(LaboriousError("an answer in endlessly many pieces"))

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take an answer's head; InterimFloodError awaits who reads too many that are none."""
        message = data[0]
        is_interim = 100 <= message.code < 200 and message.code != _SWITCHING
        self._interim = self._interim + 1 if is_interim else 0
        if self._interim <= MOST_INTERIM:
            super().feed_data(data, size)
        else:
            self._break_off(InterimFloodError("interim answers without end"))

    def _break_off(self, error: aiohttp.ClientConnectionError) -> None:
        """Leave the server; who waits for its head or its body learns why."""
        if self.exception() is not None:
            return
        self.set_exception(error)
        if self._payload is not None:
            self._payload.set_exception(error)
        if self.transport is not None:
            self.transport.abort()


def _conversation(loop: AbstractEventLoop) -> ResponseHandler:
    return _Conversation(loop)
