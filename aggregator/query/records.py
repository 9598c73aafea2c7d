"""The searchable view of an article: what memory matches and engines index."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Final, Literal

from aggregator import text, urls
from aggregator.model import Article

_LEFT_OUT: Final = " .…[]"
"""How summaries end that are the beginning of a text."""
Positions = tuple[tuple[str, ...], ...]
Part = Literal["title", "body", "author", "feed"]


@dataclass(frozen=True, slots=True)
class Record:
    """One article: four texts as positions of alternatives, and sets of exact values.

    Authors and feed titles are apart by an empty position, which no phrase crosses. `sites` and
    `feeds` hold hosts with their parents, `feeds` also the feeds' URLs.
    """

    id: str
    title: Positions
    body: Positions
    author: Positions
    feed: Positions
    tags: frozenset[str]
    languages: frozenset[str]
    sites: frozenset[str]
    feeds: frozenset[str]
    has: frozenset[str]
    story: str | None
    date: datetime
    words: int
    starred: bool
    _places: dict[Part, Mapping[str, list[int]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def places(self, part: Part) -> Mapping[str, list[int]]:
        """Where each term of a text stands; worked out once, when it is first asked for."""
        if part not in self._places:
            positions: Positions = getattr(self, part)
            found: defaultdict[str, list[int]] = defaultdict(list)
            for place, alternatives in enumerate(positions):
                for term in alternatives:
                    found[term].append(place)
            self._places[part] = dict(found)
        return self._places[part]


def record(article: Article) -> Record:
    """The searchable view of an article."""
    language = text.primary(article.language)
    feed_urls = [sighting.feed_url for sighting in article.sightings]
    return Record(
        id=article.id,
        title=tuple(text.terms(article.title, language)),
        body=_apart(_body(article), language),
        author=_apart(article.authors, None),
        feed=_apart((sighting.feed_title or "" for sighting in article.sightings), None),
        tags=frozenset(tag.slug for tag in article.tags),
        languages=frozenset(filter(None, [language])),
        sites=_hosts([article.url] if article.url else feed_urls),
        feeds=frozenset([*feed_urls, *map(urls.identity, feed_urls)]) | _hosts(feed_urls),
        has=frozenset(what for what, present in _has(article).items() if present),
        story=article.story,
        date=article.date,
        words=article.words,
        starred=article.starred,
    )


def _body(article: Article) -> list[str]:
    """Summary and text, the summary only where it says more than the text repeats."""
    summary = article.summary.rstrip(_LEFT_OUT)
    repeated = summary in article.text or _spaced(summary) in _spaced(article.text)
    return [article.text] if repeated else [article.summary, article.text]


def _spaced(text: str) -> str:
    return " ".join(text.split()).rstrip(_LEFT_OUT)


def _apart(texts: Iterable[str], language: str | None) -> Positions:
    spaced = chain.from_iterable(((), *text.terms(each, language)) for each in texts)
    return tuple(spaced)[1:]


def _hosts(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(_sites, addresses)))


@lru_cache(maxsize=1 << 10)
def _sites(address: str) -> tuple[str, ...]:
    return urls.site_suffixes(urls.host(address))


def _has(article: Article) -> dict[str, bool]:
    comments = article.comments
    return {
        "image": article.image is not None,
        "enclosure": bool(article.enclosures),
        "comments": bool(comments.url or comments.feed or comments.count),
        "author": bool(article.authors),
        "summary": bool(article.summary),
        "story": article.story is not None,
    }
