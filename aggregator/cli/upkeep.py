"""`reindex`: the index made anew."""

from pathlib import Path

import click

from aggregator.cli import output
from aggregator.cli.common import json_option, writing
from aggregator.errors import AggregatorError
from aggregator.search import ENGINES


@click.command()
@click.option("--engine", help="The engine of the new index.")
@json_option
@click.pass_obj
def reindex(path: Path, engine: str | None, as_json: bool) -> None:
    """Rebuild the index from the archive.

    It is built in a new directory, then swapped. Another engine stays in use until `index` in
    feeds.yaml changes.
    """
    if engine is not None and engine not in ENGINES:
        suggestion = output.did_you_mean(engine, ENGINES)
        raise AggregatorError(f"no engine {engine!r}{suggestion}; there is {', '.join(ENGINES)}")
    with writing(path) as newsroom:
        total = newsroom.store.count()
        with output.progress("indexing", total) as advance:
            newsroom.index.rebuild(advance, engine=engine)
        if as_json:
            output.print_json({"articles": total})
        else:
            output.print_line(f"indexed {total} articles")
