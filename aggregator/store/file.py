"""The SQLite file: opening it, connections, transactions, and its errors in words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from errno import EACCES
from pathlib import Path

from aggregator import openfiles
from aggregator.errors import OutdatedError, StoreError

VERSION = "0005"
"""The newest migration."""

_PRAGMAS = (
    "foreign_keys = ON",
    "synchronous = NORMAL",
    "temp_store = MEMORY",
    "cache_size = -4000",
    "journal_size_limit = 67108864",
)
_SINCE_THE_FIRST = "placements"
"""A table that every version has had, but what came before them had not."""
_LEAST_ROOM = 64 << 10
_FILES = 3
"""The database, its log and the log's index."""
_WORDS = {
    "SQLITE_BUSY": "is locked by another program that does not let go of it; try again",
    "SQLITE_LOCKED": "is locked by another program that does not let go of it; try again",
    "SQLITE_FULL": "cannot grow: the disk is full; free some space and try again",
    "SQLITE_READONLY": "cannot be written: it or its directory is read-only",
    "SQLITE_CANTOPEN": "cannot be opened: look at the path and its permissions",
    "SQLITE_NOTADB": "is not a database, or it is damaged; restore a backup or move it away",
    "SQLITE_CORRUPT": "is damaged; restore a backup or move it away",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error",
}


class File:
    """One SQLite file in WAL mode; usable from any thread."""

    def __init__(self, path: Path, *, wait: timedelta) -> None:
        self.path = path
        self._wait = wait.total_seconds()
        self._idle: list[sqlite3.Connection] = []

    @classmethod
    def open(cls, path: Path, *, wait: timedelta) -> "File":
        """The file, made with mode 0600 as needed; `wait` bounds every lock. Raises StoreError."""
        _prepare(path)
        return cls(path, wait=wait)

    def close(self) -> None:
        """Close the connections that were read with."""
        while self._idle:
            self._idle.pop().close()

    def connect(self) -> sqlite3.Connection:
        """A connection of its own, without a transaction."""
        connection = sqlite3.connect(
            self.path, timeout=self._wait, isolation_level=None, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def read(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that sees one state of the file, whatever is written meanwhile."""
        return self._transaction("BEGIN")

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that is written whole or not at all."""
        return self._transaction("BEGIN IMMEDIATE")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self.in_words():
            connection = self._connection()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)

    def version(self) -> str | None:
        """The migration that the file has come to; None where nothing is in it yet.

        Raises StoreError for what is damaged, not ours or made by a newer version, OutdatedError
        for what was made before the first one.
        """
        with self.read() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = {name for (name,) in tables}
            if names and "alembic_version" not in names:
                raise StoreError(f"{self.path} is a database of another program")
            if names and _SINCE_THE_FIRST not in names:
                raise OutdatedError(
                    f"{self.path} was made before the first version of aggregator:"
                    " move it away, then `aggregator poll --all` starts a new one"
                )
            query = "SELECT version_num FROM alembic_version"
            found = connection.execute(query).fetchone() if names else None
        version = None if found is None else str(found[0])
        if version is not None and version > VERSION:
            raise StoreError(
                f"{self.path} was made by a newer version of aggregator (schema {version}, this"
                f" one knows {VERSION}); update aggregator, or use another data directory"
            )
        return version

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Tell the errors of the database as StoreError."""
        try:
            yield
        except sqlite3.Error as error:
            raise self.error(error) from error
        except UnicodeEncodeError as error:
            raise StoreError(f"{self.path}: cannot hold broken text: {error.reason}") from error

    def error(self, error: BaseException | None) -> StoreError:
        """An error of the database in words."""
        name = getattr(error, "sqlite_errorname", "") or ""
        kind = "_".join(name.split("_")[:2])
        if kind == "SQLITE_IOERR" and _is_full(self.path):
            kind = "SQLITE_FULL"
        if kind == "SQLITE_CANTOPEN" and not openfiles.are_free(_FILES):
            return StoreError(f"{self.path} cannot be opened: {openfiles.too_few()}")
        return StoreError(f"{self.path} {_WORDS.get(kind, f'failed: {error}')}")

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self.connect()


def _is_full(path: Path) -> bool:
    """Tell whether the disk is: SQLite says so of some of its files, of others that they failed."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize < _LEAST_ROOM


def _prepare(path: Path) -> None:
    """Make the file, or look at its mode; one that is there is never opened here.

    Closing it would end every lock that this process has on it (POSIX; SQLite's "How To Corrupt An
    SQLite Database File", section 2.2), and another process would take the log away as if unused.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {openfiles.reason(error)}") from error
    if not os.access(path, os.R_OK | os.W_OK):
        raise StoreError(f"{path} cannot be opened: {os.strerror(EACCES)}")
