"""Files of named arrays, read where they lie: a page of the file is in memory only when used.

8 bytes: the length of the head  ─  head: JSON, {name: [type, offset, length]}  ─  the arrays
"""

import json
from collections.abc import Mapping, Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_LENGTH: Final = 8
_ALIGNMENT: Final = 8


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays of one dimension into a new file; flushing it is the caller's."""
    offset = 0
    places = {}
    for name, array in arrays.items():
        places[name] = (array.dtype.str, offset, len(array))
        offset = _aligned(offset + array.nbytes)
    head = json.dumps(places).encode("ascii")
    head += b" " * (_aligned(len(head)) - len(head))
    with path.open("wb") as file:
        file.write(len(head).to_bytes(_LENGTH, "little") + head)
        for array in arrays.values():
            file.write(array.tobytes())
            file.write(bytes(_aligned(array.nbytes) - array.nbytes))


def read_arrays(path: Path) -> tuple[dict[str, Array], mmap]:
    """The arrays of a file, and the file as it lies in memory for `is_cut`.

    Raises anything but returns no array that goes beyond the file.
    """
    with path.open("rb") as file:
        content = mmap(file.fileno(), 0, access=ACCESS_READ)
    start = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    places = json.loads(content[_LENGTH:start])
    arrays = {
        name: np.ndarray(length, np.dtype(kind), content, start + offset)
        for name, (kind, offset, length) in places.items()
    }
    return arrays, content


def is_cut(content: mmap) -> bool:
    """Whether a file became shorter since: reading beyond its end would end the process."""
    return content.size() < len(content)


def narrow(array: Array) -> Array:
    """Natural numbers in the smallest type that holds them."""
    return array.astype(np.min_scalar_type(int(array.max(initial=0))))


def distinct(arrays: Sequence[Array]) -> Array:
    """The numbers of arrays in order, each once; of a single one, which is so, itself.

    As numpy.unique, whose first call imports much that a search does not need.
    """
    if len(arrays) == 1:
        return arrays[0]
    together = np.sort(np.concatenate(arrays))
    first = np.ones(len(together), bool)
    np.not_equal(together[1:], together[:-1], out=first[1:])
    return together[first]


def stretches(array: Array, starts: Array, lengths: Array) -> Array:
    """Stretches of an array, one after another."""
    before = np.cumsum(lengths, dtype=np.int64) - lengths
    taken: Array = array[np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))]
    return taken


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
