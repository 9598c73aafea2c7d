"""An open story: its articles by date, and what they tell together."""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from aggregator.stories.background import unit
from aggregator.stories.sketch import Sketch, Word, spellings
from aggregator.stories.words import Term, Vector


@dataclass(frozen=True, eq=False)
class Gist:
    """What any of a story's reports has, summed up when it is first asked for."""

    members: Sequence[Sketch]

    @cached_property
    def titled(self) -> frozenset[Term]:
        """The terms of titles."""
        return _union(member.titled for member in self.members)

    @cached_property
    def nations(self) -> frozenset[Term]:
        """Those of them that name countries."""
        return _union(member.nations for member in self.members)

    @cached_property
    def regions(self) -> frozenset[Term]:
        """All that name a region."""
        return _union(member.regions for member in self.members)

    @cached_property
    def names(self) -> frozenset[Term]:
        """The terms that are written like names."""
        return _union(member.names for member in self.members)

    @cached_property
    def countries(self) -> frozenset[int]:
        """The countries that titles name."""
        return _union(member.countries for member in self.members)

    @cached_property
    def feeds(self) -> frozenset[str]:
        """The URLs of who brought it."""
        return frozenset(member.feed for member in self.members)

    @cached_property
    def languages(self) -> frozenset[str | None]:
        """The languages of those that are known, None for others."""
        return frozenset(member.language for member in self.members)

    @property
    def named(self) -> frozenset[Term]:
        """The terms of titles that may name what it is about."""
        return self.titled - self.regions

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
        """What its reports have together."""
        if self._gist is None:
            self._gist = Gist(self.members)
        return self._gist

    @property
    def words(self) -> Mapping[Term, Word]:
        """The words of its reports' terms."""
        if self._words is None:
            self._words = spellings(self.members)
        return self._words

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
