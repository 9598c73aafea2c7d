"""Chains between stories, followed through what they are near to."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from aggregator.stories import Background, sketched
from aggregator.stories.chains import AFFAIR, CHAINED, FAINT, MANY, Chains, likeness
from aggregator.stories.running import Running
from aggregator.stories.ties import Link
from aggregator.stories.web import MOST_LINKS, Web
from tests.support.articles import article

RARE = Background()


def told(id: str, title: str, *, feed: str = "", hours: float = 0) -> Running:
    story = Running(id)
    story.add(sketched(article(title, "", feed=feed or id, hours=hours), RARE))
    return story


def chained(stories: list[Running], *near: str, more: Iterable[Link] = ()) -> set[str]:
    """What chains lead the first story to; `near` are pairs of letters."""
    known = {each.id: each for each in stories}
    web = Web([*(Link(one, other, 0.5) for one, other in near), *more])
    links = Chains(known, web, read_links=set, read_stories=set).follow({stories[0].id: ()})
    assert all(link.is_chained for link in links)
    return {link.other for link in links if link.story == stories[0].id}


def test_two_stories_near_to_a_third_are_chained_if_they_are_a_little_alike():
    first = told("a", "Dockers shut quays of Ribe harbour")
    third = told("c", "Harbour gulls feed on waste grain spilled from silos")
    assert CHAINED <= likeness(first, third) < 0.24

    assert chained([first, told("b", "Grain"), third], "ab", "bc") == {"c"}
    assert chained([first, told("b", "Grain"), told("c", "Gulls")], "ab", "bc") == set()


def test_titles_of_other_countries_are_not_chained_by_a_third():
    first = told("a", "Dockers shut harbours of Peru")
    third = told("c", "Dockers open harbours of Norway to all grain ships that wait")
    assert likeness(first, third) >= CHAINED

    assert chained([first, told("b", "Grain"), third], "ab", "bc") == set()


@pytest.mark.parametrize("many", [MANY - 1, MANY])
def test_what_many_of_an_affair_lead_to_is_of_it_though_faintly_alike(many):
    quays = "Dockers shut quays, cranes, silos, sluices, bridges, ramps, sheds, rails and harbour"
    first = told("a", f"{quays} gates, weirs, moles, buoys, docks, masts, nets")
    farms = (
        "Peru counts anchovies, llamas, potatoes, condors, emeralds, ponchos, alpacas and harbour"
    )
    faint = told("z", f"{farms} lamps, figs, olives, maize, quinoa, beans, reeds")
    assert FAINT <= likeness(first, faint) < CHAINED
    between = [told(str(n), f"Grain {n}") for n in range(many)]
    ties = [f"{one}{each.id}" for each in between for one in "az"]

    assert chained([first, *between, faint], *ties) == ({"z"} if many == MANY else set())


def test_what_lies_far_apart_is_not_chained():
    later = AFFAIR / timedelta(hours=1) + 1
    first = told("a", "Dockers shut quays of Ribe")
    third = told("c", "Dockers shut quays of Ribe", hours=later)

    assert chained([first, told("b", "Grain"), third], "ab", "bc") == set()


def test_what_one_feed_tells_is_less_alike():
    first = told("a", "Dockers shut quays of Ribe", feed="F")
    other = told("b", "Dockers shut quays of Ribe", feed="G")
    same = told("c", "Dockers shut quays of Ribe", feed="F")

    assert likeness(first, same) < likeness(first, other)


def test_a_story_with_links_enough_follows_no_chain():
    first = told("a", "Dockers shut quays of Ribe harbour")
    third = told("c", "Harbour gulls feed on waste grain spilled from silos")
    between = [told(str(n), f"Grain {n}") for n in range(MOST_LINKS)]
    ties = ["0c", *(f"a{each.id}" for each in between[:10])]
    more = [Link("a", each.id, 0.5) for each in between[10:]]

    assert chained([first, *between, third], *ties) == {"c"}
    assert chained([first, *between, third], *ties, more=more) == set()
