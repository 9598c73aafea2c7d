import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 19 jan 2026 00:00:00 GMT", "2026-01-19 00:00:00"),
        ("Tue, 17 Feb 2026 10:00:00 -0530", "2026-02-17 15:30:00"),
        ("Tue, 17 Feb 2026 10:00 EST", "2026-02-17 15:00:00"),
        ("Tue, 17 Feb 2026 10:00:00 GMT+02:00", "2026-02-17 08:00:00"),
        ("Tue, 17 Feb 2026 10:00:00 CEST", "2026-02-17 08:00:00"),
        ("17 Feb 26 10:00:00 Z", "2026-02-17 10:00:00"),
        ("17 Feb 99 10:00:00 Z", "1999-02-17 10:00:00"),
        ("Mon, 16 Feb 2026 24:00:00 GMT", "2026-02-17 00:00:00"),
        ("2026-02-17T10:00:00Z", "2026-02-17 10:00:00"),
        ("2026-02-17T10:00:00.5-05:00", "2026-02-17 15:00:00.500000"),
        ("2026-02-17 10:00:00 +0200", "2026-02-17 08:00:00"),
        ("2026-02-17T10:00:00CEST", "2026-02-17 08:00:00"),
        ("20261122", "2026-11-22 00:00:00"),
        ("1790000000", "2026-09-21 14:13:20"),
        ("1790000000000", "2026-09-21 14:13:20"),
        ("22/11/2026", "2026-11-22 00:00:00"),
        ("22.11.2026 10:30", "2026-11-22 10:30:00"),
        ("03/04/2026", "2026-04-03 00:00:00"),
        ("11/22/2026", "2026-11-22 00:00:00"),
        ("2026/02/03", "2026-02-03 00:00:00"),
        ("Nov 22, 2026", "2026-11-22 00:00:00"),
        ("Tuesday, February 17, 2026 - 10:00 PM", "2026-02-17 22:00:00"),
        ("Tue Feb 17 10:00:00 CET 2026", "2026-02-17 09:00:00"),
        ("lundi 22 novembre 2026 10:30", "2026-11-22 10:30:00"),
        ("mar. 17 févr. 2026 17:22:00 +0100", "2026-02-17 16:22:00"),
        ("22. November 2026", "2026-11-22 00:00:00"),
        ("Dienstag, 3. März 2026", "2026-03-03 00:00:00"),
        ("22 de noviembre de 2026", "2026-11-22 00:00:00"),
        ("22 ноября 2026 г. 10:00", "2026-11-22 10:00:00"),
        ("2026年11月22日", "2026-11-22 00:00:00"),
    ],
)
def test_dates_as_they_are_met(text, expected):
    assert dates.read(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "   ", "yesterday", "Mon, 32 Jan 2026", "Thu, 01 Jan 1970 00:00:00 GMT",
        "0000-00-00", "9" * 30, "10:30", "May 5", "1 1 1", "2026-02-30", "2150-01-01T00:00:00Z",
        "1 " * 100, "12 Foo 2026 10:00", "2026-13-45 99:99",
        "2026-02-17T10:06:44+80:00",
    ],
)  # fmt: skip
def test_what_cannot_be_believed_is_no_date(text):
    assert dates.read(text) is None


def test_a_guess_made_elsewhere_helps_out_if_it_is_plausible():
    assert dates.read("심야", time.gmtime(1790000000)) == datetime(
        2026, 9, 21, 14, 13, 20, tzinfo=UTC
    )
    assert dates.read("심야", time.gmtime(0)) is None
    assert dates.read("심야", (2026, 2, 30, 0, 0, 0, 0, 0, 0)) is None


@given(st.text(max_size=90))
def test_any_text_has_a_date_or_none(text):
    moment = dates.read(text)
    assert moment is None or (moment.utcoffset() is not None and 1990 <= moment.year < 2100)
