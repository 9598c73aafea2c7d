"""The published editions as a static site that stands alone.

    index.html  atom.xml  feed.json              the newest front page and its feeds
    digest/DAY/index.html  edition.json          a day's front page
    digest/DAY/TOPIC/index.html  edition.json    a day's edition of a topic
    digest/DAY/…/index.md  index.txt             the same as Markdown, as plain text
    topic/TOPIC/index.html  atom.xml  feed.json  the newest edition of a topic
    tag/TAG/index.html  tags/index.html  archive/index.html  static/

Files depend on the editions alone: the same ones give the same bytes, whenever they are built.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

from aggregator.errors import AggregatorError
from aggregator.model import Article, Edition, TagCount
from aggregator.outputs import feeds, layout, plain
from aggregator.outputs.files import replace_file
from aggregator.outputs.frame import Frame
from aggregator.outputs.markdown import markdown as markdown_of
from aggregator.outputs.pages import Pages
from aggregator.outputs.shelf import RECORD, Shelf, folder, record, slug_of

FEED_DAYS = 7
TAG_ARTICLES = 50
STORY_TAGS = 4

TagArticles = Callable[[str], Sequence[Article]]
File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Issue:
    """What renderers are given: the shelf with a day's new editions on it, and where tags lead."""

    pages: Pages
    outputs: Sequence[str]
    shelf: Shelf
    day: date
    editions: Sequence[Edition]
    tag_articles: TagArticles

    def frame(self, path: str, editions: Iterable[Edition] = ()) -> Frame:
        """Returns the frame of the page at a path, among the topics of these editions."""
        editions = list(editions)
        return Frame(
            root="../" * path.count("/"),
            topics=[edition.topic for edition in editions if edition.topic],
            outputs=self.outputs,
            discover=layout.tags(editions),
        )

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
    Raises AggregatorError for an unknown output.
    """

    def __init__(
        self,
        directory: Path,
        pages: Pages,
        outputs: Sequence[str] = ("html", "atom", "json"),
        renderers: Mapping[str, Renderer] | None = None,
    ) -> None:
        self.directory = directory
        self._pages = pages
        self._outputs = tuple(outputs)
        self._renderers = RENDERERS if renderers is None else renderers
        if unknown := [name for name in outputs if name not in self._renderers]:
            known = ", ".join(self._renderers)
            raise AggregatorError(f"unknown output {unknown[0]!r}; there are {known}")

    def shelf(self) -> Shelf:
        """Returns the published editions, as they are on disk now."""
        return Shelf(self.directory)

    def publish(
        self, day: date, editions: Sequence[Edition], tag_articles: TagArticles
    ) -> list[Path]:
        """Writes a day's editions, and the pages of other days that they change.

        Editions that include the one without topic are the whole day; others replace those of
        their topics. `tag_articles` gives the newest articles of a tag's slug. Everything is
        rendered before anything is written; each file is replaced at once, and left alone if its
        bytes are the same. Returns the files that changed. Raises AggregatorError.
        """
        if any(edition.day != day for edition in editions):
            raise AggregatorError(f"not every edition is of {day}")
        shelf = self.shelf()
        shelf.put(day, editions)
        issue = Issue(self._pages, self._outputs, shelf, day, editions, tag_articles)
        files = {
            path: data for name in self._outputs for path, data in self._renderers[name](issue)
        }
        files.update(_records(issue))
        return self._write(files)

    def _write(self, files: Mapping[str, bytes]) -> list[Path]:
        changed = []
        for name, data in files.items():
            path = self.directory / name
            if replace_file(path, data):
                changed.append(path)
        return changed


def _records(issue: Issue) -> Iterator[File]:
    for day in (issue.day, *issue.shelf.neighbours(issue.day)):
        editions = issue.shelf.editions(day)
        topics = [edition.topic.slug for edition in editions if edition.topic]
        for edition in editions:
            yield folder(day, slug_of(edition)) + RECORD, record(edition, topics)


# --- pages --------------------------------------------------------------------------------------


def html(issue: Issue) -> Iterator[File]:
    """Renders the pages: those that others link to first, the front page last."""
    for name, asset in issue.pages.assets().items():
        yield f"static/{name}", asset.read_bytes()
    for render in (_tag_pages, _day_pages, _topic_pages, _index_pages):
        for path, page in render(issue):
            yield path, page.encode()


def _tag_pages(issue: Issue) -> Iterator[tuple[str, str]]:
    for slug, label in sorted(_linked_tags(issue.editions).items()):
        path = f"tag/{slug}/index.html"
        articles = issue.tag_articles(slug)[:TAG_ARTICLES]
        frame = issue.frame(path, issue.shelf.editions(issue.day))
        yield path, issue.pages.tag(frame, TagCount(slug, label, len(articles)), articles)


def _linked_tags(editions: Iterable[Edition]) -> dict[str, str]:
    """Returns the labels of the tags that pages of these editions link to, by slug."""
    tags: dict[str, str] = {}
    for edition in editions:
        tags.update({slug: label for slug, label, _ in edition.tags})
        for story in edition.stories:
            tags.update(story.tags[:STORY_TAGS])
    return tags


def _day_pages(issue: Issue) -> Iterator[tuple[str, str]]:
    for day in (*issue.shelf.neighbours(issue.day), issue.day):
        editions = issue.shelf.editions(day)
        for edition in editions:
            path = folder(day, slug_of(edition)) + "index.html"
            if edition.topic:
                yield path, issue.pages.topic(issue.frame(path, editions), edition)
        path = folder(day) + "index.html"
        yield path, issue.pages.front(issue.frame(path, editions), editions)


def _topic_pages(issue: Issue) -> Iterator[tuple[str, str]]:
    for slug in filter(None, issue.slugs):
        for edition in issue.shelf.recent(slug, 1):
            path = f"topic/{slug}/index.html"
            frame = issue.frame(path, issue.shelf.editions(edition.day))
            yield path, issue.pages.topic(frame, edition)


def _index_pages(issue: Issue) -> Iterator[tuple[str, str]]:
    newest = issue.newest
    frame = partial(issue.frame, editions=newest)
    yield "archive/index.html", issue.pages.archive(frame("archive/index.html"), issue.shelf.days())
    counts = [TagCount(*tag) for tag in layout.tags(newest)]
    yield "tags/index.html", issue.pages.tags(frame("tags/index.html"), counts)
    yield "index.html", issue.pages.front(frame("index.html"), newest)


# --- feeds --------------------------------------------------------------------------------------


def atom(issue: Issue) -> Iterator[File]:
    """Renders the Atom feed of the front page and of every new edition's topic."""
    for path, channel in _channels(issue, "atom.xml"):
        yield path, feeds.atom(channel)


def json_feed(issue: Issue) -> Iterator[File]:
    """Renders the JSON Feed of the front page and of every new edition's topic."""
    for path, channel in _channels(issue, "feed.json"):
        yield path, feeds.json_feed(channel)


def _channels(issue: Issue, name: str) -> Iterator[tuple[str, feeds.Channel]]:
    for slug in dict.fromkeys([None, *issue.slugs]):
        editions = issue.shelf.recent(slug, FEED_DAYS)
        path = f"topic/{slug}/{name}" if slug else name
        yield path, feeds.edition_channel(issue.pages.title, editions, "index.html", name)


# --- one file an edition ------------------------------------------------------------------------


def markdown(issue: Issue) -> Iterator[File]:
    """Renders the new editions as Markdown."""
    for edition in issue.editions:
        path = folder(issue.day, slug_of(edition)) + "index.md"
        yield path, markdown_of([edition]).encode("utf-8", "replace")


def text(issue: Issue) -> Iterator[File]:
    """Renders the new editions as plain text."""
    for edition in issue.editions:
        path = folder(issue.day, slug_of(edition)) + "index.txt"
        yield path, plain.text([edition], links=True).encode("utf-8", "replace")


RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {"html": html, "atom": atom, "json": json_feed, "markdown": markdown, "text": text}
)
