"""A sketch beside others: its vectors, and what is asked of it often."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aggregator.stories.background import Background
from aggregator.stories.names import countries
from aggregator.stories.sketch import Sketch


@dataclass(frozen=True, eq=False)
class Entry:
    """A sketch with its vectors against a background; all is made when it is asked for."""

    sketch: Sketch
    background: Background

    @cached_property
    def head(self) -> Mapping[str, float]:
        """The vector that tells its event."""
        return self.background.vector(*self.sketch.head)

    @cached_property
    def wide(self) -> Mapping[str, float]:
        """The vector that tells its affair."""
        return self.background.vector(*self.sketch.wide)

    @cached_property
    def titled(self) -> frozenset[str]:
        """The terms of its title."""
        return self.sketch.titled

    @cached_property
    def countries(self) -> frozenset[str]:
        """The countries among those, by their first letters."""
        return countries(self.titled)

    @cached_property
    def names(self) -> frozenset[str]:
        """The terms that stand with a capital in mid-sentence."""
        return self.sketch.names
