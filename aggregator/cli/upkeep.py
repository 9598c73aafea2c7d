"""`reindex`, `doctor`, `backup` and `restore`: what keeps an installation whole."""

from dataclasses import asdict
from pathlib import Path

import click

from aggregator import config
from aggregator.cli import output
from aggregator.cli.common import json_option, writing
from aggregator.errors import AggregatorError
from aggregator.pipeline import backups
from aggregator.pipeline import doctor as examination
from aggregator.pipeline.newsroom import Newsroom, opened
from aggregator.search import ENGINES
from aggregator.store import lock

FILE = click.Path(path_type=Path, dir_okay=False)


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
        total = _rebuild(newsroom, engine)
    _tell("indexed", total, as_json)


@click.command()
@json_option
@click.pass_obj
def doctor(path: Path, as_json: bool) -> int:
    """Check the whole installation and say how to mend what is wrong."""
    findings = examination.examine(config.load(path))
    healthy = all(finding.state != "problem" for finding in findings)
    if as_json:
        told = [asdict(finding) for finding in findings]
        output.print_json({"healthy": healthy, "findings": told})
    else:
        output.table(
            ("check", "state", "found", "to mend it"),
            [(each.check, each.state, each.message, each.mend or "") for each in findings],
        )
    return 0 if healthy else 1


@click.command()
@click.argument("file", type=FILE)
@json_option
@click.pass_obj
def backup(path: Path, file: Path, as_json: bool) -> None:
    """Write a consistent copy of the archive to FILE, also beside a running poller."""
    _tell("copied", backups.back_up(config.load(path), file), as_json)


@click.command()
@click.argument("file", type=FILE)
@json_option
@click.pass_obj
def restore(path: Path, file: Path, as_json: bool) -> None:
    """Put the copy FILE in the archive's place and rebuild the index.

    What was there stays beside it as articles.db.old.
    """
    loaded = config.load(path)
    with lock(loaded.settings.data):
        backups.restore(loaded, file)
        with opened(loaded) as newsroom:
            total = _rebuild(newsroom, None)
    _tell("restored", total, as_json)


def _rebuild(newsroom: Newsroom, engine: str | None) -> int:
    total = newsroom.store.count()
    with output.progress("indexing", total) as advance:
        newsroom.index.rebuild(advance, engine=engine)
    return total


def _tell(verb: str, total: int, as_json: bool) -> None:
    if as_json:
        output.print_json({"articles": total})
    else:
        output.print_line(f"{verb} {total} articles")
