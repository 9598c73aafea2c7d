"""Where a page stands: the links it can make and what surrounds its content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from aggregator.model import Article, Brief, Report, Story, Topic
from aggregator.outputs.wording import web_address

TagLinks = tuple[tuple[str, str, int], ...]


def root_of(path: str) -> str:
    """Returns the relative way from an absolute path to the site's root: `../../` for `/tag/x/`."""
    return "../" * (path.count("/") - 1)


@dataclass(frozen=True, slots=True)
class Frame:
    """The place of a page in its site.

    `root` leads from the page to the root ('' or '../../'); `live` says that a server answers, so
    that articles have pages and there is a search; `now` is only for live pages; `topics` are
    the ones in the navigation; `outputs` says which feeds exist; `discover` are tags
    (slug, label, articles) for pages without their own; `week` says that there is one.
    """

    root: str = ""
    live: bool = False
    now: datetime | None = None
    topics: Sequence[Topic] = ()
    outputs: Sequence[str] = ("html", "atom", "json")
    discover: TagLinks = ()
    week: bool = False

    def link(self, *parts: str) -> str:
        """Returns the link to a page of the site; static pages name its file, for file://."""
        path = "".join(_quoted(part) + "/" for part in parts)
        return (self.root + path + ("" if self.live else "index.html")) or "./"

    def file(self, *parts: str) -> str:
        """Returns the link to a file of the site."""
        return self.root + "/".join(map(_quoted, parts))

    def search(self, path: str = "search", **parameters: object) -> str:
        """Returns the link to a search, leaving out parameters that are None."""
        given = {key: str(value) for key, value in parameters.items() if value is not None}
        return f"{self.root}{path}?{urlencode(given, errors='replace')}"

    def article(self, article: Article | Report) -> str | None:
        """Returns the link of a headline: our page if there is a server, else the publisher's."""
        return self._headline(article.id, article.url)

    def story(self, story: Story) -> str | None:
        """Returns the link of a story's headline: that of its leading report."""
        return self._headline(story.reports[0].id if story.reports else None, story.url)

    def brief(self, brief: Brief) -> str | None:
        """Returns the link of a story that is only named."""
        return self._headline(brief.report, brief.url)

    def _headline(self, id: str | None, url: str | None) -> str | None:
        return self.link("article", id) if self.live and id else web_address(url)


def _quoted(part: str) -> str:
    return quote(part, safe="", errors="replace")
