"""The words of a query as an index knows them: which terms, in which fields, how rare."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from aggregator import query, text
from aggregator.errors import SearchError
from aggregator.search.fields import encoded, length_of
from aggregator.search.segments import Segment

PREFIX_POSTINGS: Final = 20_000
"""A prefix whose words stand in more articles than this in all is refused."""
TITLE_BOOST: Final = 2.5
SATURATION: Final = 1.2
LENGTH_SHARE: Final = 0.75
"""BM25's k1 and b."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Terms that stand side by side in a field: at every position any of the alternatives."""

    field: str
    positions: tuple[tuple[bytes, ...], ...]

    @property
    def terms(self) -> frozenset[bytes]:
        """Every term that plays a part."""
        return frozenset(term for alternatives in self.positions for term in alternatives)


class Lexicon:
    """The terms of all segments of an index together."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._size = sum(segment.size for segment in segments)
        self._sought: dict[query.Text, tuple[Sought, ...]] = {}
        self._rarity: dict[tuple[str, bytes], float] = {}
        self._length: dict[str, float] = {}

    def sought(self, node: query.Text) -> tuple[Sought, ...]:
        """What a node looks for, in any of its fields; raises SearchError for too broad a prefix.

        Empty for words that fold to nothing or that no article has.
        """
        if node not in self._sought:
            fields = (node.field,) if node.field else ("title", "body")
            found = [Sought(field, self._positions(node, field)) for field in fields]
            self._sought[node] = tuple(each for each in found if _possible(each))
        return self._sought[node]

    def rarity(self, field: str, term: bytes) -> float:
        """The inverse document frequency of a term, times the weight of its field."""
        if (field, term) not in self._rarity:
            boost = TITLE_BOOST if field == "title" else 1.0
            frequency = self._frequency(field, term)
            self._rarity[field, term] = boost * (log(self._size / (frequency + 1)) + 1)
        return self._rarity[field, term]

    def length(self, field: str) -> float:
        """The mean length of a field, in positions."""
        if field not in self._length:
            total = sum(sum(segment.numbers(length_of(field))) for segment in self._segments)
            self._length[field] = max(total / self._size, 1.0)
        return self._length[field]

    def _positions(self, node: query.Text, field: str) -> tuple[tuple[bytes, ...], ...]:
        if node.prefix:
            return (tuple(self._beginning(field, node.words)),)
        asked = text.query_terms(node.words)
        return tuple(tuple(sorted(self._known(field, terms))) for terms in asked)

    def _known(self, field: str, terms: frozenset[str]) -> Iterator[bytes]:
        return (term for term in map(encoded, terms) if self._frequency(field, term))

    def _beginning(self, field: str, word: str) -> list[bytes]:
        folded = text.prefix(word)
        if folded is None:
            return []
        found: set[bytes] = set()
        postings = 0
        for segment in self._segments:
            for term in segment.beginning(field, encoded(folded)):
                if b"~" in term:
                    continue
                found.add(term)
                postings += segment.frequency(field, term)
                if postings > PREFIX_POSTINGS:
                    raise SearchError(f"{word}* stands for too many words; write more of the word")
        return sorted(found)

    def _frequency(self, field: str, term: bytes) -> int:
        return sum(segment.frequency(field, term) for segment in self._segments)


def _possible(sought: Sought) -> bool:
    return bool(sought.positions) and all(sought.positions)
