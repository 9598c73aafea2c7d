"""Polling beside lemon24/reader: processor time a feed for a first poll, two new entries, a 304.

    python bench/poll.py [--feeds N] [--entries N]

Both poll the same feeds from a real HTTP server, each in a process of its own; the processor time
is that process's and its children's, not the server's. Fetching, parsing and storing are compared:
reader does not index by default, and what our index costs is told by bench/search.py.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contenders import ROUNDS
from feedserver import FRESH
from measure import print_table

HERE = Path(__file__).parent
AIMS = {"first poll": 1.7, "2 new": 10.0, "304": 8.0}
Rounds = dict[str, float]


@contextmanager
def serving(feeds: int, entries: int, hosts: int = 1) -> Iterator[tuple[str, int]]:
    """The server's address and process while it runs."""
    sizes = map(str, (feeds, entries, hosts))
    command = [sys.executable, str(HERE / "feedserver.py"), *sizes]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip(), server.pid


def run(contender: str, base: str, feeds: int, entries: int) -> Rounds:
    """Milliseconds of processor time a feed in each round; checks that nothing was missed."""
    with tempfile.TemporaryDirectory() as directory:
        command = [
            sys.executable,
            str(HERE / "contenders.py"),
            contender,
            base,
            str(feeds),
            directory,
        ]
        output = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
    spent = {}
    for line in output.splitlines():
        told = json.loads(line)
        spent[told["round"]] = told["cpu"] * 1000 / feeds
        expected = feeds * (entries + (FRESH if told["round"] in ("2 new", "304") else 0))
        if told["articles"] != expected:
            sys.exit(f"{contender}: {told['articles']} articles, not {expected}: {told['round']}")
    return spent


def main() -> None:
    """Measure both contenders and print what they spent."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--feeds", type=int, default=500)
    arguments.add_argument("--entries", type=int, default=50)
    size = arguments.parse_args()
    print(f"{size.feeds} feeds of {size.entries} entries; processor time in ms a feed\n")
    with serving(size.feeds, size.entries) as (base, _):
        ours = run("aggregator", base, size.feeds, size.entries)
        theirs = run("reader", base, size.feeds, size.entries)
    rows = [
        (
            name,
            f"{ours[name]:.2f}",
            f"{theirs[name]:.2f}",
            f"{theirs[name] / ours[name]:.1f}",
            f"{AIMS[name]:g}",
        )
        for name, _ in ROUNDS
    ]
    print_table(("round", "aggregator", "reader", "ratio", "aim"), rows)


if __name__ == "__main__":
    main()
