"""Articles about the same event become one group, on the evidence of copied text and rare words.

Articles are placed one by one in order of time: a near-copy joins its twin, any other article the
group whose centroid is nearest, if near enough. A last pass joins groups that are each other's
nearest. Terms weigh by their rarity in a background of older articles, those of titles thrice.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from rensa import RMinHash
from whoosh.lang.stopwords import stoplists

from aggregator import text
from aggregator.model import Article

SAME = 0.46
"""Cosine of an article and a group from which they tell the same event."""
MERGE = SAME + 0.06
CROWD, CROWD_RAISE = 8, 0.08
"""Above this many reports a group asks for more: blobs grow by their breadth."""
WINDOW = timedelta(hours=72)
TITLE_WEIGHT = 3
HEAD_LENGTH = 200
SHARED_RARE = 2
RARE_SHARE = 0.02
"""A term is rare when at most this share of the background has it."""
BACKGROUND_ENOUGH = 300
UNSEEN = 1000
"""Documents assumed beyond the background, so that a young archive knows what is rare."""

COPY = 0.6
"""Estimated Jaccard similarity of word shingles from which one text is a copy of another."""
SHINGLE, COPY_WORDS = 4, 40
PERMUTATIONS, BAND = 64, 4


@dataclass(frozen=True, slots=True)
class Group:
    """Reports of one event in order of time; `id` is the first report's, `why` the evidence."""

    id: str
    members: tuple[Article, ...]
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Background:
    """In how many of `documents` articles each term occurs."""

    documents: int
    frequency: Mapping[str, int]

    @classmethod
    def of(cls, articles: Iterable[Article]) -> "Background":
        """Count the terms of titles and summaries."""
        frequency: Counter[str] = Counter()
        documents = 0
        for article in articles:
            frequency.update(_weighted_terms(article).keys())
            documents += 1
        return cls(documents, frequency)

    def plus(self, articles: Iterable[Article]) -> "Background":
        """This background with more articles counted in."""
        more = Background.of(articles)
        return Background(
            self.documents + more.documents, Counter(self.frequency) + Counter(more.frequency)
        )

    @cached_property
    def rare_limit(self) -> float:
        """The highest document frequency of a rare term."""
        return RARE_SHARE * (self.documents + UNSEEN)

    def is_rare(self, term: str) -> bool:
        """Whether sharing `term` says something."""
        return self.frequency.get(term, 0) <= self.rare_limit

    def idf(self, term: str) -> float:
        """Inverse document frequency, smoothed."""
        return math.log((self.documents + UNSEEN + 1) / (self.frequency.get(term, 0) + 0.5))


@dataclass(slots=True)
class _Cluster:
    members: list[Article] = field(default_factory=list)
    total: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    why: list[str] = field(default_factory=list)

    def add(self, article: Article, vector: Mapping[str, float]) -> None:
        self.members.append(article)
        for term, weight in vector.items():
            self.total[term] += weight

    def absorb(self, other: "_Cluster") -> None:
        for term, weight in other.total.items():
            self.total[term] += weight
        self.members.extend(other.members)
        self.why.extend(other.why)
        other.members = []

    def similarity(self, vector: Mapping[str, float]) -> float:
        length = math.sqrt(sum(weight * weight for weight in self.total.values()))
        return sum(w * self.total.get(term, 0.0) for term, w in vector.items()) / (length or 1.0)

    def bar(self) -> float:
        return SAME + (CROWD_RAISE if len(self.members) > CROWD else 0.0)


def group(articles: Sequence[Article], background: Background | None = None) -> list[Group]:
    """Group articles by event; each article is in exactly one group, alone where none is like it.

    The answer depends on the set of articles and the background only, not on their order. Groups
    come in order of their first report.
    """
    ordered = sorted(articles, key=lambda article: (article.date, article.id))
    known = background or Background(0, {})
    if known.documents < BACKGROUND_ENOUGH:
        known = known.plus(ordered)
    placement = _Placement(known)
    for article in ordered:
        placement.place(article)
    placement.merge_neighbours()
    clusters = (cluster for cluster in placement.clusters if cluster.members)
    groups = [_to_group(cluster) for cluster in clusters]
    return sorted(groups, key=lambda g: (g.members[0].date, g.id))


def _to_group(cluster: _Cluster) -> Group:
    members = sorted(cluster.members, key=lambda article: (article.date, article.id))
    return Group(members[0].id, tuple(members), tuple(dict.fromkeys(cluster.why)))


class _Placement:
    """The clusters so far, with the indexes that find the few candidates for an article."""

    def __init__(self, background: Background) -> None:
        self.background = background
        self.clusters: list[_Cluster] = []
        self.by_term: defaultdict[str, list[int]] = defaultdict(list)
        self.copies = _Copies()
        self.surfaces: dict[str, str] = {}

    def place(self, article: Article) -> None:
        vector = self._vector(article)
        signature = _signature(article)
        twin = self.copies.find(signature) if signature else None
        if twin is not None:
            index, similarity = twin
            self.clusters[index].why.append(f"the same text ({similarity:.0%} alike)")
        else:
            index = self._nearest(article, vector)
        self.clusters[index].add(article, vector)
        if signature:
            self.copies.remember(signature, index)
        for term in vector:
            if self.background.is_rare(term):
                self.by_term[term].append(index)

    def merge_neighbours(self) -> None:
        """Join clusters that are each other's nearest and near enough."""
        nearest = {i: self._nearest_cluster(i) for i in range(len(self.clusters))}
        for i, (j, similarity) in nearest.items():
            mutual = j is not None and i < j and nearest[j][0] == i
            if mutual and similarity >= MERGE and self.clusters[i].members:
                assert j is not None
                shared = self._shared(self.clusters[i].total, self.clusters[j].total)
                self.clusters[i].why.append(self._because(shared, similarity))
                self.clusters[i].absorb(self.clusters[j])

    def _nearest(self, article: Article, vector: Mapping[str, float]) -> int:
        best, best_similarity = None, 0.0
        for index in self._candidates(vector):
            cluster = self.clusters[index]
            if article.date - cluster.members[-1].date > WINDOW:
                continue
            similarity = cluster.similarity(vector)
            if similarity >= cluster.bar() and similarity > best_similarity:
                best, best_similarity = index, similarity
        if best is None:
            self.clusters.append(_Cluster())
            return len(self.clusters) - 1
        shared = self._shared(vector, self.clusters[best].total)
        self.clusters[best].why.append(self._because(shared, best_similarity))
        return best

    def _candidates(self, vector: Mapping[str, float]) -> Iterator[int]:
        shared = Counter(index for term in vector for index in set(self.by_term.get(term, ())))
        return (index for index, count in sorted(shared.items()) if count >= SHARED_RARE)

    def _nearest_cluster(self, index: int) -> tuple[int | None, float]:
        cluster = self.clusters[index]
        length = math.sqrt(sum(weight * weight for weight in cluster.total.values())) or 1.0
        unit = {term: weight / length for term, weight in cluster.total.items()}
        best: int | None = None
        best_similarity = 0.0
        for other in self._candidates(unit):
            if other == index or _apart(cluster, self.clusters[other]):
                continue
            similarity = self.clusters[other].similarity(unit)
            if similarity > best_similarity:
                best, best_similarity = other, similarity
        return best, best_similarity

    def _vector(self, article: Article) -> dict[str, float]:
        for source in (article.title, article.summary):
            for alternatives in _alternatives(source, article.language):
                self.surfaces.setdefault(_term(alternatives), alternatives[0])
        weights = {
            term: (1 + math.log(count)) * self.background.idf(term)
            for term, count in _weighted_terms(article).items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {term: weight / length for term, weight in weights.items()}

    def _shared(self, one: Mapping[str, float], other: Mapping[str, float]) -> list[str]:
        common = [t for t in one if other.get(t, 0.0) > 0 and self.background.is_rare(t)]
        return sorted(common, key=lambda term: (-self.background.idf(term), term))[:4]

    def _because(self, shared: Iterable[str], similarity: float) -> str:
        words = ", ".join(self.surfaces[term] for term in shared)
        return f"shared words: {words} ({similarity:.2f})"


class _Copies:
    """Finds earlier articles with nearly the same text, by banded MinHash signatures."""

    def __init__(self) -> None:
        self.bands: defaultdict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
        self.signatures: list[tuple[RMinHash, int]] = []

    def find(self, signature: RMinHash) -> tuple[int, float] | None:
        """The cluster of the nearest copy and its similarity."""
        numbers = {n for key in _bands(signature) for n in self.bands.get(key, ())}
        scored = [(signature.jaccard(self.signatures[n][0]), -n) for n in numbers]
        similarity, number = max(scored, default=(0.0, 0))
        return (self.signatures[-number][1], similarity) if similarity >= COPY else None

    def remember(self, signature: RMinHash, cluster: int) -> None:
        """Make a text findable as one of the cluster's."""
        for key in _bands(signature):
            self.bands[key].append(len(self.signatures))
        self.signatures.append((signature, cluster))


def _signature(article: Article) -> RMinHash | None:
    words = article.text.casefold().split()
    if len(words) < COPY_WORDS:
        return None
    signature = RMinHash(PERMUTATIONS, 1)
    signature.update([" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)])
    return signature


def _bands(signature: RMinHash) -> Iterator[tuple[int, tuple[int, ...]]]:
    values = signature.digest()
    for start in range(0, PERMUTATIONS, BAND):
        yield start, tuple(values[start : start + BAND])


def _weighted_terms(article: Article) -> Counter[str]:
    counts: Counter[str] = Counter()
    for source, weight in ((article.title, TITLE_WEIGHT), (article.summary, 1)):
        for alternatives in _alternatives(source, article.language):
            counts[_term(alternatives)] += weight
    return counts


def _term(alternatives: tuple[str, ...]) -> str:
    """What a word counts as: its stem, else its surface."""
    return alternatives[-1] if "~" in alternatives[-1] else alternatives[0]


def _alternatives(source: str, language: str | None) -> Iterator[tuple[str, ...]]:
    """The readings of each word at the head of a text: the surface first, any stem last."""
    common = stoplists.get(language or "", frozenset())
    readings = text.terms(source[:HEAD_LENGTH], language)
    return (each for each in readings if each and each[0] not in common)


def _apart(one: _Cluster, other: _Cluster) -> bool:
    if not one.members or not other.members:
        return True
    gap = max(one.members[0].date, other.members[0].date) - min(
        one.members[-1].date, other.members[-1].date
    )
    return gap > WINDOW
