"""Editions as plain text: columns, scripts, hostile words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Amendment, Brief
from aggregator.outputs import columns, plain
from aggregator.outputs.markdown import markdown
from tests.support.editions import (
    CHIPS,
    DAY,
    HOSTILE,
    LONG_WORD,
    NOON,
    OPERA,
    edition,
    paper,
    report,
    story,
)

TEXTS = st.text(st.sampled_from("ab .,-é日本語。」ü\u0301🙂 ") | st.characters(), max_size=200)


@given(TEXTS, st.integers(8, 100))
def test_no_line_is_too_wide_and_no_character_lost(text, width):
    lines = columns.wrap(text, width)
    assert all(columns.cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("a bc def", 4, ["a bc", "def"]),
        ("a bc def", 80, ["a bc def"]),
        ("", 80, []),
        ("abcdefghij", 8, ["abcdefgh", "ij"]),
        ("日本語の見出し", 10, ["日本語の見", "出し"]),
        ("AI 日本語の見出し", 10, ["AI 日本語", "の見出し"]),
        ("日本語のみ。はい", 10, ["日本語の", "み。はい"]),
        ("e\u0301te\u0301s", 8, ["e\u0301te\u0301s"]),
        ("हिन्दी ख़बरें", 10, ["हिन्दी ख़बरें"]),
    ],
)
def test_lines_break_where_a_reader_expects(text, width, lines):
    assert columns.wrap(text, width) == lines


@given(TEXTS | st.lists(TEXTS, max_size=5).map(columns.DOT.join), st.integers(8, 100))
def test_no_line_of_a_list_is_too_wide_and_no_character_lost(text, width):
    lines = columns.wrap_items(text, width)
    assert all(columns.cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("listed", "lines"),
    [
        ("A 18:40 · The Bay 19:02 · C", ["A 18:40 ·", "The Bay 19:02 ·", "C"]),
        ("A 18:40 · C 1", ["A 18:40 · C 1"]),
        ("The Observer Post 18:40 · C", ["The Observer", "Post 18:40 · C"]),
        ("", []),
    ],
)
def test_a_list_breaks_after_its_dots(listed, lines):
    assert columns.wrap_items(listed, 15) == lines


def test_an_edition_opens_with_its_name_and_day_and_ranks_its_stories():
    told = [story("Chip plant opens", "It took four years.", ("Daily", "Wire")), story("Quiet")]
    lines = plain.text([replace(edition(CHIPS, told), articles=3, sources=2)]).splitlines()
    assert lines[0] == "Chips".ljust(80 - len("Tuesday, 17 February 2026")) + (
        "Tuesday, 17 February 2026"
    )
    assert lines[1] == "─" * 80
    assert lines[2] == "2 stories from 3 reports in 2 feeds"
    assert lines[4:6] == [" 1. Chip plant opens", "    It took four years."]
    assert lines[6].startswith("    2 sources: Daily ")
    assert " 2. Quiet" in lines


def test_a_long_name_stands_above_its_day():
    topic = replace(CHIPS, name="Semiconductors, their makers and those who queue for them")
    lines = plain.text([edition(topic, [])], 60).splitlines()
    assert lines[:2] == [topic.name, "Tuesday, 17 February 2026"]


def test_the_hundredth_story_stays_in_its_columns():
    told = plain.text([edition(CHIPS, [story(f"Chip {n} " + "plant " * 20) for n in range(100)])])
    assert "\n100. Chip 99 plant" in told
    assert max(map(columns.cells, told.splitlines())) == 80


def test_an_empty_edition_says_so():
    assert "A quiet day: nothing new.\n" in plain.text([edition(CHIPS, [])])


def test_topics_without_news_are_named_together_in_the_end():
    told = plain.text([edition(None, [story("Rain")]), edition(CHIPS), edition(OPERA)])
    assert told.endswith("\n\nNothing new on Chips and Opera.\n")
    assert "quiet" not in told
    quiet = plain.text([edition(None), edition(CHIPS)])
    assert quiet.endswith("A quiet day: nothing new.\n\nNothing new on Chips.\n")
    assert plain.text([]) == ""


def test_links_and_reasons_are_given_on_request():
    told = replace(
        story("Chip plant opens"),
        url="https://a.example/1",
        why=("told by 1 source", "same words: chip"),
    )
    shown = edition(CHIPS, [told])
    assert "    https://a.example/1\n" in plain.text([shown], links=True)
    assert "a.example" not in plain.text([shown])
    assert ("note", "    - same words: chip") in list(plain.lines([shown], reasons=True))


def test_what_changed_what_came_since_and_what_else_there_is():
    told = replace(
        story("Chip plant opens"),
        later=(report("Chip plant closes", hours=-20),),
        amended=(Amendment("1", "Daily", NOON, "Plant opens"), Amendment("1", "Daily", NOON)),
    )
    named = Brief("2", "r2", "Chess is won", "https://a.example/2", "Radio Nord", 3)
    made = edition(CHIPS, [told], also=(named,), total=7)
    lines = plain.text([made]).splitlines()
    assert lines[2].startswith("7 stories")
    assert any(line.endswith("· 1 report since then") for line in lines)
    assert [line for line in lines if "was “" in line] == ["    Daily 12:00: was “Plant opens”"]
    at = lines.index("Also today")
    assert lines[at + 1] == "- Chess is won (Radio Nord +2)"
    text = markdown([made])
    assert "## Also today\n\n- [Chess is won](<https://a.example/2>) Radio Nord\n" in text
    assert "Since then:\n\n- Daily Example: [Chip plant closes]" in text
    assert "was “Plant opens”" in text


def test_what_is_not_even_named_is_counted():
    named = [Brief(f"{n}", "r", f"Named {n}.", None, "Daily", 1) for n in range(30)]
    long = edition(CHIPS, [story("Told")], also=named, total=99)
    assert "- Named 19. (Daily)\n  and 78 more stories\n" in plain.text([long])
    assert "And 78 more stories\n" in markdown([long])
    assert "more stories" not in plain.text([replace(long, also=named[:20])])


def test_many_sources_are_counted():
    told = replace(story("Plant"), reports=tuple(report("Plant", f"Paper {n}") for n in range(9)))
    assert plain.sources(told, edition(CHIPS, [told])).startswith("9 sources: Paper 0 ")
    assert plain.sources(told, edition(CHIPS, [told])).endswith(" · +4")


@pytest.mark.parametrize("width", [40, 80])
def test_whatever_feeds_write_stays_in_its_columns(width):
    hostile = [story(text, text, (text,)) for text in (HOSTILE, LONG_WORD, "")]
    shown = plain.text([edition(CHIPS, hostile), *paper()], width)
    assert all(columns.cells(line) <= width for line in shown.splitlines())
    assert "\x1b" not in shown
    assert "\x00" not in shown
    assert "Untitled" in shown
    assert DAY.strftime("%B") in shown
