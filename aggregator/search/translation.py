"""Records as tantivy documents, and bound queries as tantivy queries: the same sets as
`query.matches`, and scores.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, reduce
from operator import mul
from typing import Final

from tantivy import (
    Document,
    FieldType,
    Occur,
    PreTokenizedString,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
    Token,
)

from aggregator import query, text
from aggregator.errors import SearchError
from aggregator.query.records import Positions, Record
from aggregator.search.documents import TEXTS, label, labels, moment
from aggregator.search.likeness import Trait

TITLE_BOOST: Final = 2.5
PREFIX_WORDS: Final = 20_000
"""A prefix that begins more words than this is refused."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_ESCAPED: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\.+*?()|[]{}^$#&-~"})
_MARK: Final = "\0"


@cache
def schema() -> Schema:
    """The fields of an article in the index; no text is kept, only its terms."""
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("label", tokenizer_name="raw", index_option="basic")
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="position")
    builder.add_integer_field("moment", fast=True)
    builder.add_integer_field("words", fast=True)
    return builder.build()


def document(record: Record) -> Document:
    """What tantivy is given of an article."""
    made = Document()
    made.add_text("id", plain(record.id))
    for each in labels(record):
        made.add_text("label", plain(each))
    for name in TEXTS:
        made.add_pre_tokenized_text(name, _tokenized(getattr(record, name)))
    made.add_integer("moment", moment(record.date))
    made.add_integer("words", min(record.words, _MOST))
    return made


def plain(term: str) -> str:
    """A term as the index holds it: tantivy takes no lone surrogates."""
    if term.isascii() or _is_utf8(term):
        return _MARK + term if term.startswith(_MARK) else term
    return _MARK + _MARK + term.encode("utf-8", "surrogatepass").hex()


def original(term: str) -> str:
    """The term that `plain` was given."""
    if term.startswith(_MARK + _MARK):
        return bytes.fromhex(term[2:]).decode("utf-8", "surrogatepass")
    return term.removeprefix(_MARK)


def _is_utf8(term: str) -> bool:
    try:
        term.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _tokenized(positions: Positions) -> PreTokenizedString:
    """A text as its terms; those of one position are alternatives."""
    numbered = [(term, at) for at, each in enumerate(positions) for term in each]
    try:
        tokens = [Token(term, at, 0, 0) for term, at in numbered]
    except UnicodeError:  # a lone surrogate
        tokens = [Token(plain(term), at, 0, 0) for term, at in numbered]
    return PreTokenizedString("", tokens)


class Translation:
    """Queries over what one searcher sees."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

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
        return self._searcher.doc_freq(field, plain(term))

    def alike(self, wanted: Sequence[Trait], id: str, *, itself: bool) -> Query:
        """What finds articles that have any of these traits: only the one of that id, or others."""
        only = Query.const_score_query(Query.term_query(schema(), "id", plain(id), "basic"), 0.0)
        return Query.boolean_query(
            [
                (Occur.Must, _any([part for each in wanted for part in _having(each)])),
                (Occur.Must if itself else Occur.MustNot, only),
            ]
        )

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
        return _any(found)

    def _standing(self, node: query.Text, field: str) -> Iterator[Query]:
        """What finds the words of a node side by side in a field; nothing where they cannot be."""
        if node.prefix:
            found = _any_term(field, self._beginning(field, node.words))
        else:
            asked = text.query_terms(node.words)
            positions = [self._known(field, terms) for terms in asked]
            if not positions or not all(positions):
                return
            found = _side_by_side(field, positions)
        yield Query.boost_query(found, TITLE_BOOST) if field == "title" else found

    def _known(self, field: str, terms: Iterable[str]) -> list[str]:
        written = sorted(map(plain, terms))
        return [term for term in written if self._searcher.doc_freq(field, term)]

    def _beginning(self, field: str, word: str) -> list[str]:
        folded = text.prefix(word)
        if folded is None:
            return []
        found = self._searcher.terms_with_prefix(field, plain(folded), limit=PREFIX_WORDS + 1)
        if len(found) > PREFIX_WORDS:
            raise SearchError(f"{word}* stands for too many words; write more of the word")
        return [term for term, _ in found if "~" not in term]


def _side_by_side(field: str, positions: Sequence[Sequence[str]]) -> Query:
    if len(positions) == 1:
        return _any([Query.term_query(schema(), field, term) for term in positions[0]])
    numbered = list(enumerate(positions))
    if reduce(mul, map(len, positions)) == 1:
        return Query.phrase_query(schema(), field, [(at, terms[0]) for at, terms in numbered])
    patterns = [
        (at, "|".join(term.translate(_ESCAPED) for term in terms)) for at, terms in numbered
    ]
    return Query.regex_phrase_query(schema(), field, [(at, f"(?:{each})") for at, each in patterns])


def _having(trait: Trait) -> Iterator[Query]:
    """What finds a trait, and weighs it."""
    term = plain(trait.term)
    if trait.kind == "label":
        found = Query.term_query(schema(), "label", term, "basic")
        yield Query.const_score_query(found, trait.weight)
        return
    for field, boost in (("title", TITLE_BOOST), ("body", 1.0)):
        yield Query.boost_query(Query.term_query(schema(), field, term), boost * trait.share)


def having(asked: Query, named: str) -> Query:
    """What finds those of the articles asked for that have a label."""
    found = Query.term_query(schema(), "label", named, "basic")
    return Query.boolean_query([(Occur.Must, asked), (Occur.Must, found)])


def _any_term(field: str, terms: Sequence[str]) -> Query:
    """Any of perhaps thousands of terms, as one word."""
    if not terms:
        return Query.empty_query()
    return Query.const_score_query(Query.term_set_query(schema(), field, terms), 1.0)


def _any(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, each) for each in queries])


def _everything() -> Query:
    return Query.const_score_query(Query.all_query(), 0.0)


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
            low, high = (None if at is None else moment(at) for at in (since, until))
            return _between("moment", low, None if high is None else high - 1)
    return Query.all_query()


def _between(field: str, low: int | None, high: int | None) -> Query:
    """Both bounds inclusive; None is open."""
    least = _LEAST if low is None else max(low, _LEAST)
    most = _MOST if high is None else min(high, _MOST)
    if least > most:
        return Query.empty_query()
    return Query.range_query(schema(), field, FieldType.Integer, least, most)
