"""Atom and JSON Feed: valid by their specifications, read back by a feed reader."""

import io
import json
import warnings
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Enclosure
from aggregator.outputs.feeds import (
    Channel,
    article_items,
    atom,
    edition_channel,
    json_feed,
    story_items,
    urn,
)
from tests.support.editions import (
    CHIPS,
    DAY,
    HOSTILE,
    LONG_WORD,
    NOON,
    article,
    dated,
    edition,
    paper,
    report,
    story,
)
from tests.support.feedrules import problems_of_atom, problems_of_json_feed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import feedparser

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def channel() -> Channel:
    return edition_channel(
        "Morning papers", [paper()[1]], "https://a.example/", "https://a.example/f"
    )


def hostile() -> Channel:
    links = ((HOSTILE, "javascript:x"), (LONG_WORD, 'https://a.example/"<>'))
    stories = [replace(story(text, text, (text,)), url=url) for text, url in links]
    nobody = article(HOSTILE, url=None, authors=("", " ", "\x00"), language="no tag")
    items = (*story_items([edition(CHIPS, stories)]), *article_items([nobody]))
    return Channel("k", HOSTILE, HOSTILE, items)


CHANNELS = [channel, hostile, lambda: edition_channel("Paper", [])]


def texts(tree: Element, path: str) -> list[str | None]:
    return [element.text for element in tree.iterfind(path, ATOM)]


@pytest.mark.parametrize("make", CHANNELS)
def test_feeds_keep_the_rules_of_their_specifications(make: Any) -> None:
    made = make()
    assert problems_of_atom(atom(made)) == []
    assert problems_of_json_feed(json_feed(made)) == []
    tree, document = fromstring(atom(made)), json.loads(json_feed(made))
    assert len(tree.findall("a:entry", ATOM)) == len(document["items"]) == len(made.items)
    assert all(name.startswith("urn:uuid:") for name in texts(tree, ".//a:id") if name)


def test_the_rules_are_rules() -> None:
    """A checker that finds nothing wrong anywhere would prove nothing."""
    told = replace(channel(), home="index.html", location="feed.json")
    named = replace(told.items[0], id="", url="/x", language="no tag", authors=(" ",))
    broken = replace(told, items=(named, named, *told.items))
    for word in ("index.html", "feed.json", "one id", "'/x'", "'no tag'", "not absolute", "name"):
        assert any(word in each for each in problems_of_atom(atom(broken))), word
    for word in ("index.html", "feed.json", "unique", "'/x'", "'no tag'", "nobody"):
        assert any(word in each for each in problems_of_json_feed(json_feed(broken))), word


def test_a_feed_reader_reads_atom_back() -> None:
    read = feedparser.parse(io.BytesIO(atom(channel())))
    assert not read.bozo
    assert read.feed.title == "Morning papers: Middle East"
    assert read.feed.link == "https://a.example/"
    first = read.entries[0]
    told = paper()[1].stories[0]
    assert (first.title, first.link, first.updated) == (
        told.title,
        told.url,
        "2026-02-17T11:00:00Z",
    )
    assert [tag.label for tag in first.tags] == [label for _, label in told.tags]
    assert [author.name for author in first.authors] == list(told.sources)
    assert "Crossings reopen to a queue" in first.content[0].value
    hebrew = next(entry for entry in read.entries if "האוצר" in entry.title)
    assert hebrew.title_detail.language == "he"
    assert 'dir="rtl"' in atom(channel()).decode()


def test_atom_keeps_markup_of_titles_as_text() -> None:
    read = feedparser.parse(io.BytesIO(atom(hostile())))
    assert not read.bozo
    assert fromstring(atom(hostile())).find("a:title", ATOM).text.startswith("</title><script>")  # type: ignore[union-attr]
    assert all("<script" not in entry.content[0].value for entry in read.entries)


def test_enclosures_come_with_type_and_length() -> None:
    made = article(
        enclosures=(
            Enclosure("https://a.example/a.mp3", "audio/mpeg", 9),
            Enclosure("https://a.example/b"),
            Enclosure("ftp://a.example/c"),
        )
    )
    made_channel = Channel("tag:science", "Science", "Paper", article_items([made]))
    files = feedparser.parse(io.BytesIO(atom(made_channel))).entries[0].enclosures
    assert [file.href for file in files] == ["https://a.example/a.mp3", "https://a.example/b"]
    assert (files[0].type, files[0].length) == ("audio/mpeg", "9")
    attachments = json.loads(json_feed(made_channel))["items"][0]["attachments"]
    assert attachments[1] == {
        "url": "https://a.example/b", "mime_type": "application/octet-stream",
    }  # fmt: skip


def test_a_story_of_several_days_is_one_entry_as_it_was_told_last() -> None:
    told = story("Told twice", "", ("Radio Nord",))
    later = replace(told, title="Told again", reports=(
        replace(told.reports[0], date=NOON + timedelta(days=1)), *told.reports,
    ))  # fmt: skip
    days = [edition(CHIPS, [later], day=DAY + timedelta(1)), edition(CHIPS, [told])]
    (item,) = story_items(days)
    assert item.title == "Told again"
    assert (item.published, item.updated) == (NOON, NOON + timedelta(days=1))


def test_ids_and_bytes_depend_on_nothing_but_the_items() -> None:
    assert atom(channel()) == atom(channel())
    assert json_feed(channel()) == json_feed(channel())
    moved = replace(channel(), home="https://b.example/", location=None)
    assert texts(fromstring(atom(moved)), ".//a:id") == texts(
        fromstring(atom(channel())), ".//a:id"
    )
    assert urn("story", "x") == "urn:uuid:b52a7cc2-cc72-50dc-b82a-ed68b67f06bb"


def test_a_feed_that_does_not_know_its_address_names_none() -> None:
    homeless = edition_channel("Paper", [paper()[1]])
    assert {"home_page_url", "feed_url"}.isdisjoint(json.loads(json_feed(homeless)))
    assert fromstring(atom(homeless)).findall("a:link", ATOM) == []
    known = json.loads(json_feed(channel()))
    assert (known["home_page_url"], known["feed_url"]) == (
        "https://a.example/",
        "https://a.example/f",
    )
    links = {
        e.get("rel"): e.get("href") for e in fromstring(atom(channel())).iterfind("a:link", ATOM)
    }
    assert links == {"alternate": "https://a.example/", "self": "https://a.example/f"}


def test_stories_are_the_newest_first() -> None:
    days = [dated(paper()[1], DAY + timedelta(1)), paper()[1]]
    updated = [item.updated for item in story_items(days)]
    assert updated == sorted(updated, reverse=True)
    assert len(updated) == 18


def test_a_copy_says_whose_text_it_is() -> None:
    told = story("Rain", more=(report("Rain falls", "Post", origin="<dpa>"),))
    (item,) = story_items([edition(CHIPS, [told])])
    assert item.content_html.count("the text of") == 1
    assert "<cite>Post</cite> (the text of &lt;dpa&gt;)</li>" in item.content_html


def test_a_report_without_address_is_told_without_a_link() -> None:
    (item,) = story_items([edition(CHIPS, [story("Unlinked", sources=(), more=[
        report("Unlinked & free", url=None)])])])  # fmt: skip
    assert item.url is None
    assert "Unlinked &amp; free <cite>" in item.content_html


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_makes_well_formed_feeds(text: str) -> None:
    made = Channel(text, text, text, story_items([edition(CHIPS, [story(text, text, (text,))])]))
    assert fromstring(atom(made)).tag.endswith("feed")
    assert json.loads(json_feed(made))["items"]
