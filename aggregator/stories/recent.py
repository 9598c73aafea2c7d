"""The articles of the days around, findable by what they share with another one."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from operator import itemgetter

from aggregator.stories import marks
from aggregator.stories.background import Background
from aggregator.stories.copies import COPY, likeness
from aggregator.stories.entry import Entry
from aggregator.stories.marks import NAMED, TITLED, WEIGHED, Mark, Posting
from aggregator.stories.names import is_region
from aggregator.stories.past import Past, Told
from aggregator.stories.running import Running
from aggregator.stories.sketch import Sketch

SHARED_RARE = 2
"""Rare terms that two articles share at least, if they are to be compared."""
HOT = 200
"""Articles beyond which a term finds nothing any more; it still counts."""
MOST_LINKED = 4
"""Articles beyond which a link is furniture of the pages."""
MOST_COPIES = 50
"""Of the articles with one band, so many are compared, the latest: a feed may repeat a text."""
CANDIDATES = 40
LEAST_WEIGHT = 0.01
"""Of a cosine, what the rare terms must amount to."""
NAMED_SHARE = 0.75
"""For each article that weighs a term, so many at least must write it as a name."""
ASKED_TERMS = 12
"""The weightiest rare terms of a vector find its candidates."""


@dataclass(slots=True)
class _Found:
    """The articles with one mark, by number with their weights.

    `titled` are those with it in their titles, `named` tells how many write it as a name anywhere.
    """

    weights: dict[int, float] = field(default_factory=dict)
    titled: list[int] = field(default_factory=list)
    named: int = 0

    def add(self, posting: Posting) -> None:
        article, weight, flags = posting
        if weight:
            self.weights[article] = weight / WEIGHED
        if flags & TITLED:
            self.titled.append(article)
        if flags & NAMED:
            self.named += 1

    @property
    def is_name(self) -> bool:
        """Whether those who have the term write it as a name."""
        return self.named >= NAMED_SHARE * len(self.weights) > 0


class Recent:
    """What was placed before, read as it is needed, and what is placed now.

    Articles go by their numbers in the past; those placed now have numbers below 0. A story is
    known with all its articles or not at all.
    """

    def __init__(self, background: Background, past: Past) -> None:
        self._background = background
        self._past = past
        self._found: dict[int, _Found] = {}
        self._fresh: defaultdict[int, list[Posting]] = defaultdict(list)
        self._number = 0
        self._told: dict[int, Told] = {}
        self.stories: dict[str, Running] = {}

    def add(self, entry: Entry, story: str) -> tuple[Mark, ...]:
        """Make an article findable by its marks, which are returned."""
        self._number -= 1
        found = marks.marks(entry)
        for mark, weight, flags in found:
            posting = self._number, weight, flags
            self._fresh[mark].append(posting)
            if mark in self._found:
                self._found[mark].add(posting)
        self._keep(Told(self._number, entry, story))
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
        known = self._past.postings(unknown)
        for mark in unknown:
            found = self._found[mark] = _Found()
            for posting in (*known.get(mark, ()), *self._fresh.get(mark, ())):
                found.add(posting)

    def read(self, articles: Iterable[int]) -> list[Told]:
        """These articles, as far as they are still there; read with all others of their stories."""
        wanted = list(dict.fromkeys(articles))
        unknown = [number for number in wanted if number not in self._told]
        if unknown:
            self.learn(self._past.stories(unknown).values())
        return [self._told[number] for number in wanted if number in self._told]

    def alike(self, vector: Mapping[str, float], least: int = SHARED_RARE) -> list[int]:
        """The articles that share `least` rare terms with a vector, those with most weight."""
        terms = self._asked(vector)
        self.look_up(marks.of_term(term) for term, _ in terms)
        asked = [
            (mine, found)
            for term, mine in terms
            if 0 < len(found := self._found[marks.of_term(term)].weights) <= HOT
        ]
        much = [(each, one) for one, each in _weights(asked, least) if each >= LEAST_WEIGHT]
        if len(much) <= CANDIDATES:
            return [one for _, one in much]
        enough = nlargest(CANDIDATES, (each for each, _ in much))[-1]
        return [one for each, one in much if each >= enough]

    def linked(self, sketch: Sketch) -> list[Told]:
        """The articles in other feeds that link to this one, are linked by it or share a link."""
        links = marks.of_links(sketch.links)
        self.look_up(links)
        found = (self._found[link].weights for link in links)
        near = self.read(one for ids in found if len(ids) <= MOST_LINKED for one in ids)
        return [
            each
            for each in near
            if each.entry.sketch.feed != sketch.feed and each.entry.sketch.links & sketch.links
        ]

    def copies(self, sketch: Sketch) -> list[tuple[float, Told]]:
        """The copies of an article's text in other feeds and how alike they are, likest first."""
        texts = marks.of_texts(sketch.signatures)
        self.look_up(texts)
        near = self.read(
            one for text in texts for one in list(self._found[text].weights)[-MOST_COPIES:]
        )
        alike = (
            (likeness(sketch.signatures, each.entry.sketch.signatures), each)
            for each in near
            if each.entry.sketch.feed != sketch.feed
        )
        found = [(share, each) for share, each in alike if share >= COPY]
        return sorted(found, key=lambda pair: (-pair[0], pair[1].entry.sketch.id))

    def prepare(self, entry: Entry) -> None:
        """Look up together what an article's links, texts and terms find."""
        sketch = entry.sketch
        terms = (marks.of_term(term) for term, _ in self._asked(entry.head))
        self.look_up((*terms, *marks.of_links(sketch.links), *marks.of_texts(sketch.signatures)))

    def names(self, terms: Collection[str]) -> set[str]:
        """Which of these terms are rare names of no region: they mark what an affair is about."""
        rare = [term for term in terms if self._background.is_rare_name(term)]
        asked = {term: marks.of_term(term) for term in rare if not is_region(term)}
        self.look_up(asked.values())
        return {term for term, mark in asked.items() if self._found[mark].is_name}

    def with_title(self, term: str) -> list[int]:
        """The articles whose titles have a rare term, the latest if they are many."""
        mark = marks.of_term(term)
        self.look_up([mark])
        return self._found[mark].titled[-CANDIDATES:]

    def _asked(self, vector: Mapping[str, float]) -> list[tuple[str, float]]:
        return nlargest(ASKED_TERMS, self._background.rare(vector), key=itemgetter(1))

    def _keep(self, told: Told) -> None:
        self._told[told.number] = told
        self.stories.setdefault(told.story, Running(told.story)).add(told.entry)


def _weights(
    asked: Sequence[tuple[float, Mapping[int, float]]], least: int
) -> Iterable[tuple[int, float]]:
    """What the terms amount to, each with its weight, in every article that has `least` of them."""
    if least == 1:
        weight: defaultdict[int, float] = defaultdict(float)
        for mine, found in asked:
            for one, theirs in found.items():
                weight[one] += mine * theirs
        return weight.items()
    shared: Counter[int] = Counter()
    for _, found in asked:
        shared.update(found.keys())
    enough = [one for one, terms in shared.items() if terms >= least]
    return [(one, sum(mine * found.get(one, 0.0) for mine, found in asked)) for one in enough]
