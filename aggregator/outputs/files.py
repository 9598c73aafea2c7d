"""Files that readers may open at any time: never torn, not touched without need."""

import os
import threading
from contextlib import suppress
from glob import escape
from pathlib import Path

from aggregator.errors import AggregatorError


def replace_file(path: Path, data: bytes) -> bool:
    """Writes a file beside its place and renames it there; says whether its bytes changed.

    What writers of the file left beside it when they died is removed. Raises AggregatorError,
    leaving what was there.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as fault:
        with suppress(OSError):
            beside.unlink()
        raise AggregatorError(f"cannot write {path}: {fault.strerror or fault}") from fault
    return True


def _sweep(path: Path) -> None:
    for left in path.parent.glob(f".{escape(path.name)}.*.*.new"):
        *_, process, thread, _ = left.name.split(".")
        if not _is_writing(int(process), int(thread)):
            left.unlink(missing_ok=True)


def _is_writing(process: int, thread: int) -> bool:
    if process == os.getpid():
        return any(each.ident == thread for each in threading.enumerate())
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
