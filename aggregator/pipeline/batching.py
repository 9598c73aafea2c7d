"""Work that is cheaper for many at once: what several tasks hand in is done together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")

GATHERING = 0.02
"""Seconds that the first of a batch waits for others."""


class Batcher(Generic[A, R]):
    """Calls `work` with all that came within GATHERING seconds; it returns a result for each."""

    def __init__(self, work: Callable[[Sequence[A]], Awaitable[Sequence[R]]]) -> None:
        self._work = work
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []
        self._working: set[asyncio.Task[None]] = set()

    async def __call__(self, argument: A) -> R:
        """The result for one argument; raises what `work` raises for its batch."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((argument, result))
        if len(self._waiting) == 1:
            task = asyncio.create_task(self._run())
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return await result

    async def _run(self) -> None:
        await asyncio.sleep(GATHERING)
        batch, self._waiting = self._waiting, []
        try:
            results = await self._work([argument for argument, _ in batch])
        except Exception as error:  # it belongs to those who wait for the batch
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
        else:
            for (_, waiting), result in zip(batch, results, strict=True):
                if not waiting.done():
                    waiting.set_result(result)
