"""What can be checked of how pages look: in chromium where it is installed, else not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from aggregator.model import Topic
from aggregator.outputs.frame import Frame
from tests.support.browser import CHROMIUM, Tab, tab
from tests.support.editions import CHIPS, OPERA, article, edition, paper, picture, story
from tests.test_outputs_pages import LIVE, PAGES, STATIC, every_kind, parsed

COMPOUND = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
NARROW = (195, 320, 390)
"""Widths of windows in CSS pixels; 195 is a phone at 200 %."""
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
SHOWN = """(() => {
    const shown = each => each.getClientRects().length > 0;
    return [...document.querySelectorAll("%s")].filter(shown).map(each => each.outerHTML);
})()"""
FOCUS = """(() => {
    const on = document.activeElement, box = on.getBoundingClientRect();
    const style = getComputedStyle(on);
    return {
        text: on.textContent.trim() || on.name, top: box.top, head: !!on.closest(".masthead"),
        ringed: style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth,
    };
})()"""
in_chromium = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]

Look = Callable[[Tab, Path], Awaitable[Any]]


def look(root: Path, pages: dict[str, str], at: Look) -> dict[str, Any]:
    """What `at` finds on each page, by its name."""
    for name, asset in PAGES.assets().items():
        (root / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "static" / name).write_bytes(asset.read_bytes())
    (root / "a" / "b").mkdir(parents=True)

    async def main() -> dict[str, Any]:
        found = {}
        async with tab() as opened:
            for name, page in pages.items():
                path = root / "a" / "b" / f"{name}.html"
                path.write_text(page, encoding="utf-8")
                found[name] = await at(opened, path)
        return found

    return asyncio.run(main())


async def resize(on: Tab, width: int, height: int) -> None:
    await on.call(
        "Emulation.setDeviceMetricsOverride",
        width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
    )  # fmt: skip


def front(frame: Frame = LIVE, **changes: Any) -> str:
    """A front page whose lead has a picture and a long headline."""
    lead = story(
        "Mediators table a sixty-day truce as border crossings reopen to lorries",
        "Negotiators put a proposal to both sides: sixty days without fire and a staged return.",
        ("Harbour Times", "Levant Courier", "Morning Ledger"),
        image=picture("crossing"),
        score=99.0,
        **changes,
    )
    general, *topics = paper()
    return PAGES.front(frame, [edition(None, [lead, *general.stories]), *topics])


@pytest.mark.parametrize("frame", [STATIC, LIVE], ids=["static", "live"])
def test_pictures_say_their_size_so_that_nothing_moves_when_they_come(frame: Frame) -> None:
    for name, page in every_kind(PAGES, frame, "Ships", "https://a.example/x"):
        for image in parsed(page).iter("img"):
            if image.get("src") == "https://a.example/x":
                assert image.get("width"), name
                assert image.get("height"), name


def test_a_tag_that_most_stories_of_a_page_have_stands_at_none_of_them() -> None:
    stories = [story(f"Story {n}", tags=("World", f"Tag {n}")) for n in range(5)]
    tree = parsed(PAGES.topic(STATIC, edition(CHIPS, stories)))
    labels = tree.findall(".//article//ul[@aria-label='Tags']//a")
    assert [label.text for label in labels] == [f"Tag {n}" for n in range(5)]


def test_a_picture_is_shown_once_on_a_page() -> None:
    same, other = picture("same"), picture("other")
    day = [story(f"Story {n}", image=(same, other)[n % 2], score=9.0 - n) for n in range(9)]
    topics = [edition(CHIPS, day[5:7]), edition(OPERA, day[7:])]
    for page in (
        PAGES.front(STATIC, [edition(None, day[:5]), *topics]),
        PAGES.front(STATIC, [edition(None, day)]),
        PAGES.topic(STATIC, edition(CHIPS, day)),
    ):
        assert [page.count(f'src="{each}"') for each in (same, other)] == [1, 1]


def test_only_titles_of_many_letters_are_set_smaller() -> None:
    page = PAGES.front(STATIC, [edition(None, [story("Short"), story("Long " * 30)])])
    assert page.count("wordy") == 1


SETTLED = """new Promise(settled => {
    const left = [...document.images].filter(each => !each.complete);
    if (!left.length) settled();
    let open = left.length;
    left.forEach(each => each.onload = each.onerror = () => --open || settled());
})"""
ROOM = """[...document.querySelectorAll(".picture")].map(each => {
    const [box, next] = [each, each.nextElementSibling].map(one => one.getBoundingClientRect());
    return [box.height, next.top - box.top];
})"""


class TestInChromium:
    pytestmark = in_chromium

    def test_a_picture_that_does_not_load_takes_no_room(self, tmp_path: Path) -> None:
        async def room(on: Tab, page: Path) -> list[list[float]]:
            await resize(on, 1440, 6000)
            await on.open(page)
            await on.evaluate(SETTLED)
            found: list[list[float]] = await on.evaluate(ROOM)
            return found

        gone = replace(paper()[1], stories=(story("Storm ends", image=picture("a")),) * 2)
        pages = {"front": front(), "topic": PAGES.topic(LIVE, gone)}
        found = look(tmp_path, pages, room)
        assert all(found.values())
        assert {height for boxes in found.values() for height, _ in boxes} == {0}
        assert all(below == 0 for box in found["topic"] for below in box)

    @pytest.mark.parametrize("sort", [COMPOUND, "مصر תקציב 国内半導体メーカー " * 20])
    def test_no_page_is_wider_than_a_narrow_window(self, tmp_path: Path, sort: str) -> None:
        async def widths(on: Tab, page: Path) -> list[int]:
            wide = []
            await on.open(page)
            for width in NARROW:
                await resize(on, width, 800)
                if await on.evaluate(TOO_WIDE):
                    wide.append(width)
            return wide

        pages = dict(every_kind(PAGES, LIVE, sort, "https://a.example/" + "x" * 300))
        found = look(tmp_path, pages, widths)
        assert len(found) > 15
        assert {name: wide for name, wide in found.items() if wide} == {}

    @pytest.mark.parametrize(("width", "height"), [(1440, 900), (768, 1024), (390, 844)])
    def test_the_leading_headline_is_read_without_scrolling(
        self, tmp_path: Path, width: int, height: int
    ) -> None:
        async def bottom(on: Tab, page: Path) -> float:
            await resize(on, width, height)
            await on.open(page)
            script = "document.querySelector('.lead h3').getBoundingClientRect().bottom"
            return float(await on.evaluate(script))

        assert look(tmp_path, {"front": front()}, bottom)["front"] < height

    def test_paragraphs_of_an_article_are_parted_whatever_wraps_them(self, tmp_path: Path) -> None:
        wrapped = "<div><section><p>One.</p><p>Two.</p><ul><li>Three.</li></ul></section></div>"
        pages = {
            "wrapped": PAGES.article(LIVE, article(content_html=wrapped)),
            "bare": PAGES.article(LIVE, article(content_html="<p>One.</p><p>Two.</p>")),
        }

        async def gap(on: Tab, page: Path) -> float:
            await on.open(page)
            return float(
                await on.evaluate("""(() => {
                const [one, two] = document.querySelectorAll(".body p");
                return two.getBoundingClientRect().top - one.getBoundingClientRect().bottom;
            })()""")
            )

        found = look(tmp_path, pages, gap)
        assert found["wrapped"] == found["bare"] > 12

    def test_paper_shows_the_news_and_not_the_ways_around(self, tmp_path: Path) -> None:
        ways = "nav, form, .skip, .discover, .colophon, .head .more, .labels"

        async def printed(on: Tab, page: Path) -> list[Any]:
            await on.call("Emulation.setEmulatedMedia", media="print")
            await on.open(page)
            return [await on.evaluate(SHOWN % each) for each in (ways, "h1", "main")]

        pages = {"front": front(), **dict(every_kind(PAGES, LIVE, "Ships", "https://a.example/x"))}
        for name, (around, headings, main) in look(tmp_path, pages, printed).items():
            assert around == [], name
            assert headings, name
            assert main, name

    @pytest.mark.parametrize("width", [390, 1440])
    def test_the_keyboard_goes_from_the_top_down_and_is_seen(
        self, tmp_path: Path, width: int
    ) -> None:
        async def stops(on: Tab, page: Path) -> list[dict[str, Any]]:
            await resize(on, width, 900)
            await on.open(page)
            found = []
            for _ in range(20):
                for kind in ("keyDown", "keyUp"):
                    await on.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab",
                                  windowsVirtualKeyCode=9)  # fmt: skip
                found.append(await on.evaluate(FOCUS))
            return found

        sections = [Topic(f"The section {n}", f"t{n}", "x") for n in range(8)]
        page = front(replace(LIVE, topics=sections))
        reached = look(tmp_path, {"front": page}, stops)["front"]
        assert [stop["text"] for stop in reached[:2]] == ["Skip to the news", "Morning papers"]
        assert [stop["text"] for stop in reached if not (stop["ringed"] and stop["seen"])] == []
        tops = [stop["top"] for stop in reached if stop["head"]]
        assert len(tops) > 12
        assert all(after >= before - 8 for before, after in pairwise(tops))
