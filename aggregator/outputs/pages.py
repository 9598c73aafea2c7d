"""Editions, articles, searches and feeds as HTML pages, through Jinja2 templates.

The context of every template is documented in docs/templates.md.
"""

import math
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import jinja2
from jinja2.sandbox import safe_range
from markupsafe import Markup, escape

from aggregator import schedule
from aggregator.errors import AggregatorError, ConfigError
from aggregator.model import Article, Edition, Feed, Health, Story, TagCount, TagProfile
from aggregator.outputs import checking, layout, loading, narrowing, plain, wording
from aggregator.outputs.calendars import Calendar
from aggregator.outputs.compiled import COMPILED
from aggregator.outputs.frame import Frame
from aggregator.outputs.manifest import mark, of_files, program
from aggregator.outputs.shapes import source, timestamp

FEEDS_PAGE = 150
Sort = Literal["relevance", "newest"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result: the article and a clean HTML snippet around the best match."""

    article: Article
    snippet_html: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search and one page of its results; `error` is set when the query is malformed.

    `page` counts from 1, `size` is how many hits a page holds, `column` counts from 1; facets are
    (value, articles) by the names `tag`, `feed`, `language` and `month` (`2026-02`). `did_you_mean`
    is a query that finds something where this one finds nothing.
    """

    query: str = ""
    hits: Sequence[Hit] = ()
    total: int = 0
    page: int = 1
    size: int = 20
    sort: Sort = "relevance"
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    error: str | None = None
    column: int | None = None
    warning: str | None = None
    did_you_mean: str | None = None

    @property
    def pages(self) -> int:
        """How many pages the results fill."""
        return math.ceil(self.total / self.size)


def shipped_templates() -> Path:
    """Returns the directory of the templates that come with the package."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


class Pages:
    """Renders pages; every method returns one, and raises AggregatorError naming file and line.

    `templates` is the user's directory: a template there takes the place of ours of the same
    name, which it may still extend as `shipped/NAME`; files under its `static/` are added.
    """

    def __init__(
        self,
        title: str,
        timezone: ZoneInfo,
        clocks: Sequence[ZoneInfo] = (),
        templates: Path | None = None,
    ) -> None:
        self.title = title
        self.timezone = timezone
        self._zones = (timezone, *clocks)
        self._directories = [each for each in (templates, shipped_templates()) if each]
        self._environment = self._make_environment()
        self._look: str | None = None

    @property
    def look(self) -> str:
        """A mark of what all pages are made with: templates, static files, settings, program."""
        if self._look is None:
            files = [
                p for each in self._directories for p in sorted(each.rglob("*")) if p.is_file()
            ]
            self._look = mark(self.title, self._zones, of_files(files), program())
        return self._look

    def front(self, frame: Frame, editions: Sequence[Edition]) -> str:
        """The front page of one day: its edition without topic (if any) and those of its topics."""
        tags = layout.tags(editions)
        return self._render(
            "front.html",
            frame,
            edition=editions[0],
            editions=editions,
            front=layout.front(editions),
            reference=layout.last_report(editions),
            tags=tags,
            trends=layout.trends(editions, tags),
        )

    def week(self, frame: Frame, week: layout.Week) -> str:
        """The summary of a week: its stories over all topics, each once."""
        tags = layout.tags(week.editions)
        return self._render(
            "week.html",
            frame,
            week=week,
            front=layout.front(week.editions),
            tags=tags,
            trends=layout.trends(week.editions, tags),
        )

    def topic(self, frame: Frame, edition: Edition) -> str:
        """One day's edition of a topic: every story, ranked."""
        tags = edition.tags[: layout.DISCOVER]
        return self._render(
            "topic.html",
            frame,
            edition=edition,
            ranked=layout.ranked(edition),
            reference=layout.last_report([edition]),
            tags=tags,
            trends=layout.trends([edition], tags),
        )

    def stories(self, frame: Frame, edition: Edition) -> str:
        """The list of all stories of an edition by their names."""
        return self._render(
            "stories.html",
            frame,
            edition=edition,
            listing=layout.listing(edition),
            reference=layout.last_report([edition]),
        )

    def story(self, frame: Frame, story: Story) -> str:
        """A story as it stands now: its reports in order, what changed, what it belongs to."""
        return self._render("story.html", frame, story=story, tags=())

    def archive(self, frame: Frame, calendar: Calendar) -> str:
        """The days of a year, or the newest, that have a digest, and the way to other years."""
        return self._render("archive.html", frame, calendar=calendar)

    def tags(
        self,
        frame: Frame,
        tags: Sequence[TagCount],
        *,
        total: int | None = None,
        page: int = 1,
        pages: int = 1,
    ) -> str:
        """Tags with their numbers of articles, in the given order: a page of `total`, or all."""
        total = len(tags) if total is None else total
        return self._render("tags.html", frame, counts=tags, total=total, page=page, pages=pages)

    def tag(
        self,
        frame: Frame,
        tag: TagCount,
        articles: Sequence[Article],
        *,
        page: int = 1,
        pages: int = 1,
        profile: TagProfile | None = None,
    ) -> str:
        """One page of a tag's articles; `tag.articles` counts all of them."""
        return self._render(
            "tag.html",
            frame,
            tag=tag,
            articles=articles,
            page=page,
            pages=pages,
            profile=profile,
        )

    def article(
        self,
        frame: Frame,
        article: Article,
        mates: Sequence[Article] = (),
        related: Sequence[Article] = (),
    ) -> str:
        """An article in full; `mates` are the other articles of its story, `related` like it."""
        return self._render(
            "article.html",
            frame,
            article=article,
            mates=mates,
            related=related,
            standfirst="" if _opens_with_summary(article) else article.summary,
            image=None if _shows(article, article.image) else article.image,
            files=[each for each in article.enclosures if each.url != article.image],
            tags=(),
        )

    def search(self, frame: Frame, search: Search) -> str:
        """A search with its results, ways to narrow them, or what is wrong with the query."""
        return self._render("search.html", frame, search=search)

    def feeds(
        self,
        frame: Frame,
        feeds: Sequence[tuple[Feed, Health]],
        *,
        health: str | None = None,
        page: int = 1,
    ) -> str:
        """A page of all feeds with their health at `frame.now`, or of those of one health."""
        chosen = [pair for pair in feeds if health in (None, pair[1])]
        pages = max(1, -(-len(chosen) // FEEDS_PAGE))
        page = min(page, pages)
        return self._render(
            "feeds.html",
            frame,
            feeds=chosen[(page - 1) * FEEDS_PAGE : page * FEEDS_PAGE],
            counts=Counter(each for _, each in feeds),
            health=health,
            page=page,
            pages=pages,
        )

    def letter(
        self,
        editions: Sequence[Edition],
        *,
        images: bool = False,
        weekly: bool = False,
        address: str | None = None,
    ) -> str:
        """Editions as the HTML part of an e-mail: styles inline, `images` or none."""
        told = {"editions": editions, "images": images, "weekly": weekly, "address": address}
        return self._render("letter.html", Frame(outputs=()), **told)

    def error(self, frame: Frame, status: int, message: str) -> str:
        """What went wrong with a request, in words."""
        return self._render("error.html", frame, status=status, message=message)

    def check(self) -> None:
        """Compiles every template and looks up the names in the user's; raises ConfigError."""
        users, *shipped = self._directories
        problems = checking.problems(self._environment, users if shipped else None)
        if problems:
            raise ConfigError(problems)

    def assets(self) -> dict[str, Path]:
        """Returns the static files by their names below `static/`, the user's over ours."""
        found = {}
        for directory in reversed(self._directories):
            root = directory / "static"
            files = sorted(path for path in root.rglob("*") if path.is_file())
            found.update({path.relative_to(root).as_posix(): path for path in files})
        return found

    def _make_environment(self) -> jinja2.Environment:
        loaders = [loading.Directory(each) for each in self._directories]
        shipped = jinja2.PrefixLoader({"shipped": loaders[-1]})
        environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([*loaders, shipped]),
            bytecode_cache=COMPILED,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters.update(_filters(self.timezone))
        environment.globals.update(
            paper=self.title,
            clocks=partial(wording.clocks, zones=self._zones),
            days=wording.DAYS,
            edition_title=plain.title,
            facet_label=narrowing.facet_label,
            narrowed=narrowing.narrowed,
            of_day=narrowing.of_day,
            range=safe_range,
        )
        return environment

    def _template(self, name: str) -> jinja2.Template:
        try:
            return self._environment.get_template(name)
        except jinja2.TemplateSyntaxError as fault:
            raise AggregatorError(f"{fault.filename}:{fault.lineno}: {fault.message}") from fault

    def _render(self, name: str, frame: Frame, **context: Any) -> str:
        template = self._template(name)
        try:
            page = template.render(frame=frame, **context)
        except jinja2.TemplateSyntaxError as fault:
            raise AggregatorError(f"{fault.filename}:{fault.lineno}: {fault.message}") from fault
        except Exception as fault:
            raise AggregatorError(f"{self._place(fault, name)}: {loading.words(fault)}") from fault
        return wording.printable(page)

    def _place(self, fault: Exception, name: str) -> str:
        """Returns file and line of the innermost template that a fault came through."""
        ours = tuple(str(directory) for directory in self._directories)
        frames = traceback.extract_tb(fault.__traceback__)
        inside = (
            f"{frame.filename}:{frame.lineno}"
            for frame in reversed(frames)
            if frame.filename.startswith(ours)
        )
        return next(inside, name)


def _filters(timezone: ZoneInfo) -> dict[str, Any]:
    return {
        "ago": wording.ago,
        "body": _body,
        "city": wording.city,
        "count": wording.count,
        "direction": wording.direction,
        "feed_notes": wording.feed_notes,
        "copied": layout.copied,
        "extent": layout.extent,
        "first_report": layout.first_report,
        "healthy_since": schedule.healthy_since,
        "leaning": wording.leaning,
        "listed": wording.listed,
        "long_date": wording.long_date,
        "moment": partial(_time_element, timezone=timezone),
        "month": wording.month,
        "opening": wording.opening,
        "other_headlines": layout.other_headlines,
        "reports_by_source": layout.reports_by_source,
        "short_date": wording.short_date,
        "short_name": wording.short_name,
        "snippet": Markup,
        "source": source,
        "sparkline": layout.sparkline,
        "span": wording.span,
        "texts": layout.texts,
        "ties": layout.ties,
        "timeline": layout.timeline,
        "spoken": wording.spoken,
        "timestamp": timestamp,
        "today": lambda now: now.astimezone(timezone).date(),
        "target": wording.target,
        "web_address": wording.web_address,
        "without_password": wording.without_password,
        "weekday": partial(_weekday_element, timezone=timezone),
    }


def _time_element(when: datetime, day: date | None = None, *, timezone: ZoneInfo) -> Markup:
    return _element(when, wording.moment(when, timezone, day))


def _weekday_element(when: datetime, *, timezone: ZoneInfo) -> Markup:
    return _element(when, wording.DAYS[when.astimezone(timezone).weekday()])


def _element(when: datetime, shown: str) -> Markup:
    return Markup(f'<time datetime="{timestamp(when)}">{escape(shown)}</time>')  # noqa: S704


def _body(article: Article) -> Markup:
    """Returns the clean HTML of an article below a page's own heading, else its plain text."""
    if not article.content_html:
        return wording.paragraphs(article.text or article.summary)
    return wording.below_heading(article.content_html)


def _opens_with_summary(article: Article) -> bool:
    opening = "".join(article.summary.split()).rstrip(".…")
    text = "".join(article.text.split())
    return text.startswith(opening) or not article.content_html


def _shows(article: Article, image: str | None) -> bool:
    return image is not None and str(escape(image)) in article.content_html
