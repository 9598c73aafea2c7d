"""The file through SQLAlchemy: transactions, and statements that stand outside one."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, PoolProxiedConnection, QueuePool, create_engine
from sqlalchemy.exc import DBAPIError

from aggregator.store.file import File


class Database:
    """One SQLite file in WAL mode; any number of readers beside one writer."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._engine = create_engine(
            "sqlite://", creator=file.connect, poolclass=QueuePool, query_cache_size=200
        )

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
            driver(connection).execute(begin)
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
        with self._file.in_words():
            try:
                yield
            except DBAPIError as error:
                raise self._file.error(error.orig) from error


def driver(connection: Connection) -> sqlite3.Connection:
    """The driver's connection, in the same transaction: for what is read without SQLAlchemy."""
    return _driver(connection.connection)


def _driver(pooled: PoolProxiedConnection) -> sqlite3.Connection:
    connection = pooled.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection
