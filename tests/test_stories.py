import itertools
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import stories
from aggregator.stories import Background, group
from tests.support.articles import article

WIRE = (
    "The ferry Frisia Nova reached Esbjerg on Tuesday after nineteen hours at anchor in the storm, "
    "and all 212 passengers walked ashore, the harbour office said. Two people were treated for "
    "bruises. The captain had refused to enter the channel while gusts passed eleven on the scale, "
    "and the company said that he had been right to wait. Buses took the passengers to Ribe."
)
SUBJECTS = [
    ("Ferry docks in Esbjerg after a night at anchor", "Frisia Nova passengers walked ashore"),
    ("Passengers leave the Frisia Nova in Esbjerg", "The ferry waited nineteen hours at anchor"),
    ("Peru's congress removes president Jerí", "Lawmakers in Lima voted to impeach José Jerí"),
    ("José Jerí impeached by Peru's congress", "Lima names its eighth president in ten years"),
    ("Bread prices fall in Lyon", "Bakers point to a good harvest of soft wheat"),
    ("Lander Hotaru sends first picture from the Moon", "Tsukiyo's craft stands in Mare Frigoris"),
]
ARTICLES = [
    article(title, summary, feed="ABC"[n % 3], hours=n * 0.1)
    for n, (title, summary) in enumerate(SUBJECTS)
]


def titles(groups: list[stories.Group]) -> list[set[str]]:
    return [{member.title for member in each.members} for each in groups]


def test_reports_of_one_event_are_one_group_and_others_stand_alone():
    assert titles(group(ARTICLES)) == [
        {SUBJECTS[0][0], SUBJECTS[1][0]},
        {SUBJECTS[2][0], SUBJECTS[3][0]},
        {SUBJECTS[4][0]},
        {SUBJECTS[5][0]},
    ]


def test_a_group_is_named_by_its_first_report_and_tells_its_evidence():
    first = group(ARTICLES)[0]

    assert first.id == first.members[0].id == ARTICLES[0].id
    assert "frisia" in first.why[0]
    assert group(ARTICLES)[-1].why == ()


def test_wire_copy_under_another_headline_joins_its_twin():
    original = article("Storm: ferry safe", WIRE, feed="A")
    copy = article(
        "Nineteen hours, 212 nerves", WIRE.replace("Buses took", "Coaches took"), feed="B"
    )

    (only,) = group([original, copy])

    assert only.members == (original, copy)
    assert "same text" in only.why[0]


def test_short_texts_are_never_copies():
    one = article("Weather", "Rain and wind.", feed="A")
    other = article("Tide tables", "Rain and wind.", feed="B")

    assert len(group([one, other])) == 2


def test_an_event_long_after_is_another_story():
    early, late = ARTICLES[0], article(*SUBJECTS[1], feed="B", hours=24 * 5)

    assert len(group([early, late])) == 2


def test_words_common_in_the_background_tie_nothing():
    older = [
        article(
            f"Frisia Nova in Esbjerg, trip {n}", "Passengers at anchor, ferry waited", hours=-500
        )
        for n in range(400)
    ]

    assert len(group(ARTICLES[:2], Background.of(older))) == 2


def test_more_reports_than_a_crowd_keep_together_when_they_cohere():
    crowd = [article(SUBJECTS[0][0], SUBJECTS[0][1], feed=f"P{n}", hours=n / 10) for n in range(12)]

    (only, *_) = group([*crowd, *ARTICLES[2:]])

    assert len(only.members) == 12


def test_no_articles_no_groups():
    assert group([]) == []


@settings(max_examples=60)
@given(st.permutations(ARTICLES))
def test_the_order_of_arrival_does_not_matter(arrived):
    assert group(arrived) == group(ARTICLES)


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            lambda words, feed, hours: article(
                " ".join(words), " ".join(words[::-1]), feed=feed, hours=hours
            ),
            st.lists(
                st.sampled_from(["storm", "ferry", "peru", "moon", "bread", "wheat", "lima"]),
                min_size=1,
                max_size=5,
            ),
            st.sampled_from("ABC"),
            st.floats(-200, 200),
        ),
        max_size=15,
        unique_by=lambda each: each.id,
    )
)
def test_every_article_is_in_exactly_one_group_within_the_window(articles):
    groups = group(articles)

    members = [member.id for each in groups for member in each.members]
    assert sorted(members) == sorted(each.id for each in articles)
    for each in groups:
        dates = [member.date for member in each.members]
        assert dates == sorted(dates)
        gaps = (later - earlier for earlier, later in itertools.pairwise(dates))
        assert all(gap <= stories.WINDOW + timedelta(hours=1) for gap in gaps)


def test_groups_that_later_reports_brought_together_are_joined():
    reports = [
        article("Karaburun earthquake eleven villages", feed="A"),
        article("Karaburun dogs Izmir", feed="B", hours=1),
        article("Dogs Izmir Karaburun earthquake eleven", feed="C", hours=2),
        article("Izmir dogs, eleven, Karaburun earthquake", feed="D", hours=3),
    ]

    (only,) = group(reports)
    apart = group(reports[:3])

    assert [member.title for member in only.members] == [each.title for each in reports]
    assert len(apart) == 2


def test_names_with_several_readings_and_no_stem_are_evidence_like_others():
    one = article("F-16 and AT&T at 1.000 in Haifa", "בחירות F-16 AT&T 21-22 Haifa", language=None)
    other = article("Haifa: F-16, AT&T, 1.000", "הבחירות F-16 AT&T 21-22 Haifa", language=None)
    (only,) = group([one, other])
    assert "1.000" in only.why[0]
