"""Memory that is free goes back to the system: the C library keeps it for later, where it can."""

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Let the C library return what nobody uses any more; nothing happens where it cannot.

    What a chore took in a thread would stay with us for good, for the next one takes other pieces.
    """
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    """glibc's `malloc_trim`, which lets go of other threads meanwhile."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda _: None
    return trim
