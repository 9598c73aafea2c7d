"""Which tags an article gets, from whom and why."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import text
from aggregator.model import Article, Rule, Sighting, Subscription, Tag, Tagging
from aggregator.tags import MAX_FEED_TAGS, MAX_TAGS, Tagger, split_categories
from tests.support.pace import usual_seconds

NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)
JNS = Sighting("https://jns.example/feed", "JNS", "1")
WIRE = Sighting("https://wire.example/feed", None, "2")


def article(title: str = "", body: str = "", *sightings: Sighting) -> Article:
    return Article("id", None, title, "", "", body, NOW, NOW, sightings=sightings, language="en")


def carrying(*categories: str, sighting: Sighting = JNS) -> Article:
    return article("", "", replace(sighting, categories=categories))


def tagger(*subscriptions: Subscription, **tagging: object) -> Tagger:
    return Tagger(Tagging(**tagging), subscriptions, timezone=ZoneInfo("UTC"))  # type: ignore[arg-type]


def summary(tags: tuple[Tag, ...]) -> list[tuple[str, str]]:
    return [(tag.label, tag.source) for tag in tags]


# --- categories ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        "10/7 Hamas Massacres",
        "ISRAEL - IRAN WAR",
        '"Iron Swords" - War in Gaza',
        "Trump against Harris 2024 US 2024 Elections",
        "Trump, Donald J",
        "Washington, D.C.",
        "Conflict, Peace and Security",
        "Far East, South and Southeast Asia and Pacific Areas",
        "Congo, Democratic Republic of (Congo-Kinshasa)",
        "C++",
        "C#",
        "AT&T",
        "U.S.",
        "News/World",
        "COVID-19",
        "5G",
        "arXiv: physics",
        "מלחמת חרבות ברזל",
        "日本",
    ],
)
def test_a_label_is_kept_whole(label: str) -> None:
    assert split_categories(label) == (label,)


@pytest.mark.parametrize(
    ("category", "labels"),
    [
        ("a, b; c", ("a", "b", "c")),
        ("life, writing", ("life", "writing")),
        ("Iran, Israel, Lebanon", ("Iran", "Israel", "Lebanon")),
        ("Washington, D.C.; Paris, France", ("Washington, D.C.", "Paris, France")),
        ("Iran | War", ("Iran", "War")),
        ("News > World > Asia", ("News", "World", "Asia")),
        ("政治、経済", ("政治", "経済")),
        ("Food &amp; Drink", ("Food & Drink",)),
        ("Tom &amp;amp; Jerry", ("Tom & Jerry",)),
        ("#SmellLiterature", ("SmellLiterature",)),
        ("<b>Bold</b>", ("Bold",)),
        ("Раздел Новости/", ("Раздел Новости",)),
        ("  Middle \n East ", ("Middle East",)),
        ("Iran; IRAN; iran", ("Iran",)),
        ("C# ; #c#", ("C#",)),
    ],
)
def test_a_category_becomes_clean_labels(category: str, labels: tuple[str, ...]) -> None:
    assert split_categories(category) == labels


@pytest.mark.parametrize(
    "category",
    [
        "",
        " ; , ",
        "###",
        "2026",
        "1,234.5",
        "2026-02-17",
        "550e8400-e29b-41d4-a716-446655440000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "http://schemas.google.com/blogger/2008/kind#post",
        "www.example.org/news",
        "arXiv:2507.20190v2",
        "x" * 81,
        "An editor has pasted the first sentence of the story here, and that is much"
        " too long for a label",
    ],
)
def test_what_says_nothing_is_no_label(category: str) -> None:
    assert split_categories(category) == ()


@given(st.text(max_size=200))
def test_labels_are_never_empty_long_or_doubled(category: str) -> None:
    labels = split_categories(category)
    assert all(label == label.strip() and 1 <= len(label) <= 80 for label in labels)
    slugs = [text.slug(label) for label in labels]
    assert len(set(slugs)) == len(slugs)


@given(st.text(alphabet="ab ,;|>&<#/", max_size=300))
def test_splitting_again_splits_no_further(category: str) -> None:
    labels = split_categories(category)
    assert all(len(split_categories(label)) <= 1 for label in labels)


@pytest.mark.parametrize("filler", ["a, ", "&amp;", "<b>", "> ", "0", "#"])
def test_a_huge_category_costs_no_time(filler: str) -> None:
    assert usual_seconds(lambda: split_categories(filler * 500_000)) < 0.5


# --- sources ------------------------------------------------------------------------------------


def test_categories_of_every_sighting_name_their_feed() -> None:
    tags = tagger().tags(
        article(
            "",
            "",
            replace(JNS, categories=("ISRAEL - IRAN WAR", "Iran")),
            replace(WIRE, categories=("iran", "Oil")),
        ),
        now=NOW,
    )
    assert tags == (
        Tag("israel-iran-war", "ISRAEL - IRAN WAR", "feed", 'category "ISRAEL - IRAN WAR" of JNS'),
        Tag("iran", "Iran", "feed", 'category "Iran" of JNS'),
        Tag("oil", "Oil", "feed", 'category "Oil" of wire.example'),
    )


def test_a_subscription_gives_its_tags_and_says_so() -> None:
    subscription = Subscription(
        JNS.feed_url, title="Syndicate", groups=("World", "Israel"), tags=("World", "Israel")
    )
    tags = tagger(subscription).tags(carrying("israel"), now=NOW)
    assert tags == (
        Tag("world", "World", "subscription", "feeds.yaml: Syndicate, group World > Israel"),
        Tag("israel", "Israel", "subscription", "feeds.yaml: Syndicate, group World > Israel"),
    )


def test_a_rule_gives_its_tag_and_names_its_query() -> None:
    given_tagger = tagger(rules=(Rule("Iran", "tehran OR iranian"), Rule("Oil", "barrel")))
    tags = given_tagger.tags(article("Talks in Tehran", "Nothing else."), now=NOW)
    assert tags == (Tag("iran", "Iran", "rule", "rule: tehran OR iranian (“tehran” in the title)"),)


def test_a_rule_sees_feed_tags_their_parents_and_the_rules_before_it() -> None:
    given_tagger = tagger(
        parents={"Middle East": ("Iran", "Gulf")},
        rules=(
            Rule("Too early", "tag:oil"),
            Rule("Oil", "barrel*"),
            Rule("Gulf", "tag:oil"),
            Rule("Region", 'tag:"Middle East" tag:gulf'),
            Rule("Persia", "tag:iran"),
        ),
    )
    tags = given_tagger.tags(replace(carrying("IRAN"), text="A million barrels."), now=NOW)
    assert [tag.label for tag in tags] == ["Iran", "Oil", "Gulf", "Region", "Persia", "Middle East"]


def test_the_first_source_of_a_tag_is_named() -> None:
    subscription = Subscription(JNS.feed_url, tags=("Iran",))
    given_tagger = tagger(
        subscription,
        parents={"Asia": ("Iran",), "World": ("Asia",), "Oil": ("Iran",)},
        rules=(Rule("Iran", "tehran"), Rule("War", "tehran"), Rule("World", "tehran")),
    )
    tags = given_tagger.tags(replace(carrying("Iran", "War", "Oil"), title="Tehran"), now=NOW)
    assert summary(tags) == [
        ("Iran", "subscription"),
        ("War", "feed"),
        ("Oil", "feed"),
        ("World", "rule"),
        ("Asia", "parent"),
    ]


def test_parents_of_parents_name_the_child_that_brings_them() -> None:
    given_tagger = tagger(parents={"World": ("Middle East",), "Middle East": ("Iran",)})
    assert given_tagger.tags(carrying("iran"), now=NOW)[1:] == (
        Tag("middle-east", "Middle East", "parent", "parent of Iran"),
        Tag("world", "World", "parent", "parent of Middle East"),
    )


def test_parents_in_a_circle_end() -> None:
    given_tagger = tagger(parents={"A": ("B", "A"), "B": ("A",)})
    assert [tag.label for tag in given_tagger.tags(carrying("b"), now=NOW)] == ["B", "A"]


def test_tags_from_the_article_page_stay() -> None:
    page = Tag("opec", "OPEC", "page", "keywords of the page")
    stale = Tag("old", "Old", "feed", "an earlier poll")
    tags = tagger().tags(replace(carrying("Oil"), tags=(page, stale)), now=NOW)
    assert summary(tags) == [("Oil", "feed"), ("OPEC", "page")]


# --- the user's words ---------------------------------------------------------------------------


def test_aliases_in_any_spelling_become_the_canonical_label() -> None:
    given_tagger = tagger(aliases={"USA": ("U.S.", "United States", "America")})
    for spelling in ("U.S.", "us", "UNITED STATES", "united-states", "america", "Usa"):
        (tag,) = given_tagger.tags(carrying(spelling), now=NOW)
        assert (tag.slug, tag.label) == ("usa", "USA")
        assert given_tagger.slug(spelling) == "usa"


def test_aliases_reach_parents_rules_and_subscriptions() -> None:
    given_tagger = tagger(
        Subscription(JNS.feed_url, tags=("America",)),
        aliases={"USA": ("America",)},
        parents={"Americas": ("America",)},
        rules=(Rule("Seen", "tag:america"), Rule("America", "congress")),
    )
    tags = given_tagger.tags(replace(carrying(), title="Congress"), now=NOW)
    assert summary(tags) == [("USA", "subscription"), ("Seen", "rule"), ("Americas", "parent")]


def test_ignored_categories_are_dropped_but_the_users_own_tags_are_not() -> None:
    given_tagger = tagger(
        Subscription(WIRE.feed_url, tags=("News",)),
        aliases={"Miscellaneous": ("Misc",)},
        ignore=("news", "miscellaneous", "general"),
    )
    assert given_tagger.tags(carrying("NEWS", "misc", "General", "Iran"), now=NOW) == (
        Tag("iran", "Iran", "feed", 'category "Iran" of JNS'),
    )
    assert summary(given_tagger.tags(carrying("News", sighting=WIRE), now=NOW)) == [
        ("News", "subscription")
    ]


def test_an_ignored_alias_does_not_ignore_its_canonical_label() -> None:
    given_tagger = tagger(aliases={"Technology": ("Tech",)}, ignore=("top",))
    assert summary(given_tagger.tags(carrying("tech", "top"), now=NOW)) == [("Technology", "feed")]


def test_labels_aliases_and_parents_can_be_looked_up() -> None:
    given_tagger = tagger(
        Subscription(JNS.feed_url, tags=("Newspapers",)),
        aliases={"USA": ("U.S.", "America")},
        parents={"World": ("USA", "Asia"), "The West": ("America",)},
        rules=(Rule("AI", "robot"),),
    )
    assert [given_tagger.label(slug) for slug in ("usa", "asia", "ai", "newspapers", "xyz")] == [
        "USA",
        "Asia",
        "AI",
        "Newspapers",
        "xyz",
    ]
    assert dict(given_tagger.aliases) == {"usa": ("U.S.", "America")}
    assert dict(given_tagger.parents) == {"usa": ("World", "The West"), "asia": ("World",)}


def test_days_in_rules_move_with_the_clock() -> None:
    given_tagger = Tagger(
        Tagging(rules=(Rule("Today", "date:1d"),)), (), timezone=ZoneInfo("Asia/Tokyo")
    )
    written = replace(article("x"), date=datetime(2026, 2, 17, 14, 30, tzinfo=UTC))
    before = datetime(2026, 2, 17, 14, 59, tzinfo=UTC)
    after = datetime(2026, 2, 17, 15, 1, tzinfo=UTC)
    assert summary(given_tagger.tags(written, now=before)) == [("Today", "rule")]
    assert given_tagger.tags(written, now=after) == ()
    assert summary(given_tagger.tags(written, now=before)) == [("Today", "rule")]


# --- bounds and laws ----------------------------------------------------------------------------


def test_categories_leave_room_for_what_the_user_asks_for() -> None:
    given_tagger = tagger(rules=tuple(Rule(f"Rule {n}", "word") for n in range(60)))
    tags = given_tagger.tags(
        replace(carrying(*(f"Category {n}" for n in range(500))), title="word"), now=NOW
    )
    assert len(tags) == MAX_TAGS
    assert [tag.source for tag in tags].count("feed") == MAX_FEED_TAGS


LABELS = st.sampled_from(["Iran", "IRAN", "Middle East", "U.S.", "US", "America", "Oil", "a;b"])
TAGGINGS = st.builds(
    Tagging,
    aliases=st.dictionaries(LABELS, st.tuples(LABELS), max_size=3),
    parents=st.dictionaries(LABELS, st.tuples(LABELS, LABELS), max_size=4),
    ignore=st.lists(LABELS.map(text.slug), max_size=2).map(tuple),
    rules=st.lists(
        st.builds(Rule, LABELS, st.sampled_from(["oil", "tag:iran", "-tag:oil", 'tag:"U.S."'])),
        max_size=3,
    ).map(tuple),
)


@given(TAGGINGS, st.lists(LABELS, max_size=6), st.lists(LABELS, max_size=3))
def test_tags_are_unique_explained_and_equal_every_time(
    tagging: Tagging, categories: list[str], own: list[str]
) -> None:
    subscriptions = [Subscription(JNS.feed_url, tags=tuple(own))]
    one = replace(carrying(*categories), title="Oil")
    first = Tagger(tagging, subscriptions, timezone=ZoneInfo("UTC")).tags(one, now=NOW)
    again = Tagger(tagging, subscriptions, timezone=ZoneInfo("UTC"))
    assert first == again.tags(one, now=NOW)
    assert first == again.tags(replace(one, tags=first), now=NOW)
    slugs = [tag.slug for tag in first]
    assert len(set(slugs)) == len(slugs) <= MAX_TAGS
    assert all(tag.why and tag.label for tag in first)
    order = ["subscription", "feed", "rule", "parent"]
    sources = [order.index(tag.source) for tag in first]
    assert sources == sorted(sources)


def test_a_hundred_rules_on_a_long_article_take_milliseconds() -> None:
    rules = tuple(Rule(f"Tag {n}", f'word{n} OR "phrase {n}" OR title:pre{n}') for n in range(100))
    given_tagger = tagger(rules=rules)
    long = article("A title", " ".join(f"word{n % 300} phrase" for n in range(300)))
    assert len(given_tagger.tags(long, now=NOW)) == MAX_TAGS
    assert usual_seconds(lambda: [given_tagger.tags(long, now=NOW) for _ in range(20)]) < 0.2


def test_a_label_stands_for_its_aliases_and_all_that_is_below_it():
    tagging = Tagging(
        aliases={"USA": ("America", "U.S.")},
        parents={"World": ("Americas",), "Americas": ("USA", "Peru"), "Peru": ("World",)},
    )
    tagger = Tagger(tagging, (), timezone=ZoneInfo("UTC"))
    assert tagger.slugs("america")[0] == "usa"
    assert set(tagger.slugs("America")) == {"usa", "america", text.slug("U.S.")}
    assert set(tagger.slugs("Americas")) >= {"americas", "usa", "peru", "america", "world"}
    assert tagger.slugs("Opera") == ("opera",)
