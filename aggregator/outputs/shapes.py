"""The JSON shapes that the command line, the API and the published editions share.

Times are ISO 8601 in UTC with `Z`, to the second. Unknown is null, never absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aggregator.model import (
    Article,
    Sighting,
    Tag,
    TagCount,
    TagProfile,
)

if TYPE_CHECKING:
    from aggregator.tags import Proposal, Suggestion, Trend

Shape = dict[str, Any]


def timestamp(moment: datetime | None) -> str | None:
    """Returns an aware datetime as `2026-02-17T05:30:00Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def source(article: Article) -> str:
    """Returns the name of the feed that brought the article: its title, else its host, else ''."""
    if not article.sightings:
        return ""
    first = article.sightings[0]
    return first.feed_title or urlsplit(first.feed_url).hostname or first.feed_url


def article(article: Article) -> Shape:
    """Returns an article as `articles --json`, `show --json` and the API give it."""
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "content_html": article.content_html,
        "text": article.text,
        "authors": list(article.authors),
        "language": article.language,
        "published": timestamp(article.published),
        "updated": timestamp(article.updated),
        "first_seen": timestamp(article.first_seen),
        "date": timestamp(article.date),
        "tags": [_article_tag(tag) for tag in article.tags],
        "feeds": [_sighting(sighting) for sighting in article.sightings],
        "image": article.image,
        "enclosures": [
            {"url": each.url, "type": each.type, "length": each.length}
            for each in article.enclosures
        ],
        "comments": {
            "url": article.comments.url,
            "feed": article.comments.feed,
            "count": article.comments.count,
        },
        "dateline": {
            "place": article.dateline.place,
            "agency": article.dateline.agency,
            "date": day_name(article.dateline.date),
        },
        "words": article.words,
        "story": article.story,
        "revisions": article.revisions,
        "starred": article.starred,
    }


def _article_tag(tag: Tag) -> Shape:
    return {"tag": tag.slug, "label": tag.label, "source": tag.source, "why": tag.why}


def _sighting(sighting: Sighting) -> Shape:
    return {"url": sighting.feed_url, "title": sighting.feed_title, "guid": sighting.guid}


def hit(article: Article, *, score: float | None, snippet_html: str) -> Shape:
    """Returns an article as a search result."""
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "feed": source(article),
        "date": timestamp(article.date),
        "language": article.language,
        "tags": [tag.label for tag in article.tags],
        "score": score,
        "snippet_html": snippet_html,
        "story": article.story,
    }


def results(
    query: str | None,
    hits: Iterable[Shape],
    *,
    total: int,
    took_ms: float,
    page: int = 1,
    facets: Mapping[str, Sequence[tuple[str, int]]] | None = None,
    warning: str | None = None,
) -> Shape:
    """Returns a page of search results; `hits` are shapes of `hit`, `page` counts from 1."""
    return {
        "query": query,
        "total": total,
        "took_ms": round(took_ms, 1),
        "page": page,
        "hits": list(hits),
        "facets": {name: [list(pair) for pair in pairs] for name, pairs in (facets or {}).items()},
        "warning": warning,
    }


def tag(
    count: TagCount,
    *,
    parents: Sequence[str] = (),
    aliases: Sequence[str] = (),
    trend: float | None = None,
) -> Shape:
    """Returns a tag with its labels of parents and aliases, as `tags --json` gives it."""
    return {
        "tag": count.slug,
        "label": count.label,
        "articles": count.articles,
        "parents": list(parents),
        "aliases": list(aliases),
        "trend": trend,
    }


def suggestion(suggestion: "Suggestion") -> Shape:
    """Returns a tag that an article might have, as `show` and `tags --suggest` give it."""
    return {
        "tag": suggestion.tag,
        "label": suggestion.label,
        "articles": suggestion.articles,
        "score": suggestion.score,
        "why": suggestion.why,
    }


def trending(
    trend: "Trend", count: TagCount, *, parents: Sequence[str] = (), aliases: Sequence[str] = ()
) -> Shape:
    """Returns a tag and how today differs, as `tags --trending --json` gives it."""
    return {
        **tag(count, parents=parents, aliases=aliases, trend=round(trend.ratio, 2)),
        "today": trend.today,
        "expected": round(trend.expected, 2),
        "chance": float(f"{trend.chance:.3g}"),
        "days": list(trend.days),
    }


def proposal(proposal: "Proposal") -> Shape:
    """Returns labels that may be one tag, as `tags --suggest-aliases --json` gives them."""
    return {
        "label": proposal.label,
        "articles": proposal.articles,
        "aliases": [
            {"tag": each.slug, "label": each.label, "articles": each.articles}
            for each in proposal.others
        ],
    }


def tag_profile(
    profile: TagProfile, *, parents: Sequence[str] = (), aliases: Sequence[str] = ()
) -> Shape:
    """Returns a tag with its history and what stands beside it, as `tags TAG --json` gives it."""
    return {
        **tag(profile.tag, parents=parents, aliases=aliases),
        "first_seen": timestamp(profile.first_seen),
        "newest": timestamp(profile.newest),
        "days": [[day.isoformat(), count] for day, count in profile.days],
        "related": [
            {"tag": each.slug, "label": each.label, "articles": each.articles, "lift": each.lift}
            for each in profile.related
        ],
        "sources": [list(source) for source in profile.sources],
    }


def error(kind: str, message: str) -> Shape:
    """Returns an error, as every `--json` command and the API give it."""
    return {"error": {"kind": kind, "message": message}}


def day_name(day: date | None) -> str | None:
    """Returns a day as `2026-02-17`."""
    return day.isoformat() if day else None
