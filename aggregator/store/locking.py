"""One process per data directory: a lock file that the kernel lets go when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

from aggregator import openfiles
from aggregator.errors import BusyError, StoreError

LOCK_FILE = "lock"
_STEP = 0.05
"""Seconds between two looks at a lock that another holds."""


@contextmanager
def lock(data: Path) -> Iterator[None]:
    """Hold the data directory, making it (mode 0700) where there is none.

    The file stays: deleting it would let two processes hold two files of one name. Raises
    BusyError with the holder's process id, StoreError where the file cannot be written.
    """
    with _open(data, LOCK_FILE) as descriptor:
        _acquire(descriptor, f"{data}/")
        yield


@contextmanager
def turn(data: Path, name: str, wait: timedelta) -> Iterator[None]:
    """Take turns at something in the data directory; threads of one process take turns, too.

    Raises BusyError with the holder's process id when it was not let go in time.
    """
    deadline = monotonic() + wait.total_seconds()
    with _open(data, name) as descriptor:
        while True:
            try:
                _acquire(descriptor, str(data / name))
                break
            except BusyError:
                if monotonic() >= deadline:
                    raise
                sleep(_STEP)
        yield


@contextmanager
def _open(data: Path, name: str) -> Iterator[int]:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{data}: cannot be locked: {openfiles.reason(error)}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, held: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        message = f"{held} is in use by another aggregator (pid {holder})"
        raise BusyError(message) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
