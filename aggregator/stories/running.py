"""An open story: its articles by date, and what they tell together."""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.stories.background import unit
from aggregator.stories.sketch import Sketch, Word, spellings
from aggregator.stories.words import Term, Vector


@dataclass(frozen=True, slots=True)
class Gist:
    """What any of a story's reports has.

    `titled` are the terms of titles, `nations` those of them that name countries, `regions` all
    that name a region.
    """

    titled: frozenset[Term]
    nations: frozenset[Term]
    regions: frozenset[Term]
    names: frozenset[Term]
    countries: frozenset[int]
    feeds: frozenset[str]
    languages: frozenset[str | None]

    @classmethod
    def of(cls, members: Sequence[Sketch]) -> "Gist":
        """Sum up reports."""
        return cls(
            titled=_union(member.titled for member in members),
            nations=_union(member.nations for member in members),
            regions=_union(member.regions for member in members),
            names=_union(member.names for member in members),
            countries=_union(member.countries for member in members),
            feeds=frozenset(member.feed for member in members),
            languages=frozenset(member.language for member in members),
        )

    def is_foreign(self, other: "Gist") -> bool:
        """Whether titles name countries, and none in common; known within a language only."""
        if not self.countries or not other.countries:
            return False
        disjoint = self.countries.isdisjoint(other.countries)
        return disjoint and not self.languages.isdisjoint(other.languages)


@dataclass(slots=True)
class Running:
    """A story with a report at least; an article may be added at any place."""

    id: str
    members: list[Sketch] = field(default_factory=list)
    _vector: Vector | None = None
    _gist: Gist | None = None
    _words: Mapping[Term, Word] | None = None

    def add(self, sketch: Sketch) -> None:
        """Take an article in."""
        if self.members:
            insort(self.members, sketch, key=lambda each: each.order)
            self._vector = self._gist = self._words = None
        else:
            self.members.append(sketch)

    @property
    def vector(self) -> Vector:
        """The middle of its reports' vectors."""
        if self._vector is None:
            self._vector = _middle(self.members)
        return self._vector

    @property
    def gist(self) -> Gist:
        """What its reports have together; asked for seldom."""
        if self._gist is None:
            self._gist = Gist.of(self.members)
        return self._gist

    @property
    def titled(self) -> frozenset[Term]:
        """The terms of its titles."""
        return _union(member.titled for member in self.members)

    @property
    def named(self) -> frozenset[Term]:
        """The terms of its titles that may name what it is about."""
        return self.gist.titled - self.gist.regions

    @property
    def words(self) -> Mapping[Term, Word]:
        """The words of its reports' terms."""
        if self._words is None:
            self._words = spellings(self.members)
        return self._words

    @property
    def countries(self) -> frozenset[int]:
        """Those that titles name."""
        return _union(member.countries for member in self.members)

    @property
    def first(self) -> datetime:
        """The date of its oldest report."""
        return self.members[0].date

    @property
    def last(self) -> datetime:
        """The date of its newest report."""
        return self.members[-1].date

    @property
    def is_service(self) -> bool:
        """Whether it is no event."""
        return self.members[0].is_service


def _middle(members: Sequence[Sketch]) -> Vector:
    if len(members) == 1:
        return members[0].wide
    first, *others = members
    total = dict(first.wide)
    for member in others:
        for term, weight in member.wide.items():
            total[term] = total.get(term, 0.0) + weight
    return unit(total)


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    first, *others = sets
    return first.union(*others) if others else first
