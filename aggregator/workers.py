"""Worker processes that can be killed: hostile input is read in them, within bounds.

Frames on a worker's stdin and stdout are an 8-byte big-endian length and a pickle: in goes
(function, arguments, named arguments, processor seconds), out comes (outcome, value).
"""

import asyncio
import gc
import logging
import math
import os
import pickle
import resource
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, BinaryIO, Literal, ParamSpec, Self, TypeVar

from aggregator.errors import AggregatorError, ParseError

P = ParamSpec("P")
T = TypeVar("T")
Outcome = Literal["done", "refused", "memory", "depth", "broken"]

_LENGTH = struct.Struct(">Q")
_MEGABYTE = 1 << 20
_UNCOLLECTED = 50_000
"""New objects between two collections of garbage in a worker: reading makes many that stay."""
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
_log = logging.getLogger(__name__)


class Pool:
    """At most `size` worker processes, started when needed and replaced when they fail.

    A call may use `cpu_seconds` of processor time (rounded up to whole seconds) and `timeout`
    seconds of wall-clock time; a worker's address space is at most `memory_bytes`; after
    `recycle` calls it is replaced, for parsers leak.
    """

    def __init__(
        self,
        size: int,
        *,
        cpu_seconds: float = 10,
        memory_bytes: int = 1 << 30,
        timeout: float = 60,
        recycle: int = 500,
    ) -> None:
        self._cpu_seconds = math.ceil(cpu_seconds)
        self._memory_bytes = memory_bytes
        self._timeout = timeout
        self._recycle = recycle
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Worker] = []
        self._retired: set[_Worker] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._idle:
            self._retire(worker)
        self._idle.clear()
        await asyncio.gather(*(worker.ended() for worker in self._retired))

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a worker gets by calling `function`, which is found by its name.

        Raises what the function raises if that is an AggregatorError, and ParseError when the
        function fails otherwise or its worker exceeds a bound or dies. Cancelling ends the worker.
        """
        name = _name(function)
        async with self._slots:
            task = pickle.dumps((name, args, kwargs, self._cpu_seconds))
            worker = self._idle_worker() or await _Worker.start(self._memory_bytes)
            try:
                async with asyncio.timeout(self._timeout):
                    outcome, value = await worker.call(task)
            except TimeoutError:
                self._retire(worker)
                raise ParseError(f"took more than {self._timeout:g} s to read") from None
            except (EOFError, OSError) as error:
                self._retire(worker)
                raise ParseError(self._cause(await worker.ended())) from error
            except BaseException:
                self._retire(worker)
                raise
            self._release(worker, outcome)
        result: T = self._value(outcome, value)
        return result

    def _idle_worker(self) -> "_Worker | None":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._retire(worker)
        return None

    def _release(self, worker: "_Worker", outcome: Outcome) -> None:
        if outcome in ("done", "refused") and worker.calls < self._recycle:
            self._idle.append(worker)
        else:
            self._retire(worker)

    def _retire(self, worker: "_Worker") -> None:
        worker.kill()
        self._retired = {one for one in self._retired if one.is_alive} | {worker}

    def _value(self, outcome: Outcome, value: Any) -> Any:
        match outcome:
            case "done":
                return value
            case "refused":
                raise value
            case "memory":
                raise ParseError(self._too_much_memory())
            case "depth":
                raise ParseError("is nested too deeply to be read")
            case "broken":
                _log.debug("a worker failed:\n%s", value)
                reason = str(value).strip().rpartition("\n")[2][:200]
                raise ParseError(f"could not be read ({reason})")

    def _cause(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return f"took more than {self._cpu_seconds} s of processor time to read"
        if code == -signal.SIGKILL:
            return self._too_much_memory()
        if code < 0:
            return f"crashed its reader ({signal.Signals(-code).name})"
        return f"ended its reader (exit code {code})"

    def _too_much_memory(self) -> str:
        return f"needed more than {self._memory_bytes // _MEGABYTE} MB of memory to read"


class _Worker:
    """One worker process, seen from its parent."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.calls = 0

    @classmethod
    async def start(cls, memory_bytes: int) -> "_Worker":
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", __name__, str(memory_bytes)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(os.environ, sys.path),
                start_new_session=True,  # a Ctrl-C in the terminal is the parent's to handle
                limit=_MEGABYTE,
            )
        except OSError as error:
            raise ParseError(f"no process could be started to read it: {error.strerror}") from error
        return cls(process)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def call(self, task: bytes) -> tuple[Outcome, Any]:
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None
        assert writer is not None
        self.calls += 1
        writer.write(_LENGTH.pack(len(task)) + task)
        await writer.drain()
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        outcome, value = pickle.loads(await reader.readexactly(length))  # noqa: S301 - our process
        return outcome, value

    def kill(self) -> None:
        """End the process; not by the process object's own means, which may take its exit code."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for the process to end; return its exit code, or minus the signal that ended it."""
        await self._process.communicate()
        return await self._process.wait()


def _name(function: Callable[..., object]) -> str:
    if "<" in function.__qualname__ or function.__module__ == "__main__":
        raise ValueError(f"{function.__qualname__} cannot be found by name in a worker")
    return f"{function.__module__}:{function.__qualname__}"


def _environment(inherited: Mapping[str, str], path: list[str]) -> dict[str, str]:
    """Return what a worker may know of the environment: no secrets, our import path."""
    kept = {name: inherited[name] for name in _INHERITED if name in inherited}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, path))}


# --- inside a worker process --------------------------------------------------------------------


def serve(tasks: BinaryIO, results: BinaryIO, at_end: Callable[[], object]) -> None:
    """Answer the calls that come in on `tasks`; at its end call `at_end`, even amid a call."""
    queue: SimpleQueue[bytes | None] = SimpleQueue()
    threading.Thread(target=_receive, args=(tasks, queue, at_end), daemon=True).start()
    while (task := queue.get()) is not None:
        answer = _answer(task)
        results.write(_LENGTH.pack(len(answer)) + answer)
        results.flush()


def _receive(
    tasks: BinaryIO, queue: "SimpleQueue[bytes | None]", at_end: Callable[[], object]
) -> None:
    while len(header := tasks.read(_LENGTH.size)) == _LENGTH.size:
        queue.put(tasks.read(*_LENGTH.unpack(header)))
    at_end()
    queue.put(None)


def _answer(task: bytes) -> bytes:
    outcome: Outcome
    value: object = None
    try:
        name, args, kwargs, cpu_seconds = pickle.loads(task)  # noqa: S301 - comes from our parent
        module, _, qualname = name.partition(":")
        function = attrgetter(qualname)(import_module(module))
        _allow_processor_time(cpu_seconds)
        return pickle.dumps(("done", function(*args, **kwargs)), pickle.HIGHEST_PROTOCOL)
    except AggregatorError as error:
        outcome, value = "refused", _portable(error)
    except MemoryError:
        outcome = "memory"
    except RecursionError:
        outcome = "depth"
    except Exception:  # whatever a hostile document provokes becomes a reason
        outcome, value = "broken", traceback.format_exc()
    return pickle.dumps((outcome, value))


def _portable(error: AggregatorError) -> AggregatorError:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except TypeError:  # its constructor wants more than the message
        return ParseError(str(error))
    return error


def _allow_processor_time(seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = math.ceil(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


def _main(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.set_threshold(_UNCOLLECTED)
    with os.fdopen(os.dup(1), "wb") as results, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # what a library prints must not end up among the frames
        serve(sys.stdin.buffer, results, at_end=lambda: os._exit(0))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
