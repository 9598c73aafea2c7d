"""A sitting: articles of a few days placed one after another, and in the end what that changed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from aggregator.stories.desk import Desk
from aggregator.stories.sketch import Sketch
from aggregator.stories.ties import Link, Placement

LENGTH, MOST = timedelta(days=2), 250
"""Days and articles of a sitting: all that its articles may meet stays in memory until its end."""
Item = TypeVar("Item")


class Sitting:
    """Places articles in the order of (date, id); `placements` is what was decided."""

    def __init__(self, desk: Desk) -> None:
        self.placements: list[Placement] = []
        self._desk = desk

    def place(self, sketch: Sketch) -> Placement:
        """Place the next article."""
        placement = self._desk.place(sketch)
        self.placements.append(placement)
        return placement

    def links(self) -> dict[str, list[Link]]:
        """By story that got a report or is near to one that did: those of its affair."""
        return self._desk.links(dict.fromkeys(each.story for each in self.placements))


def sittings(items: Iterable[Item], date: Callable[[Item], datetime]) -> Iterator[list[Item]]:
    """Cut what is ordered by date into parts of at most `LENGTH` and `MOST`."""
    part: list[Item] = []
    for item in items:
        if part and (len(part) == MOST or date(item) - date(part[0]) > LENGTH):
            yield part
            part = []
        part.append(item)
    if part:
        yield part
