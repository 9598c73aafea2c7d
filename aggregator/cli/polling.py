"""`poll` once, `run` for good."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from aggregator import openfiles
from aggregator.cli import output
from aggregator.cli.common import json_option, writing
from aggregator.errors import AggregatorError
from aggregator.model import Feed
from aggregator.outputs import shapes
from aggregator.pipeline import placing
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.rounds import Summary
from aggregator.pipeline.rounds import poll as poll_feeds

T = TypeVar("T")

FILES_TO_POLL = 30
"""How many files the event loop, the workers and the first connections open."""
DUE_AT_ONCE = 1_000_000


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]…")
@click.option("--all", "everything", is_flag=True, help="Every active feed, due or not.")
@json_option
@click.pass_obj
def poll(path: Path, urls: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Poll once what is due, or the URLs, or all.

    The index is brought up to date afterwards.
    """
    with writing(path) as newsroom:
        newsroom.store.sync(newsroom.config.subscriptions, now=newsroom.clock())
        feeds = _chosen(newsroom, urls, everything=everything)
        summary = run_poll(newsroom, feeds)
        placing.place(newsroom)
        newsroom.index.catch_up()
        if as_json:
            output.print_json(summary_shape(summary))
        else:
            _tell(summary)


def run_poll(newsroom: Newsroom, feeds: list[Feed]) -> Summary:
    """Poll `feeds` under a progress bar."""
    with output.progress("polling", len(feeds)) as advance:
        return run_async(poll_feeds(newsroom, feeds, progress=lambda polled: advance(polled.url)))


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop where there is one; raises AggregatorError for want of files."""
    try:
        openfiles.require(FILES_TO_POLL)
    except AggregatorError:
        work.close()
        raise
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def _chosen(newsroom: Newsroom, urls: tuple[str, ...], *, everything: bool) -> list[Feed]:
    active = newsroom.store.active()
    if urls:
        known = {feed.url: feed for feed in active}
        for url in urls:
            if url not in known:
                suggestion = output.did_you_mean(url, known)
                raise AggregatorError(f"{url} is not among the active feeds{suggestion}")
        return [known[url] for url in dict.fromkeys(urls)]
    if everything:
        return active
    return newsroom.store.due(newsroom.clock(), limit=DUE_AT_ONCE)


def summary_shape(summary: Summary) -> dict[str, Any]:
    """A summary as `poll --json` gives it."""
    return {
        "feeds": len(summary.results),
        "polled": sum(result.outcome != "skipped" for result in summary.results),
        "not_modified": summary.count("not_modified"),
        "failed": summary.count("failed"),
        "new": summary.new,
        "updated": summary.updated,
        "removed": summary.removed,
        "seconds": round(summary.seconds, 3),
        "results": [
            {
                "url": result.url,
                "outcome": result.outcome,
                "http_status": result.http_status,
                "entries": result.entries,
                "new": result.new,
                "updated": result.updated,
                "error": result.error,
                "next_poll": shapes.timestamp(result.next_poll),
            }
            for result in sorted(summary.results, key=lambda result: result.url)
        ],
    }


def _tell(summary: Summary) -> None:
    for result in sorted(summary.results, key=lambda result: result.url):
        if result.outcome == "failed":
            output.print_line(f"failed  {result.url}: {result.error}")
        elif result.new or result.updated:
            output.print_line(f"{result.new:>4} new {result.updated:>3} changed  {result.url}")
    output.print_line(
        f"{len(summary.results)} feeds in {summary.seconds:.1f} s: {summary.new} new articles, "
        f"{summary.updated} changed, {summary.count('not_modified')} feeds not modified, "
        f"{summary.count('failed')} failed"
    )


@click.command()
@click.option("--no-web", is_flag=True, help="Without the web pages.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the pages listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--insecure", is_flag=True, help="Let the pages listen where others can reach them.")
@click.pass_obj
def run(path: Path, no_web: bool, host: str, port: int, insecure: bool) -> None:
    """Poll, index, publish and serve until Ctrl-C."""
    from aggregator import web
    from aggregator.pipeline import service

    if not (no_web or insecure or web.is_loopback(host)):
        raise click.UsageError(
            f"{host} can be reached from outside and the pages have no password: "
            "anyone could read them; --insecure allows it"
        )
    with writing(path) as newsroom:
        newsroom.store.sync(newsroom.config.subscriptions, now=newsroom.clock())
        server = None if no_web else web.Server(newsroom, host=host, port=port)
        run_async(service.run(newsroom, server=server))
