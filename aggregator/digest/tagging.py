"""The tags of a day: how often its articles carry them, and on the days before."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from aggregator.model import Article, Edition

EDITION_TAGS = 40
TRENDS = 12
"""How many of an edition's tags tell their last days."""
SPARKLINE_DAYS = 14
"""How many days those are, the edition's own among them."""

EXACT = 100
"""Below this a tag's articles a day are told to the unit, above in two figures."""

Key = TypeVar("Key", str, tuple[str, str])


def tags_of(articles: Iterable[Article]) -> tuple[tuple[str, str, int], ...]:
    """The commonest tags: slug, commonest label, articles."""
    counts: Counter[str] = Counter()
    labels: dict[str, Counter[str]] = {}
    for article in articles:
        for tag in article.tags:
            counts[tag.slug] += 1
            labels.setdefault(tag.slug, Counter())[tag.label] += 1
    return tuple(
        (slug, most_common(labels[slug], 1)[0][0], count)
        for slug, count in most_common(counts, EDITION_TAGS)
    )


def shown_tags(editions: Iterable[Edition]) -> set[str]:
    """The slugs of the tags whose last days editions tell."""
    return {slug for edition in editions for slug, _, _ in edition.tags[:TRENDS]}


def with_trends(edition: Edition, daily: Mapping[str, Sequence[int]]) -> Edition:
    """The edition with the last days of its commonest tags; `daily` ends with its day.

    Counts are rounded: one article more does not make every edition that has its tags anew.
    """
    tags = (slug for slug, _, _ in edition.tags[:TRENDS])
    trends = tuple((slug, tuple(map(_rounded, daily[slug]))) for slug in tags if slug in daily)
    return replace(edition, trends=trends)


def _rounded(count: int) -> int:
    """A count in two figures; those below 100 are exact."""
    return count if count < EXACT else round(count, 2 - len(str(count)))


def most_common(counts: Counter[Key], limit: int) -> list[tuple[Key, int]]:
    """The highest counts, equal ones in the order of their keys."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]
