"""The published editions as a static site that stands alone.

    index.html  atom.xml  feed.json              the newest front page and its feeds
    digest/DAY/index.html  edition.json          a day's front page
    digest/DAY/TOPIC/index.html  edition.json    a day's edition of a topic
    digest/DAY/…/stories.html                    all its stories by name, where the page has not all
    digest/DAY/…/index.md  index.txt             the same as Markdown, as plain text
    topic/TOPIC/index.html  atom.xml  feed.json  the newest edition of a topic
    tag/TAG/index.html  tags/index.html  archive/index.html  archive/YEAR/index.html  static/

Files depend on the editions alone: the same ones give the same bytes, whenever they are built.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

from aggregator.errors import AggregatorError
from aggregator.model import Article, Edition, TagCount
from aggregator.outputs import feeds, layout, plain
from aggregator.outputs.calendars import calendar_of, years
from aggregator.outputs.files import replace_file
from aggregator.outputs.frame import Frame
from aggregator.outputs.manifest import Manifest, mark, program
from aggregator.outputs.markdown import markdown as markdown_of
from aggregator.outputs.pages import Pages
from aggregator.outputs.shapes import source
from aggregator.outputs.shelf import LIST, RECORD, Shelf, folder, record, slug_of
from aggregator.outputs.weeks import days_of_weeks

FEED_DAYS = 7
TAG_ARTICLES = 50
STORY_TAGS = 4

TagArticles = Callable[[str], Sequence[Article]]


@dataclass(frozen=True, slots=True)
class File:
    """A file to be: its path in the site, a mark of all that it is made from, how it is made.

    Without a mark it is made only where there is none.
    """

    path: str
    made_from: str | None
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Issue:
    """What renderers are given: the shelf with a day's new editions on it, and where tags lead.

    `changed` says that not all of the editions are on disk as they are, `weeks` are the last days
    of the weeks that have a page.
    """

    pages: Pages
    outputs: Sequence[str]
    shelf: Shelf
    day: date
    editions: Sequence[Edition]
    tag_articles: TagArticles
    changed: bool = True
    weeks: Sequence[date] = ()
    marks: dict[tuple[date, str | None], str] = field(default_factory=dict)

    def frame(self, path: str, editions: Iterable[Edition] = (), *, tags: bool = False) -> Frame:
        """Returns the frame of the page at a path, among these topics, if wanted these tags."""
        editions = list(editions)
        return Frame(
            root="../" * path.count("/"),
            topics=[edition.topic for edition in editions if edition.topic],
            outputs=self.outputs,
            discover=layout.tags(editions) if tags else (),
            week=bool(self.weeks),
        )

    def page(self, frame: Frame, path: str, told: object, make: Callable[[Frame], str]) -> File:
        """Returns a page to be, made from what is `told`, its look and what surrounds it."""
        topics = [(topic.name, topic.slug) for topic in frame.topics]
        around = topics, frame.outputs, frame.discover, frame.week
        made_from = mark(self.pages.look, path, around, told)
        return File(path, made_from, lambda: make(frame).encode())

    def mark(self, edition: Edition) -> str:
        """Returns the mark of an edition."""
        key = edition.day, slug_of(edition)
        if key not in self.marks:
            self.marks[key] = mark(record(edition).decode())
        return self.marks[key]

    def tagged(self, slug: str) -> list[Article]:
        """Returns the newest articles of a tag."""
        return list(self.tag_articles(slug)[:TAG_ARTICLES])

    @property
    def newest(self) -> list[Edition]:
        """The editions of the newest day."""
        return self.shelf.editions(self.shelf.days()[-1])

    @property
    def slugs(self) -> list[str | None]:
        """The topics that the new editions are of."""
        return [slug_of(edition) for edition in self.editions]


Renderer = Callable[[Issue], Iterator[File]]


class Site:
    """A directory of published editions: reads them, and publishes new ones.

    `outputs` names what is made of editions (see RENDERERS); their records are always written.
    `manifest` is where to remember what files were made from; without it all are made each time.
    Raises AggregatorError for an unknown output.
    """

    def __init__(
        self,
        directory: Path,
        pages: Pages,
        outputs: Sequence[str] = ("html", "atom", "json"),
        renderers: Mapping[str, Renderer] | None = None,
        manifest: Path | None = None,
    ) -> None:
        self.directory = directory
        self._pages = pages
        self._outputs = tuple(outputs)
        self._renderers = RENDERERS if renderers is None else renderers
        self._manifest = manifest
        if unknown := [name for name in outputs if name not in self._renderers]:
            known = ", ".join(self._renderers)
            raise AggregatorError(f"unknown output {unknown[0]!r}; there are {known}")

    def shelf(self) -> Shelf:
        """Returns the published editions, as they are on disk now."""
        return Shelf(self.directory)

    def made_from(self, day: date, slugs: Iterable[str | None]) -> dict[str | None, str | None]:
        """Returns what published editions were made from, if that is known and they are there."""
        manifest = Manifest(self.directory, self._manifest)
        return {slug: manifest.mark_of(folder(day, slug) + RECORD) for slug in slugs}

    def publish(
        self,
        day: date,
        editions: Sequence[Edition],
        tag_articles: TagArticles,
        made_from: Mapping[str | None, str] = MappingProxyType({}),
    ) -> list[Path]:
        """Writes a day's editions, and the pages of other days that they change.

        Editions that include the one without topic are the whole day; others replace those of
        their topics. `tag_articles` gives the newest articles of a tag's slug, `made_from` a mark
        of what an edition was made from, by its topic's slug. Everything is rendered before
        anything is written; each file is replaced at once, and left alone if its bytes are the
        same. Returns the files that changed. Raises AggregatorError.
        """
        if any(edition.day != day for edition in editions):
            raise AggregatorError(f"not every edition is of {day}")
        shelf = self.shelf()
        shelf.put(day, editions)
        records = dict(_records(shelf, day))
        changed = any(not _is_there(self.directory / path, data) for path, data in records.items())
        weeks = days_of_weeks(self.directory)
        issue = Issue(
            self._pages, self._outputs, shelf, day, editions, tag_articles, changed, weeks
        )
        manifest = Manifest(self.directory, self._manifest)
        made = {}
        for file in (each for name in self._outputs for each in self._renderers[name](issue)):
            known = manifest.mark_of(file.path)
            if known is None or (file.made_from is not None and file.made_from != known):
                made[file.path] = file.make()
                manifest.note(file.path, file.made_from or "", len(made[file.path]))
        for slug, known in made_from.items():
            path = folder(day, slug) + RECORD
            manifest.note(path, known, len(records[path]))
        written = self._write({**made, **records})
        manifest.save()
        return written

    def _write(self, files: Mapping[str, bytes]) -> list[Path]:
        changed = []
        for name, data in files.items():
            path = self.directory / name
            if replace_file(path, data):
                changed.append(path)
        return changed


def _is_there(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _records(shelf: Shelf, day: date) -> Iterator[tuple[str, bytes]]:
    for each in (day, *shelf.relinked(day)):
        editions = shelf.editions(each)
        topics = [edition.topic.slug for edition in editions if edition.topic]
        for edition in editions:
            yield folder(each, slug_of(edition)) + RECORD, record(edition, topics)


# --- pages --------------------------------------------------------------------------------------


def html(issue: Issue) -> Iterator[File]:
    """Renders the pages: those that others link to first, the front page last."""
    for name, asset in issue.pages.assets().items():
        data = asset.read_bytes()
        yield File(f"static/{name}", mark(data), partial(bytes, data))
    for render in (_tag_pages, _day_pages, _topic_pages, _index_pages):
        yield from render(issue)


def _tag_pages(issue: Issue) -> Iterator[File]:
    topics = issue.shelf.editions(issue.day)
    for slug, label in sorted(_linked_tags(issue.editions).items()):
        path = f"tag/{slug}/index.html"
        make = partial(_tag_page, issue, slug, label)
        told = [_listed(each) for each in issue.tagged(slug)] if issue.changed else None
        page = issue.page(issue.frame(path, topics), path, (label, told), make)
        yield page if issue.changed else replace(page, made_from=None)


def _tag_page(issue: Issue, slug: str, label: str, frame: Frame) -> str:
    articles = issue.tagged(slug)
    return issue.pages.tag(frame, TagCount(slug, label, len(articles)), articles)


def _listed(article: Article) -> tuple[object, ...]:
    """Returns what a list shows of an article."""
    words = (article.id, article.title, article.summary, article.language)
    return (*words, article.url, article.date, source(article))


def _linked_tags(editions: Iterable[Edition]) -> dict[str, str]:
    """Returns the labels of the tags that pages of these editions link to, by slug."""
    tags: dict[str, str] = {}
    for edition in editions:
        tags.update({slug: label for slug, label, _ in edition.tags})
        for story in edition.stories:
            tags.update(story.tags[:STORY_TAGS])
    return tags


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
    return issue.page(issue.frame(path, beside), path, issue.mark(edition), make)


def _list_page(issue: Issue, at: str, edition: Edition, beside: Sequence[Edition]) -> File:
    path = f"{at}{LIST}"
    make = partial(issue.pages.stories, edition=edition)
    return issue.page(issue.frame(path, beside), path, issue.mark(edition), make)


def _front_page(issue: Issue, at: str, editions: Sequence[Edition]) -> File:
    path = f"{at}index.html"
    make = partial(issue.pages.front, editions=editions)
    return issue.page(issue.frame(path, editions), path, list(map(issue.mark, editions)), make)


# --- feeds --------------------------------------------------------------------------------------


def atom(issue: Issue) -> Iterator[File]:
    """Renders the Atom feed of the front page and of every new edition's topic."""
    yield from _feeds(issue, "atom.xml", feeds.atom)


def json_feed(issue: Issue) -> Iterator[File]:
    """Renders the JSON Feed of the front page and of every new edition's topic."""
    yield from _feeds(issue, "feed.json", feeds.json_feed)


def _feeds(issue: Issue, name: str, write: Callable[[feeds.Channel], bytes]) -> Iterator[File]:
    for slug in dict.fromkeys([None, *issue.slugs]):
        told = [issue.shelf.fingerprint(day, slug) for day in issue.shelf.days(slug)[-FEED_DAYS:]]
        path = f"topic/{slug}/{name}" if slug else name
        make = partial(_feed, issue, slug, name, write)
        yield File(path, mark(program(), issue.pages.title, path, told), make)


def _feed(
    issue: Issue, slug: str | None, name: str, write: Callable[[feeds.Channel], bytes]
) -> bytes:
    editions = issue.shelf.recent(slug, FEED_DAYS)
    return write(feeds.edition_channel(issue.pages.title, editions, "index.html", name))


# --- one file an edition ------------------------------------------------------------------------


def markdown(issue: Issue) -> Iterator[File]:
    """Renders the new editions as Markdown."""
    yield from _papers(issue, "index.md", markdown_of)


def text(issue: Issue) -> Iterator[File]:
    """Renders the new editions as plain text."""
    yield from _papers(issue, "index.txt", partial(plain.text, links=True))


def _papers(issue: Issue, name: str, write: Callable[[Sequence[Edition]], str]) -> Iterator[File]:
    for edition in issue.editions:
        path = folder(issue.day, slug_of(edition)) + name
        make = partial(_paper, edition, write)
        yield File(path, mark(program(), path, issue.mark(edition)), make)


def _paper(edition: Edition, write: Callable[[Sequence[Edition]], str]) -> bytes:
    return write([edition]).encode("utf-8", "replace")


RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {"html": html, "atom": atom, "json": json_feed, "markdown": markdown, "text": text}
)
