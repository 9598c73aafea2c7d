"""Chains: what leads from a story to those of its affair that it shares hardly a word with."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from aggregator.stories.background import cosine
from aggregator.stories.running import Running
from aggregator.stories.ties import Link
from aggregator.stories.web import MOST_LINKS, Web, nearest_first

CHAINED = 0.06
"""Cosine of two stories from which they are of one affair if both are near to a third."""
FAINT, MANY = 0.02, 4
"""The same if so many of those near to one are of one affair with the other."""
AFFAIR = timedelta(days=6)
"""How far apart related stories may lie."""
LEADING = 8
"""So many of the nearest stories lead on to theirs."""
SAME_FEED = 0.55
"""Stories that only one feed tells sound alike whatever they tell."""


Reads = Callable[[Iterable[str]], None]


class Chains:
    """Follows a web of links from story to story.

    `read_links` brings those of stories into the web, `read_stories` what is to be compared.
    """

    def __init__(
        self, stories: Mapping[str, Running], web: Web, *, read_links: Reads, read_stories: Reads
    ) -> None:
        self._stories = stories
        self._web = web
        self._read_links = read_links
        self._read_stories = read_stories

    def follow(self, told: Mapping[str, Collection[str]]) -> list[Link]:
        """Link stories to what others lead to, and to each other stories that they lead between.

        Each story comes with those that were near to it before: what leads between those is known.
        """
        self._read_links(other for one in told for other in self._web.near(one))
        ends = {one: list(_ways(self._nearest(one), self._web.near)) for one in told}
        links = self._tied(ends, CHAINED)
        links += self._tied(self._ends_through(told), CHAINED)
        self._read_links(other for one in told for other in self._clearly(one))
        return links + self._tied({one: self._many_ways(one) for one in told}, FAINT, abroad=True)

    def _tied(
        self, ends: Mapping[str, Sequence[str]], least: float, *, abroad: bool = False
    ) -> list[Link]:
        """Tie stories to the likest of their ends, as long as they have room for links.

        Those whose titles name other countries are left out, but if it is `abroad`.
        """
        room = {one: MOST_LINKS - len(self._web.around(one)) for one in ends}
        self._read_stories(end for one in ends if room[one] > 0 for end in ends[one])
        links: list[Link] = []
        for one in (one for one in ends if room[one] > 0):
            found = (
                Link(one, other.id, round(score, 4), is_chained=True)
                for other, score in self._alike(one, ends[one])
                if score >= least and (abroad or not self._is_foreign(one, other))
            )
            links += sorted(found, key=nearest_first)[: room[one]]
        self._web.tie(links)
        return links

    def _nearest(self, one: str) -> list[str]:
        return self._web.near(one)[:LEADING]

    def _clearly(self, one: str) -> list[str]:
        """What is chained to a story by more than faint likeness."""
        links = self._web.around(one).items()
        return [other for other, link in links if link.is_chained and link.score >= CHAINED]

    def _many_ways(self, one: str) -> list[str]:
        """What many of those around are of one affair with."""
        around = (*self._nearest(one), *self._clearly(one))
        ways = _ways(around, lambda near: (*self._web.near(near), *self._clearly(near)))
        return [other for other, number in ways.items() if number >= MANY]

    def _ends_through(self, told: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
        """By story: where another leads from it, if one of both is new to that other."""
        ends: defaultdict[str, list[str]] = defaultdict(list)
        for one, before in told.items():
            near = self._web.near(one)
            new = [each for each in near if each not in before]
            for other in near:
                if one in self._nearest(other):
                    ends[other] += new if other in before else near
        return ends

    def _is_foreign(self, one: str, other: Running) -> bool:
        return self._stories[one].gist.is_foreign(other.gist)

    def _alike(self, one: str, others: Iterable[str]) -> Iterator[tuple[Running, float]]:
        """Those of the same days that are not linked yet, with how alike they are."""
        story, linked = self._stories[one], self._web.around(one)
        unlinked = [each for each in dict.fromkeys(others) if each != one and each not in linked]
        for other in (self._stories[each] for each in unlinked if story.members):
            if other.members and apart(story, other) <= AFFAIR:
                yield other, likeness(story, other)


def likeness(story: Running, other: Running) -> float:
    """How alike two stories are, less if only one feed tells them."""
    alike = cosine(story.vector, other.vector)
    return alike * SAME_FEED if alike and _is_of_one_feed(story, other) else alike


def apart(story: Running, other: Running) -> timedelta:
    """The time between two stories; below zero if they overlap."""
    return max(story.first, other.first) - min(story.last, other.last)


def _ways(around: Iterable[str], on: Callable[[str], Iterable[str]]) -> Counter[str]:
    """How many of those around lead to others."""
    return Counter(further for other in around for further in on(other))


def _is_of_one_feed(story: Running, other: Running) -> bool:
    feed = story.members[0].feed
    return all(member.feed == feed for each in (other, story) for member in each.members)
