"""The summaries of weeks, in the site of the editions.

week/index.html  atom.xml  feed.json     the newest week, the feeds of the last ones
week/DAY/index.html  week.json           the week that ended with DAY
week/DAY/index.md  index.txt             the same as Markdown, as plain text
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from markupsafe import escape

from aggregator.errors import AggregatorError
from aggregator.model import Edition, Story
from aggregator.outputs import edition_shapes, feeds, layout, plain
from aggregator.outputs.files import replace_file
from aggregator.outputs.frame import Frame
from aggregator.outputs.layout import Week
from aggregator.outputs.markdown import markdown
from aggregator.outputs.pages import Pages
from aggregator.outputs.wording import short_date, spoken, target, web_address

log = logging.getLogger(__name__)

RECORD = "week.json"
FEED_WEEKS = 8


def days_of_weeks(directory: Path) -> list[date]:
    """Returns the last days of all weeks that a site has, oldest first."""
    found = (_day(path.parent.name) for path in directory.glob(f"week/*/{RECORD}"))
    return sorted(day for day in found if day)


class Weeks:
    """The weeks of a site's directory: reads them, and publishes new ones."""

    def __init__(
        self, directory: Path, pages: Pages, outputs: Sequence[str], url: str | None = None
    ) -> None:
        self._directory = directory
        self._pages = pages
        self._outputs = tuple(outputs)
        self._url = url
        self._unwritten: dict[date, Week] = {}

    @property
    def look(self) -> str:
        """A mark of how weeks are written, and into what."""
        return f"{self._pages.look} {self._outputs} {self._url}"

    def days(self) -> list[date]:
        """Returns the last days of all published weeks, oldest first."""
        return sorted({*days_of_weeks(self._directory), *self._unwritten})

    def week(self, last: date) -> Week | None:
        """Returns the week that ended with a day; None if it is not there or cannot be read."""
        if last in self._unwritten:
            return self._linked(self._unwritten[last])
        path = self._directory / "week" / last.isoformat() / RECORD
        if not path.is_file():
            return None
        try:
            record: Any = json.loads(path.read_bytes())
            editions = tuple(map(edition_shapes.edition_from, record["editions"]))
            return self._linked(Week(last, editions, str(record["made_from"])))
        except (OSError, ValueError, TypeError, KeyError, AggregatorError) as fault:
            log.warning("%s: %s", path, fault)
            return None

    def recent(self, most: int = FEED_WEEKS) -> list[Week]:
        """Returns the newest weeks, the newest first."""
        found = (self.week(last) for last in reversed(self.days()[-most:]))
        return [week for week in found if week]

    def publish(self, last: date, editions: Sequence[Edition], made_from: str) -> list[Path]:
        """Writes a week and what leads to it; returns the files that changed.

        Everything is rendered before anything is written, the record last: what a crash keeps back
        is made again. Raises AggregatorError.
        """
        record = {
            "last": last.isoformat(),
            "made_from": made_from,
            "editions": [edition_shapes.edition(each) for each in editions],
        }
        path = f"week/{last.isoformat()}/{RECORD}"
        told = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        self._unwritten[last] = Week(last, tuple(editions), made_from)
        try:
            around = [week for week in self._around(last) if week]
            files = dict(file for name in self._outputs for file in FILES[name](self, around))
        finally:
            self._unwritten.clear()
        return [
            self._directory / name
            for name, data in {**files, path: told}.items()
            if replace_file(self._directory / name, data)
        ]

    def _around(self, last: date) -> list[Week | None]:
        days = self.days()
        at = days.index(last)
        return [self.week(day) for day in days[max(at - 1, 0) : at + 2]]

    def _linked(self, week: Week) -> Week:
        days = [*self.days()]
        before, after = [d for d in days if d < week.last], [d for d in days if d > week.last]
        links = (before[-1] if before else None, after[0] if after else None)
        return Week(week.last, week.editions, week.made_from, *links)

    def html(self, weeks: Sequence[Week]) -> Iterator[tuple[str, bytes]]:
        """Renders these weeks' pages, and the newest one's as that of all."""
        for week in weeks:
            yield self._page(f"week/{week.last.isoformat()}/index.html", week)
        for newest in self.recent(1):
            yield self._page("week/index.html", newest)

    def _page(self, path: str, week: Week) -> tuple[str, bytes]:
        topics = [each.topic for each in week.editions if each.topic]
        frame = Frame(root="../" * path.count("/"), topics=topics, outputs=self._outputs, week=True)
        return path, self._pages.week(frame, week).encode()

    def atom(self, weeks: Sequence[Week]) -> Iterator[tuple[str, bytes]]:
        """Renders the Atom feed of the last weeks."""
        yield "week/atom.xml", feeds.atom(self._channel("atom.xml"))

    def json_feed(self, weeks: Sequence[Week]) -> Iterator[tuple[str, bytes]]:
        """Renders the JSON Feed of the last weeks."""
        yield "week/feed.json", feeds.json_feed(self._channel("feed.json"))

    def channel(self, home: str | None, location: str | None) -> feeds.Channel:
        """Returns the feed of the last weeks, an entry each, with its addresses if it has any."""
        paper = self._pages.title
        items = tuple(item for week in self.recent() if (item := _item(week)))
        return feeds.Channel("week", f"{paper}: the week", paper, items, home, location)

    def _channel(self, name: str) -> feeds.Channel:
        at = f"{self._url}week/" if self._url else None
        return self.channel(at, at and at + name)

    def markdown(self, weeks: Sequence[Week]) -> Iterator[tuple[str, bytes]]:
        """Renders these weeks as Markdown."""
        for week in weeks:
            told = markdown(layout.letter(week.editions)).encode("utf-8", "replace")
            yield f"week/{week.last.isoformat()}/index.md", told

    def text(self, weeks: Sequence[Week]) -> Iterator[tuple[str, bytes]]:
        """Renders these weeks as plain text."""
        for week in weeks:
            told = plain.text(layout.letter(week.editions), links=True)
            yield f"week/{week.last.isoformat()}/index.txt", told.encode("utf-8", "replace")


Render = Callable[[Weeks, Sequence[Week]], Iterator[tuple[str, bytes]]]
FILES: Mapping[str, Render] = MappingProxyType(
    {
        "html": Weeks.html,
        "atom": Weeks.atom,
        "json": Weeks.json_feed,
        "markdown": Weeks.markdown,
        "text": Weeks.text,
    }
)


def _item(week: Week) -> feeds.Item | None:
    """Returns a week as an entry; None for one without a story."""
    told = layout.letter(week.editions)
    dates = [report.date for each in told for s in each.stories for report in s.reports]
    if not dates:
        return None
    return feeds.Item(
        id=feeds.urn("week", week.last.isoformat()),
        title=f"The week to {short_date(week.last)}",
        content_html="".join(map(_html, told)),
        published=max(dates),
        updated=max(dates),
        summary=told[0].stories[0].title,
    )


def _html(edition: Edition) -> str:
    stories = "".join(map(_story_html, edition.stories))
    return f"<h2>{escape(plain.title(edition))}</h2><ul>{stories}</ul>"


def _story_html(story: Story) -> str:
    title: str = escape(story.title)
    if url := web_address(story.url):
        title = f"<a {target(url)}>{title}</a>"
    sources = (report.feed for report in layout.reports_by_source(story)[:3])
    told = f"<cite>{escape(', '.join(sources))}</cite>"
    return f"<li{spoken(story.language)}>{title} {told}</li>"


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
