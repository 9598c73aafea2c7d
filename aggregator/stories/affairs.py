"""Affairs: which stories are of one chain of events, by words, by names and by a third story.

Names are the evidence that tells an affair from a subject: stories that share a country or a rare
name need fewer words in common, those that share it in their titles hardly any.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain

from aggregator.stories.background import cosine
from aggregator.stories.recent import Recent
from aggregator.stories.running import Running
from aggregator.stories.sketch import Word, spellings
from aggregator.stories.ties import Link, told
from aggregator.stories.words import Term

RELATED = 0.24
"""Cosine of two stories from which they are of one affair by their words alone."""
COUNTRY, NAMED, TITLED = 0.16, 0.17, 0.08
"""The same if their titles name one country, if they share a rare name, if their titles do."""
FOREIGN = 0.30
"""The same if their titles name different countries: talks of others in the same city."""
CHAINED = 0.04
"""The same if both are of one affair with a third."""
SAME_FEED = 0.55
"""Stories that only one feed tells sound alike whatever they tell."""
AFFAIR = timedelta(days=6)
"""How far apart related stories may lie."""
MOST_RELATED = 16
CHAINS = 4
"""So many of the nearest stories lead on to theirs."""


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
        self._read_around([self._stories[one] for one in ids if one in self._stories])
        around = [one for one in ids if one in self._stories]
        wanted = dict.fromkeys((*around, *(link.other for one in around for link in near[one])))
        return {one: self._links(self._stories[one], near) for one in wanted}

    def _links(self, story: Running, near: Mapping[str, list[Link]]) -> list[Link]:
        links = [*near[story.id], *self._chained(story, near)]
        return sorted(links, key=lambda each: (-each.score, each.other))[:MOST_RELATED]

    def _near(self, id: str) -> list[Link]:
        """What is tied to a story directly, the nearest first."""
        story = self._stories[id]
        if story.is_service:
            return []
        likely = [
            (score, other)
            for other in self._candidates(story)
            if (score := _likeness(story, other)) >= TITLED and _apart(story, other) <= AFFAIR
        ]
        self._recent.names({name for _, other in likely for name in _common(story, other)})
        found = (self._link(story, other, score) for score, other in likely)
        links = (link for link in found if link is not None)
        return sorted(links, key=lambda each: (-each.score, each.other))[:MOST_RELATED]

    def _chained(self, story: Running, near: Mapping[str, list[Link]]) -> Iterator[Link]:
        """What is tied to the nearest stories, and a little to this one."""
        known = {story.id, *(link.other for link in near[story.id])}
        for link in near[story.id][:CHAINS]:
            for further in near[link.other]:
                if further.other not in known:
                    known.add(further.other)
                    other = self._stories[further.other]
                    score = _likeness(story, other)
                    if score >= CHAINED and _may_chain(story, other):
                        yield _link(story, other, score, self._shared(story, other))

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

    def _link(self, story: Running, other: Running, score: float) -> Link | None:
        names = self._shared(story, other)
        return _link(story, other, score, names) if score >= _bar(story, other, names) else None

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


def _bar(story: Running, other: Running, names: Iterable[Term]) -> float:
    if _is_foreign(story, other):
        return FOREIGN
    titled = story.gist.titled & other.gist.titled
    bars = [TITLED if name in titled else NAMED for name in names]
    if not titled.isdisjoint(story.gist.nations):
        bars.append(COUNTRY)
    return min(bars, default=RELATED)


def _is_foreign(story: Running, other: Running) -> bool:
    """Whether the titles name countries, and none in common; known within a language only."""
    mine, theirs = story.gist, other.gist
    if not mine.countries or not theirs.countries:
        return False
    disjoint = mine.countries.isdisjoint(theirs.countries)
    return disjoint and not mine.languages.isdisjoint(theirs.languages)


def _may_chain(story: Running, other: Running) -> bool:
    return _apart(story, other) <= AFFAIR and not _is_foreign(story, other)


def _likeness(story: Running, other: Running) -> float:
    likeness = cosine(story.vector, other.vector)
    if likeness >= CHAINED and _is_of_one_feed(story, other):
        return likeness * SAME_FEED
    return likeness


def _is_of_one_feed(story: Running, other: Running) -> bool:
    feed = story.members[0].sketch.feed
    return all(member.sketch.feed == feed for each in (other, story) for member in each.members)


def _publishes(feed: str, stem: str) -> bool:
    return len(stem) > 1 and stem in feed


def _apart(story: Running, other: Running) -> timedelta:
    return max(story.first, other.first) - min(story.last, other.last)


def _link(story: Running, other: Running, score: float, names: Iterable[Term]) -> Link:
    terms = told(story.vector, other.vector, _words(story, other), first=names)
    return Link(story.id, other.id, round(score, 4), terms)


def _words(story: Running, other: Running) -> Mapping[Term, Word]:
    return spellings(member.sketch for each in (story, other) for member in each.members)


class _Near(dict[str, list[Link]]):
    """What stories are tied to, found out once."""

    def __init__(self, find: Callable[[str], list[Link]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, id: str) -> list[Link]:
        self[id] = self._find(id)
        return self[id]
