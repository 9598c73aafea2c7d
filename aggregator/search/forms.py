"""What a tantivy index holds of texts: one *form* for a position, a word for all of its terms.

`protests` in an English article is the form of {protests, protest~en}: one word for tantivy to
index, not one for each term, and a text is handed over as forms with spaces between them. The field
LEXICON says which forms a term belongs to. Its entries stand in documents of their own, which are
written with the first articles that have a form, and are never deleted.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from tantivy import Document, Schema, SchemaBuilder

from aggregator import text
from aggregator.query import Record, Wording
from aggregator.search.documents import TEXTS, labels, moment
from aggregator.search.results import Facet

LEXICON: Final = "lexicon"
FACET_FIELDS: Final[Mapping[Facet, str]] = {"tag": "tags", "feed": "feeds", "language": "languages"}
"""The columns of what facets count."""
LEAST, MOST = -(1 << 63) + 1, (1 << 63) - 1
"""Bounds of the numbers of articles; documents of the lexicon have one less than the least."""
_PIECES, _MOST_KNOWN = 1 << 17, 1 << 18
_BETWEEN, _OF = "\x1f", "\x1e"
_GAP: Final = f" {_BETWEEN} "
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
        self._known: dict[str, str] = {}
        self._vocabulary = text.Vocabulary(self._written, _PIECES)

    def of(self, wording: Wording) -> str:
        """The forms of all positions, with spaces between them; one that is of no term is a gap."""
        read = self._vocabulary.read
        return _GAP.join(" ".join(read(each, wording.language)) for each in wording.texts)

    def _written(self, positions: text.Positions) -> str:
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        return " ".join(map(self._kept, positions))

    def _kept(self, terms: tuple[str, ...]) -> str:
        """The form of terms: one object for all pieces that have it."""
        form = _BETWEEN.join(dict.fromkeys(terms))
        if form not in self._known:
            self._known[form] = form
            self.fresh.append(form)
        return self._known[form]


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
    made.add_integer("moment", moment(record.date))
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


def of(form: str) -> list[str]:
    """The terms of a form."""
    return form.split(_BETWEEN)


def entry(term: str, form: str = "") -> str:
    """What the lexicon holds of a form of a term, or how all of the term's begin."""
    return f"{term}{_OF}{form}"


def entered(entry: str) -> tuple[str, str]:
    """The term and the form of an entry."""
    term, _, form = entry.partition(_OF)
    return term, form
