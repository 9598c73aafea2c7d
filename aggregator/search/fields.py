"""Whoosh fields that take ready-made terms. Their classes are pickled into every index:
this module's path and the names in it stay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from whoosh import columns, fields, formats

Posting = tuple[bytes, int, float, bytes]


class Words(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """A text as positions of alternative terms, scored and searchable by phrase."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None, scorable=True)

    def index(self, value: Sequence[tuple[str, ...]], **_: Any) -> Iterator[Posting]:
        """The postings of a text: term, frequency, weight, encoded positions."""
        positions: defaultdict[str, list[int]] = defaultdict(list)
        for position, alternatives in enumerate(value):
            for term in alternatives:
                positions[term].append(position)
        encode = self.format.encode
        for term, places in positions.items():
            yield _encoded(term), len(places), len(places), encode(places)

    def to_bytes(self, value: str | bytes) -> bytes:
        """A term as the index holds it."""
        return _encoded(value)


class Labels(fields.FieldType):  # type: ignore[misc]  # whoosh has no types
    """A set of exact terms, not scored."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None)

    def index(self, value: Iterable[str], **_: Any) -> Iterator[Posting]:
        """The postings of a set of labels."""
        for label in sorted(set(value)):
            yield _encoded(label), 1, 1.0, b""

    def to_bytes(self, value: str | bytes) -> bytes:
        """A label as the index holds it."""
        return _encoded(value)


def _encoded(term: str | bytes) -> bytes:
    return term if isinstance(term, bytes) else term.encode("utf-8", "surrogatepass")


def schema() -> fields.Schema:
    """The fields of an article in the index; only its id and date are kept."""
    return fields.Schema(
        id=fields.ID(unique=True, sortable=True),
        title=Words(),
        body=Words(),
        author=Words(),
        feed=Words(),
        label=Labels(),
        quarter=fields.NUMERIC(int, bits=32, signed=True),
        words=fields.NUMERIC(int, bits=32, signed=True),
        moment=fields.COLUMN(columns.NumericColumn("q")),
    )
