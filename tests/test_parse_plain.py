"""Plain entries are read past feedparser, and exactly as it reads them."""

from io import BytesIO

import feedparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.parse import entries, heads, parse, plain, repair
from aggregator.parse.elements import tidy

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "m": "http://search.yahoo.com/mrss",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "title": "urn:title",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "x": "urn:x",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
ROOTS = {
    "rss": f'<rss version="2.0" {DECLARED}><channel>{{}}</channel></rss>',
    "odd rss": f"<rss {DECLARED}><odd>{{}}</odd></rss>",
    "atom": f'<feed xmlns="{NAMESPACES["atom"]}" {DECLARED}>{{}}</feed>',
    "atom in French": f'<feed xmlns="{NAMESPACES["atom"]}" {DECLARED} xml:lang="fr_FR">{{}}</feed>',
    "rdf": f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" {DECLARED}>{{}}</rdf:RDF>',
    "bare": f"<channel {DECLARED}>{{}}</channel>",
    "unusual": '<rss version="2.0" xmlns:dc="urn:dc" xmlns:media="http://purl.org/dc/terms/"'
    ' xmlns:y="urn:y" xmlns:z="urn:y"><channel>{}</channel></rss>',
}
NAMES = (
    "title", "link", "guid", "id", "description", "summary", "content", "author", "category",
    "comments", "enclosure", "image", "language", "pubDate", "published", "updated", "modified",
    "created", "issued", "source", "rights", "keywords", "content:encoded", "dc:creator",
    "dc:date", "dc:subject", "dc:title", "dc:description", "dc:language", "dcterms:issued",
    "dcterms:modified", "feedburner:origLink", "slash:comments", "wfw:commentRss", "thr:total",
    "media:content", "media:thumbnail", "media:title", "media:description", "media:credit",
    "media:group", "media:keywords", "media:rating", "itunes:author", "itunes:summary",
    "itunes:image", "itunes:keywords", "itunes:explicit", "itunes:block", "itunes:subtitle",
    "itunes:duration", "x:known", "x:links", "atom:link", "m:description", "m:thumbnail",
    "title:detail", "links", "title_detail", "date", "url", "tags", "name", "email", "uri",
    "TITLE", "contributor", "abstract", "svg", "body", "itunes:category", "media:category",
    "georss:point", "y:y", "z:z",
)  # fmt: skip
ATTRIBUTES = (
    'type="html"', 'type="TEXT"', 'type="xhtml"', 'type="image/png"', 'type="audio/mpeg"',
    'rel="self"', 'rel="replies"', 'rel="Alternate"', 'href="https://e.org/a?b=1&amp;c=2"',
    'href=""', 'url="u.jpg"', 'uri="http:///e.org"', 'xml:lang="de_AT"', 'lang=""',
    'xml:base="/b/"', 'base="/b/"', 'mode="base64"', 'isPermaLink="false"',
    'isPermaLink="true"', 'term="T"', 'scheme="S"', 'domain="D"', 'label="L"', 'thr:count="3"',
    'count="4"', 'medium="image"', 'width="20"', 'x:href="h"', 'rdf:about="urn:about"',
    'text="Arts"', 'fileSize="9"', 'xmlns="urn:default"', 'xmlns="http://www.w3.org/2005/Atom"',
    'xmlns:dc="urn:other"', 'xmlns:new="http://purl.org/dc/elements/1.1/"', 'src="s"',
    'TYPE="html"',
)  # fmt: skip
TEXTS = (
    "", "  ", "plain", " two\n words ", "&lt;b&gt;bold&lt;/b&gt; &amp;amp; more",
    "<![CDATA[<p>x</p>]]>", "a<!-- no -->b", "<?no no?>",
    "https://e.org/?a=1&amp;amp;b=2&amp;c=3", "http:///e.org/", "Tue, 17 Feb 2026 10:00:00 GMT",
    "2026-02-17T10:00:00Z", "17 lutego 2026", "Korea 2026년 2월 17일", "Jo", "jo@e.org (Jo)",
    "Jo, Di", "3", "\u00c3\u00a9t\u00c3\u00a9", "it\u0092s", "caf\u00e9", "\u65e5\u672c",
    "<b>inline</b>", "<name>Jo</name><uri>https://e.org/jo</uri>", "Di <name>Jo</name>",
    "x" * 1_200, "<media:title>M</media:title>",
    '<media:thumbnail url="t.png">u</media:thumbnail>', "<x:y>z</x:y>",
    "<media:description>d</media:description>", '<x:y a="b"><title>inner</title></x:y>',
    "&#169;",
)  # fmt: skip


def element(name, attributes, text):
    names = [each.partition("=")[0] for each in attributes]
    told = " ".join(dict(zip(names, attributes, strict=True)).values())
    return f"<{name} {told}>{text}</{name}>"


ELEMENTS = st.builds(
    element,
    st.sampled_from(NAMES),
    st.one_of(st.just([]), st.lists(st.sampled_from(ATTRIBUTES), max_size=2)),
    st.sampled_from(TEXTS),
)
PLAINEST = st.builds(element, st.sampled_from(NAMES[:30]), st.just([]), st.sampled_from(TEXTS[:20]))
INNER = st.lists(st.one_of(PLAINEST, ELEMENTS), max_size=5).map("".join)
ITEMS = st.builds(
    element, st.just("item"), st.lists(st.sampled_from(ATTRIBUTES), max_size=1), INNER
)


def by_feedparser(text):
    return feedparser.parse(
        BytesIO(repair.mend(text).encode()),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


def as_entry(fields, version):
    atom = version.startswith("atom")
    return entries.entry(fields, atom=atom, feed_authors=(), fingerprint=None)


def document(inner, root="rss"):
    if root.startswith("atom"):
        inner = inner.replace("<item", "<entry").replace("</item", "</entry")
    return ROOTS[root].format(f"<title>Feed</title>{inner}")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(ROOTS)), st.lists(ITEMS, max_size=3))
@example("rss", ["<item><title/><title>b</title><media:title>c</media:title></item>"])
@example("rss", ["<item><title>a</title><source>s</source><title>b</title></item>"])
@example("bare", ['<item><link xmlns="http://www.w3.org/2005/Atom">a</link></item>'])
@example("rss", ["<item><author>Di <name>Jo</name></author></item>"])
@example("rss", ["<item><description>a</description><description>b</description></item>"])
@example("rss", ['<item><title base="/b/">a</title></item>', "<item><title>b</title></item>"])
def test_plain_entries_are_those_of_feedparser(root, items):
    version = by_feedparser(document("", root))["version"]
    read = plain.read(document("".join(items), root))
    for fields, item in zip(read.entries if read else (), items, strict=False):
        if fields is not None:
            alone = by_feedparser(document(item, root))
            assert alone["version"] == version
            assert as_entry(fields, version) == as_entry(alone["entries"][0], version)


SIGNATURES = st.lists(
    st.sampled_from(
        [
            "jo@e.org", "j.o+e_@x-y.e.org", "jo@e.museum", "jo@[1.2.3.4]", "jo@1.2.3.4", " (Jo)",
            " (Jo Di)", " ( Jo )", " ()", " ", "(", ")", "Jo", "@", ".", "&lt;", "&gt;", "&amp;",
            "?subject=x", "é", "\n", ",", "1",
        ]
    ),
    max_size=4,
).map("".join)  # fmt: skip
SIGNED = st.builds(
    element, st.sampled_from(["author", "dc:creator", "itunes:author"]), st.just([]), SIGNATURES
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["rss", "atom"]), st.lists(SIGNED, min_size=1, max_size=2))
@example("rss", ["<author>jo@e.org (Jo)</author>", "<dc:creator>Di</dc:creator>"])
@example("rss", ["<author>jo@e.org (jo@e.org)</author>"])
def test_authors_with_addresses_are_those_of_feedparser(root, authors):
    text = document(f"<item>{''.join(authors)}</item>", root)
    (fields,) = plain.read(text).entries
    if fields is not None:
        parsed = by_feedparser(text)
        expected = as_entry(parsed["entries"][0], parsed["version"])
        assert as_entry(fields, parsed["version"]) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("jo@e.org (Jo Di)", "Jo Di"), ("jo@e.org", "jo@e.org"), ("none@e.co.uk (News)", "News")],
)
def test_an_author_as_rss_has_one_is_plain(written, expected):
    (fields,) = plain.read(document(f"<item><author>{written}</author></item>")).entries
    assert entries.authors(fields) == (expected,)


HEAD_NAMES = (
    *NAMES, "subtitle", "tagline", "copyright", "generator", "docs", "ttl", "managingEditor",
    "webMaster", "lastBuildDate", "textInput", "cloud", "icon", "logo", "skipHours", "rating",
    "itunes:owner", "itunes:new-feed-url", "sy:updatePeriod", "dc:rights", "channel", "items",
    "authors", "author_detail", "feedburner:info", "newlocation", "info",
)  # fmt: skip
HEAD_TEXTS = (
    *TEXTS, "<title>t</title><url>u</url><link>l</link>", "<link>https://e.org/&amp;a</link>",
    "<title/>", "https://e.org/?a&amp;b;c", "<hour>3</hour>", "<item><title>i</title></item>",
)  # fmt: skip
HEAD_ATTRIBUTES = (*ATTRIBUTES, 'rel="hub"', 'rel="hub self"', 'lastmod="2026-02-17"')
USUAL_HEADS = st.builds(
    element,
    st.sampled_from(
        ["x:known", *(each.replace("_", ":") for each in heads.OF_RSS | heads.OF_ATOM)]
    ),
    st.one_of(st.just([]), st.lists(st.sampled_from(HEAD_ATTRIBUTES), max_size=1)),
    st.sampled_from(HEAD_TEXTS),
)
ANY_HEADS = st.builds(
    element,
    st.sampled_from(HEAD_NAMES),
    st.lists(st.sampled_from(HEAD_ATTRIBUTES), max_size=2),
    st.sampled_from(HEAD_TEXTS),
)
HEADS = {
    "rss": f'<rss version="2.0" {DECLARED}><channel>{{}}</channel></rss>',
    "rss in French": f'<rss {DECLARED} xml:lang="fr_FR"><channel>{{}}</channel></rss>',
    "two channels": f"<rss {DECLARED}><channel/><channel>{{}}</channel></rss>",
    "no channel": f"<rss {DECLARED}>{{}}</rss>",
    "channel with a link": f'<rss {DECLARED}><channel href="h">{{}}</channel></rss>',
    "named channel": f'<rss {DECLARED}><channel xmlns="urn:c">{{}}</channel></rss>',
    "atom": ROOTS["atom"],
    "atom in French": ROOTS["atom in French"],
    "atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xmlns:x="urn:x">{}</feed>',
    "both": f'<feed xmlns:r="http://purl.org/rss/1.0/" {DECLARED} xmlns="{NAMESPACES["atom"]}">'
    "{}</feed>",
    "feed": f"<feed {DECLARED}>{{}}</feed>",
}


def told_by_head(feed, *, atom):
    links = [(each.get("rel"), each.get("href") or None) for each in entries.listed(feed, "links")]
    told = [dict.get(feed, name) or None for name in ("title", "link", "language")]
    return told, links, entries.authors(feed) if atom else ()


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(HEADS)), st.lists(st.one_of(USUAL_HEADS, ANY_HEADS), max_size=4))
@example("rss", ["<title>a</title>", "<image><title>b</title></image>", "<title>c</title>"])
@example("rss", ["<language>en</language>", "<dc:language>fr</dc:language>"])
@example("rss", ['<atom:link rel="hub" href="h"/>', "<link>https://e.org/?a&amp;b;c</link>"])
@example("rss", ["<image><link>l</link></image>", "<link>https://e.org/</link>"])
@example("atom", ["<author><name>Jo</name></author>", "<id>urn:a</id>"])
@example("both", ["<author><name>Jo</name></author>"])
def test_a_plain_head_is_that_of_feedparser(root, elements):
    text = HEADS[root].format("".join(elements))
    read = plain.read(text)
    if read is not None and read.head is not None:
        parsed = by_feedparser(text)
        assert read.atom == parsed["version"].startswith("atom")
        theirs = told_by_head(parsed["feed"], atom=read.atom)
        assert told_by_head(read.head, atom=read.atom) == theirs


@pytest.mark.parametrize("root", ["rss", "rss in French", "atom", "atom in French"])
def test_a_head_of_usual_elements_is_plain(root):
    said = '<title>T</title><link href="https://e.org/"/><language>en</language>'
    around = "<subtitle>s</subtitle><x:known><x:known>k</x:known></x:known>"
    head = plain.read(HEADS[root].format(said + around)).head
    assert (head["title"], head["link"], head["language"]) == ("T", "https://e.org/", "en")


@pytest.mark.parametrize(
    "odd",
    [
        "<title>again</title>",
        "<subtitle type='xhtml'><p>x</p></subtitle>",
        "<dc:title>x</dc:title>",
        "<links>x</links>",
        "<x:known xmlns='http://www.w3.org/2005/Atom'/>",
    ],
)
def test_a_head_with_anything_else_is_left_to_feedparser(odd):
    assert plain.read(HEADS["rss"].format(f"<title>T</title>{odd}")).head is None


WHOLE = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:x="urn:x"><channel><title>T</title><item>
<title>One</title><link>https://e.org/1?a=1&amp;b=2</link><guid isPermaLink="false">1</guid>
<pubDate>Tue, 17 Feb 2026 10:00:00 GMT</pubDate><dc:creator>Jo</dc:creator><category>c</category>
<description>d</description><content:encoded><![CDATA[<p>e</p>]]></content:encoded>
<media:content url="i.jpg"><media:title>m</media:title></media:content>
<x:unknown a="b">u</x:unknown>{}</item></channel></rss>"""


def test_an_entry_of_usual_elements_is_plain():
    (fields,) = plain.read(WHOLE.format("")).entries
    assert fields["title_detail"]["value"] == "One"
    assert fields["link"] == "https://e.org/1?a=1&b=2"
    assert fields["content"][0]["value"] == "<p>e</p>"


@pytest.mark.parametrize(
    "odd",
    [
        "<author>Jo &lt;jo@e.org&gt;</author>",
        "<description>again</description>",
        "<expirationDate>2026</expirationDate>",
        "<summary type='xhtml'><p>x</p></summary>",
        "<updated>sometime</updated>",
        f"<dc:creator>{'x' * 2_000}</dc:creator>",
        "<comments>http:///e.org/</comments>",
        "<x:y xml:base='/b/'/>",
        "<x:y xmlns:media='urn:other'/>",
        "<x:y xmlns='http://www.w3.org/2005/Atom'/>",
    ],
)
def test_an_entry_with_anything_else_is_left_to_feedparser(odd):
    assert plain.read(WHOLE.format(odd)).entries == [None]


@pytest.mark.parametrize(
    "text", ["<rss><item></rss>", "<rss><x:item/></rss>", "", "<rss>&nbsp;</rss>"]
)
def test_what_is_not_well_formed_is_nothing_to_read_plainly(text):
    assert plain.read(text) is None


def test_only_what_is_around_an_entry_makes_it_odd():
    items = ("<item/>", "<x><item/><channel><item/></channel></x>", "<channel><item/></channel>")
    read = plain.read(f"<rss><channel id='c'>{''.join(items)}</channel></rss>")
    assert [fields is None for fields in read.entries] == [False, True, True, False]


def test_plain_and_odd_entries_keep_their_places():
    people = ("Jo", "jo@e.org (Jo)", "Di", "di@e.org (Di)")
    items = "".join(
        f"<item><title>{n}</title><author>{who}</author></item>" for n, who in enumerate(people)
    )
    read = parse(document(items).encode(), content_type=None, url="https://e.org/feed")
    assert [entry.title.value for entry in read.entries] == ["0", "1", "2", "3"]
    assert [entry.authors for entry in read.entries] == [("Jo",), ("Jo",), ("Di",), ("Di",)]


def test_an_element_named_like_a_list_of_feedparser_is_no_list():
    items = "<item><title>a</title><links>x</links><authors>y</authors><link>https://e.org/</link></item>"
    (entry,) = parse(document(items).encode(), content_type=None, url="https://e.org/feed").entries
    assert entry.title.value == "a"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (" caf\u00e9 ", "caf\u00e9"),
        ("\u00c3\u00a9t\u00c3\u00a9", "\u00e9t\u00e9"),
        ("it\u0092s", "it\u2019s"),
        ("\u65e5\u672c", "\u65e5\u672c"),
    ],
)
def test_errors_of_encoding_are_mended_as_feedparser_mends_them(written, meant):
    assert tidy(written) == meant
