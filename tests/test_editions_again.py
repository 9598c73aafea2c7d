"""What is published bit by bit has the bytes of what is published at once."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.store import A, B
from tests.test_editions import DAY, FEEDS, STORM, working

TITLES = (STORM, "Ferries leave the harbour of Lisbon again", "Peru votes", "Snow in Oslo")
DAYS = (DAY, DAY + timedelta(days=1))
TOPICS = FEEDS + "  - {name: Ports, query: harbour, stories: 2}\n  - {name: Votes, query: vote}\n"

reports = st.fixed_dictionaries(
    {
        "key": st.integers(0, 7).map(str),
        "title": st.sampled_from(TITLES),
        "at": st.sampled_from((A, B)),
        "hours": st.sampled_from((-30, -6, 0, 8, 14)),
        "summary": st.just(""),
        "text": st.sampled_from(("", "It rained.")),
        "categories": st.lists(st.sampled_from(("Rain", "Trade")), unique=True),
    }
)
arrivals = st.lists(reports, min_size=1, max_size=6)


def publish(desk):
    for day in DAYS:
        desk.build(day)
    return desk.bytes()


def rain(key, title, hours):
    said = {"title": title, "summary": "", "text": ""}
    return {"key": key, "hours": hours, "categories": ["Rain"], **said}


BEFORE, STORMS, ELSEWHERE = rain("0", TITLES[2], -30), rain("1", STORM, 0), rain("2", TITLES[3], 8)


@pytest.mark.slow
@example([BEFORE, STORMS], [[ELSEWHERE]])
@given(arrivals, st.lists(st.lists(reports, min_size=1, max_size=1) | arrivals, max_size=3))
@settings(max_examples=20)
def test_what_is_made_again_bit_by_bit_is_what_is_made_at_once(first, more):
    with tempfile.TemporaryDirectory() as directory, working(Path(directory), TOPICS) as desk:
        publish(desk)
        for reports in (first, *more):
            for report in reports:
                desk.report(**report)
            desk.build(DAYS[1])
            desk.build(DAY)
        bit_by_bit = desk.bytes()
        (desk.room.config.settings.data / "published.json").unlink()
        assert publish(desk) == bit_by_bit
        (desk.room.config.settings.data / "published.json").unlink()
        shutil.rmtree(desk.room.config.digest.output)
        at_once = publish(desk)
        assert {path: bit_by_bit.get(path) for path in at_once} == at_once
        assert all(path.parts[0] == "tag" for path in bit_by_bit.keys() - at_once.keys())
