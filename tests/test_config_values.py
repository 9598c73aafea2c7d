"""The single values of feeds.yaml, each as users may write it."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import urls
from aggregator.config import values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("6h", 21_600),
        ("30d", 2_592_000),
        ("2w", 1_209_600),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("1.5h", 5_400),
        ("500ms", 0.5),
        ("0s", 0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert values.duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "30", "m", "1y", "1h-", "-5m", "h1", "\u0663s", "999999999w"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"no duration|negative|empty|too long"):
        values.duration(text)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40_000)))
def test_durations_are_shown_as_they_are_read(length: timedelta) -> None:
    to_the_millisecond = length - timedelta(microseconds=length.microseconds % 1_000)
    assert values.duration(values.show(length)) == to_the_millisecond


@pytest.mark.parametrize(
    ("text", "size"),
    [("500KB", 500_000), ("10MB", 10**7), ("10 mb", 10**7), ("1.5MiB", 1_572_864), ("2000", 2_000)],
)
def test_sizes(text: str, size: int) -> None:
    assert values.size(text) == size


@pytest.mark.parametrize("text", ["10 TB", "-1KB", "MB", "1,5MB", "10M"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        values.size(text)


def test_times_of_day() -> None:
    assert values.time_of_day("06:30") == values.time_of_day("6:30") == time(6, 30)
    assert values.time_of_day("23:59") == time(23, 59)
    for text in ("24:00", "6:60", "390", "6.30", "06:30:00"):
        with pytest.raises(ValueError, match="no time of day"):
            values.time_of_day(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Berlim", "Europe/Berlin"),
    ],
)
def test_a_time_zone_is_suggested(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {hint}"):
        values.zone(text)


@pytest.mark.parametrize(
    "text", ["Europe", "../../etc/passwd", "/etc/localtime", "zzzzzz", "a" * 400]
)
def test_paths_are_no_time_zones(text: str) -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        values.zone(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org",
        "HTTPS://Example.org/a b".replace(" ", "%20"),
        "http://user:secret@example.org:8080/feed?x=1#part",
        "http://127.0.0.1:8899/feed.xml",
        "http://[::1]/feed",
        "https://b\u00fccher.example/feed",
        "https://example.org/\u65e5\u672c.xml",
    ],
)
def test_addresses_of_feeds(text: str) -> None:
    assert values.feed_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/xml,x",
        "mailto:a@example.org",
        "feed.xml",
        "/feed.xml",
        "//example.org/feed",
        "https://",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://example.org/" + "a" * 5_000,
    ],
)
def test_what_is_no_address_of_a_feed(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|scheme|http"):
        values.feed_url(text)


HOSTS = st.from_regex(r"(www\.)?([a-z0-9]{1,3}[.-]){1,3}[a-z]{1,5}", fullmatch=True)
PATHS = st.from_regex(r"(/[a-zA-Z0-9._~-]{0,3}){0,4}/?", fullmatch=True)


@given(st.sampled_from(["http", "https"]), HOSTS, PATHS)
def test_the_short_way_to_an_identity_is_the_long_one(scheme: str, host: str, path: str) -> None:
    url = f"{scheme}://{host}{path}"
    assert values.identity(url) == urls.identity(url)


@pytest.mark.parametrize(
    "text",
    ["nas", "nas.local:80", "10.0.0.5", "10.0.0.0/8", "fe80::1", "[fe80::1]:80", "fd00::/8", "a_b"],
)
def test_addresses_that_may_be_private(text: str) -> None:
    assert values.network(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a:b",
        "nas:0",
        "10.0.0.0/33",
        "256.1.1.1",
        "-nas",
        "a..b",
        "http://nas",
        "[::1",
        "[x]:80",
        "*",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no |port must be"):
        values.network(text)


def test_proxies() -> None:
    assert values.proxy_url("http://u:p@proxy.example:3128") == "http://u:p@proxy.example:3128"
    for text in ("proxy.example:3128", "http://", "http://[x", "http://proxy:99999", "http://a b"):
        with pytest.raises(ValueError, match="is no proxy"):
            values.proxy_url(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://papers.example", "https://papers.example/"),
        ("http://papers.example:8080/daily", "http://papers.example:8080/daily/"),
        ("HTTPS://B\u00fccher.example/\u65e5/", "https://xn--bcher-kva.example/%E6%97%A5/"),
    ],
)
def test_addresses_of_sites(text: str, url: str) -> None:
    assert values.site_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        *("papers.example", "/daily", "ftp://papers.example/", "https://", "https://a b/"),
        *(
            "https://papers.example/?a=b",
            "https://papers.example/#a",
            "https://u:p@papers.example/",
        ),
    ],
)
def test_what_is_no_address_of_a_site(text: str) -> None:
    with pytest.raises(ValueError, match="is no address of a site"):
        values.site_url(text)


def test_headers() -> None:
    assert values.headers({"X-Key": "a", "accept": ""}) == (("X-Key", "a"), ("accept", ""))
    for wrong in ({"a b": "x"}, {"x": "a\nb"}, {"x": ["a"]}, {"Content-Length": "1"}, {"": "x"}):
        with pytest.raises(ValueError, match="header"):
            values.headers(wrong)


@pytest.mark.parametrize("url", ["sqlite", "postgresql://u:p@h/db", "postgresql+psycopg://h/db"])
def test_stores(url: str) -> None:
    assert values.store(url) == url


def test_directories() -> None:
    base = Path("/srv/papers")
    assert values.directory("index", base) == base / "index"
    assert values.directory("/var/lib/papers", base) == Path("/var/lib/papers")
    assert values.directory("~", base) == Path.home()
    for text in ("..", "a/../../b", ".", "/srv/papers", "~nobody-of-that-name/x", "a\x00b"):
        with pytest.raises(ValueError, match=r"\.\.|own|home|control"):
            values.directory(text, base)


def test_a_name_is_one_line_of_text() -> None:
    assert values.label("  Middle \n East ") == "Middle East"
    for wrong in (["a"], None, " ", "bell\x07"):
        with pytest.raises(ValueError, match=r"text|empty|control"):
            values.label(wrong)
