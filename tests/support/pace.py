"""Bounds of processor time that hold on a machine of any speed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

USUAL = 0.01
"""Seconds that `_count` takes on the machine that bounds are chosen on."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail when what is done takes more processor time than so many seconds of a usual machine."""
    began = time.process_time()
    yield
    spent = time.process_time() - began
    assert spent < seconds or spent < seconds * slowness(), f"took {spent:.1f} s"


def usual_seconds(work: Callable[[], object]) -> float:
    """Processor time that work takes, as if on a usual machine."""
    began = time.process_time()
    work()
    spent = time.process_time() - began
    return spent / slowness()


def slowness() -> float:
    """How many times slower than a usual machine this one is now, at least 1."""
    return max(1.0, *(_count() / USUAL for _ in range(3)))


def _count() -> float:
    began = time.process_time()
    words: dict[str, int] = {}
    for number in range(60_000):
        word = str(number % 1_000)
        words[word] = words.get(word, 0) + 1
    return time.process_time() - began
