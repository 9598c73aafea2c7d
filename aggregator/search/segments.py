"""Segments: some hundreds or thousands of articles, written once, read by memory map.

NAME.col    ids and numbers by document
NAME.trm    the dictionaries of the texts and of the labels
NAME.pst    their postings
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from mmap import mmap
from pathlib import Path
from typing import Final

import numpy as np

from aggregator.model.instants import to_microseconds
from aggregator.query import Record
from aggregator.search.arrays import Array, is_cut, narrow, read_arrays, stretches, write_arrays
from aggregator.search.documents import TEXTS, label, labels
from aggregator.search.postings import (
    IN_DICTIONARY,
    IN_POSTINGS,
    Postings,
    Stream,
    decoded,
    encoded,
    joined,
)

LABELS: Final = "label"
FIELDS: Final = (*TEXTS, LABELS)
COLUMNS, DICTIONARIES, POSTINGS = KINDS = ".col", ".trm", ".pst"
_SHORT: Final = 1 << 30
Documents = Array
"""Which documents of a segment: a truth value for each."""


@dataclass(frozen=True, eq=False)
class Segment:
    """Articles numbered from 0; deleted ones are in every answer until `alive` takes them out.

    `columns` are `id`, `moment` (microseconds), `words` and the lengths of the texts; `files` are
    where it was read from.
    """

    name: str
    columns: Mapping[str, Array]
    fields: Mapping[str, Postings]
    alive: Documents
    files: tuple[mmap, ...] = ()

    def check(self) -> None:
        """Raise ValueError where its files were cut short since they were opened."""
        if any(map(is_cut, self.files)):
            raise ValueError(f"a file of {self.name} was cut short")

    @property
    def size(self) -> int:
        """How many documents there are, the deleted ones too."""
        return len(self.alive)

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages of the articles."""
        start = encoded(label("language", ""))
        found = (term[len(start) :].decode() for term, _ in self.fields[LABELS].labels(start))
        return frozenset(found)

    def without(self, deleted: Iterable[int]) -> "Segment":
        """The same segment when these documents, and no others, are deleted."""
        alive = np.ones(self.size, bool)
        alive[list(deleted)] = False
        return replace(self, alive=alive)

    def numbered(self, ids: Iterable[str]) -> list[int]:
        """The documents of those ids that are here."""
        return np.flatnonzero(np.isin(self.columns["id"], _ids(list(ids)))).tolist()

    def ids(self, documents: Iterable[int]) -> Iterator[str]:
        """The article ids of documents, by their numbers."""
        return (self.columns["id"][each].decode("utf-8") for each in documents)

    def with_label(self, kind: str, value: str) -> Documents:
        """Documents that have an exact value."""
        return self.holding(LABELS, self.fields[LABELS].find(encoded(label(kind, value))))

    def spread(self, prefix: str, documents: Documents) -> Iterator[tuple[str, int]]:
        """The values of labels that begin with `prefix`, and how many documents have each."""
        if prefix not in self._labelled:
            self._labelled[prefix] = self._labels(encoded(prefix))
        values, docs, starts = self._labelled[prefix]
        if not values:
            return
        counts = np.add.reduceat(documents[docs], starts, dtype=np.int64)
        for place in np.flatnonzero(counts):
            yield values[place], int(counts[place])

    def holding(self, field: str, forms: Array) -> Documents:
        """Documents in which any of the forms stands."""
        found = np.zeros(self.size, bool)
        for form in forms:
            found[self.fields[field].documents(form)[0]] = True
        return found

    def frequencies(self, field: str, forms: Array) -> tuple[Array, Array]:
        """The documents in which any of the forms stands, in order, and how often they do."""
        if len(forms) == 1:
            return self.fields[field].documents(int(forms[0]))
        found = np.zeros(self.size, np.uint32)
        for form in forms:
            docs, counts = self.fields[field].documents(form)
            found[docs] += counts
        docs = np.flatnonzero(found)
        return narrow(docs), narrow(found[docs])

    def places(self, field: str, forms: Array, wanted: Documents, offset: int) -> Array:
        """Where forms stand in wanted documents, `offset` positions earlier, none before a text.

        Places are counted through all texts of the segment.
        """
        found = [np.empty(0, np.int32)]
        for form in forms:
            docs, counts = self.fields[field].documents(form)
            places = self.fields[field].positions(form)
            chosen = wanted[docs]
            if not chosen.all():
                starts = np.cumsum(counts, dtype=np.int64) - counts
                docs, counts = docs[chosen], counts[chosen]
                places = stretches(places, starts[chosen], counts)
            here = np.repeat(self._starts[field][docs] - offset, counts) + places
            found.append(here[places >= offset] if offset else here)
        return np.concatenate(found)

    def common(self, field: str, places: Array, others: Array) -> Array:
        """Those of the places that are among the others."""
        marks = np.zeros(int(self.columns[field].sum()) + 1, bool)
        marks[others] = True
        return places[marks[places]]

    def document_of(self, field: str, places: Array) -> Documents:
        """The documents in which places lie."""
        found = np.zeros(self.size, bool)
        found[np.searchsorted(self._starts[field], places, side="right") - 1] = True
        return found

    def _labels(self, prefix: bytes) -> tuple[list[str], Array, Array]:
        """Values of labels, and the stretch of postings of all of them."""
        postings = self.fields[LABELS]
        found = list(postings.labels(prefix))
        if not found:
            return [], postings.docs[:0], postings.docs[:0]
        forms = range(found[0][1], found[-1][1] + 1)
        values = [decoded(term).partition(":")[2] for term, _ in found]
        return values, *postings.stretch(forms)

    @cached_property
    def _labelled(self) -> dict[str, tuple[list[str], Array, Array]]:
        return {}

    @cached_property
    def _starts(self) -> Mapping[str, Array]:
        lengths = {field: self.columns[field] for field in TEXTS}
        return {field: _before(each) for field, each in lengths.items()}


class Gatherer:
    """Records that become a segment."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._moments: list[int] = []
        self._words: list[int] = []
        self._streams = {field: Stream() for field in FIELDS}

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, record: Record) -> None:
        """Take the next article."""
        self._ids.append(record.id)
        self._moments.append(to_microseconds(record.date))
        self._words.append(record.words)
        for field in TEXTS:
            self._streams[field].add(record.positions(field))
        self._streams[LABELS].add([(each,) for each in labels(record)])

    def segment(self, name: str) -> Segment:
        """All that were taken."""
        return Segment(
            name,
            {
                "id": _ids(self._ids),
                "moment": np.array(self._moments, np.int64),
                "words": np.array(self._words, np.int64),
                **{field: narrow(self._streams[field].lengths()) for field in TEXTS},
            },
            {field: stream.postings() for field, stream in self._streams.items()},
            np.ones(len(self), bool),
        )


def join(name: str, segments: Sequence[Segment]) -> Segment:
    """Several segments as one, without the documents that are deleted."""
    alive = [each.alive for each in segments]
    columns = {
        column: np.concatenate([each.columns[column][each.alive] for each in segments])
        for column in segments[0].columns
    }
    fields = {
        field: joined((each.fields[field], each.alive) for each in segments) for field in FIELDS
    }
    return Segment(name, columns, fields, np.ones(sum(map(np.count_nonzero, alive)), bool))


def write(directory: Path, segment: Segment) -> None:
    """Write a segment's files."""
    write_arrays(_path(directory, segment.name, COLUMNS), segment.columns)
    for suffix, names in ((DICTIONARIES, IN_DICTIONARY), (POSTINGS, IN_POSTINGS)):
        arrays = {
            f"{field}.{name}": getattr(postings, name)
            for field, postings in segment.fields.items()
            for name in names
        }
        write_arrays(_path(directory, segment.name, suffix), arrays)


def read(directory: Path, name: str) -> Segment:
    """A segment from its files, no document of it deleted."""
    found = [read_arrays(_path(directory, name, kind)) for kind in KINDS]
    (columns, dictionaries, postings), files = zip(*found, strict=True)
    arrays = dictionaries | postings
    parts = (*IN_DICTIONARY, *IN_POSTINGS)
    fields = {
        field: Postings(**{part: arrays[f"{field}.{part}"] for part in parts}) for field in FIELDS
    }
    return Segment(name, columns, fields, np.ones(len(columns["id"]), bool), files)


def _before(lengths: Array) -> Array:
    """Where each of several texts begins when they stand in a row."""
    before = np.cumsum(lengths, dtype=np.int64) - lengths
    return before.astype(np.int32) if before.max(initial=0) < _SHORT else before


def _path(directory: Path, name: str, suffix: str) -> Path:
    return directory / f"{name}{suffix}"


def _ids(ids: Sequence[str]) -> Array:
    return np.array([each.encode("utf-8") for each in ids] or [b""], np.bytes_)[: len(ids)]
