"""What counts of tags tell: trends that are none by chance, tags side by side, labels alike."""

import random
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import config, tags
from aggregator.model import TagCount
from aggregator.tags.trends import FALSE_ALARMS, at_least
from aggregator.text import slug
from tests.support.articles import article

QUIET = [10] * 28


def tail(share: float, successes: int, failures: int) -> float:
    total = successes + failures
    return sum(
        comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(successes, total + 1)
    )


# --- trends -------------------------------------------------------------------------------------


@given(st.floats(0.01, 0.9), st.integers(0, 40), st.integers(0, 200))
def test_the_chance_of_whole_counts_is_the_tail_of_the_binomial(share, successes, failures):
    assert at_least(share, successes, failures) == pytest.approx(
        tail(share, successes, failures), rel=1e-6, abs=1e-12
    )


@given(st.floats(0.01, 0.9), st.floats(0.1, 50), st.floats(0, 200), st.floats(0, 5))
def test_more_is_never_likelier(share, successes, failures, more):
    rarer = at_least(share, successes + more, failures)
    assert rarer <= at_least(share, successes, failures) + 1e-9


def test_a_tag_that_is_far_above_its_own_usual_share_trends():
    found = tags.trending({"quake": [1] * 28 + [12], "sport": [9] * 28 + [9]}, [10] * 28 + [21])
    assert [each.tag for each in found] == ["quake"]
    (quake,) = found
    assert (quake.today, quake.expected, quake.days[-3:]) == (12, 2.1, (1, 1, 12))
    assert quake.ratio == pytest.approx(12 / 2.1)


def test_a_new_tag_trends_and_the_least_likely_comes_first():
    days = {"new": [0] * 28 + [6], "newer": [0] * 28 + [9], "old": [3] * 29}
    assert [each.tag for each in tags.trending(days, [30] * 29)] == ["newer", "new"]


def test_what_grows_as_everything_grows_does_not_trend():
    assert tags.trending({"sport": [5] * 28 + [50]}, [*QUIET, 100]) == []


def test_two_articles_are_no_trend_and_a_young_archive_has_none():
    assert tags.trending({"quake": [0] * 28 + [2]}, [*QUIET, 10]) == []
    assert tags.trending({"quake": [0] * 28 + [9]}, [0] * 22 + [10] * 7) == []
    assert tags.trending({"quake": [0] * 28 + [9]}, [0] * 21 + [10] * 8) != []
    assert tags.trending({}, []) == []


def days_of_news(seed: int, burst: int) -> tuple[dict[str, list[int]], list[int]]:
    """Tags of unequal shares that never change; every event brings up to `burst` articles."""
    rng = random.Random(seed)
    shares = [1 / (rank + 2) for rank in range(120)]
    days: dict[str, list[int]] = {f"t{rank}": [0] * 29 for rank in range(120)}
    totals = [0] * 29
    for day in range(29):
        for tag in rng.choices(list(days), shares, k=rng.randint(60, 120)):
            articles = rng.randint(1, burst)
            days[tag][day] += articles
            totals[day] += articles
    return {tag: counts for tag, counts in days.items() if any(counts)}, totals


@pytest.mark.parametrize("burst", [1, 4])
def test_false_alarms_are_as_rare_as_promised(burst):
    runs = 120
    alarms = sum(bool(tags.trending(*days_of_news(seed, burst))) for seed in range(runs))
    assert alarms <= FALSE_ALARMS * runs


def test_tags_stand_beside_one_another_by_lift_and_not_by_number():
    neighbours = [
        ("world", "World", 40, 500),  # everywhere
        ("nuclear", "Nuclear", 20, 25),
        ("oil", "Oil", 10, 40),
        ("rare", "Rare", 2, 2),  # too few to tell
        ("sport", "Sport", 3, 90),  # less than by chance
    ]
    related = tags.related(50, neighbours, 1000)
    assert [(tag.label, tag.lift) for tag in related] == [
        ("Nuclear", 16.0),
        ("Oil", 5.0),
        ("World", 1.6),
    ]


# --- aliases ------------------------------------------------------------------------------------


def counted(*pairs: tuple[str, int]) -> list[TagCount]:
    return [TagCount(slug(label), label, number) for label, number in pairs]


def proposed(*pairs: tuple[str, int], aliases: dict[str, tuple[str, ...]] | None = None):
    known = aliases or {}
    other = {slug: canon for canon, others in known.items() for slug in others}
    return tags.proposals(
        counted(*pairs),
        canonical=lambda slug: other.get(slug, slug),
        aliases=lambda slug: known.get(slug, ()),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Election", "Elections"),
        ("e-mail", "Email"),
        ("Health Care", "Healthcare"),
        ("Human-Rights", "Human Rights"),
        ("Café", "Cafe"),
        ("Country", "Countries"),
        ("R&D", "R & D"),
        ("Research and Development", "Research Development"),
        ("Church", "Churches"),
        ("Tax", "Taxes"),
        ("US-Iran", "US Iran"),
    ],
)
def test_labels_that_look_like_one_are_proposed(one, other):
    (proposal,) = proposed((one, 9), (other, 4))
    assert (proposal.label, [each.label for each in proposal.others]) == (one, [other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("New", "News"),
        ("U", "US"),
        ("Politic", "Politics"),
        ("Iran", "Iraq"),
        ("Universe", "University"),
        ("Pari", "Paris"),
        ("C", "C++"),
    ],
)
def test_labels_that_differ_are_not(one, other):
    assert proposed((one, 9), (other, 4)) == []


def test_the_commonest_label_wins_unless_the_user_has_chosen():
    (proposal,) = proposed(("Election", 3), ("Elections", 12), ("elec-tions", 1))
    assert str(proposal) == "Elections: [Election, elec-tions]  # 12 + 3 + 1 articles"
    known = {"election": ("Vote",)}
    (proposal,) = proposed(("Election", 3), ("Elections", 12), aliases=known)
    assert str(proposal) == (
        "Election: [Vote, Elections]  # 3 + 12 articles; replaces the line of this label"
    )
    assert proposed(("Election", 3), ("Elections", 12), aliases={"election": ("elections",)}) == []


@pytest.mark.parametrize("label", ["Yes", "C++", "10:30", "#tag", "- x", "O'Neill", "日本", '"a"'])
def test_what_is_proposed_can_be_pasted(tmp_path: Path, label):
    (proposal,) = proposed((f"{label}-x", 3), (f"{label} x", 2)) or [None]
    path = tmp_path / "feeds.yaml"
    path.write_text(f"feeds: []\ntags:\n  aliases:\n    {proposal}\n", "utf-8")
    assert dict(config.load(path).tagging.aliases) == {f"{label}-x": (f"{label} x",)}


# --- suggestions --------------------------------------------------------------------------------

TOWNS = ("Arlen", "Brack", "Corrie", "Dunmore", "Ester", "Farrow", "Gant", "Holm", "Ivel", "Jura")
NEWS = [
    article(f"Council of {town} meets in {month}", f"The council met and spoke of roads in {town}.")
    for town in TOWNS
    for month in ("March", "April", "May")
]
HARBOUR = article(
    "Lighthouse keepers strike",
    "The lighthouse keepers of the coast went on strike. Their union, which speaks for lighthouse "
    "keepers, met the council. Insurance is dearer now, say those who sell insurance.",
)


def suggested(one=HARBOUR, known=(), news=NEWS):
    return tags.Background(news, known).suggestions(one)


def test_what_an_article_says_often_and_others_do_not_is_suggested():
    first, *_ = suggested()
    assert (first.tag, first.label, first.articles) == (
        "lighthouse-keepers",
        "lighthouse keepers",
        0,
    )
    assert first.why == "3 times here, in 0 of 30 articles"
    labels = {each.label.lower() for each in suggested()}
    assert not labels & {"council", "the", "met", "roads"}


def test_a_tag_of_the_archive_is_suggested_by_its_own_label():
    (insurance,) = [s for s in suggested(known=counted(("Insurance", 7))) if s.articles]
    assert (insurance.tag, insurance.label, insurance.articles) == ("insurance", "Insurance", 7)
    assert insurance.why == "2 times here, in 0 of 30 articles"


def test_nothing_is_suggested_beside_too_few_articles_or_for_an_empty_one():
    assert suggested(news=NEWS[:19]) == []
    assert suggested(article("", "")) == []


def test_suggestions_are_the_same_every_time_and_share_no_word():
    first = suggested(known=counted(("Insurance", 7), ("Strike", 2)))
    assert first == suggested(known=counted(("Insurance", 7), ("Strike", 2)))
    words = [word for each in first for word in each.label.lower().split()]
    assert len(words) == len(set(words))
