"""Sentence boundaries as newspapers of many languages write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text import opening, sentences

SPLIT = [
    ("en", "It rained. Nobody left.", 2),
    ("en", "Mr. Smith met Dr. Jones. They spoke.", 2),
    ("en", "The U.S. Senate voted 51.5 per cent. It was late.", 2),
    ("en", "J. K. Rowling wrote to W. H. Auden. He was dead.", 2),
    ("en", 'He said: "We stay." Then he left.', 2),
    ("en", "Really?! Yes. He (the mayor) left.", 3),
    ("en", "It was 7 p.m. in Rome. Rain fell.", 2),
    ("en", "Yahoo! is a company. It is old.", 2),
    ("en", "The year was 2026. The plant opened.", 2),
    ("en", "He waited … and waited. Then: nothing.", 2),
    ("en", "A headline without an end\nA second line.", 2),
    ("en", "Write to desk@example.org. They answer.", 2),
    ("en", "Version 3.11 came. 12 people noticed.", 2),
    ("en", "On Nov. 3 he left. She stayed.", 2),
    ("de", "Am 17. Februar tagt der Rat. Er beschließt.", 2),
    ("de", "Im Jahr 2026. Danach nicht mehr.", 2),
    ("de", "Es gibt z.B. Äpfel, d.h. Obst. Und Brot.", 2),
    ("de", "„Wir bleiben.“ Sie gingen.", 2),
    ("fr", "M. Dupont est parti. « Tant pis. » Il pleut.", 3),
    ("es", "¿Quién llega? ¡Nadie! El Sr. Ruiz espera.", 3),
    ("es", "EE.UU. Responde hoy.", 1),
    ("ru", "В 2026 г. Россия ждёт. Снег идёт.", 2),
    ("ru", "А. С. Пушкин писал. Он жил давно.", 2),
    ("he", "הגשם ירד. איש לא יצא.", 2),
    ("ar", "هل يأتي؟ نعم. وصل الوفد.", 3),
    ("ur", "بارش ہوئی۔ کوئی نہیں نکلا۔", 2),
    ("hi", "बारिश हुई। कोई नहीं निकला।", 2),
    ("zh", "下雨了。没有人出门！真的？", 3),
    ("ja", "「帰る。」と彼は言った。雨が降る。", 3),
    ("en", "He said no. She went on. Nobody saw me.", 3),
    ("en", "no end at all", 1),
    ("en", "", 0),
]


@pytest.mark.parametrize(("language", "text", "number"), SPLIT)
def test_sentences_end_where_a_reader_pauses(language, text, number):
    assert len(sentences(text, language)) == number


@given(st.text(st.sampled_from("ab.!?…。\n \"'A1") | st.characters(), max_size=300))
def test_no_character_is_lost(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("One. Two. Three. Four.", 80, "One. Two. Three."),
        ("One is here. Two is here. Three.", 26, "One is here. Two is here."),
        ("One is here. Two trails off…", 80, "One is here."),
        ("One is here. Two trails [...]", 80, "One is here."),
        ("One is here. Read more", 80, "One is here."),
        ("Only this trails off…", 80, "Only this trails off"),
        ("一。二。三。四。", 80, "一。二。三。"),
        ("A first sentence that is much too long to fit.", 20, "A first sentence…"),
        ("", 20, ""),
    ],
)
def test_an_opening_is_made_of_whole_sentences(text, limit, expected):
    assert opening(text, "en", limit=limit) == expected


@given(st.text(max_size=200), st.integers(5, 100))
def test_an_opening_never_exceeds_its_limit(text, limit):
    assert len(opening(text, limit=limit)) <= limit
