"""What the benchmarks measure with: processor time, memory, percentiles, a table."""

import resource
from collections.abc import Callable, Sequence
from statistics import quantiles
from time import process_time


def cpu_seconds() -> float:
    """User and system time of this process and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def percentiles(calls: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """The median and the 95th percentile of the calls' processor times, in milliseconds."""
    times = []
    for call in calls:
        started = process_time()
        call()
        times.append((process_time() - started) * 1000)
    cuts = quantiles(times, n=20, method="inclusive")
    return cuts[9], cuts[18]


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A plain table: the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, ["-" * width for width in widths], *rows):
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join((first, *others)).rstrip(), flush=True)
