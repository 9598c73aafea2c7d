"""`demo`: the main job on a sample newsroom that is served over HTTP on loopback."""

import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import output
from aggregator.cli.common import writing
from aggregator.cli.polling import run_async, run_poll
from aggregator.demo import NewsroomServer, feeds_yaml, load
from aggregator.errors import AggregatorError
from aggregator.model import Edition
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import publish
from aggregator.pipeline.rounds import Summary
from aggregator.store import lock
from aggregator.store.locking import LOCK_FILE

if TYPE_CHECKING:
    from aggregator.web import Server

DAYS = 3
MARKER = ".sample-newsroom"
SEARCHES = ("storm OR sturm", '"lunar lander"', "tag:water after:7d", "language:he")


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--once", is_flag=True, help="End after the digests, without serving pages.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where the sample newsroom lives; made anew at every start.",
)
def demo(port: int, once: bool, directory: Path) -> None:
    """The main job on a sample newsroom.

    Polls, indexes and digests it, then serves its pages until Ctrl-C.
    """
    now = datetime.now(UTC)
    _prepare(directory)
    with NewsroomServer(load(now)) as base_url:
        feeds = directory / "feeds.yaml"
        feeds.write_text(feeds_yaml(base_url), encoding="utf-8")
        with writing(feeds) as newsroom:
            server = None if once else _server(newsroom, port)
            summary = _poll(newsroom)
            newsroom.index.catch_up()
            front = _publish(newsroom)
            _tell(newsroom, summary, front, directory)
            if server is not None:
                _serve(newsroom, server)


def _prepare(directory: Path) -> None:
    """An empty directory; only one that this command made, and that is not in use, is emptied."""
    if directory.exists() and any(directory.iterdir()) and not (directory / MARKER).exists():
        raise AggregatorError(f"{directory}/ holds something else; choose another with --dir")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).touch()
    with lock(directory / "index"):
        shutil.rmtree(directory / "digests", ignore_errors=True)
        for entry in (directory / "index").iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != LOCK_FILE:
                entry.unlink()


def _poll(newsroom: Newsroom) -> Summary:
    newsroom.store.sync(newsroom.config.subscriptions, now=newsroom.clock())
    return run_poll(newsroom, newsroom.store.feeds())


def _publish(newsroom: Newsroom) -> Edition:
    """The editions of all days; returns the newest front page."""
    today = newsroom.clock().astimezone(newsroom.timezone).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    with output.progress("digests", len(days)) as advance:
        for day in days:
            front, *_ = publish(newsroom, day)
            advance(day.isoformat())
    return front


def _tell(newsroom: Newsroom, summary: Summary, front: Edition, directory: Path) -> None:
    failed = summary.count("failed")
    output.print_line(
        f"{len(summary.results)} feeds polled, {summary.new} articles indexed"
        + (f", {failed} feeds failed" if failed else "")
    )
    output.print_line(f"\n{newsroom.config.settings.title}, {front.day:%A %-d %B %Y}\n")
    for story in front.stories[:5]:
        voices = len(story.voices)
        told = f"{voices} sources" if voices > 1 else story.sources[0]
        output.print_line(f"  {story.title}  ({told})")
    page = newsroom.config.digest.output / "index.html"
    output.print_line(f"\nDigest  {page}")
    output.print_line("Search  try these in another terminal:")
    command = [*output.program(), "--config", str(directory / "feeds.yaml")]
    for words in SEARCHES:
        output.print_line("          " + shlex.join([*command, "search", words]))


def _server(newsroom: Newsroom, port: int) -> "Server":
    """The web server, its port taken before any work is done."""
    from aggregator.web import Server

    try:
        return Server(newsroom, host="127.0.0.1", port=port)
    except AggregatorError as error:
        raise AggregatorError(f"{error}; choose another port with --port") from error


def _serve(newsroom: Newsroom, server: "Server") -> None:
    from aggregator.pipeline import service

    output.print_line(f"Pages   {server.url}   (Ctrl-C ends)")
    run_async(service.run(newsroom, server=server))
