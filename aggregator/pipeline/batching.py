"""Work that is cheaper for many at once: what several tasks hand in is done together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")

GATHERING = 0.02
"""Seconds that the first of a batch waits for others."""


class Batcher(Generic[A, R]):
    """Calls `work` with what came within GATHERING seconds or while it was busy, in order.

    One that is `patient` waits on as long as others come in that time. `work` takes at most `most`
    arguments at once and returns a result for each. When it fails for several, it is called again
    for each alone: nobody suffers from what others have handed in. What is cancelled before its
    turn is left out.
    """

    def __init__(
        self,
        work: Callable[[Sequence[A]], Awaitable[Sequence[R]]],
        *,
        most: int,
        patient: bool = False,
    ) -> None:
        self._work = work
        self._most = most
        self._patient = patient
        self._waiting: deque[tuple[A, asyncio.Future[R]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, argument: A) -> R:
        """The result for one argument; raises what `work` raises for it."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((argument, result))
        if self._working is None:
            self._working = asyncio.create_task(self._run())
        return await result

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                size = min(self._most, len(self._waiting))
                await self._do([self._waiting.popleft() for _ in range(size)])
        finally:
            self._working = None

    async def _gather(self) -> None:
        came = 0
        while came < len(self._waiting) < self._most:
            came = len(self._waiting) if self._patient else self._most
            await asyncio.sleep(GATHERING)

    async def _do(self, batch: Sequence[tuple[A, asyncio.Future[R]]]) -> None:
        wanted = [one for one in batch if not one[1].done()]
        if not wanted:
            return
        try:
            results = await self._work([argument for argument, _ in wanted])
        except Exception as error:  # it belongs to those who wait for the batch
            await self._blame(wanted, error)
        else:
            for (_, waiting), result in zip(wanted, results, strict=True):
                if not waiting.done():
                    waiting.set_result(result)

    async def _blame(self, batch: Sequence[tuple[A, asyncio.Future[R]]], error: Exception) -> None:
        """Find out whose error it is."""
        if len(batch) > 1:
            for one in batch:
                await self._do([one])
        elif not batch[0][1].done():
            batch[0][1].set_exception(error)
