"""The pages as a browser asks for them, from a real server on loopback."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import config
from aggregator.errors import AggregatorError
from aggregator.pipeline.newsroom import opened
from aggregator.web import Server, is_loopback
from tests.support.feedrules import problems_of_atom, problems_of_json_feed
from tests.support.newsrooms import (
    ARTICLES,
    CAT,
    DAY,
    HARBOUR,
    HEBREW,
    QUAKE,
    TALKS,
    TALKS_WIRE,
    Item,
    newsroom,
    rss,
)
from tests.support.purity import unguarded
from tests.support.server import Reply
from tests.support.sites import GUARDS, XHTML, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("desk")) as desk:
        desk.poll()
        for day in (DAY - timedelta(days=1), DAY):
            assert desk.run("digest", "--date", day.isoformat()).code == 0
        assert desk.run("digest", "--date", DAY.isoformat(), "--week").code == 0
        assert desk.json("search", "tehran")["total"] == 2  # which indexes the stories
        with serving(desk) as site:
            yield site


@pytest.fixture(scope="module")
def ids(site):
    return {article["title"]: article["id"] for article in site.desk.articles()}


# --- every page ---------------------------------------------------------------------------------

PAGES = [
    "/",
    f"/digest/{DAY}/",
    f"/digest/{DAY}/middle-east/",
    f"/digest/{DAY}/stories.html",
    f"/digest/{DAY}/middle-east/stories.html",
    "/topic/middle-east/",
    "/topic/cricket/",
    "/week/",
    f"/week/{DAY}/",
    "/archive/",
    f"/archive/{DAY.year}/",
    "/tags/",
    "/tag/israel/",
    "/tag/middle-east/",
    "/article/{id}/",
    "/search",
    "/search?q=tehran",
    "/feeds/",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_html_without_scripts_behind_guards(site, ids, path):
    answer = site.ask(path.format(id=ids[TALKS.title]))
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert GUARDS.items() <= answer.headers.items()
    assert "server" not in answer.headers
    assert answer.heading
    assert_harmless(answer.page)
    assert unguarded(answer.page.iter()) == []


def assert_harmless(page):
    for name in ("script", "iframe", "object", "embed", "base"):
        assert page.find(f".//{XHTML}{name}") is None
    for element in page.iter():
        assert not [name for name in element.attrib if name.lower().startswith("on")]
        assert "style" not in element.attrib
        for name in ("href", "src", "action"):
            assert not element.attrib.get(name, "").strip().lower().startswith("javascript:")
    for link in page.iter(f"{XHTML}link"):
        assert "//" not in link.attrib["href"]


@pytest.mark.parametrize("path", [*PAGES, "/nowhere/"])
def test_every_link_within_the_site_leads_somewhere(site, ids, path):
    path = path.format(id=ids[TALKS.title])
    for target in internal_links(site, path) - {path}:
        assert site.ask(target).status == 200, (path, target)


def internal_links(site, path):
    base = f"http://127.0.0.1:{site.port}{path}"
    written = {
        urljoin(base, element.attrib.get(name, ""))
        for element in site.ask(path).page.iter()
        for name in ("href", "src", "action")
    }
    return {
        target.removeprefix(f"http://127.0.0.1:{site.port}").partition("#")[0]
        for target in written
        if urlsplit(target).netloc == urlsplit(base).netloc
    }


def test_the_front_page_is_that_of_the_newest_day(site):
    front, day = site.ask("/"), site.ask(f"/digest/{DAY}/")
    headlines = re.compile("article/[a-z2-7]+/")
    assert headlines.findall(front.text) == headlines.findall(day.text)
    assert TALKS.title in front.text or TALKS_WIRE.title in front.text
    assert (
        site.ask("/topic/middle-east/").heading == site.ask(f"/digest/{DAY}/middle-east/").heading
    )


def test_an_article_shows_its_text_tags_sources_and_story(site, ids):
    answer = site.ask(f"/article/{ids[TALKS.title]}/")
    assert answer.heading == TALKS.title
    assert "European ministers in Geneva" in answer.text
    assert 'href="../../tag/iran/"' in answer.text
    assert TALKS_WIRE.title in answer.text
    hebrew = site.ask(f"/article/{ids[HEBREW.title]}/")
    assert 'dir="rtl"' in hebrew.text or 'dir="auto"' in hebrew.text


def test_a_story_shows_all_its_reports_and_why_they_are_one(site, ids):
    told = next(a for a in site.desk.articles() if a["title"] == TALKS.title)
    answer = site.ask(f"/story/{told['story']}/")
    assert answer.heading in {TALKS.title, TALKS_WIRE.title}
    assert TALKS.title in answer.text
    assert TALKS_WIRE.title in answer.text
    assert "2 reports since " in answer.text
    assert "Why these are one story" in answer.text
    assert_harmless(answer.page)
    assert f'href="../../story/{told["story"]}/"' in site.ask(f"/article/{told['id']}/").text


def test_feeds_are_listed_with_their_health(site):
    text = site.ask("/feeds/").text
    for title in ("World Desk", "The Wire", "Herald", "Tech Notes"):
        assert title in text


def test_the_archive_links_to_every_day(site):
    text = site.ask("/archive/").text
    assert f"digest/{DAY}/" in text
    assert f"digest/{DAY - timedelta(days=1)}/" in text


# --- what is not there --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/digest/2001-01-01/",
        "/digest/someday/",
        "/digest/9999-99-99/",
        f"/digest/{DAY}/nothing/",
        "/digest/2001-01-01/middle-east/",
        f"/digest/{DAY}/nothing/stories.html",
        "/digest/2001-01-01/stories.html",
        "/digest/today/stories.html",
        "/archive/1999/",
        "/archive/99999999999999999999/",
        "/archive/then/",
        "/topic/nothing/",
        "/topic/nothing/atom.xml",
        "/tag/nothing/",
        "/tag/%22)%20OR%20(/",
        "/tag/" + "a" * 2000 + "/",
        "/article/nothing/",
        "/story/nothing/",
        "/story/%00/",
        "/article/%00/",
        "/article/..%2f..%2fetc%2fpasswd/",
        "/article/" + quote("'; DROP TABLE articles; --") + "/",
        "/article/%ff%fe/",
        "/static/",
        "/static/nothing.css",
        "/static/../../feeds.yaml",
        "/static/..%2f..%2ffeeds.yaml",
        "/static/%2fetc%2fpasswd",
        "//example.org/",
        "/digest/../../etc/passwd",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(site, path):
    answer = site.ask(path)
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert GUARDS.items() <= answer.headers.items()
    assert answer.heading
    assert "Traceback" not in answer.text
    assert_harmless(answer.page)


@given(st.text(max_size=30), st.sampled_from(["tag", "article", "digest", "topic", "static"]))
def test_no_path_is_a_surprise(site, text, kind):
    answer = site.ask(f"/{kind}/{quote(text, safe='')}/")
    assert answer.status in (200, 404)


@given(st.text(max_size=30), st.text(max_size=5))
def test_no_search_is_a_surprise(site, text, page):
    answer = site.ask(f"/search?q={quote(text)}&page={quote(page)}")
    assert answer.status in (200, 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/tags/", "/search?q=x", "/healthz"])
def test_pages_can_only_be_read(site, method, path):
    answer = site.ask(path, method)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert GUARDS.items() <= answer.headers.items()
    assert "This page can only be read." in answer.text


@pytest.mark.parametrize("path", ["/", "/tags/", "/atom.xml", "/healthz", "/nowhere"])
def test_head_gives_the_head_alone(site, path):
    answer, full = site.ask(path, "HEAD"), site.ask(path)
    assert answer.status == full.status
    assert answer.body == b""
    assert answer.headers["content-length"] == str(len(full.body))


def test_a_page_without_its_slash_leads_to_the_one_with_it(site):
    answer = site.ask("/tags")
    assert answer.status == 307
    assert answer.headers["location"].endswith("/tags/")
    assert GUARDS.items() <= answer.headers.items()


# --- search -------------------------------------------------------------------------------------


def test_search_finds_and_marks(site, ids):
    answer = site.ask("/search?q=tehran")
    assert "<mark>" in answer.text
    for item in (TALKS, TALKS_WIRE):
        assert f"article/{ids[item.title]}/" in answer.text
    assert ids[CAT.title] not in answer.text


def test_a_malformed_query_is_told_in_a_sentence_with_its_column(site):
    answer = site.ask("/search?q=" + quote("iran titel:x"))
    assert answer.status == 400
    assert "there is no field" in answer.text
    assert "olumn 6" in answer.text


def test_a_query_is_text_wherever_it_is_shown(site):
    hostile = "\"><script>alert('x')</script>"
    answer = site.ask("/search?q=" + quote(hostile))
    assert answer.status == 200
    assert_harmless(answer.page)
    assert answer.page.find(f".//{XHTML}input[@name='q']").attrib["value"] == hostile


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "²", "٣x", "9" * 5000, "1.5"])
def test_a_page_number_that_is_none_is_the_first(site, page):
    first = site.ask("/search?q=tehran")
    answer = site.ask(f"/search?q=tehran&page={quote(page)}")
    assert answer.status == 200
    assert answer.text.count("<mark>") == first.text.count("<mark>")


def test_a_search_without_hits_says_what_may_be_meant(site):
    page = site.ask("/search?q=earthqauke&sort=newest").page
    links = {a.text: a.attrib["href"] for a in page.iter(f"{XHTML}a")}
    assert links["earthquake"] == "search?q=earthquake&sort=newest"
    assert "Did you mean" not in site.ask("/search?q=xyzzyplugh").text
    assert "Did you mean" not in site.ask("/search?q=tehran").text


def test_search_can_sort_by_date(site, ids):
    text = site.ask("/search?q=&sort=newest").text
    assert "form" in text
    text = site.ask("/search?q=tehran&sort=newest").text
    assert text.index(ids[TALKS_WIRE.title]) < text.index(ids[TALKS.title])


# --- feeds, files, health -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/atom.xml", "/tag/chips/feed.json", "/search/atom.xml?q=tehran"])
def test_who_has_a_feed_already_is_told_so(site, path):
    first = site.ask(path)
    known = first.headers["etag"]
    for sent in (known, f"W/{known}", f'"other", {known}'):
        again = site.ask(path, **{"if-none-match": sent})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", known)
        assert GUARDS.items() <= again.headers.items()
    assert site.ask(path, **{"if-none-match": '"other"'}).body == first.body


def test_the_feed_of_a_tag_is_called_as_its_page(site):
    assert json.loads(site.ask("/tag/greece/feed.json").body)["title"].endswith(": Greece")


@pytest.mark.parametrize("where", ["", "/topic/middle-east"])
def test_editions_are_feeds_too(site, where):
    atom = site.ask(f"{where}/atom.xml")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    assert b"http://www.w3.org/2005/Atom" in atom.body
    feed = site.ask(f"{where}/feed.json")
    assert feed.headers["content-type"].startswith("application/feed+json")
    assert json.loads(feed.body)["version"].startswith("https://jsonfeed.org/version/1")
    assert json.loads(feed.body)["items"]


@pytest.mark.parametrize(
    ("path", "query", "item"),
    [("/tag/chips", "", CAT), ("/search", "?q=nvidia", CAT), ("/search", "?q=crete", QUAKE)],
)
def test_tags_and_searches_are_feeds_of_articles(site, path, query, item):
    atom = site.ask(f"{path}/atom.xml{query}")
    assert (atom.status, atom.headers["content-type"][:20]) == (200, "application/atom+xml")
    assert item.title in atom.text
    feed = json.loads(site.ask(f"{path}/feed.json{query}").body)
    assert item.title in [entry["title"] for entry in feed["items"]]


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("/atom.xml", "/"),
        ("/topic/middle-east/atom.xml", "/topic/middle-east/"),
        ("/tag/chips/atom.xml", "/tag/chips/"),
        ("/week/atom.xml", "/week/"),
        ("/search/atom.xml?q=nvidia+OR+tehran", "/search?q=nvidia+OR+tehran"),
        ("/search/atom.xml?q=%22gaza%22+-%26x", "/search?q=%22gaza%22+-%26x"),
    ],
)
@pytest.mark.parametrize("host", [None, "papers.example:8443", 'a b"<&', "[::1", ""])
def test_feeds_keep_the_rules_and_name_the_addresses_that_were_asked(site, path, home, host):
    given = {} if host is None else {"Host": host}
    atom = site.ask(path, **given)
    feed = site.ask(path.replace("atom.xml", "feed.json"), **given)
    assert problems_of_atom(atom.body) == []
    assert problems_of_json_feed(feed.body) == []
    if host in (None, "papers.example:8443"):
        base = f"http://{host or f'127.0.0.1:{site.port}'}"
        told = json.loads(feed.body)
        assert told["home_page_url"] == base + home
        assert told["feed_url"] == base + path.replace("atom.xml", "feed.json")
        assert told["feed_url"].replace("feed.json", "atom.xml").replace("&", "&amp;") in atom.text


def test_the_feed_of_a_malformed_query_is_refused_in_words(site):
    answer = site.ask("/search/atom.xml?q=titel:x")
    assert answer.status == 400
    assert "there is no field" in answer.text


def test_the_style_sheet_is_served_as_one(site):
    (name,) = re.findall(r'rel="stylesheet" href="([^"]+)"', site.ask("/").text)
    answer = site.ask("/" + name)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert b"{" in answer.body


def test_health_says_how_many_articles_there_are(site):
    answer = site.ask("/healthz")
    assert json.loads(answer.body) == {"status": "ok", "articles": ARTICLES, "index_behind": 0}
    assert GUARDS.items() <= answer.headers.items()


# --- a tag of many pages ------------------------------------------------------------------------


def test_a_tag_is_shown_in_pages(tmp_path):
    items = [
        Item(f"Report {n}", f"https://e.example/{n}", hours=-n / 10, tags=("Many",))
        for n in range(120)
    ]
    with newsroom(tmp_path, {"/feed": Reply(200, rss("Many", *items))}) as desk:
        desk.poll()
        with serving(desk) as site:
            pages = [site.ask(f"/tag/many/?page={n}") for n in (1, 2, 3)]
            seen = [re.findall(r">\s*(Report \d+)\s*<", page.text) for page in pages]
            assert [len(set(page)) for page in seen] == [50, 50, 20]
            assert "page=2" in pages[0].text
            assert site.ask("/tag/many/?page=4").status == 404
            search = site.ask("/search?q=report&page=6")
            assert len(set(re.findall(r"Report \d+", search.text))) >= 20
            assert site.ask("/search?q=report&page=7").status == 200


# --- trouble underneath -------------------------------------------------------------------------


def test_before_the_first_digest_the_front_page_says_so(tmp_path):
    with newsroom(tmp_path, {}) as desk, serving(desk) as site:
        answer = site.ask("/")
        assert answer.status == 404
        assert "no digest yet" in answer.text
        assert site.ask("/atom.xml").status == 404
        assert site.ask("/archive/").status == 200
        assert site.ask("/tags/").status == 200
        assert site.ask("/feeds/").status == 200
        answer = site.ask("/search?q=x")
        assert answer.status == 503
        assert "no search index yet" in answer.text
        assert GUARDS.items() <= answer.headers.items()


def test_a_record_that_is_damaged_counts_as_missing(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", HARBOUR))}) as desk:
        desk.poll()
        desk.run("digest", "--date", DAY.isoformat())
        for record in Path(desk.site).rglob("edition.json"):
            record.write_text("{")
        with serving(desk) as site:
            for path in ("/", f"/digest/{DAY}/", f"/digest/{DAY}/middle-east/", "/atom.xml"):
                assert site.ask(path).status == 404
            assert site.ask("/archive/").status == 200
        assert desk.run("digest", "--date", DAY.isoformat()).code == 0
        with serving(desk) as site:
            assert site.ask("/").status == 200


def test_an_address_that_is_taken_is_told_in_words(tmp_path):
    with (
        newsroom(tmp_path, {}) as desk,
        serving(desk) as site,
        opened(config.load(desk.config)) as room,
        pytest.raises(AggregatorError, match=rf"127\.0\.0\.1:{site.port}: Address already"),
    ):
        Server(room, host="127.0.0.1", port=site.port)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.1", False),
        ("fe80::1%lo", False),
        ("", False),
        ("nowhere.invalid", False),
    ],
)
def test_only_loopback_is_loopback(host, loopback):
    assert is_loopback(host) is loopback


# --- pages of bounded size ----------------------------------------------------------------------


def test_many_feeds_are_shown_in_pages_and_by_health(tmp_path):
    feeds = [f"https://paper-{number}.example/feed" for number in range(310)]
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", HARBOUR))}) as desk:
        desk.poll()
        desk.write(["/feed", *feeds])
        assert desk.run("poll", desk.url("/feed")).code == 0
        with serving(desk) as site:
            first, last = site.ask("/feeds/").text, site.ask("/feeds/?page=3").text
            fresh, fine = site.ask("/feeds/?health=new").text, site.ask("/feeds/?health=ok").text
            assert site.ask("/feeds/?health=well").status == 404
            assert "No feed is gone." in site.ask("/feeds/?health=gone").text
    assert 'href="../feeds/?health=new">310 new</a>' in first
    assert [page.count('class="badge"') for page in (first, last, fresh, fine)] == [150, 11, 150, 1]
    assert 'rel="next" href="../feeds/?page=2"' in first
    assert 'rel="next" href="../feeds/?page=2&amp;health=new"' in fresh
    assert "310 new of" in fresh
    assert "Page 3 of 3" in last


def test_many_tags_are_shown_in_pages(tmp_path):
    items = [
        replace(
            HARBOUR, link=f"https://world.example/{n}", tags=[f"Tag {n} {m}" for m in range(10)]
        )
        for n in range(60)
    ]
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", *items))}) as desk:
        desk.poll()
        with serving(desk) as site:
            first, last = site.ask("/tags/").text, site.ask("/tags/?page=2").text
            assert site.ask("/tags/?page=3").status == 404
    assert "600 tags" in first
    assert [page.count("tag-") for page in (first, last)] == [500, 100]
    assert "Page 2 of 2" in last
