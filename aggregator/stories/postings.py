"""Postings: which articles have a mark, and what it is there. One is one number."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

NAMED, COUNTRY = 1, 4
"""Flags: the term is written as a name; the title names a country. Older postings have others."""
WEIGHED: Final = 1_000
"""The weight of a mark that counts 1."""
WEIGHT, ARTICLE = 3, 13
"""The bit of a posting from which on it tells the weight, the article's number; flags before."""
NAMED_SHARE = 0.75
"""For each article that weighs a term, so many at least must write it as a name."""
_WEIGHT: Final = (1 << ARTICLE) - (1 << WEIGHT)

Posting = int


def posting(article: int, weight: int, flags: int) -> Posting:
    """That an article, by its number, has a mark."""
    return article << ARTICLE | weight << WEIGHT | flags


@dataclass(frozen=True)
class Postings:
    """The articles with one mark, oldest first."""

    all: tuple[Posting, ...] = ()

    @cached_property
    def weights(self) -> dict[int, float]:
        """By number: what the mark weighs there, if it does."""
        by_unit = 1 / (WEIGHED << WEIGHT)
        return {each >> ARTICLE: (each & _WEIGHT) * by_unit for each in self.all if each & _WEIGHT}

    @cached_property
    def named(self) -> list[int]:
        """Those that write it as a name."""
        return self._flagged(NAMED)

    @cached_property
    def abroad(self) -> list[int]:
        """Those whose titles name a country."""
        return self._flagged(COUNTRY)

    @cached_property
    def is_name(self) -> bool:
        """Whether those who have the term write it as a name."""
        return len(self.named) >= NAMED_SHARE * len(self.weights) > 0

    def _flagged(self, flag: int) -> list[int]:
        return [each >> ARTICLE for each in self.all if each & flag]
