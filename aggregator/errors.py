"""The error tree. Every error says, in one line a user understands, what is wrong and where.

AggregatorError
├── ConfigError          feeds.yaml or templates: problems, each with file, line and key
├── FetchError           a feed could not be brought over the network
│   ├── SlowError        its server kept us waiting to the end of a time limit
│   ├── UnreachableError no server was reached, and that may be our own network's doing
│   ├── RefusedError     its server has too much to do, or we ask too often
│   └── RestingError     it was not asked for, because its server shall rest
├── ParseError           what came is not a readable feed
├── QueryError           a query is malformed; knows the column
├── StoreError           the database could not do its work
│   ├── OutdatedError    it is laid out as no version since the first did it
│   └── BusyError        another instance holds the data directory
└── SearchError          the search index could not do its work
    └── DamageError      its files are not what was written; it has to be rebuilt
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


class AggregatorError(Exception):
    """The root of everything that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a configuration file; `line` counts from 1."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        return f"{self.file}:{self.line}:{key} {self.message}"


class ConfigError(AggregatorError):
    """A configuration that cannot be used, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class FetchError(AggregatorError):
    """A feed that could not be fetched: why, the HTTP status if one came, and Retry-After."""

    def __init__(
        self,
        reason: str,
        *,
        url: str,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        self.url = url
        self.status = status
        self.retry_after = retry_after
        super().__init__(reason)


class SlowError(FetchError):
    """A server that kept us waiting to the end of a time limit."""


class UnreachableError(FetchError):
    """Names that cannot be looked up now, a network without a way, too many open files."""


class RefusedError(FetchError):
    """A server that says 429 or 503: nothing of its site is asked for during `rest`."""

    def __init__(
        self,
        reason: str,
        *,
        url: str,
        status: int,
        retry_after: timedelta | None,
        rest: timedelta,
        host: str,
    ) -> None:
        self.rest = rest
        self.host = host
        super().__init__(reason, url=url, status=status, retry_after=retry_after)


class RestingError(FetchError):
    """A feed that was not asked for, because its site is to be left alone for another `rest`."""

    def __init__(self, reason: str, *, url: str, rest: timedelta) -> None:
        self.rest = rest
        super().__init__(reason, url=url)


class ParseError(AggregatorError):
    """A document that is not a feed, or one that could not be read within its bounds."""


class QueryError(AggregatorError):
    """A query that cannot be understood; `column` counts from 1."""

    def __init__(self, message: str, *, column: int) -> None:
        self.column = column
        super().__init__(message)


class StoreError(AggregatorError):
    """The database could not do its work."""


class OutdatedError(StoreError):
    """A database that cannot be brought up to date, from before the first version."""


class BusyError(StoreError):
    """Another instance holds the data directory."""


class SearchError(AggregatorError):
    """The search index could not do its work."""


class DamageError(SearchError):
    """The files of the search index are missing, torn or changed: it has to be rebuilt."""
