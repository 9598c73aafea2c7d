"""What a bound query means in one segment: the same documents as `query.matches`, and scores."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from time import thread_time
from typing import Final

import numpy as np

from aggregator import query
from aggregator.model.instants import to_microseconds
from aggregator.search.arrays import Array, distinct
from aggregator.search.likeness import FIELDS, Trait
from aggregator.search.postings import encoded
from aggregator.search.ranking import LENGTH_SHARE, SATURATION, WEIGHTS, freshness, positive, tag
from aggregator.search.segments import LABELS, Documents, Segment
from aggregator.search.words import Lexicon, Sought

FEW: Final = 10_000
"""So many places of a phrase's first words make it worth while to leave documents out."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Queries over one segment, the words of all segments being known.

    `of` and `scores` raise TimeoutError when the thread's processor time is beyond `until`.
    """

    segment: Segment
    lexicon: Lexicon
    until: float = inf
    _stood: dict[Sought, Documents] = field(default_factory=dict, repr=False)

    def of(self, tree: query.Query) -> Documents:
        """The documents that a bound query means."""
        return self._of(tree) & self.segment.alive

    def scores(self, tree: query.Query, wanted: Documents) -> Array:
        """How well wanted documents fit, by the formula of `search.ranking`."""
        scores = np.zeros(self.segment.size)
        for sought in self._sought(tree):
            fitting = wanted & self._standing(sought) if len(sought.positions) > 1 else wanted
            for term in sorted(sought.terms):
                self._look_at_the_clock()
                documents, found = self._scores(sought.field, term)
                chosen = fitting[documents]
                scores[documents[chosen]] += found[chosen]
        for node in positive(tree):
            scores += self._tagged(node, wanted)
        found = np.flatnonzero(wanted)
        ages = self.lexicon.newest - self.segment.columns["moment"][found]
        scores[found] *= freshness(ages)
        return scores

    def likeness(self, wanted: Sequence[Trait]) -> Array:
        """How much of these traits documents have: tf·idf by BM25's measure."""
        likeness = np.zeros(self.segment.size)
        for trait in wanted:
            name = encoded(trait.term)
            if trait.kind == LABELS:
                forms = self.segment.fields[LABELS].find(name)
                likeness[self.segment.holding(LABELS, forms)] += trait.weight
                continue
            for part in FIELDS:
                documents, found = self._saturated(part, name)
                likeness[documents] += trait.weight * WEIGHTS.get(part, 1.0) * found
        return likeness

    def _look_at_the_clock(self) -> None:
        if thread_time() > self.until:
            raise TimeoutError

    def _of(self, tree: query.Query) -> Documents:
        self._look_at_the_clock()
        match tree:
            case query.And(children):
                return self._all_of(children)
            case query.Or(children):
                return self._union(self._of(child) for child in children)
            case query.Not(child):
                return ~self._of(child)
            case query.Text():
                return self._text(tree)
        return self._condition(tree)

    def _all_of(self, children: tuple[query.Query, ...]) -> Documents:
        found = np.ones(self.segment.size, bool)
        for child in children:
            if not found.any():
                break
            found &= self._of(child)
        return found

    def _union(self, found: Iterator[Documents]) -> Documents:
        union = np.zeros(self.segment.size, bool)
        for each in found:
            union |= each
        return union

    def _condition(self, tree: query.Query) -> Documents:
        match tree:
            case query.Exact(field, value):
                return self.segment.with_label(field, value)
            case query.Has(what):
                return self.segment.with_label("has", what)
            case query.Is(what):
                return self.segment.with_label("is", what)
            case query.Words(low, high):
                return self._between("words", low, None if high is None else high + 1)
            case query.Dates(since, until):
                low, high = (None if at is None else to_microseconds(at) for at in (since, until))
                return self._between("moment", low, high)
        return np.ones(self.segment.size, bool)

    def _between(self, column: str, low: int | None, high: int | None) -> Documents:
        """Documents whose number is at least `low` and less than `high`; None is open."""
        numbers = self.segment.columns[column]
        found = np.ones(self.segment.size, bool)
        if low is not None:
            found &= numbers >= low
        if high is not None:
            found &= numbers < high
        return found

    def _text(self, node: query.Text) -> Documents:
        found = self._union(self._standing(sought) for sought in self.lexicon.sought(node))
        if node.field == "feed":
            for key in query.feed_keys(node.words):
                found |= self.segment.with_label("feed", key)
        return found

    def _standing(self, sought: Sought) -> Documents:
        """Documents in which what is sought stands side by side."""
        if sought not in self._stood:
            self._stood[sought] = self._side_by_side(sought)
        return self._stood[sought]

    def _side_by_side(self, sought: Sought) -> Documents:
        field = sought.field
        forms = [self._forms(field, terms) for terms in sought.positions]
        found = np.ones(self.segment.size, bool)
        for each in sorted(forms, key=len):
            found &= self.segment.holding(field, each)
            if not found.any():
                return found
        if len(forms) == 1:
            return found
        return self.segment.document_of(field, self._starts(field, forms, found))

    def _starts(self, field: str, forms: list[Array], wanted: Documents) -> Array:
        """Where the first position stands for all the others to follow it; the rarest leads."""
        sizes = [int(self.segment.fields[field].sizes(each).sum()) for each in forms]
        places = None
        for offset in sorted(range(len(forms)), key=sizes.__getitem__):
            here = self.segment.places(field, forms[offset], wanted, offset)
            places = here if places is None else self.segment.common(field, places, here)
            if len(places) < FEW:
                wanted = wanted & self.segment.document_of(field, places)
        assert places is not None
        return places

    def _forms(self, field: str, terms: tuple[bytes, ...]) -> Array:
        found = [self.lexicon.forms(self.segment, field, term) for term in terms]
        return distinct(found)

    def _sought(self, tree: query.Query) -> Iterator[Sought]:
        """What is looked for outside of exclusions."""
        for node in positive(tree):
            yield from self.lexicon.sought(node)

    def _tagged(self, node: query.Text, wanted: Documents) -> Array:
        """What a tag of that name adds where the words stand, too."""
        scores = np.zeros(self.segment.size)
        if named := tag(node):
            documents, _ = self.lexicon.frequencies(self.segment, LABELS, encoded(named))
            fitting = (wanted & self._text(node))[documents]
            scores[documents[fitting]] = self.lexicon.rarity(LABELS, encoded(named))
        return scores

    def _scores(self, field: str, term: bytes) -> tuple[Array, Array]:
        """BM25: a word counts more the rarer it is and the shorter its text."""
        documents, saturated = self._saturated(field, term)
        return documents, self.lexicon.rarity(field, term) * saturated

    def _saturated(self, field: str, term: bytes) -> tuple[Array, Array]:
        """BM25 without the rarity: how often a term stands in documents, for their lengths."""
        documents, counts = self.lexicon.frequencies(self.segment, field, term)
        least = SATURATION * (1 - LENGTH_SHARE)
        each = SATURATION * LENGTH_SHARE / self.lexicon.length(field)
        norms = least + each * self.segment.columns[field][documents]
        return documents, (SATURATION + 1) * counts / (counts + norms)
