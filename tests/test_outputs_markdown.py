"""Editions as Markdown, read back by a CommonMark parser."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aggregator.outputs.markdown import escaped, markdown
from tests.support.editions import CHIPS, HOSTILE, edition, paper, report, story

PARSER = MarkdownIt("commonmark", {"html": True})
WORDS = st.text(
    st.sampled_from("ab*_`[]()<>!#+-.1&;|~\\:/") | st.characters(exclude_categories=["C", "Z"]),
    min_size=1,
)


def inline(text):
    (_, line, _) = PARSER.parse(text)
    return line.children


@given(WORDS)
@example("1. one")
@example("&amp; <b>")
@example("[a](http://b.example)")
@example("---")
@example("12) twelve")
@example("# one")
@example("===")
def test_escaped_text_is_read_as_it_was(text):
    assert [(token.type, token.content) for token in inline(escaped(text))] == [("text", text)]


@given(WORDS)
@example("C #")
@example("C ##")
def test_a_heading_is_read_as_it_was(text):
    assert [each.content for each in inline(f"## {escaped(text)}")] == [text]


@pytest.mark.parametrize(
    "text",
    ["The U.S. paid $5 (not £4)!", "A & B: 3-year low, +2%", "Storm | Daily", "3.5 per cent"],
)
def test_what_means_nothing_in_markdown_is_left_as_it_was(text):
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("see https://a.example", "see https\\://a.example"),
        ("see WWW.a.example", "see WWW\\.a.example"),
        ("write to a@b.example", "write to a\\@b.example"),
        ("~~gone~~", "\\~\\~gone\\~\\~"),
    ],
)
def test_what_github_would_read_as_markup_is_escaped_too(text, written):
    assert escaped(text) == written


def links(text):
    found = (child for token in PARSER.parse(text) for child in token.children or ())
    return [child.attrs["href"] for child in found if child.type == "link_open"]


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&z=2"),
        ("https://a.example/a b(c)>d", "https://a.example/a%20b%28c%29%3Ed"),
        ("https://a.example/\n# x", "https://a.example/%0A%23%20x".replace("%23", "#")),
    ],
)
def test_a_headline_links_to_its_report(url, href):
    told = replace(story("Plant *opens*"), url=url)
    assert href in links(markdown([edition(CHIPS, [told])]))


def test_other_addresses_are_not_linked():
    told = replace(story("Plant"), url="javascript:alert(1)", reports=())
    assert links(markdown([edition(CHIPS, [told])])) == []


def test_a_story_lists_its_sources():
    reports = (report("Plant opens", "Daily"), report("Factory", "Wire"), report("Again", "Wire"))
    text = markdown([edition(CHIPS, [replace(story("Plant opens"), reports=reports)])])
    assert "- Daily: [Plant opens]" in text
    assert text.count("- Wire: ") == 1


def test_an_edition_has_its_name_its_day_its_numbers_and_its_tags():
    lines = markdown([replace(edition(CHIPS, [story("A")]), tags=(("ai", "A.I.", 3),))]).split("\n")
    assert lines[0] == "# Chips, Tuesday, 17 February 2026"
    assert "Tags: A.I." in lines
    assert "A quiet day: nothing new.\n" in markdown([edition(CHIPS, [])])


def test_nothing_that_feeds_write_becomes_html():
    hostile = story(HOSTILE, HOSTILE, (HOSTILE,))
    tokens = PARSER.parse(markdown([edition(CHIPS, [hostile]), *paper()]))
    every = [t.type for token in tokens for t in (token, *(token.children or ()))]
    assert "link_open" in every
    assert not {"html_block", "html_inline", "image", "code_inline", "fence"} & set(every)
