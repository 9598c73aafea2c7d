"""`reindex` and `retag`: derived things made anew."""

from pathlib import Path

import click

from aggregator.cli import output
from aggregator.cli.common import json_option, writing
from aggregator.errors import AggregatorError
from aggregator.model import Tag

ENGINES = ("whoosh",)


@click.command()
@click.option("--engine", help="The engine of the new index.")
@json_option
@click.pass_obj
def reindex(path: Path, engine: str | None, as_json: bool) -> None:
    """Rebuild the index from the archive.

    It is built in a new directory, then swapped.
    """
    if engine is not None and engine not in ENGINES:
        suggestion = output.did_you_mean(engine, ENGINES)
        raise AggregatorError(f"no engine {engine!r}{suggestion}; there is {', '.join(ENGINES)}")
    with writing(path) as newsroom:
        total = newsroom.store.count()
        with output.progress("indexing", total) as advance:
            newsroom.index.rebuild(advance)
        if as_json:
            output.print_json({"articles": total})
        else:
            output.print_line(f"indexed {total} articles")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@json_option
@click.pass_obj
def retag(path: Path, dry_run: bool, as_json: bool) -> None:
    """Apply today's tag rules to stored articles."""
    with writing(path) as newsroom:
        now = newsroom.clock()
        changes = newsroom.store.retag(
            lambda article: newsroom.tagger.tags(article, now=now), dry_run=dry_run
        )
        if not dry_run:
            newsroom.index.catch_up()
        if as_json:
            output.print_json(
                [
                    {"id": changed, "removed": _labels(old, new), "added": _labels(new, old)}
                    for changed, old, new in changes
                ]
            )
            return
        for changed, old, new in changes:
            removed = [f"-{label}" for label in _labels(old, new)]
            added = [f"+{label}" for label in _labels(new, old)]
            output.print_line(f"{changed}  {'  '.join(removed + added)}")
        verb = "would change" if dry_run else "changed"
        output.print_line(f"{len(changes)} articles {verb}")


def _labels(these: tuple[Tag, ...], not_those: tuple[Tag, ...]) -> list[str]:
    slugs = {tag.slug for tag in not_those}
    return [tag.label for tag in these if tag.slug not in slugs]
