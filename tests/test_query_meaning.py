"""What a query means: bound to days and tags, and matched with one article in memory."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator import query, text
from aggregator.model import Article, Comments, Enclosure, Sighting, Tag
from aggregator.query import All, And, Dates, Exact, Not, Or, Text

NOW = datetime(2026, 2, 17, 21, 30, tzinfo=UTC)
JERUSALEM = ZoneInfo("Asia/Jerusalem")
ARTICLE = Article(
    id="k3jd",
    url="https://news.example.co.uk/world/1",
    title="Iran’s talks in Geneva: U.S. and COVID-19",
    summary="Delegations met on Tuesday.",
    content_html="<p>Negotiators of both countries met in the city. A second round follows.</p>",
    text="Negotiators of both countries met in the city. A second round follows.",
    date=datetime(2026, 2, 17, 12, tzinfo=UTC),
    first_seen=datetime(2026, 2, 17, 13, tzinfo=UTC),
    authors=("Jane Doe", "Max Müller"),
    language="en-GB",
    image="https://news.example.co.uk/1.jpg",
    words=12,
    sightings=(
        Sighting("https://feeds.example.co.uk/world.xml", "Example World", "1"),
        Sighting("https://planet.example.org/rss?a=1", "Planet Daily", "x"),
    ),
    tags=(Tag("middle-east", "Middle East", "subscription", "the feed's group"),),
    story="s1",
)
RECORD = query.record(ARTICLE)


def bound(written, now=NOW, timezone=JERUSALEM, **options):
    return query.bind(query.parse(written), now=now, timezone=timezone, **options)


def means(written, record=RECORD):
    return query.matches(bound(written), record)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "iran",
        "IRAN geneva",
        "negotiator",
        "country",
        "delegations",
        "delegations negotiators",
        '"both countries"',
        '"met on tuesday"',
        "U.S.",
        "covid-19",
        "covid19",
        "negot*",
        "iran OR iraq",
        "-iraq",
        "iran -iraq",
        "-(iran iraq)",
        "title:iran",
        'title:"talks in geneva"',
        "title:gen*",
        "author:jane",
        'author:"jane doe"',
        "author:mueller",
        'feed:"example world"',
        "feed:planet",
        "feed:https://feeds.example.co.uk/world.xml",
        "feed:http://feeds.example.co.uk/world.xml",
        "feed:feeds.example.co.uk/world.xml",
        "feed:feeds.example.co.uk",
        "feed:www.example.co.uk",
        "feed:example.org",
        "feed:https://planet.example.org/rss?a=1",
        'tag:"Middle East"',
        "tag:middle-east",
        "tag:MIDDLE-EAST",
        "language:en",
        "language:en-US",
        "site:example.co.uk",
        "site:news.example.co.uk",
        "story:s1",
        "has:image",
        "has:author",
        "has:summary",
        "has:story",
        "-has:comments",
        "-has:enclosure",
        "-is:starred",
        "words:12",
        "words:>11",
        "words:<=12",
        "words:10..20",
        "date:2026-02-17",
        "date:2026-02",
        "date:2026",
        "date:today",
        "date:7d",
        "date:12h",
        "after:2026-02-17",
        "before:2026-02-18",
        "date:2026-02-01..2026-02-17",
    ],
)
def test_a_query_means_the_article(written):
    assert means(written)


@pytest.mark.parametrize(
    "written",
    [
        "iraq",
        "iran iraq",
        '"countries both"',
        '"geneva negotiators"',
        '"tuesday negotiators"',
        '"iran negotiators"',
        "-iran",
        "title:negotiators",
        "title:negot*",
        "negotiation*",
        "author:iran",
        '"jane doe"',
        'author:"doe max"',
        'feed:"world planet"',
        "feed:ample.org",
        "feed:other.example.org",
        "tag:middle",
        "language:fr",
        "site:ample.co.uk",
        "site:other.example.co.uk",
        "story:s2",
        "has:comments",
        "is:starred",
        "words:>12",
        "words:<12",
        "date:2026-02-18",
        "date:yesterday",
        "date:1h",
        "after:2026-02-18",
        "before:2026-02-17",
        "before:today",
        "date:>2026-02-17",
        "date:..2026-02-16",
    ],
)
def test_a_query_does_not_mean_the_article(written):
    assert not means(written)


def test_a_record_knows_what_an_article_has():
    rich = replace(
        ARTICLE,
        enclosures=(Enclosure("https://example.org/a.mp3"),),
        comments=Comments(count=3),
        starred=True,
    )
    assert query.record(rich).has == {
        "image", "enclosure", "comments", "author", "summary", "story",
    }  # fmt: skip
    assert means("is:starred has:comment has:enclosures", query.record(rich))
    bare = replace(ARTICLE, image=None, authors=(), summary="", story=None)
    assert query.record(bare).has == frozenset()


def test_an_article_without_a_link_belongs_to_the_sites_of_its_feeds():
    assert means("site:example.org", query.record(replace(ARTICLE, url=None)))


def test_a_summary_that_the_text_repeats_is_not_counted_twice():
    repeated = replace(ARTICLE, summary="Negotiators of both\ncountries met …")
    assert len(query.record(repeated).positions("body")) == len(text.terms(ARTICLE.text, "en"))


def test_an_article_in_no_known_language_is_found_by_its_words():
    unknown = query.record(replace(ARTICLE, language=None))
    assert unknown.languages == frozenset()
    assert means("negotiators", unknown)
    assert not means("negotiator", unknown)


def test_equal_articles_have_equal_records_whatever_was_asked_of_them():
    means("iran", RECORD)
    assert query.record(ARTICLE) == RECORD


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("date:2026-02-17", (2026, 2, 16, 22), (2026, 2, 17, 22)),
        ("date:today", (2026, 2, 16, 22), (2026, 2, 17, 22)),
        ("date:Yesterday", (2026, 2, 15, 22), (2026, 2, 16, 22)),
        ("date:1d", (2026, 2, 16, 22), (2026, 2, 17, 22)),
        ("date:7d", (2026, 2, 10, 22), (2026, 2, 17, 22)),
        ("date:2w", (2026, 2, 3, 22), (2026, 2, 17, 22)),
        ("date:2026-02", (2026, 1, 31, 22), (2026, 2, 28, 22)),
        ("date:2026-12", (2026, 11, 30, 22), (2026, 12, 31, 22)),
        ("date:2026", (2025, 12, 31, 22), (2026, 12, 31, 22)),
        ("date:2026/2/7", (2026, 2, 6, 22), (2026, 2, 7, 22)),
        ("after:2026-02-01", (2026, 1, 31, 22), None),
        ("after:7d", (2026, 2, 10, 22), None),
        ("before:2026-03-01", None, (2026, 2, 28, 22)),
        ("before:7d", None, (2026, 2, 10, 22)),
        ("date:>2026-02", (2026, 2, 28, 22), None),
        ("date:>=2026-02", (2026, 1, 31, 22), None),
        ("date:<2026-02", None, (2026, 1, 31, 22)),
        ("date:<=2026-02", None, (2026, 2, 28, 22)),
        ("date:=2026-02-17", (2026, 2, 16, 22), (2026, 2, 17, 22)),
        ("date:2026-02-01..2026-02-03", (2026, 1, 31, 22), (2026, 2, 3, 22)),
        ("date:2026-02-03..2026-02-01", (2026, 1, 31, 22), (2026, 2, 3, 22)),
        ("date:2026-02-01..", (2026, 1, 31, 22), None),
        ("date:..2026-02-01", None, (2026, 2, 1, 22)),
        ("date:2026-03-27", (2026, 3, 26, 22), (2026, 3, 27, 21)),
    ],
)
def test_days_are_cut_at_midnight_in_the_time_zone(written, since, until):
    dates = bound(written)
    assert dates.since == (since and datetime(*since, tzinfo=UTC))
    assert dates.until == (until and datetime(*until, tzinfo=UTC))
    assert str(dates) == written


def test_today_is_the_local_day():
    late = datetime(2026, 2, 17, 22, 30, tzinfo=UTC)
    assert bound("date:today", late).since == datetime(2026, 2, 17, 22, tzinfo=UTC)


def test_hours_are_counted_from_now():
    assert bound("after:12h").since == datetime(2026, 2, 17, 9, 30, tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_begins_with_its_first_instant():
    day = bound("date:2024-04-26", timezone=ZoneInfo("Africa/Cairo"))
    assert day.since == datetime(2024, 4, 25, 22, tzinfo=UTC)
    assert day.until == datetime(2024, 4, 26, 21, tzinfo=UTC)


def test_a_day_whose_midnight_comes_twice_begins_with_the_first():
    day = bound("date:2025-11-02", timezone=ZoneInfo("America/Havana"))
    assert day.since == datetime(2025, 11, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize("written", ["date:999999999d", "after:999999999w", "date:999999999h"])
def test_days_before_all_news_are_bound_like_others(written):
    assert means(written)


def test_tags_are_bound_to_slugs_by_whoever_knows_the_aliases():
    aliases = {"USA": "united-states"}
    tree = bound(
        'tag:USA -(tag:x OR tag:"Y z")', tag_slugs=lambda tag: [aliases.get(tag, tag.lower())]
    )
    denied = Not(Or((Exact("tag", "x"), Exact("tag", "y z"))))
    assert tree == And((Exact("tag", "united-states"), denied))


def test_a_tag_that_stands_for_several_means_any_of_them():
    tree = bound("tag:usa moon", tag_slugs=lambda tag: (tag, "america"))
    either = Or((Exact("tag", "usa"), Exact("tag", "america")))
    assert tree == And((either, Text("moon")))


def test_dates_given_as_instants_are_bound_already():
    dates = Dates(NOW, None)
    assert query.bind(dates, now=NOW, timezone=JERUSALEM) == dates


def test_a_hyphenated_word_finds_the_joined_one_and_is_found_by_it():
    joined = query.record(replace(ARTICLE, title="covid19"))
    assert means("covid-19", joined)
    assert means("-covid-18 covid19", joined)
    assert means("title:covid-19", joined)
    assert not means("author:covid-19", joined)


def test_highlights_are_the_words_looked_for_in_title_and_body():
    tree = bound('iran "met in" title:日本 negot* -iraq author:jane tag:x (a OR -b)')
    shown = [[min(terms) for terms in sequence] for sequence in query.highlights(tree)]
    assert shown == [["iran"], ["met", "in"], ["日本", "本"], ["negot*"], ["a"]]


def test_a_position_answers_to_a_term_and_to_a_prefix_of_its_surfaces():
    assert query.answers(("met", "met~en"), frozenset({"met~en"}))
    assert query.answers(("negotiators", "negoti~en"), frozenset({"negot*"}))
    assert not query.answers(("x", "negoti~en"), frozenset({"negot*"}))
    assert not query.answers((), frozenset({"a"}))


def test_words_that_fold_to_nothing_stand_nowhere():
    assert not query.matches(Text("***"), RECORD)
    assert not query.matches(Text("***", prefix=True), RECORD)
    assert query.highlights(Or((Text("***"), Text("***", prefix=True)))) == []


LEAVES = """iran iraq negot* title:geneva tag:middle-east has:image is:starred words:>3 date:today
    language:fr covid-19 author:doe"""
leaves = st.sampled_from([*LEAVES.split(), '"both countries"']).map(query.parse)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=6,
)


def holds(tree):
    return query.matches(query.bind(tree, now=NOW, timezone=JERUSALEM), RECORD)


@given(trees, trees)
@example(All(), Text("iraq"))
def test_the_laws_of_logic_hold(one, other):
    assert holds(Not(Not(one))) == holds(one)
    assert holds(Not(And((one, other)))) == holds(Or((Not(one), Not(other))))
    assert holds(Not(Or((one, other)))) == holds(And((Not(one), Not(other))))
    assert holds(And((one, All()))) == holds(one)


@given(trees)
def test_a_tree_printed_and_read_again_means_the_same(tree):
    assert holds(query.parse(str(tree))) == holds(tree)
