"""The articles of the days around, findable by what they share with another one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from operator import itemgetter

from aggregator.stories.background import Background
from aggregator.stories.copies import Twins
from aggregator.stories.names import is_region
from aggregator.stories.sketch import Sketch

SHARED_RARE = 2
"""Rare terms that two articles share at least, if they are to be compared."""
HOT = 200
"""Articles beyond which a term finds nothing any more; it still counts."""
MOST_LINKED = 4
"""Articles beyond which a link is furniture of the pages."""
CANDIDATES = 40
LEAST_WEIGHT = 0.01
"""Of a cosine, what the rare terms must amount to."""
NAMED_SHARE = 0.75
"""Of the articles that have a term, so many at least must write it as a name."""
ASKED_TERMS = 12
"""The weightiest rare terms of a vector find its candidates."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A placed article with its vectors."""

    sketch: Sketch
    story: str
    head: Mapping[str, float]
    wide: Mapping[str, float]


class Recent:
    """An index of articles by rare term, by link and by text."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._by_term: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._named: Counter[str] = Counter()
        self._by_link: defaultdict[int, set[str]] = defaultdict(set)
        self._by_date: list[tuple[datetime, str]] = []
        self._twins = Twins()
        self.entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Make an article findable, unless it is of a kind that ties nothing."""
        sketch = entry.sketch
        self.entries[sketch.id] = entry
        heappush(self._by_date, (sketch.date, sketch.id))
        if sketch.is_service:
            return
        for term, weight in self._background.rare(entry.head):
            self._by_term[term][sketch.id] = weight
        self._named.update(sketch.names)
        for link in _links(sketch):
            self._by_link[link].add(sketch.id)
        self._twins.remember(sketch.id, sketch.prints.signatures)

    def remove_before(self, moment: datetime) -> list[Entry]:
        """Forget the articles dated before `moment`; they are returned."""
        old = []
        while self._by_date and self._by_date[0][0] < moment:
            _, oldest = heappop(self._by_date)
            old.append(self.entries[oldest])
            self._remove(oldest)
        return old

    def alike(self, vector: Mapping[str, float], least: int = SHARED_RARE) -> list[str]:
        """The ids that share `least` rare terms with a vector, those with most weight first."""
        rare = sorted(self._background.rare(vector), key=itemgetter(1), reverse=True)
        asked = [
            (mine, found)
            for term, mine in rare[:ASKED_TERMS]
            if (found := self._by_term.get(term)) is not None and len(found) <= HOT
        ]
        weighed = ((-much, one) for one, much in _weights(asked, least) if much >= LEAST_WEIGHT)
        return [one for _, one in sorted(weighed)[:CANDIDATES]]

    def is_name(self, term: str) -> bool:
        """Whether a term is a rare name, of no region: one that marks what an affair is about."""
        if not self._background.is_rare_name(term) or is_region(term):
            return False
        return self._named[term] >= NAMED_SHARE * len(self._by_term.get(term, ())) > 0

    def with_title(self, term: str) -> list[str]:
        """The ids of articles whose titles have a rare term."""
        found = self._by_term.get(term, {})
        return [one for one in found if term in self.entries[one].sketch.titled][-CANDIDATES:]

    def linked(self, sketch: Sketch) -> frozenset[str]:
        """The ids in other feeds that link to this article, are linked by it or share a link."""
        found = (self._by_link.get(link, set()) for link in _links(sketch))
        ids = (one for ids in found if len(ids) <= MOST_LINKED for one in ids)
        return frozenset(one for one in ids if self.entries[one].sketch.feed != sketch.feed)

    def copies(self, sketch: Sketch) -> list[tuple[float, str]]:
        """The copies of an article's text in other feeds, the likest first."""
        found = self._twins.find(sketch.prints.signatures)
        return [
            (share, one) for share, one in found if self.entries[one].sketch.feed != sketch.feed
        ]

    def _remove(self, id: str) -> None:
        entry = self.entries.pop(id)
        if entry.sketch.is_service:
            return
        for term, _ in self._background.rare(entry.head):
            _discard(self._by_term, term, id)
        self._named.subtract(entry.sketch.names)
        for link in _links(entry.sketch):
            _discard(self._by_link, link, id)
        self._twins.forget(id)


def _weights(
    asked: Sequence[tuple[float, Mapping[str, float]]], least: int
) -> Iterable[tuple[str, float]]:
    """What the terms amount to, each with its weight, in every article that has `least` of them."""
    if least == 1:
        weight: defaultdict[str, float] = defaultdict(float)
        for mine, found in asked:
            for one, theirs in found.items():
                weight[one] += mine * theirs
        return weight.items()
    shared: Counter[str] = Counter()
    for _, found in asked:
        shared.update(found.keys())
    enough = [one for one, terms in shared.items() if terms >= least]
    return [(one, sum(mine * found.get(one, 0.0) for mine, found in asked)) for one in enough]


def _links(sketch: Sketch) -> frozenset[int]:
    page = sketch.prints.page
    return sketch.prints.links | {page} if page is not None else sketch.prints.links


def _discard(index: defaultdict, key: object, id: str) -> None:  # type: ignore[type-arg]
    found = index[key]
    if isinstance(found, dict):
        found.pop(id, None)
    else:
        found.discard(id)
    if not found:
        del index[key]
