"""The words of a query as an index knows them: which terms, in which fields, how rare."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from aggregator import query, text
from aggregator.errors import SearchError
from aggregator.search.arrays import Array
from aggregator.search.postings import encoded
from aggregator.search.ranking import WEIGHTS, counted, rarity
from aggregator.search.segments import Segment

PREFIX_POSTINGS: Final = 100_000
"""A prefix whose words stand in more articles than this in all is refused."""
_PREFIX: Final = b"*"


@dataclass(frozen=True, slots=True)
class Sought:
    """Terms that stand side by side in a field: at every position any of the alternatives.

    A term that ends in `*` stands for all words that it begins.
    """

    field: str
    positions: tuple[tuple[bytes, ...], ...]

    @property
    def terms(self) -> frozenset[bytes]:
        """Every term that plays a part."""
        return frozenset(term for alternatives in self.positions for term in alternatives)


class Lexicon:
    """The terms of all segments of an index together; what was looked up once is kept."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._size = sum(segment.size for segment in segments)
        self._sought: dict[query.Text, tuple[Sought, ...]] = {}
        self._forms: dict[tuple[str, str, bytes], Array] = {}
        self._frequencies: dict[tuple[str, str, bytes], tuple[Array, Array]] = {}
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

    def forms(self, segment: Segment, field: str, term: bytes) -> Array:
        """The forms that a term has in a segment."""
        key = segment.name, field, term
        if key not in self._forms:
            postings = segment.fields[field]
            prefixed = term.endswith(_PREFIX)
            self._forms[key] = postings.beginning(term[:-1]) if prefixed else postings.find(term)
        return self._forms[key]

    def frequencies(self, segment: Segment, field: str, term: bytes) -> tuple[Array, Array]:
        """The documents of a segment in which a term stands, and how often it does."""
        key = segment.name, field, term
        if key not in self._frequencies:
            forms = self.forms(segment, field, term)
            self._frequencies[key] = segment.frequencies(field, forms)
        return self._frequencies[key]

    def articles(self) -> int:
        """How many articles there are, those that were deleted since too."""
        return self._size

    def spread(self, field: str, term: str) -> int:
        """In how many articles a term stands, about: an article counts for each of its forms."""
        name = encoded(term)
        postings = [segment.fields[field] for segment in self._segments]
        return sum(int(each.sizes(each.find(name)).sum()) for each in postings)

    def rarity(self, field: str, term: bytes) -> float:
        """The inverse document frequency of a term, times the weight of its field."""
        if (field, term) not in self._rarity:
            frequency = max(self._frequency(each, term) for each in counted(field))
            weight = WEIGHTS.get(field, 1.0)
            self._rarity[field, term] = weight * rarity(self._size, frequency)
        return self._rarity[field, term]

    def _frequency(self, field: str, term: bytes) -> int:
        found = (self.frequencies(segment, field, term)[0] for segment in self._segments)
        return sum(map(len, found))

    @cached_property
    def newest(self) -> int:
        """The moment of the newest article, at least 1970."""
        moments = (segment.columns["moment"][segment.alive] for segment in self._segments)
        return max((int(each.max(initial=0)) for each in moments), default=0)

    def length(self, field: str) -> float:
        """The mean length of a field, in positions."""
        if field not in self._length:
            total = sum(int(segment.columns[field].sum()) for segment in self._segments)
            self._length[field] = max(total / self._size, 1.0)
        return self._length[field]

    @cached_property
    def _languages(self) -> frozenset[str]:
        return frozenset().union(*(segment.languages for segment in self._segments))

    def _positions(self, node: query.Text, field: str) -> tuple[tuple[bytes, ...], ...]:
        if node.prefix:
            return (tuple(self._beginning(field, node.words)),)
        asked = text.query_terms(node.words)
        return tuple(tuple(sorted(self._known(field, terms))) for terms in asked)

    def _known(self, field: str, terms: frozenset[str]) -> Iterator[bytes]:
        """Those of the terms that stand anywhere; stems only of languages that are there."""
        for term in terms:
            _, stem, language = term.rpartition("~")
            if not stem or language in self._languages:
                name = encoded(term)
                if any(len(self.forms(segment, field, name)) for segment in self._segments):
                    yield name

    def _beginning(self, field: str, word: str) -> Iterator[bytes]:
        folded = text.prefix(word)
        if folded is None:
            return
        term = encoded(folded) + _PREFIX
        postings = sum(
            int(segment.fields[field].sizes(self.forms(segment, field, term)).sum())
            for segment in self._segments
        )
        if postings > PREFIX_POSTINGS:
            raise SearchError(f"{word}* stands for too many words; write more of the word")
        if postings:
            yield term


def _possible(sought: Sought) -> bool:
    return bool(sought.positions) and all(sought.positions)
