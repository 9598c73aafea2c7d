"""How common words are: frequencies in a frozen set of articles."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul

from aggregator.model import Article
from aggregator.stories.words import Term, Vector, Weighted, number, weighted

RARE_SHARE = 0.02
"""A term is rare when at most this share of the background has it."""
RARE_NAME_SHARE = 0.0125
"""The same for a name: those of countries and of who governs them are in the news every day."""
RARE_NAME_COUNT = 30
"""So often a name may stand in any archive: a small one may know little but what it is part of."""
UNSEEN = 1000
"""Documents assumed beyond the background, so that a young archive knows what is rare."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """How often `documents` articles have each term; in a title it counts about twice."""

    documents: int = 0
    frequency: Mapping[Term, float] = field(default_factory=dict)

    @classmethod
    def of(cls, articles: Iterable[Article]) -> "Background":
        """Count the terms of titles and summaries."""
        return cls.of_stems(*counted(weighted(a.title, a.summary, a.language) for a in articles))

    @classmethod
    def of_stems(cls, documents: int, frequency: Mapping[str, float]) -> "Background":
        """The background in which stems are so frequent."""
        return cls(documents, {number(stem): each for stem, each in frequency.items()})

    def rare(self, vector: Vector) -> list[tuple[Term, float]]:
        """The terms with weights that say something if they are shared."""
        return self._within(RARE_SHARE * (self.documents + UNSEEN), vector)

    def findable(self, vector: Vector) -> list[tuple[Term, float]]:
        """The terms with weights that say something, or would if they were names."""
        most = max(RARE_SHARE * (self.documents + UNSEEN), RARE_NAME_COUNT)
        return self._within(most, vector)

    def _within(self, most: float, vector: Vector) -> list[tuple[Term, float]]:
        frequency = self.frequency.get
        return [pair for pair in vector.items() if frequency(pair[0], 0) <= most]

    def is_rare_name(self, name: Term) -> bool:
        """Whether sharing `name` tells an affair."""
        most = max(RARE_NAME_SHARE * (self.documents + UNSEEN), RARE_NAME_COUNT)
        return self.frequency.get(name, 0) <= most

    def vector(self, weights: Vector) -> Vector:
        """Terms with their weights times smoothed inverse document frequency, of length 1.

        A term that stands more than once in nearly every document says nothing: it weighs 0.
        """
        frequency, much, log = self.frequency.get, self.documents + UNSEEN + 1, math.log
        rarity = [log(max(much / (frequency(term, 0) + 0.5), 1.0)) for term in weights]
        return _unit(weights, list(map(mul, weights.values(), rarity)))


def counted(documents: Iterable[Weighted]) -> tuple[int, dict[str, float]]:
    """How many documents there are, and by stem the sum of its weights in their heads."""
    frequency: defaultdict[str, float] = defaultdict(float)
    documents_counted = 0
    for document in documents:
        for stem, weight in document.head.items():
            frequency[stem] += weight
        documents_counted += 1
    return documents_counted, frequency


def unit(vector: Vector) -> Vector:
    """The vector of length 1 in the same direction."""
    return _unit(vector, list(vector.values()))


def _unit(terms: Iterable[Term], weights: Sequence[float]) -> Vector:
    length = math.hypot(*weights) or 1.0
    return dict(zip(terms, [each / length for each in weights], strict=True))


def cosine(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1; quickest if `one` is compared with many others."""
    total = 0.0
    for term in filter(one.__contains__, other):
        total += one[term] * other[term]
    return total
