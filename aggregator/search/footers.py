"""Files of a tantivy index, and whether they are what was written.

Every file of a segment ends in a footer with a checksum of what is before it. The list of the
segments, `meta.json`, has none: `seal.json` holds its checksum, and what the files' sizes and times
were. It is written before a commit, to say that the list is about to change, and after it:

    seal.json: writing  ─  segment files, flushed  ─  meta.json renamed into place  ─  seal.json
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from aggregator.errors import DamageError
from aggregator.search.files import write_whole

META: Final = "meta.json"
_SEAL: Final = "seal.json"
_PARTS: Final = ("idx", "term", "pos", "store", "fast", "fieldnorm")
_ATTEMPTS: Final = 5
_BLOCK: Final = 1 << 20
_TAIL: Final = struct.Struct("<II")
_MAGIC: Final = 1337
_LONGEST_FOOTER: Final = 50_000

State = tuple[int, int, int]
"""A file as it is: size, time of change, inode."""
Trusted = dict[str, State]
"""Files that have been read and found right, as they were then."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The checksum of `meta.json`, unless a commit is `writing`; sizes and times of the files."""

    meta: int
    writing: bool = False
    files: Mapping[str, list[int]] = field(default_factory=dict)


def announce(directory: Path) -> None:
    """Say that a commit is about to change the list of segments."""
    known = _seal(directory) or Seal(0)
    _write(directory, Seal(known.meta, writing=True, files=known.files))


def seal(directory: Path) -> None:
    """Seal what a commit has written."""
    meta = (directory / META).read_bytes()
    files = {name: list(state(directory / name)[:2]) for name in _listed(meta)}
    _write(directory, Seal(crc32(meta), files=files))


def states(directory: Path) -> dict[Path, State]:
    """How the files of the newest commit are now."""
    names = (META, *_listed((directory / META).read_bytes()))
    return {directory / name: state(directory / name) for name in names}


def state(path: Path) -> State:
    """How a file is now; raises OSError."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def check(directory: Path, trusted: Trusted, *, thorough: bool) -> None:
    """Raise DamageError unless the files of the newest commit are what was written.

    Files whose size and time are those of the seal are read only by a thorough check; those found
    right before, `trusted`, are not read again.
    """
    for _ in range(_ATTEMPTS):
        sealed = _seal(directory)
        problem = _problem(directory, sealed, trusted, thorough)
        if problem is None:
            return
        if sealed == _seal(directory):  # else another commit has changed the files
            raise DamageError(f"the search index is damaged: {problem}")


def _problem(directory: Path, sealed: Seal | None, trusted: Trusted, thorough: bool) -> str | None:
    if sealed is None:
        return "it has no seal"
    try:
        meta = (directory / META).read_bytes()
        if not sealed.writing and crc32(meta) != sealed.meta:
            return f"{META} is not what was written"
        names = list(_listed(meta))
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        return f"{META} cannot be read: {error}"
    for name in names:
        unread = [] if thorough else sealed.files.get(name, [])
        if problem := _file_problem(directory / name, unread, trusted):
            return f"{name} {problem}"
    return None


def _file_problem(path: Path, unread: list[int], trusted: Trusted) -> str | None:
    try:
        now = state(path)
        if trusted.get(path.name) == now or list(now[:2]) == unread:
            return None
        if not _is_sound(path, now[0]):
            return "is not what was written"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    trusted[path.name] = now
    return None


def _is_sound(path: Path, size: int) -> bool:
    """Whether a file has the checksum that its footer says."""
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL.size))
        tail = file.read()
        length, magic = _TAIL.unpack(tail) if len(tail) == _TAIL.size else (0, 0)
        body = size - _TAIL.size - length
        if magic != _MAGIC or body < 0 or length > _LONGEST_FOOTER:
            return False
        file.seek(body)
        expected = _expected(file.read(length))
        file.seek(0)
        found = 0
        while body > 0 and (block := file.read(min(_BLOCK, body))):
            found, body = crc32(block, found), body - len(block)
    return found == expected


def _expected(footer: bytes) -> int | None:
    try:
        checksum: int = json.loads(footer)["crc"]
    except (ValueError, TypeError, LookupError):
        return None
    return checksum


def _listed(meta: bytes) -> Iterator[str]:
    """The files of all segments that a `meta.json` names."""
    segments: list[dict[str, Any]] = json.loads(meta)["segments"]
    for segment in segments:
        name = segment["segment_id"].replace("-", "")
        yield from (f"{name}.{part}" for part in _PARTS)
        if deletes := segment["deletes"]:
            yield f"{name}.{deletes['opstamp']}.del"


def _seal(directory: Path) -> Seal | None:
    """The seal; None when it cannot be read."""
    try:
        return Seal(**json.loads((directory / _SEAL).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _write(directory: Path, sealed: Seal) -> None:
    write_whole(directory / _SEAL, json.dumps(asdict(sealed)).encode("ascii"))
