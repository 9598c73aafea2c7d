"""The query tree: frozen nodes, each printing itself as a query that parses to an equal tree."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

TextField = Literal["title", "author", "feed"]
ExactField = Literal["tag", "language", "site", "story"]
DateField = Literal["after", "before", "date"]

_PLAIN_VALUE: Final = re.compile(r"[^\s\"()*-][^\s\"()*]*")


@dataclass(frozen=True, slots=True)
class All:
    """Every article."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class And:
    """What all of two or more children match."""

    children: tuple["Query", ...]

    def __str__(self) -> str:
        return " ".join(
            f"({child})" if isinstance(child, Or) else str(child) for child in self.children
        )


@dataclass(frozen=True, slots=True)
class Or:
    """What any of two or more children matches."""

    children: tuple["Query", ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.children))


@dataclass(frozen=True, slots=True)
class Not:
    """What the child does not match."""

    child: "Query"

    def __str__(self) -> str:
        return f"-({self.child})" if isinstance(self.child, And | Or) else f"-{self.child}"


@dataclass(frozen=True, slots=True)
class Text:
    """Words side by side, as typed, in title or body or in one field; `prefix` begins one word."""

    words: str
    field: TextField | None = None
    phrase: bool = False
    prefix: bool = False

    def __str__(self) -> str:
        words = _quoted(self.words) if self.phrase else self.words
        return (f"{self.field}:" if self.field else "") + words + ("*" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class Exact:
    """One value of a field: a tag (its slug, once bound), a language code, a host, a story's id."""

    field: ExactField
    value: str

    def __str__(self) -> str:
        plain = _PLAIN_VALUE.fullmatch(self.value)
        return f"{self.field}:{self.value if plain else _quoted(self.value)}"


@dataclass(frozen=True, slots=True)
class Has:
    """That an article has something: an image, an enclosure, comments …"""

    what: str

    def __str__(self) -> str:
        return f"has:{self.what}"


@dataclass(frozen=True, slots=True)
class Is:
    """That an article is something: starred."""

    what: str

    def __str__(self) -> str:
        return f"is:{self.what}"


@dataclass(frozen=True, slots=True)
class Words:
    """How many words an article has: both bounds inclusive, None for an open one."""

    low: int | None
    high: int | None

    def __str__(self) -> str:
        low, high = ("" if bound is None else str(bound) for bound in (self.low, self.high))
        return f"words:{low}..{high}"


@dataclass(frozen=True, slots=True)
class Dates:
    """When an article was published: `since` <= date < `until`, known once the tree is bound.

    `field` and `text` are what the user wrote: `date` and `7d`.
    """

    since: datetime | None
    until: datetime | None
    field: DateField = "date"
    text: str = ""

    def __str__(self) -> str:
        return f"{self.field}:{self.text}"


Query: TypeAlias = All | And | Or | Not | Text | Exact | Has | Is | Words | Dates


def _quoted(words: str) -> str:
    """The words in quotes, those within them behind a backslash."""
    escaped = words.replace('"', '\\"')
    return f'"{escaped} "' if words.endswith("\\") else f'"{escaped}"'


def leaves(query: Query) -> Iterator[Query]:
    """What a tree asks for, without AND, OR and NOT."""
    match query:
        case And(children) | Or(children):
            for child in children:
                yield from leaves(child)
        case Not(child):
            yield from leaves(child)
        case _:
            yield query


def both(children: Iterable[Query | None]) -> Query | None:
    """All of the children that say anything, in the simplest tree; None when none does."""
    parts = _flat(And, children)
    return And(parts) if len(parts) > 1 else next(iter(parts), None)


def either(children: Iterable[Query | None]) -> Query | None:
    """Any of the children that say anything, in the simplest tree; None when none does."""
    parts = _flat(Or, children)
    return Or(parts) if len(parts) > 1 else next(iter(parts), None)


def negated(query: Query | None) -> Query | None:
    """The opposite; twice is none."""
    if isinstance(query, Not):
        return query.child
    return None if query is None else Not(query)


def _flat(kind: type[And] | type[Or], children: Iterable[Query | None]) -> tuple[Query, ...]:
    return tuple(
        part
        for child in children
        if child is not None
        for part in (child.children if isinstance(child, kind) else (child,))
    )
