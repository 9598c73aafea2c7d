"""Chains: what leads from a story to those of its affair that it shares hardly a word with."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import islice

from aggregator.stories.background import cosine
from aggregator.stories.running import Running

CHAINED = 0.06
"""Cosine of two stories from which they are of one affair if both are near to a third."""
FAINT, MANY = 0.02, 4
"""The same if both are of one affair with so many others."""
AFFAIR = timedelta(days=6)
"""How far apart related stories may lie."""
LEADING = 8
"""So many of the nearest stories lead on to theirs."""
SAME_FEED = 0.55
"""Stories that only one feed tells sound alike whatever they tell."""

Likenesses = Mapping[str, float]


class Chains:
    """Follows `near`, what each story is tied to by itself, the nearest first."""

    def __init__(self, stories: Mapping[str, Running], near: Callable[[str], Likenesses]) -> None:
        self._stories = stories
        self._near = near
        self._first: dict[str, Likenesses] = {}

    def of(self, id: str) -> dict[str, float]:
        """What chains lead to, with how alike it is."""
        first = self._nearly(id)
        around = (*self._nearest(id), *first)
        ways = self._ways(id, around, lambda one: (*self._near(one), *self._nearly(one)))
        return {**first, **self._alike(id, (one for one, number in ways.items() if number >= MANY))}

    def _nearly(self, id: str) -> Likenesses:
        """What stories near to this one are near to."""
        if id not in self._first:
            self._first[id] = self._found_nearly(id)
        return self._first[id]

    def _found_nearly(self, id: str) -> Likenesses:
        story = self._stories[id]
        alike = self._alike(id, self._ways(id, self._nearest(id), self._near))
        return {
            one: likeness
            for one, likeness in alike.items()
            if likeness >= CHAINED and not story.gist.is_foreign(self._stories[one].gist)
        }

    def _nearest(self, id: str) -> Iterable[str]:
        return islice(self._near(id), LEADING)

    def _ways(
        self, id: str, around: Iterable[str], near: Callable[[str], Iterable[str]]
    ) -> Counter[str]:
        """How many of those around lead to what this story is not near to."""
        around = list(around)
        ways = Counter(further for one in around for further in near(one))
        for one in (id, *around):
            ways.pop(one, None)
        return ways

    def _alike(self, id: str, others: Iterable[str]) -> dict[str, float]:
        """Those of the same days that share a word at least."""
        story = self._stories[id]
        near = (self._stories[one] for one in others)
        alike = {each.id: likeness(story, each) for each in near if apart(story, each) <= AFFAIR}
        return {one: score for one, score in alike.items() if score >= FAINT}


def likeness(story: Running, other: Running) -> float:
    """How alike two stories are, less if only one feed tells them."""
    alike = cosine(story.vector, other.vector)
    return alike * SAME_FEED if alike and _is_of_one_feed(story, other) else alike


def apart(story: Running, other: Running) -> timedelta:
    """The time between two stories; below zero if they overlap."""
    return max(story.first, other.first) - min(story.last, other.last)


def _is_of_one_feed(story: Running, other: Running) -> bool:
    feed = story.members[0].feed
    return all(member.feed == feed for each in (other, story) for member in each.members)
