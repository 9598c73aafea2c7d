"""What people type finds what publishers wrote, in every script: one table for every reader."""

from dataclasses import replace
from pathlib import Path

import pytest

from aggregator import query
from aggregator.search import ENGINES, maker
from tests.support.articles import article
from tests.support.records import bound
from tests.support.words import Row, rows

TABLE = rows()
RECORDS = {
    (row.text, row.language): query.record(
        replace(article("", row.text), id=f"a{number}", language=row.language)
    )
    for number, row in enumerate(TABLE)
}


def named(row: Row) -> str:
    return f"{row.query} in {row.text}"


@pytest.mark.parametrize("row", TABLE, ids=named)
def test_memory_finds_what_people_type(row: Row) -> None:
    record = RECORDS[row.text, row.language]
    assert query.matches(bound(row.query, "UTC"), record) == row.found


@pytest.mark.parametrize("name", ENGINES)
def test_engines_find_what_people_type(name: str, tmp_path: Path) -> None:
    engine = maker(name).create(tmp_path / "index")
    engine.apply(RECORDS.values())
    wrong = [
        row
        for row in TABLE
        if (RECORDS[row.text, row.language].id in engine.ids(bound(row.query, "UTC"))) != row.found
    ]
    engine.close()
    assert not wrong


def test_the_table_has_both_kinds_and_no_row_twice() -> None:
    assert {row.found for row in TABLE} == {True, False}
    assert len(set(TABLE)) == len(TABLE)
