"""What ties an article to a story, and a story to another: evidence that can be told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.stories.marks import Mark
from aggregator.stories.sketch import Word
from aggregator.stories.words import Term, Vector

TOLD_TERMS = 4
Kind = Literal["copy", "link", "words", "user"]


@dataclass(frozen=True, slots=True)
class Tie:
    """Why an article belongs to a story: how alike it is to the article `other` of it, and in what.

    `score` is what the story as a whole earned: a share of equal text for a copy, else a cosine
    that time has lessened; `terms` are the shared words that weigh most.
    """

    kind: Kind
    other: str | None
    score: float
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """That an article was placed in a story; without a tie it is the story's first.

    `marks` are what it is found by from now on.
    """

    article: str
    story: str
    tie: Tie | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """That two stories are of one affair, by a cosine and by the shared words that weigh most.

    It is chained if others lead from one to the other. `title` and `began` are the other story's,
    where it is still kept.
    """

    story: str
    other: str
    score: float
    terms: tuple[str, ...] = ()
    title: str = ""
    began: datetime | None = None
    is_chained: bool = False


def told(
    one: Vector,
    other: Vector,
    words: Mapping[Term, Word],
    first: Iterable[Term] = (),
) -> tuple[str, ...]:
    """The shared terms that weigh most, as they are spelt; those of `first` before all others.

    Terms whose spelling is not known are stems, told only where there is nothing else.
    """
    common = ((-one[term] * other[term], words[term].stem, term) for term in one if term in other)
    terms = dict.fromkeys((*first, *(term for _, _, term in sorted(common))))
    spelt = [words[term].spelt for term in terms if words[term].spelt]
    return tuple((spelt or [words[term].stem for term in terms])[:TOLD_TERMS])
