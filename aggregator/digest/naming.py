"""What an article's feed is called."""

from aggregator import urls
from aggregator.model import Article


def feed_url(article: Article) -> str:
    """The URL of the feed that brought it; empty if no feed carries it any more."""
    return article.sightings[0].feed_url if article.sightings else ""


def feed_name(article: Article) -> str:
    """The title of the feed that brought it, else its host: a URL may hold passwords."""
    if not article.sightings:
        return ""
    first = article.sightings[0]
    return first.feed_title or urls.host(first.feed_url) or first.feed_url
