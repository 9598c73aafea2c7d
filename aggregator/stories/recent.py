"""The articles of the days around, findable by what they share with another one."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from heapq import nlargest
from operator import itemgetter

from aggregator.stories import marks
from aggregator.stories.background import Background
from aggregator.stories.copies import COPY, likeness
from aggregator.stories.marks import Mark
from aggregator.stories.past import Past, Told
from aggregator.stories.postings import Posting, Postings, posting
from aggregator.stories.running import Running
from aggregator.stories.sketch import Sketch
from aggregator.stories.words import Term, Vector

SHARED_RARE = 2
"""Rare terms that two articles share at least, if they are to be compared."""
HOT = 200
"""Articles beyond which a term finds nothing any more; it still counts."""
MOST_LINKED = 4
"""Articles beyond which a link is furniture of the pages."""
MOST_COPIES = 50
"""Of the articles with one band, so many are compared, the latest: a feed may repeat a text."""
CANDIDATES = 24
LEAST_WEIGHT = 0.01
"""Of a cosine, what the rare terms must amount to."""
LEAST_NEAR = 0.04
"""The same for an affair: one in 130 links is lost, a third of the candidates is not read."""
LEAST_NAMELESS = 0.1
"""The same where one term is shared that is no name, and titles do not both name a country: one
in 670 links is lost, a third of the candidates is not read."""
ASKED_TERMS = 12
"""The weightiest rare terms of a vector find its candidates."""
Weights = list[tuple[Term, float]]


class Recent:
    """What was placed before, read as it is needed, and what is placed now.

    Articles go by their numbers in the past; those placed now have numbers below 0. A story is
    known with all its articles or not at all.
    """

    def __init__(self, background: Background, past: Past) -> None:
        self._background = background
        self._past = past
        self._found: dict[int, Postings] = {}
        self._fresh: defaultdict[int, list[Posting]] = defaultdict(list)
        self._number = 0
        self._told: dict[int, Told] = {}
        self.stories: dict[str, Running] = {}

    def add(self, sketch: Sketch, story: str) -> tuple[Mark, ...]:
        """Make an article findable by its marks, which are returned."""
        self._number -= 1
        found = marks.marks(sketch, self._background)
        for mark, weight, flags in found:
            here = posting(self._number, weight, flags)
            self._fresh[mark].append(here)
            if mark in self._found:
                self._found[mark] = Postings((*self._found[mark].all, here))
        self._keep(Told(self._number, sketch, story))
        return found

    def learn(self, stories: Iterable[str]) -> None:
        """Read the articles of stories that are not known yet."""
        unknown = [story for story in dict.fromkeys(stories) if story not in self.stories]
        if unknown:
            self.stories.update((story, Running(story)) for story in unknown)
            for told in self._past.told(unknown):
                self._keep(told)

    def look_up(self, asked: Iterable[int]) -> None:
        """Read together which articles have these marks."""
        unknown = [mark for mark in dict.fromkeys(asked) if mark not in self._found]
        if not unknown:
            return
        known = self._past.postings(sorted(unknown))
        for mark in unknown:
            self._found[mark] = Postings((*known.get(mark, ()), *self._fresh.get(mark, ())))

    def read(self, articles: Iterable[int]) -> list[Told]:
        """These articles, as far as they are still there; read with all others of their stories."""
        wanted = list(dict.fromkeys(articles))
        unknown = [number for number in wanted if number not in self._told]
        if unknown:
            self.learn(self._past.stories(unknown).values())
        return [self._told[number] for number in wanted if number in self._told]

    def alike(self, vector: Vector) -> list[int]:
        """The articles that share some rare terms with a vector, those with most weight."""
        rare = self._background.rare(vector)
        asked = [(mine, found.weights) for _, mine, found in self._cool(rare)]
        shared = Counter(one for _, weights in asked for one in weights)
        near = [one for one, terms in shared.items() if terms >= SHARED_RARE]
        much = ((one, sum(mine * found.get(one, 0.0) for mine, found in asked)) for one in near)
        return _likest({one: each for one, each in much if each >= LEAST_WEIGHT})

    def around(self, vector: Vector, names: Collection[Term], *, abroad: bool) -> list[int]:
        """The articles that may be of one affair with a story, those with most weight.

        They share two rare terms, or one that is a name here or there, or that weighs much, or any
        if both titles name a country, as the story's do if it is `abroad`.
        """
        weights: defaultdict[int, float] = defaultdict(float)
        near: set[int] = set()
        for term, mine, found in self._cool(self._background.findable(vector)):
            near.update(weights.keys() & found.weights.keys())
            for one, theirs in found.weights.items():
                weights[one] += mine * theirs
            near.update(found.weights if term in names else found.named)
            if abroad:
                near.update(found.abroad)
        least = {True: LEAST_NEAR, False: LEAST_NAMELESS}
        return _likest({one: each for one, each in weights.items() if each >= least[one in near]})

    def _cool(self, rare: Weights) -> list[tuple[Term, float, Postings]]:
        """The weightiest of rare terms that some articles have and not too many."""
        terms = _weightiest(rare)
        self.look_up(marks.of_term(term) for term, _ in terms)
        found = ((term, mine, self._found[marks.of_term(term)]) for term, mine in terms)
        return [each for each in found if 0 < len(each[2].weights) <= HOT]

    def linked(self, sketch: Sketch) -> list[Told]:
        """The articles in other feeds that link to this one, are linked by it or share a link."""
        links = marks.of_links(sketch.links)
        self.look_up(links)
        found = (self._found[link].weights for link in links)
        near = self.read(one for ids in found if len(ids) <= MOST_LINKED for one in ids)
        return [
            each
            for each in near
            if each.sketch.feed != sketch.feed and each.sketch.links & sketch.links
        ]

    def copies(self, sketch: Sketch) -> list[tuple[float, Told]]:
        """The copies of an article's text in other feeds and how alike they are, likest first."""
        texts = marks.of_texts(sketch.signatures)
        self.look_up(texts)
        near = self.read(
            one for text in texts for one in list(self._found[text].weights)[-MOST_COPIES:]
        )
        alike = (
            (likeness(sketch.signatures, each.sketch.signatures), each)
            for each in near
            if each.sketch.feed != sketch.feed
        )
        found = [(share, each) for share, each in alike if share >= COPY]
        return sorted(found, key=lambda pair: (-pair[0], pair[1].sketch.id))

    def prepare(self, sketches: Iterable[Sketch]) -> None:
        """Look up together what the terms, links and texts of articles find."""
        asked: set[int] = set()
        for sketch in sketches:
            rare = _weightiest(self._background.rare(sketch.head))
            asked.update(marks.of_term(term) for term, _ in rare)
            asked.update(marks.of_links(sketch.links))
            asked.update(marks.of_texts(sketch.signatures))
        self.look_up(asked)

    def prepare_around(self, stories: Iterable[Running]) -> None:
        """Look up together what the terms of stories find."""
        found = (self._background.findable(story.vector) for story in stories)
        self.look_up({marks.of_term(term) for terms in found for term, _ in _weightiest(terms)})

    def names(self, terms: Iterable[Term]) -> set[Term]:
        """Which of these terms are rare names: they mark what an affair is about."""
        asked = {term: marks.of_term(term) for term in self.rare_names(terms)}
        self.look_up(asked.values())
        return {term for term, mark in asked.items() if self._found[mark].is_name}

    def rare_names(self, terms: Iterable[Term]) -> set[Term]:
        """Which of these terms are rare enough to be such names."""
        return set(filter(self._background.is_rare_name, terms))

    def _keep(self, told: Told) -> None:
        self._told[told.number] = told
        self.stories.setdefault(told.story, Running(told.story)).add(told.sketch)


def _weightiest(terms: Weights) -> Weights:
    return nlargest(ASKED_TERMS, terms, key=itemgetter(1))


def _likest(weights: Mapping[int, float]) -> list[int]:
    """The articles with most weight, more than the limit if they weigh the same."""
    if len(weights) <= CANDIDATES:
        return list(weights)
    enough = nlargest(CANDIDATES, weights.values())[-1]
    return [one for one, each in weights.items() if each >= enough]
