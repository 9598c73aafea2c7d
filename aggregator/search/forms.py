"""What a tantivy index holds of texts: one *form* for a position, a word for all of its terms.

`protests` in an English article is the form of {protests, protest~en}: one word for tantivy to
index, not one for each term, and a text is handed over as forms with spaces between them. The field
LEXICON says which forms a term belongs to. Its entries stand in documents of their own, which are
written with the first articles that have a form, and are never deleted.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import takewhile
from typing import Final

from tantivy import Document, Schema, SchemaBuilder

from aggregator import text
from aggregator.model.instants import to_microseconds
from aggregator.query import Record, Wording
from aggregator.search.documents import TEXTS, labels
from aggregator.search.results import Facet

LEXICON: Final = "forms"
FACET_FIELDS: Final[Mapping[Facet, str]] = {"tag": "tags", "feed": "feeds", "language": "languages"}
"""The columns of what facets count."""
LEAST, MOST = -(1 << 63) + 1, (1 << 63) - 1
"""Bounds of the numbers of articles; documents of the lexicon have one less than the least."""
GAP: Final = "\x1f"
"""The form between two texts, which no term has."""
_PIECES = _MOST_KNOWN = 1 << 17
_BETWEEN, _OF = "\x1f", "\x1e"
_NONE_SHARED, _MOST_SHARED = ord("!"), 64
_MARK: Final = "\0"


@cache
def schema() -> Schema:
    """The fields of an article in the index; no text is kept, only its forms."""
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("label", tokenizer_name="raw", index_option="basic")
    for name in FACET_FIELDS.values():
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field(LEXICON, tokenizer_name="whitespace", index_option="basic")
    builder.add_integer_field("moment", fast=True)
    builder.add_integer_field("words", fast=True)
    return builder.build()


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


class Forms:
    """Texts written in forms; `fresh` are those that the lexicon may lack."""

    def __init__(self) -> None:
        self.fresh: list[str] = []
        self._known: dict[tuple[str, ...], str] = {}
        self._vocabulary = text.Vocabulary(self._written, _PIECES)

    def of(self, wording: Wording) -> str:
        """The forms of all positions, with spaces between them."""
        read = self._vocabulary.read
        texts = (" ".join(read(each, wording.language)) for each in wording.texts)
        return f" {GAP} ".join(texts)

    def _written(self, positions: text.Positions) -> str:
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        return " ".join(map(self._kept, positions))

    def _kept(self, terms: tuple[str, ...]) -> str:
        """The form of terms: one object for all pieces that have it."""
        known = self._known.get(terms)
        if known is None:
            known = self._known[terms] = form_of(terms)
            self.fresh.append(known)
        return known


def document(record: Record, forms: Forms) -> Document:
    """What tantivy is given of an article."""
    made = Document()
    made.add_text("id", plain(record.id))
    for each in labels(record):
        made.add_text("label", plain(each))
    for name, values in _facets(record).items():
        for value in values:
            made.add_text(name, plain(value))
    for name in TEXTS:
        made.add_text(name, forms.of(record.wording(name)))
    made.add_integer("moment", to_microseconds(record.date))
    made.add_integer("words", min(record.words, MOST))
    return made


def _facets(record: Record) -> Mapping[str, Iterable[str]]:
    addresses = (feed for feed in record.feeds if feed.startswith(("http://", "https://")))
    return {"tags": record.tags, "feeds": addresses, "languages": record.languages}


def lexicon(forms: Iterable[str]) -> Document:
    """The document that says which terms the forms belong to."""
    made = Document()
    made.add_text("label", LEXICON)
    made.add_text(LEXICON, " ".join(entry(term, form) for form in forms for term in of(form)))
    made.add_integer("moment", LEAST - 1)
    made.add_integer("words", LEAST - 1)
    return made


def form_of(terms: Iterable[str]) -> str:
    """The form of terms, each once: the first in full, the others where they differ from it."""
    first, *others = dict.fromkeys(terms)
    return _BETWEEN.join((first, *(_differing(each, first) for each in others)))


def of(form: str) -> list[str]:
    """The terms of a form."""
    first, *others = form.split(_BETWEEN)
    return [first, *(_whole(each, first) for each in others)]


def entry(term: str, form: str) -> str:
    """What the lexicon holds of a form of a term."""
    return beginning(term) + _differing(form, term)


def beginning(term: str) -> str:
    """How all entries of a term begin."""
    return term + _OF


def entered(entry: str) -> tuple[str, str]:
    """The term and the form of an entry."""
    term, _, form = entry.partition(_OF)
    return term, _whole(form, term)


def _differing(word: str, known: str) -> str:
    """A word beside a known one: how many characters they begin with alike, then the others.

    tantivy keeps words that end alike together: half as long, they take half the time.
    """
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(word, known, strict=False))
    shared = min(sum(1 for _ in alike), _MOST_SHARED)
    return chr(_NONE_SHARED + shared) + word[shared:]


def _whole(differing: str, known: str) -> str:
    return known[: ord(differing[0]) - _NONE_SHARED] + differing[1:]
