"""What a process has used goes back to the system."""

import sys
from pathlib import Path

import pytest

from aggregator.pipeline.memory import give_back

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
