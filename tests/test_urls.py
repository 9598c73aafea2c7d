"""What links mean, which spellings are one URL, and which URLs name an article."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator import urls

PIECES = [
    "http", "https", ":", "//", "/", "\\", "a.org", "WWW.A.ORG", "..", ".", "%2e", "%", "%34", "1",
    "?", "&", "=", "#", "#!", "utm_source=x", "ref=rss", " ", "\n", "[", "]", "@", ":80", ":443",
    "é", "日本", "feed", "javascript", "data", ";", "+", "\x00", "\u200b", "|",
]  # fmt: skip
messy_urls = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map("".join)
plausible_urls = messy_urls.map(lambda tail: "https://a.org/" + tail)


@pytest.mark.parametrize(
    ("base", "link", "expected"),
    [
        (None, "https://example.org/a", "https://example.org/a"),
        ("https://example.org/b/", "c?d", "https://example.org/b/c?d"),
        ("https://example.org/b/c", "../d", "https://example.org/d"),
        ("https://example.org/b", "", None),
        ("http://example.org/b", "//other.org/x", "http://other.org/x"),
        (None, "//other.org/x", "https://other.org/x"),
        (None, "  https://example.org/a b \n", "https://example.org/a%20b"),
        (None, "https://example.org/\na\tb", "https://example.org/ab"),
        (None, "HTTP://EXAMPLE.org/A", "http://example.org/A"),
        (None, "http:/example.org/a", "http://example.org/a"),
        (None, "https:\\\\example.org\\a", "https://example.org/a"),
        (None, "feed://example.org/rss", "http://example.org/rss"),
        (None, "feed://https://example.org/rss", "https://example.org/rss"),
        ("https://example.org/", "/go?to=http:/a", "https://example.org/go?to=http:/a"),
        (None, "feed:https://example.org/rss", "https://example.org/rss"),
        (None, "https://bücher.example/é", "https://xn--bcher-kva.example/%C3%A9"),
        (None, "http://[::1]:8080/x", "http://[::1]:8080/x"),
        (None, "http://[::1/x", None),
        (None, "http://example.org:99999/", None),
        (None, "http://example.org:port/", None),
        (None, "http://exa mple.org/", None),
        (None, "http://<b>.org/", None),
        (None, "http://", None),
        (None, "javascript:alert(1)", None),
        (None, "java\nscript:alert(1)", None),
        ("https://example.org/", " JavaScript:alert(1)", None),
        ("https://example.org/", "data:text/html,x", None),
        ("https://example.org/", "mailto:a@example.org", None),
        ("https://example.org/", "tel:+123", None),
        (None, "ftp://example.org/a", None),
        (None, "relative/path", None),
        ("not a base", "relative/path", None),
        ("https://example.org/", "https://example.org/" + "a" * 9000, None),
    ],
)
def test_a_link_becomes_an_absolute_web_address_or_nothing(base, link, expected):
    assert urls.resolve(base, link) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("http://[2001:DB8:0::1]/", "http://[2001:db8::1]/"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/a/b/..", "https://example.org/a/"),
        ("https://example.org/%7euser/%e9", "https://example.org/~user/%E9"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a?&x=1&", "https://example.org/a?x=1"),
        ("https://example.org/a#top", "https://example.org/a"),
        ("https://example.org/#!/route", "https://example.org/#!/route"),
        ("https://example.org/a?utm_source=rss&id=7", "https://example.org/a?id=7"),
        ("https://example.org/a?fbclid=x&UTM_Medium=y", "https://example.org/a"),
        ("https://example.org/a?at_medium=RSS&at_campaign=KARANGA", "https://example.org/a"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?b=2&a=1"),
        ("https://example.org/a?ref=rss", "https://example.org/a"),
        ("https://example.org/a?ref=chapter", "https://example.org/a?ref=chapter"),
        ("https://me:pw@example.org/a", "https://me:pw@example.org/a"),
        ("  no url at all ", "no url at all"),
    ],
)
def test_spellings_of_one_address_are_one(url, expected):
    assert urls.canonical(url) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.example.org/a/", "https://example.org/a"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/a/?p=1", "https://example.org/a?p=1"),
        ("https://example.org/a?utm_campaign=x#c", "https://example.org/a"),
    ],
)
def test_addresses_that_lead_to_one_page_share_an_identity(one, other):
    assert urls.identity(one) == urls.identity(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/a?p=1", "https://example.org/a?p=2"),
        ("https://example.org/a", "https://news.example.org/a"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ],
)
def test_addresses_of_different_pages_differ_in_identity(one, other):
    assert urls.identity(one) != urls.identity(other)


def test_what_is_no_url_is_its_own_identity():
    assert urls.identity(" urn:uuid:7 ") == "urn:uuid:7"


@pytest.mark.parametrize(
    ("url", "names_an_article"),
    [
        ("https://example.org/a", True),
        ("https://example.org/?p=7", True),
        ("https://example.org/#!/a", True),
        ("https://example.org/", False),
        ("https://example.org", False),
        ("https://example.org/?utm_source=rss", False),
        ("https://example.org/#top", False),
        ("nothing", False),
        ("", False),
    ],
)
def test_the_root_of_a_site_names_no_article(url, names_an_article):
    assert urls.identifies(url) is names_an_article


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://News.BBC.co.uk:8443/a", "news.bbc.co.uk"),
        ("https://мвд.рф/", "xn--b1aew.xn--p1ai"),
        ("http://[::1]/", "::1"),
        ("https://e.org", "e.org"),
        ("https://e.org?a", "e.org"),
        ("https://e.org./a", "e.org"),
        ("http://jo:3@e.org:80/a", "e.org"),
        ("http://127.0.0.1:8000/a", "127.0.0.1"),
        ("nothing", ""),
    ],
)
def test_the_host_of_a_url(url, expected):
    assert urls.host(url) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("news.bbc.co.uk", ("news.bbc.co.uk", "bbc.co.uk", "co.uk")),
        ("example.org", ("example.org",)),
        ("localhost", ("localhost",)),
        ("127.0.0.1", ("127.0.0.1",)),
        ("::1", ("::1",)),
        ("", ()),
    ],
)
def test_a_site_is_its_host_and_every_parent_with_a_dot(host, expected):
    assert urls.site_suffixes(host) == expected


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://news.example.co.uk/a", "example.co.uk"),
        ("http://127.0.0.1:8000/a", ""),
        ("http://[::1]/a", ""),
        ("http://intranet/a", ""),
        ("mailto:desk@example.org", ""),
    ],
)
def test_a_url_is_of_a_registered_site_or_of_none(url, site):
    assert urls.site(url) == site


@given(plausible_urls | messy_urls | st.text())
@example("https://a.org/%%341")
@example("https://a.org/%2e%2e/%2E/a")
@example("https://a.org/?%61=1&&ref=RSS&")
@example("http://a.org//..//b")
def test_the_canonical_form_is_its_own_canonical_form(url):
    once = urls.canonical(url)
    assert urls.canonical(once) == once
    assert urls.identity(once) == urls.identity(url)


@given(messy_urls | st.text(), messy_urls | st.text())
def test_resolving_anything_gives_a_web_address_or_nothing(base, link):
    resolved = urls.resolve(base, link)
    assert resolved is None or resolved.startswith(("http://", "https://"))
    assert resolved is None or (resolved.isascii() and " " not in resolved and urls.host(resolved))


@given(
    st.builds(
        "{}://{}{}/{}{}".format,
        st.sampled_from(["http", "https"]),
        st.from_regex(r"[a-z0-9]{1,5}(?:[.-][a-z0-9]{1,5}){0,3}", fullmatch=True),
        st.sampled_from(["", ":80", ":0", ":8443", ":65536", ":1 "]),
        st.text("aZ09_.~!$&'()*+,;=:@/-%2F|^`{}é#", max_size=12),
        st.one_of(st.just(""), st.text("ab=&?%2F;/#", max_size=8).map("?{}".format)),
    )
)
def test_plain_urls_are_read_fast_and_like_all_others(url):
    assert urls.resolve(None, url) == urls._resolved(None, url)
    assert urls.resolve("https://base.example/x/", url) == urls._resolved(
        "https://base.example/x/", url
    )
