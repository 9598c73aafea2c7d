"""Room in memory for bodies: what has been fetched may not pile up before it is read."""

import asyncio
from types import TracebackType
from typing import Self


class Room:
    """Bytes that all shares may take together; the oldest share that holds any is never refused.

    So one body always goes on, however large, and shares cannot wait for each other for ever.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._holders: dict[Share, None] = {}
        self._waiting: list[tuple[Share, int, asyncio.Future[None]]] = []

    def share(self) -> "Share":
        """A share that is given back at the end of its `with`."""
        return Share(self)

    def fits(self, share: "Share", more: int) -> bool:
        """Whether a share may grow by so many bytes now."""
        return more <= self._left or next(iter(self._holders), share) is share

    async def take(self, share: "Share", more: int) -> None:
        """Let a share grow as soon as there is room."""
        if self.fits(share, more):
            self._give(share, more)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((share, more, waiting))
        await waiting

    def take_back(self, share: "Share") -> None:
        """Give what a share held to those who wait for it."""
        self._left += share.size
        self._holders.pop(share, None)
        self._serve()

    def _give(self, share: "Share", more: int) -> None:
        self._left -= more
        self._holders[share] = None
        share.size += more

    def _serve(self) -> None:
        """Give room to those who wait for it and fit in now, the first first."""
        waiting, self._waiting = self._waiting, []
        for share, more, given in waiting:
            if given.done():
                continue
            if self.fits(share, more):
                self._give(share, more)
                given.set_result(None)
            else:
                self._waiting.append((share, more, given))


class Share:
    """What one body takes of the room; `with` it."""

    __slots__ = ("_room", "size")

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.size:
            self._room.take_back(self)

    def fits(self, size: int) -> bool:
        """Whether it may grow to this size now."""
        return size <= self.size or self._room.fits(self, size - self.size)

    async def reach(self, size: int) -> None:
        """Grow to at least this size, as soon as there is room."""
        if size > self.size:
            await self._room.take(self, size - self.size)
