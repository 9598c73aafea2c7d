"""What a command takes as a whole process here and in another checkout, turn about.

    git worktree add ../before COMMIT
    python bench/cold.py ../before -- --config path/to/feeds.yaml search --json minister

Medians of processor time and the most memory. Both run the same Python with the same libraries.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from measure import print_table

HERE = Path(__file__).parents[1]
MEGABYTE = 1 << (20 if sys.platform == "darwin" else 10)


def main() -> None:
    """Run, alternate, print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("before", type=Path)
    arguments.add_argument("command", nargs="+")
    arguments.add_argument("--rounds", type=int, default=20)
    given = arguments.parse_args()
    places = {"before": given.before.resolve(), "here": HERE}
    runs: dict[str, list[tuple[float, int]]] = {name: [] for name in places}
    for _ in range(given.rounds + 1):
        for name, place in places.items():
            runs[name].append(used(place, given.command))
    rows = []
    for name, measured in runs.items():
        times, peaks = zip(*measured[1:], strict=True)  # the first one may write byte code
        rows.append((name, f"{median(times):.3f}", f"{max(peaks) / MEGABYTE:.0f}"))
    print_table(("checkout", "CPU s", "MB"), rows)


def used(place: Path, command: list[str]) -> tuple[float, int]:
    """Processor seconds and peak of memory of one process."""
    environment = {**os.environ, "PYTHONPATH": str(place)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator", *command],
        stdout=subprocess.DEVNULL,
        cwd=place,
        env=environment,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        sys.exit(f"the command ended with {code} in {place}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


if __name__ == "__main__":
    main()
