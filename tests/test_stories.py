import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import stories
from aggregator.model import Dateline
from aggregator.stories import Background, Desk, desk, group, is_service, sketched
from aggregator.stories.groups import gathered
from aggregator.stories.names import country, names
from aggregator.stories.past import Remembered
from aggregator.stories.sitting import sittings
from aggregator.stories.web import Retold
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

NOTHING = Remembered().since(ARTICLES[0].date)

PRESS = Background.of(
    article(f"Germany: what is new in Dresden, {n}", "Kestrel fab news", hours=-n - 100)
    for n in range(12)
)


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
    assert [(c.origin, c.ids) for c in only.copies] == [("Feed A", (original.id, copy.id))]


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


def test_a_crowd_asks_more_of_who_would_join():
    loosely = article(
        "Dockers shut quays: gulls, silos, grain, moles, buoys, masts, nets, weirs, gates, sheds,"
        " ramps, lamps, figs, olives, maize",
        feed="Z",
        hours=2,
    )
    crowd = [
        article("Dockers shut quays of Ribe harbour", feed=f"P{n}", hours=n / 10)
        for n in range(desk.CROWD + 1)
    ]

    few, *_ = group([*crowd[1:], loosely], Background())
    many, *_ = group([*crowd, loosely], Background())

    assert loosely in few.members
    assert loosely not in many.members


@pytest.mark.parametrize(("country", "stories"), [("Peru", 1), ("Norway", 2)])
def test_titles_that_name_other_countries_are_less_alike(country, stories):
    peru = article("Dockers shut quays and harbours of Peru", feed="A")
    other = article(
        f"Dockers shut quays in {country}: gulls, silos, grain, moles, buoys, masts, nets, weirs,"
        " gates, sheds",
        feed="Z",
        hours=2,
    )

    assert len(group([peru, other], Background())) == stories


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
        assert all(gap <= desk.QUIET for gap in gaps)


def test_copies_are_the_agencys_that_one_of_them_names():
    original = article("Storm: ferry safe", WIRE, feed="A")
    signed = article("Ferry safe", WIRE, feed="B", hours=1, dateline=Dateline(None, "Reuters"))

    (only,) = group([original, signed])

    assert only.copies[0].origin == "Reuters"


def test_a_shortened_copy_is_known_by_its_lead():
    whole = article("Storm: ferry safe", WIRE, feed="A")
    lead = " ".join(WIRE.split()[:28]) + "…"
    short = article("Nineteen hours, 212 nerves", lead, feed="B", hours=2)

    (only,) = group([whole, short])

    assert only.ties[short.id].kind == "copy"


def test_the_same_text_twice_in_one_feed_is_a_template_not_a_copy():
    one = article("Tide tables north", WIRE, feed="A")
    other = article("Gale warning south", WIRE, feed="A", hours=1)

    assert all(not each.copies for each in group([one, other]))


@pytest.mark.parametrize(
    "title",
    [
        "Magazine solutions - February 27, 2026",
        "All of Africa Today - February 17, 2026",
        "Quiz of the week: 7 – 13 February",
        "War: list of key events, day 1,455",
        "Quote #17703",
        "The Ribe Review, Vol. 21, No. 4 (2018)",
        "Lecture 120: A harbour in winter",
        "See the medal count for the Winter Games",
        "A preacher has died. And, talks are set to begin in Geneva",
        "Germany news: carnival begins",
        "Presseschau vom 3. März 2026",
        "Weekly update from the journal",
        "Thursday Briefing: An exchange of letters",
        "Harbour strike live updates: ferries stay in port",
        "Lyon votes on bread prices – France politics live",
        "Liveblog: Streik im Hafen von Esbjerg",
        "En direct : la grève au port de Lyon",
        "Karen Blixen: 5 films to stream",
    ],
)
def test_roundups_listings_and_series_are_service(title):
    assert is_service(title)


@pytest.mark.parametrize(
    "title",
    [
        "Ferry docks in Esbjerg after a night at anchor",
        "Congress votes 75 to 24 to remove president",
        "Chloe Kim wins silver on day of upsets",
        "Ukraine marks February 24 with silence",
        "G7 ministers meet",
        "Harbour office publishes first report on 7 October 2023 failures",
        "Pianists live on a ferry in Esbjerg",
        "Storm off Ribe: 5 dead, 12 missing",
        "Ribe Shipping files for Chapter 11 bankruptcy",
        "Sailors of the Moon Vol. 3 opens in Lyon",
    ],
)
def test_reports_are_not_service(title):
    assert not is_service(title)


def test_who_asks_is_not_one_with_who_reports_however_alike():
    report = article(*SUBJECTS[0], feed="A")
    telling = replace(report, id="telling", url=None, sightings=article("", feed="B").sightings)
    asking = replace(telling, title=f"{telling.title}?")

    assert len(group([report, telling], PRESS)) == 1
    assert len(group([report, asking], PRESS)) == 2
    asked_first = replace(asking, date=report.date - timedelta(hours=1))
    assert len(group([asked_first, report], PRESS)) == 2


def test_a_copy_of_a_report_is_one_with_it_though_its_title_asks():
    wire = article("Ferry docks in Esbjerg", WIRE, feed="A")
    asking = article("How did the ferry get to Esbjerg?", WIRE, feed="B", hours=1)

    assert len(group([wire, asking], PRESS)) == 1


def test_two_that_ask_of_one_event_may_be_one_story():
    asking = article("Who is José Jerí, president of Peru?", "", feed="A")
    again = article("Who is Peru's president José Jerí?", "", feed="B", hours=1)
    telling = article("Lawmakers in Lima remove José Jerí", "", feed="C", hours=2)

    asked, told = group([asking, again, telling], PRESS)

    assert {member.id for member in asked.members} == {asking.id, again.id}
    assert [member.id for member in told.members] == [telling.id]


def test_a_feed_that_told_a_story_needs_more_to_tell_it_again():
    told = [
        article("Ferry docks in Esbjerg after a night at anchor", "Frisia Nova is safe", feed="A"),
        article("Frisia Nova ferry reaches Esbjerg", "She waited at anchor", feed="B", hours=1),
    ]
    later = "Esbjerg quay is cleared for ferry traffic", "Frisia Nova left"

    by_another = group([*told, article(*later, feed="C", hours=20)])
    once_more = group([*told, article(*later, feed="A", hours=20)])

    assert [len(each.members) for each in by_another] == [3]
    assert [len(each.members) for each in once_more] == [2, 1]


def test_a_report_near_two_stories_joins_neither():
    strike = article("Dockers of Ribe walk out over wages", feed="A")
    storm = article("Frisia Nova anchors off Esbjerg in a gale", feed="B", hours=1)
    both = article(
        "Dockers walk out in Ribe, Frisia Nova anchors: quay, market and bridge shut, "
        "buses, trains, taxis and inns full",
        feed="C",
        hours=2,
    )

    assert len(group([strike, both], PRESS)) == 1
    assert len(group([storm, both], PRESS)) == 1
    assert len(group([strike, storm, both], PRESS)) == 3


def test_a_title_of_another_country_is_less_like():
    iran = article("Iran: envoys leave the talks in Geneva early", feed="A")
    envoys = article("Envoys say that talks in Geneva went well", feed="B", hours=1)

    def likeness(title: str) -> float:
        (told,) = group([iran, replace(envoys, title=title)], PRESS)
        return told.ties[envoys.id].score

    kyiv = likeness(f"Ukraine: {envoys.title}")
    assert kyiv == pytest.approx(likeness(f"Kestrel: {envoys.title}") * desk.FOREIGN, rel=0.1)


def test_likeness_counts_for_more_the_more_rare_words_are_shared():
    def twice(title: str) -> list[float]:
        one = article(title, "", feed="A")
        other = replace(article(f"The {title}", "", feed="B"), url=None)
        (told,) = group([one, other], PRESS)
        return [tie.score for tie in told.ties.values()]

    assert twice("Frisia Esbjerg") == [0.85]
    assert twice("Frisia Esbjerg anchor") == [1.0]


def test_a_roundup_neither_founds_nor_joins_nor_bridges():
    roundup = article(
        "Frisia Nova docks in Esbjerg. And, Peru is set to impeach José Jerí",
        "Ferry passengers walked ashore; congress in Lima votes",
        feed="D",
        hours=-1,
    )

    groups = group([roundup, *ARTICLES])

    assert {roundup.title} in titles(groups)
    assert titles(groups)[1:] == titles(group(ARTICLES))


def test_an_explainer_stands_beside_its_story():
    events = [article(*SUBJECTS[2], feed="A"), article(*SUBJECTS[3], feed="B", hours=1)]
    why = article("Why do presidents of Peru fall so soon?", "Jerí is out", feed="C", hours=20)

    impeached, explained = group([*events, why])

    assert [each.title for each in explained.members] == [why.title]
    assert impeached.id in {link.other for link in explained.links}


def related(*articles):
    """Which of the articles' stories are linked, by the first words of their titles."""
    groups = group(articles)
    named = {each.id: each.members[0].title.split()[0] for each in groups}
    links = ((each.id, link.other) for each in groups for link in each.links)
    return {frozenset((named[one], named[other])) for one, other in links}


def test_a_rare_name_in_both_titles_ties_an_affair_that_shares_no_other_word():
    bank = article("Bank opened forty accounts for Epstein", "The lender said so.", feed="A")
    hotel = article(
        "Hyatt chair quits over ties to Epstein", "He stepped down.", feed="B", hours=40
    )
    bread = article("Bakers quit over bread", "They left.", feed="C", hours=41)

    assert related(bank, hotel, bread) == {frozenset(("Bank", "Hyatt"))}


def test_a_word_that_others_write_small_is_no_name():
    bank = article("Bank opened forty accounts with Seal", "The lender said so.", feed="A")
    hotel = article("Hyatt chair quits over the Seal", "He stepped down.", feed="B", hours=4)
    zoo = [
        article(f"Keepers feed a seal of zoo {n}", feed=f"Z{n}", hours=-10 - n) for n in range(2)
    ]

    assert frozenset(("Bank", "Hyatt")) not in related(bank, hotel, *zoo)


def test_a_name_that_much_of_a_small_archive_is_about_ties_an_affair():
    signed = article("Kings sign a treaty on water in Aqaba", "Ministers clapped.", feed="A")
    asked = article("Five questions on brine off Aqaba", "Salt and reefs.", feed="B", hours=5)
    others = ["gulls", "fuel", "dates", "fishing", "cranes", "hotels", "divers", "camels"]
    past = [
        article(f"News of {other} from Aqaba", feed=other, hours=-200 * (n + 1))
        for n, other in enumerate(others)
    ]

    assert related(signed, asked, *past) == {frozenset(("Kings", "Five"))}


def test_talks_of_other_countries_in_one_city_are_another_affair():
    talks = "Negotiators meet in Geneva for a second round of talks"
    iran = article("Iran and envoys talk in Geneva", talks, feed="A")
    drill = article("Drills off Iran as talks go on in Geneva", talks, feed="B", hours=80)
    kyiv = article("Kyiv: Ukraine and envoys talk in Geneva", talks, feed="C", hours=160)

    found = related(iran, drill, kyiv)

    assert frozenset(("Iran", "Drills")) in found
    assert frozenset(("Iran", "Kyiv:")) not in found


def test_stories_of_one_affair_with_a_third_need_little_else_in_common():
    probe = article("Probe of Wirecard board begins", "Prosecutors seize ledgers.", feed="A")
    trial = article(
        "Trial: ledgers of Wirecard read", "Prosecutors and Marsalek.", feed="B", hours=90
    )
    flight = article(
        "Flight of Marsalek, told by pilots", "Ledgers were left.", feed="C", hours=140
    )

    assert related(probe, trial, flight) >= {
        frozenset(("Probe", "Trial:")),
        frozenset(("Trial:", "Flight")),
        frozenset(("Probe", "Flight")),
    }


@pytest.mark.parametrize(
    ("title", "summary", "language", "found"),
    [
        ("Peru's congress removes José Jerí", "Lima votes. It is over.", "en", {"jose", "jeri"}),
        ("Congress Votes To Remove Peru President", "X was down, X said.", "en", {"x"}),
        ("Die Regierung in Lima stürzt", "Das Parlament und Jerí.", "de", set()),
        ("秘鲁总统下台", "", "zh", set()),
    ],
)
def test_names_are_capitals_in_mid_sentence(title, summary, language, found):
    assert names(title, summary, language) == found


def test_countries_are_known_by_their_people_too():
    assert country("iran") == country("iranian") not in {country("kenya"), None}
    assert {country(each) for each in ("us", "europ", "epstein", "geneva")} == {None}


def test_the_next_event_of_an_affair_is_a_related_story():
    ban = [
        article("Olympics: skeleton racer Heraskevych banned over helmet", feed="A"),
        article(
            "Heraskevych banned from Olympics over helmet of skeleton racer", feed="B", hours=1
        ),
    ]
    appeal = article("Heraskevych loses appeal over Olympics helmet", feed="A", hours=60)

    first, second = group([*ban, appeal])

    assert first.members == tuple(ban)
    assert [link.other for link in second.links] == [first.id]
    assert "heraskevych" in second.links[0].terms


def test_shared_names_carry_a_story_across_languages():
    english = article("Peru's congress impeaches José Jerí", "Lima names Balcázar", feed="A")
    german = article(
        "Peru: José Jerí des Amtes enthoben, Balcázar folgt",
        "Lima",
        feed="B",
        hours=2,
        language="de",
    )

    assert len(group([english, german])) == 1


CHIPS = (
    "Kestrel and Lumera to build 9.2 billion euro chip plant in Dresden",
    "The fab in Klotzsche will make wafers of 300 millimetres from 2029, says director Ahlborn.",
)
WERK = (
    "Kestrel baut in Dresden für 9,2 Milliarden Euro",
    "In Klotzsche entstehen ab 2029 Scheiben aus Silizium; Sachsen zahlt einen Teil, sagt Ahlborn.",
)


def test_names_and_numbers_count_for_more_between_languages():
    english, german = article(*CHIPS, feed="A"), article(*WERK, feed="B", language="de")
    same_tongue = replace(german, language="en")

    (between,) = group([english, german], PRESS)
    (within,) = group([english, same_tongue], PRESS)

    (loose,), (strict,) = between.ties.values(), within.ties.values()
    assert loose.score > 1.2 * strict.score


def test_two_names_are_too_few_between_languages():
    rugby = article("Kestrel verliert in Dresden", "Ein Spiel im Regen.", feed="B", language="de")

    assert len(group([article(*CHIPS, feed="A"), rugby], PRESS)) == 2


def test_articles_that_share_a_link_are_nearer():
    page = "https://court.example/ruling/42"
    html = f'<p>See <a href="{page}">the ruling</a></p>'
    one = article("Judges strike down ferry fee", "A court in Ribe ruled", feed="A")
    other = article("Motorists cheer in Ribe", "No more ferry to pay for", feed="B", hours=1)

    apart = group([one, other])
    together = group([replace(one, content_html=html), replace(other, content_html=html)])

    assert len(apart) == 2
    assert together[0].ties[other.id].kind == "link"


def test_a_story_closes_after_quiet_days_and_the_next_one_is_linked_to_it():
    early = article(*SUBJECTS[0], feed="A")
    late = article(*SUBJECTS[1], feed="B", hours=24 * 4)

    first, second = group([early, late])

    assert [link.other for link in second.links] == [first.id]


def test_a_long_subject_is_a_chain_not_a_blob():
    reports = [
        article(
            f"Frisia Nova ferry at anchor off Esbjerg, night {n}", feed="ABC"[n % 3], hours=24 * n
        )
        for n in range(14)
    ]

    groups = group(reports)

    assert len(groups) > 1
    for each in groups:
        assert each.members[-1].date - each.members[0].date <= desk.SPAN


def test_what_the_user_decided_is_not_decided_again():
    one, other, third = (
        article(*SUBJECTS[0], feed="A"),
        article(*SUBJECTS[1], feed="B", hours=1),
        article(*SUBJECTS[4], feed="C", hours=2),
    )
    pins = {one.id: one.id, other.id: other.id, third.id: one.id}
    table = Desk(Background(), NOTHING, pins)

    placed = [table.place(sketched(each, table.background)) for each in (one, other, third)]

    assert [each.story for each in placed] == [one.id, other.id, one.id]
    assert {each.tie.kind for each in placed if each.tie} == {"user"}


def test_a_desk_that_reads_the_past_places_as_one_that_never_slept():
    background, past = Background.of(ARTICLES), Remembered()
    awake = Desk(background, NOTHING)
    for each in ARTICLES[:-1]:
        placed = awake.place(sketched(each, background))
        past.keep(sketched(each, background), placed.story, placed.marks)
    woken = Desk(background, past.since(ARTICLES[0].date))
    last = sketched(
        article("Peru impeaches José Jerí", "Congress in Lima voted", feed="Z", hours=2), background
    )

    assert woken.place(last) == awake.place(last)
    assert woken.retell([ARTICLES[2].id]) == awake.retell([ARTICLES[2].id]) != Retold()


def test_what_is_long_past_ties_nothing():
    background, past = Background.of(ARTICLES), Remembered()
    earlier = Desk(background, NOTHING)
    for each in ARTICLES:
        placed = earlier.place(sketched(each, background))
        past.keep(sketched(each, background), placed.story, placed.marks)
    table = Desk(background, past.since(ARTICLES[-1].date))

    again = article("Peru impeaches José Jerí", "Congress in Lima voted", feed="Z", hours=2)
    assert table.place(sketched(again, background)).tie is None
    assert table.retell([ARTICLES[0].id]) == Retold()


def test_a_sitting_is_short():
    dates = [ARTICLES[0].date + timedelta(hours=n) for n in (0, 24, 48, 49, 50)]

    assert [len(part) for part in sittings(dates, lambda date: date)] == [3, 2]
    assert [len(part) for part in sittings(dates[:1] * 600, lambda date: date)] == [250, 250, 100]


def test_names_with_several_readings_and_no_stem_are_evidence_like_others():
    one = article("F-16 and AT&T at 1.000 in Haifa", "בחירות F-16 AT&T 21-22 Haifa", language=None)
    other = article("Haifa: F-16, AT&T, 1.000", "הבחירות F-16 AT&T 21-22 Haifa", language=None)
    (only,) = group([one, other])
    (tie,) = only.ties.values()
    assert {"at&t", "1.000"} & set(tie.terms)


def test_a_story_tells_what_came_earlier_and_who_is_copied():
    wire = [article("Storm: ferry safe", WIRE, feed=feed, hours=n) for n, feed in enumerate("AB")]
    placed = [
        stories.Placement(wire[0].id, "s"),
        stories.Placement(wire[1].id, "s", stories.Tie("copy", wire[0].id, 1.0)),
    ]
    link = stories.Link("s", "t", 0.41, ("ferry",), "Ferry leaves", wire[0].date.replace(day=15))

    (only,) = gathered(wire, placed, {"s": [link]})

    assert "2 copies of one text by Feed A" in only.why
    assert "earlier in this story: “Ferry leaves”: ferry (0.41)" in only.why
    assert only.is_earlier(link)
    assert not only.is_earlier(replace(link, score=0.22))
