"""What an incoming version does to the stored article: pure."""

from dataclasses import replace

from aggregator.model import Article, Comments


def merge(stored: Article, incoming: Article) -> Article:
    """The stored article as its publisher has it now; identity and what is ours stay.

    The sort date is the first one believed, until the publisher moves the publication date to one
    that is believed as well (`incoming.date` equals it).
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
        revisions=stored.revisions + revised,
    )


def is_revision(old: Article, new: Article) -> bool:
    """Whether title or text read differently; white space does not count."""
    return _differs(old.title, new.title) or _differs(old.text, new.text)


def is_indexed_change(old: Article, new: Article) -> bool:
    """Whether more changed than what no search, rule or page list looks at."""
    return _without_bookkeeping(old) != _without_bookkeeping(new)


def _redated(stored: Article, incoming: Article) -> bool:
    return incoming.published != stored.published and incoming.date == incoming.published


def _differs(old: str, new: str) -> bool:
    return old != new and old.split() != new.split()


def _without_bookkeeping(article: Article) -> Article:
    comments = Comments(article.comments.url, article.comments.feed)
    sightings = tuple(replace(one, fingerprint=None) for one in article.sightings)
    return replace(article, comments=comments, sightings=sightings, updated=None, revisions=0)
