"""Sketches tell what they were taken of, also those that earlier versions kept."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories import sketched
from aggregator.stories.names import names
from aggregator.stories.sketch import BODY_WEIGHT, Sketch, pack
from aggregator.stories.sketching import converted
from aggregator.stories.words import WEIGHTS, Weighted, weighted
from tests.support.articles import article

TEXT = " ".join(f"word{n}" for n in range(80))
HTML = '<a href="https://court.example/ruling">x</a>'
RULING = article(
    "Judges in Ribe strike down the ferry fee", TEXT, content_html=HTML, url="https://a.example/1"
)


def pairs(weights):
    return list(zip(*weights, strict=True))


def test_a_sketch_tells_words_names_links_and_texts():
    sketch = sketched(RULING)
    words = weighted(RULING.title, RULING.summary, RULING.language)

    assert dict(pairs(sketch.head)) == words.head
    assert {
        term: weight for term, weight in pairs(sketch.wide) if weight != BODY_WEIGHT
    } == words.wide
    assert [term for term, weight in pairs(sketch.wide) if weight == BODY_WEIGHT][:2] == [
        "word40",
        "word41",
    ]
    assert sketch.titled == words.titled
    assert sketch.names == names(RULING.title, RULING.summary, RULING.language) == {"ribe"}
    assert sketch.surfaces == words.surfaces
    assert len(sketch.signatures) == 2
    assert len(sketch.links) == 2
    assert not sketch.is_question
    assert not sketch.is_service
    assert len(sketch.packed) < 1_500


@pytest.mark.parametrize(
    ("title", "asks", "serves"), [("Why now?", True, False), ("Morning briefing", False, True)]
)
def test_a_sketch_tells_what_kind_its_title_is_of(title, asks, serves):
    sketch = sketched(article(title))

    assert (sketch.is_question, sketch.is_service) == (asks, serves)


TERMS = st.text(
    st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=8
)
COUNTS = st.dictionaries(
    TERMS, st.integers(1, len(WEIGHTS) - 1).map(WEIGHTS.__getitem__), max_size=20
)


@given(
    COUNTS,
    st.data(),
    st.lists(TERMS, max_size=9),
    st.frozensets(TERMS, max_size=9),
    st.frozensets(st.integers(0, 2**48 - 1), max_size=9),
    st.lists(st.binary(min_size=128, max_size=128), max_size=2),
    st.booleans(),
    st.booleans(),
)
def test_bytes_bring_back_what_was_packed(wide, data, body, named, links, signatures, asks, serves):
    length = data.draw(st.integers(0, len(wide)))
    head = {term: wide[term] for term in list(wide)[:length]}
    titled = frozenset(list(head)[: length // 2])
    words = Weighted(head, wide, {term: term.upper() + "x" for term in wide}, titled, ())

    packed = pack(
        words, named, body, signatures=signatures, links=links, is_service=serves, is_question=asks
    )
    sketch = Sketch("1", RULING.date, "f", None, packed)

    further = [each for each in dict.fromkeys(body) if each not in wide]
    assert pairs(sketch.head) == list(head.items())
    assert pairs(sketch.wide) == [*wide.items(), *((each, BODY_WEIGHT) for each in further)]
    assert sketch.surfaces == words.surfaces
    assert (sketch.titled, sketch.names, sketch.links) == (titled, named, links)
    assert (list(sketch.signatures), sketch.is_question, sketch.is_service) == (
        signatures,
        asks,
        serves,
    )


def first_form(links, own, body):
    """What version 0 kept of a text: 32-bit signatures, links, the own address, terms."""
    numbers = range(70_000, 70_128)
    form = f"<HH128I{len(links) + 1}q"
    return struct.pack(form, 128, len(links) + 1, *numbers, *links, own) + "\n".join(body).encode()


@pytest.mark.parametrize(("own", "links"), [(7, {3, 5, 7}), (-1, {3, 5})])
def test_what_earlier_versions_kept_is_converted(own, links):
    sketch = converted(
        "1",
        RULING.date,
        "f",
        title=RULING.title,
        summary=RULING.summary,
        language="en-GB",
        packed=first_form([3, 5], own, ["word40", "word41"]),
    )

    assert dict(pairs(sketch.head)) == dict(pairs(sketched(RULING).head))
    assert [term for term, weight in pairs(sketch.wide) if weight == BODY_WEIGHT] == [
        "word40",
        "word41",
    ]
    assert sketch.links == links
    assert sketch.language == "en"
    lead, text = sketch.signatures
    assert struct.unpack("<2H", lead[:4]) == (70_000 - 65_536, 70_001 - 65_536)
    assert struct.unpack("<H", text[:2]) == (70_064 - 65_536,)
