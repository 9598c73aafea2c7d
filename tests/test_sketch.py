"""Sketches tell what they were taken of, also those that earlier versions kept."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories import Background, sketched
from aggregator.stories.earlier import earlier
from aggregator.stories.names import country, names
from aggregator.stories.sketch import (
    COUNTRY,
    NAMED,
    REGION,
    TITLED,
    Sketch,
    Word,
    pack,
    spellings,
)
from aggregator.stories.sketching import BODY_WEIGHT, Source, repacked
from aggregator.stories.words import number, weighted
from tests.support.articles import article
from tests.support.sketches import first_form, second_form

TEXT = " ".join(f"word{n}" for n in range(80))
HTML = '<a href="https://court.example/ruling">x</a>'
RULING = article(
    "Judges in Ribe strike down the ferry fee", TEXT, content_html=HTML, url="https://a.example/1"
)
PRESS = Background.of(article(f"A fee in {town}, Kenya") for town in ("Ribe", "Lund", "Graz"))
PRECISION = 1e-4


def numbered(stems):
    return {number(stem) for stem in stems}


def test_a_sketch_tells_words_names_links_and_texts():
    sketch = sketched(RULING, PRESS)
    words = weighted(RULING.title, RULING.summary, RULING.language)

    assert set(sketch.head) == numbered(words.head)
    assert sketch.titled == numbered(words.titled)
    assert names(RULING.title, RULING.summary, RULING.language) == {"ribe"}
    assert sketch.names == numbered(["ribe"])
    spelt = {word.stem: word.spelt for word in sketch.words.values() if word.spelt}
    assert spelt == words.surfaces
    assert sketch.words[number("judg")] == ("judg", "judges")
    assert len(sketch.signatures) == 2
    assert len(sketch.links) == 2
    assert not sketch.is_question
    assert not sketch.is_service
    assert len(sketch.packed) < 2_000


def test_its_terms_weigh_by_how_often_they_occur_and_how_rare_they_are():
    sketch = sketched(RULING, PRESS)
    words = weighted(RULING.title, RULING.summary, RULING.language)
    body = [term for term in sketch.wide if sketch.words[term].stem not in words.wide]
    rare = PRESS.vector({number("ferri"): 1.0, number("fee"): 1.0})

    assert [sketch.words[term].stem for term in body][:2] == ["word40", "word41"]
    for weights, vector in ((words.head, sketch.head), (words.wide, sketch.wide)):
        assert math.hypot(*vector.values()) == pytest.approx(1, abs=PRECISION)
        ferry, fee = vector[number("ferri")], vector[number("fee")]
        assert weights["ferri"] == weights["fee"]
        assert ferry > fee, "which more articles have"
        assert ferry / fee == pytest.approx(rare[number("ferri")] / rare[number("fee")], rel=1e-3)
    of_body, of_title = sketch.wide[body[0]], sketch.wide[number("ferri")]
    assert of_body / of_title == pytest.approx(BODY_WEIGHT / words.wide["ferri"], rel=0.01)


def test_a_word_of_every_title_weighs_nothing():
    """Counted twice in titles, it is more frequent than there are documents."""
    reported = article("Report 7 on Lisbon")
    background = Background.of_stems(2_000, {"report": 6_000.0, "lisbon": 1.0})
    sketch = sketched(reported, background)
    assert sketch.head[number("report")] == sketch.wide[number("report")] == 0.0
    assert sketch.head[number("lisbon")] > 0.5
    alone = sketched(article("Report"), background)
    assert set(alone.head.values()) == {0.0}


def test_it_tells_which_regions_and_countries_its_title_names():
    one = sketched(article("Kenyan judges free the ferry Hotaru", "It lay in harbour"), PRESS)
    other = sketched(article("Kenya", "Judges in New York and in Peru ruled"), PRESS)
    none = sketched(article("Judges free a ferry", "It lay in Kenya"), PRESS)

    assert one.countries == other.countries == numbered([country("kenya")])
    assert none.countries == frozenset()
    assert one.nations == numbered(["kenyan"])
    assert other.regions >= numbered(["kenya", "peru"]), "names of the summary, too"
    assert other.nations == numbered(["kenya"])


@pytest.mark.parametrize(
    ("title", "asks", "serves"), [("Why now?", True, False), ("Morning briefing", False, True)]
)
def test_a_sketch_tells_what_kind_its_title_is_of(title, asks, serves):
    sketch = sketched(article(title), PRESS)

    assert (sketch.is_question, sketch.is_service) == (asks, serves)


NUMBERS = st.integers(0, 2**32 - 1)
SPELT = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=8)


@given(
    st.dictionaries(NUMBERS, st.tuples(SPELT, SPELT, st.integers(0, 15), st.floats(0, 1))),
    st.data(),
    st.frozensets(NUMBERS, max_size=4),
    st.frozensets(st.integers(0, 2**48 - 1), max_size=9),
    st.lists(st.binary(min_size=128, max_size=128), max_size=2),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, "en", "zh"]),
)
def test_bytes_bring_back_what_was_packed(
    terms, data, countries, links, signatures, asks, serves, language
):
    words = {term: Word(stem, spelt) for term, (stem, spelt, _, _) in terms.items()}
    roles = {term: role for term, (_, _, role, _) in terms.items()}
    length = data.draw(st.integers(0, len(terms)))
    wide = {term: weight for term, (_, _, _, weight) in list(terms.items())[:length]}
    head = dict(list(wide.items())[: length // 2])

    packed = pack(
        "an id",
        RULING.date,
        "https://a.example/fèed",
        language,
        words,
        bytes(roles.values()),
        head,
        wide,
        countries=countries,
        signatures=signatures,
        links=links,
        is_service=serves,
        is_question=asks,
    )
    sketch = Sketch(packed)

    assert sketch.order == (RULING.date, "an id")
    assert (sketch.feed, sketch.language) == ("https://a.example/fèed", language)
    assert sketch.head == pytest.approx(head, abs=PRECISION)
    assert sketch.wide == pytest.approx(wide, abs=PRECISION)
    assert sketch.words == words
    with_role = {TITLED: sketch.titled, NAMED: sketch.names}
    with_role |= {REGION: sketch.regions, COUNTRY: sketch.nations}
    for role, found in with_role.items():
        assert found == {term for term, each in roles.items() if each & role}
    assert (sketch.countries, sketch.links) == (countries, links)
    assert (list(sketch.signatures), sketch.is_question, sketch.is_service) == (
        signatures,
        asks,
        serves,
    )


def test_of_several_sketches_the_one_that_spells_a_term_tells_it():
    one = sketched(article("Ferry fee", text="Judges ruled"), PRESS)
    other = sketched(article("Judges rule", text="ferry"), PRESS)

    for sketches in ((one, other), (other, one)):
        told = spellings(sketches)
        assert told[number("judg")] == ("judg", "judges")
        assert told[number("ferri")] == ("ferri", "ferry")


@pytest.mark.parametrize(
    ("packed", "form", "links"),
    [
        (first_form([3, 5], 7, ["word40", "word41"]), 0, {3, 5, 7}),
        (first_form([3, 5], -1, ["word40", "word41"]), 0, {3, 5}),
        (second_form(["judg", "ferri"], [3, 5, 7], ["word40", "word41"]), 1, {3, 5, 7}),
    ],
)
def test_what_earlier_versions_kept_is_packed_anew(packed, form, links):
    source = Source("1", RULING.date, "f", RULING.title, RULING.summary, "en-GB")
    sketch = repacked(source, earlier(packed, form), PRESS)
    today = sketched(RULING, PRESS)

    assert sketch.head == today.head
    body = [sketch.words[term].stem for term in list(sketch.wide)[-2:]]
    assert body == ["word40", "word41"]
    assert sketch.links == links
    assert (sketch.id, sketch.date, sketch.feed) == ("1", RULING.date, "f")
    assert sketch.language == "en"
    lead, text = sketch.signatures
    assert struct.unpack("<2H", lead[:4]) == (70_000 - 65_536, 70_001 - 65_536)
    assert struct.unpack("<H", text[:2]) == (70_064 - 65_536,)
