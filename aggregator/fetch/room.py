"""Room in memory for bodies: what has been fetched may not pile up before it is read."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Room:
    """Bytes that all shares may take together; the oldest share that holds any is never refused.

    So one body always goes on, however large, and shares cannot wait for each other for ever.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._holders: dict[Share, None] = {}
        self._waiting: list[asyncio.Future[None]] = []

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """A share that is given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            self._left += share.size
            self._holders.pop(share, None)
            for waiting in self._waiting:
                if not waiting.done():
                    waiting.set_result(None)
            self._waiting.clear()

    def fits(self, share: "Share", more: int) -> bool:
        """Whether a share may grow by so many bytes now."""
        return more <= self._left or next(iter(self._holders), share) is share

    def take(self, share: "Share", more: int) -> None:
        """Let a share grow."""
        self._left -= more
        self._holders[share] = None

    async def change(self) -> None:
        """Wait until a share is given back."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting


class Share:
    """What one body takes of the room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size = 0

    def fits(self, size: int) -> bool:
        """Whether it may grow to this size now."""
        return size <= self.size or self._room.fits(self, size - self.size)

    async def reach(self, size: int) -> None:
        """Grow to at least this size, as soon as there is room."""
        while not self.fits(size):
            await self._room.change()
        if size > self.size:
            self._room.take(self, size - self.size)
            self.size = size
