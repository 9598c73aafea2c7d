"""A bound query as whoosh queries: the same meaning as `query.matches` gives it in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from whoosh import query as wq
from whoosh.query import spans
from whoosh.reading import IndexReader

from aggregator import query, text
from aggregator.errors import SearchError

QUARTER = 900
"""Seconds: every local midnight is a multiple of a quarter of an hour in UTC."""
PREFIX_POSTINGS = 20_000
"""A prefix whose words stand in more articles than this in all is refused."""
TITLE_BOOST = 2.5


def quarter(moment: datetime) -> int:
    """The quarter of an hour since 1970 in which `moment` lies."""
    return int(moment.timestamp() // QUARTER)


def label(kind: str, value: str) -> str:
    """The term of an exact value: `tag:iran`, `is:starred`."""
    return f"{kind}:{value}"


def whoosh_query(tree: query.Query, reader: IndexReader) -> wq.Query:
    """The whoosh query with the meaning of `tree`; raises SearchError for too broad a prefix."""
    return _Reading(reader).of(tree)


class _Reading:
    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader

    def of(self, tree: query.Query) -> wq.Query:
        match tree:
            case query.And(children):
                return wq.And([self.of(child) for child in children])
            case query.Or(children):
                return _any([self.of(child) for child in children])
            case query.Not(child):
                return wq.Not(self.of(child))
            case query.Text():
                return self._text(tree)
            case _:
                return self._condition(tree)

    def _condition(self, tree: query.Query) -> wq.Query:
        match tree:
            case query.Exact(field, value):
                return self._label(field, value)
            case query.Has(what):
                return self._label("has", what)
            case query.Is(what):
                return self._label("is", what)
            case query.Words(low, high):
                return wq.NumericRange("words", low, high)
            case query.Dates(since, until):
                return _dates(since, until)
            case _:
                return wq.Every()

    def _label(self, kind: str, value: str) -> wq.Query:
        return wq.ConstantScoreQuery(wq.Term("label", label(kind, value)), 0.0)

    def _text(self, node: query.Text) -> wq.Query:
        fields = (node.field,) if node.field else ("title", "body")
        if node.prefix:
            found = [self._prefix(field, node.words) for field in fields]
        else:
            positions = text.query_terms(node.words)
            found = [self._sequence(field, positions) for field in fields]
        if node.field == "feed":
            found += [self._label("feed", key) for key in sorted(query.feed_keys(node.words))]
        return _any(found)

    def _sequence(self, field: str, positions: Sequence[frozenset[str]]) -> wq.Query:
        alternatives = [self._word(field, terms) for terms in positions]
        if not alternatives or wq.NullQuery in alternatives:
            return wq.NullQuery
        return alternatives[0] if len(alternatives) == 1 else spans.SpanNear2(alternatives)

    def _word(self, field: str, terms: frozenset[str]) -> wq.Query:
        known = [term for term in sorted(terms) if (field, term) in self.reader]
        return _any([_term(field, term) for term in known])

    def _prefix(self, field: str, word: str) -> wq.Query:
        folded = text.prefix(word)
        if folded is None:
            return wq.NullQuery
        terms = list(self._expansions(field, folded, word))
        return _any([_term(field, term) for term in terms])

    def _expansions(self, field: str, folded: str, word: str) -> Iterator[str]:
        postings = 0
        for found in self.reader.expand_prefix(field, folded):
            if b"~" in found:
                continue
            postings += self.reader.doc_frequency(field, found)
            if postings > PREFIX_POSTINGS:
                raise SearchError(f"{word}* stands for too many words; write more of the word")
            yield found.decode("utf-8", "surrogatepass")


def _term(field: str, term: str) -> wq.Query:
    return wq.Term(field, term, boost=TITLE_BOOST if field == "title" else 1.0)


def _any(queries: Sequence[wq.Query]) -> wq.Query:
    if not queries:
        return wq.NullQuery
    if len(queries) == 1:
        return queries[0]
    either = wq.Or(queries)
    either.matcher_type = wq.Or.DEFAULT_MATCHER  # the others know no positions
    return either


def _dates(since: datetime | None, until: datetime | None) -> wq.Query:
    first = quarter(since) if since else None
    last = quarter(until) - 1 if until else None
    return wq.ConstantScoreQuery(wq.NumericRange("quarter", first, last), 0.0)
