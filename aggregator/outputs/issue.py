"""An issue: what the renderers of a site are given, and the files that they hand back."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from urllib.parse import quote

from aggregator.model import Article, Edition
from aggregator.outputs import layout
from aggregator.outputs.frame import Frame
from aggregator.outputs.manifest import mark
from aggregator.outputs.pages import Pages
from aggregator.outputs.shelf import Shelf, slug_of

STORY_TAGS = 4


@dataclass(frozen=True, slots=True)
class File:
    """A file to be: its path in the site, a mark of all that it is made from, how it is made."""

    path: str
    made_from: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class TagLists:
    """The newest articles by tag: `newest` gives those of a slug, `marks` what they are made from.

    `carried` gives the labels of all tags of the day's articles by slug, `bare` those of the given
    slugs that no article has, `labels` those that the newest articles give.
    """

    newest: Callable[[str], Sequence[Article]]
    marks: Callable[[Collection[str]], Mapping[str, str]]
    carried: Callable[[], Mapping[str, str]]
    bare: Callable[[Collection[str]], Mapping[str, str]]
    labels: Callable[[Collection[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Issue:
    """What renderers are given: the shelf with a day's new editions on it, and its tags.

    `url` is where the site is reached, if that is known, with a slash at its end; `weeks` are the
    last days of the weeks that have a page, `tags` the labels by slug of the tags that have one.
    """

    pages: Pages
    outputs: Sequence[str]
    shelf: Shelf
    day: date
    editions: Sequence[Edition]
    lists: TagLists
    url: str | None = None
    weeks: Sequence[date] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    listed: dict[str, str] = field(default_factory=dict)

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

    def address(self, path: str) -> str | None:
        """Returns the URL of a page or a file, if it is known where the site is reached."""
        return None if self.url is None else self.url + quote(path, errors="replace")

    def mark(self, edition: Edition) -> str:
        """Returns the mark of an edition without the last days of its tags."""
        return self.shelf.fingerprint(edition.day, slug_of(edition))

    def tag_mark(self, slug: str) -> str:
        """Returns the mark of a tag's list."""
        if not self.listed:
            self.listed.update(self.lists.marks(self.tags))
        return self.listed[slug]

    @property
    def newest(self) -> list[Edition]:
        """The editions of the newest day."""
        return self.shelf.editions(*self.shelf.newest(None, 1))

    @property
    def slugs(self) -> list[str | None]:
        """The topics that the new editions are of."""
        return [slug_of(edition) for edition in self.editions]


def linked_tags(editions: Iterable[Edition]) -> dict[str, str]:
    """Returns the labels of the tags that pages of these editions link to, by slug.

    A story on a topic's page is told without the tags that most of the edition has.
    """
    tags: dict[str, str] = {}
    for edition in editions:
        tags.update({slug: label for slug, label, _ in edition.tags})
        common = {slug for slug, _, number in edition.tags if 2 * number > edition.articles}
        for story in edition.stories:
            tags.update([tag for tag in story.tags if tag[0] not in common][:STORY_TAGS])
    return tags
