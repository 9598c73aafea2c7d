"""What a bound query means in one segment: the same documents as `query.matches`, and scores."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aggregator import query
from aggregator.search.documents import label, moment
from aggregator.search.fields import encoded, length_of
from aggregator.search.segments import Documents, Segment
from aggregator.search.words import LENGTH_SHARE, SATURATION, Lexicon, Sought


@dataclass(frozen=True, slots=True)
class Meaning:
    """Queries over one segment, the words of all segments being known."""

    segment: Segment
    lexicon: Lexicon

    def of(self, tree: query.Query) -> Documents:
        """The documents that a bound query means."""
        return self.segment.alive(self._of(tree))

    def scores(self, tree: query.Query, wanted: Documents) -> Mapping[int, float]:
        """How well wanted documents fit: BM25 summed over the query's words and phrases."""
        scores: defaultdict[int, float] = defaultdict(float)
        for sought in self._positive(tree):
            fitting = wanted & self._standing(sought) if len(sought.positions) > 1 else wanted
            for term in sought.terms:
                self._add_scores(scores, sought.field, term, fitting)
        return scores

    def _of(self, tree: query.Query) -> Documents:
        match tree:
            case query.And(children):
                return self._all_of(children)
            case query.Or(children):
                return set().union(*map(self._of, children))
            case query.Not(child):
                return self.segment.everything - self._of(child)
            case query.Text():
                return self._text(tree)
        return self._condition(tree)

    def _all_of(self, children: tuple[query.Query, ...]) -> Documents:
        """The positive children first: what is excluded is taken from few documents."""
        excluded = [child.child for child in children if isinstance(child, query.Not)]
        required = [child for child in children if not isinstance(child, query.Not)]
        found = self.segment.everything
        for number, child in enumerate(required):
            found = found & self._of(child) if number else self._of(child)
            if not found:
                return found
        return found.difference(*map(self._of, excluded))

    def _condition(self, tree: query.Query) -> Documents:
        match tree:
            case query.Exact(field, value):
                return self._labelled(field, value)
            case query.Has(what):
                return self._labelled("has", what)
            case query.Is(what):
                return self._labelled("is", what)
            case query.Words(low, high):
                return self.segment.between("words", low, None if high is None else high + 1)
            case query.Dates(since, until):
                low, high = (None if at is None else moment(at) for at in (since, until))
                return self.segment.between("moment", low, high)
        return self.segment.everything

    def _labelled(self, kind: str, value: str) -> Documents:
        return set(self.segment.documents("label", encoded(label(kind, value))))

    def _text(self, node: query.Text) -> Documents:
        found = [self._standing(sought) for sought in self.lexicon.sought(node)]
        if node.field == "feed":
            found += [self._labelled("feed", key) for key in query.feed_keys(node.words)]
        return set().union(*found)

    def _standing(self, sought: Sought) -> Documents:
        """Documents in which what is sought stands side by side."""
        first, *others = sought.positions
        found = self._any(sought.field, first)
        for terms in others:
            found = found and found & self._any(sought.field, terms)
        if not others or not found:
            return found
        starts = self._starts(sought, found)
        return {document for document, places in starts.items() if places}

    def _any(self, field: str, terms: tuple[bytes, ...]) -> Documents:
        return set().union(*(self.segment.documents(field, term) for term in terms))

    def _starts(self, sought: Sought, wanted: Documents) -> dict[int, set[int]]:
        """Where the first position stands for all the others to follow it, by document."""
        starts: dict[int, set[int]] = {}
        for offset, terms in enumerate(sought.positions):
            here = self._places(sought.field, terms, wanted, offset)
            starts = here if not offset else {at: starts[at] & here[at] for at in starts}
        return starts

    def _places(
        self, field: str, terms: tuple[bytes, ...], wanted: Documents, offset: int
    ) -> dict[int, set[int]]:
        places: dict[int, set[int]] = {document: set() for document in wanted}
        for term in terms:
            for document, positions in self.segment.positions(field, term, wanted):
                places[document].update(position - offset for position in positions)
        return places

    def _positive(self, tree: query.Query) -> Iterator[Sought]:
        """What is looked for outside of exclusions."""
        match tree:
            case query.And(children) | query.Or(children):
                for child in children:
                    yield from self._positive(child)
            case query.Text():
                yield from self.lexicon.sought(tree)

    def _add_scores(
        self, scores: defaultdict[int, float], field: str, term: bytes, wanted: Documents
    ) -> None:
        """BM25: a word counts more the rarer it is and the shorter its text."""
        lengths = self.segment.numbers(length_of(field))
        rarity = self.lexicon.rarity(field, term) * (SATURATION + 1)
        least = SATURATION * (1 - LENGTH_SHARE)
        each = SATURATION * LENGTH_SHARE / self.lexicon.length(field)
        for document, weight in self.segment.weights(field, term):
            if document in wanted:
                damping = least + each * lengths[document]
                scores[document] += rarity * weight / (weight + damping)
