"""The tokenizer: what people type finds what publishers wrote, in every script."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator import text
from aggregator.text.folding import alike

LANGUAGES = [None, "en", "de", "fr", "ru", "ar", "he", "hi", "ja", "ko", "tr", "el", "und"]
ALPHABET = (
    "aAeésSßüÜoØıİ'’\"-&.,+#_ 12٣０ Ｃ＋éя́йЁάς"
    "אבגָ״׳كکيیةً\u200c\u200d\u00adहिन्दीไทยกำ日本語のカｶﾞ한국어\U00020000"
)
words = st.text(st.sampled_from(ALPHABET) | st.characters(), max_size=24)


def stands(asked, positions):
    """Whether a query's positions stand side by side in a text's positions."""
    return any(
        all(not want.isdisjoint(have) for want, have in zip(asked, positions[start:], strict=False))
        for start in range(len(positions) - len(asked) + 1)
    )


def finds(query, written, language="en"):
    asked = text.query_terms(query)
    return bool(asked) and stands(asked, text.terms(written, language))


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("iran", "IRAN"),
        ("iran", "Iran's economy"),
        ("iran", "Iran’s economy"),
        ("Iran's", "talks with Iran"),
        ("protests", "a protest in the capital"),
        ("elections", "the election"),
        ("muller", "Herr Müller"),
        ("mueller", "Herr Müller"),
        ("Müller", "Herr Mueller"),
        ("Müller", "Herr Muller"),
        ("strasse", "Straße"),
        ("orsted", "Ørsted"),
        ("Ørsted", "Orsted"),
        ("aero", "Ærø"),
        ("lodz", "Łódź"),
        ("istanbul", "İSTANBUL"),
        ("ankara", "Ankara'da"),
        ("iran", "l'Iran"),
        ("l’Iran", "Iran"),
        ("o'neill", "Paul O’Neill"),
        ("oneill", "Paul O'Neill"),
        ("neill", "Paul O'Neill"),
        ("dont", "Don't"),
        ("we", "We'll see"),
        ("U.S.", "the U.S. economy"),
        ("US", "the U.S. economy"),
        ("us", "the US economy"),
        ("U.S.", "the US economy"),
        ("usa", "the U.S.A. team"),
        ("U.S.A", "the USA team"),
        ("J.K. Rowling", "JK Rowling"),
        ("C++", "a C++ compiler"),
        ("c++", "C++17 is out"),
        ("C#", "learn C# today"),
        ("notepad", "Notepad++ update"),
        ("Notepad++", "Notepad++ update"),
        ("AT&T", "AT&T said"),
        ("att", "AT&T said"),
        ("johnson", "Johnson&Johnson"),
        ("covid-19", "COVID-19 cases"),
        ("covid", "COVID-19 cases"),
        ("covid19", "COVID-19 cases"),
        ("covid 19", "COVID-19 cases"),
        ("covid-19", "covid 19"),
        ("al-assad", "Bashar al‑Assad"),
        ("hashtag", "#hashtag"),
        ("#hashtag", "hashtag"),
        ("name", "@name"),
        ("1000", "1,000 people"),
        ("1,000", "1000 people"),
        ("1000", "1.000 Menschen"),
        ("1,000,000.50", "1000000.50"),
        ("3.5", "3.5 percent"),
        ("3.5", "3,5 Prozent"),
        ("example.org", "https://www.example.org/a_b"),
        ("snake_case", "snake_case"),
        ("case", "snake_case"),
        ("AT&T C++ １２", "ＡＴ＆Ｔ Ｃ＋＋ 12"),
        ("дом ёлка", "ДОМ елка"),
        ("Ἀθήνα", "αθηνα"),
        ("ΟΔΟΣ", "οδός"),
        ("שלום", "שָׁלוֹם"),
        ('צה"ל', "צה״ל"),
        ("צהל", 'צה"ל'),
        ("كتاب", "کِتَاب"),
        ("علي", "على"),
        ("مدرسه", "مدرسة"),
        ("احمد", "أحمد"),
        ("می‌خواهم", "می خواهم"),
        ("١٢٣", "123"),
        ("हिन्दी", "हिन्दी समाचार"),
        ("日", "日本語"),
        ("日本", "日本語の新聞"),
        ("本語", "日本語の新聞"),
        ("日本 新聞", "日本新聞"),
        ("カナ", "ｶﾅ"),
        ("ガ", "ｶﾞ"),
        ("手機", "iPhone手機"),
        ("iphone", "iPhone手機"),
        ("รัฐ", "ไทยรัฐ"),
        ("이란", "이란은 오늘"),
        ("선거", "대통령선거는"),
        ("대통령", "대통령선거는"),
        ("bold", "𝗕𝗼𝗹𝗱"),
        ("cooperate", "co\u00adoper\u00adate"),
    ],
)
def test_what_people_type_finds_what_was_written(query, written):
    assert finds(query, written)


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("U.S.", "between us"),
        ("iran", "Iraq"),
        ("c", "C++"),
        ("C++", "vitamin C"),
        ("日本", "本日"),
        ("日本", "日"),
        ("หิ", "ห"),
        ("हिन्दा", "हिन्दी"),
        ("19 covid", "COVID-19"),
        ("paris", "par"),
    ],
)
def test_what_only_looks_alike_is_not_found(query, written):
    assert not finds(query, written)


@pytest.mark.parametrize(
    ("language", "query", "written"),
    [
        ("en", "running", "runs"),
        ("en-GB", "running", "runs"),
        ("de", "Häuser", "Hauses"),
        ("fr", "élections", "élection"),
        ("ru", "Москвы", "Москва"),
        ("ar", "المدرسة", "مدرسة"),
        ("es", "gatos", "gato"),
        ("hi", "लड़कों", "लड़का"),
    ],
)
def test_words_are_found_in_their_other_forms_where_the_language_is_known(language, query, written):
    assert finds(query, written, language)
    assert not finds(query, written, None)


def test_forms_of_one_language_are_not_those_of_another():
    assert not finds("running", "runs", "fr")


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
        ("", None),
    ],
)
def test_a_hyphenated_word_is_also_written_joined(word, expected):
    assert text.joined(word) == expected


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
