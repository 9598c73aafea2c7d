"""What commands share: the newsroom that a command works in, options, argument types."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from aggregator import config
from aggregator.cli import output
from aggregator.errors import BusyError
from aggregator.pipeline import days
from aggregator.pipeline.newsroom import Newsroom, opened
from aggregator.store import lock

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@contextmanager
def reading(path: Path) -> Iterator[Newsroom]:
    """The newsroom of a feed list, its index brought up to date unless another does that."""
    with opened(config.load(path)) as newsroom:
        behind = newsroom.index.behind()
        if (behind or _is_empty(newsroom)) and not catch_up(newsroom) and behind:
            output.note(f"{behind} changes are not in the index yet")
        yield newsroom


def catch_up(newsroom: Newsroom) -> bool:
    """Bring the index up to date, unless another process holds it and does that; whether it was."""
    try:
        with lock(newsroom.config.settings.data):
            newsroom.index.catch_up()
    except BusyError:
        return False
    return True


@contextmanager
def writing(path: Path) -> Iterator[Newsroom]:
    """The newsroom of a feed list, held alone; raises BusyError."""
    loaded = config.load(path)
    with ExitStack() as stack:
        stack.enter_context(lock(loaded.settings.data))
        newsroom = stack.enter_context(opened(loaded))
        if _is_empty(newsroom):
            newsroom.index.catch_up()
        yield newsroom


def _is_empty(newsroom: Newsroom) -> bool:
    """Whether nothing was ever stored: then there may be no index, though it is not behind."""
    return newsroom.holdings.last_change() == 0


class Day(click.ParamType[date | timedelta]):
    """A local day: `2026-02-17`, `today`, `yesterday` or `7d` for seven days ago."""

    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day as a function of today."""
        if not isinstance(value, str):
            return value
        try:
            return days.written(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def day(value: date | timedelta | None, newsroom: Newsroom) -> date | None:
    """The local day that a `Day` argument means now."""
    return days.meant(value, newsroom.now().date())


def instants(
    since: date | timedelta | None, until: date | timedelta | None, newsroom: Newsroom
) -> tuple[datetime | None, datetime | None]:
    """The half-open interval from the beginning of `since` to the end of `until`."""
    return days.between(day(since, newsroom), day(until, newsroom), newsroom.timezone)


since_option = click.option("--since", type=Day(), help="From this day on.")
until_option = click.option("--until", type=Day(), help="Up to and including this day.")
