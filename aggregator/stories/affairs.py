"""Affairs: which stories are of one chain of events, by words, by names and by a third story.

Names are the evidence that tells an affair from a subject: stories that share a country or a rare
name need fewer words in common, those that share it in their titles hardly any.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import chain

from aggregator.stories.chains import AFFAIR, Chains, apart, likeness
from aggregator.stories.past import Past
from aggregator.stories.recent import Recent
from aggregator.stories.running import Running
from aggregator.stories.sketch import Word
from aggregator.stories.ties import Link, told
from aggregator.stories.web import MOST_LINKS, Retold, Web, nearest_first
from aggregator.stories.words import Term

RELATED = 0.24
"""Cosine of two stories from which they are of one affair by their words alone."""
COUNTRY, NAMED, TITLED = 0.16, 0.17, 0.08
"""The same if their titles name one country, if they share a rare name, if their titles do."""
FOREIGN = 0.30
"""The same if their titles name different countries: talks of others in the same city."""


class Affairs:
    """Finds the stories that belong to the same affair, among those of recent days."""

    def __init__(self, recent: Recent, past: Past) -> None:
        self._recent = recent
        self._past = past
        self._stories = recent.stories

    def retell(self, ids: Iterable[str]) -> Retold:
        """Link these stories anew, and to each other stories that they lead between.

        What is out of reach by now stays linked as it was.
        """
        told = [one for one in dict.fromkeys(ids) if self._is_event(one)]
        web = Web(self._past.links(told))
        near = {one: self._within_reach(web.near(one)) for one in told}
        before = {one: self._within_reach(web.around(one)) for one in told}
        web.cut(before)
        found = self._all_near(near)
        web.tie(found)
        found += self._chains(web, told).follow(near)
        links = {frozenset((each.story, each.other)): each for each in reversed(found)}
        return Retold(before, [self._explained(each) for each in links.values()])

    def _chains(self, web: Web, told: Collection[str]) -> Chains:
        """What reads of links all but those of stories that are told anew."""
        anew = frozenset(told)

        def read_links(stories: Iterable[str]) -> None:
            links = self._past.links(sorted(set(stories) - anew))
            web.tie(each for each in links if anew.isdisjoint((each.story, each.other)))

        read_stories = self._recent.learn
        return Chains(self._stories, web, read_links=read_links, read_stories=read_stories)

    def _is_event(self, id: str) -> bool:
        return id in self._stories and not self._stories[id].is_service

    def _within_reach(self, ids: Iterable[str]) -> set[str]:
        ids = set(ids)
        self._recent.learn(ids)
        return {one for one in ids if self._stories[one].members}

    def _all_near(self, known: Mapping[str, Iterable[str]]) -> list[Link]:
        """What stories are tied to directly; each comes with some that it may be tied to.

        Read together: that takes less than one by one.
        """
        stories = [self._stories[one] for one in known]
        self._recent.prepare_around(stories)
        around = {each.id: self._found_around(each) for each in stories}
        self._recent.read(chain.from_iterable(around.values()))
        return [
            link
            for each in stories
            for link in self._near(each, {*known[each.id], *self._stories_of(around[each.id])})
        ]

    def _near(self, story: Running, others: Iterable[str]) -> list[Link]:
        """Which of these stories a story is tied to directly, the nearest first."""
        likely = self._likely(story, [self._stories[one] for one in others if one != story.id])
        self._recent.names({name for _, other in likely for name in _common(story, other)})
        near = (
            Link(story.id, other.id, round(score, 4))
            for score, other in likely
            if self._is_near(story, other, score)
        )
        return sorted(near, key=nearest_first)[:MOST_LINKS]

    def _likely(self, story: Running, others: Iterable[Running]) -> list[tuple[float, Running]]:
        """Which of these may be near, with how alike they are, as far as words alone can tell."""
        titled = self._recent.rare_names(story.gist.named)
        scored = ((likeness(story, other), other) for other in others)
        return [
            (score, other)
            for score, other in scored
            if score >= COUNTRY or (score >= TITLED and _name_one(story, other, titled))
            if apart(story, other) <= AFFAIR
        ]

    def _is_near(self, story: Running, other: Running, score: float) -> bool:
        if story.gist.is_foreign(other.gist):
            return score >= FOREIGN
        titled = story.gist.titled & other.gist.titled
        if score >= (RELATED if titled.isdisjoint(story.gist.nations) else COUNTRY):
            return True
        names = self._shared(story, other)
        return any(score >= (TITLED if name in titled else NAMED) for name in names)

    def _found_around(self, story: Running) -> list[int]:
        """The articles that share words with a story."""
        abroad = bool(story.gist.countries)
        return self._recent.around(story.vector, story.gist.names, abroad=abroad)

    def _stories_of(self, articles: Iterable[int]) -> Iterator[str]:
        return (each.story for each in self._recent.read(articles))

    def _explained(self, link: Link) -> Link:
        story, other = self._stories[link.story], self._stories[link.other]
        names = self._shared(story, other)
        terms = told(story.vector, other.vector, _words(story, other), first=names)
        return replace(link, terms=terms)

    def _shared(self, story: Running, other: Running) -> list[Term]:
        """The rare names that stand in both, but for those of who publishes them."""
        found = self._recent.names(_common(story, other))
        if not found:
            return []
        feeds, words = story.gist.feeds | other.gist.feeds, _words(story, other)
        names = sorted((words[name].stem, name) for name in found)
        return [name for stem, name in names if not any(_publishes(feed, stem) for feed in feeds)]


def _name_one(story: Running, other: Running, titled: AbstractSet[Term]) -> bool:
    """Whether one of these terms stands in the other's titles, and is a name in either."""
    found = titled & other.gist.titled
    return any(term in story.gist.names or term in other.gist.names for term in found)


def _common(story: Running, other: Running) -> list[Term]:
    """What is a name in one of two stories, but of no region, and stands in both."""
    mine, theirs = story.gist, other.gist
    names = (mine.names | theirs.names) - mine.regions - theirs.regions
    return [name for name in names if name in story.vector and name in other.vector]


def _publishes(feed: str, stem: str) -> bool:
    return len(stem) > 1 and stem in feed


def _words(story: Running, other: Running) -> Mapping[Term, Word]:
    known = story.words
    further = other.words.items()
    return {**known, **{term: word for term, word in further if word.spelt or term not in known}}
