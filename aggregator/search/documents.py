"""Records as an index holds them: the names of exact values."""

from collections.abc import Iterator
from typing import Final

from aggregator.query import Part, Record
from aggregator.search.results import Facet

TEXTS: Final[tuple[Part, ...]] = ("title", "body", "author", "feed")


def label(kind: str, value: str) -> str:
    """The term of an exact value: `tag:iran`, `is:starred`."""
    return f"{kind}:{value}"


def labels(record: Record) -> Iterator[str]:
    """The terms of all exact values of a record."""
    values = {
        "tag": record.tags,
        "language": record.languages,
        "site": record.sites,
        "feed": record.feeds,
        "has": record.has,
        "story": [record.story] if record.story is not None else [],
        "is": ["starred"] if record.starred else [],
    }
    return (label(kind, value) for kind, each in values.items() for value in each)


def facet_prefixes(facet: Facet) -> tuple[str, ...]:
    """How the labels begin whose values a facet counts; months have none.

    Of the values of `feed` it counts addresses only, not the hosts that stand beside them.
    """
    if facet == "month":
        return ()
    schemes = ("http://", "https://") if facet == "feed" else ("",)
    return tuple(label(facet, scheme) for scheme in schemes)
