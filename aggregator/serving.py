"""The workers' own side: a template process that has imported everything, and forks that answer.

Orders to the template, on the socket that is its stdin, are a letter and a worker's number: FORK
comes with the worker's socket, END is answered by the number and the exit code. What goes over the
socket of a worker begins with an 8-byte big-endian length. In go how many buffers there are, a
pickle of (function, arguments, named arguments, processor seconds) and its buffers, each with its
length; out comes a pickle of (outcome, value).
"""

import errno
import gc
import math
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, Literal

from aggregator.errors import AggregatorError, ParseError

Outcome = Literal["done", "refused", "memory", "depth", "broken"]

LENGTH = struct.Struct(">Q")
ORDER = struct.Struct(">cI")
ENDED = struct.Struct(">Ii")
FORK, END = b"F", b"E"
NOT_FORKED = 1 << 16
"""Told as the exit code of a worker that could not be started."""
_UNCOLLECTED = 50_000
"""New objects between two collections of garbage in a worker: reading makes many that stay."""


def serve(tasks: BinaryIO, results: BinaryIO, at_end: Callable[[], object]) -> None:
    """Answer the calls that come in on `tasks`; at its end call `at_end`, even amid a call."""
    queue: SimpleQueue[list[bytes] | None] = SimpleQueue()
    threading.Thread(target=_receive, args=(tasks, queue, at_end), daemon=True).start()
    while (task := queue.get()) is not None:
        answer = _answer(task)
        results.write(LENGTH.pack(len(answer)) + answer)
        results.flush()


def _receive(
    tasks: BinaryIO, queue: "SimpleQueue[list[bytes] | None]", at_end: Callable[[], object]
) -> None:
    with suppress(ConnectionError):  # the end, too: a parent died with an answer unread
        while len(header := tasks.read(LENGTH.size)) == LENGTH.size:
            (buffers,) = LENGTH.unpack(header)
            queue.put([_piece(tasks) for _ in range(1 + buffers)])
    at_end()
    queue.put(None)


def _piece(tasks: BinaryIO) -> bytes:
    header = tasks.read(LENGTH.size)
    return tasks.read(*LENGTH.unpack(header)) if len(header) == LENGTH.size else b""


def _answer(task: list[bytes]) -> bytes:
    outcome: Outcome
    value: object = None
    try:
        pickled, *buffers = task
        name, args, kwargs, cpu_seconds = pickle.loads(pickled, buffers=buffers)  # noqa: S301 - our parent's
        module, _, qualname = name.partition(":")
        function = attrgetter(qualname)(import_module(module))
        _allow_processor_time(cpu_seconds)
        return _pickled(("done", function(*args, **kwargs)))
    except AggregatorError as error:
        outcome, value = "refused", _portable(error)
    except RecursionError:
        outcome = "depth"
    except Exception as error:  # whatever a hostile document provokes becomes a reason
        outcome = "memory" if _is_short_of_memory(error) else "broken"
        value = traceback.format_exc()
    return pickle.dumps((outcome, value))


def _is_short_of_memory(error: Exception) -> bool:
    """Tell whether memory ran out, perhaps as a module was first needed."""
    if isinstance(error, ImportError):
        return "failed to map" in str(error) or "cannot allocate" in str(error).lower()
    return isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM


class _Pickler(pickle.Pickler):
    """Gives dataclasses as the arguments of their constructors: half the work on both sides."""

    def reducer_override(self, value: object) -> Any:
        kind: Any = type(value)
        arguments = _arguments(kind)
        return (kind, arguments(value)) if arguments else NotImplemented


@cache
def _arguments(kind: type) -> Callable[[object], tuple[object, ...]] | None:
    """Return what gets the arguments by which a dataclass makes an equal one; None for others."""
    if not is_dataclass(kind):
        return None
    own = fields(kind)
    if not all(field.init and not field.kw_only for field in own):
        return None
    names = [field.name for field in own]
    return attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)


def _pickled(answer: object) -> bytes:
    pickled = BytesIO()
    _Pickler(pickled, pickle.HIGHEST_PROTOCOL).dump(answer)
    return pickled.getvalue()


def _portable(error: AggregatorError) -> AggregatorError:
    """Return an error as the parent will have it: without what its traceback holds in memory."""
    try:
        portable = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except TypeError:  # its constructor wants more than the message
        return ParseError(str(error))
    assert isinstance(portable, AggregatorError)
    return portable


def _allow_processor_time(seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = math.ceil(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


# --- the template -------------------------------------------------------------------------------


def _forked(orders: socket.socket) -> socket.socket | None:
    """Obey until the orders end, then return None; in a forked worker return its own socket."""
    workers: dict[int, int] = {}
    while True:
        order, sockets, _, _ = socket.recv_fds(orders, ORDER.size, 1)
        if len(order) < ORDER.size:
            return None
        what, number = ORDER.unpack(order)
        if what == END:
            orders.sendall(ENDED.pack(number, _ended(workers.pop(number, None))))
            continue
        with socket.socket(fileno=sockets[0]) as own, suppress(OSError):  # then it has no process
            workers[number] = os.fork()
            if workers[number] == 0:
                return own.dup()


def _ended(worker: int | None) -> int:
    """End a process if it still runs; return its exit code, or minus the signal that ended it."""
    if worker is None:
        return NOT_FORKED
    os.kill(worker, signal.SIGKILL)  # it is ours to wait for, so the number is still its own
    _, status = os.waitpid(worker, 0)
    return os.waitstatus_to_exitcode(status)


def _main(memory_bytes: int, module: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.set_threshold(_UNCOLLECTED)
    orders = socket.socket(fileno=os.dup(0))
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    import_module(module)
    gc.freeze()  # forks share the pages of what collections leave alone
    with orders:
        own = _forked(orders)
    if own is not None:
        os.setsid()
        with own, own.makefile("rb") as tasks, own.makefile("wb") as results:
            serve(tasks, results, at_end=lambda: os._exit(0))


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2])
