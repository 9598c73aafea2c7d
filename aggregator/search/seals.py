"""Seals: what the files of a whoosh index must be, so that damage is noticed.

Whoosh neither checks nor flushes what it writes. Here every commit lists its files with their
sizes and checksums in `seal_N.json`, N being the commit's number, before it becomes visible:

    segment files, flushed  ─  seal_N.json  ─  _MAIN_N.toc renamed into place  ─  older files go
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zlib import crc32

from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC, LockError

from aggregator.errors import DamageError, SearchError
from aggregator.search import files
from aggregator.search.files import checksum, flush, write_whole

_ATTEMPTS: Final = 5
_POSTINGS: Final = ".pst"

Seal = dict[str, tuple[int, int]]
"""Size and CRC-32 by file name."""
Trusted = dict[str, tuple[int, int, int]]
"""Files that have been read and found right, as they were then: size, inode, time of change."""


def publish(directory: Path, toc: TOC, indexname: str, listed: Iterable[str]) -> None:
    """Let a commit of the `listed` files appear: it survives a power failure and can be checked."""
    name, content = _contents(toc, indexname)
    known = _seal(directory, toc.generation - 1)
    seal = {file: known.get(file) or _sealed(directory / file) for file in sorted(listed)}
    seal[name] = len(content), crc32(content)
    write_whole(_seal_path(directory, toc.generation), json.dumps(seal).encode("ascii"))
    write_whole(directory / name, content)
    for older in directory.glob("seal_*.json*"):
        if older != _seal_path(directory, toc.generation):
            older.unlink()


@contextmanager
def failures_told() -> Iterator[None]:
    """As `files.failures_told`; another process that writes is no damage."""
    with files.failures_told():
        try:
            yield
        except LockError as error:
            raise SearchError("the search index is being written by another process") from error


def check(directory: Path, trusted: Trusted, *, thorough: bool) -> None:
    """Raise DamageError unless the files of the newest commit are what was written.

    Postings, most of the bytes, are read only by a thorough check: else they are there in their
    sizes, and those that a search reads are checked then. Files found right before, `trusted`, are
    not read again.
    """
    for _ in range(_ATTEMPTS):
        generation = _newest(directory)
        problem = _problem(directory, generation, trusted, thorough)
        if problem is None:
            return
        if generation == _newest(directory):  # else another commit took the files away
            raise DamageError(f"the search index is damaged: {problem}")


def _contents(toc: TOC, indexname: str) -> tuple[str, bytes]:
    """The name and the bytes of a table of contents; its codec writes only to a storage."""
    memory = RamStorage()
    toc.write(memory, indexname)
    ((name, content),) = memory.files.items()
    return name, content


def _problem(directory: Path, generation: int, trusted: Trusted, thorough: bool) -> str | None:
    seal = _seal(directory, generation)
    if not seal:
        return "it has no seal" if generation >= 0 else "it has no table of contents"
    for name, expected in seal.items():
        unread = name.endswith(_POSTINGS) and not thorough
        if problem := _file_problem(directory / name, expected, trusted, unread):
            return f"{name} {problem}"
    return None


def _file_problem(
    path: Path, expected: tuple[int, int], trusted: Trusted, unread: bool
) -> str | None:
    try:
        status = path.stat()
        if status.st_size != expected[0]:
            return "has another size than was written"
        state = status.st_size, status.st_ino, status.st_mtime_ns
        if unread or trusted.get(path.name) == state:
            return None
        if checksum(path) != expected[1]:
            return "is not what was written"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    trusted[path.name] = state
    return None


def _newest(directory: Path) -> int:
    generations = (path.stem.rpartition("_")[2] for path in directory.glob("_MAIN_*.toc"))
    return max((int(number) for number in generations if number.isdigit()), default=-1)


def _seal_path(directory: Path, generation: int) -> Path:
    return directory / f"seal_{generation}.json"


def _seal(directory: Path, generation: int) -> Seal:
    """The seal of a commit; empty when it cannot be read."""
    try:
        listed: Mapping[str, Iterable[int]] = json.loads(
            _seal_path(directory, generation).read_bytes()
        )
        return {name: _pair(*values) for name, values in listed.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _pair(size: int, checksum: int) -> tuple[int, int]:
    return size, checksum


def _sealed(path: Path) -> tuple[int, int]:
    """Flush a file to the disk; its size and checksum."""
    flush(path)
    return path.stat().st_size, checksum(path)
