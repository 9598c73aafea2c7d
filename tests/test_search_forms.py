"""Forms: what tantivy is given of a text stands for the same terms, position by position."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator import text
from aggregator.query import Wording
from aggregator.search import forms
from tests.support.words import LANGUAGES, words


def read(written):
    """The terms of every position of a text in forms."""
    found = filter(None, written.split(" "))
    return [() if form == forms.GAP else tuple(forms.of(form)) for form in found]


@given(st.lists(words, max_size=3), st.sampled_from(LANGUAGES))
def test_a_text_in_forms_has_the_terms_of_every_position(texts, language):
    wording = Wording(tuple(texts), language)
    written = forms.Forms().of(wording)
    distinct = [tuple(dict.fromkeys(terms)) for terms in wording.positions()]
    assert read(written) == distinct
    written.encode("utf-8")
    assert "\0" not in written


def test_a_form_is_fresh_when_it_is_first_met_however_it_is_written():
    known = forms.Forms()
    known.of(Wording(("Talks, talks. TALKS", "talked"), "en"))
    assert [forms.of(form) for form in known.fresh] == [["talks", "talk~en"], ["talked", "talk~en"]]
    known.fresh.clear()
    known.of(Wording(("talked: talks!",), "en"))
    assert known.fresh == []
    known.of(Wording(("talks",), "de"))
    assert [forms.of(form) for form in known.fresh] == [["talks", "talk~de"]]


@given(words, words)
def test_an_entry_of_the_lexicon_tells_its_term_and_form(first, second):
    terms = [each[0] for each in text.terms(f"{first} {second}", None)]
    if terms:
        form = forms.form_of(terms)
        assert forms.of(form) == list(dict.fromkeys(terms))
        assert [forms.entered(forms.entry(term, form)) for term in terms] == [
            (term, form) for term in terms
        ]


def test_what_a_vocabulary_has_forgotten_it_makes_again():
    made = []
    vocabulary = text.Vocabulary(lambda positions: made.append(positions) or len(positions), 4)
    many = [f"w{number}" for number in range(20)]
    assert list(vocabulary.read(" ".join(["a-b", *many, "a-b"]), None)) == [2, *[1] * 20, 2]
    assert len(made) == 22
    assert list(vocabulary.read("a-b a-b w19", None)) == [2, 2, 1]
    assert len(made) == 22
