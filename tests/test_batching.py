import asyncio
from itertools import pairwise

import pytest

from aggregator.pipeline.batching import GATHERING, Batcher


def gathered(work, arguments, *, most=10):
    async def main():
        batcher = Batcher(work, most=most)
        return await asyncio.gather(*map(batcher, arguments), return_exceptions=True)

    return asyncio.run(main())


def test_what_comes_together_is_done_together_in_order():
    calls = []

    async def work(batch):
        calls.append(list(batch))
        return [2 * one for one in batch]

    assert gathered(work, [1, 2, 3, 4, 5], most=2) == [2, 4, 6, 8, 10]
    assert calls == [[1, 2], [3, 4], [5]]


def test_an_error_is_only_of_whom_it_concerns():
    async def work(batch):
        return [10 // one for one in batch]

    first, broken, last = gathered(work, [1, 0, 5])
    assert (first, last) == (10, 2)
    assert isinstance(broken, ZeroDivisionError)


def test_what_was_cancelled_meanwhile_is_left_out():
    calls = []

    async def work(batch):
        calls.append(list(batch))
        return batch

    async def main():
        batcher = Batcher(work, most=10)
        kept, dropped = (asyncio.create_task(batcher(one)) for one in ("kept", "dropped"))
        await asyncio.sleep(0)
        dropped.cancel()
        assert await kept == "kept"
        with pytest.raises(asyncio.CancelledError):
            await dropped

    asyncio.run(main())
    assert calls == [["kept"]]


def test_a_batcher_works_on_after_a_pause():
    async def work(batch):
        return batch

    async def main():
        batcher = Batcher(work, most=10)
        return [await batcher(1), await batcher(2)]

    assert asyncio.run(main()) == [1, 2]


def test_the_patient_wait_as_long_as_others_come():
    calls = []

    async def work(batch):
        calls.append(list(batch))
        return batch

    async def came_in_time():
        batcher = Batcher(work, most=10, patient=True)
        came = []
        async with asyncio.TaskGroup() as tasks:
            for one in range(6):
                tasks.create_task(batcher(one))
                came.append(asyncio.get_running_loop().time())
                await asyncio.sleep(GATHERING / 4)
        return all(later - one < GATHERING * 0.8 for one, later in pairwise(came))

    while not asyncio.run(came_in_time()):
        calls.clear()  # a busy machine made the others come late
    assert calls == [[0, 1, 2, 3, 4, 5]]
