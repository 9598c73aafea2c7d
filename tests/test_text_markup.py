"""Visible text of HTML, shortening, slugs and languages."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator import text

MARKUP = ["<", ">", "</", "<!--", "-->", "<![CDATA[", "]]>", "<!", "<?", "&", "&#", "&amp;", '"',
          "'", "<p>", "<br/>", "script", "<style>", "</script>", "x", " ", "\n", "=", "\x00",
          "\ud800", "&#xd800;", "&#99999999999;"]  # fmt: skip
messy_html = st.lists(st.sampled_from(MARKUP) | st.text(max_size=3), max_size=30).map("".join)
labels = st.text(st.sampled_from("abC#+.-'’ \"_é日한אבहि٣ｱİǅ\u200d") | st.characters(), max_size=30)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("plain text", "plain text"),
        ("a &amp; b &lt;c&gt; &eacute; &#8217;", "a & b <c> é ’"),
        ("one\n  line", "one line"),
        ("<p>One</p><p>two</p>", "One\ntwo"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<b>bo</b>ld", "bold"),
        ("<td>a</td><td>b</td>", "a b"),
        ("a<script>alert('<p>')</script>b", "ab"),
        ("a<STYLE type=x>p{}</Style >b", "ab"),
        ("a<script>never closed", "a"),
        ("a<!-- <b>no</b> -->b", "ab"),
        ("a<!-- never closed", "a"),
        ("a<!DOCTYPE html>b<?php x ?>c</ >d", "abcd"),
        ("<![CDATA[a &amp; b]]>c", "a & bc"),
        ("<a title='>' href=\">\">link</a>", "link"),
        ('<a title="open>link</a>', "link"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("cut <a href=", "cut"),
        ("&am<b></b>p;", "&amp;"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("a\x00b\ud800c", "a b c"),
        ("non&nbsp;breaking", "non breaking"),
        ("", ""),
    ],
)
def test_a_reader_sees_the_text_of_html(html, expected):
    assert text.visible(html) == expected


@pytest.mark.parametrize(
    "piece",
    ["<", "<a", '<a "', "<a '\">", "<!--", "<![CDATA[", "<script>", "</script", "&", "&#1", "<p>",
     "\n", "<a b=\"'>"],
)  # fmt: skip
def test_hostile_html_is_read_in_linear_time(piece):
    assert "<p>" not in text.visible(piece * 40_000)


@given(st.text().map(lambda text: text.replace("<", " ").replace("&", " ")))
@example("\u00a0a\x1c\x7f \n\r b\x85")
def test_text_without_markup_is_read_as_it_is_beside_markup(plain):
    assert text.visible(plain) == text.visible(f"<b>{plain}</b>")


@given(messy_html)
@example("<a \"'>x")
@example("<!-->x")
def test_any_html_gives_tidy_text(html):
    seen = text.visible(html)
    assert seen == seen.strip()
    assert not re.search(r"[^\S\n]{2}|\n\s|\s\n", seen)
    seen.encode()


@pytest.mark.parametrize(
    ("words", "limit", "expected"),
    [
        ("short enough", 12, "short enough"),
        ("one two three", 12, "one two…"),
        ("one two, three", 10, "one two…"),
        ("two\n  lines", 20, "two lines"),
        ("日本語の新聞", 4, "日本語…"),
        ("東京の新聞、大阪の新聞社", 9, "東京の新聞…"),
        ("กรุงเทพน้ำ", 9, "กรุงเทพ…"),
        ("abcdefghij klm", 8, "abcdefg…"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
    ],
)
def test_a_text_is_shortened_between_words(words, limit, expected):
    assert text.shorten(words, limit) == expected


@given(st.text(max_size=60), st.integers(0, 40))
def test_a_shortened_text_keeps_its_limit(words, limit):
    assert len(text.shorten(words, limit)) <= limit


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Middle East", "middle-east"),
        ("middle-east", "middle-east"),
        ('"Iron Swords" - War in Gaza', "iron-swords-war-in-gaza"),
        ("C", "c"),
        ("C#", "c-sharp"),
        ("C++", "c++"),
        ("U.S.", "us"),
        ("Node.js", "node-js"),
        ("O’Neill", "oneill"),
        ("R&D", "r-d"),
        ("snake_case", "snake-case"),
        ("../../etc", "etc"),
        ("#hashtag", "hashtag"),
        ("Café", "café"),
        ("Cafe\u0301", "café"),
        ("Straße", "strasse"),
        ("ＦＩＦＡ", "fifa"),
        ("İstanbul", "istanbul"),
        ("מלחמה", "מלחמה"),
        ("日本", "日本"),
        ("हिन्दी", "हिन्दी"),
        ("", ""),
    ],
)
def test_a_slug_keeps_every_script(label, expected):
    assert text.slug(label) == expected


def test_labels_without_letters_have_slugs_that_differ():
    assert text.slug("!!!") != text.slug("???")
    assert re.fullmatch(r"tag-[0-9a-f]{8}", text.slug("!!!"))


def test_long_labels_with_one_beginning_have_slugs_that_differ():
    one, other = ("日" * 100 + end for end in "ab")
    assert text.slug(one) != text.slug(other)


@given(labels)
@example("ǅ" * 60)
@example("aİ.b")
def test_a_slug_is_a_file_name_and_its_own_slug(label):
    slug = text.slug(label)
    assert bool(slug) == bool(label)
    assert text.slug(slug) == slug
    assert len(slug.encode()) <= 120
    assert not set(slug) & set("/\\.:*?\"<>|#%&' \n\x00")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"), ("EN-us", "en"), ("zh_Hant", "zh"), ("iw", "he"), (" fr ", "fr"),
        ("x", None), ("", None), (None, None), ("12", None), ("日本", None),
    ],
)  # fmt: skip
def test_a_language_tag_is_known_by_its_primary_part(tag, expected):
    assert text.primary(tag) == expected


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("The government said on Tuesday that talks would go on for another week.", "en"),
        ("Le gouvernement a annoncé mardi que les négociations se poursuivraient.", "fr"),
        ("Правительство сообщило во вторник, что переговоры продолжатся.", "ru"),
        ("政府周二表示，谈判将再持续一周。", "zh"),
        ("政府は火曜日、協議がもう一週間続くと発表した。", "ja"),
        ("הממשלה הודיעה ביום שלישי כי השיחות יימשכו שבוע נוסף.", "he"),
        ("حکومت نے منگل کو کہا کہ مذاکرات مزید ایک ہفتہ جاری رہیں گے۔", "ur"),
    ],
)
def test_the_language_of_a_text_is_told(sample, expected):
    assert text.detect_language(sample, None) == expected
    assert text.detect_language(sample, "de") == expected


def test_a_plausible_hint_wins_on_a_short_text():
    assert text.detect_language("Die Post", "de-AT") == "de"
    assert text.detect_language("Die Post", "en") == "en"


@pytest.mark.parametrize(
    ("sample", "hint", "expected"),
    [
        ("Mrs Brown was at the port, and nobody but her had been told about it.", "en-GB", "en"),
        ("Der Minister sagte, dass auch er nicht mehr mit einer Lösung rechne.", "de", "de"),
        ("Le maire dit qu'il est trop tard pour les travaux du pont.", "en", "fr"),
        (
            "the and of with, sagte er: auch dies ist eine Lüge, die sich nicht mehr hält",
            "en",
            "de",
        ),
    ],
)
def test_a_hint_is_believed_where_function_words_confirm_it(sample, hint, expected):
    assert text.detect_language(sample, hint) == expected


def test_a_hint_wins_among_languages_that_no_model_tells_apart():
    sample = "Statsministeren sa at han ikke vil gjøre noe med saken før jul, skriver avisen i dag."
    assert text.detect_language(sample, None) == "no"
    assert text.detect_language(sample, "nb-NO") == "nb"


def test_a_text_without_letters_has_the_language_of_the_hint():
    assert text.detect_language("12:30 …", "fr") == "fr"
    assert text.detect_language("12:30 …", None) is None
    assert text.detect_language("", None) is None


def test_half_a_character_spoils_nothing():
    assert (
        text.detect_language("The government \ud800 said on Tuesday that it would.", None) == "en"
    )
    assert text.terms("The\ud800end", "en") == [*text.terms("The", "en"), *text.terms("end", "en")]
    assert text.slug("The\ud800end") == "the-end"


def test_a_hint_that_is_no_language_is_passed_over():
    assert text.detect_language("The government said on Tuesday that it would.", "?") == "en"
