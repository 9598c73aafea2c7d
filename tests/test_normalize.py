import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import normalize, urls
from aggregator.errors import ParseError
from aggregator.model import (
    Comments,
    Dateline,
    Document,
    Enclosure,
    Entry,
    Image,
    Markup,
    article_id,
)
from aggregator.normalize.articles import (
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ENCLOSURES,
    page_of,
    plausible,
)
from aggregator.normalize.bodies import MAX_TITLE, SUMMARY
from aggregator.normalize.limits import Most
from aggregator.normalize.people import MAX_AUTHORS, names
from aggregator.normalize.reading import articles
from tests.support.pace import usual_seconds

NOW = datetime(2025, 6, 25, 18, tzinfo=UTC)
FEED = "https://news.example.org/feed"
FIXTURES = sorted((Path(__file__).parent / "fixtures" / "normalize").glob("*.txt"))


def articles_of(document, base):
    found = articles(
        document,
        feed_url=FEED,
        feed_title=None,
        base=base,
        language=None,
        now=NOW,
        most=Most(),
    )
    return [article for article, _ in found]


def normalized(entry: Entry, **options):
    settings = {
        "feed_url": FEED,
        "feed_title": "News",
        "base": "https://news.example.org/",
        "language": None,
        "now": NOW,
        "identified": True,
    }
    return normalize.article(entry, **{**settings, **options})


def fixture(path: Path):
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return fields["URL"], fields["Headers"].removeprefix("Content-Type: "), fields["Expect"], body


def read(url: str, content_type: str, body: str, **options) -> normalize.Reading:
    settings = {
        "content_type": content_type,
        "url": url,
        "feed_url": url,
        "feed_title": None,
        "known": frozenset(),
        "language": None,
        "now": NOW,
        "most": Most(),
    }
    return normalize.read(body.encode(), **{**settings, **options})


def shown(article) -> dict:
    fields = json.loads(json.dumps(asdict(article), default=str))
    (sighting,) = fields["sightings"]
    return {**fields, "guid": sighting["guid"], "categories": sighting["categories"]}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures_become_what_their_heads_say(path):
    url, content_type, expect, body = fixture(path)
    found = list(map(shown, read(url, content_type, body).articles))
    expected = json.loads(expect)
    assert len(found) == len(expected)
    for article, wanted in zip(found, expected, strict=True):
        if key := wanted.pop("id_of", None):
            assert article["id"] == article_id(key)
        assert {name: article[name] for name in wanted} == wanted


def test_a_reading_holds_what_the_document_says_of_itself():
    url, content_type, _, body = fixture(FIXTURES[0])
    reading = read(url, content_type, body)
    assert (reading.title, reading.site_url, reading.language, reading.total) == (
        "The Coast Herald",
        "https://coast.example.org/",
        "en-US",
        1,
    )
    (article,) = reading.articles
    assert article.sightings[0].feed_title == "The Coast Herald"
    assert {article.sightings[0].fingerprint} == reading.present
    assert article.first_seen == NOW
    assert article.tags == ()
    again = read(url, content_type, body, known=reading.present, feed_title="Mine", language="de")
    assert again.articles == ()
    assert again.present == reading.present
    named = read(url, content_type, body, feed_title="Mine", language="de").articles[0]
    assert (named.sightings[0].feed_title, named.language) == ("Mine", "de")


def test_what_is_no_feed_is_a_parse_error():
    with pytest.raises(ParseError):
        read(FEED, "text/html", "<!doctype html><p>Hello")


# --- identity -----------------------------------------------------------------------------------


def test_a_canonical_url_identifies_across_feeds():
    one = normalized(Entry("1", link="https://www.example.org/a/?utm_source=rss"))
    two = normalized(Entry("2", link="http://example.org/a"), feed_url="https://other.example/")
    assert one.id == two.id == article_id("example.org/a")
    assert one.url == "https://www.example.org/a/"


def test_without_an_identifying_link_feed_and_guid_do():
    own = article_id(f"{FEED}\n1")
    assert normalized(Entry("1")).id == own
    assert normalized(Entry("1", link="https://news.example.org/")).id == own
    assert normalized(Entry("1", link="javascript:alert(1)")).id == own
    shared = normalized(Entry("1", link="https://news.example.org/live"), identified=False)
    assert (shared.id, shared.url) == (own, "https://news.example.org/live")
    assert normalized(Entry("1"), feed_url="https://other.example/").id != own


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        (Entry("1", link="/a?utm_medium=rss#top"), "https://news.example.org/a"),
        (Entry("1", link="b", base="https://blog.example.org/x/"), "https://blog.example.org/x/b"),
        (
            Entry("1", link="https://feeds.example.com/~r/1", original_link="https://a.example/1"),
            "https://a.example/1",
        ),
        (Entry("https://a.example/guid"), "https://a.example/guid"),
        (Entry("https://a.example/guid", link="https://a.example/link"), "https://a.example/link"),
        (Entry("tag:a.example,2025:1"), None),
        (Entry("a.html"), None),
        (Entry("1", link="mailto:a@b.c"), None),
        (
            Entry("1", link="mailto:a@b.c", original_link="https://a.example/1"),
            "https://a.example/1",
        ),
        (
            Entry(
                "1",
                link="https://copy.example.org/1",
                content=Markup("<link href='https://a.example/1' rel='canonical'><p>Text</p>"),
            ),
            "https://a.example/1",
        ),
        (
            Entry("1", link="https://a.example/1", content=Markup("<p>The canonical example</p>")),
            "https://a.example/1",
        ),
    ],
)
def test_the_link_is_the_first_that_the_publisher_means(entry, url):
    assert normalized(entry).url == url


@pytest.mark.parametrize(
    ("link", "identifies"),
    [
        ("https://a.example", False),
        ("https://a.example/", False),
        ("https://a.example//", False),
        ("https://a.example/?utm_source=rss", False),
        ("https://a.example/?p=1", True),
        ("https://a.example/#!/post/1", True),
        ("https://a.example/x", True),
        ("https://a.example/x/", True),
        ("https://a.example:8080/", False),
    ],
)
def test_a_page_identifies_unless_it_is_a_sites_root(link, identifies):
    assert (page_of(Entry("1", link=link), None).key is not None) == identifies
    assert urls.identifies(link) == identifies


def test_a_guid_that_one_link_follows_twice_is_one_article():
    entries = (
        Entry("1", link="https://a.example/1", title=Markup("Old"), updated=NOW - timedelta(1)),
        Entry("1", link="https://a.example/1", title=Markup("New"), updated=NOW),
        Entry("1", link="https://a.example/1", title=Markup("Undated")),
    )
    document = Document(entries=entries, language="en")
    found = articles_of(document, base=None)
    assert [article.title for article in found] == ["New"]


# --- texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        (Markup("  One\n two "), "One two"),
        (Markup("<b>One</b> &amp; two"), "One & two"),
        (Markup("One &amp;amp; two"), "One & two"),
        (Markup("&lt;i&gt;One&lt;/i&gt; two"), "One two"),
        (Markup("One&lt;br&gt;two"), "One two"),
        (Markup("It&amp;#8217;s"), "It’s"),
        (Markup("The &lt;video&gt; element"), "The <video> element"),
        (Markup("x &lt; y &amp; z"), "x < y & z"),
        (Markup("<b>One</b> &amp; two", is_html=False), "<b>One</b> & two"),
        (Markup("List<String>", is_html=False), "List<String>"),
        (Markup("A\x00B\ud800C"), "A B C"),
        (Markup("A\x00B\ud800C", is_html=False), "A B C"),
    ],
)
def test_titles_are_plain_text(markup, title):
    assert normalized(Entry("1", title=markup)).title == title


@pytest.mark.parametrize("guid", ["https://e.org/" + "x" * 5000, "a\n" * 5000])
def test_a_title_made_of_a_link_or_a_guid_is_a_line_of_bounded_length(guid):
    title = normalized(Entry(guid)).title
    assert len(title) <= MAX_TITLE
    assert "\n" not in title


def test_a_long_title_is_cut_and_a_missing_one_is_made():
    assert len(normalized(Entry("1", title=Markup("word " * 1_000))).title) <= MAX_TITLE
    words = "One two three. " * 20
    assert normalized(Entry("1", content=Markup(words))).title.startswith("One two three. One")
    assert len(normalized(Entry("1", content=Markup(words))).title) <= 100
    assert normalized(Entry("1", link="https://a.example/1")).title == "https://a.example/1"
    assert normalized(Entry("guid 1")).title == "guid 1"


LONG = "<p>" + "A bridge over the river. " * 40 + "</p>"


def test_the_summary_is_the_publishers_or_the_head_of_the_content():
    both = normalized(Entry("1", summary=Markup("<i>In short.</i>"), content=Markup(LONG)))
    assert both.summary == "In short."
    assert both.text.startswith("A bridge")
    derived = normalized(Entry("1", content=Markup(LONG))).summary
    assert 200 < len(derived) <= SUMMARY
    assert derived.endswith("…")
    long = normalized(Entry("1", summary=Markup(LONG), content=Markup("<p>Short</p>")))
    assert long.summary == derived
    assert long.text == normalized(Entry("1", content=Markup(LONG))).text


@pytest.mark.parametrize(
    "trailer",
    [
        " The post A bridge appeared first on The News.",
        "<p>The post <a href='/x'>A bridge</a> first appeared on <a href='/'>The News</a>.</p>",
        " <a href='/x'>Continue reading A bridge →</a>",
        " Read more",
    ],
)
def test_a_summary_does_not_advertise_the_rest(trailer):
    entry = Entry("1", summary=Markup(f"A bridge over the river.{trailer}"), content=Markup(LONG))
    assert normalized(entry).summary == "A bridge over the river."


def test_plain_text_becomes_paragraphs():
    entry = Entry("1", content=Markup("One <b>\ntwo\n\n\nthree &amp; four", is_html=False))
    article = normalized(entry)
    assert article.content_html == "<p>One &lt;b&gt;<br>two</p><p>three &amp; four</p>"
    assert article.text == "One <b>\ntwo\nthree & four"


def test_links_of_a_text_follow_its_page():
    entry = Entry("1", link="https://a.example/blog/1.html", content=Markup("<a href=2.html>x</a>"))
    assert 'href="https://a.example/blog/2.html"' in normalized(entry).content_html
    based = replace(entry, base="https://b.example/")
    assert 'href="https://b.example/2.html"' in normalized(based).content_html


@pytest.mark.parametrize(
    ("first", "summary"),
    [
        ("By Ann Lee, Tom de Vries and ÉMILE ROC", "A bridge over the river."),
        ("By the river", "By the river A bridge over the river."),
        ("By Monday", "By Monday A bridge over the river."),
    ],
)
def test_a_summary_does_not_begin_with_a_byline(first, summary):
    article = normalized(
        Entry("1", summary=Markup(f"<p>{first}</p><p>A bridge over the river.</p>"))
    )
    assert article.summary == summary
    assert article.text.startswith(first)


def test_a_dateline_leaves_text_summary_and_html():
    entry = Entry(
        "1",
        content=Markup("<p><b>JERUSALEM, Jun 24 (Reuters)</b> - The bridge is open.</p>"),
        summary=Markup("JERUSALEM, Jun 24 (Reuters) - The bridge is"),
    )
    article = normalized(entry)
    assert article.dateline == Dateline("JERUSALEM", "Reuters", date(2025, 6, 24))
    assert article.content_html == "<p>The bridge is open.</p>"
    assert (article.text, article.summary) == ("The bridge is open.", "The bridge is")
    assert article.title == "The bridge is open."
    assert article.date == datetime(2025, 6, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("One two, three-four don't U.S. 3.5", 6),
        ("日本の新聞", 5),
        ("東京 Tokyo 2025", 4),
        ("Новости дня", 2),
        ("One - two ... (three) — 'four' * _ * $5", 6),
        ("", 0),
    ],
)
def test_words_are_counted(content, words):
    assert normalized(Entry("1", content=Markup(content))).words == words


# --- dates --------------------------------------------------------------------------------------

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("published", "updated", "date"),
    [
        (NOW - DAY, NOW, NOW - DAY),
        (None, NOW - DAY, NOW - DAY),
        (NOW + DAY, NOW - DAY, NOW - DAY),
        (datetime(1789, 7, 14, tzinfo=UTC), None, NOW),
        (None, None, NOW),
        (NOW + DAY, NOW + DAY, NOW),
        (NOW + timedelta(minutes=3), None, NOW),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), None, NOW),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))), None, NOW),
    ],
)
def test_only_plausible_dates_are_believed_and_none_sorts_into_the_future(published, updated, date):
    article = normalized(Entry("1", published=published, updated=updated))
    assert article.date == date
    assert article.published == plausible(published, NOW)
    assert article.updated == plausible(updated, NOW)


def test_dates_are_in_utc():
    published = datetime(2025, 6, 25, 18, 4, tzinfo=timezone(timedelta(hours=3)))
    article = normalized(Entry("1", published=published))
    assert str(article.published) == str(article.date) == "2025-06-25 15:04:00+00:00"


# --- people, language, pictures -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "people"),
    [
        (["Ann Lee"], ("Ann Lee",)),
        (["By Ann Lee and Bo Ek"], ("Ann Lee", "Bo Ek")),
        (["By A and B"], ("A", "B")),
        (["BY: Ann Lee"], ("Ann Lee",)),
        (["ann@example.org (Ann Lee)"], ("Ann Lee",)),
        (["Ann Lee <ann@example.org>"], ("Ann Lee",)),
        (["Ann Lee (ann@example.org)"], ("Ann Lee",)),
        (["ann@example.org"], ("ann@example.org",)),
        (["ann@example.org", "Bo Ek"], ("Bo Ek",)),
        (["Ann Lee, Bo Ek and Cy Fox"], ("Ann Lee", "Bo Ek", "Cy Fox")),
        (["Ann Lee, Bo Ek, and Cy Fox"], ("Ann Lee", "Bo Ek", "Cy Fox")),
        (["Ann Lee; Bo Ek"], ("Ann Lee", "Bo Ek")),
        (["Ann Lee & Bo Ek"], ("Ann Lee", "Bo Ek")),
        (["King, Jr."], ("King, Jr.",)),
        (["Science and Technology Desk"], ("Science and Technology Desk",)),
        (["Byron Lee"], ("Byron Lee",)),
        (["<a href='/x'>Ann Lee</a>", "ann lee"], ("Ann Lee",)),
        (["Ann &amp; Bo Ek"], ("Ann & Bo Ek",)),
        (["https://example.org/ann", "admin", "noreply@blogger.com (Unknown)", " "], ()),
        ([f"Name {i}" for i in range(50)], tuple(f"Name {i}" for i in range(MAX_AUTHORS))),
    ],
)
def test_names_of_authors_are_read(fields, people):
    assert names(fields) == people


GERMAN = Markup("Die Brücke über den Fluss ist wieder offen, sagte der Bürgermeister am Montag.")


def test_the_subscriptions_language_wins_then_the_text_speaks():
    entry = Entry("1", content=GERMAN)
    assert normalized(entry).language == "de"
    assert normalized(entry, hint="en-US").language == "de"
    assert normalized(entry, language="pt-BR").language == "pt"
    assert normalized(Entry("1", title=Markup("Finale")), hint="it-IT").language == "it"
    french = Entry("1", title=Markup("Finale"), language="fr")
    assert normalized(french, hint="it").language == "fr"
    assert normalized(replace(french, language="?"), hint="it").language == "it"


PIXEL = Image("https://a.example/p.gif", 1, 1)
SMALL, LARGE = Image("https://a.example/s.jpg", 90, 90), Image("https://a.example/l.jpg", 900, 600)
UNSIZED = Image("https://a.example/u.jpg")
ENCLOSED = Enclosure("https://a.example/e.jpg", "image/jpeg", 100)
FIRST_SHOWN = "https://news.example.org/c.jpg"
SHOWN = Markup("<img src=https://a.example/p.gif width=1 height=1><img src=/c.jpg><p>Text</p>")


@pytest.mark.parametrize(
    ("entry", "image"),
    [
        (Entry("1", images=(PIXEL, SMALL, LARGE)), "https://a.example/l.jpg"),
        (Entry("1", images=(SMALL, UNSIZED)), "https://a.example/u.jpg"),
        (Entry("1", images=(UNSIZED, LARGE)), "https://a.example/l.jpg"),
        (Entry("1", images=(Image("/r.jpg"),)), "https://news.example.org/r.jpg"),
        (Entry("1", images=(PIXEL,), enclosures=(ENCLOSED,)), "https://a.example/e.jpg"),
        (Entry("1", images=(Image("data:image/png;base64,AA"),), content=SHOWN), FIRST_SHOWN),
        (Entry("1", content=SHOWN), FIRST_SHOWN),
        (Entry("1", enclosures=(Enclosure("https://a.example/a.mp3", "audio/mpeg"),)), None),
        (Entry("1", images=(Image("https://2.gravatar.com/avatar/1?s=96"),)), None),
    ],
)
def test_the_lead_image_is_the_largest_offered_then_enclosed_then_shown(entry, image):
    assert normalized(entry).image == image


def test_enclosures_and_comments_keep_what_is_sound():
    entry = Entry(
        "1",
        enclosures=(
            Enclosure("/a.mp3", "Audio/MPEG ", 5),
            Enclosure("javascript:alert(1)", "audio/mpeg", 5),
            Enclosure("https://a.example/b", "no type", -1),
            *(Enclosure(f"/{i}.mp3") for i in range(100)),
        ),
        comments=Comments("/a#comments", "javascript:x", -1),
    )
    article = normalized(entry)
    assert article.enclosures[:2] == (
        Enclosure("https://news.example.org/a.mp3", "audio/mpeg", 5),
        Enclosure("https://a.example/b", None, None),
    )
    assert len(article.enclosures) == MAX_ENCLOSURES
    assert article.comments == Comments("https://news.example.org/a#comments", None, None)


def test_categories_are_plain_labels_within_bounds():
    labels = ("<b>A</b> &amp; B", " C\n D ", "C D", "", "x" * (MAX_CATEGORY + 1))
    entry = Entry("1", categories=(*labels, *map(str, range(MAX_CATEGORIES))))
    categories = normalized(entry).sightings[0].categories
    assert categories[:3] == ("A & B", "C D", "0")
    assert len(categories) == MAX_CATEGORIES


# --- any entry ------------------------------------------------------------------------------------

JUNK = st.text(max_size=30) | st.sampled_from(
    ["https://a.example/x", "http://[::1", "<b>", "&#xD800;", "\ud800", "JERUSALEM (AP) — x", "1/2"]
)
URLS = JUNK | st.sampled_from(["/x", "//a.example/y", "javascript:x", "https://a.example:99999/"])
MARKUP = st.builds(
    Markup,
    JUNK | st.lists(JUNK).map("<p>".join) | st.just("<img src=/a width=9> JERUSALEM (AP) — <b>x"),
    st.booleans(),
)
SIZES = st.none() | st.integers(-(2**70), 2**70)
MOMENTS = st.none() | st.datetimes(timezones=st.timezones() | st.just(UTC))
ENTRIES = st.builds(
    Entry,
    guid=JUNK,
    link=st.none() | URLS,
    original_link=st.none() | URLS,
    title=MARKUP,
    summary=st.none() | MARKUP,
    content=st.none() | MARKUP,
    authors=st.lists(JUNK, max_size=3).map(tuple),
    categories=st.lists(JUNK, max_size=3).map(tuple),
    published=MOMENTS,
    updated=MOMENTS,
    language=st.none() | JUNK,
    images=st.lists(st.builds(Image, URLS, SIZES, SIZES), max_size=2).map(tuple),
    enclosures=st.lists(st.builds(Enclosure, URLS, st.none() | JUNK, SIZES), max_size=2).map(tuple),
    comments=st.builds(Comments, st.none() | URLS, st.none() | URLS, SIZES),
    base=st.none() | URLS,
    fingerprint=st.none() | st.binary(max_size=8),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ENTRIES, max_size=4), st.none() | URLS, st.none() | JUNK)
def test_no_entry_is_lost_or_breaks_another(entries, base, language):
    document = Document(entries=tuple(entries), language=language)
    found = articles_of(document, base=base)
    assert len({article.id for article in found}) == len(found)
    assert bool(found) == bool(entries)
    for article in found:
        json.dumps(asdict(article), default=str, ensure_ascii=False).encode()
        assert article.date <= NOW
        assert len(article.id) == 16
        for url in (article.url, article.image, article.comments.url, article.comments.feed):
            assert url is None or url.startswith(("http://", "https://"))


HOSTILE = {
    "dates": "JERUSALEM 1 " + "a" * 60 + "! (AP) — x",
    "digits": "PARIS " + "1" * 70 + "! (AP) - x",
    "places": "A " * 500_000 + "(AP) —",
    "long first line": "x" * 900_000 + "\nGENEVA (AP) — Text",
    "unclosed tags": "<a>" * 50_000,
    "escaped tags": "&lt;a&gt;" * 50_000,
    "references": "&amp;" * 100_000,
    "endless reference": "&amp; &#" + "1" * 900_000 + ";",
    "addresses": "a" * 500_000 + "@",
    "ands": "and " * 200_000,
    "brackets": "(" * 500_000,
    "trailers": "The post x " * 90_000,
    "more": "… Read more " * 90_000,
    "links": "<link rel=canonical " * 50_000,
    "lines": "\n " * 300_000,
    "dashes": "X -" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("is_html", [True, False])
def test_no_hostile_text_takes_long(name, is_html):
    markup = Markup(HOSTILE[name], is_html)
    people = (markup.value,) * 200
    said = [
        replace(content, title=markup, authors=people, categories=people)
        for content in (Entry("1", content=markup), Entry("1", summary=markup))
    ]
    assert usual_seconds(lambda: [normalized(each, language="en") for each in said]) < 4


# --- what is kept of too much -------------------------------------------------------------------

SMALL = Most(entries=2, title=30, text=1_000, tags=2)


def noted(*items, most=SMALL):
    document = "".join(f"<item>{item}</item>" for item in items)
    body = f"<rss version='2.0'><channel><title>t</title>{document}</channel></rss>"
    return read(FEED, "text/xml", body, most=most)


def test_what_is_cut_is_told():
    long = "word " * 400
    reading = noted(
        f"<guid>1</guid><title>{long}</title>",
        f"<guid>2</guid><title>a</title><description>&lt;p&gt;{long}&lt;/p&gt;</description>"
        "<category>A</category><category>B</category><category>C</category>",
        "<guid>3</guid><title>c</title>",
    )
    assert reading.notes == (
        "3 entries: newest 2 read (max-entries)",
        "1 article: title cut to 30 characters (max-title)",
        "1 article: text cut to 1,000 characters (max-text)",
        "1 article: tags cut to 2 (max-tags)",
    )
    first, second = reading.articles
    assert len(first.title) <= 30
    assert len(second.text) <= 1_000
    assert second.content_html.endswith("</p>")
    assert len(second.content_html) < 1_100
    assert second.sightings[0].categories == ("A", "B")


def test_html_that_grows_by_cleaning_is_cut():
    item = f"<guid>1</guid><title>a</title><description><![CDATA[<p>{'&' * 900}]]></description>"
    reading = noted(item)
    assert reading.notes == ("1 article: text cut to 1,000 characters (max-text)",)
    assert 0 < len(reading.articles[0].content_html) <= 1_100
    assert reading.articles[0].text == "&" * 900


def test_what_fits_exactly_is_not_told():
    reading = noted(
        "<guid>1</guid><title>" + "a" * 30 + "</title><category>A</category><category>B</category>",
        "<guid>2</guid><title>b</title>",
    )
    assert reading.notes == ()
    assert reading.articles[0].title == "a" * 30


def test_the_usual_bounds_are_told_as_well():
    tags = "".join(f"<category>c{n}</category>" for n in range(51))
    reading = noted(
        f"<guid>1</guid><title>{'a' * 1_001}</title>{tags}"
        f"<description>{'b ' * 500_001}</description>",
        most=Most(),
    )
    assert len(reading.notes) == 3
    (article,) = reading.articles
    assert len(article.title) <= 1_000
    assert len(article.sightings[0].categories) == 50
