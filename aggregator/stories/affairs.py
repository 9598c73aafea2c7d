"""Affairs: which stories are of one chain of events, by words, by names and by a third story.

Names are the evidence that tells an affair from a subject: stories that share a country or a rare
name need fewer words in common, those that share it in their titles hardly any.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
        self._around: dict[str, list[int]] = {}

    def links(self, ids: Collection[str]) -> dict[str, list[Link]]:
        """By story: the stories of the same affair, the nearest first.

        A report changes what its story is near to, and so what leads there: neighbours are told
        anew with it.
        """
        near = _Near(self._near)
        chains = Chains(self._stories, near.__getitem__)
        around = [one for one in ids if one in self._stories]
        self._read_around([self._stories[one] for one in around])
        wanted = dict.fromkeys((*around, *(other for one in around for other in near[one])))
        return {one: self._links(one, {**chains.of(one), **near[one]}) for one in wanted}

    def _links(self, id: str, found: Likenesses) -> list[Link]:
        likest = sorted(found.items(), key=_by_likeness)[:MOST_RELATED]
        return [self._link(self._stories[id], self._stories[one], score) for one, score in likest]

    def _near(self, id: str) -> Likenesses:
        """What is tied to a story directly, the nearest first."""
        story = self._stories[id]
        if story.is_service:
            return {}
        likely = [
            (score, other)
            for other in self._candidates(story)
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

    def _read_around(self, stories: Sequence[Running]) -> None:
        """Read together what stories may be near to: that takes less than one after another."""
        self._recent.prepare_around(stories)
        self._around = {each.id: self._found_around(each) for each in stories}
        self._recent.read(chain.from_iterable(self._around.values()))

    def _found_around(self, story: Running) -> list[int]:
        """The articles that share words with a story or have its names in their titles."""
        recent = self._recent
        abroad = bool(story.gist.countries)
        around = recent.around(story.vector, story.gist.names, abroad=abroad)
        names = sorted(recent.names(story.named))
        return [*around, *(one for name in names for one in recent.with_title(name))]

    def _candidates(self, story: Running) -> Iterator[Running]:
        around = self._around.pop(story.id, None)
        near = self._recent.read(self._found_around(story) if around is None else around)
        found = dict.fromkeys(each.story for each in near)
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


class _Near(dict[str, Likenesses]):
    """What stories are tied to, found out once."""

    def __init__(self, find: Callable[[str], Likenesses]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, id: str) -> Likenesses:
        self[id] = self._find(id)
        return self[id]
