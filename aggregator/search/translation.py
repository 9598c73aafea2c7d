"""Bound queries as tantivy queries: the same sets as `query.matches`, and scores."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from itertools import product
from operator import mul
from typing import Final

from tantivy import FieldType, Occur, Query, Searcher

from aggregator import query, text
from aggregator.errors import SearchError
from aggregator.model.instants import to_microseconds
from aggregator.search.documents import label
from aggregator.search.forms import LEAST, LEXICON, MOST, beginning, entered, plain, schema
from aggregator.search.likeness import FIELDS, Trait
from aggregator.search.ranking import WEIGHTS, counted, rarity, tag

PREFIX_FORMS: Final = 20_000
"""A prefix that begins more forms than this is refused."""
SCORED_FORMS: Final = 200
"""So many forms of a term count by how often they stand in a text, more of them once each."""
PHRASES: Final = 16
"""So many phrases are looked for one by one."""
_ESCAPED: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\.+*?()|[]{}^$#&-~"})

Weights = Mapping[str, float]
"""Forms that may stand at a position, and how much each counts."""


class Translation:
    """Queries over what one searcher sees."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._frequencies: dict[tuple[str, str], int] = {}

    def of(self, tree: query.Query) -> Query:
        """What finds the documents that a bound query means; raises SearchError."""
        match tree:
            case query.And(children):
                return self._all_of(children)
            case query.Or(children):
                return _any([self.of(child) for child in children])
            case query.Not():
                return self._all_of((tree,))
            case query.Text():
                return self._text(tree)
        return Query.const_score_query(_condition(tree), 0.0)

    def spread(self, field: str, term: str) -> int:
        """In how many articles a term stands, about: also in those deleted since."""
        if field == "label":
            return self._searcher.doc_freq(field, plain(term))
        return sum(self._searcher.doc_freq(field, form) for form in self._forms(term))

    def alike(self, wanted: Sequence[Trait], id: str, *, itself: bool) -> Query:
        """What finds articles that have any of these traits: only the one of that id, or others."""
        only = Query.const_score_query(Query.term_query(schema(), "id", plain(id), "basic"), 0.0)
        return Query.boolean_query(
            [
                (Occur.Must, _any([part for each in wanted for part in self._having(each)])),
                (Occur.Must if itself else Occur.MustNot, only),
            ]
        )

    def _having(self, trait: Trait) -> Iterator[Query]:
        """What finds a trait, and weighs it."""
        if trait.kind == "label":
            found = Query.term_query(schema(), "label", plain(trait.term), "basic")
            yield Query.const_score_query(found, trait.weight)
            return
        for field in FIELDS:
            weight = WEIGHTS.get(field, 1.0) * trait.weight
            forms = dict.fromkeys(self._forms(trait.term), weight)
            yield self._scored(field, forms)

    def _all_of(self, children: Sequence[query.Query]) -> Query:
        excluded = [child.child for child in children if isinstance(child, query.Not)]
        required = [self.of(child) for child in children if not isinstance(child, query.Not)]
        needed = required or [_everything()]
        return Query.boolean_query(
            [(Occur.Must, each) for each in needed]
            + [(Occur.MustNot, self.of(each)) for each in excluded]
        )

    def _text(self, node: query.Text) -> Query:
        fields = (node.field,) if node.field else ("title", "body")
        found = [each for field in fields for each in self._standing(node, field)]
        if node.field == "feed":
            found += [_labelled("feed", key) for key in sorted(query.feed_keys(node.words))]
        named = tag(node)
        frequency = self._searcher.doc_freq("label", plain(named)) if named else 0
        if named is None or not frequency:
            return _any(found)
        weight = WEIGHTS["label"] * rarity(self._articles, frequency)
        tagged = Query.term_query(schema(), "label", plain(named), "basic")
        bonus = Query.const_score_query(tagged, weight)
        return Query.boolean_query([(Occur.Must, _any(found)), (Occur.Should, bonus)])

    def _standing(self, node: query.Text, field: str) -> Iterator[Query]:
        """What finds the words of a node side by side in a field; nothing where they cannot be."""
        if node.prefix:
            positions = [self._beginning(field, node.words)]
        else:
            positions = [self._weights(field, terms) for terms in text.query_terms(node.words)]
        if not positions or not all(positions):
            return
        words = [self._scored(field, forms) for forms in positions]
        if len(words) == 1:
            yield words[0]
            return
        phrase = Query.const_score_query(_side_by_side(field, list(map(list, positions))), 0.0)
        yield Query.boolean_query([(Occur.Must, phrase), *((Occur.Should, word) for word in words)])

    def _weights(self, field: str, terms: Iterable[str]) -> Weights:
        """The forms of any of the terms that stand in a field; stems of languages that are there.

        A form counts as much as its terms together, and a term the more the rarer it is.
        """
        weights: defaultdict[str, float] = defaultdict(float)
        for term in sorted(terms):
            _, stem, language = term.rpartition("~")
            if not stem or language in self._languages:
                self._add(weights, field, self._forms(term))
        return weights

    def _forms(self, term: str) -> Iterator[str]:
        found = self._searcher.terms_with_prefix(LEXICON, beginning(plain(term)))
        return (entered(each)[1] for each, _ in found)

    def _add(self, weights: defaultdict[str, float], field: str, forms: Iterable[str]) -> None:
        known = list(forms)
        found = max(sum(self._frequency(each, form) for form in known) for each in counted(field))
        weight = WEIGHTS.get(field, 1.0) * rarity(self._articles, min(found, self._articles))
        for form in known:
            if self._frequency(field, form):
                weights[form] += weight

    def _frequency(self, field: str, form: str) -> int:
        if (field, form) not in self._frequencies:
            self._frequencies[field, form] = self._searcher.doc_freq(field, form)
        return self._frequencies[field, form]

    def _beginning(self, field: str, word: str) -> Weights:
        folded = text.prefix(word)
        if folded is None:
            return {}
        found = self._searcher.terms_with_prefix(LEXICON, plain(folded), limit=PREFIX_FORMS + 1)
        if len(found) > PREFIX_FORMS:
            raise SearchError(f"{word}* stands for too many words; write more of the word")
        entries = (entered(each) for each, _ in found)
        weights: defaultdict[str, float] = defaultdict(float)
        self._add(weights, field, {form for term, form in entries if "~" not in term})
        return weights

    def _scored(self, field: str, forms: Weights) -> Query:
        if len(forms) > SCORED_FORMS:
            each = Query.term_set_query(schema(), field, list(forms))
            return Query.const_score_query(each, max(forms.values()))
        return _any([self._weighed(field, form, weight) for form, weight in forms.items()])

    def _weighed(self, field: str, form: str, weight: float) -> Query:
        """A form that counts `weight` instead of what tantivy takes for its rarity."""
        theirs = rarity(self._searcher.num_docs, self._frequency(field, form))
        return Query.boost_query(Query.term_query(schema(), field, form), weight / theirs)

    @cached_property
    def _articles(self) -> int:
        return max(1, self._searcher.num_docs - self._searcher.doc_freq("label", LEXICON))

    @cached_property
    def _languages(self) -> frozenset[str]:
        start = label("language", "")
        found = self._searcher.terms_with_prefix("label", start)
        return frozenset(term.removeprefix(start) for term, _ in found)


def _side_by_side(field: str, positions: Sequence[Sequence[str]]) -> Query:
    """Every combination of the forms as a phrase; where they are many, one phrase of patterns."""
    if reduce(mul, map(len, positions)) <= PHRASES:
        phrases = product(*positions)
        return _any([Query.phrase_query(schema(), field, list(each)) for each in phrases])
    patterns = ("|".join(form.translate(_ESCAPED) for form in forms) for forms in positions)
    words: list[str | tuple[int, str]] = [(at, f"(?:{each})") for at, each in enumerate(patterns)]
    return Query.regex_phrase_query(schema(), field, words)


def _any(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, each) for each in queries])


def _everything() -> Query:
    """All articles: what is not of the lexicon."""
    aside = Query.term_query(schema(), "label", LEXICON, "basic")
    return Query.boolean_query(
        [
            (Occur.Must, Query.const_score_query(Query.all_query(), 0.0)),
            (Occur.MustNot, Query.const_score_query(aside, 0.0)),
        ]
    )


def _labelled(kind: str, value: str) -> Query:
    found = Query.term_query(schema(), "label", plain(label(kind, value)), "basic")
    return Query.const_score_query(found, 0.0)


def _condition(tree: query.Query) -> Query:
    match tree:
        case query.Exact(field, value):
            return _labelled(field, value)
        case query.Has(what):
            return _labelled("has", what)
        case query.Is(what):
            return _labelled("is", what)
        case query.Words(low, high):
            return _between("words", low, high)
        case query.Dates(since, until):
            low, high = (None if at is None else to_microseconds(at) for at in (since, until))
            return _between("moment", low, None if high is None else high - 1)
    return _everything()


def _between(field: str, low: int | None, high: int | None) -> Query:
    """Both bounds inclusive; None is open."""
    least = LEAST if low is None else max(low, LEAST)
    most = MOST if high is None else min(high, MOST)
    if least > most:
        return Query.empty_query()
    return Query.range_query(schema(), field, FieldType.Integer, least, most)
