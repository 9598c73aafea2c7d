"""The pages of a site: those that others link to first, the front page last."""

from collections.abc import Iterator, Sequence
from functools import partial

from aggregator.model import Edition, TagCount
from aggregator.outputs import layout
from aggregator.outputs.calendars import calendar_of, years
from aggregator.outputs.frame import Frame
from aggregator.outputs.issue import File, Issue
from aggregator.outputs.manifest import mark
from aggregator.outputs.shelf import LIST, folder, slug_of


def html(issue: Issue) -> Iterator[File]:
    """Renders the pages: those that others link to first, the front page last."""
    for name, asset in issue.pages.assets().items():
        data = asset.read_bytes()
        yield File(f"static/{name}", mark(data), partial(bytes, data))
    for render in (_tag_pages, _day_pages, _topic_pages, _index_pages):
        yield from render(issue)


def _tag_pages(issue: Issue) -> Iterator[File]:
    topics = issue.shelf.editions(issue.day)
    for slug, label in sorted(issue.tags.items()):
        path = f"tag/{slug}/index.html"
        make = partial(_tag_page, issue, slug, label)
        yield issue.page(issue.frame(path, topics), path, (label, issue.tag_mark(slug)), make)


def _tag_page(issue: Issue, slug: str, label: str, frame: Frame) -> str:
    articles = issue.lists.newest(slug)
    return issue.pages.tag(frame, TagCount(slug, label, len(articles)), articles)


def _day_pages(issue: Issue) -> Iterator[File]:
    for day in (*issue.shelf.relinked(issue.day), issue.day):
        editions = issue.shelf.editions(day)
        for edition in editions:
            if layout.is_abridged(edition):
                yield _list_page(issue, folder(day, slug_of(edition)), edition, editions)
            if edition.topic:
                yield _topic_page(issue, folder(day, slug_of(edition)), edition, editions)
        yield _front_page(issue, folder(day), editions)


def _topic_pages(issue: Issue) -> Iterator[File]:
    for slug in filter(None, issue.slugs):
        for edition in issue.shelf.recent(slug, 1):
            yield _topic_page(issue, f"topic/{slug}/", edition, issue.shelf.editions(edition.day))


def _index_pages(issue: Issue) -> Iterator[File]:
    newest, days = issue.newest, issue.shelf.days()
    frame = partial(issue.frame, editions=newest, tags=True)
    for year in (*years(days), None):
        path = f"archive/{year}/index.html" if year else "archive/index.html"
        calendar = calendar_of(days, year, issue.weeks)
        make = partial(issue.pages.archive, calendar=calendar)
        yield issue.page(frame(path), path, calendar, make)
    path, counts = "tags/index.html", [TagCount(*tag) for tag in layout.tags(newest)]
    yield issue.page(frame(path), path, counts, partial(issue.pages.tags, tags=counts))
    yield _front_page(issue, "", newest)


def _topic_page(issue: Issue, at: str, edition: Edition, beside: Sequence[Edition]) -> File:
    path = f"{at}index.html"
    make = partial(issue.pages.topic, edition=edition)
    told = issue.mark(edition), layout.trends([edition], edition.tags)
    return issue.page(issue.frame(path, beside), path, told, make)


def _list_page(issue: Issue, at: str, edition: Edition, beside: Sequence[Edition]) -> File:
    path = f"{at}{LIST}"
    make = partial(issue.pages.stories, edition=edition)
    return issue.page(issue.frame(path, beside), path, issue.mark(edition), make)


def _front_page(issue: Issue, at: str, editions: Sequence[Edition]) -> File:
    path = f"{at}index.html"
    make = partial(issue.pages.front, editions=editions)
    told = [*map(issue.mark, editions)], layout.trends(editions, layout.tags(editions))
    return issue.page(issue.frame(path, editions), path, told, make)
