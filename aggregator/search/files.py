"""Files of an index: written whole, flushed, checked; and what goes wrong with them, in words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zlib import crc32

from aggregator import openfiles
from aggregator.errors import AggregatorError, DamageError, SearchError

_BLOCK: Final = 1 << 20
_CIRCUMSTANCES: Final = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    }
)
"""Failures that say nothing about what is in the files."""


@contextmanager
def failures_told() -> Iterator[None]:
    """Turn what goes wrong with files into SearchError, and all else into DamageError.

    Engines raise almost anything when they read damaged files.
    """
    try:
        yield
    except AggregatorError:
        raise
    except MemoryError as error:
        raise SearchError("the search index cannot be used: not enough memory") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _CIRCUMSTANCES:
            raise SearchError(
                f"the search index cannot be used: {openfiles.reason(error)}"
            ) from error
        raise DamageError(f"the search index is damaged: {error!r}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that whoever opens it, at any time, sees the old one or this one."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    flush(path.parent)


def checksum(path: Path) -> int:
    """The CRC-32 of a file."""
    found = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found = crc32(block, found)
    return found


def flush(path: Path) -> None:
    """Have the system write a file or a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
