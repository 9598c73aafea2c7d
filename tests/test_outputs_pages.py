"""Every kind of page: valid HTML, safe, navigable, readable in any language."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote_plus
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import AggregatorError, ConfigError
from aggregator.model import (
    Amendment,
    Brief,
    Comments,
    Dateline,
    Edition,
    Enclosure,
    Kin,
    Sighting,
    Story,
    Tag,
    TagCount,
    Topic,
)
from aggregator.outputs import layout, plain
from aggregator.outputs.calendars import calendar_of
from aggregator.outputs.checking import GIVEN
from aggregator.outputs.frame import Frame, root_of
from aggregator.outputs.layout import Week
from aggregator.outputs.markdown import markdown
from aggregator.outputs.narrowing import facet_label, narrowed
from aggregator.outputs.pages import (
    Hit,
    Pages,
    Search,
    shipped_templates,
)
from tests.support.editions import (
    CHIPS,
    DAY,
    HOSTILE,
    LONG_WORD,
    MIDDLE_EAST,
    NOON,
    OPERA,
    article,
    edition,
    elsewhere,
    feed,
    paper,
    picture,
    report,
    story,
)
from tests.support.purity import unguarded

BERLIN = ZoneInfo("Europe/Berlin")
CLOCKS = (ZoneInfo("Asia/Jerusalem"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo"))
STATIC = Frame(root="../../", topics=[MIDDLE_EAST, CHIPS], discover=(("iran", "Iran", 3),))
LIVE = replace(STATIC, live=True, now=NOON)
HOSTILE_URL = "https://evil.example/?a=\"'><script>&b=%00\x07 ü"
PAGES = Pages("Morning papers", BERLIN, CLOCKS)
HOSTILE_PAGES = Pages(HOSTILE, BERLIN, CLOCKS)


def every_kind(pages: Pages, frame: Frame, text: str, url: str) -> Iterator[tuple[str, str]]:
    """Every kind of page, with the same text in every place and the same URL behind every link."""
    label = text or "Untold"
    topic = Topic(label, "t", text)
    told = replace(report(text, text), url=url)
    stories = [
        replace(
            story(text, text, (), tags=(label,), language=language, image=url, why=(text,)),
            id=f"{number}", url=url, reports=(told, told), sources=(text,),
            began=NOON, earlier=9, past=(told,), later=(told,) * 9,
            amended=(Amendment("x", text, NOON, text), Amendment("x", text, NOON)) * 9,
        )
        for number, language in enumerate(("en", "he", None, text, "ja", "ar", "en", "en", "en"))
    ]  # fmt: skip
    frame = replace(frame, topics=[topic], discover=(("x/y?", label, 1),))
    also = tuple(Brief(f"also-{n}", "x", text, url, text, n, text) for n in range(9))
    trends = (("x/y?", (0, 3, 1)), (label.lower().replace(" ", "-"), (1, 0, 0, 9)))
    rich = {"also": also, "trends": trends, "total": 99}
    day = edition(topic, stories, **rich, previous=DAY - timedelta(1), next=DAY + timedelta(1))
    made = article(
        text, url=url, summary=text, authors=(text, text), image=url, language=text,
        enclosures=(Enclosure(url, text, 1), Enclosure("javascript:alert(1)")),
        comments=Comments(url, None, None), dateline=Dateline(text, text),
        tags=(Tag("x", label, "rule", text),),
        sightings=(Sighting(url, text, text), Sighting(url, None, text)),
    )  # fmt: skip
    sick = feed(text, url=url, site_url=url, groups=(text,), error=text, failures=3, why=(text,))
    facets = {"tag": [(label, 1)], "feed": [(label, 1)], "language": [], "month": [("2026-12", 1)]}
    found = Search(text, [Hit(made, "a <mark>b</mark>")], 99, 2, facets=facets, warning=text)
    yield "front", pages.front(frame, [edition(None, stories[:3], **rich), day, edition(OPERA)])
    yield "front without the day's own edition", pages.front(frame, [day])
    yield "front without topics", pages.front(frame, [edition(None, stories)])
    yield "topic", pages.topic(frame, day)
    yield "stories of a topic", pages.stories(frame, day)
    yield "stories of a day", pages.stories(frame, edition(None, stories[:3], **rich))
    kin = tuple(Kin("x", text, NOON, earlier, 0.3, (text,)) for earlier in (True, False))
    yield "story", pages.story(frame, replace(stories[1], related=kin))
    yield "archive", pages.archive(frame, calendar_of([DAY, DAY - timedelta(40)]))
    old = [DAY - timedelta(n) for n in range(900)]
    yield "archive of years", pages.archive(frame, calendar_of(old, 2025, old[3::7]))
    yield "tags", pages.tags(frame, [TagCount("x/y?", label, 3)])
    yield "tag", pages.tag(frame, TagCount("x", label, 3), [made], page=2, pages=3)
    yield "article", pages.article(frame, made, [made, replace(made, url=None)])
    yield "plain article", pages.article(frame, replace(made, content_html="", text=text))
    yield "search", pages.search(frame, found)
    yield "newest search", pages.search(frame, replace(found, sort="newest", page=1))
    yield "empty search", pages.search(frame, Search(text))
    yield "no search", pages.search(frame, Search())
    yield "malformed search", pages.search(frame, Search(text, error=text, column=2))
    yield "feeds", pages.feeds(replace(frame, now=NOON), [(sick, "failing"), (feed(None), "ok")])
    yield "no feeds", pages.feeds(replace(frame, now=NOON), [])
    yield "error", pages.error(frame, 404, text)


def parsed(page: str) -> Element:
    """The tree of a page, raising on every parse error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(page)
    return tree


TEXTS = {
    "plain": (PAGES, "Ships", "https://a.example/x?a=1&b=2"),
    "hostile": (HOSTILE_PAGES, HOSTILE, HOSTILE_URL),
    "script": (HOSTILE_PAGES, HOSTILE, "javascript:alert(1)"),
    "long": (PAGES, LONG_WORD, "https://a.example/" + "x" * 3000),
    "empty": (PAGES, "", ""),
    "right to left": (PAGES, "מלחמה ‏ושלום 😀", "https://a.example/מלחמה"),
}


@pytest.mark.parametrize("frame", [STATIC, LIVE], ids=["static", "live"])
@pytest.mark.parametrize("sort", TEXTS)
def test_every_page_is_valid_safe_and_navigable(sort: str, frame: Frame) -> None:
    pages, text, url = TEXTS[sort]
    for name, page in every_kind(pages, frame, text, url):
        tree = parsed(page)
        assert_safe(tree)
        assert_navigable(tree)
        searchable = frame.live or "search" in name
        assert (tree.find(".//form[@role='search']") is not None) == searchable, name


def assert_safe(tree: Element) -> None:
    """No script, no inline style, no handler, and links only to the web or within the site."""
    assert unguarded(tree.iter()) == []
    for element in tree.iter():
        assert element.tag not in {"script", "style", "iframe", "object", "base"}
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "style"
            if name in {"href", "src", "action"}:
                assert re.match(r"https?://|(\.\./)*[^:]*$|\?|#|\./", value), value


@pytest.mark.parametrize("frame", [STATIC, LIVE], ids=["static", "live"])
def test_sites_that_are_linked_to_are_told_nothing(frame: Frame) -> None:
    for name, page in every_kind(PAGES, frame, "Ships", "https://a.example/x"):
        tree = parsed(page)
        (referrer,) = tree.findall(".//meta[@name='referrer']")
        assert referrer.attrib["content"] == "no-referrer", name
        assert tree.findall(".//a[@target]") == [], name


def test_links_of_an_article_and_of_feeds_are_marked_as_those_of_strangers() -> None:
    kinds = dict(every_kind(PAGES, LIVE, "Ships", "https://a.example/x"))
    for name in ("article", "plain article", "feeds", "tag", "search"):
        links = [link for link in parsed(kinds[name]).iter("a") if "://" in link.attrib["href"]]
        assert {link.attrib.get("rel") for link in links} == {"noopener noreferrer nofollow"}, name


def assert_navigable(tree: Element) -> None:
    """Landmarks, one `h1`, no heading level skipped, unique ids, labels and alternatives."""
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert [len(tree.findall(f".//{name}")) for name in ("main", "title", "h1")] == [1, 1, 1]
    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all("alt" in image.attrib and "width" in image.attrib for image in tree.iter("img"))
    assert all(image.attrib["referrerpolicy"] == "no-referrer" for image in tree.iter("img"))
    labelled = {label.attrib["for"] for label in tree.iter("label")}
    named = [e.attrib["id"] for e in tree.iter("input") if e.attrib["type"] != "hidden"]
    assert labelled == set(named)
    for element in tree.iter():
        assert element.attrib.get("aria-labelledby", ids[0]) in ids
        assert element.attrib.get("aria-describedby", ids[0]) in ids
        if element.tag in {"h1", "h2", "h3", "a"} and "aria-hidden" not in element.attrib:
            assert "".join(element.itertext()).strip()


@settings(max_examples=30)
@given(text=st.text(max_size=40), url=st.text(max_size=20).map("https://".__add__))
def test_no_text_breaks_out_of_a_page(text: str, url: str) -> None:
    for page in (PAGES.topic(LIVE, edition(CHIPS, [replace(story(text, text), url=url)])),
                 PAGES.search(LIVE, Search(text, error=text))):  # fmt: skip
        assert_safe(parsed(page))


# --- what pages say -----------------------------------------------------------------------------


def text_of(page: str) -> str:
    """What a reader reads of a page."""
    return " ".join("".join(parsed(page).find("body").itertext()).split())  # type: ignore[union-attr]


def test_the_masthead_has_title_date_and_the_last_report_on_every_clock() -> None:
    text = text_of(PAGES.front(STATIC, paper()))
    assert "Morning papers" in text
    assert "Tuesday, 17 February 2026" in text
    assert "Last report 12:00 Berlin 13:00 Jerusalem 06:00 New York 20:00 Tokyo" in text


def test_a_live_page_shows_the_time_in_the_cities_and_names_another_day() -> None:
    late = replace(LIVE, now=NOON + timedelta(hours=6))
    text = text_of(PAGES.topic(late, edition(CHIPS)))
    assert "18:00 Berlin 19:00 Jerusalem 12:00 New York 02:00 Wed Tokyo" in text
    assert "Last report" not in text


def test_the_front_page_leads_with_the_first_story_and_prints_each_story_once() -> None:
    page = PAGES.front(STATIC, paper())
    headlines = ["".join(e.itertext()) for e in parsed(page).iter() if e.tag == "h3"]
    assert headlines[0] == "Mediators table a sixty-day truce as border crossings reopen"
    assert len(headlines) == len(set(headlines))
    text = text_of(page)
    assert "A quiet day: nothing new on Opera." in text
    assert "Also today The last ferry" in text


def test_topics_whose_stories_all_stand_above_are_named_together() -> None:
    told = [elsewhere(), story("A plant opens")]
    editions = [edition(None, told), edition(CHIPS, told), edition(OPERA, told[:1])]
    for page in (PAGES.front(STATIC, editions), PAGES.week(STATIC, Week(DAY, tuple(editions)))):
        assert_navigable(parsed(page))
        assert "Told above: Chips, Opera" in text_of(page)
        assert "chips/index.html" in page
        assert "quiet day" not in page
        for each in told:
            assert text_of(page).count(each.title) == 1


def test_empty_days_look_intended() -> None:
    assert "A quiet day: no news came in." in text_of(PAGES.front(STATIC, [edition(None)]))
    quiet = PAGES.front(STATIC, [edition(None), edition(CHIPS), edition(OPERA)])
    assert "A quiet day: nothing new on Chips and Opera." in text_of(quiet)
    topic = text_of(PAGES.topic(STATIC, edition(CHIPS)))
    assert "A quiet day: nothing new on Chips." in topic
    assert "0 " not in topic


def test_a_story_names_its_sources_with_links_and_times_and_folds_the_rest() -> None:
    tree = parsed(PAGES.topic(STATIC, paper()[1]))
    first = next(tree.iter("article"))
    sources = " ".join("".join(first.find("p[@class='sources']").itertext()).split())  # type: ignore[union-attr]
    assert sources.startswith("6 sources Harbour Times 03:00, first Levant Courier Morning Ledger")
    assert sources.endswith("+1")
    folded = first.find("details")
    assert folded is not None
    assert "What is in the sixty-day text" in "".join(folded.itertext())
    assert "One story because" in "".join(folded.itertext())


def test_the_standfirst_of_a_small_card_ends_with_a_sentence() -> None:
    first, second = f"The council {'met and ' * 12}left.", f"It {'said and ' * 12}said no more."
    told = [story(f"Story {n}", f"{first} {second}", score=9 - n) for n in range(3)]
    page = PAGES.front(STATIC, [edition(None, told)])
    assert page.count(f">{first}</p>") == 2
    assert page.count(f">{first} {second}</p>") == 1


def test_who_says_it_first_is_named() -> None:
    told = story("Rain", sources=("Late Times", "Early Post"))
    (topic,) = [edition(CHIPS, [told])]
    assert "Early Post 10:18, first" in text_of(PAGES.topic(STATIC, topic))
    assert "Early Post 10:18, first" in plain.text([topic])
    for silent in (replace(told, earlier=1, began=NOON), story("Rain")):
        assert ", first" not in plain.text([edition(CHIPS, [silent])])


def test_a_report_of_another_day_shows_its_date() -> None:
    made = edition(CHIPS, [story("Old news", more=(report("Older news", "Radio Nord", 30),))])
    assert "Radio Nord 16 Feb, 06:00" in text_of(PAGES.topic(STATIC, made))


def told_on(day: date = DAY) -> Edition:
    told = replace(
        story("Storm goes on"),
        began=NOON - timedelta(days=2),
        earlier=7,
        past=(report("Storm begins", hours=30),),
        later=tuple(report(f"Storm ends {n}", hours=-20 - n) for n in range(7)),
        amended=(
            Amendment("1", "Radio Nord", NOON, "Storm nears"),
            Amendment("1", "Radio Nord", NOON + timedelta(hours=1)),
        ),
    )
    return edition(CHIPS, [told], day=day)


def test_a_story_tells_what_came_before_what_changed_and_what_came_since() -> None:
    text = text_of(PAGES.topic(STATIC, told_on()))
    assert "Before the last 1 of 7 16 Feb, 06:00 Storm begins" in text
    assert "New 12:00 Storm goes on" in text
    assert "Changed 12:00 Radio Nord headline changed from Storm nears" in text
    assert "13:00 Radio Nord text revised" in text
    assert "Since then 18 Feb, 08:00 Storm ends 0" in text
    assert "and 4 more reports" in text
    assert "7 reports since then" not in text
    assert "7 reports since then" in text_of(PAGES.front(STATIC, [told_on()]))


def test_reports_with_the_text_of_another_say_whose_it_is() -> None:
    copy = report("Storm ends", "Daily", origin="Nordwire")
    told = story("Storm ends", sources=("Nordwire", "Radio Nord"), more=(copy,))
    text = text_of(PAGES.topic(STATIC, edition(CHIPS, [told])))
    assert "2 sources Nordwire Radio Nord 10:18, first 1 more with the text of Nordwire" in text
    assert "Storm ends Daily (the text of Nordwire)" in text
    assert text.count("the text of") == 2


def wire() -> Story:
    """A story of a wire's text in three papers, two feeds of a fourth and a fifth paper's own."""
    return story(
        "Storm ends",
        sources=("Daily",),
        more=(
            report("Storm ends", "Courier", 1, origin="dpa", source="courier.example"),
            report("Wind drops", "World in Brief", 2, source="brief.example"),
            report("Wind drops in the north", "Brief, Europe", 3, source="brief.example"),
            report("Storm over", "Ledger", 4, origin="dpa", source="ledger.example"),
            report("Storm is over", "Post", 5, origin="dpa", source="post.example"),
        ),
    )


def test_only_independent_sources_are_counted_and_copies_named_apart() -> None:
    told = edition(CHIPS, [wire()])
    shown = "Daily 12:00 Courier World in Brief 2 more with the text of dpa"
    assert f"3 sources {shown}" in text_of(PAGES.topic(STATIC, told)).replace(" ·", "")
    lines = " ".join(plain.text([told]).split())
    assert "3 sources: Daily 12:00 · Courier 11:00 · World in Brief 10:00" in lines
    assert lines.count("2 more with the text of dpa") == 1
    assert markdown([told]).count("\n- ") == 4
    assert "- 2 more with the text of dpa" in markdown([told])
    letter = text_of(PAGES.letter([told], images=False))
    assert (
        "3 sources Daily 12:00 · Courier · World in Brief · 2 more with the text of dpa" in letter
    )
    assert layout.brief(wire()).sources == 3


def test_a_source_says_it_first_in_whichever_of_its_feeds() -> None:
    told = wire()
    first = replace(told.reports[3], date=NOON - timedelta(hours=9))
    reports = (*told.reports[:3], first, *told.reports[4:])
    assert "World in Brief 03:00, first" in text_of(
        PAGES.front(STATIC, [edition(None, [replace(told, reports=reports)])])
    )
    assert ", first" not in plain.text([edition(CHIPS, [told])])


def test_what_one_feed_brought_from_several_sites_goes_by_these() -> None:
    links = [report(f"Chip {site}", "Links", source=site) for site in ("a.example", "b.example")]
    told = story("Chip", sources=("Daily",), more=links)
    assert [each.feed for each in layout.reports_by_source(told)] == [
        "Daily",
        "a.example",
        "b.example",
    ]


def test_a_story_of_several_days_is_told_day_by_day_and_so_is_what_came_before() -> None:
    more = tuple(report(f"Storm {name}", hours=hours) for name, hours in (("C", 20), ("B", 24)))
    days = {"Later": 2, "Sooner": 3}
    kin = tuple(
        Kin(f"kin{back}", title, NOON - timedelta(days=back), True, 0.5, ())
        for title, back in days.items()
    )
    told = replace(story("Storm D", more=more), began=NOON - timedelta(days=1), related=kin)
    text = text_of(PAGES.story(LIVE, told))
    assert (
        "3 reports since Monday, 16 February 2026 12:00 Storm B Daily Example 16:00 Storm C" in text
    )
    assert "Daily Example Tuesday, 17 February 2026 12:00 Storm D" in text
    assert "Earlier in this story Sooner 14 Feb 2026, 12:00 Later 15 Feb 2026, 12:00" in text


def test_the_first_story_shows_how_others_put_it() -> None:
    other = report("The storm is over", "Radio Nord")
    told = story("Storm ends", sources=("Daily", "Courier"), more=(other, replace(other, id="x")))
    page = parsed(PAGES.front(STATIC, [edition(None, [told, story("Else")])]))
    (voices,) = (each for each in page.iter("ul") if "voices" in each.get("class", ""))
    assert ["".join(each.itertext()).split() for each in voices] == [
        ["The", "storm", "is", "over", "Radio", "Nord"]
    ]


def test_stories_that_are_not_told_are_named_once() -> None:
    told = story("Told")
    named = tuple(
        Brief(f"{n}", f"r{n}", f"Named {n}", f"https://a.example/{n}", "Daily", 3)
        for n in range(40)
    )
    front = edition(None, [told], also=(*map(layout.brief, [told]), *named), total=60)
    text = text_of(PAGES.front(STATIC, [front, edition(CHIPS, [told])]))
    assert text.count("Told") == 2  # at the top, and in: Told above: Chips
    assert "Also today Named 0 Daily +2 Named 1" in text
    assert "Named 17" in text
    assert "Named 18" not in text
    topic = replace(front, topic=CHIPS)
    assert "All 60 stories" in text_of(PAGES.topic(STATIC, topic))
    assert 'href="../../digest/2026-02-17/chips/stories.html"' in PAGES.topic(STATIC, topic)
    live = PAGES.stories(LIVE, topic)
    assert f"q=%28{quote_plus(CHIPS.query)}%29+date%3A2026-02-17&amp;sort=newest" in live
    listed = text_of(PAGES.stories(STATIC, topic))
    assert [listed.count(f"Named {n} ") for n in range(40)] == [1] * 40
    assert "And 18 more stories" in listed


def test_tags_of_the_day_show_their_last_days() -> None:
    made = edition(
        CHIPS,
        [story("A", tags=("Oil", "New"))],
        trends=(("oil", (0, 4, 2)), ("new", (0, 0, 1))),
    )
    for page in (PAGES.topic(STATIC, made), PAGES.front(STATIC, [made])):
        tree = parsed(page)
        (spark,) = tree.findall(".//*[@class='spark']")
        assert spark.attrib["aria-label"] == "at most 4 a day in 3 days, 2 on the last"
        assert spark[0].attrib["points"] == "1,15.0 6,1.0 11,8.0"


def test_static_headlines_lead_to_publishers_and_live_ones_to_our_pages() -> None:
    made = edition(CHIPS, [story("Chips are cheap")])
    told = made.stories[0]
    assert f'<h2><a href="{told.url}"' in PAGES.topic(STATIC, made)
    assert f'<h2><a href="../../article/{told.id}/"' in PAGES.topic(LIVE, made)
    bare = edition(CHIPS, [replace(told, url=None)])
    assert "<h2><span" in PAGES.topic(STATIC, bare)


def test_headlines_say_their_language_and_direction() -> None:
    page = PAGES.topic(STATIC, paper()[1])
    assert re.search(r'<a href="[^"]+" rel="[^"]+" lang="he" dir="rtl">שר האוצר', page)
    assert re.search(r'<a href="[^"]+" rel="[^"]+" lang="ar" dir="rtl">مصر', page)
    assert 'lang="en" dir="ltr">Mediators' in page
    unknown = edition(CHIPS, [story("?", language=None)])
    assert re.search(r'<a href="[^"]+" rel="[^"]+" dir="auto">\?', PAGES.topic(STATIC, unknown))


def test_previous_and_next_days_are_linked() -> None:
    made = replace(paper()[1], previous=date(2026, 2, 16), next=date(2026, 2, 18))
    page = PAGES.topic(STATIC, made)
    assert 'rel="prev" href="../../digest/2026-02-16/middle-east/index.html"' in page
    assert 'rel="next" href="../../digest/2026-02-18/middle-east/index.html"' in page
    front = PAGES.front(LIVE, [replace(made, topic=None)])
    assert 'rel="next" href="../../digest/2026-02-18/"' in front


def test_an_article_tells_all_that_is_known_of_it() -> None:
    mate = article("The same, elsewhere", sightings=(Sighting("https://b.example/f", None, "1"),))
    page = PAGES.article(LIVE, article(), [mate], [article("Ink that conducts")])
    text = text_of(page)
    for expected in (
        "By Ines Moravec and Tom Adeyemi", "The Observer Post", "17 Feb 2026, 12:00",
        "GRAZ, Reuters", "812 words", "2 revisions", "paper.mp3", "48 comments",
        "The same, elsewhere b.example", "Related Ink that conducts", "Also seen in Planet Lab",
        "Why these tags? Science the feed's own category",
    ):  # fmt: skip
        assert expected in text
    assert 'title="the rule “transistor*” matches"' in page
    assert "<h2>How it is made</h2>" in page
    assert 'alt="Picture published with “A lab grows transistors on paper”"' in page


def test_an_article_without_anything_still_reads() -> None:
    bare = article("", url=None, summary="", content_html="", text="One.\n\nTwo.", authors=(),
                   image=None, enclosures=(), comments=Comments(), dateline=Dateline(), words=0,
                   tags=(), revisions=0, language=None, sightings=())  # fmt: skip
    page = PAGES.article(LIVE, bare)
    assert "Untitled" in page
    assert "<p>One.</p><p>Two.</p>" in page
    assert "Read it at" not in page


def test_a_standfirst_and_a_picture_are_not_shown_twice() -> None:
    made = article(summary="Once.", text="Once. Upon", image="https://i.example/a?b&c",
                   content_html='<p>Once. <img src="https://i.example/a?b&amp;c"></p>')  # fmt: skip
    page = PAGES.article(LIVE, made)
    assert "standfirst" not in page
    assert page.count("https://i.example/a") == 1
    parted = replace(made, summary="Once. Upon a…", text="Once.\n\nUpon  a time")
    assert "standfirst" not in PAGES.article(LIVE, parted)
    assert "standfirst" in PAGES.article(LIVE, replace(made, summary="Twice."))


def test_search_results_can_be_narrowed_sorted_and_paged() -> None:
    found = Search(
        "oil OR gas", [Hit(article(), "a <mark>b</mark>")], 45, 2,
        facets={"tag": [("Middle East", 4)], "month": [("2026-02", 2)]},
    )  # fmt: skip
    page = PAGES.search(LIVE, found)
    assert "<mark>b</mark>" in page
    assert "search?q=%28oil+OR+gas%29+tag%3A%22Middle+East%22&amp;sort=relevance" in page
    assert "page=3&amp;q=oil" in page
    assert "Page 2 of 3" in text_of(page)
    assert "February 2026" in text_of(page)
    assert 'search/atom.xml?q=oil+OR+gas"' in page


def test_a_malformed_query_is_pointed_at() -> None:
    page = PAGES.search(LIVE, Search("a AND (b", error="Never closed.", column=7))
    assert "a AND (b\n      ^" in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    ("query", "facet", "value", "expected"),
    [
        ("oil", "tag", "Middle East", 'oil tag:"Middle East"'),
        ("oil", "tag", 'A "B"', 'oil tag:"A B"'),
        ("a OR b", "feed", "BBC", '(a OR b) feed:"BBC"'),
        ("", "language", "he", "language:he"),
        ("oil", "month", "2026-12", "oil after:2026-12-01 before:2027-01-01"),
        ("oil", "month", "2026-02", "oil after:2026-02-01 before:2026-03-01"),
    ],
)
def test_narrowing_adds_the_facet_to_the_query(
    query: str, facet: str, value: str, expected: str
) -> None:
    assert narrowed(query, facet, value) == expected
    assert facet_label(facet, value) in {value, "Hebrew", "December 2026", "February 2026"}


def test_the_feeds_page_says_what_is_wrong_and_when_it_is_tried_again() -> None:
    broken = feed("Radio Nord", error="The server answered 503.", failures=4)
    asleep = feed("Gone", active=False, next_poll=None, last_new=None)
    text = text_of(PAGES.feeds(LIVE, [(broken, "failing"), (asleep, "gone")]))
    assert "2 feeds, 1 failing, 1 gone" in text
    assert "The server answered 503. (4 times) failing 1,204 2 hours ago 10 minutes ago" in text
    assert "in 20 minutes" in text
    assert "paused 1,204 never" in text


def test_times_of_feeds_are_told_from_now() -> None:
    times = [feed(str(n), last_poll=NOON - timedelta(seconds=n)) for n in (0, 59, 60, 86_400)]
    text = text_of(PAGES.feeds(LIVE, [(each, "ok") for each in times]))
    for told in ("now", "59 seconds ago", "1 minute ago", "1 day ago"):
        assert text.count(f"2 hours ago {told} in 20 minutes") == 1


def heavy(number: int, rank: int) -> Story:
    """A story of thirty sources, with addresses as long as those of real papers."""
    title = f"Headline {number} {rank} of a usual length, as papers have them"
    told = story(
        title,
        "A sentence of a summary, repeated until it is long enough. " * 5,
        [f"The Harbour Times of Town {n}" for n in range(30)],
        tags=("Middle East", "Truce talks", "Egypt", "Diplomacy"),
        image=picture(title + "x" * 80),
        why=[f"Harbour Times “{title}”: shared words with Courier: a, b, c (0.51)"] * 29,
    )
    long = tuple(replace(each, url=f"{each.url}{'-' * 70}") for each in told.reports)
    return replace(told, id=f"{number}-{rank}", reports=long, later=long, past=long[:5], earlier=9)


@pytest.mark.parametrize("topics", [1, 12, 30])
def test_a_large_front_page_stays_small(topics: int) -> None:
    general = edition(None, [heavy(0, rank) for rank in range(24)])
    editions = [
        edition(Topic(f"Topic {n}", f"topic-{n}", "x"), [heavy(n, rank) for rank in range(20)])
        for n in range(1, topics + 1)
    ]
    assert len(PAGES.front(STATIC, [general, *editions]).encode()) < 150_000


@pytest.mark.parametrize("stories", [20, 1_000])
def test_a_large_topic_page_stays_small(stories: int) -> None:
    many = edition(CHIPS, [heavy(0, rank) for rank in range(stories)])
    page = PAGES.topic(STATIC, many)
    assert len(page.encode()) < 150_000
    assert ("All 1,000 stories" in page) == (stories > 70)


def test_a_long_list_of_stories_stays_small() -> None:
    many = edition(CHIPS, [heavy(0, rank) for rank in range(1_000)])
    page = PAGES.stories(STATIC, many)
    assert len(page.encode()) < 150_000
    assert page.count("<li>") > 400
    assert "And 600 more stories" in page


def test_the_archive_stays_small_however_long_it_goes_on() -> None:
    days = [DAY - timedelta(days) for days in range(10_000)]
    for year in (None, 2025):
        page = PAGES.archive(STATIC, calendar_of(days, year, days[::7]))
        assert len(page.encode()) < 150_000
        assert page.count("<caption>") == 12
        assert f'archive/{days[-1].year}/index.html"' in page
    assert "digest/2025-02-17/" in PAGES.archive(STATIC, calendar_of(days, 2025))
    assert "digest/2024-12-31/" not in PAGES.archive(STATIC, calendar_of(days, 2025))


def test_a_short_archive_has_no_years_to_choose_from() -> None:
    page = PAGES.archive(STATIC, calendar_of([DAY, DAY - timedelta(40)], weeks=[DAY]))
    assert "Years" not in page
    assert re.findall(r"<caption>(.*?)</caption>", page) == ["February 2026", "January 2026"]
    assert ">17 Feb</a>" in page


# --- templates ----------------------------------------------------------------------------------


def test_a_users_template_takes_the_place_of_ours_and_may_extend_it(tmp_path: Path) -> None:
    (tmp_path / "error.html").write_text(
        '{% extends "shipped/error.html" %}{% block title %}Mine{% endblock %}'
    )
    page = Pages("Paper", BERLIN, templates=tmp_path).error(STATIC, 500, "Broken.")
    assert "<title>Mine</title>" in page
    assert "Broken." in page


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("{{ paper }}\n{% if %}", 2, "Expected"),
        ("\n\n{{ nothing.here }}", 3, "'nothing' is undefined"),
        ("{{ 1 / 0 }}", 1, "division by zero"),
        ('\n{% extends "absent.html" %}', 2, "there is no template 'absent.html'"),
        ('\n{% include "error.html" %}', 2, "templates include or extend one another without end"),
        ('{% extends "error.html" %}', 1, "templates include or extend one another without end"),
        ("\n{% for n in range(10 ** 12) %}{% endfor %}", 2, "Range too big"),
        ('{% include "latin.html" %}', 3, "not written in UTF-8"),
        ('{% include "broken.html" %}', 2, "unknown tag 'wrong'"),
    ],
)
def test_a_template_error_names_file_and_line(
    tmp_path: Path, template: str, line: int, message: str
) -> None:
    (tmp_path / "error.html").write_text(template)
    (tmp_path / "broken.html").write_text("\n{% wrong %}")
    (tmp_path / "latin.html").write_bytes(b"\n\ncaf\xe9")
    pages = Pages("Paper", BERLIN, templates=tmp_path)
    with pytest.raises(AggregatorError, match=rf"\.html:{line}: .*{message}") as raised:
        pages.error(STATIC, 500, "Broken.")
    assert str(raised.value).startswith(str(tmp_path))


def test_a_template_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "error.html").symlink_to("/proc/self/mem")  # opens for everybody, reads for none
    pages = Pages("Paper", BERLIN, templates=tmp_path)
    with pytest.raises(AggregatorError, match=r"/error\.html:1: cannot be read: ") as raised:
        pages.error(STATIC, 500, "Broken.")
    assert str(raised.value).startswith(str(tmp_path))


def test_checking_compiles_every_template(tmp_path: Path) -> None:
    PAGES.check()
    for template in shipped_templates().glob("*.html"):
        broken = tmp_path / template.name
        broken.write_text("{% for %}")
        with pytest.raises(AggregatorError, match=rf"{template.name}:1: "):
            Pages("Paper", BERLIN, templates=tmp_path).check()
        broken.unlink()


@pytest.mark.parametrize(
    ("name", "template", "problem"),
    [
        ("topic.html", "\n{{ storys }}{{ raked.told }}", "2: storys: topic.html is given nothing"),
        ("topic.html", "\n{{ raked.told }}", "2: raked: .* this name .did you mean ranked.."),
        ("front.html", "{{ ranked.told }}", "1: ranked: front.html is given nothing of this name"),
        ("front.html", "\n{{ card(1, 2) }}", "2: card: .*: import it from _macros.html with"),
        ("base.html", "{% block content %}{{ papr }}{% endblock %}", "1: papr: .*mean paper"),
        ("_dateline.html", "{{ referense|moment }}", "1: referense: .*mean reference"),
        (
            "tags.html",
            '{% extends "shipped/tags.html" %}\n{% set at = cnts %}',
            "2: cnts: .*counts",
        ),
        ("tags.html", '\n{% extends "absent.html" %}', "2: there is no template 'absent.html'"),
        ("tags.html", '\n{% include "absent.html" %}', "2: there is no template 'absent.html'"),
        ("tags.html", '{% include "broken.html" %}', "2: Encountered unknown tag 'wrong'"),
    ],
)
def test_checking_finds_names_that_nobody_gives(
    tmp_path: Path, name: str, template: str, problem: str
) -> None:
    (tmp_path / "broken.html").write_text("\n{% wrong %}")
    (tmp_path / name).write_text(template)
    with pytest.raises(ConfigError, match=rf"^{tmp_path}/\w+\.html:{problem}"):
        Pages("Paper", BERLIN, templates=tmp_path).check()


@pytest.mark.parametrize(
    "template",
    [
        '{% extends "shipped/topic.html" %}{% block content %}{{ headline }}{{ here }}',
        '{% from "_macros.html" import headline as h with context %}{% block content %}{{ h(1) }}',
        "{% block content %}{% if mine is defined %}{{ mine }}{% endif %}{{ other|default('') }}",
        "{% block content %}{% for each in ranked.told %}{{ loop.index }}{{ each }}{% endfor %}",
        "{% macro m(a) %}{{ a }}{{ caller() }}{% endmacro %}{% block content %}{{ self.kind() }}",
        '{% block content %}{% include "absent.html" ignore missing %}{{ paper }}{{ frame.root }}',
        '{% block content %}{% set n = namespace(a=1) %}{{ n.a }}{% include "piece.html" %}',
    ],
)
def test_checking_takes_names_that_are_given_or_set(tmp_path: Path, template: str) -> None:
    (tmp_path / "piece.html").write_text("{{ whatever }}")
    (tmp_path / "topic.html").write_text(template + "{% endblock %}")
    Pages("Paper", BERLIN, templates=tmp_path).check()


def test_all_mistakes_in_templates_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "error.html").write_text("{{ statu }}\n{{ mesage }}\n{{ statu }}")
    (tmp_path / "topic.html").write_text("{% for %}")
    with pytest.raises(ConfigError) as raised:
        Pages("Paper", BERLIN, templates=tmp_path).check()
    told = [(Path(each.file).name, each.line, each.key) for each in raised.value.problems]
    assert told == [("topic.html", 1, ""), ("error.html", 1, "statu"), ("error.html", 2, "mesage")]


def test_templates_are_given_what_checking_takes_for_given(tmp_path: Path) -> None:
    for template in shipped_templates().glob("*.html"):
        shutil.copy(template, tmp_path)
    Pages("Paper", BERLIN, templates=tmp_path).check()
    for name, names in GIVEN.items():
        asked = "".join(f"{{{{ '' if {each} is defined else '{each}' }}}}" for each in names)
        (tmp_path / name).write_text(f"{name}:{asked}")
    pages = Pages("Paper", BERLIN, templates=tmp_path)
    rest = {pages.week(STATIC, Week(DAY, tuple(paper()))), pages.letter(paper())}
    rendered = {page for _, page in every_kind(pages, STATIC, "x", "https://x.example/")} | rest
    assert rendered == {f"{name}:" for name in GIVEN}


def test_a_users_static_files_are_added_and_take_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "static" / "fonts").mkdir(parents=True)
    (tmp_path / "static" / "style.css").write_text("body {}")
    (tmp_path / "static" / "fonts" / "own.woff2").write_bytes(b"x")
    assets = Pages("Paper", BERLIN, templates=tmp_path).assets()
    assert assets["style.css"] == tmp_path / "static" / "style.css"
    assert assets["fonts/own.woff2"].read_bytes() == b"x"
    assert PAGES.assets()["style.css"].read_text().startswith("/*")


def test_the_root_is_reached_from_every_path() -> None:
    assert [root_of(path) for path in ("/", "/search", "/tag/x/", "/digest/d/t/")] == [
        "", "", "../../", "../../../",
    ]  # fmt: skip
    assert Frame(live=True).link() == "./"
    assert Frame().link("tag", "c/ü") == "tag/c%2F%C3%BC/index.html"


def test_contrast_of_text_is_enough_by_day_and_by_night() -> None:
    sheet = PAGES.assets()["style.css"].read_text()
    for block in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
        for text in ("ink", "soft", "accent", "link", "bad", "good"):
            for ground in ("paper", "raised"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        assert contrast(colours["ink"], colours["mark"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, relative luminance)."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_template_and_filter_is_documented() -> None:
    guide = (Path(__file__).parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")
    shipped = shipped_templates()
    for template in shipped.glob("*.html"):
        assert f"`{template.name}`" in guide
        assert all(f"`{each}" in guide for each in GIVEN.get(template.name, ()))
        for used in re.findall(r"\|\s*([a-z_]+)", template.read_text(encoding="utf-8")):
            assert used in JINJAS_OWN or f"|{used}" in guide, used
    macros = re.findall(r"macro (\w+)", (shipped / "_macros.html").read_text(encoding="utf-8"))
    assert all(f"`{macro}`" in guide for macro in macros)


JINJAS_OWN = {
    *("dictsort", "filesizeformat", "first", "format", "groupby", "join", "length", "list"),
    *("map", "max", "rejectattr", "safe", "select", "selectattr", "sort", "sum", "truncate"),
}
