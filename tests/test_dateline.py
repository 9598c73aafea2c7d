from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Dateline
from aggregator.normalize.dateline import find
from aggregator.normalize.days import read_day
from aggregator.normalize.excision import cut
from aggregator.text import visible

NEAR = date(2025, 11, 3)
TODAY = NEAR
JUNE = date(2025, 6, 25)

DATELINES = [
    # place and agency
    ("JERUSALEM (AP) — ", "JERUSALEM", "AP", None),
    ("WASHINGTON, D.C. (AP) -- ", "WASHINGTON, D.C.", "AP", None),
    ("BERLIN (dpa) - ", "BERLIN", "dpa", None),
    ("PARIS (AFP) – ", "PARIS", "AFP", None),
    ("TEL AVIV, Israel (AP) — ", "TEL AVIV, Israel", "AP", None),
    ("SÃO PAULO (Reuters) - ", "SÃO PAULO", "Reuters", None),
    ("GAZA CITY, Gaza Strip (AP) —\u00a0", "GAZA CITY, Gaza Strip", "AP", None),
    ("PORT-AU-PRINCE, Haiti (AP) — ", "PORT-AU-PRINCE, Haiti", "AP", None),
    ("N'DJAMENA (AFP) - ", "N'DJAMENA", "AFP", None),
    ("VAL-D’OR (La Presse) – ", "VAL-D’OR", "La Presse", None),
    ("HARBOUR POINT (Coastwire) - ", "HARBOUR POINT", "Coastwire", None),
    ("ST. PAUL, Minn. (Prairie News) — ", "ST. PAUL, Minn.", "Prairie News", None),
    ("KYIV [Ukrinform] — ", "KYIV", "Ukrinform", None),
    ("KATHMANDU (AP/Reuters) — ", "KATHMANDU", "AP/Reuters", None),
    ("LAGOS (NAN): ", "LAGOS", "NAN", None),
    ("WASHINGTON — (AP) — ", "WASHINGTON", "AP", None),
    ("Berlin (dpa) - ", "Berlin", "dpa", None),
    ("Frankfurt am Main (dpa) - ", "Frankfurt am Main", "dpa", None),
    ("Bruxelles (AFP) – ", "Bruxelles", "AFP", None),
    ("Madrid (EFE).- ", "Madrid", "EFE", None),
    ("Washington (CNN) — ", "Washington", "CNN", None),
    # with a day
    ("LONDON, Nov 3 (Reuters) - ", "LONDON", "Reuters", TODAY),
    ("KYIV/WARSAW, Feb 17 (Reuters) - ", "KYIV/WARSAW", "Reuters", date(2025, 2, 17)),
    ("NEW DELHI, 3 Nov (PTI) ", "NEW DELHI", "PTI", TODAY),
    ("BEIJING, Nov. 3 (Xinhua) -- ", "BEIJING", "Xinhua", TODAY),
    ("SYDNEY, Nov 4 (Reuters) - ", "SYDNEY", "Reuters", date(2025, 11, 4)),
    ("DHAKA, Nov 5 (BSS) - ", "DHAKA", "BSS", date(2024, 11, 5)),
    ("OSLO, Monday, November 3 (NTB) – ", "OSLO", "NTB", TODAY),
    ("VIENNA, Mon., Nov. 3, 2025 (APA) - ", "VIENNA", "APA", TODAY),
    ("RAMALLAH, 2025-06-25 (WAFA) - ", "RAMALLAH", "WAFA", JUNE),
    ("WIEN, 25.06.2025 (APA) – ", "WIEN", "APA", JUNE),
    ("Genf, 3. November (SDA) - ", "Genf", "SDA", TODAY),
    ("MÜNCHEN, 25. Juni 2025 (epd) - ", "MÜNCHEN", "epd", JUNE),
    ("PARIS, 25 juin 2025 (AFP) - ", "PARIS", "AFP", JUNE),
    ("LYON, 1er août (AFP) - ", "LYON", "AFP", date(2025, 8, 1)),
    ("Madrid, 25 jun (EFE).- ", "Madrid", "EFE", JUNE),
    ("BOGOTÁ, 25 de junio de 2025 (EFE) – ", "BOGOTÁ", "EFE", JUNE),
    ("NEW YORK, June 25, 2025 /PRNewswire/ -- ", "NEW YORK", "PRNewswire", JUNE),
    ("JERUSALEM (AP / June 25, 2025) — ", "JERUSALEM", "AP", JUNE),
    ("JERUSALEM (June 25, 2025) — ", "JERUSALEM", None, JUNE),
    ("GENEVA, 25 June 2025 – ", "GENEVA", None, JUNE),
    ("МОСКВА, 3 ноя — РИА Новости. ", "МОСКВА", "РИА Новости", TODAY),
    ("МОСКВА, 25 июня. /ТАСС/. ", "МОСКВА", "ТАСС", JUNE),
    ("MOSCOW, June 25. /TASS/. ", "MOSCOW", "TASS", JUNE),
    ("САНКТ-ПЕТЕРБУРГ, 25 июня 2025 г. (Интерфакс) - ", "САНКТ-ПЕТЕРБУРГ", "Интерфакс", JUNE),
    # agency or day alone
    ("(June 25, 2025 / JNS) ", None, "JNS", JUNE),
    ("(JNS / June 25, 2025) ", None, "JNS", JUNE),
    ("(JTA) — ", None, "JTA", None),
    ("(Reuters) - ", None, "Reuters", None),
    # places that stand alone
    ("Beirut, Lebanon – ", "Beirut, Lebanon", None, None),
    ("KYIV, Ukraine — ", "KYIV, Ukraine", None, None),
    ("ROSTOV-ON-DON, Russia — ", "ROSTOV-ON-DON, Russia", None, None),
    ("JERUSALEM — ", "JERUSALEM", None, None),
    ("ISLAMABAD: ", "ISLAMABAD", None, None),
    ("JERUSALEM / ISLAMABAD: ", "JERUSALEM / ISLAMABAD", None, None),
    ("WASHINGTON -- ", "WASHINGTON", None, None),
]

NO_DATELINES = [
    "The (first) test - a report from the laboratory",
    "NASA (the agency) said on Monday that the launch is off",
    "NASA (National Aeronautics and Space Administration) - a history",
    "HTML (Hypertext Markup Language) - how it began",
    "NATO (North Atlantic Treaty Organization) — a primer",
    "NVIDIA (NVDA) - shares rose by a tenth on Monday",
    "TESLA (TSLA) — the maker of cars said",
    "IDF (Israel Defense) — a portrait of an army",
    "ASSOCIATED PRESS (AP) — the agency is 180 years old",
    "Associated Press (AP) — the agency is 180 years old",
    "Press Trust of India (PTI) - the agency moved",
    "Agence France-Presse (AFP) – the agency moved",
    "Sherlock (BBC) – the detective is back",
    "Apple (AAPL) – shares fell on Monday",
    "Microsoft (MSFT) - get the report",
    "SYRIZA (Greece) — the party chose a leader",
    "MUMBAI (India) — nothing but the country in brackets",
    "BREAKING — the minister has resigned",
    "BREAKING NEWS (AP) — the minister has resigned",
    "UPDATE (AP) — the bridge is open again",
    "WATCH (Video) — the bridge falls",
    "LIVE: the vote in parliament",
    "EXCLUSIVE - the minister's letters",
    "OPINION — the bridge should have been closed",
    "FACT CHECK (AP) — no, the bridge is not for sale",
    "COVID-19 — what we know",
    "CROSSWORD - February 27, 2026",
    "SUDOKU - February 27, 2026",
    "TL;DR - I moved my site",
    "NASA — the agency that went to the moon",
    "OPEC — the cartel met on Monday",
    "ARK: Survival Ascended was newly added",
    "TRIBES 3: Rivals was newly added",
    "(Image credit: AP)",
    "(Warning: spoilers follow.) In the first nine stories",
    "(Updated) — the bridge is open again",
    "(first) — the second",
    "Paris (the city) - a love story",
    "Congress (INC) - the party chose a leader",
    "Yesterday, I moved my site - at last",
    "However, Trump – who was there – said no",
    "Iran, Israel – two countries and one war",
    "Netanyahu, Trump – two men and one war",
    "Smith, Jones – the pair met on Monday",
    "May 3 – the day that changed the town",
    "In London, Nov 3 was a day of rain",
    "London – a city guide",
    "Jerusalem: a biography",
    "the village (population 30) - a portrait",
    "U.S. — the economy grew",
    "AI — a threat or a promise",
    "Q&A (with the author) — how the book came to be",
    "LIGO: Live Reaction Blog",
    "A bridge (AP) fell — nobody was hurt",
    "3 November (Monday) - the plan of the day",
    "BRIDGE FALLS IN THE NIGHT AND NOBODY IS HURT AT ALL (AP) — Text",
    "— I told you so.",
    ":D",
    "",
]


@pytest.mark.parametrize(("written", "place", "agency", "day"), DATELINES)
def test_a_dateline_gives_place_agency_and_day(written, place, agency, day):
    text = written + "The bridge over the river is open again."
    found = find(text, NEAR)
    assert found is not None
    assert found.dateline == Dateline(place, agency, day)
    assert text[found.end :] == "The bridge over the river is open again."
    assert found.start == 0


@pytest.mark.parametrize("text", NO_DATELINES)
def test_what_is_not_surely_a_dateline_is_none(text):
    assert find(text, NEAR) is None


def test_a_dateline_may_follow_a_byline_and_a_caption():
    text = "By Ann Lee\nA bridge in the rain\nGENEVA, Nov 3 (Reuters) - The bridge is open."
    found = find(text, NEAR)
    assert found is not None
    assert (
        text[: found.start] + text[found.end :]
        == "By Ann Lee\nA bridge in the rain\nThe bridge is open."
    )


def test_a_dateline_deep_in_the_text_stays():
    assert find("One.\n" * 20 + "GENEVA, Nov 3 (Reuters) - The bridge is open.", NEAR) is None


def test_a_place_in_small_letters_counts_at_the_beginning_only():
    assert find("A caption\nBeirut, Lebanon – a street in the rain", NEAR) is None


def test_a_dateline_on_a_line_of_its_own_is_found_and_one_without_a_text_is_not():
    found = find("JERUSALEM (AP) —\nThe bridge is open.", NEAR)
    assert found is not None
    assert found.end == len("JERUSALEM (AP) —\n")
    assert find("JERUSALEM (AP) —", NEAR) is None


@pytest.mark.parametrize(
    ("html", "without"),
    [
        ("<p>JERUSALEM (AP) — Text</p>", "<p>Text</p>"),
        ("<p><b>JERUSALEM (AP)</b> — Text</p>", "<p>Text</p>"),
        ("<p><strong>JERUSALEM</strong> (<em>AP</em>) — <i>Text</i></p>", "<p><i>Text</i></p>"),
        ("<p>JERUSALEM&nbsp;(AP)&nbsp;— Text</p>", "<p>Text</p>"),
        ("<p>JERUSALEM (AP) —</p><p>Text</p>", "<p>Text</p>"),
        ("<p><b>JERUSALEM (AP) — Text</b> goes on</p>", "<p><b>Text</b> goes on</p>"),
        (
            '<p><a href="https://example.org/ap">JERUSALEM</a> (AP) — Text &amp; more</p>',
            "<p>Text &amp; more</p>",
        ),
        (
            '<figure><img src="https://example.org/a.jpg"></figure>\n<p>JERUSALEM (AP) — Text</p>',
            '<figure><img src="https://example.org/a.jpg"></figure>\n<p>Text</p>',
        ),
        ("<p>A caption</p><p>JERUSALEM (AP) — Text</p>", "<p>A caption</p><p>Text</p>"),
    ],
)
def test_a_dateline_leaves_the_html_and_its_tags_stay_paired(html, without):
    text = visible(html)
    found = find(text, NEAR)
    assert found is not None
    assert cut(html, text, found.start, found.end) == without


def test_html_that_shows_another_text_is_left_as_it_is():
    assert cut("<p>One two</p>", "Something else", 0, 9) == "<p>One two</p>"
    assert cut("<p>One</p>", "One", 3, 3) == "<p>One</p>"


WORDS = st.lists(st.sampled_from(["one", "two", "&amp;", "é", "日本", "x y"]), min_size=1)
PIECES = st.lists(st.tuples(st.sampled_from(["p", "b", "em", "div", "h2"]), WORDS), min_size=1)


@settings(deadline=None)
@given(PIECES, st.integers(0, 30), st.integers(1, 30))
def test_cutting_html_shows_what_cutting_the_text_shows(pieces, start, length):
    html = "".join(f"<{tag}>{' '.join(words)}</{tag}>" for tag, words in pieces)
    text = visible(html)
    left = cut(html, text, start, start + length)
    expected = text[:start] + text[start + length :]
    assert "".join(visible(left).split()) == "".join(expected.split())
    assert left.count("<") == 2 * left.count("</")


@pytest.mark.parametrize(
    "written",
    [
        *("", "Nov", "31 Feb", "Nov 0", "Nov 3, 25", "3 4", "12:30", "Nov Dec 3", "99.99.2025"),
        *("x 3", "2025-13-01", "Nov 3 2025 4", "²", "1 2 3", "Monday"),
    ],
)
def test_what_is_no_day_is_none(written):
    assert read_day(written, NEAR) is None


def test_a_leap_day_is_the_latest_one_there_was():
    assert read_day("29 Feb", NEAR) == date(2024, 2, 29)


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 300))
def test_a_day_without_year_is_the_latest_that_is_not_after_tomorrow(near, back):
    day = near - timedelta(days=back)
    assert read_day(f"{day:%B} {day.day}", near) == day


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_it_raise(text):
    found = find(text, NEAR)
    assert found is None or 0 <= found.start < found.end < len(text)


@settings(deadline=None)
@given(
    st.text(alphabet="ABC abc,.-/()[]—–:03\nJERUSALEM(AP)—", max_size=200).map(
        lambda tail: "JERUSALEM " + tail
    )
)
def test_nothing_that_looks_like_one_makes_it_raise(text):
    assert find(text, NEAR) is None or find(text, NEAR).end < len(text)


def test_both_ends_of_time_are_days_to_count_from():
    assert read_day("Nov 3", date.max) == date(9999, 11, 3)
    assert read_day("Nov 3", date.min) is None
