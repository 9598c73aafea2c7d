"""What a monitor watches, in the text format of Prometheus (version 0.0.4)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from aggregator import schedule
from aggregator.model import HEALTHS, OUTCOMES
from aggregator.pipeline.newsroom import Newsroom

MEDIA_TYPE: Final = "text/plain; version=0.0.4"


def exposed(newsroom: Newsroom) -> str:
    """All metrics of a newsroom as they are now; raises StoreError."""
    now = newsroom.clock()
    feeds = newsroom.store.active()
    health = Counter(schedule.health(feed, now) for feed in feeds)
    return "".join(
        (
            _metric("articles", "gauge", "Articles in the archive.", newsroom.holdings.count()),
            _metric(
                "index_behind_changes",
                "gauge",
                "Changes of the archive that searches do not see yet.",
                newsroom.index.behind(),
            ),
            _each("feeds", "gauge", "Active feeds by health.", "health", HEALTHS, health),
            _metric(
                "feeds_due",
                "gauge",
                "Feeds that wait to be polled.",
                sum(feed.next_poll is not None and feed.next_poll <= now for feed in feeds),
            ),
            _metric(
                "feeds_failing",
                "gauge",
                "Active feeds whose last poll failed.",
                sum(feed.failures > 0 for feed in feeds),
            ),
            _each(
                "polls_total",
                "counter",
                "Polls since the start, by outcome.",
                "outcome",
                OUTCOMES,
                newsroom.polls,
            ),
            _moment("last_poll", "any feed was polled", (feed.last_poll for feed in feeds)),
            _moment("last_success", "a poll succeeded", (feed.last_success for feed in feeds)),
            _moment("last_new", "a poll brought an article", (feed.last_new for feed in feeds)),
        )
    )


def _metric(name: str, kind: str, about: str, value: float) -> str:
    return f"{_head(name, kind, about)}aggregator_{name} {value:.17g}\n"


def _each(
    name: str, kind: str, about: str, label: str, values: Iterable[str], counts: Mapping[Any, int]
) -> str:
    lines = (f'aggregator_{name}{{{label}="{each}"}} {counts.get(each, 0)}\n' for each in values)
    return _head(name, kind, about) + "".join(lines)


def _moment(name: str, what: str, moments: Iterable[datetime | None]) -> str:
    latest = max((each.timestamp() for each in moments if each), default=0.0)
    about = f"When {what} last, in seconds since 1970; 0 for never."
    return _metric(f"{name}_timestamp_seconds", "gauge", about, latest)


def _head(name: str, kind: str, about: str) -> str:
    return f"# HELP aggregator_{name} {about}\n# TYPE aggregator_{name} {kind}\n"
