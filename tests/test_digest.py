from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest import (
    FRONT_STORIES,
    STANDFIRST,
    amendments,
    as_of,
    edition,
    with_trends,
)
from aggregator.model import Dateline, Revision, Topic
from aggregator.model.instants import bounds
from aggregator.stories import Copies, Group
from tests.support.articles import NOW as NOON
from tests.support.articles import article

DAY = date(2026, 2, 17)
BERLIN = ZoneInfo("Europe/Berlin")
TOPIC = Topic("Storms", "storms", "storm", stories=2)


def group_of(*members):
    return Group(members[0].id, tuple(members), ("shared words: storm (0.70)",))


def build(articles, groups, topic=None, weights=None):
    return edition(DAY, topic, articles, groups, timezone=BERLIN, weights=weights or {})


def test_a_day_is_cut_in_its_own_zone():
    assert bounds(DAY, BERLIN) == (
        datetime(2026, 2, 16, 23, tzinfo=UTC),
        datetime(2026, 2, 17, 23, tzinfo=UTC),
    )


def test_the_days_of_clock_changes_have_23_and_25_hours():
    def hours(day):
        start, end = bounds(day, BERLIN)
        return (end - start).total_seconds() / 3600

    assert (hours(date(2026, 3, 29)), hours(date(2026, 10, 25))) == (23, 25)


@given(
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.sampled_from(["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Europe/Berlin"]),
)
def test_days_follow_each_other_without_gap(day, zone):
    following = date.fromordinal(day.toordinal() + 1)
    assert bounds(day, ZoneInfo(zone))[1] == bounds(following, ZoneInfo(zone))[0]


def test_stories_told_by_more_sources_come_first():
    shared = [
        article("Storm closes port", feed=feed, url=f"https://{feed}.example/1") for feed in "ABC"
    ]
    alone = article("Storm damages roof", feed="A", hours=3)

    built = build([alone, *shared], [group_of(alone), group_of(*shared)])

    assert [len(story.sources) for story in built.stories] == [3, 1]
    assert built.stories[0].why[0] == "told by 3 sources"
    assert (built.articles, built.sources) == (4, 3)


def test_of_equal_stories_the_fresher_comes_first():
    early, late = article("Early", hours=-8), article("Late", hours=2)

    built = build([early, late], [group_of(early), group_of(late)])

    assert [story.title for story in built.stories] == ["Late", "Early"]


def test_a_subscriptions_weight_ranks_its_stories_higher():
    light, heavy = article("Light", feed="A", hours=1), article("Heavy", feed="B")

    built = build(
        [light, heavy], [group_of(light), group_of(heavy)], weights={"https://b.example/feed": 3.0}
    )

    assert built.stories[0].title == "Heavy"


def test_own_reporting_leads_over_agency_copy_of_the_same_length():
    text = "Water stands in the streets of the old town. " * 20
    wire = article("Wire", text, feed="A", dateline=Dateline("HAMBURG", "Nordwire", None))
    own = article("Own", text, feed="B", hours=1)

    (story,) = build([wire, own], [group_of(wire, own)]).stories

    assert story.title == "Own"
    assert [report.title for report in story.reports] == ["Own", "Wire"]
    assert story.sources == ("Feed B", "Feed A")


def test_the_report_whose_headline_keeps_to_the_subject_leads():
    text = "Lawmakers in Lima voted on Tuesday. " * 20
    reports = [
        article("Up first: Peru's congress, the weather, and a cat", text, feed="A"),
        article("Peru's congress removes president", text, feed="B"),
        article("President of Peru removed by congress", text, feed="C"),
    ]

    (story,) = build(reports, [group_of(*reports)]).stories

    assert not story.title.startswith("Up first")


def test_a_story_takes_an_image_from_any_of_its_reports():
    plain = article("Long report", "word " * 500, feed="A", dateline=Dateline())
    pictured = article(
        "Short", feed="B", image="https://b.example/i.jpg", dateline=Dateline("X", "Y")
    )

    (story,) = build([plain, pictured], [group_of(plain, pictured)]).stories

    assert (story.title, story.image) == ("Long report", "https://b.example/i.jpg")


def test_only_matching_articles_tell_a_story():
    inside, outside = article("In", feed="A"), article("Out", feed="B")

    built = build([inside], [group_of(outside, inside)], TOPIC)

    (story,) = built.stories
    assert [report.title for report in story.reports] == ["In"]
    assert story.id == outside.id
    assert story.why == ("told by 1 source",)


def test_a_topic_has_as_many_stories_as_it_asks_for():
    many = [article(f"Storm {n}") for n in range(40)]
    groups = [group_of(each) for each in many]

    assert len(build(many, groups, TOPIC).stories) == 2
    assert len(build(many, groups).stories) == FRONT_STORIES


def test_tags_of_the_day_are_counted_under_their_commonest_label():
    articles = [
        article("One", labels=["IRAN", "Water"]),
        article("Two", labels=["Iran"]),
        article("Three", labels=["Iran"]),
    ]

    built = build(articles, [group_of(each) for each in articles])

    assert built.tags == (("iran", "Iran", 3), ("water", "Water", 1))


def test_a_standfirst_is_cut_at_a_word():
    long = article("Long", "Hochwasserschutzanlage " * 60, summary="Hochwasserschutzanlage " * 60)

    (story,) = build([long], [group_of(long)]).stories

    assert len(story.summary) <= STANDFIRST
    assert story.summary.rstrip("… ").endswith("anlage")


def test_a_day_without_articles_has_an_edition_without_stories():
    built = build([], [], TOPIC)

    assert (built.articles, built.sources, built.stories, built.tags) == (0, 0, (), ())


def test_an_article_that_no_feed_carries_any_more_still_makes_a_story():
    orphan = article("Orphan", sightings=())

    (story,) = build([orphan], [group_of(orphan)]).stories

    assert story.sources == ("",)


# --- ranking ------------------------------------------------------------------------------------


def told_by(title, *feeds, hours=0.0):
    return [
        article(f"{title} {feed}", feed=feed, hours=hours, url=f"https://{feed}.example/{title}")
        for feed in feeds
    ]


def ranks(*groups, articles=None):
    members = [member for group in groups for member in group.members]
    built = build(members if articles is None else articles, groups)
    return [story.id for story in built.stories]


def test_copies_of_one_text_are_one_voice():
    wire = told_by("Storm", "A", "B", "C")
    own = told_by("Quake", "D", "E")
    copied = replace(group_of(*wire), copies=(Copies("Reuters", tuple(a.id for a in wire)),))
    assert ranks(group_of(*wire), group_of(*own)) == [wire[0].id, own[0].id]
    assert ranks(copied, group_of(*own)) == [own[0].id, wire[0].id]


def test_texts_of_one_agency_are_one_voice():
    wire = [
        replace(each, dateline=Dateline("ROME", agency, None))
        for each, agency in zip(told_by("Storm", "A", "B"), ("AP", "Associated Press"), strict=True)
    ]
    signed = told_by("Storm again", "C", "D")
    copied = Copies("AP", tuple(each.id for each in signed))
    everywhere = replace(group_of(*wire, *signed), copies=(copied,))
    one, two = (group_of(*told_by("Quake", *feeds)) for feeds in ("E", "EF"))
    assert ranks(two, everywhere) == [two.id, everywhere.id]
    assert ranks(one, everywhere)[0] == everywhere.id
    others = [replace(each, dateline=Dateline("ROME", "dpa", None)) for each in told_by("S", "G")]
    assert ranks(two, group_of(*wire, *others, *told_by("S", "H")))[1] == two.id


def voices_of(*articles, copies=()):
    group = replace(group_of(*articles), copies=copies)
    (told,) = build(articles, [group]).stories
    return told


def test_a_report_that_is_cut_off_does_not_lead():
    torn, whole = (
        article(
            "Storm hits port", "Short.", feed=feed, url=f"https://{feed}.example/1", summary=told
        )
        for feed, told in (("A", "The storm hit the port on Monday,…"), ("B", "The storm hit it."))
    )
    (story,) = build([torn, whole], [group_of(torn, whole)]).stories
    assert story.summary.startswith("The storm hit it.")
    long = replace(torn, words=400, id="long")
    (story,) = build([long, whole], [group_of(long, whole)]).stories
    assert story.reports[0].id == "long"


def test_feeds_of_one_publisher_are_one_source():
    world, europe = (
        article(f"Storm hits {feed}", feed=feed, url=f"https://{host}.bbc.co.uk/{feed}")
        for feed, host in (("BBC World", "news"), ("BBC Europe", "www"))
    )
    other = article("Storm hits", feed="Daily", hours=1, url="https://daily.example/1")
    told = voices_of(world, europe, other)
    assert (len(told.sources), len(told.voices)) == (3, 2)
    assert told.why[0] == "told by 2 sources"
    apart = [replace(each, url=f"https://{n}.example/") for n, each in enumerate((world, europe))]
    assert ranks(group_of(world, europe), group_of(*apart)) == [apart[0].id, world.id]


@pytest.mark.parametrize(
    "address", ["https://www.youtube.com/watch?v=", "http://127.0.0.1:8000/", "http://intranet/"]
)
def test_feeds_that_share_an_address_are_sources_of_their_own(address):
    told = voices_of(*(article(f"Storm {n}", feed=n, url=f"{address}{n}") for n in "AB"))
    assert {voice.report.source for voice in told.voices} == {"Feed A", "Feed B"}


def test_copies_are_told_apart_from_sources_with_whose_text_they_are():
    first, copy, signed = told_by("Storm", "A", "B", "C")
    signed = replace(signed, dateline=Dateline("ROME", "dpa", None))
    wire = replace(told_by("Storm again", "D")[0], dateline=Dateline("ROME", "DPA", None))
    told = voices_of(first, copy, signed, wire, copies=(Copies("A", (first.id, copy.id)),))
    voices = {(voice.origin, voice.copies) for voice in told.voices}
    assert voices == {("Feed A", 1), ("dpa", 1)}
    origins = {report.source: report.origin for report in told.reports}
    assert origins == {
        "a.example": None, "b.example": "a.example", "c.example": "dpa", "d.example": "dpa",
    }  # fmt: skip
    assert told.why[0] == "told by 2 sources, 2 more with the same text"
    assert told.reports[0].source == "a.example"


def test_a_feed_with_a_report_of_its_own_beside_a_copy_has_one_voice():
    copies = told_by("Storm", "A", "B")
    own = told_by("Storm again", "A", "C")
    both = replace(group_of(*copies, *own), copies=(Copies("dpa", tuple(a.id for a in copies)),))
    two, three, four = (group_of(*told_by("Quake", *feeds)) for feeds in ("DE", "DEF", "DEFG"))
    scores = [build(group.members, [group]).stories[0].score for group in (two, three, four, both)]
    nearest = min(range(3), key=lambda number: abs(scores[number] - scores[3]))
    assert (two, three, four)[nearest] is three


def test_what_is_new_stands_above_what_was_told_before():
    old = told_by("Storm", "A", "B", hours=-48)
    today = told_by("Storm goes on", "A", "B")
    new = told_by("Quake", "C", "D")
    assert ranks(group_of(*old, *today), group_of(*new), articles=[*today, *new]) == [
        new[0].id,
        old[0].id,
    ]


def test_a_roundup_stands_below_reports():
    roundup = article("Evening briefing: storm, quake, talks", feed="A", hours=5)
    (report,) = told_by("Quake", "B")
    assert ranks(group_of(roundup), group_of(report)) == [report.id, roundup.id]


def test_a_story_says_since_when_it_is_told():
    old, today = told_by("Storm", "A", hours=-48), told_by("Storm goes on", "A")
    (story,) = build(today, [group_of(*old, *today)]).stories
    assert (story.began, story.earlier) == (old[0].date, 1)
    assert [report.id for report in story.reports] == [today[0].id]


def test_an_article_reads_as_it_did_at_a_moment():
    now = article("Third", "c")
    revisions = [
        Revision(title, "", "", text, NOON + timedelta(hours=hours))
        for title, text, hours in (("First", "a", 0), ("Second", "b", 2))
    ]
    read = [as_of(now, revisions, NOON + timedelta(hours=hours)).title for hours in (0, 1, 2, 3)]
    assert read == ["First", "Second", "Second", "Third"]


def test_amendments_are_those_of_the_day():
    now = article("Third  title", "c")
    revisions = [
        Revision(title, "", "", "", NOON + timedelta(hours=hours))
        for title, hours in (("First", -30), ("Second", 0), ("Third title", 1), ("Third title", 30))
    ]
    found = amendments(now, revisions, *bounds(DAY, BERLIN))
    assert [(each.at, each.before) for each in found] == [
        (NOON, "Second"),
        (NOON + timedelta(hours=1), None),
    ]


def test_stories_beyond_the_last_place_are_named_in_their_order():
    many = [article(f"Storm {n}", hours=-n / 10) for n in range(30)]
    built = build(many, [group_of(each) for each in many], TOPIC)
    assert [each.title for each in built.also] == [f"Storm {n}" for n in range(2, 30)]
    assert (built.found, built.also[0].feed, built.also[0].sources) == (30, "Feed A", 1)


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ("The government decided on Tuesday to", "The government decided on Tuesday to…"),
        ("The government decided on Tuesday", "The government decided on Tuesday"),
        ("The second phase of a nationwide plan,", "The second phase of a nationwide plan…"),
        ("The second phase –", "The second phase…"),
        ("The second phase.", "The second phase."),
        ("", ""),
    ],
)
def test_a_summary_that_breaks_off_says_so(summary, told):
    only = article("Plan", summary=summary)
    (story,) = build([only], [group_of(only)]).stories
    assert story.summary == told


@pytest.mark.parametrize(
    ("summary", "text", "told"),
    [
        ("It rained.", "Two piers broke.", "It rained. Two piers broke."),
        ("It rained", "Two piers broke.", "It rained"),
        ("It was ‘wet’ and ‘wild’", "Two piers broke.", "It was ‘wet’ and ‘wild’"),
        ("It was ‘wet.’", "Two piers broke.", "It was ‘wet.’ Two piers broke."),
        ("Storm in Rome", "Two piers broke.", "Two piers broke."),
        ("Storm in Rome. It rained.", "Two piers broke.", "It rained. Two piers broke."),
        ("Storm in Rome floods a pier.", "", "Storm in Rome floods a pier."),
        ("By Ann Lee It rained all night…", "By Ann Lee\nIt rained all night. It stopped.", None),
        ("", "STORM IN ROME\nIt rained all night. It stopped.", None),
        ("[Wire]", "It rained all night. It stopped.", None),
        ("[Wire]", "", ""),
        ("Storm in Rome", "Storm in Rome", ""),
        ("It rained. It stopped.", "Quite another text.", "It rained. It stopped."),
    ],
)
def test_a_standfirst_is_what_the_publisher_tells_beside_the_title(summary, text, told):
    only = article("Storm in Rome", text, summary=summary)
    (story,) = build([only], [group_of(only)]).stories
    assert story.summary == ("It rained all night. It stopped." if told is None else told)


def test_one_more_article_of_hundreds_leaves_the_last_days_of_a_tag_as_they_were():
    day = replace(build([], []), tags=(("oil", "Oil", 7),))

    def told(*counts: int) -> tuple[int, ...]:
        ((slug, days),) = with_trends(day, {"oil": counts}).trends
        assert slug == "oil"
        return days

    assert told(0, 7, 98, 99) == (0, 7, 98, 99)
    assert told(100, 561, 12_345) == told(101, 562, 12_346) == (100, 560, 12_000)
