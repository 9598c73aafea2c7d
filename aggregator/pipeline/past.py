"""The past of stories: what the store knows of the articles that were placed before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from aggregator.store import Sketched
from aggregator.store.places import Places
from aggregator.stories import Placement, Sketch
from aggregator.stories.desk import KEPT, QUIET, REACH
from aggregator.stories.past import Told
from aggregator.stories.postings import ARTICLE, Posting
from aggregator.stories.ties import Link
from aggregator.stories.web import Web

MOST_KEPT = 2_000
"""Articles whose vectors stay in memory from one time to the next: some 30 MB."""


class Past:
    """The articles that may meet those dated between `first` and `last`."""

    def __init__(self, places: Places, first: datetime, last: datetime) -> None:
        self._places = places
        self._reach = first - REACH, last + QUIET
        self._days = first - KEPT, last + QUIET

    def postings(self, marks: Collection[int]) -> Mapping[int, Sequence[Posting]]:
        """By mark: the articles that have it, oldest first."""
        return self._places.postings(marks, *self._reach)

    def stories(self, articles: Collection[int]) -> Mapping[int, str]:
        """By number: the stories of these articles."""
        return self._places.stories(articles)

    def told(self, stories: Collection[str]) -> Iterator[Told]:
        """All articles of these stories."""
        since, until = self._days
        for each in map(of_row, self._places.sketched(stories)):
            if since <= each.sketch.date <= until:
                yield each

    def links(self, stories: Collection[str]) -> list[Link]:
        """The links of these stories, whichever story they are from."""
        return self._places.links(stories)


class Replayed:
    """The articles that were placed again so far, each in the story that it came to then."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.stories: dict[int, str] = {}
        self.members: defaultdict[str, list[int]] = defaultdict(list)
        self.web = Web()
        self._before: dict[str, str] = {}

    def keep(self, placed: Iterable[tuple[Told, Placement]]) -> None:
        """Know what was placed now."""
        for each, placement in placed:
            self.stories[each.number] = placement.story
            self.members[placement.story].append(each.number)
            self._before[placement.article] = each.story

    def names(self) -> dict[str, str]:
        """By story: the name that it had, if that was of a report that is kept no more.

        What a story of such a name fell into is named by it once, the oldest part.
        """
        names: dict[str, str] = {}
        for article, before in self._before.items():
            is_free = before not in self._before and before not in self.members
            if article in self.members and is_free:
                names.setdefault(before, article)
        return {story: before for before, story in names.items()}

    def around(self, first: datetime, last: datetime) -> "_Replayed":
        """Those that may meet articles dated between `first` and `last`."""
        return _Replayed(self, first, last)


class _Replayed:
    def __init__(self, replayed: Replayed, first: datetime, last: datetime) -> None:
        self._replayed = replayed
        self._reach = first - REACH, last + QUIET
        self._since, self._until = first - KEPT, last + QUIET

    def postings(self, marks: Collection[int]) -> Mapping[int, Sequence[Posting]]:
        found = self._replayed.places.postings(marks, *self._reach)
        placed = self._replayed.stories
        return {
            mark: [each for each in of if each >> ARTICLE in placed] for mark, of in found.items()
        }

    def stories(self, articles: Collection[int]) -> Mapping[int, str]:
        placed = self._replayed.stories
        return {each: placed[each] for each in articles if each in placed}

    def told(self, stories: Collection[str]) -> Iterator[Told]:
        members = [each for story in stories for each in self._replayed.members.get(story, ())]
        for each in map(of_row, self._replayed.places.these(members)):
            if self._since <= each.sketch.date <= self._until:
                yield each._replace(story=self._replayed.stories[each.number])

    def links(self, stories: Collection[str]) -> Iterator[Link]:
        return self._replayed.web.links(stories)


def of_row(row: Sketched) -> Told:
    """The placed article in a row of the store."""
    return Told(row.number, _sketch(row.sketch), row.story)


@lru_cache(MOST_KEPT)
def _sketch(packed: bytes) -> Sketch:
    return Sketch(packed)
