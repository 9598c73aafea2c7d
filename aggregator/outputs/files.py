"""Files that readers may open at any time: never torn, not touched without need."""

import os
from pathlib import Path
from threading import get_ident

from aggregator.errors import AggregatorError


def replace_file(path: Path, data: bytes) -> bool:
    """Writes a file beside its place and renames it there; says whether its bytes changed.

    Raises AggregatorError, leaving what was there.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.new")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as fault:
        raise AggregatorError(f"cannot write {path}: {fault.strerror or fault}") from fault
    return True
