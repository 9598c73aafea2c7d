"""Reads random mutations of real feeds: `python -m tests.fuzz DIRECTORY [--mutations N]`.

Each is read in a worker process with the bounds that polls have; the exit code is 1 if one
crashed, hung, needed too much memory or became an article that is not clean.
"""

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import click

from aggregator.errors import ParseError
from aggregator.workers import Pool
from tests.support.mutation import MAX_SECONDS, mutant, probe

CPU_SECONDS = 30
"""What a worker may take for a document, its mutation and the look at what became of it."""


async def fuzz(directory: str, seeds: range, workers: int) -> tuple[Counter[str], list[str]]:
    """Read the mutants with these seeds; how many ended how, and what was found."""
    outcomes: Counter[str] = Counter()
    found: list[str] = []
    queue = iter(seeds)

    async def work(pool: Pool) -> None:
        for seed in queue:
            try:
                outcome, faults = await pool.run(probe, directory, seed)
            except ParseError as error:
                outcome, faults = "killed", [str(error)]
            outcomes[outcome] += 1
            for fault in faults:
                found.append(f"seed {seed}: {fault}")
                click.echo(found[-1])

    async with Pool(workers, cpu_seconds=CPU_SECONDS, timeout=600) as pool:
        await asyncio.gather(*(work(pool) for _ in range(workers)))
    return outcomes, found


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False))
@click.option("--mutations", default=100_000, show_default=True)
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("--workers", default=2, show_default=True)
@click.option("--write", type=click.Path(path_type=Path), help="Only write the first document.")
def main(directory: str, mutations: int, first: int, workers: int, write: Path | None) -> None:
    """Read random mutations of the feed documents in DIRECTORY."""
    if write:
        from random import Random

        from tests.support.mutation import documents

        write.write_bytes(mutant(Random(first), documents(directory)))
        return
    began = time.monotonic()
    outcomes, found = asyncio.run(fuzz(directory, range(first, first + mutations), workers))
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    minutes = (time.monotonic() - began) / 60
    click.echo(
        f"{sum(outcomes.values())} mutations in {minutes:.0f} min: {told}; {len(found)} faults "
        f"(none may crash, be killed, take {MAX_SECONDS:g} s or be unclean)"
    )
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
