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
    ("ja", "「帰る。」と彼は言った。雨が降る。", 2),
    ("ja", "「帰る。」雨が降る。", 2),
    ("fr", "« C’est fini ! » a-t-il dit. Il pleut.", 2),
    ("da", "Han kom. »Det regner.« Hun gik.", 3),
    ("es", "Llegó a EE. UU. el lunes. Llueve.", 2),
    ("el", "Τι έγινε; Τίποτα. Βρέχει.", 3),
    ("en", "He left; She stayed. It rained.", 2),
    ("id", "Ia bertemu PT. Maju. Hujan turun.", 2),
    ("en", "He said no. She went on. Nobody saw me.", 3),
    ("en", "See No. 7 of vol. 3. It is old.", 2),
    ("de", "Am 17. Feb. 2026 tagt Hr. Meier. Er spricht.", 2),
    ("fr", "Le 17 févr. 2026, Mgr. Roy parle. Il pleut.", 2),
    ("it", "Il sig. Rossi e l’on. Verdi parlano. Piove.", 2),
    ("pt", "O Sr. Silva e a Dra. Costa falam. Chove.", 2),
    ("nl", "Dhr. De Vries sprak met drs. Bakker. Het regent.", 2),
    ("sv", "Bl.a. Stockholm, t.ex. Söder, väntar. Det regnar.", 2),
    ("pl", "Przy ul. Długiej w 2026 r. Odbył się wiec. Pada.", 2),
    ("cs", "Podle prof. Nováka a Mgr. Malé prší. Je zima.", 2),
    ("tr", "Prof. Dr. Kaya 2. Dünya Savaşı’nı anlattı. Yağmur yağıyor.", 2),
    ("et", "Dr. Tamm kõneles 24. Veebruari saalis. Sajab.", 2),
    ("el", "Ο κ. Παπάς μίλησε. Βρέχει.", 2),
    ("uk", "На вул. Шевченка у 2026 р. Відбувся марш. Дощить.", 2),
    ("hi", "डॉ. सिंह आए। बारिश हुई।", 2),
    ("vi", "TP. Hồ Chí Minh có mưa. TS. Nam nói.", 2),
    ("id", "Jl. Sudirman banjir. Dr. Budi datang.", 2),
    ("my", "မိုးရွာသည်။ သူမလာပါ။", 2),
    ("en", "A • B • C", 3),
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
        ("Only this trails off…", 80, "Only this trails off…"),
        ("Only this trails off ...", 80, "Only this trails off…"),
        ("Only this trails off […]", 80, "Only this trails off…"),
        ("One is here. Two trails […]\nThe post Two appeared first on A.", 80, "One is here."),
        ("一。二。三。四。", 80, "一。二。三。"),
        ("A first sentence that is much too long to fit.", 20, "A first sentence…"),
        ("It rained at ten, 1,200 men of Rome said.", 34, "It rained at ten, 1,200 men…"),
        ("It rained at ten, and men of Rome said so.", 24, "It rained at ten…"),
        ("It rained at ten – and men of Rome said so.", 24, "It rained at ten…"),
        ("", 20, ""),
    ],
)
def test_an_opening_is_made_of_whole_sentences(text, limit, expected):
    assert opening(text, "en", limit=limit) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("el", "Τι έγινε; Τίποτα.", "Τι έγινε; Τίποτα."),
        ("el", "Ξέρει κανείς τι έγινε;", "Ξέρει κανείς τι έγινε;"),
        ("fr", "« C’est fini ! » Il est parti.", "« C’est fini ! » Il est parti."),
        (
            "en",
            f"{'A new winter is a project of years and ' * 3}that wants to\nIt asks who skis.",
            f"{'A new winter is a project of years and ' * 3}that wants to… It asks who skis.",
        ),
        (
            "zh",
            "国务院总理李强会见了许多外国领导人，" * 3,
            "国务院总理李强会见了许多外国领导人，" * 2,
        ),
    ],
)
def test_an_opening_keeps_what_a_language_closes_with(language, text, expected):
    limit = 45 if language == "zh" else 320
    told = opening(text, language, limit=limit)
    assert told == (expected[:-1] + "…" if language == "zh" else expected)


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("ja", "雨。農家は「田はない。水もない」と話す。", "雨。"),
        ("en", "It rained. Ann Lee said: “We swam. We won.”", "It rained."),
        ("fr", "Il pleut. Il dit : « On nage. On gagne. »", "Il pleut."),
        ("en", "It rained. Ann said: “We swam. We won.", "It rained. Ann said: “We swam."),
        ("de", "Es regnet. Ann sagt: „Ja. Und.“ „Nein.“", "Es regnet. Ann sagt: „Ja. Und.“"),
    ],
)
def test_an_opening_does_not_end_inside_a_quotation(language, text, kept):
    limit = len(text) - (2 if language == "ja" else 4)
    assert opening(text, language, limit=limit) == kept


LINE = "A long line that is no heading "
PROSE = "The council met on Tuesday. It decided nothing."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"By Ann Lee\n{PROSE}", PROSE),
        (f"What happened\n{PROSE}\nWhat comes next\nMore of it.", PROSE),
        (f"• Mayor is late\n• Vote fails.\n{PROSE}", PROSE),
        (f"• Mayor is late • Vote fails\n{PROSE}", PROSE),
        (f"https://example.org/a\n{PROSE}\nTags: council", PROSE),
        ("[allAfrica]", ""),
        ("https://example.org/a", ""),
        ("• Mayor is late\n• Vote fails", "Mayor is late · Vote fails"),
        ("I know\nwhat I know\nand no more", "I know · what I know · and no more"),
        ("Maybe more later…\nThen it rained", "Maybe more later… Then it rained"),
        (f"{LINE * 3}\n{PROSE}", f"{LINE * 2}A long line…"),
    ],
)
def test_an_opening_begins_with_the_first_sentence(text, expected):
    assert opening(text, "en", limit=80) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The council said that it would meet members of the"),
        ("de", "Der Rat hat sich am Dienstag mit der"),
        ("fr", "Le conseil a dit qu’il voulait parler de la"),
        ("ru", "Совет решил встретиться с мэром и"),
        ("en", "The council met " * 11),
        ("en", "The council met on Tuesday,"),
    ],
)
def test_an_opening_that_breaks_off_says_so(language, text):
    told = opening(text, language, limit=300)
    assert told == f"{text.rstrip(' ,')}…"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The council may have had enough"),
        ("en", "Trump asks: what comes after the “Board of Peace”"),
        ("ja", "東京で会議が開かれた" * 20),
        ("th", "สภาประชุมกันในวันอังคาร" * 12),
    ],
)
def test_a_line_without_an_end_is_no_torn_one(language, text):
    assert opening(text, language, limit=300) == text


@given(st.text(max_size=200), st.integers(5, 100))
def test_an_opening_never_exceeds_its_limit(text, limit):
    assert len(opening(text, limit=limit)) <= limit
