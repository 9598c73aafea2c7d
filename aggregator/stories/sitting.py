"""A sitting: articles of a few days placed one after another, and in the end what that changed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from aggregator.stories.desk import Desk
from aggregator.stories.sketch import Sketch
from aggregator.stories.ties import Placement
from aggregator.stories.web import Retold

LENGTH, MOST = timedelta(days=2), 250
"""Days and articles of a sitting: all that its articles may meet stays in memory until its end."""
Item = TypeVar("Item")


class Decided(NamedTuple):
    """Where articles were placed, and what their stories are linked to since."""

    placements: list[Placement]
    retold: Retold


def decide(desk: Desk, sketches: Sequence[Sketch]) -> Decided:
    """Place articles, which are in the order of (date, id)."""
    placements = desk.place_all(sketches)
    return Decided(placements, desk.retell(dict.fromkeys(each.story for each in placements)))


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
