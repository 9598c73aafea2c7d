import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse import charset, parse

TITLE = "Größe – “Ночь” 日本"


def title(body, content_type=None):
    return parse(body, content_type=content_type, url="https://e.org/").title


def feed(name, label="utf-8"):
    return (
        f'<?xml version="1.0" encoding="{label}"?>'
        f"<rss><channel><title>{name}</title></channel></rss>"
    )


@pytest.mark.parametrize(
    "body",
    [
        feed(TITLE).encode(),
        codecs.BOM_UTF8 + feed(TITLE).encode(),
        feed(TITLE, "utf-16").encode("utf-16"),
        feed(TITLE, "utf-16").encode("utf-16-le"),
        feed(TITLE, "utf-16").encode("utf-16-be"),
        feed(TITLE, "utf-32").encode("utf-32"),
        feed(TITLE, "utf-32").encode("utf-32-le"),
        feed(TITLE, "utf-32").encode("utf-32-be"),
        feed(TITLE, "iso-8859-1").encode(),
        feed(TITLE, "utf-16").encode(),
        feed(TITLE, "rot13").encode(),
        feed(TITLE, "zlib").encode(),
        feed(TITLE, "idna").encode(),
        feed(TITLE, "unicode_escape").encode(),
    ],
    ids=range(14),
)
def test_unicode_is_read_whatever_its_label(body):
    assert title(body) == TITLE
    assert title(body, "text/xml; charset=iso-8859-1") == TITLE


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("windows-1251", "cp1251", "Новости Оренбурга"),
        ("koi8-r", "koi8-r", "Новости"),
        ("ISO-8859-1", "cp1252", "Größe “zitiert”"),
        ("iso-8859-15", "iso-8859-15", "15 € für Öl"),
        ("gb2312", "gb18030", "投资资讯网"),
        ("big5", "big5", "臺灣新聞"),
        ("Shift_JIS", "cp932", "日本のニュース"),
        ("euc-jp", "euc-jp", "日本のニュース"),
        ("iso-2022-jp", "iso2022_jp", "日本のニュース"),
        ("euc-kr", "cp949", "한국 뉴스"),
        ("windows-1255", "cp1255", "חדשות"),
        ("windows-1256", "cp1256", "أخبار"),
        ("tis-620", "cp874", "ข่าว"),
    ],
)
def test_labels_of_the_web_are_known_in_declaration_and_header(label, codec, text):
    assert title(feed(text, label).encode(codec)) == text
    unlabelled = f"<rss><channel><title>{text}</title></channel></rss>".encode(codec)
    assert title(unlabelled, f'text/xml; charset="{label}"') == text


def test_a_servers_default_label_yields_to_the_documents_own():
    body = feed("Новости", "windows-1251").encode("cp1251")
    assert title(body, "text/xml; charset=ISO-8859-1") == "Новости"


def test_a_label_that_does_not_fit_yields_to_one_that_does():
    body = feed("日本", "shift_jis").encode("cp932")
    assert title(body, "text/xml; charset=euc-kr") == "日本"


def test_stray_bytes_in_unicode_are_read_one_by_one():
    body = feed("Größe X caf").encode().replace(b"X", b"\x93\xe9\x94")
    assert title(body) == "Größe “é” caf"


@given(st.binary(), st.none() | st.text())
def test_any_bytes_have_a_text(body, content_type):
    text = charset.decode(body, content_type)
    assert charset.fit(text) == charset.fit_document(text)


@given(st.text(st.characters(max_codepoint=0xFFFF, categories=("Cc", "Cs", "Cn", "L"))))
def test_a_document_is_made_fit_as_any_text_is(text):
    assert charset.fit_document(text) == charset.fit(text)
