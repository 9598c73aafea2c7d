"""What a search is asked for, and what it gives."""

from dataclasses import dataclass
from typing import Final, Literal

Sort = Literal["relevance", "newest"]
SORTS: Final[tuple[Sort, ...]] = ("relevance", "newest")
Facet = Literal["tag", "feed", "language", "month"]
FACETS: Final[tuple[Facet, ...]] = ("tag", "feed", "language", "month")
Counts = list[tuple[str, int]]
"""Values with their numbers of articles, most first, then by value."""


@dataclass(frozen=True, slots=True)
class Results:
    """A page of article ids with their scores, and how many articles match in all.

    `warning` says in words why the answer may be partial.
    """

    ids: tuple[str, ...]
    scores: tuple[float, ...]
    total: int
    warning: str | None = None
