"""The doctor: looks at what can go wrong with an installation, and says how to mend it."""

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from aggregator import __version__
from aggregator.config import Config
from aggregator.errors import AggregatorError, OutdatedError, SearchError
from aggregator.pipeline.newsroom import DATABASE, Clock, Newsroom, opened, system_clock

MANY_ARTICLES: Final = 50_000
"""From here on one notices what a search by Whoosh takes, as it grows with the archive."""
LEAST_FREE: Final = 100_000_000
"""Bytes that must be free on the disk beside what a new index takes."""
EARLIEST_YEAR: Final = 2026
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
REINDEX: Final = "aggregator reindex"
TO_TANTIVY: Final = "pip install 'aggregator[tantivy]', then aggregator reindex --engine tantivy"

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; `mend` says what to do about it, if anything."""

    check: str
    state: State
    message: str
    mend: str | None = None


def examine(config: Config, *, clock: Clock = system_clock) -> list[Finding]:
    """Look at feeds.yaml (already loaded), versions, disk, store, index and clock.

    Reads the whole store and index, and changes nothing but what opening them mends.
    """
    data = config.settings.data
    findings = [
        Finding("feeds.yaml", "ok", f"{len(config.subscriptions)} feeds"),
        _versions(),
        _disk(data),
    ]
    if not (data / DATABASE).exists():
        return [*findings, Finding("store", "ok", "nothing is stored yet", "aggregator poll")]
    try:
        with opened(config, clock=clock) as newsroom:
            return [*findings, *_store(newsroom), *_index(newsroom), _clock(newsroom)]
    except SearchError as error:
        return [*findings, Finding("index", "problem", str(error), REINDEX)]
    except OutdatedError as error:
        away = f"mv {data / DATABASE} {data / DATABASE}.old, then aggregator poll --all"
        return [*findings, Finding("store", "problem", str(error), away)]
    except AggregatorError as error:
        mend = "aggregator restore FILE, with a backup"
        return [*findings, Finding("store", "problem", str(error), mend)]


def _versions() -> Finding:
    told = (
        f"aggregator {__version__}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )
    return Finding("versions", "ok", told)


def _disk(data: Path) -> Finding:
    place = next(each for each in (data, *data.parents) if each.exists())
    if not os.access(place, os.W_OK):
        return Finding("disk", "problem", f"{place} cannot be written", f"chmod u+rwx {place}")
    free = shutil.disk_usage(place).free
    index = sum(file.stat().st_size for file in data.glob("search/*/*") if file.is_file())
    message = f"{_megabytes(free)} free"
    if free < LEAST_FREE + index:
        needed = f"a new index needs {_megabytes(LEAST_FREE + index)}"
        return Finding(
            "disk", "warning", f"{message}; {needed}", "free some space, or lower `keep`"
        )
    return Finding("disk", "ok", message)


def _store(newsroom: Newsroom) -> Iterator[Finding]:
    problems = newsroom.store.problems()
    for problem in problems:
        yield Finding("store", "problem", problem, "aggregator restore FILE, with a backup")
    if not problems:
        yield Finding("store", "ok", f"{newsroom.store.count()} articles, sound")


def _index(newsroom: Newsroom) -> Iterator[Finding]:
    index = newsroom.index
    problems = index.problems()
    for problem in problems:
        yield Finding("index", "problem", problem, REINDEX)
    if not problems:
        behind = index.behind()
        told = f"{behind} changes behind; the next poll follows" if behind else "up to date"
        yield Finding("index", "ok", f"{index.engine}, {told}")
    yield from advice(index.engine, newsroom.store.count())


def advice(engine: str, articles: int) -> list[Finding]:
    """The engine that suits an archive of this size, where it is another one."""
    if engine != "whoosh" or articles <= MANY_ARTICLES:
        return []
    told = f"{articles} articles: tantivy finds phrases in about an eighth of Whoosh's time"
    return [Finding("index", "warning", told, TO_TANTIVY)]


def _clock(newsroom: Newsroom) -> Finding:
    now = newsroom.clock()
    polls = [feed.last_poll for feed in newsroom.store.feeds() if feed.last_poll]
    newest = max(polls, default=now)
    if now.year < EARLIEST_YEAR:
        return Finding("clock", "problem", f"the clock says {now:%Y-%m-%d}", "set the clock")
    if newest > now + CLOCK_TOLERANCE:
        ahead = f"a feed was polled at {newest:%Y-%m-%d %H:%M} UTC, which is yet to come"
        return Finding("clock", "problem", ahead, "set the clock; the next start corrects dates")
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
