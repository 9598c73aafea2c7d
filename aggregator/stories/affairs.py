"""Affairs: which stories are of one chain of events, by words, by names and by a third story.

Names are the evidence that tells an affair from a subject: stories that share a country or a rare
name need fewer words in common, those that share it in their titles hardly any.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from aggregator.stories.chains import AFFAIR, Chains, Likenesses, apart, likeness
from aggregator.stories.recent import Recent
from aggregator.stories.running import Running
from aggregator.stories.sketch import Word
from aggregator.stories.ties import Link, told
from aggregator.stories.words import Term

RELATED = 0.24
"""Cosine of two stories from which they are of one affair by their words alone."""
COUNTRY, NAMED, TITLED = 0.16, 0.17, 0.08
"""The same if their titles name one country, if they share a rare name, if their titles do."""
FOREIGN = 0.30
"""The same if their titles name different countries: talks of others in the same city."""
MOST_RELATED = 24


class Affairs:
    """Finds the stories that belong to the same affair, among those of recent days."""

    def __init__(self, recent: Recent) -> None:
        self._recent = recent
        self._stories = recent.stories

    def links(self, ids: Iterable[str]) -> dict[str, list[Link]]:
        """By story: the stories of the same affair, the nearest first.

        A report changes what its story is near to, and so what leads there: neighbours are told
        anew with it. Chains follow what these are near to, no further.
        """
        near = self._all_near(one for one in ids if one in self._stories)
        others = dict.fromkeys(other for found in near.values() for other in found)
        near |= self._all_near(one for one in others if one not in near)
        chains = Chains(self._stories, lambda one: near.get(one, {}))
        return {one: self._links(one, {**chains.of(one), **near[one]}) for one in near}

    def _all_near(self, ids: Iterable[str]) -> dict[str, Likenesses]:
        """By story: what is tied to it directly. Read together: that takes less than one by one."""
        stories = [self._stories[one] for one in ids]
        self._recent.prepare_around(stories)
        around = {each.id: self._found_around(each) for each in stories}
        self._recent.read(chain.from_iterable(around.values()))
        return {each.id: self._near(each, around[each.id]) for each in stories}

    def _links(self, id: str, found: Likenesses) -> list[Link]:
        likest = sorted(found.items(), key=_by_likeness)[:MOST_RELATED]
        return [self._link(self._stories[id], self._stories[one], score) for one, score in likest]

    def _near(self, story: Running, around: Iterable[int]) -> Likenesses:
        """What is tied to a story directly, of the articles around it, the nearest first."""
        if story.is_service:
            return {}
        likely = [
            (score, other)
            for other in self._stories_of(around, story)
            if (score := likeness(story, other)) >= TITLED and apart(story, other) <= AFFAIR
        ]
        self._recent.names({name for _, other in likely for name in _common(story, other)})
        near = {other.id: score for score, other in likely if self._is_near(story, other, score)}
        return dict(sorted(near.items(), key=_by_likeness)[:MOST_RELATED])

    def _is_near(self, story: Running, other: Running, score: float) -> bool:
        if story.gist.is_foreign(other.gist):
            return score >= FOREIGN
        titled = story.gist.titled & other.gist.titled
        if score >= (RELATED if titled.isdisjoint(story.gist.nations) else COUNTRY):
            return True
        names = self._shared(story, other)
        return any(score >= (TITLED if name in titled else NAMED) for name in names)

    def _found_around(self, story: Running) -> list[int]:
        """The articles that share words with a story or have its names in their titles."""
        recent = self._recent
        abroad = bool(story.gist.countries)
        around = recent.around(story.vector, story.gist.names, abroad=abroad)
        names = sorted(recent.names(story.named))
        return [*around, *(one for name in names for one in recent.with_title(name))]

    def _stories_of(self, around: Iterable[int], story: Running) -> Iterator[Running]:
        found = dict.fromkeys(each.story for each in self._recent.read(around))
        found.pop(story.id, None)
        return (self._stories[one] for one in found)

    def _link(self, story: Running, other: Running, score: float) -> Link:
        names = self._shared(story, other)
        terms = told(story.vector, other.vector, _words(story, other), first=names)
        return Link(story.id, other.id, round(score, 4), terms)

    def _shared(self, story: Running, other: Running) -> list[Term]:
        """The rare names that stand in both, but for those of who publishes them."""
        found = self._recent.names(_common(story, other))
        if not found:
            return []
        feeds, words = story.gist.feeds | other.gist.feeds, _words(story, other)
        names = sorted((words[name].stem, name) for name in found)
        return [name for stem, name in names if not any(_publishes(feed, stem) for feed in feeds)]


def _common(story: Running, other: Running) -> list[Term]:
    """What is a name in one of two stories, but of no region, and stands in both."""
    mine, theirs = story.gist, other.gist
    names = (mine.names | theirs.names) - mine.regions - theirs.regions
    return [name for name in names if name in story.vector and name in other.vector]


def _publishes(feed: str, stem: str) -> bool:
    return len(stem) > 1 and stem in feed


def _by_likeness(found: tuple[str, float]) -> tuple[float, str]:
    return -found[1], found[0]


def _words(story: Running, other: Running) -> Mapping[Term, Word]:
    known = story.words
    further = other.words.items()
    return {**known, **{term: word for term, word in further if word.spelt or term not in known}}
