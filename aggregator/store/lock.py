"""One process per data directory: a lock file that the kernel lets go when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aggregator.errors import BusyError, StoreError

LOCK_FILE = "lock"


@contextmanager
def lock(data: Path) -> Iterator[None]:
    """Hold the data directory, making it (mode 0700) where there is none.

    The file stays: deleting it would let two processes hold two files of one name. Raises
    BusyError with the holder's process id, StoreError where the file cannot be written.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{data}: cannot be locked: {error.strerror}") from error
    try:
        _acquire(descriptor, data)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, data: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        message = f"{data}/ is in use by another aggregator (pid {holder})"
        raise BusyError(message) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
