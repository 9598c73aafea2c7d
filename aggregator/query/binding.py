"""Binding: a parsed tree gets the time, the time zone and the tags that it is asked under."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import text
from aggregator.query import days
from aggregator.query.tree import And, Dates, Exact, Not, Or, Query, Text


def bind(
    query: Query,
    *,
    now: datetime,
    timezone: ZoneInfo,
    tag_slugs: Callable[[str], Iterable[str]] = lambda label: (text.slug(label),),
) -> Query:
    """The tree as it is matched: days are half-open UTC instants, tags are slugs.

    `tag_slugs` names every tag that a label stands for: its own, its aliases, those below it. A
    hyphenated word also means its spelling without hyphens (`covid-19`, `covid19`).
    """

    def bound(node: Query) -> Query:
        match node:
            case And(children):
                return And(tuple(map(bound, children)))
            case Or(children):
                return Or(tuple(map(bound, children)))
            case Not(child):
                return Not(bound(child))
            case Dates(field=field, text=written) if written:
                span = days.span(field, written, now=now, timezone=timezone)
                return node if span is None else replace(node, since=span.since, until=span.until)
            case Exact("tag", label):
                return _any_tag(tag_slugs(label))
            case Text(words, prefix=False) if joined := text.joined(words):
                return Or((node, replace(node, words=joined, phrase=False)))
        return node

    return bound(query)


def _any_tag(slugs: Iterable[str]) -> Query:
    tags = tuple(Exact("tag", slug) for slug in slugs)
    return tags[0] if len(tags) == 1 else Or(tags)
