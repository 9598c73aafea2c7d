"""Looking up names: each in a thread of its own, so that lame name servers hold up nobody else."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp import abc

Info = tuple[Any, ...]
"""What `socket.getaddrinfo` tells of an address."""


class Names(abc.AbstractResolver):
    """Asks the system for the addresses of names: at most `most` at a time, for `seconds` each.

    A lookup cannot be broken off: one that takes longer goes on, and keeps its place, but nobody
    waits for it. Its thread is a daemon, which does not keep the process.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._places = asyncio.Semaphore(most)
        self._seconds = seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[abc.ResolveResult]:
        """What aiohttp wants to know; raises OSError for a name that is not found in time."""
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            abc.ResolveResult(
                hostname=host,
                host=_written(info),
                port=info[4][1],
                family=info[0],
                proto=info[2],
                flags=numeric,
            )
            for info in await self.look_up(host, port, family, socket.AI_ADDRCONFIG)
        ]

    async def look_up(
        self, host: str, port: int, family: int = socket.AF_UNSPEC, flags: int = 0
    ) -> Sequence[Info]:
        """What `socket.getaddrinfo` tells; raises OSError for a name that is not found in time."""
        found: asyncio.Future[Sequence[Info]] = asyncio.get_running_loop().create_future()

        def ask() -> Sequence[Info]:
            return socket.getaddrinfo(
                host, port, family=family, type=socket.SOCK_STREAM, flags=flags
            )

        try:
            async with asyncio.timeout(self._seconds):
                await self._places.acquire()
                _start(ask, found, self._places)
                return await found
        except TimeoutError as error:
            raise socket.gaierror(socket.EAI_AGAIN, "the name servers took too long") from error

    async def close(self) -> None:
        """Nothing is held."""


def _start(
    ask: Callable[[], Sequence[Info]],
    found: "asyncio.Future[Sequence[Info]]",
    places: asyncio.Semaphore,
) -> None:
    """Let a thread ask; it gives back its place when it has ended, whoever waits still."""
    loop = asyncio.get_running_loop()

    def end(answer: Sequence[Info], error: Exception | None) -> None:
        places.release()
        if found.done():
            return
        if error is None:
            found.set_result(answer)
        else:
            found.set_exception(error)

    def run() -> None:
        answer: Sequence[Info] = ()
        error: Exception | None = None
        try:
            answer = ask()
        except (OSError, UnicodeError) as failed:
            error = failed if isinstance(failed, OSError) else socket.gaierror(str(failed))
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(end, answer, error)

    try:
        threading.Thread(target=run, name=f"look up {id(found)}", daemon=True).start()
    except RuntimeError as error:
        places.release()
        raise OSError("no thread could be started") from error


def _written(info: Info) -> str:
    """The address as it is written, with the zone of one that is link-local (RFC 4007)."""
    address = info[4]
    if info[0] == socket.AF_INET6 and address[3]:
        return socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
    return str(address[0])
