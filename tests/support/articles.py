"""Articles for tests: made from the few fields that a test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model import Article, Sighting, Tag, article_id
from aggregator.text import slug

NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)


def article(
    title: str, text: str = "", *, feed: str = "A", hours: float = 0, **fields: Any
) -> Article:
    """An article of feed `feed`, published `hours` after noon of 17 February 2026."""
    url = fields.pop("url", f"https://{feed.lower()}.example/{slug(title)}")
    date = fields.pop("date", NOW + timedelta(hours=hours))
    labels = fields.pop("labels", ())
    defaults: dict[str, Any] = {
        "id": article_id(url),
        "url": url,
        "title": title,
        "summary": text[:300],
        "content_html": f"<p>{text}</p>",
        "text": text,
        "date": date,
        "first_seen": date,
        "published": date,
        "language": "en",
        "words": len(text.split()),
        "sightings": (Sighting(f"https://{feed.lower()}.example/feed", f"Feed {feed}", url),),
        "tags": tuple(Tag(slug(label), label, "feed", f'category "{label}"') for label in labels),
    }
    return Article(**{**defaults, **fields})
