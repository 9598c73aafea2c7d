"""What makes two articles alike: the words that tell one from the others, and its tags."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import log
from typing import Final, Literal

from aggregator.query import Part, Record
from aggregator.search.documents import label

WORDS: Final = 25
"""So many words of an article, those of the most weight, look for others."""
TITLE_WEIGHT: Final = 3
"""A word of the title counts as so many of the text."""
TAG_WEIGHT: Final = 2.0
COPIED: Final = 0.6
"""Articles that share so much of all their words are copies of each other."""
CONTAINED: Final = 0.8
"""So do those of one title that share so much of the shorter one's."""
_CANDIDATES: Final = 200

Kind = Literal["word", "label"]
FIELDS: Final[tuple[Part, ...]] = ("body", "title")
"""Where words are looked for."""
Frequency = Callable[[str, str], int]
"""In how many articles, about, a field has a term."""


@dataclass(frozen=True, slots=True)
class Trait:
    """A term that tells an article from others: how much it is about it, how rare the term is."""

    kind: Kind
    term: str
    share: float
    rarity: float

    @property
    def weight(self) -> float:
        """The term's tf·idf."""
        return self.share * self.rarity


def traits(record: Record, articles: int, frequency: Frequency) -> list[Trait]:
    """The words of most weight in an article, and all its tags, that other articles have too."""
    parts = [Counter(map(_name, filter(None, record.positions(part)))) for part in FIELDS]
    body, title = parts
    words = Counter({term: count * TITLE_WEIGHT for term, count in title.items()}) + body
    found = (
        Trait("word", term, 1 + log(count), rarity)
        for term, count in words.most_common(_CANDIDATES)
        if (rarity := _rarity(term, parts, articles, frequency))
    )
    return [
        *nlargest(WORDS, found, key=lambda each: (each.weight, each.term)),
        *_tags(record, articles, frequency),
    ]


def is_copy(one: Record, other: Record) -> bool:
    """Whether two articles are the same text, or under one title the beginning of it."""
    mine, theirs = one.different(), other.different()
    shared = len(mine & theirs)
    titled_alike = one.positions("title") == other.positions("title")
    if titled_alike and shared >= CONTAINED * min(len(mine), len(theirs)):
        return True
    return shared >= COPIED * len(mine | theirs)


def _name(alternatives: tuple[str, ...]) -> str:
    """The term that stands for a word: its stem, which finds all its forms, where it has one."""
    return next((term for term in alternatives if "~" in term), alternatives[0])


def _rarity(term: str, parts: Sequence[Counter[str]], articles: int, frequency: Frequency) -> float:
    """The inverse document frequency of a word, in texts, else in titles.

    0 where no other article has the word, or all have it.
    """
    others = (
        frequency(field, term) - (term in part) for field, part in zip(FIELDS, parts, strict=True)
    )
    found = next((number for number in others if number > 0), 0)
    return log(articles / (found + 1)) if 0 < found < articles else 0.0


def _tags(record: Record, articles: int, frequency: Frequency) -> Iterator[Trait]:
    for term in sorted(label("tag", slug) for slug in record.tags):
        found = frequency("label", term)
        if 1 < found < articles:
            yield Trait("label", term, TAG_WEIGHT, log(articles / found))
