"""`init` and `check`: feeds.yaml itself."""

from pathlib import Path

import click

from aggregator import config
from aggregator.cli import output
from aggregator.cli.common import json_option
from aggregator.errors import AggregatorError


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), default=Path())
def init(directory: Path) -> None:
    """Write a starter feeds.yaml into DIRECTORY.

    An existing one is left as it is.
    """
    target = directory / "feeds.yaml"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(config.starter())
    except FileExistsError as error:
        raise AggregatorError(f"{target} exists already; it is left as it is") from error
    except OSError as error:
        raise AggregatorError(f"{target} cannot be written: {error.strerror}") from error
    output.print_line(f"wrote {target}")
    output.print_line("next: edit it, then `aggregator check`, then `aggregator run`")


@click.command()
@json_option
@click.pass_obj
def check(path: Path, as_json: bool) -> None:
    """Validate feeds.yaml and the page templates."""
    from aggregator.pipeline.newsroom import require_supported
    from aggregator.pipeline.publish import pages

    loaded = config.load(path)
    require_supported(loaded)
    pages(loaded).check()
    counts = {
        "feeds": len(loaded.subscriptions),
        "rules": len(loaded.tagging.rules),
        "topics": len(loaded.topics),
    }
    if as_json:
        output.print_json({"file": str(path), **counts, "problems": []})
    else:
        parts = ", ".join(f"{number} {name}" for name, number in counts.items())
        output.print_line(f"{path}: good ({parts})")
