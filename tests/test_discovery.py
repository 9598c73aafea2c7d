"""Where the feeds of a site are: pages, usual paths, hosts that document it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import discovery
from aggregator.discovery import Candidate, Description, Page
from aggregator.discovery.pages import MOST_CANDIDATES
from aggregator.errors import ParseError
from tests.support.newsrooms import CAT, ELECTION, HARBOUR, TALKS, atom, json_feed, rdf, rss
from tests.support.pace import within

PAGE = "https://example.org/blog/today.html"


def read(html):
    return discovery.read_page(html, PAGE)


def look(body, content_type="text/html", url=PAGE):
    return discovery.look(body, content_type=content_type, url=url, max_entries=100)


def announced(html):
    return [candidate.url for candidate in read(html).announced]


def linked(html):
    return [candidate.url for candidate in read(html).linked]


# --- pages --------------------------------------------------------------------------------------


def test_announced_feeds_come_in_the_order_of_the_page_with_title_and_kind():
    page = read(
        '<!doctype html><html><head><link rel="stylesheet alternate" href="/a.css">'
        '<link rel="alternate" type="application/rss+xml" title="News &amp; more" href="/rss.xml">'
        "<link rel=ALTERNATE type='Application/Atom+XML; charset=utf-8' href=atom.xml />"
        '<link href="//feeds.example.net/json" type="application/feed+json" rel="alternate home">'
        '<link rel="alternate" hreflang="de" href="/de/"></head></html>'
    )
    assert page == Page(
        (
            Candidate("https://example.org/rss.xml", "News & more", "rss"),
            Candidate("https://example.org/blog/atom.xml", None, "atom"),
            Candidate("https://feeds.example.net/json", None, "json"),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ('<link rel="feed" type="text/xml" href="/x">', "https://example.org/x"),
        ('<link rel="alternate" type="application/json" href="/x">', "https://example.org/x"),
        ('<link rel="alternate" type="text/xml" href="/rss.html">', "https://example.org/rss.html"),
        ('<a rel="alternate" type="application/rss+xml" href="x">', "https://example.org/blog/x"),
        (
            '<base href="/base/"><base href="/other/">'
            '<link rel=alternate type="application/rss+xml" href="x">',
            "https://example.org/base/x",
        ),
        (
            '<link rel=alternate type="application/rss+xml" href="feed://example.org/f">',
            "http://example.org/f",
        ),
        (
            '<![if IE]><link rel=alternate type="application/rss+xml" href="/f#top"><![endif]>',
            "https://example.org/f",
        ),
        (
            '<link rel=alternate type="application/rss+xml" href="/a" href="/b">',
            "https://example.org/a",
        ),
    ],
)
def test_links_are_read_as_browsers_read_them(html, url):
    assert announced(html) == [url]


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="data:text/xml,x">',
        '<link rel="alternate" type="application/rss+xml">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/f"> -->',
        "<script>'<link rel=alternate type=application/rss+xml href=/f>'</script>",
        '<link rel="preload" href="/feed.xml">',
        '<a href="/feedback">Feedback</a><a href="/rss.png"><a href="/feed/about.html">',
        '<base href="/feed/">',
    ],
)
def test_what_is_no_feed_is_no_candidate(html):
    assert read(html) == Page((), ())


def test_links_in_the_body_that_look_like_feeds_are_second_best():
    html = (
        '<link rel="alternate" type="application/rss+xml" href="/feed">'
        '<a href="/feed/">again</a> <a href="news.rss">RSS</a> <a href="/?feed=rss2">x</a>'
        '<a href="/comments/feed/">x</a> <a href="https://feeds.example.net/abc">x</a>'
        '<a href="/story">x</a> <a href="/data" type="application/atom+xml">x</a>'
        '<a href="/latest?format=rss">x</a> <link rel="alternate" href="/index.xml">'
    )
    assert announced(html) == ["https://example.org/feed"]
    assert linked(html) == [
        "https://example.org/blog/news.rss",
        "https://example.org/?feed=rss2",
        "https://example.org/comments/feed/",
        "https://feeds.example.net/abc",
        "https://example.org/data",
        "https://example.org/latest?format=rss",
        "https://example.org/index.xml",
    ]


def test_a_page_that_announces_hundreds_of_feeds_is_asked_for_the_first_ten():
    html = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{n}"><a href="/feed/{n}">x</a>'
        for n in range(500)
    )
    assert announced(html) == [f"https://example.org/{n}" for n in range(10)]
    assert len(linked(html)) == MOST_CANDIDATES


def test_the_usual_paths_are_few_and_the_nearest_come_first():
    root = [f"/{name}" for name in ("feed", "rss.xml", "atom.xml", "feed.xml", "index.xml")]
    root += ["/feed.json", "/rss"]
    for url, near in {
        "https://example.org": [],
        "https://example.org/about.html": [],
        PAGE: ["/blog/feed", "/blog/rss.xml", "/blog/index.xml"],
        "https://example.org/blog/?page=2": ["/blog/feed", "/blog/rss.xml", "/blog/index.xml"],
    }.items():
        candidates = discovery.usual_paths(url)
        assert [c.url for c in candidates] == [f"https://example.org{p}" for p in near + root]


# --- what came ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (rss("A", TALKS, ELECTION), "rss"),
        (rdf("A", ELECTION, TALKS), "rdf"),
        (atom("A", TALKS, ELECTION), "atom"),
        (json_feed("A", HARBOUR, TALKS), "json"),
        (b"<?php warning ?>\n<!-- x -->" + rss("A", TALKS, TALKS), "rss"),
    ],
)
def test_a_feed_is_described(body, kind):
    assert look(body) == Description("A", kind, 2, TALKS.date)


def test_a_feed_without_title_and_dates_is_one():
    body = b"<rss><channel><item><title>x</title></item></channel></rss>"
    assert look(body) == Description(None, "rss", 1, None)


def test_the_date_of_an_entry_is_the_one_it_was_published_on():
    described = look(json_feed("A", CAT))
    assert isinstance(described, Description)
    assert described.newest == CAT.date
    assert described.newest.tzinfo == UTC
    assert described.newest < datetime.now(UTC)


@pytest.mark.parametrize("charset", ["windows-1251", "utf-8"])
@pytest.mark.parametrize("in_page", [True, False])
def test_a_page_is_read_in_its_own_charset(charset, in_page):
    meta = f'<meta charset="{charset}">' if in_page else ""
    html = f"<html>{meta}<link rel=alternate type=application/rss+xml title=Новости href=/f>"
    body = html.encode(charset)
    page = look(body, content_type="text/html" if in_page else f"text/html; charset={charset}")
    assert page == Page((Candidate("https://example.org/f", "Новости", "rss"),), ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty body"),
        (b"%PDF-1.7", "neither XML nor JSON"),
        (b'{"error": 1}', "not a JSON Feed"),
        (b"<opml><head><title>x</title></head><body/></opml>", "use `aggregator import`"),
        (b"<?xml version='1.0'?><urlset/>", "sitemap"),
    ],
)
def test_what_is_neither_feed_nor_page_is_refused_in_words(body, reason):
    with pytest.raises(ParseError, match=reason):
        look(body)


HOSTILE = {
    "links": "<link rel=alternate type=application/rss+xml href=/f>" * 50_000,
    "open tags": "<a " * 100_000,
    "open quotes": "<a href='" * 50_000,
    "attributes": f"<link {'a=1 ' * 100_000}>",
    "comments": "<!-- " * 50_000,
    "declarations": "<![" * 50_000 + "<!" * 50_000,
    "instructions": "<?" * 100_000,
    "references": f"<a href='/feed?{'&#99999999;' * 30_000}'>",
    "long address": f"<a href='/feed/{'a' * 1_000_000}'>",
    "dots": f"<a href='{'../' * 100_000}feed'>",
    "deep": "<div>" * 100_000,
    "bases": "<base href=/x/>" * 50_000,
    "style sheets": "<link rel=stylesheet href=/x.css>" * 250_000,
    "scripts for feeds": "<link rel=alternate type=text/xml href=javascript:x>" * 150_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_cost_little_time(html):
    with within(5):
        page = read(html)
        assert len(page.announced) + len(page.linked) <= 2


@given(st.text(alphabet=st.sampled_from("<>/!-[]?&;'\"= alinkhrefbase:#\n"), max_size=80))
def test_any_text_is_a_page(text):
    page = discovery.read_page(f"<link {text}><a href='/feed' {text}", "https://example.org/")
    for candidate in (*page.announced, *page.linked):
        assert candidate.url.startswith(("http://", "https://"))


# --- hosts --------------------------------------------------------------------------------------

YOUTUBE = "https://www.youtube.com/feeds/videos.xml"


@pytest.mark.parametrize(
    ("url", "feeds"),
    [
        ("https://www.youtube.com/channel/UC12-3_4", [f"{YOUTUBE}?channel_id=UC12-3_4"]),
        ("https://m.youtube.com/channel/UC1/videos", [f"{YOUTUBE}?channel_id=UC1"]),
        ("https://youtube.com/playlist?list=PL9&si=x", [f"{YOUTUBE}?playlist_id=PL9"]),
        ("https://www.youtube.com/user/someone", [f"{YOUTUBE}?user=someone"]),
        ("https://www.youtube.com/@someone", []),
        ("https://www.youtube.com/playlist", []),
        (f"{YOUTUBE}?channel_id=UC1", []),
        ("https://www.youtube.com/user/rss", [f"{YOUTUBE}?user=rss"]),
        ("https://www.youtube.com/c/someone", []),
        ("https://www.youtube.com/watch?v=1", []),
        ("https://www.youtube.com/watch?v=1&list=PL%269", [f"{YOUTUBE}?playlist_id=PL%269"]),
        ("https://music.youtube.com/playlist?list=OL9", [f"{YOUTUBE}?playlist_id=OL9"]),
        (
            "https://github.com/owner/name.git",
            [
                f"https://github.com/owner/name/{kind}.atom"
                for kind in ("releases", "tags", "commits")
            ],
        ),
        ("https://github.com/o/n/releases/", ["https://github.com/o/n/releases.atom"]),
        ("https://github.com/o/n/tags", ["https://github.com/o/n/tags.atom"]),
        ("https://github.com/o/n/commits/a/b", ["https://github.com/o/n/commits/a/b.atom"]),
        ("https://github.com/o/n/commits", ["https://github.com/o/n/commits.atom"]),
        ("https://github.com/someone", ["https://github.com/someone.atom"]),
        ("https://github.com/someone.atom", []),
        ("https://github.com/o/atom/releases/tag/v1", ["https://github.com/o/atom/releases.atom"]),
        ("https://github.com/o/n/releases.atom", []),
        ("https://github.com/o/n/commits/main/a.atom", []),
        ("https://github.com/rss", ["https://github.com/rss.atom"]),
        ("https://github.com/o/n/issues", []),
        ("https://gist.github.com/someone", []),
        ("https://github.com/", []),
        ("https://old.reddit.com/r/News/", ["https://www.reddit.com/r/News/.rss"]),
        ("https://reddit.com/r/rss", ["https://www.reddit.com/r/rss/.rss"]),
        ("https://reddit.com/r/a+b/wiki/", ["https://www.reddit.com/r/a+b/.rss"]),
        ("https://reddit.com/r/N/top/?t=week", ["https://www.reddit.com/r/N/top/.rss?t=week"]),
        ("https://np.reddit.com/r/N/comments/", ["https://www.reddit.com/r/N/comments/.rss"]),
        (
            "https://www.reddit.com/r/N/comments/1a2b/some_post/",
            ["https://www.reddit.com/r/N/.rss", "https://www.reddit.com/r/N/comments/1a2b/.rss"],
        ),
        ("https://www.reddit.com/user/a/m/b/", ["https://www.reddit.com/user/a/m/b/.rss"]),
        ("https://reddit.com/u/a/comments/", ["https://www.reddit.com/user/a/comments/.rss"]),
        ("https://www.reddit.com/r/News/new/.rss?sort=new", []),
        ("https://www.reddit.com/u/someone", ["https://www.reddit.com/user/someone/.rss"]),
        ("https://www.reddit.com/r/News/.rss", []),
        ("https://www.reddit.com/", []),
        ("https://medium.com/@some.one/a-story-1a2b", ["https://medium.com/feed/@some.one"]),
        ("https://medium.com/paper", ["https://medium.com/feed/paper"]),
        ("https://medium.com/tag/news/latest", ["https://medium.com/feed/tag/news"]),
        ("https://someone.medium.com/a-story", ["https://someone.medium.com/feed"]),
        ("https://medium.com/", []),
        ("https://medium.com/feed/@someone", []),
        ("https://someone.tumblr.com/post/1", ["https://someone.tumblr.com/rss"]),
        ("https://www.tumblr.com/someone/123/x", ["https://someone.tumblr.com/rss"]),
        ("https://www.tumblr.com/blog/view/someone", ["https://someone.tumblr.com/rss"]),
        ("https://www.tumblr.com/..%2F", []),
        ("https://someone.tumblr.com/tagged/x/rss", []),
        ("https://letter.substack.com/p/x", ["https://letter.substack.com/feed"]),
        ("https://letter.substack.com/feed", []),
        ("https://blog.wordpress.com/comments/feed/", []),
        ("https://substack.com/@someone", []),
        ("https://blog.wordpress.com/2026/", ["https://blog.wordpress.com/feed/"]),
        ("https://blog.blogspot.com/", ["https://blog.blogspot.com/feeds/posts/default"]),
        ("https://social.example/@ana?x=1#y", ["https://social.example/@ana.rss"]),
        ("http://127.0.0.1:8000/@ana/", ["http://127.0.0.1:8000/@ana.rss"]),
        ("https://social.example/@ana@other.example", []),
        ("https://social.example/@ana/123", []),
        ("https://notgithub.com/o/n", []),
        ("https://example.org/", []),
    ],
)
def test_well_known_hosts_document_their_feeds(url, feeds):
    assert [candidate.url for candidate in discovery.documented(url)] == feeds
