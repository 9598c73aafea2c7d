"""Statements that are compiled once and then written for very many rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Update

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text of a statement, and its parameters in order, each with its type's conversion."""

    sql: str
    parameters: tuple[tuple[str, _Convert], ...]

    def row(self, values: Values) -> tuple[Any, ...]:
        return tuple(
            [
                convert(values[name]) if convert else values[name]
                for name, convert in self.parameters
            ]
        )


class Prepared:
    """A statement that writes; executed without what Core does anew for each row.

    The first row tells which columns are written: all others have to be of the same.
    """

    def __init__(self, statement: Insert | Update | Delete) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def execute(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Execute the statement for each row; return how many rows of the table it touched."""
        if not rows:
            return 0
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _compile(self._statement, list(rows[0]), dialect)
        compiled = self._compiled[dialect.name]
        return connection.exec_driver_sql(compiled.sql, list(map(compiled.row, rows))).rowcount


def _compile(
    statement: Insert | Update | Delete, columns: list[str], dialect: Dialect
) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    types = {name: bound.type for name, bound in compiled.binds.items()}
    return _Compiled(
        str(compiled),
        tuple(
            (name, types[name].dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ),
    )
