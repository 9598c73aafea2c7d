"""The feeds of a site: of the front page, of topics and of tags, as Atom and as JSON Feed."""

from collections.abc import Callable, Iterator
from functools import partial

from aggregator.outputs import feeds
from aggregator.outputs.issue import File, Issue
from aggregator.outputs.manifest import mark, program

FEED_DAYS = 7

Write = Callable[[feeds.Channel], bytes]


def atom(issue: Issue) -> Iterator[File]:
    """Renders the Atom feeds of the front page, of every new edition's topic, and of tags."""
    yield from _feeds(issue, "atom.xml", feeds.atom)


def json_feed(issue: Issue) -> Iterator[File]:
    """Renders the JSON Feeds of the front page, of every new edition's topic, and of tags."""
    yield from _feeds(issue, "feed.json", feeds.json_feed)


def _feeds(issue: Issue, name: str, write: Write) -> Iterator[File]:
    around = program(), issue.pages.title, issue.url or "", name
    for slug, label in sorted(issue.tags.items()):
        made_from = mark(*around, slug, label, issue.tag_mark(slug))
        make = partial(_tag_feed, issue, slug, label, name, write)
        yield File(f"tag/{slug}/{name}", made_from, make)
    for topic in dict.fromkeys([None, *issue.slugs]):
        told = [issue.shelf.fingerprint(day, topic) for day in issue.shelf.newest(topic, FEED_DAYS)]
        make = partial(_edition_feed, issue, topic, name, write)
        path = f"topic/{topic}/{name}" if topic else name
        yield File(path, mark(*around, path, told), make)


def _edition_feed(issue: Issue, slug: str | None, name: str, write: Write) -> bytes:
    editions = issue.shelf.recent(slug, FEED_DAYS)
    at = f"topic/{slug}/" if slug else ""
    where = issue.address(at), issue.address(at + name)
    return write(feeds.edition_channel(issue.pages.title, editions, *where))


def _tag_feed(issue: Issue, slug: str, label: str, name: str, write: Write) -> bytes:
    at = f"tag/{slug}/"
    where = issue.address(at), issue.address(at + name)
    return write(
        feeds.tag_channel(issue.pages.title, slug, label, issue.lists.newest(slug), *where)
    )
