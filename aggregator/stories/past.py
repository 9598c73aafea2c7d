"""What was placed before, findable by marks."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from aggregator.stories.marks import Mark
from aggregator.stories.postings import Posting, posting
from aggregator.stories.sketch import Sketch
from aggregator.stories.ties import Link
from aggregator.stories.web import Web


class Told(NamedTuple):
    """A placed article: its number, itself and its story."""

    number: int
    sketch: Sketch
    story: str


class Past(Protocol):
    """The articles of some days that were placed before; numbers are above 0."""

    def postings(self, marks: Collection[int]) -> Mapping[int, Sequence[Posting]]:
        """By mark: the articles of the days within reach that have it, oldest first."""
        ...

    def stories(self, articles: Collection[int]) -> Mapping[int, str]:
        """By number: the stories of these articles."""
        ...

    def told(self, stories: Collection[str]) -> Iterable[Told]:
        """All articles of these stories."""
        ...

    def links(self, stories: Collection[str]) -> Iterable[Link]:
        """The links of these stories, whichever story they are from."""
        ...


class Remembered:
    """A past in memory."""

    def __init__(self) -> None:
        self._told: list[Told] = []
        self._of_story: defaultdict[str, list[int]] = defaultdict(list)
        self._by_mark: defaultdict[int, list[tuple[datetime, Posting]]] = defaultdict(list)
        self.web = Web()

    def keep(self, sketch: Sketch, story: str, marks: Iterable[Mark]) -> None:
        """Remember the next article; to be called in the order of dates."""
        number = len(self._told) + 1
        self._told.append(Told(number, sketch, story))
        self._of_story[story].append(number)
        for mark in marks:
            here = posting(number, mark.weight, mark.flags)
            self._by_mark[mark.number].append((sketch.date, here))

    def since(self, moment: datetime, reach: datetime | None = None) -> "Past":
        """The articles dated from `moment` on; those from `reach` on are found by marks."""
        return _Since(self, moment, moment if reach is None else reach)

    def postings(self, marks: Collection[int], since: datetime) -> dict[int, list[Posting]]:
        """By mark: the articles dated since then that have it."""
        found: dict[int, list[Posting]] = {}
        for mark in marks:
            dated = self._by_mark.get(mark, [])
            first = bisect_left(dated, since, key=lambda each: each[0])
            found[mark] = [each for _, each in dated[first:]]
        return found

    def told(self, stories: Collection[str], since: datetime) -> list[Told]:
        """All articles of these stories dated since then."""
        found = (self._told[n - 1] for story in stories for n in self._of_story.get(story, ()))
        return [each for each in found if each.sketch.date >= since]

    def stories(self, articles: Collection[int]) -> dict[int, str]:
        """By number: the stories of these articles."""
        return {number: self._told[number - 1].story for number in articles}


class _Since:
    def __init__(self, remembered: Remembered, moment: datetime, reach: datetime) -> None:
        self._remembered = remembered
        self._moment = moment
        self._reach = reach

    def postings(self, marks: Collection[int]) -> Mapping[int, Sequence[Posting]]:
        return self._remembered.postings(marks, self._reach)

    def stories(self, articles: Collection[int]) -> Mapping[int, str]:
        return self._remembered.stories(articles)

    def told(self, stories: Collection[str]) -> Iterable[Told]:
        return self._remembered.told(stories, self._moment)

    def links(self, stories: Collection[str]) -> Iterable[Link]:
        return self._remembered.web.links(stories)
