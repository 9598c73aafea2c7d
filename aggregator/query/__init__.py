"""The query language: text becomes a tree, and a tree says which articles it means.

    text ── parse ── tree ── bind (now, time zone, tags) ── matches(tree, record of an article)

Engines translate the bound tree; what it means is what `matches` says.
"""

from aggregator.query.binding import bind
from aggregator.query.evidence import Evidence, asked, evidence
from aggregator.query.matching import answers, feed_keys, highlights, matches
from aggregator.query.parser import parse
from aggregator.query.records import Part, Record, Wording, record
from aggregator.query.spelling import closest
from aggregator.query.tree import (
    All,
    And,
    Dates,
    Exact,
    Has,
    Is,
    Not,
    Or,
    Query,
    Text,
    Words,
    leaves,
)

__all__ = [
    "All",
    "And",
    "Dates",
    "Evidence",
    "Exact",
    "Has",
    "Is",
    "Not",
    "Or",
    "Part",
    "Query",
    "Record",
    "Text",
    "Wording",
    "Words",
    "answers",
    "asked",
    "bind",
    "closest",
    "evidence",
    "feed_keys",
    "highlights",
    "leaves",
    "matches",
    "parse",
    "record",
]
