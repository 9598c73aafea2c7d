"""Why a query means an article: which of its parts hold, by which words, where."""

from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.query.matching import PARTS, matches, sequence, starts_of
from aggregator.query.records import Part, Record
from aggregator.query.tree import All, And, Not, Or, Query, Text
from aggregator.text import Positions


@dataclass(frozen=True, slots=True)
class Evidence:
    """A part of a query that holds: the words that it found in a text, folded, and how often.

    `part` is None for what is no word: tags, dates, languages.
    """

    asked: Query
    part: Part | None
    words: tuple[str, ...]
    times: int


def evidence(tree: Query, record: Record) -> Iterator[Evidence]:
    """What of a bound query speaks for an article, in the query's order; exclusions do not."""
    for leaf in dict.fromkeys(asked(tree)):
        if isinstance(leaf, Text):
            yield from _in_texts(leaf, record)
        elif matches(leaf, record):
            yield Evidence(leaf, None, (), 1)


def asked(tree: Query) -> Iterator[Query]:
    """What a query asks for outside of exclusions."""
    match tree:
        case And(children) | Or(children):
            for child in children:
                yield from asked(child)
        case Not() | All():
            return
        case _:
            yield tree


def _in_texts(leaf: Text, record: Record) -> Iterator[Evidence]:
    length = 1 if leaf.prefix else len(sequence(leaf.words))
    for part in PARTS[leaf.field]:
        positions = record.positions(part)
        starts = sorted(starts_of(leaf, record.places(part)))
        surfaces = (_surface(positions[at : at + length]) for at in starts)
        if words := tuple(dict.fromkeys(surfaces)):
            yield Evidence(leaf, part, words, len(starts))


def _surface(positions: Positions) -> str:
    return " ".join(alternatives[0] for alternatives in positions)
