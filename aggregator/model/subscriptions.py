"""What the user says: subscriptions, how tags are read, topics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Subscription:
    """The user's line in feeds.yaml, with everything its groups give it."""

    url: str
    title: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    interval: timedelta | None = None
    headers: tuple[tuple[str, str], ...] = ()
    include: str | None = None
    exclude: str | None = None
    language: str | None = None
    weight: float = 1.0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """Gives the tag `tag` (a label) to every article that the query `when` matches."""

    tag: str
    when: str


@dataclass(frozen=True, slots=True)
class Tagging:
    """How tags are read: aliases and parents by label, slugs to ignore, rules in order."""

    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    ignore: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A named saved query that gets an edition every day, of at most `stories` stories."""

    name: str
    slug: str
    query: str
    stories: int = 20
