"""Every kind of page through axe-core in a real browser, by day and by night, wide and narrow.

Runs where chromium is installed and AXE names axe.min.js (npm install axe-core), else not.
"""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.outputs.layout import Week
from tests.support.browser import CHROMIUM, Tab, tab
from tests.support.editions import CHIPS, DAY, edition, paper
from tests.test_outputs_pages import LIVE, PAGES, STATIC, TEXTS, every_kind

AXE = Path(os.environ.get("AXE", "node_modules/axe-core/axe.min.js"))
RUN = """axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
    each => `${each.id}: ${each.nodes[0].html} ${each.nodes[0].failureSummary}`
))"""
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
TOO_SMALL = """[...document.querySelectorAll("a, button, input, summary")].filter(each => {
    const box = each.getBoundingClientRect(), style = getComputedStyle(each);
    const shown = box.width > 1 && box.height > 1 && style.display != "inline";
    return shown && Math.min(box.width, box.height) < 24 && !each.closest(".body");
}).map(each => `too small to touch: ${each.outerHTML}`)"""
"""Links within a line of text are as high as the line (WCAG 2.2, 2.5.8); others want 24 pixels."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="AXE does not name axe.min.js"),
]


def write(root: Path) -> list[Path]:
    """Every kind of page with every sort of text, beside their style sheet; their paths."""
    for name, asset in PAGES.assets().items():
        (root / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "static" / name).write_bytes(asset.read_bytes())
    told: dict[str, str] = {
        "a whole paper": PAGES.front(LIVE, paper()),
        "a week": PAGES.week(replace(STATIC, week=True), Week(DAY, tuple(paper()), "", DAY, DAY)),
        "a letter": PAGES.letter(paper(), images=True),
        "an empty day": PAGES.front(STATIC, [edition(None), edition(CHIPS)]),
    }
    for sort, (pages, text, url) in TEXTS.items():
        for frame in (STATIC, LIVE):
            for kind, page in every_kind(pages, frame, text, url):
                told[f"{sort}, {'live' if frame.live else 'static'}, {kind}"] = page
    (root / "a" / "b").mkdir(parents=True)
    paths = {root / "a" / "b" / f"{name}.html": page for name, page in told.items()}
    for path, page in paths.items():
        path.write_text(page, encoding="utf-8", errors="replace")
    return list(paths)


async def faults(on: Tab, pages: list[Path], axe: str, width: int, scheme: str) -> dict[str, Any]:
    """What is wrong, by page."""
    await on.call(
        "Emulation.setDeviceMetricsOverride",
        width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
    )  # fmt: skip
    scheme_feature = {"name": "prefers-color-scheme", "value": scheme}
    await on.call("Emulation.setEmulatedMedia", features=[scheme_feature])
    found = {}
    for page in pages:
        await on.open(page)
        await on.evaluate(axe)
        wrong = [*await on.evaluate(RUN), *await on.evaluate(TOO_SMALL)]
        if await on.evaluate(TOO_WIDE):
            wrong.append("wider than the window")
        if wrong:
            found[page.stem] = wrong
    return found


@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "dark"), (390, "light"), (1000, "light"), (1440, "dark")]
)
def test_no_page_shuts_anyone_out(tmp_path: Path, width: int, scheme: str) -> None:
    pages, axe = write(tmp_path), AXE.read_text(encoding="utf-8")

    async def main() -> dict[str, Any]:
        async with tab() as opened:
            return await faults(opened, pages, axe, width, scheme)

    assert asyncio.run(main()) == {}
