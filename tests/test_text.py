"""The tokenizer: what people type finds what publishers wrote, in every script."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator import text
from aggregator.text.folding import alike
from tests.support.words import LANGUAGES, words


def stands(asked, positions):
    """Whether a query's positions stand side by side in a text's positions."""
    return any(
        all(not want.isdisjoint(have) for want, have in zip(asked, positions[start:], strict=False))
        for start in range(len(positions) - len(asked) + 1)
    )


def test_a_token_carries_offsets_into_the_original_text():
    written = "Ｉran's AT&T — l’été, C++!"
    surfaces = [written[token.start : token.end] for token in text.tokens(written, "en")]
    assert surfaces == ["Ｉran's", "AT&T", "l’été", "C++"]


def test_the_folded_surface_stands_first_and_the_stem_last():
    (token,) = text.tokens("Elections", "en")
    assert token == text.Token(0, 9, ("elections", "elect~en"))


def test_a_word_that_is_its_own_stem_is_marked_as_a_stem_too():
    assert text.terms("protest", "en") == [("protest", "protest~en")]


def test_a_character_answers_to_itself_and_to_the_pair_it_begins():
    assert text.terms("日本語", "ja") == [("日", "日本"), ("本", "本語"), ("語",)]


def test_a_phrase_of_characters_asks_for_pairs_alone_unless_it_is_to_be_marked():
    pairs = [frozenset({"日本"}), frozenset({"本語"})]
    assert text.query_terms("日本語") == pairs
    assert text.query_terms("日本語", whole=True) == [*pairs, frozenset({"語"})]


def test_a_query_asks_for_the_stems_of_every_language_in_its_script():
    (asked,) = text.query_terms("elections")
    assert {"elections", "elect~en"} < asked
    assert any(term.endswith("~de") for term in asked)
    assert not any(term.endswith("~ru") for term in asked)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Semicond", "semicond"),
        ("Élec", "elec"),
        ("C++", "c++"),
        ("日", "日"),
        ("日本", None),
        ("covid-1", None),
        ("***", None),
        ("", None),
    ],
)
def test_a_prefix_is_one_folded_position(word, expected):
    assert text.prefix(word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("covid-19", "covid19"),
        ("E-Mail", "email"),
        ("al-Assad's", "alassad"),
        ("word", None),
        ("a.b", None),
        ("one-two three", None),
        ("a-b-c-d-e", None),
        ("#MeToo", "metoo"),
        ("MeToo", None),
        ("Ph.D.", "phd"),
        ("example.org", None),
        ("", None),
    ],
)
def test_a_hyphenated_word_is_also_written_joined(word, expected):
    assert text.joined(word) == expected


def test_small_words_that_cling_to_a_word_are_variants_between_its_surface_and_its_stem():
    assert text.terms("והבחירות", "he") == [("והבחירות", "הבחירות", "בחירות")]


def test_words_that_are_met_again_after_many_others_answer_the_same():
    first = text.terms("Elections", "en")
    for number in range(140_000):
        text.terms(f"w{number}", "en")
    assert text.terms("Elections", "en") == first


def test_endless_words_end_in_bounded_terms():
    for piece in ["a", "'s", "l'", "a-", "1.", "a&", "a.b", "日", "한", "a'b'", "C++"]:
        found = text.terms(piece * 20_000, "en")
        assert all(len(term) <= 400 for alternatives in found for term in alternatives)


@given(words)
@example("ﬁ½ ǅ")
def test_making_characters_alike_moves_nothing(written):
    assert len(alike(written)) == len(written)


@given(words, st.sampled_from(LANGUAGES))
@example("日 本語", "ja")
@example("https://www.example.org https://www.example.org", "en")
@example("https://", "en")
@example("#MeToo-Ph.D", "en")
@example("Ankara'da", "tr")
@example("ŉ", "en")
@example("İ'l", None)
def test_every_text_is_found_by_itself_in_every_language(written, language):
    asked = text.query_terms(written)
    positions = text.terms(written, language)
    assert bool(asked) == bool(positions)
    assert not asked or stands(asked, positions)
    assert not asked or stands(text.query_terms(written, whole=True), positions)


@given(words, st.sampled_from(LANGUAGES))
@example("U.S., C++. Ph.D, (a.b). 1,000, 3. B. c. ", "en")
def test_tokens_stand_in_order_inside_the_text(written, language):
    found = text.tokens(written, language)
    bounds = [bound for token in found for bound in (token.start, token.end)]
    assert bounds == sorted(bounds)
    assert all(0 <= token.start < token.end <= len(written) for token in found)
    assert [token.terms for token in found] == text.terms(written, language)
    assert all(token.terms[0] and "~" not in token.terms[0] for token in found)


@given(st.text(st.characters(max_codepoint=127), max_size=40))
def test_ascii_reads_the_same_beside_other_scripts(written):
    assert text.tokens(written, "en") == text.tokens(written + " é", "en")[:-1]
