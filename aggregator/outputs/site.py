"""The published editions as a static site that stands alone.

    index.html  atom.xml  feed.json              the newest front page and its feeds
    digest/DAY/index.html  edition.json          a day's front page
    digest/DAY/TOPIC/index.html  edition.json    a day's edition of a topic
    digest/DAY/…/stories.html                    all its stories by name, where the page has not all
    digest/DAY/…/index.md  index.txt             the same as Markdown, as plain text
    topic/TOPIC/index.html  atom.xml  feed.json  the newest edition of a topic
    tag/TAG/index.html   atom.xml  feed.json     the newest articles of a tag
    tags/index.html  archive/index.html  archive/YEAR/index.html  static/

Files depend on the editions alone: the same ones give the same bytes, whenever they are built.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

from aggregator.errors import AggregatorError
from aggregator.model import Edition
from aggregator.outputs import plain, site_feeds, site_pages
from aggregator.outputs.files import replace_file
from aggregator.outputs.issue import File, Issue, TagLists, linked_tags
from aggregator.outputs.manifest import Manifest, mark, program
from aggregator.outputs.markdown import markdown as markdown_of
from aggregator.outputs.pages import Pages
from aggregator.outputs.shelf import RECORD, Shelf, folder, names_in, slug_of
from aggregator.outputs.weeks import days_of_weeks

Renderer = Callable[[Issue], Iterator[File]]


class Site:
    """A directory of published editions: reads them, and publishes new ones.

    `outputs` names what is made of editions (see RENDERERS); their records are always written.
    `manifest` is where to remember what files were made from; without it all are made each time.
    `url` is where the site is reached, with a slash at its end: its feeds cannot name their own
    addresses without it. Raises AggregatorError for an unknown output.
    """

    def __init__(
        self,
        directory: Path,
        pages: Pages,
        outputs: Sequence[str] = ("html", "atom", "json"),
        renderers: Mapping[str, Renderer] | None = None,
        manifest: Path | None = None,
        url: str | None = None,
    ) -> None:
        self.directory = directory
        self._pages = pages
        self._outputs = tuple(outputs)
        self._renderers = RENDERERS if renderers is None else renderers
        self._manifest = manifest
        self._url = url
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
        lists: TagLists,
        made_from: Mapping[str | None, str] = MappingProxyType({}),
    ) -> list[Path]:
        """Writes a day's editions, and the pages of other days that they change.

        Editions that include the one without topic are the whole day; others replace those of
        their topics. `made_from` is a mark of what an edition was made from, by its topic's slug.
        Everything is rendered before anything is written; each file is replaced at once, and left
        alone if its bytes are the same. Returns the files that changed. Raises AggregatorError.
        """
        if any(edition.day != day for edition in editions):
            raise AggregatorError(f"not every edition is of {day}")
        shelf = self.shelf()
        shelf.put(day, editions)
        records = dict(_records(shelf, day))
        manifest = Manifest(self.directory, self._manifest)
        issue = Issue(
            pages=self._pages,
            outputs=self._outputs,
            shelf=shelf,
            day=day,
            editions=editions,
            lists=lists,
            url=self._url,
            weeks=days_of_weeks(self.directory),
            tags=self._tags(lists, editions, manifest),
        )
        made = {}
        for file in (each for name in self._outputs for each in self._renderers[name](issue)):
            if manifest.mark_of(file.path) != file.made_from:
                made[file.path] = file.make()
                manifest.note(file.path, file.made_from, len(made[file.path]))
        known = {folder(day, slug) + RECORD: each for slug, each in made_from.items()}
        for path, data in records.items():  # neighbours that are linked anew stay what they were
            if told := known.get(path) or manifest.mark_of(path):
                manifest.note(path, told, len(data))
        written = self._write({**made, **records})
        manifest.save()
        return written

    def forget_tags(self, slugs: Collection[str]) -> None:
        """Has the pages and feeds of tags made again with the next edition, if they have any."""
        manifest = Manifest(self.directory, self._manifest)
        manifest.forget_tags(slugs)
        manifest.save()

    def _tags(
        self, lists: TagLists, editions: Iterable[Edition], manifest: Manifest
    ) -> dict[str, str]:
        """Returns the tags to be published by the names they have now, whichever day is built."""
        tags = {**self._followed(lists, manifest), **linked_tags(editions)}
        return {**tags, **lists.labels(tags)}

    def _followed(self, lists: TagLists, manifest: Manifest) -> dict[str, str]:
        """Returns the tags published before that may have changed: someone may follow them.

        These are the day's, those that were forgotten, and those that no article has any more: past
        editions link to their pages, readers ask for their feeds, and the tag may come back.
        """
        carried = lists.carried()
        published = list(filter(_is_text, names_in(self.directory / "tag")))
        changed = [*filter(carried.__contains__, published), *manifest.forgotten_tags(published)]
        return {**{slug: carried.get(slug, slug) for slug in changed}, **lists.bare(published)}

    def _write(self, files: Mapping[str, bytes]) -> list[Path]:
        changed = []
        for name, data in files.items():
            path = self.directory / name
            if replace_file(path, data):
                changed.append(path)
        return changed


def _is_text(name: str) -> bool:
    """Returns whether a name on disk can be a slug: other names come with half characters."""
    return name == name.encode("utf-8", "replace").decode()


def _records(shelf: Shelf, day: date) -> Iterator[tuple[str, bytes]]:
    for each in (day, *shelf.relinked(day)):
        for slug in map(slug_of, shelf.editions(each)):
            yield folder(each, slug) + RECORD, shelf.record(each, slug)


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
    {
        "html": site_pages.html,
        "atom": site_feeds.atom,
        "json": site_feeds.json_feed,
        "markdown": markdown,
        "text": text,
    }
)
