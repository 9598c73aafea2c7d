"""The web of affairs: links found from both stories, told anew when reports come."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories import Background, Desk, Link, decide, sketched
from aggregator.stories.desk import KEPT, REACH
from aggregator.stories.past import Remembered
from aggregator.stories.web import Retold, Web
from tests.support.articles import article

RARE = Background()
HARBOUR = article("Dockers shut quays of Ribe harbour", "", feed="A")
SILOS = article("Harbour gulls feed on waste grain spilled from silos", "", feed="B", hours=1)
WHY = article("Why dockers of Ribe leave grain in silos to gulls", "", feed="C", hours=2)


def placed(*articles, past=None):
    """A past in which articles came one after another; what the last of them changed."""
    past = past or Remembered()
    for each in articles:
        first = each.date
        desk = Desk(RARE, past.since(first - KEPT, first - REACH))
        sketch = sketched(each, RARE)
        decided = decide(desk, [sketch])
        past.web.take(decided.retold)
        past.keep(sketch, decided.placements[0].story, decided.placements[0].marks)
    return past, decided


def linked(past, one):
    return {link.other: link.is_chained for link in past.web.of(one.id)}


def test_a_report_that_leads_from_one_story_to_another_links_these():
    past, _ = placed(HARBOUR, SILOS)
    assert linked(past, HARBOUR) == {}

    past, decided = placed(WHY, past=past)

    assert decided.placements[0].story == WHY.id
    assert linked(past, WHY) == {HARBOUR.id: False, SILOS.id: False}
    assert linked(past, HARBOUR) == {WHY.id: False, SILOS.id: True}
    assert linked(past, SILOS) == {WHY.id: False, HARBOUR.id: True}
    assert all(link.terms for link in past.web)


def test_what_comes_last_is_led_to_what_came_before():
    past, _ = placed(HARBOUR, WHY, SILOS)

    assert linked(past, SILOS) == {WHY.id: False, HARBOUR.id: True}


def test_a_story_that_goes_on_stays_linked_to_what_is_out_of_reach():
    words = " ".join(f"quay{n} stays shut" for n in range(30))
    first, *late = (
        article("Dockers shut quays of Ribe harbour", words, feed=feed, hours=hours)
        for feed, hours in (("A", 0), ("D", 60), ("E", 120))
    )
    news = article("Gulls of Ribe miss dockers", "", feed="F", hours=-100)
    past, _ = placed(news, first)
    before = linked(past, first)

    past, decided = placed(*late, past=past)

    assert before == {news.id: False}
    assert decided.placements[0].story == first.id
    assert late[-1].date - news.date > KEPT
    assert linked(past, first) == before


def test_a_link_that_is_told_anew_stands_in_the_place_of_the_old_one():
    web = Web([Link("a", "b", 0.5), Link("c", "a", 0.3), Link("b", "c", 0.1, is_chained=True)])

    web.take(Retold({"a": ["b", "c"]}, [Link("a", "b", 0.4, ("x",))]))

    assert web.of("b") == [Link("b", "a", 0.4, ("x",)), Link("b", "c", 0.1, is_chained=True)]
    assert web.near("a") == ["b"]
    assert web.of("a") == [Link("a", "b", 0.4, ("x",))]
    assert web.of("d") == []


LINKS = st.lists(
    st.builds(
        Link, st.sampled_from("abc"), st.sampled_from("def"), st.sampled_from([0.1, 0.2, 0.3])
    )
)


@given(LINKS)
def test_each_link_stands_once_and_leads_both_ways(links):
    web = Web(links)
    pairs = {frozenset((each.story, each.other)) for each in links}

    assert sorted(map(sorted, pairs)) == sorted(sorted((x.story, x.other)) for x in web)
    for link in web:
        assert link.score == next(x.score for x in web.of(link.other) if x.other == link.story)
    assert {x.other for one in "abc" for x in web.of(one)} == {each.other for each in links}
