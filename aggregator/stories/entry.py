"""A sketch beside others: what is asked of it often, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aggregator.stories.sketch import COUNTRY, NAMED, REGION, TITLED, Sketch
from aggregator.stories.words import Term, Vector


@dataclass(frozen=True, eq=False)
class Entry:
    """An article that is compared with others."""

    sketch: Sketch

    @cached_property
    def head(self) -> Vector:
        """The vector that tells its event."""
        return self.sketch.head

    @cached_property
    def wide(self) -> Vector:
        """The vector that tells its affair."""
        return self.sketch.wide

    @cached_property
    def titled(self) -> frozenset[Term]:
        """The terms of its title."""
        return self._with(TITLED)

    @cached_property
    def names(self) -> frozenset[Term]:
        """The terms that stand with a capital in mid-sentence."""
        return self._with(NAMED)

    @cached_property
    def regions(self) -> frozenset[Term]:
        """The terms that name countries, parts of them, or peoples."""
        return self._with(REGION)

    @cached_property
    def nations(self) -> frozenset[Term]:
        """The terms of its title that name a country or its people."""
        return self._with(COUNTRY)

    @cached_property
    def countries(self) -> frozenset[int]:
        """The countries that its title names."""
        return self.sketch.countries

    @cached_property
    def _roles(self) -> Mapping[Term, int]:
        return self.sketch.roles

    def _with(self, role: int) -> frozenset[Term]:
        return frozenset([term for term, roles in self._roles.items() if roles & role])
