"""Whoosh fields that take ready-made terms. Their classes are pickled into every index:
this module's path and the names in it stay."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final

from whoosh import columns, fields, formats

Posting = tuple[bytes, int, float, bytes]
TEXTS: Final = ("title", "body", "author", "feed")
_NUMBER: Final = "q"
_STEP: Final = "I"


class Words(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """A text as positions of alternative terms, searchable by phrase."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None)

    def index(self, value: Sequence[tuple[str, ...]], **_: Any) -> Iterator[Posting]:
        """The postings of a text: term, frequency, weight, encoded positions."""
        positions: defaultdict[str, list[int]] = defaultdict(list)
        for position, alternatives in enumerate(value):
            for term in alternatives:
                positions[term].append(position)
        for term, places in positions.items():
            yield encoded(term), len(places), len(places), _packed(places)

    def to_bytes(self, value: str | bytes) -> bytes:
        """A term as the index holds it."""
        return encoded(value)


class Labels(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """A set of exact terms."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None)

    def index(self, value: Iterable[str], **_: Any) -> Iterator[Posting]:
        """The postings of a set of labels."""
        for label in sorted(set(value)):
            yield encoded(label), 1, 1.0, b""

    def to_bytes(self, value: str | bytes) -> bytes:
        """A label as the index holds it."""
        return encoded(value)


class Numbers(columns.Column):  # type: ignore[misc]  # whoosh has no types
    """A signed 64-bit number of every document, read as one array."""

    def writer(self, dbfile: Any) -> "_NumbersWriter":
        """What collects a segment's numbers and writes them when it ends."""
        return _NumbersWriter(dbfile)

    def reader(self, dbfile: Any, basepos: int, _: int, doccount: int) -> "array[int]":
        """A segment's numbers by document."""
        numbers: array[int] = dbfile.get_array(basepos, _NUMBER, doccount)
        return numbers

    def default_value(self, reverse: bool = False) -> int:
        """What a document without a number has."""
        return 0


class _NumbersWriter:
    def __init__(self, dbfile: Any) -> None:
        self._dbfile = dbfile
        self._numbers = array(_NUMBER)

    def add(self, document: int, number: int) -> None:
        self._fill(document)
        self._numbers.append(number)

    def finish(self, documents: int) -> None:
        self._fill(documents)
        self._dbfile.write_array(self._numbers)

    def _fill(self, documents: int) -> None:
        self._numbers.extend([0] * (documents - len(self._numbers)))


def _packed(places: Sequence[int]) -> bytes:
    """Increasing positions as steps from one to the next, which compress well."""
    return array(_STEP, (place - before for before, place in pairwise([0, *places]))).tobytes()


def unpacked(places: bytes) -> Iterator[int]:
    """The positions that a posting holds."""
    return accumulate(memoryview(places).cast(_STEP))


def encoded(term: str | bytes) -> bytes:
    """A term as the index holds it, lone surrogates included."""
    return term if isinstance(term, bytes) else term.encode("utf-8", "surrogatepass")


def length_of(text: str) -> str:
    """The name of the column that holds how many positions a text has."""
    return f"{text}_length"


NUMBERS: Final = ("moment", "words", *map(length_of, TEXTS))


def schema() -> fields.Schema:
    """The fields of an article in the index; no text is kept, only its terms."""
    return fields.Schema(
        id=fields.ID(unique=True, sortable=True),
        label=Labels(),
        **{text: Words() for text in TEXTS},
        **{name: fields.COLUMN(Numbers()) for name in NUMBERS},
    )
