import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.parse import parse, repair
from tests.support.pace import within


def feed(inner, prolog=""):
    text = (
        f'{prolog}<rss version="2.0"><channel><title>T</title>'
        f"<item><title>a</title>{inner}</item></channel></rss>"
    )
    return text.encode("utf-8", "surrogatepass")


def read(body):
    return parse(body, content_type=None, url="https://e.org/feed")


def bomb():
    entities = "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};">' for n in range(1, 5000))
    return f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{entities}]>'


@pytest.mark.parametrize(
    "body",
    [
        feed(f"<author>{'a' * 80_000}</author>"),
        feed(f"<author><![CDATA[{'a.' * 40_000}]]></author>"),
        feed(f"<author>{('a' * 900 + '<!-- -->') * 100}</author>"),
        feed(f"<author>{'a' * 80_000}"),
        feed("<author>" * 5_000),
        feed("<description>&e4999;</description>", bomb()),
        feed("", "<!DOCTYPE rss [" + '<!ENTITY a "b">' * 20_000 + "]>"),
        feed("<a>" * 10_000 + "</a>" * 10_000),
        feed("", "<?" * 50_000),
        feed("", "<?xml version='1.0'?>" + "\n" * 500_000),
        feed("<![CDATA[" * 20_000),
        feed("<!--" * 20_000),
        feed("<media:description" * 5_000),
        feed("<description>" + "<" * 20_000 + "</description>"),
        feed("<description><![foo " + 'encoding="x" ' * 20_000),
        feed("<item>" * 5_000),
        feed("<link>" + "&a" * 20_000 + "</link>"),
        feed(f'<enclosure url="x" length="{"9" * 5000}"/>'),
        b"<rss:" * 50_000,
        b"<!DOCTYPE [" * 50_000,
    ],
    ids=range(20),
)
def test_what_is_built_to_take_long_is_read_or_refused_quickly(body):
    with within(2):
        try:
            read(body)
        except ParseError as error:
            assert str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (
            "<x " + " ".join(f'a{n}="1"' for n in range(20_000)) + "/>",
            "an element has more than 1,000 attributes",
        ),
        *(
            (f"<{name}>x</{name}>" * 2_500, "entries have more than 2,000 categories")
            for name in ("category", "dc:subject", "media:keywords", "itunes:category")
        ),
    ],
)
def test_what_only_exhausts_is_refused_in_words(inner, reason):
    with pytest.raises(ParseError, match=reason):
        read(feed(inner))


NESTED = "<a>" * 12_000 + "</a>" * 12_000


@pytest.mark.parametrize(
    "body",
    [
        feed(NESTED),
        feed("</item>" + NESTED),
        feed("</item><item>" * 50 + NESTED),
        feed("<a>" * 12_000),
        feed("<a></item><item>" * 12_000),
        feed(f"<b>{NESTED}"),
    ],
    ids=["in an entry", "between", "in the last", "open", "open in entries", "malformed"],
)
def test_what_nests_too_deeply_is_refused_in_words(body):
    with pytest.raises(ParseError, match="nest more than 10,000 levels deep"):
        read(body)


@pytest.mark.parametrize(
    "inner",
    [
        "<a>" * 9_000 + "</a>" * 9_000,
        "<a><b/></a>" * 12_000,
        f"<description><![CDATA[{'<p>' * 12_000}]]></description><!--{'<b>' * 12_000}-->",
        "<a>" + "<b/></item><item>" * 2_000,
    ],
    ids=["deep", "many", "in text", "malformed"],
)
def test_what_only_has_many_elements_is_read(inner):
    assert read(feed(inner)).total >= 1


def test_the_text_of_an_overlong_author_is_cut_not_lost():
    entry = read(feed(f"<author>Ann &amp; <b/>Bo {'x' * 2000}</author><link>l</link>")).entries[0]
    assert entry.authors[0].startswith("Ann & Bo xxx")
    assert len(entry.authors[0]) <= 200
    assert entry.link == "l"


def test_an_author_without_words_does_not_swallow_what_follows():
    inner = f"<author/><description>{'b' * 2000}</description><author>Ann</author>"
    entry = read(feed(inner)).entries[0]
    assert entry.authors == ("Ann",)
    assert entry.summary is not None
    assert len(entry.summary.value) == 2000


def test_entities_of_a_document_are_not_expanded():
    entry = read(feed("<description>&e4999;</description>", bomb())).entries[0]
    assert entry.summary is None or "haha" not in entry.summary.value


def test_characters_that_xml_forbids_are_dropped():
    inner = "<description>a\0b\x0bcd&#0;e&#xD800;f&#99999999999;g&#65;&#xFFFE;</description>"
    summary = read(feed(inner)).entries[0].summary
    assert summary is not None
    assert summary.value.replace("\ufffd", "") == "abcdefgA"


@pytest.mark.parametrize("place", ["", "</item>"])
def test_elements_that_are_named_like_our_readers_own_words_are_no_surprise(place):
    names = "links authors tags content media_content media_thumbnail title_detail published_parsed"
    inner = "".join(f"<{name}>x</{name}>" for name in names.split())
    read_ = read(feed(f"<link>https://e.org/1</link>{place}{inner}"))
    assert [entry.link for entry in read_.entries] == ["https://e.org/1"]


def test_the_title_of_a_feed_is_printable():
    body = b"<rss><channel><title>a\x7fb&#10;c</title></channel></rss>"
    assert read(body).title == "a b c"


def test_declared_prefixes_and_protected_text_are_left_alone():
    text = '<rss xmlns:atom="http://www.w3.org/2005/Atom"><atom:link/><![CDATA[<rss:item>]]></rss>'
    assert repair.mend(text) == text
    assert repair.mend("<rss:link/><!-- <rss:a> --><b atom:c='1'/>") == (
        "<link/><!-- <rss:a> --><b c='1'/>"
    )


PIECES = (
    *("<rss>", "</rss>", "<channel>", "<item>", "</item>", "<entry>", "<title>", "</title>"),
    *("<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "<author>", "&", "&amp;", "&#x1;", "<", ">"),
    *('"', "'", "<feed xmlns='http://www.w3.org/2005/Atom'>", "text", "\0", "<![", "é"),
    *("<content type='xhtml'>", "<link href='/x'/>", "<image>", "<svg>", "<source>", "<guid>"),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_document_is_read_or_refused(text):
    try:
        document = read(("<rss>" + text).encode())
    except ParseError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
    else:
        assert len(document.entries) <= document.total


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    with pytest.raises(ParseError):
        read(body)
