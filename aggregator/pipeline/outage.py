"""When nothing can be stored: polling pauses instead of asking every server again and again."""

import logging
from datetime import datetime, timedelta

from aggregator.errors import StoreError

log = logging.getLogger("aggregator")

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


class Outage:
    """What is known of the store's troubles; a pause that did not help is followed by a longer."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._pause = FIRST_PAUSE

    @property
    def is_feared(self) -> bool:
        """Whether the last attempt to store something failed."""
        return self._since is not None

    def holds(self, now: datetime) -> bool:
        """Whether to wait still."""
        return self._since is not None and self._since <= now < self._since + self._pause

    def begin(self, now: datetime, error: StoreError) -> None:
        """Note that nothing could be stored; polls that end amid a pause do not prolong it."""
        if self.holds(now):
            return
        self._pause = FIRST_PAUSE if self._since is None else min(self._pause * 2, LONGEST_PAUSE)
        self._since = now
        minutes = self._pause // timedelta(minutes=1)
        log.error("%s; polling waits for %d min", error, minutes)

    def end(self) -> None:
        """Note that something was stored."""
        if self._since is not None:
            log.info("the store works again")
        self._since = None
