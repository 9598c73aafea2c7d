"""The meaning of a query on one article in memory; engines must find exactly the same."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from aggregator import text, urls
from aggregator.query.records import Part, Record
from aggregator.query.tree import All, And, Dates, Exact, Has, Is, Not, Or, Query, Text, Words

_ANY_PREFIX: Final = "*"
PARTS: Final[dict[str | None, tuple[Part, ...]]] = {
    None: ("title", "body"), "title": ("title",), "author": ("author",), "feed": ("feed",),
}  # fmt: skip
"""The texts that a field looks in."""


def matches(query: Query, record: Record) -> bool:
    """Whether a bound query means this article.

    A word is looked for in title and body; the words of a phrase stand side by side in one of them.
    """
    match query:
        case All():
            return True
        case And(children):
            return all(matches(child, record) for child in children)
        case Or(children):
            return any(matches(child, record) for child in children)
        case Not(child):
            return not matches(child, record)
    return _fits(query, record)


def _fits(query: Text | Exact | Has | Is | Words | Dates, record: Record) -> bool:
    match query:
        case Text():
            return _reads(query, record)
        case Exact(field, value):
            return value in _values(field, record)
        case Has(what):
            return what in record.has
        case Is():
            return record.starred
        case Words(low, high):
            return (low is None or low <= record.words) and (high is None or record.words <= high)
        case Dates(since, until):
            begun = since is None or since <= record.date
            return begun and (until is None or record.date < until)


def highlights(query: Query) -> list[list[frozenset[str]]]:
    """The word sequences that a query looks for in title and body, to be marked in a snippet.

    A position's terms are compared by `answers`: one that ends in `*` is a prefix.
    """
    match query:
        case And(children) | Or(children):
            return [sequence for child in children for sequence in highlights(child)]
        case Text(words, None | "title", _, prefix):
            asked = _prefixed(words) if prefix else text.query_terms(words, whole=True)
            return [asked] if asked else []
    return []


def answers(terms: Iterable[str], asked: frozenset[str]) -> bool:
    """Whether a position with these terms is one that a highlight asks for."""
    if not asked.isdisjoint(terms):
        return True
    begins = tuple(term[:-1] for term in asked if term.endswith(_ANY_PREFIX))
    return bool(begins) and any(term.startswith(begins) and "~" not in term for term in terms)


def feed_keys(words: str) -> frozenset[str]:
    """What `feed:` with these words may equal in a record's `feeds`: a URL, a host, a parent."""
    address = words if "://" in words else f"https://{words}"
    return frozenset({words, urls.identity(address)})


def _reads(query: Text, record: Record) -> bool:
    if query.field == "feed" and not record.feeds.isdisjoint(feed_keys(query.words)):
        return True
    return any(starts_of(query, record.places(part)) for part in PARTS[query.field])


def starts_of(query: Text, places: Mapping[str, list[int]]) -> set[int]:
    """The positions of a text at which the words begin, side by side."""
    return _beginning(query.words, places) if query.prefix else _standing(query.words, places)


def _standing(words: str, places: Mapping[str, list[int]]) -> set[int]:
    starts: set[int] | None = None
    for offset, terms in enumerate(sequence(words)):
        here = {place - offset for term in terms for place in places.get(term, ())}
        starts = here if starts is None else starts & here
        if not starts:
            break
    return starts or set()


def _beginning(word: str, places: Mapping[str, list[int]]) -> set[int]:
    begin = text.prefix(word)
    if begin is None:
        return set()
    found = (term for term in places if term.startswith(begin) and "~" not in term)
    return {place for term in found for place in places[term]}


def _prefixed(word: str) -> list[frozenset[str]]:
    begin = text.prefix(word)
    return [] if begin is None else [frozenset({begin + _ANY_PREFIX})]


@lru_cache(maxsize=1 << 12)
def sequence(words: str) -> tuple[frozenset[str], ...]:
    """What the positions of words side by side are looked for by."""
    return tuple(text.query_terms(words))


def _values(field: str, record: Record) -> frozenset[str | None]:
    match field:
        case "tag":
            return frozenset(record.tags)
        case "language":
            return frozenset(record.languages)
        case "site":
            return frozenset(record.sites)
    return frozenset({record.story})
