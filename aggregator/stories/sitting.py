"""A sitting: articles placed one after another, and in the end what that changed."""

from datetime import datetime, timedelta

from aggregator.stories.desk import KEPT, Desk
from aggregator.stories.sketch import Sketch
from aggregator.stories.ties import Link, Placement

RELINKED = timedelta(days=2)
"""Links are found after so many days of articles at the latest: what is older is forgotten."""


class Sitting:
    """Places articles in the order of (date, id); `placements` is what was decided."""

    def __init__(self, desk: Desk) -> None:
        self.placements: list[Placement] = []
        self._desk = desk
        self._touched: dict[str, None] = {}
        self._began: datetime | None = None
        self._links: dict[str, list[Link]] = {}

    def place(self, sketch: Sketch) -> Placement:
        """Place the next article."""
        if self._began is None or sketch.date - self._began > RELINKED:
            self._link()
            self._began = sketch.date
        self._desk.forget_before(sketch.date - KEPT)
        placement = self._desk.place(sketch)
        self.placements.append(placement)
        self._touched[placement.story] = None
        return placement

    def links(self) -> dict[str, list[Link]]:
        """By story that got a report or is near to one that did: those of its affair."""
        self._link()
        return self._links

    def _link(self) -> None:
        self._links |= self._desk.links(self._touched)
        self._touched.clear()
