"""On what condition a feed is asked: a server's “not modified” is not believed for ever."""

from dataclasses import replace
from datetime import datetime

from aggregator import schedule
from aggregator.model import Feed, Validators

FAILURES_IN_VAIN = 3
"""After so many failures, and each time after as many more, a feed is asked for all of it."""
DAYS_BELIEVED = 7
"""On one day of so many a silent feed is asked for all of it: its server may be mistaken."""


def condition(feed: Feed, now: datetime) -> Validators:
    """The validators to ask a feed with; the hash of the body is kept, for nobody is told of it."""
    if _is_doubted(feed, now):
        return replace(feed.validators, etag=None, last_modified=None)
    return feed.validators


def _is_doubted(feed: Feed, now: datetime) -> bool:
    if feed.failures:
        return feed.failures % FAILURES_IN_VAIN == 0
    is_its_day = (now.date().toordinal() + feed.id) % DAYS_BELIEVED == 0
    return is_its_day and schedule.health(feed, now) == "silent"
