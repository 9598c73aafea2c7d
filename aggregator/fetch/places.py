"""Places for requests: few at a time, and a slow server holds up nobody but itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PROMPT = 2.0
"""Seconds after which a request counts as slow."""


class Places:
    """Lets `most` requests go on at a time, and beside them up to `slow` that count as slow.

    A slow one makes way as soon as there is such room, for its server may take as long as it is
    let: a byte a second, or nothing at all. Requests that are known for that share `patient` places
    of their own, so however many they are, they hold up each other only; 0 is no such places.
    """

    def __init__(self, most: int, slow: int, patient: int = 0) -> None:
        self._free = asyncio.Semaphore(most)
        self._patient = asyncio.Semaphore(patient) if patient else None
        self._slow = slow
        self._prompt: dict[object, float] = {}
        self._is_watched = False
        self._late: dict[object, None] = {}
        self._aside: set[object] = set()

    @asynccontextmanager
    async def place(self, *, patient: bool = False) -> AsyncIterator[None]:
        """Wait for a place, and have it: one of its own where the request is known to be slow."""
        if patient and self._patient is not None:
            async with self._patient:
                yield
            return
        await self._free.acquire()
        request = object()
        self._prompt[request] = asyncio.get_running_loop().time() + PROMPT
        if not self._is_watched:
            self._watch()
        try:
            yield
        finally:
            self._leave(request)

    def _watch(self) -> None:
        """Note who has grown late, and look again when the next one would be.

        One timer serves all, for they grow late in the order in which they began.
        """
        loop = asyncio.get_running_loop()
        while self._prompt:
            request, late = next(iter(self._prompt.items()))
            if late > loop.time():
                loop.call_at(late, self._watch)
                break
            del self._prompt[request]
            self._late[request] = None
        self._is_watched = bool(self._prompt)
        self._make_way()

    def _make_way(self) -> None:
        """Let those that are late go on beside the others, those that began first first."""
        while self._late and len(self._aside) < self._slow:
            request = next(iter(self._late))
            del self._late[request]
            self._aside.add(request)
            self._free.release()

    def _leave(self, request: object) -> None:
        if request in self._aside:
            self._aside.remove(request)
            self._make_way()
            return
        self._prompt.pop(request, None)
        self._late.pop(request, None)
        self._free.release()
