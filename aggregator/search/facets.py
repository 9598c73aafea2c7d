"""How articles spread over months, and the commonest of counted values."""

from collections.abc import Mapping
from datetime import datetime
from heapq import nsmallest
from zoneinfo import ZoneInfo

import numpy as np

from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.search.arrays import Array
from aggregator.search.results import Counts


def leading(counts: Mapping[str, int], limit: int) -> Counts:
    """The commonest values with their numbers, most first, then by value."""
    return nsmallest(limit, counts.items(), key=lambda item: (-item[1], item[0]))


def months(moments: Array, timezone: ZoneInfo) -> dict[str, int]:
    """Instants, microseconds since 1970, by local month: `2026-02`."""
    left = np.sort(moments)
    counts = {}
    while len(left):
        newest = from_microseconds(int(left[-1])).astimezone(timezone)
        first = datetime(newest.year, newest.month, 1, tzinfo=timezone)
        start = int(np.searchsorted(left, to_microseconds(first)))
        counts[f"{newest.year:04}-{newest.month:02}"] = len(left) - start
        left = left[:start]
    return counts
