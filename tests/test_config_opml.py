"""OPML lists of other readers: what is read from them, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import config
from aggregator.config import Outline, read_opml
from aggregator.errors import ConfigError
from aggregator.model import Subscription
from tests.support.pace import within

FIXTURES = Path(__file__).parent / "fixtures" / "config"


def opml(body: str) -> bytes:
    return f'<opml version="1.0"><body>{body}</body></opml>'.encode()


def feed(number: int) -> str:
    return f'<outline text="T{number}" xmlUrl="https://h{number}.example.org/f"/>'


def refusal(body: bytes) -> str:
    """Why a list is refused; '' if it is not."""
    try:
        read_opml(body)
    except ValueError as error:
        return str(error)
    return ""


def test_nested_outlines_become_groups() -> None:
    assert read_opml((FIXTURES / "nested.opml").read_bytes()) == [
        Outline(10, "https://example.org/world?a=1&b=2", "World & Wire", ("News",)),
        Outline(12, "https://example.org/asia", "Only a title", ("News", "Asia")),
        Outline(17, "https://example.org/untitled", None, ()),
        Outline(18, "https://example.org/loose?a=1&b=2", "Tom & Jerry", ()),
    ]


def test_an_included_list_adds_its_feeds(tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_bytes((FIXTURES / "nested.opml").read_bytes())
    (tmp_path / "feeds.yaml").write_text("include: [list.opml]", "utf-8")
    subscriptions = config.load(tmp_path / "feeds.yaml").subscriptions
    assert subscriptions[1] == Subscription(
        "https://example.org/asia", title="Only a title", groups=("News", "Asia")
    )
    assert len(subscriptions) == 4


def test_faults_of_an_included_list_have_its_lines(tmp_path: Path) -> None:
    body = '\n<outline xmlUrl="ftp://example.org/"/>\n<outline xmlUrl="https://example.org/a"/>'
    (tmp_path / "list.opml").write_bytes(opml(body))
    (tmp_path / "broken.opml").write_bytes(b"<opml>\n<outline")
    (tmp_path / "feeds.yaml").write_text(
        "include: [list.opml, broken.opml]\nfeeds: [https://example.org/a]", "utf-8"
    )
    with pytest.raises(ConfigError) as raised:
        config.load(tmp_path / "feeds.yaml")
    assert [str(problem).rpartition("/")[2] for problem in raised.value.problems[:1]] == [
        "broken.opml:2: broken OPML: markup that does not end, or a document type's body"
    ]
    assert [(p.line, p.key) for p in raised.value.problems[1:]] == [(2, "url"), (3, "url")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_declared_and_marked_encodings_are_read(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    body += '<opml><body><outline text="Bl\u00e4tter" xmlUrl="https://example.org"/></body></opml>'
    assert read_opml(body.encode(encoding))[0].title == "Bl\u00e4tter"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<rss><channel/></rss>", "line 1: is no OPML document"),
        (b"", "line 1: is no OPML document"),
        (b"<opml>\n\xff</opml>", "line 2: is not UTF-8 text"),
        (b'<?xml version="1.0" encoding="klingon"?><opml/>', "the encoding klingon is unknown"),
        (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml>&a;</opml>', "a document type's body"),
        (b"<opml><!-- never", "line 1: broken OPML: markup that does not end"),
        (opml(feed(1) + "</outline>"), "its elements do not nest"),
        (opml('<outline text="x">' * 60), "outlines nest more than 50 levels deep"),
    ],
)
def test_what_is_no_opml_is_refused_in_words(body: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_opml(body)


HOSTILE = {
    "deep outlines": opml("<outline text='x'>" * 200_000),
    "comments": opml("<!--" * 200_000),
    "early comment ends": opml("<!-- -- > <a " * 50_000),
    "open tags": opml("<a " * 300_000),
    "open quotes": opml("<a b='" * 100_000),
    "instructions": opml("<?x " * 200_000),
    "declarations": opml("<![" * 200_000),
    "attributes": opml(f"<outline {'a=1 ' * 100_000}/>"),
    "namespaces": opml('<outline xmlns:a="b">' * 200_000),
    "end tags": opml("</outline>" * 200_000),
    "ampersands": opml("&" * 500_000),
    "one feed over and over": opml(feed(1) * 20_000),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_lists_cost_no_time(body: bytes) -> None:
    with within(2):
        assert "\n" not in refusal(body)


def test_ten_thousand_feeds_keep_their_order() -> None:
    outlines = read_opml(opml("\n".join(map(feed, range(10_000)))))
    assert [outline.url for outline in outlines[::999]] == [
        f"https://h{number}.example.org/f" for number in range(0, 10_000, 999)
    ]


@given(st.text(alphabet=st.sampled_from("<>/!-[]?&;'\"= aoutline\n"), max_size=60))
def test_any_text_is_a_list_or_one_clear_error(text: str) -> None:
    said = refusal(opml(text))
    assert said == "" or said.startswith("line ")
