"""Snippets: whole words marked, in any script, around the best match, safe to put into a page."""

import re
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import query
from aggregator.search import snippet
from aggregator.search.snippets import WIDTH
from tests.support import records
from tests.support.articles import NOW, article
from tests.support.pace import within

FILLER = "The council met in the old town and spoke of roads, schools and the price of bread. "
MARK = re.compile("<mark>(.*?)</mark>", re.DOTALL)


def bound(written: str) -> query.Query:
    return query.bind(query.parse(written), now=NOW, timezone=ZoneInfo("UTC"))


def excerpt(text: str, written: str, language: str | None = "en", **fields: str) -> str:
    return snippet(article("Title", text, language=language, **fields), bound(written))


def marked(text: str, written: str, language: str | None = "en") -> list[str]:
    return [unescape(each) for each in MARK.findall(excerpt(text, written, language))]


@pytest.mark.parametrize(
    ("language", "text", "written", "expected"),
    [
        ("en", "Two elections were held.", "election", ["elections"]),
        ("en", "The electric election.", "election", ["election"]),
        ("en", "Iran’s talks went on.", "iran talk", ["Iran’s", "talks"]),
        ("en", "The U.S. told us.", "U.S.", ["U.S"]),
        ("en", "COVID-19 and covid19.", "covid-19", ["COVID-19", "covid19"]),
        ("en", "A storm surge, a storm.", '"storm surge"', ["storm surge"]),
        ("en", "A storm surge, a storm.", 'storm OR "storm surge"', ["storm surge", "storm"]),
        ("en", "Semiconductors conduct.", "semi*", ["Semiconductors"]),
        ("en", "A storm in May.", "storm -may", ["storm"]),
        ("en", "A storm in May.", "title:storm", ["storm"]),
        ("en", "A storm in May.", "author:storm tag:may", []),
        ("en", "AT&T <b> & C++", "at&t c++", ["AT&T", "C++"]),
        ("de", "Die Häuser der Müllers.", "haus mueller", ["Häuser", "Müllers"]),
        ("ru", "Президента выбрали в Москве.", "президент москва", ["Президента", "Москве"]),
        ("he", 'דובר צה"ל אמר.', 'צה"ל', ['צה"ל']),
        ("ar", "قال وزير الخارجية.", "وزير", ["وزير"]),
        ("ur", "حکومت نے کہا۔", "حكومت", ["حکومت"]),
        ("zh", "中国总统选举今天举行。", "总统选举", ["总统选举"]),
        ("ja", "東京都の選挙。", "選挙", ["選挙"]),
        ("ja", "東京都の選挙。", "東*", ["東"]),
        ("ko", "대통령이 말했다.", "대통령", ["대통령이"]),
        (None, "e\u0301lection", "election", ["e\u0301lection"]),
    ],
)
def test_what_matched_is_marked_in_whole_words(language, text, written, expected):
    assert marked(text, written, language) == expected


def test_everything_but_the_marks_is_escaped():
    text = 'A storm <script>alert("1")</script> & a "storm" <mark>'
    assert excerpt(text, "storm script") == (
        "A <mark>storm</mark> &lt;<mark>script</mark>&gt;alert(&quot;1&quot;)"
        "&lt;/<mark>script</mark>&gt; &amp; a &quot;<mark>storm</mark>&quot; &lt;mark&gt;"
    )


def test_the_window_is_about_the_match_and_cut_between_words():
    shown = excerpt(FILLER * 5 + "A storm hit the coast. " + FILLER * 5, "storm")
    words = unescape(MARK.sub(r"\1", shown)).split()
    assert (words[0], words[-1]) == ("…", "…")
    assert set(words[1:-1]) <= set((FILLER + "A storm hit the coast.").split())
    assert 150 <= len(shown) <= WIDTH + 40


def test_the_window_shows_the_most_different_words():
    text = f"storm storm storm {FILLER * 5} A storm hit Lisbon. {FILLER * 3}"
    assert "Lisbon" in excerpt(text, "storm lisbon")


def test_a_phrase_longer_than_the_window_does_no_harm():
    phrase = " ".join(f"word{number}" for number in range(60))
    shown = excerpt(f"{FILLER * 4} {phrase} {FILLER}", f'"{phrase}" OR council')
    assert len(MARK.sub(r"\1", shown)) <= WIDTH + 40


def test_without_a_match_the_text_is_shown_from_its_beginning():
    shown = excerpt(FILLER * 5, "nowhere")
    assert shown.startswith("The council met")
    assert shown.endswith(" …")
    assert "<mark>" not in shown


def test_a_short_text_is_shown_whole():
    assert excerpt("A  storm\n\nhit.", "storm") == "A <mark>storm</mark> hit."


def test_the_summary_stands_in_for_a_text_that_is_empty_or_does_not_match():
    assert excerpt("", "storm", summary="A storm.") == "A <mark>storm</mark>."
    assert excerpt("No wind.", "storm", summary="A storm.") == "A <mark>storm</mark>."
    assert excerpt("No wind.", "sun", summary="A storm.") == "No wind."
    assert excerpt("", "storm", summary="") == ""


def test_a_text_without_spaces_is_cut_all_the_same():
    shown = excerpt("会" * 2_000 + "選挙" + "会" * 2_000, "選挙", "ja")
    assert MARK.findall(shown) == ["選挙"]
    assert len(shown) <= WIDTH + 40


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_snippet_is_a_piece_of_the_text_whatever_is_asked(data):
    shown = data.draw(records.articles("a1"))
    written = data.draw(records.queries([shown]))
    excerpt = snippet(shown, records.bound(written, "UTC"))
    plain = unescape(MARK.sub(r"\1", excerpt)).removeprefix("… ").removesuffix(" …")
    sources = [" ".join(source.split()) for source in (shown.text, shown.summary)]
    assert any(plain in source for source in sources)


@pytest.mark.parametrize("written", ["the", "t*", '"the council"', "nowhere", "the OR of OR roads"])
def test_a_long_article_takes_a_moment(written):
    long = article("Title", FILLER * 313)
    assert long.words > 5_000
    asked = bound(written)
    with within(0.25):
        snippet(long, asked)
