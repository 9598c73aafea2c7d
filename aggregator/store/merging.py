"""What an incoming version does to the stored article: pure."""

from dataclasses import replace
from operator import attrgetter

from aggregator.model import Article
from aggregator.urls import are_of_one_site

_searched = attrgetter(
    "url",
    "title",
    "summary",
    "content_html",
    "text",
    "date",
    "published",
    "authors",
    "language",
    "image",
    "enclosures",
    "comments.url",
    "comments.feed",
    "dateline",
    "words",
)


def merge(stored: Article, incoming: Article) -> Article:
    """The stored article as its publisher has it now; identity and what is ours stay.

    The sort date is the first one believed, until the publisher moves the publication date to one
    that is believed as well (`incoming.date` equals it). Comments that others link to stay where
    the publisher links to none.
    """
    revised = is_revision(stored, incoming)
    return replace(
        incoming,
        id=stored.id,
        date=incoming.date if _redated(stored, incoming) else stored.date,
        first_seen=stored.first_seen,
        sightings=stored.sightings,
        tags=stored.tags,
        story=stored.story,
        starred=stored.starred,
        comments=incoming.comments if _are_linked(incoming) else stored.comments,
        revisions=stored.revisions + revised,
    )


def adopt(stored: Article, incoming: Article) -> Article:
    """The stored article as its own site has it, which another feed brought: no edit of it."""
    return replace(merge(stored, incoming), revisions=stored.revisions)


def lend(stored: Article, incoming: Article) -> Article:
    """The stored article with what another feed may add: where it is discussed, if unknown."""
    if _are_linked(stored) or not _are_linked(incoming):
        return stored
    return replace(stored, comments=incoming.comments)


def is_at_home(article: Article, feed_url: str) -> bool:
    """Whether the link of an article leads to the site that serves a feed."""
    return article.url is not None and are_of_one_site(article.url, feed_url)


def is_revision(old: Article, new: Article) -> bool:
    """Whether title or text read differently; white space does not count."""
    return _differs(old.title, new.title) or _differs(old.text, new.text)


def is_indexed_change(old: Article, new: Article) -> bool:
    """Whether anything changed that a search, a rule or a page list looks at.

    That is all but fingerprints, the number of comments and the publisher's time of update.
    """
    return _searched(old) != _searched(new) or _carriers(old) != _carriers(new)


def _are_linked(article: Article) -> bool:
    """Whether an article says where its comments are."""
    return bool(article.comments.url or article.comments.feed)


def _redated(stored: Article, incoming: Article) -> bool:
    return incoming.published != stored.published and incoming.date == incoming.published


def _differs(old: str, new: str) -> bool:
    return old != new and old.split() != new.split()


def _carriers(article: Article) -> list[tuple[str, str | None, str, tuple[str, ...]]]:
    return [(one.feed_url, one.feed_title, one.guid, one.categories) for one in article.sightings]
