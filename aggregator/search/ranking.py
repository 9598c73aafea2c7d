"""What makes one article a better answer than another, in every engine; docs/query.md has it whole.

    freshness · Σ over words   weight · rarity · (k1 + 1) · n / (n + k1 · (1 - b + b · length))
              + Σ over tags    weight · rarity

BM25 (Robertson and Zaragoza 2009, section 3.4) of a word that stands n times in a text of `length`
mean lengths.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import log
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aggregator import query, text
from aggregator.search.documents import label

if TYPE_CHECKING:
    from numpy.typing import NDArray

Ages = TypeVar("Ages", float, "NDArray[Any]")

SATURATION: Final = 1.2
LENGTH_SHARE: Final = 0.75
"""BM25's k1 and b."""
WEIGHTS: Final[Mapping[str, float]] = {"title": 2.0, "label": 2.0}
"""What a word counts in a field, where that is not 1, and what a tag counts that the words name."""
FRESHNESS: Final = 0.1
"""The newest article counts so much more than very old ones."""
HALF_LIFE: Final = timedelta(days=14) // timedelta(microseconds=1)
_SAID: Final = ("title", "body")


def rarity(articles: int, having: int) -> float:
    """The inverse document frequency of what so many of the articles have."""
    return log(1 + (max(articles - having, 0) + 0.5) / (having + 0.5))


def counted(field: str) -> tuple[str, ...]:
    """The fields of which the one that has a word most often says how rare it is.

    Few titles have a `for`; that makes it no rare word.
    """
    return _SAID if field in _SAID else (field,)


def freshness(age: Ages) -> Ages:
    """What their age, in microseconds before the newest article, makes of scores."""
    return 1 + FRESHNESS * 2.0 ** (-age / HALF_LIFE)  # type: ignore[no-any-return]


def positive(tree: query.Query) -> Iterator[query.Text]:
    """The words of a query outside of exclusions: only they make scores."""
    match tree:
        case query.And(children) | query.Or(children):
            for child in children:
                yield from positive(child)
        case query.Text():
            yield tree


def tag(node: query.Text) -> str | None:
    """The label of the tag that words name, where they are looked for anywhere."""
    slug = text.slug(node.words) if node.field is None and not node.prefix else ""
    return label("tag", slug) if slug else None
