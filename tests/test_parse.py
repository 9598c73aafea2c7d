import json
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from aggregator.errors import ParseError
from aggregator.model import Comments, Enclosure, Image, Markup
from aggregator.parse import parse
from tests.support.server import rss

FIXTURES = sorted((Path(__file__).parent / "fixtures" / "parse").glob("*.txt"))


def read(body, *, content_type=None, url="https://example.org/feed", **options):
    return parse(body, content_type=content_type, url=url, **options)


def plain(value):
    if isinstance(value, Markup | Image | Enclosure | Comments):
        return [getattr(value, each.name) for each in fields(value)]
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(plain(each) for each in value)
    return str(value) if isinstance(value, date | timedelta) else value


def assert_contains(actual, expected, where=""):
    for name, value in expected.items():
        if name == "entries":
            assert len(actual["entries"]) == len(value), where
            for number, entry in enumerate(value):
                assert_contains(actual["entries"][number], entry, f"entry {number}")
        elif isinstance(value, dict):
            assert_contains(actual[name], value, name)
        else:
            assert actual[name] == value, f"{where} {name}"


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures_are_read_as_their_heads_say(path):
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    content_type = said.get("Headers", "").removeprefix("Content-Type: ") or None
    document = read(body.encode(), content_type=content_type, url=said["URL"])
    assert_contains(plain(document), json.loads(said["Expect"]))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the server sent an empty body"),
        (b" \r\n\t", "the server sent an empty body"),
        (b"<!DOCTYPE html><html><body>Hi</body></html>", "this is a web page, not a feed"),
        (b"<html><feed></feed></html>", "this is a web page, not a feed"),
        (
            b"<html><form><input name=p type='password'></form></html>",
            "this is a login page, not a feed",
        ),
        (b"Not found", "this is neither XML nor JSON, so not a feed"),
        (b'{"error": "no"}', "this is JSON, but not a JSON Feed"),
        (b'{"version": "https://other.org", "items": []}', "this is JSON, but not a JSON Feed"),
        (b'[{"id": 1}]', "this is JSON, but not a JSON Feed"),
        (b'{"items": [', "this looks like JSON, but is broken or cut off"),
        (b'{"items": ' + b"[" * 100_000, "this JSON is nested too deeply"),
        (
            b"<opml><body/></opml>",
            "this is an OPML list of feeds, not a feed (use `aggregator import`)",
        ),
        (b"<urlset><url/></urlset>", "this is a sitemap, not a feed"),
        (
            b"<Error><Code>x</Code></Error>",
            "the server sent an XML error message instead of a feed",
        ),
        (b"<note>x</note>", "this is XML, but not a feed (its first element is <note>)"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body, reason):
    with pytest.raises(ParseError) as caught:
        read(body)
    assert str(caught.value) == reason


def test_a_name_of_a_file_is_no_way_to_read_it(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(rss("Secret", {"title": "x"}))
    with pytest.raises(ParseError):
        read(str(path).encode())


def test_an_empty_feed_is_a_feed():
    document = read(rss("Nothing yet"))
    assert (document.title, document.entries, document.total) == ("Nothing yet", (), 0)


def test_a_guid_is_the_id_else_the_link_else_a_hash_of_what_is_said():
    items = [{"guid": "g", "link": "https://a/"}, {"link": "https://b/"}, {"title": "only words"}]
    first, second, third = read(rss("T", *items)).entries
    assert (first.guid, second.guid) == ("g", "https://b/")
    assert third.guid == read(rss("Other", {"title": "only words"})).entries[0].guid
    assert third.guid != read(rss("T", {"title": "other words"})).entries[0].guid


def feeds_of(title, guid):
    item = f"<item><guid>{guid}</guid><title>T</title></item>"
    xml = f"<rss version='2.0'><channel><title>{title}</title>{item}</channel></rss>"
    return xml.encode(), json.dumps({"title": title, "items": [{"id": guid}]}).encode()


def test_a_long_guid_becomes_a_short_one_that_is_its_own():
    guids = same, longer, other = "g" * 1_000, "g" * 1_001, "g" * 1_000 + "h"
    bodies = [feeds_of("Title", guid) for guid in guids]
    xml = {guid: read(body).entries[0].guid for guid, (body, _) in zip(guids, bodies, strict=True)}
    as_json = {
        guid: read(body).entries[0].guid for guid, (_, body) in zip(guids, bodies, strict=True)
    }
    assert xml == as_json
    assert xml[same] == same
    assert len({xml[longer], xml[other]}) == 2
    assert max(len(xml[longer]), len(xml[other])) == 64


def test_the_title_of_a_feed_is_kept_short():
    for body in feeds_of("Very long title " * 1_000, "1"):
        title = read(body).title
        assert title.startswith("Very long title Very")
        assert title.endswith("…")
        assert 180 < len(title) <= 200
    for body in feeds_of("Short title", "1"):
        assert read(body).title == "Short title"


def test_relative_guids_and_links_stay_as_published():
    entry = read(rss("T", {"guid": "123", "link": "/a?b=1&c=2"})).entries[0]
    assert (entry.guid, entry.link, entry.base) == ("123", "/a?b=1&c=2", None)


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("ann@example.org (Ann Roe)", ("Ann Roe",)),
        ("ann@example.org", ("ann@example.org",)),
        ("Ann Roe and Bo Li", ("Ann Roe and Bo Li",)),
        ("", ()),
    ],
)
def test_authors_are_named(author, names):
    body = f"<rss><channel><item><author>{author}</author></item></channel></rss>"
    assert read(body.encode()).entries[0].authors == names


@pytest.mark.parametrize(
    ("size", "expected"), [("640", 640), ("640px", 640), ("0", None), ("9" * 5000, None)]
)
def test_implausible_sizes_are_unknown(size, expected):
    body = f"""<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item>
    <media:content url="a.jpg" width="{size}"/></item></channel></rss>"""
    assert read(body.encode()).entries[0].images == (Image("a.jpg", expected),)


def test_only_the_newest_entries_are_kept_in_the_order_of_the_document():
    dates = ["2026-02-01", "2026-02-03", "", "2026-02-02", "2026-02-04"]
    body = "".join(f"<item><title>{day}</title><pubDate>{day}</pubDate></item>" for day in dates)
    for end in ("</channel></rss>", "<x>&</channel></rss>"):
        document = read(f"<rss><channel>{body}{end}".encode(), max_entries=2)
        assert [entry.title.value for entry in document.entries] == ["2026-02-03", "2026-02-04"]
        assert document.total == 5


def test_only_the_newest_items_of_a_json_feed_are_kept():
    items = [{"id": day, "date_published": f"2026-02-0{day}"} for day in (1, 3, 2)]
    document = read(json.dumps({"items": items}).encode(), max_entries=2)
    assert [entry.guid for entry in document.entries] == ["3", "2"]


def test_a_feed_that_cannot_be_joined_to_its_address_is_still_read():
    body = b'<rss><channel><link>http://[broken</link><item xml:base="http://[x"/></channel></rss>'
    document = read(body)
    assert (document.site_url, document.total) == (None, 1)
    document = read(b'{"home_page_url": "http://[broken", "items": []}')
    assert document.site_url is None


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        (b"<rss><channel><item><guid>1</guid></item></channel></rss>", True),
        (b"<rss><channel><item><guid>1</guid></item></channel></rss >\n<!-- served -->", True),
        (b"<rss/>", True),
        (b"<rss version='2.0' />", True),
        (b"<rss><channel><item><guid>1</guid></item></channel>", False),
        (b"<rss><channel><item><guid>1</guid></item><item><guid>2</gu", False),
        (b"<rss><channel></channel></rss", False),
        (b"<rdf:RDF><item><title>1</title></item></rdf:RDF>", True),
        (b"<rdf:RDF><item><title>1</title></item>", False),
        (b"<feed><entry><id>1</id><feedburner:origLink>x</feedburner:origLink>", False),
        (b"<feed><entry><id>1</id></entry></feedx></feed>", True),
        (b'{"items": []}', True),
    ],
)
def test_a_document_that_was_cut_off_is_not_complete(body, complete):
    assert read(body).complete is complete


def test_a_document_of_known_entries_is_not_complete_either_where_it_is_cut_off():
    whole = rss("Feed", {"guid": "1", "title": "One"}, {"guid": "2", "title": "Two"})
    known = read(whole).present
    assert read(whole, known=known).complete
    assert not read(whole.partition(b"</channel>")[0], known=known).complete
