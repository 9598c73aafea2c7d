"""How common words are: frequencies in a frozen set of articles."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul

from aggregator.model import Article
from aggregator.stories.words import weighted

RARE_SHARE = 0.02
"""A term is rare when at most this share of the background has it."""
RARE_NAME_SHARE = 0.0125
"""The same for a name: those of countries and of who governs them are in the news every day."""
UNSEEN = 1000
"""Documents assumed beyond the background, so that a young archive knows what is rare."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """How often `documents` articles have each term; in a title it counts about twice."""

    documents: int = 0
    frequency: Mapping[str, float] = field(default_factory=dict)
    _idf: "_Idf" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_idf", _Idf(self))

    @classmethod
    def of(cls, articles: Iterable[Article]) -> "Background":
        """Count the terms of titles and summaries."""
        return cls.counted(weighted(a.title, a.summary, a.language).head for a in articles)

    @classmethod
    def counted(cls, documents: Iterable[Mapping[str, float]]) -> "Background":
        """Add up the terms of documents by their weights there."""
        frequency: defaultdict[str, float] = defaultdict(float)
        number = 0
        for terms in documents:
            for term, weight in terms.items():
                frequency[term] += weight
            number += 1
        return cls(number, frequency)

    def rare(self, vector: Mapping[str, float]) -> list[tuple[str, float]]:
        """The terms with weights that say something if they are shared."""
        most = RARE_SHARE * (self.documents + UNSEEN)
        frequency = self.frequency.get
        return [pair for pair in vector.items() if frequency(pair[0], 0) <= most]

    def is_rare_name(self, name: str) -> bool:
        """Whether sharing `name` tells an affair."""
        return self.frequency.get(name, 0) <= RARE_NAME_SHARE * (self.documents + UNSEEN)

    def idf(self, term: str) -> float:
        """Inverse document frequency, smoothed."""
        return math.log((self.documents + UNSEEN + 1) / (self.frequency.get(term, 0) + 0.5))

    def vector(self, terms: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
        """Terms with their weights times rarity, of length 1."""
        much = list(map(mul, weights, map(self._idf.__getitem__, terms)))
        length = math.hypot(*much) or 1.0
        return dict(zip(terms, [each / length for each in much], strict=True))


class _Idf(dict[str, float]):
    """Of the terms that were asked for, each counted once."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background

    def __missing__(self, term: str) -> float:
        self[term] = self._background.idf(term)
        return self[term]


def unit(vector: Mapping[str, float]) -> dict[str, float]:
    """The vector of length 1 in the same direction."""
    length = math.hypot(*vector.values()) or 1.0
    return {term: weight / length for term, weight in vector.items()}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The cosine of two vectors of length 1; quickest if `one` is compared with many others."""
    total = 0.0
    for term in filter(one.__contains__, other):
        total += one[term] * other[term]
    return total
