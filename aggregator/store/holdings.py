"""What the store holds: everything that is read often, straight from the file."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from aggregator.model import Article, Change, Revision, TagCount, TagHistory
from aggregator.store import counting, log, reading
from aggregator.store.file import VERSION, File

_WAIT = timedelta(seconds=10)


class Holdings:
    """Articles, their tags and the change log, to be read; usable from any thread.

    Every method is one transaction unless it says otherwise, and raises StoreError in words when
    the database cannot do its work.
    """

    def __init__(self, file: File) -> None:
        self._file = file
        with file.read() as connection:
            self.uuid = reading.uuid(connection)

    @classmethod
    def open(cls, path: Path, *, wait: timedelta = _WAIT) -> Self:
        """Open the database file, made or migrated as needed; `wait` bounds waiting for locks.

        Raises StoreError for what is damaged, not ours, made by a newer version or unreachable.
        """
        file = File.open(path, wait=wait)
        try:
            version = file.version()
            if version != VERSION:
                from aggregator.store.migrating import migrate

                migrate(file, new=version is None)
            return cls(file)
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        """Close the database."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def article(self, id: str) -> Article | None:
        """One article."""
        return next(iter(self.articles([id])), None)

    def articles(self, ids: Sequence[str]) -> list[Article]:
        """The articles of these ids in the order asked, without those that are not there."""
        with self._file.read() as connection:
            return reading.by_ids(connection, ids)

    def find(
        self,
        *,
        feed: str | None = None,
        tag: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Article]:
        """Articles newest first: of a feed (URL), with a tag (slug), dated in [since, until).

        Only those that come `after` an article of this id, where one is given.

        Read a page at a time, each in a transaction of its own.
        """
        wanted = reading.Wanted(feed, tag, since, until, after, limit)
        return reading.newest(self._file.read, wanted)

    def revisions(self, id: str) -> list[Revision]:
        """The earlier versions of an article, oldest first."""
        with self._file.read() as connection:
            return reading.revisions_of(connection, id)

    def count(self) -> int:
        """How many articles there are."""
        with self._file.read() as connection:
            return reading.count(connection)

    def tags(self, limit: int | None = None, *, before: int = 0) -> list[TagCount]:
        """Tags by number of articles, most first, without the `before` first ones."""
        with self._file.read() as connection:
            return counting.tag_counts(connection, limit, before)

    def tag_total(self) -> int:
        """How many tags there are."""
        with self._file.read() as connection:
            return counting.tag_total(connection)

    def labels(self, slugs: Iterable[str]) -> dict[str, str]:
        """The label of each tag that any article has, by slug: that of its newest article."""
        with self._file.read() as connection:
            return counting.labels(connection, slugs)

    def titles(self, urls: Iterable[str]) -> dict[str, str]:
        """The titles of feeds that have one, by URL."""
        with self._file.read() as connection:
            return counting.titles(connection, urls)

    def days(self, timezone: ZoneInfo) -> dict[date, int]:
        """Local days that have articles, newest first, with their number of articles."""
        with self._file.read() as connection:
            return counting.days(connection, timezone)

    def tag_history(
        self, slugs: Iterable[str], *, since: datetime, timezone: ZoneInfo
    ) -> TagHistory:
        """When the articles with any of these tags are from; local days since `since`."""
        with self._file.read() as connection:
            return counting.tag_history(connection, slugs, since, timezone)

    def daily(
        self, first: date, last: date, timezone: ZoneInfo
    ) -> tuple[dict[str, list[int]], list[int]]:
        """For each tag its articles on every local day of a span, and the same for all articles."""
        with self._file.read() as connection:
            return counting.daily(connection, first, last, timezone)

    def changes(self, after: int, limit: int) -> list[Change]:
        """The next `limit` changes after `after`, those of one article as one, in order.

        An index that may hold the changes up to `n` already has to replace what `first` is up to
        `n`, even where it is fresh.
        """
        with self._file.read() as connection:
            return log.after(connection, after, limit)

    def last_change(self) -> int:
        """The number of the newest change; 0 before the first."""
        with self._file.read() as connection:
            return log.last(connection)

    def pruned_changes(self) -> int:
        """The number up to which the log is forgotten: who is behind it has to begin anew."""
        with self._file.read() as connection:
            return log.pruned(connection)
