"""Memory: garbage that is collected seldom, and free memory that goes back to the system."""

import ctypes
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Final

UNCOLLECTED: Final = 10_000
"""New objects between two collections of garbage: few of ours refer to each other."""


def give_back() -> None:
    """Let the C library return what nobody uses any more; nothing happens where it cannot.

    What a chore took in a thread would stay with us for good, for the next one takes other pieces.
    """
    _trim()(0)


class _Garbage:
    """Garbage that is collected seldom while chores go on."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._chores = 0
        self._usual = gc.get_threshold()

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Collect garbage seldom and leave what is there now alone: it holds everything up.

        Chores of several threads may overlap: the first begins it, the last ends it.
        """
        with self._changing:
            if not self._chores:
                self._begin()
            self._chores += 1
        try:
            yield
        finally:
            with self._changing:
                self._chores -= 1
                if not self._chores:
                    self._end()

    def _begin(self) -> None:
        self._usual = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(UNCOLLECTED, *self._usual[1:])

    def _end(self) -> None:
        gc.set_threshold(*self._usual)
        gc.unfreeze()


settled: Final = _Garbage().settled


@cache
def _trim() -> Callable[[int], object]:
    """glibc's `malloc_trim`, which lets go of other threads meanwhile."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _: None
    return trim
