"""One segment of a whoosh index, read whole blocks at a time instead of document by document.

Whoosh's own query classes lose track of deleted documents inside alternatives, score only what
its heuristics keep, and walk postings one by one; here whoosh keeps the postings and no more.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Any

from whoosh.reading import SegmentReader, TermNotFound

from aggregator.search.fields import NUMBERS, unpacked

Documents = set[int]


class Segment:
    """The postings and columns of one segment; documents are numbered from 0.

    Deleted documents are in every answer: `alive` takes them out.
    """

    def __init__(self, reader: SegmentReader, older: "Segment | None" = None) -> None:
        """Open a segment; `older` is the same one as it was opened before, its numbers read."""
        self._reader = reader
        self.name = segment_name(reader)
        self.size: int = reader.doc_count_all()
        self._ids = reader.column_reader("id")
        self._numbers: dict[str, array[int]] = older._numbers if older else _read_numbers(reader)

    @cached_property
    def everything(self) -> Documents:
        """All documents."""
        return set(range(self.size))

    def alive(self, documents: Documents) -> Documents:
        """Those of the documents that are not deleted."""
        return documents.difference(self._reader.deleted_docs_set)

    def ids(self, documents: Documents) -> Iterator[str]:
        """The article ids of documents, in the order of iteration."""
        return map(self._ids.__getitem__, documents)

    def numbers(self, column: str) -> "array[int]":
        """A column of numbers, by document."""
        return self._numbers[column]

    def between(self, column: str, low: int | None, high: int | None) -> Documents:
        """Documents whose number is at least `low` and less than `high`; None is open."""
        ranked = self._ranked(column)
        numbers = self.numbers(column)
        first = 0 if low is None else bisect_left(ranked, low, key=numbers.__getitem__)
        last = len(ranked) if high is None else bisect_left(ranked, high, key=numbers.__getitem__)
        return set(ranked[first:last])

    def documents(self, field: str, term: bytes) -> Iterator[int]:
        """Documents in which a term stands, in order."""
        return chain.from_iterable(map(_numbers, self._blocks(field, term)))

    def weights(self, field: str, term: bytes) -> Iterator[tuple[int, float]]:
        """How often a term stands in each of its documents."""
        for block in self._blocks(field, term):
            yield from zip(_numbers(block), _weights(block), strict=True)

    def positions(
        self, field: str, term: bytes, wanted: Documents
    ) -> Iterator[tuple[int, Iterator[int]]]:
        """Where a term stands in those of its documents that are wanted."""
        for block in self._blocks(field, term):
            numbers = _numbers(block)
            if not wanted.isdisjoint(numbers):
                for number, value in zip(numbers, _values(block), strict=True):
                    if number in wanted:
                        yield number, unpacked(value)

    def frequency(self, field: str, term: bytes) -> int:
        """In how many documents a term stands."""
        return int(self._reader.doc_frequency(field, term))

    def beginning(self, field: str, prefix: bytes) -> Iterator[bytes]:
        """The terms of a field that begin with `prefix`, in order."""
        terms: Iterator[bytes] = self._reader.expand_prefix(field, prefix)
        return terms

    def _ranked(self, column: str) -> "array[int]":
        """Documents in the order of their numbers."""
        name = f"{column} ranked"
        if name not in self._numbers:
            numbers = self.numbers(column)
            self._numbers[name] = array("q", sorted(range(self.size), key=numbers.__getitem__))
        return self._numbers[name]

    def _blocks(self, field: str, term: bytes) -> Iterator[Any]:
        """A matcher of the term, once at every block of its postings."""
        try:
            matcher = self._reader._terms.matcher(field, term, self._reader.schema[field].format)
        except TermNotFound:
            return
        while matcher.is_active():
            yield matcher
            matcher._next_block()


def segment_name(reader: SegmentReader) -> str:
    """What tells a segment from all others, for ever."""
    return str(reader.segment().segment_id())


def _read_numbers(reader: SegmentReader) -> "dict[str, array[int]]":
    return {name: reader.column_reader(name, translate=False) for name in NUMBERS}


def _numbers(block: Any) -> Sequence[int]:
    if block._ids is None:
        block._read_data()
        block._ids = tuple(accumulate(block._data[0]))  # as whoosh does, four times as fast
    numbers: Sequence[int] = block._ids
    return numbers


def _weights(block: Any) -> Sequence[float]:
    if block._weights is None:
        block._read_weights()
    weights: Sequence[float] = block._weights
    return weights


def _values(block: Any) -> Sequence[bytes]:
    if block._values is None:
        block._read_values()
    values: Sequence[bytes] = block._values
    return values
