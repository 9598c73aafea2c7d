"""The SQLite file: opening and migrating it, transactions, and its errors in words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError
from aggregator.store.schema import VERSION

_MIGRATIONS = Path(__file__).parent / "migrations"
_PRAGMAS = (
    "foreign_keys = ON",
    "synchronous = NORMAL",
    "temp_store = MEMORY",
    "journal_size_limit = 67108864",
)
_LEAST_ROOM = 64 << 10
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


class Database:
    """One SQLite file in WAL mode; any number of readers beside one writer."""

    def __init__(self, path: Path, *, wait: timedelta) -> None:
        self._path = path
        self._engine = _engine(path, wait)

    @classmethod
    def open(cls, path: Path, *, wait: timedelta) -> "Database":
        """Open the file, made with mode 0600 or migrated as needed; `wait` bounds every lock.

        Raises StoreError for what is damaged, not ours, made by a newer version or unreachable.
        """
        _prepare(path)
        database = cls(path, wait=wait)
        try:
            database._bring_up_to_date()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the file."""
        self._engine.dispose()

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of the store, whatever is written meanwhile."""
        return self._transaction("BEGIN")

    def write(self) -> AbstractContextManager[Connection]:
        """A transaction that is written whole or not at all."""
        return self._transaction("BEGIN IMMEDIATE")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        """The driver would begin on its own only before the first write: too late for a reader."""
        with self._in_words(), self._engine.begin() as connection:
            _driver(connection.connection).execute(begin)
            yield connection

    def run(self, statement: str) -> None:
        """Run a statement that has to stand outside a transaction."""
        with self._in_words():
            connection = self._engine.raw_connection()
            try:
                _driver(connection).execute(statement)
            finally:
                connection.close()

    def copy(self, target: Path) -> None:
        """Write a consistent copy of the file, whatever is written meanwhile."""
        with self._in_words():
            connection = self._engine.raw_connection()
            try:
                with closing(sqlite3.connect(target)) as copy:
                    _driver(connection).backup(copy)
            finally:
                connection.close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._error(error.orig) from error
        except sqlite3.Error as error:
            raise self._error(error) from error
        except UnicodeEncodeError as error:
            raise StoreError(f"{self._path}: cannot hold broken text: {error.reason}") from error

    def _error(self, error: BaseException | None) -> StoreError:
        name = getattr(error, "sqlite_errorname", "") or ""
        kind = "_".join(name.split("_")[:2])
        if kind == "SQLITE_IOERR" and _is_full(self._path):
            kind = "SQLITE_FULL"
        return StoreError(f"{self._path} {_WORDS.get(kind, f'failed: {error}')}")

    def _bring_up_to_date(self) -> None:
        with self.read() as connection:
            version = self._version(connection)
        if version == VERSION:
            return
        if version is not None and version > VERSION:
            raise StoreError(
                f"{self._path} was made by a newer version of aggregator (schema {version}, this"
                f" one knows {VERSION}); update aggregator, or use another data directory"
            )
        if version is None:
            self.run("PRAGMA journal_mode = WAL")
        with self.write() as connection:
            _migrate(connection)

    def _version(self, connection: Connection) -> str | None:
        tables = set(
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
            .scalars()
            .all()
        )
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StoreError(f"{self._path} is a database of another program")
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return version if version is None else str(version)


def _engine(path: Path, wait: timedelta) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": wait.total_seconds()},
        query_cache_size=200,
    )
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _is_full(path: Path) -> bool:
    """Tell whether the disk is: SQLite says so of some of its files, of others that they failed."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize < _LEAST_ROOM


def _driver(pooled: PoolProxiedConnection) -> sqlite3.Connection:
    connection = pooled.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def _prepare(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}") from error


def _migrate(connection: Connection) -> None:
    """Imported here: a store that is up to date, the usual case, shall open without Alembic."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
