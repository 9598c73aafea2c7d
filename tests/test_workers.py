import asyncio
import gc
import io
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from aggregator import serving, workers
from aggregator.errors import ParseError
from aggregator.model import Dateline, Image
from tests.support import hostile

MEMORY = 256 << 20


def call(function, *args, **bounds):
    async def main():
        async with workers.Pool(1, **bounds) as pool:
            return await pool.run(function, *args)

    return asyncio.run(main())


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_the_result_of_a_call_comes_back():
    assert call(hostile.add, "a", "b") == "ab"


def test_results_of_many_megabytes_come_back_whole():
    assert call(hostile.big, 5_000_000) == b"x" * 5_000_000


def test_bytes_of_any_length_and_number_go_out_whole():
    args = (b"", b"x", bytes(5_000_000), "text", bytes(1 << 20))
    assert call(hostile.length, *args) == [0, 1, 5_000_000, 4, 1 << 20]


def test_dataclasses_of_every_kind_come_back_as_they_were():
    dated = Dateline("Vienna", date=date(2026, 11, 3))
    kinds = (dated, Image("i.jpg", 2), Lone("x"), Named(name="n"), Counted("c"), Image, [dated])
    assert call(hostile.add, kinds, (dated,)) == (*kinds, dated)


@dataclass(frozen=True, slots=True)
class Lone:
    value: str


@dataclass(kw_only=True)
class Named:
    name: str


@dataclass
class Counted:
    name: str
    count: int = field(default=1, init=False)


def test_a_call_that_spins_is_ended_by_its_processor_time():
    with pytest.raises(ParseError, match="took more than 1 s of processor time"):
        call(hostile.spin, cpu_seconds=1)


def test_the_processor_time_is_counted_for_each_call_anew():
    async def main():
        async with workers.Pool(1, cpu_seconds=1) as pool:
            pids = [await pool.run(burn, 0.7) for _ in range(3)]
        return len(set(pids))

    assert asyncio.run(main()) == 1


def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return os.getpid()


def test_a_call_that_waits_is_ended_by_the_clock():
    started = time.monotonic()
    with pytest.raises(ParseError, match=r"took more than 0\.5 s"):
        call(hostile.sleep, 30, timeout=0.5)
    assert time.monotonic() - started < 5


def test_a_call_that_takes_too_much_memory_is_refused():
    with pytest.raises(ParseError, match="needed more than 256 MB of memory"):
        call(hostile.allocate, 1000, memory_bytes=MEMORY)


@pytest.mark.parametrize(
    ("function", "args", "reason"),
    [
        (hostile.leave, (3,), r"ended its reader \(exit code 3\)"),
        (hostile.end_by, (signal.SIGSEGV,), r"crashed its reader \(SIGSEGV\)"),
        (hostile.end_by, (signal.SIGKILL,), "of memory"),
        (hostile.refuse, ("this is a web page",), "^this is a web page$"),
        (hostile.refuse_fetch, ("not found",), "^not found$"),
        (hostile.break_down, ("x",), r"could not be read \(KeyError: 'x'\)"),
        (hostile.import_in_vain, ("x.so: failed to map segment",), "of memory"),
        (hostile.import_in_vain, ("no x",), r"could not be read \(ImportError: no x\)"),
        (hostile.recurse, (), "nested too deeply"),
        (hostile.unpicklable, (), "could not be read"),
    ],
)
def test_each_way_to_fail_is_told_in_words_and_the_pool_goes_on(function, args, reason):
    async def main():
        async with workers.Pool(1) as pool:
            with pytest.raises(ParseError, match=reason):
                await pool.run(function, *args)
            return await pool.run(hostile.add, 1, 2)

    assert asyncio.run(main()) == 3


def test_what_was_refused_is_let_go_at_once_by_parent_and_worker():
    body = bytes(3_000_000)

    async def main():
        async with workers.Pool(1, memory_bytes=MEMORY) as pool:
            before = sys.getrefcount(body)
            for _ in range(3):
                with pytest.raises(ParseError, match="3000000 bytes and"):
                    await pool.run(hostile.refuse_holding, body, 100)
            return sys.getrefcount(body) - before

    gc.disable()
    try:
        assert asyncio.run(main()) == 0
    finally:
        gc.enable()


def test_a_worker_that_lets_its_socket_go_but_stays_is_ended():
    with pytest.raises(ParseError):
        call(hostile.fall_silent, timeout=1)


def test_a_worker_serves_many_calls_and_is_replaced_after_its_share():
    async def main():
        async with workers.Pool(1, recycle=2) as pool:
            return [await pool.run(hostile.worker_pid) for _ in range(4)]

    first, second, third, fourth = asyncio.run(main())
    assert first == second != third == fourth


def test_at_most_size_workers_are_started_and_only_when_needed():
    async def main():
        async with workers.Pool(2) as pool:
            alone = {await pool.run(hostile.worker_pid) for _ in range(3)}
            many = set(await asyncio.gather(*(pool.run(burn, 0.05) for _ in range(6))))
            return alone, many

    alone, many = asyncio.run(main())
    assert len(alone) == 1
    assert len(many) == 2


def test_a_worker_that_died_while_idle_is_replaced_without_blame():
    async def main():
        async with workers.Pool(1) as pool:
            pid = await pool.run(hostile.worker_pid)
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(wait_until, lambda: not is_running(pid))
            await asyncio.sleep(0.1)
            return await pool.run(hostile.add, 1, 1)

    assert asyncio.run(main()) == 2


def test_no_worker_outlives_the_pool():
    async def main():
        async with workers.Pool(2) as pool:
            return await asyncio.gather(*(pool.run(burn, 0.05) for _ in range(2)))

    assert not [pid for pid in asyncio.run(main()) if is_running(pid)]


def test_a_cancelled_call_takes_its_worker_with_it(tmp_path):
    note = tmp_path / "pid"

    async def main():
        async with workers.Pool(1) as pool:
            call = asyncio.create_task(pool.run(hostile.spin, str(note)))
            await asyncio.to_thread(wait_until, lambda: note.exists() and note.read_text())
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            pid = int(note.read_text())
            assert await asyncio.to_thread(wait_until, lambda: not is_running(pid))
            return await pool.run(hostile.add, 1, 2)

    assert asyncio.run(main()) == 3


def test_workers_are_forks_of_one_process_and_alone_in_their_sessions():
    async def main():
        async with workers.Pool(2, recycle=1) as pool:
            return await asyncio.gather(*(pool.run(hostile.lineage) for _ in range(4)))

    found = asyncio.run(main())
    assert len({parent for _, parent, _ in found}) == 1
    assert len({worker for worker, _, _ in found}) == 4
    assert all(worker == session for worker, _, session in found)


def test_a_worker_holds_no_open_file_but_its_own_socket():
    async def main():
        async with workers.Pool(2) as pool:
            await asyncio.gather(*(pool.run(burn, 0.05) for _ in range(2)))
            return await pool.run(hostile.open_sockets)

    assert asyncio.run(main()) == 1


def test_a_template_that_died_is_replaced():
    async def main():
        async with workers.Pool(2) as pool:
            worker, template, _ = await pool.run(hostile.lineage)
            os.kill(template, signal.SIGKILL)
            await asyncio.to_thread(wait_until, lambda: not is_running(template))
            await asyncio.sleep(0.1)
            assert await pool.run(hostile.add, 1, 1) == 2
            assert await asyncio.to_thread(wait_until, lambda: not is_running(worker))

    asyncio.run(main())


def test_a_call_whose_worker_ends_with_its_template_is_told_so():
    with pytest.raises(ParseError, match="lost its reader"):
        call(hostile.end_with_parent)


PARENT = """
import asyncio, sys
from aggregator import serving, workers
from tests.support import hostile
async def main():
    async with workers.Pool(1) as pool:
        await pool.run(hostile.spin, sys.argv[1])
asyncio.run(main())
"""


def test_a_busy_worker_ends_when_its_parent_is_killed(tmp_path):
    note = tmp_path / "pid"
    root = str(Path(__file__).parent.parent)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(note)], cwd=root)
    assert wait_until(lambda: note.exists() and note.read_text(), 10)
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not is_running(int(note.read_text())))


def test_what_a_library_prints_does_not_disturb_the_conversation():
    assert call(hostile.chatter) == "quiet"


def test_workers_do_not_see_the_secrets_of_the_environment(monkeypatch):
    monkeypatch.setenv("TOKEN", "hunter2")
    environment, path = call(hostile.environment)
    assert "TOKEN" not in environment
    assert set(filter(None, sys.path)) <= set(path)


def test_functions_without_a_name_of_their_own_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="cannot be found by name"):
        call(lambda: 1)


def test_a_worker_that_cannot_be_started_is_told_in_words(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(ParseError, match="no process could be started"):
        call(hostile.add, 1, 2)


def frames(*tasks):
    return io.BytesIO(b"".join(struct.pack(">QQ", 0, len(task)) + task for task in tasks))


def test_the_serving_loop_answers_in_order_and_ends_with_its_input():
    tasks = [
        ("tests.support.hostile:add", (1, 2), {}, 100_000),
        ("tests.support.hostile:refuse", ("no",), {}, 100_000),
        ("tests.support.hostile:refuse_fetch", ("no",), {}, 100_000),
        ("tests.support.hostile:break_down", ("no",), {}, 100_000),
        ("tests.support.hostile:recurse", (), {}, 100_000),
        ("tests.support.hostile:allocate", (1 << 40,), {}, 100_000),
    ]
    results, ends = io.BytesIO(), []
    serving.serve(frames(*map(pickle.dumps, tasks)), results, lambda: ends.append(True))
    results.seek(0)
    outcomes = []
    while header := results.read(8):
        outcomes.append(pickle.loads(results.read(*struct.unpack(">Q", header)))[0])
    assert outcomes == ["done", "refused", "refused", "broken", "depth", "memory"]
    assert ends == [True]


def test_the_serving_loop_ends_with_a_parent_that_left_an_answer_unread():
    ours, theirs = socket.socketpair()
    ends = []
    with theirs, theirs.makefile("rb") as tasks, theirs.makefile("wb") as results:
        results.write(b"an answer")
        results.flush()
        ours.close()
        serving.serve(tasks, results, lambda: ends.append(True))
    assert ends == [True]
