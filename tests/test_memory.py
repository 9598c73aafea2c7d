"""What a process has used goes back to the system, and garbage is looked for seldom."""

import gc
import sys
from pathlib import Path

import pytest

from aggregator.pipeline.memory import UNCOLLECTED, give_back, settled

STATUS = Path("/proc/self/status")


def resident():
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux is looked at")
def test_free_memory_between_what_is_in_use_is_given_back():
    pieces = [bytearray(3_000) for _ in range(40_000)]
    full = resident()
    kept = pieces[::100]
    pieces.clear()
    give_back()
    assert full - resident() > 80_000_000
    assert len(kept) == 400


def test_garbage_is_collected_seldom_until_the_last_of_several_chores_has_ended():
    usual = gc.get_threshold()
    first, second = settled(), settled()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    meanwhile = gc.get_threshold()
    second.__exit__(None, None, None)

    assert meanwhile == (UNCOLLECTED, *usual[1:])
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
