"""The searchable view of an article: what memory matches and engines index."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final, Literal

from aggregator import text, urls
from aggregator.model import Article

_LEFT_OUT: Final = " .…[]"
"""How summaries end that are the beginning of a text."""
Part = Literal["title", "body", "author", "feed"]


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of a language; an empty position stands between two, which no phrase crosses."""

    texts: tuple[str, ...]
    language: str | None = None

    def positions(self) -> text.Positions:
        """The alternatives of all positions."""
        spaced = chain.from_iterable(((), *text.terms(each, self.language)) for each in self.texts)
        return tuple(spaced)[1:]


@dataclass(frozen=True, slots=True)
class Record:
    """One article: four texts, and sets of exact values.

    `sites` and `feeds` hold hosts with their parents, `feeds` also the feeds' URLs.
    """

    id: str
    title: Wording
    body: Wording
    author: Wording
    feed: Wording
    tags: frozenset[str]
    languages: frozenset[str]
    sites: frozenset[str]
    feeds: frozenset[str]
    has: frozenset[str]
    story: str | None
    date: datetime
    words: int
    starred: bool
    _positions: dict[Part, text.Positions] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _places: dict[Part, Mapping[str, list[int]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def wording(self, part: Part) -> Wording:
        """One of the texts, by its name."""
        wording: Wording = getattr(self, part)
        return wording

    def positions(self, part: Part) -> text.Positions:
        """The positions of a text; worked out once, when they are first asked for."""
        if part not in self._positions:
            self._positions[part] = self.wording(part).positions()
        return self._positions[part]

    def different(self) -> set[tuple[str, ...]]:
        """The words of title and text, each once."""
        return {*self.positions("title"), *self.positions("body")}

    def places(self, part: Part) -> Mapping[str, list[int]]:
        """Where each term of a text stands; worked out once, when it is first asked for."""
        if part not in self._places:
            found: defaultdict[str, list[int]] = defaultdict(list)
            for place, alternatives in enumerate(self.positions(part)):
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
        title=Wording((article.title,), language),
        body=Wording(_body(article), language),
        author=Wording(article.authors),
        feed=Wording(tuple(sighting.feed_title or "" for sighting in article.sightings)),
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


def _body(article: Article) -> tuple[str, ...]:
    """Summary and text, the summary only where it says more than the text repeats."""
    summary = article.summary.rstrip(_LEFT_OUT)
    repeated = summary in article.text or _spaced(summary) in _spaced(article.text)
    return (article.text,) if repeated else (article.summary, article.text)


def _spaced(text: str) -> str:
    return " ".join(text.split()).rstrip(_LEFT_OUT)


def _hosts(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(urls.site_suffixes, map(urls.host, addresses))))


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
