"""An open story: its articles by date, and what they tell together."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.stories.background import unit
from aggregator.stories.recent import Entry


@dataclass(slots=True)
class Running:
    """A story with a report at least; an article may be added or removed at any place."""

    id: str
    members: list[Entry] = field(default_factory=list)
    _vector: Mapping[str, float] | None = None

    def add(self, entry: Entry) -> None:
        """Take an article in."""
        self.members.append(entry)
        self.members.sort(key=lambda each: (each.sketch.date, each.sketch.id))
        self._vector = None

    def remove(self, entry: Entry) -> None:
        """Let go of an article."""
        self.members.remove(entry)
        self._vector = None

    @property
    def vector(self) -> Mapping[str, float]:
        """The middle of its reports."""
        if len(self.members) == 1:
            return self.members[0].wide
        if self._vector is None:
            total: defaultdict[str, float] = defaultdict(float)
            for member in self.members:
                for term, weight in member.wide.items():
                    total[term] += weight
            self._vector = unit(total)
        return self._vector

    @property
    def first(self) -> datetime:
        """The date of its oldest report."""
        return self.members[0].sketch.date

    @property
    def last(self) -> datetime:
        """The date of its newest report."""
        return self.members[-1].sketch.date

    @property
    def is_service(self) -> bool:
        """Whether it is no event."""
        return self.members[0].sketch.is_service

    def languages(self) -> frozenset[str | None]:
        """In which languages it is told."""
        return frozenset(member.sketch.language for member in self.members)

    def feeds(self) -> frozenset[str]:
        """Who tells it."""
        return frozenset(member.sketch.feed for member in self.members)

    def names(self) -> frozenset[str]:
        """The names in its reports."""
        return frozenset().union(*(member.sketch.names for member in self.members))

    def titled(self) -> frozenset[str]:
        """The terms of its titles."""
        return frozenset().union(*(member.sketch.titled for member in self.members))
