"""`reindex` and `retag`: derived things made anew."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from aggregator.cli import output
from aggregator.cli.common import json_option, reading, writing
from aggregator.errors import AggregatorError
from aggregator.model import Tag
from aggregator.pipeline.newsroom import Newsroom
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


@click.command()
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@json_option
@click.pass_obj
def retag(path: Path, dry_run: bool, as_json: bool) -> None:
    """Apply today's tag rules to stored articles."""
    with (reading if dry_run else writing)(path) as newsroom:
        now = newsroom.clock()
        changes = newsroom.store.retag(
            lambda article: newsroom.tagger.tags(article, now=now), dry_run=dry_run
        )
        if not dry_run:
            newsroom.index.catch_up()
        relabelled = [
            {"id": article, "removed": removed, "added": added}
            for article, old, new in changes
            if (removed := _labels(old, new)) + (added := _labels(new, old))
        ]
        if as_json:
            output.print_json(relabelled)
        else:
            _tell(newsroom, relabelled, "would change" if dry_run else "changed")


def _tell(newsroom: Newsroom, relabelled: Sequence[Mapping[str, Any]], verb: str) -> None:
    for change in relabelled:
        marks = [f"-{label}" for label in change["removed"]]
        marks += [f"+{label}" for label in change["added"]]
        (article,) = newsroom.store.articles([change["id"]])
        output.print_line(f"{article.id}  {'  '.join(marks)}  {article.title}")
    count = len(relabelled)
    output.print_line(f"{count} {'article' if count == 1 else 'articles'} {verb}")


def _labels(these: tuple[Tag, ...], not_those: tuple[Tag, ...]) -> list[str]:
    slugs = {tag.slug for tag in not_those}
    return [tag.label for tag in these if tag.slug not in slugs]
