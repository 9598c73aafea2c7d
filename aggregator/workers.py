"""Worker processes that can be killed: hostile input is read in them, within bounds.

They are forked from one template process, which `aggregator.serving` runs; what is said between the
processes is told there.
"""

import asyncio
import logging
import math
import os
import pickle
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from aggregator import openfiles, serving
from aggregator.errors import AggregatorError, ParseError
from aggregator.serving import Outcome

P = ParamSpec("P")
T = TypeVar("T")

_MEGABYTE = 1 << 20
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
_log = logging.getLogger(__name__)


class Pool:
    """At most `size` worker processes, forked when needed and replaced when they fail.

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
        self._template: _Template | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._idle:
            worker.kill()
        self._idle.clear()
        if self._template:
            await self._template.close()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a worker gets by calling `function`, which is found by its name.

        Raises what the function raises if that is an AggregatorError, and ParseError when the
        function fails otherwise or its worker exceeds a bound or dies. Cancelling ends the worker.
        """
        name = _name(function)
        async with self._slots:
            task = _task(name, args, kwargs, self._cpu_seconds)
            worker = self._idle_worker() or await self._forked(function.__module__)
            try:
                async with asyncio.timeout(self._timeout):
                    outcome, value = await worker.call(task)
            except TimeoutError:
                worker.kill()
                raise ParseError(f"took more than {self._timeout:g} s to read") from None
            except (EOFError, OSError) as error:
                raise ParseError(self._cause(await worker.kill())) from error
            except BaseException:
                worker.kill()
                raise
            self._release(worker, outcome)
        if outcome == "done":
            result: T = value
            return result
        try:
            raise self._error(outcome, value)
        finally:
            del value  # an error whose traceback leads to itself would keep the arguments

    def _idle_worker(self) -> "_Worker | None":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            worker.kill()
        return None

    async def _forked(self, module: str) -> "_Worker":
        """Return a new worker; the first call's module is what all of them have imported."""
        async with self._starting:
            if self._template and not self._template.is_alive:
                await self._template.close()
                self._template = None
            if self._template is None:
                self._template = await _Template.start(self._memory_bytes, module)
        return await self._template.fork()

    def _release(self, worker: "_Worker", outcome: Outcome) -> None:
        if outcome in ("done", "refused") and worker.calls < self._recycle:
            self._idle.append(worker)
        else:
            worker.kill()

    def _error(self, outcome: Outcome, value: Any) -> AggregatorError:
        match outcome:
            case "refused" if isinstance(value, AggregatorError):
                return value
            case "memory":
                return ParseError(self._too_much_memory())
            case "depth":
                return ParseError("is nested too deeply to be read")
        _log.debug("a worker failed:\n%s", value)
        reason = str(value).strip().rpartition("\n")[2][:200]
        return ParseError(f"could not be read ({reason})")

    def _cause(self, code: int | None) -> str:
        if code is None:
            return "lost its reader"
        if code == serving.NOT_FORKED:
            return _not_started("too many run, or there is no memory")
        if code == -signal.SIGXCPU:
            return f"took more than {self._cpu_seconds} s of processor time to read"
        if code == -signal.SIGKILL:
            return self._too_much_memory()
        if code < 0:
            return f"crashed its reader ({signal.Signals(-code).name})"
        return f"ended its reader (exit code {code})"

    def _too_much_memory(self) -> str:
        return f"needed more than {self._memory_bytes // _MEGABYTE} MB of memory to read"


class _Template:
    """The process from which workers are forked, seen from its parent."""

    def __init__(self, process: asyncio.subprocess.Process, orders: socket.socket) -> None:
        self._process = process
        self._orders = orders
        self._numbers = count()
        self._codes: dict[int, asyncio.Future[int | None]] = {}
        self.is_alive = True
        asyncio.get_running_loop().add_reader(orders, self._hear)

    @classmethod
    async def start(cls, memory_bytes: int, module: str) -> "_Template":
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", serving.__name__, str(memory_bytes), module),
                    stdin=theirs.fileno(),
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                    env=_environment(os.environ, sys.path),
                    start_new_session=True,  # a Ctrl-C in the terminal is the parent's to handle
                )
            except OSError as error:
                ours.close()
                raise ParseError(_not_started(openfiles.reason(error))) from error
            except BaseException:
                ours.close()
                raise
        ours.setblocking(False)
        return cls(process, ours)

    async def fork(self) -> "_Worker":
        number = next(self._numbers)
        ours, theirs = socket.socketpair()
        with theirs:
            self._order(serving.FORK, number, theirs)
        try:
            reader, writer = await asyncio.open_unix_connection(sock=ours, limit=_MEGABYTE)
        except BaseException:
            ours.close()
            self.end(number)
            raise
        return _Worker(self, number, reader, writer)

    def end(self, number: int) -> "asyncio.Future[int | None]":
        """End a worker, if it still runs.

        In time comes its exit code, or minus the signal that ended it; None where the template
        ended before it.
        """
        code = self._codes[number] = asyncio.get_running_loop().create_future()
        self._order(serving.END, number)
        return code

    async def close(self) -> None:
        """Wait for the workers that were to end, then end the template."""
        await asyncio.gather(*self._codes.values())
        self._leave()
        await self._process.wait()

    def _order(self, what: bytes, number: int, *sockets: socket.socket) -> None:
        if self.is_alive:
            try:
                order = serving.ORDER.pack(what, number)
                socket.send_fds(self._orders, [order], [one.fileno() for one in sockets])
            except OSError:
                self._leave()
        if not self.is_alive:
            self._give_up()

    def _hear(self) -> None:
        try:
            news = self._orders.recv(serving.ENDED.size)
        except OSError:
            news = b""
        if len(news) == serving.ENDED.size:
            self._tell(*serving.ENDED.unpack(news))
        else:
            self._leave()

    def _leave(self) -> None:
        """Let the template end, or learn that it has."""
        if self.is_alive:
            self.is_alive = False
            asyncio.get_running_loop().remove_reader(self._orders)
            self._orders.close()
            self._give_up()

    def _give_up(self) -> None:
        for number in tuple(self._codes):
            self._tell(number, None)

    def _tell(self, number: int, code: int | None) -> None:
        waiting = self._codes.pop(number)
        if not waiting.cancelled():
            waiting.set_result(code)


class _Worker:
    """One worker process, seen from its parent."""

    def __init__(
        self,
        template: _Template,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._template, self._number = template, number
        self._reader, self._writer = reader, writer
        self._code: asyncio.Future[int | None] | None = None
        self.calls = 0

    @property
    def is_alive(self) -> bool:
        return self._template.is_alive and not self._reader.at_eof()

    async def call(self, task: Sequence[memoryview]) -> tuple[Outcome, Any]:
        reader, writer = self._reader, self._writer
        self.calls += 1
        writer.write(serving.LENGTH.pack(len(task) - 1))
        for piece in task:
            writer.write(serving.LENGTH.pack(len(piece)))
            for start in range(0, len(piece), _MEGABYTE):
                writer.write(piece[start : start + _MEGABYTE])
                await writer.drain()
        (length,) = serving.LENGTH.unpack(await reader.readexactly(serving.LENGTH.size))
        outcome, value = pickle.loads(await reader.readexactly(length))  # noqa: S301 - our process
        return outcome, value

    def kill(self) -> "asyncio.Future[int | None]":
        """End the process; where the template is gone, by the end of the conversation.

        In time comes what `_Template.end` tells.
        """
        if self._code is None:
            self._code = self._template.end(self._number)
            self._writer.transport.abort()
        return self._code


def _task(
    name: str, args: tuple[object, ...], kwargs: Mapping[str, object], cpu_seconds: int
) -> list[memoryview]:
    """Return a call as `serving` reads it: a pickle, then those arguments that are bytes.

    So a large body is not copied.
    """
    buffers: list[pickle.PickleBuffer] = []
    outside = tuple(pickle.PickleBuffer(one) if isinstance(one, bytes) else one for one in args)
    call = (name, outside, kwargs, cpu_seconds)
    pickled = pickle.dumps(call, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
    return [memoryview(pickled), *(buffer.raw() for buffer in buffers)]


def _not_started(reason: str) -> str:
    return f"no process could be started to read it: {reason}"


def _name(function: Callable[..., object]) -> str:
    if "<" in function.__qualname__ or function.__module__ == "__main__":
        raise ValueError(f"{function.__qualname__} cannot be found by name in a worker")
    return f"{function.__module__}:{function.__qualname__}"


def _environment(inherited: Mapping[str, str], path: list[str]) -> dict[str, str]:
    """Return what a worker may know of the environment: no secrets, our import path."""
    kept = {name: inherited[name] for name in _INHERITED if name in inherited}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, path)), "MALLOC_ARENA_MAX": "1"}
