"""How much of an article is kept, and what is said where more came."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from aggregator import sanitize, text
from aggregator.model import Article, Entry

Part = Literal["title", "text", "tags"]

_ESCAPING = 2
"""How many times longer than it was HTML may become by cleaning: `&` alone becomes `&amp;`."""


@dataclass(frozen=True, slots=True)
class Most:
    """The most that is kept: entries of a document, characters of a title and of a text, tags."""

    entries: int = 1_000
    title: int = 1_000
    text: int = 1_000_000
    tags: int = 50


def within(article: Article, entry: Entry, most: Most) -> tuple[Article, tuple[Part, ...]]:
    """Return an article cut to what is kept of its entry, and the parts that were longer."""
    parts = tuple(_longer(article, entry, most))
    if not parts:
        return article, ()
    if len(article.content_html) > most.text:
        html = sanitize.clean(article.content_html[: most.text], article.url).html
        article = replace(article, content_html=html)
    first = article.sightings[0]
    cut = replace(
        article,
        title=text.shorten(article.title, most.title),
        text=article.text[: most.text],
        sightings=(replace(first, categories=first.categories[: most.tags]),),
    )
    return cut, parts


def notes(total: int, cut: Iterable[Part], most: Most) -> tuple[str, ...]:
    """Return what was left out of a document of `total` entries, in words."""
    counts = Counter(cut)
    said = [f"{total:,} entries: newest {most.entries:,} read (max-entries)"]
    parts: tuple[tuple[Part, str, int], ...] = (
        ("title", "title cut to {:,} characters (max-title)", most.title),
        ("text", "text cut to {:,} characters (max-text)", most.text),
        ("tags", "tags cut to {:,} (max-tags)", most.tags),
    )
    said += [
        _articles(counts[part]) + words.format(size) for part, words, size in parts if counts[part]
    ]
    return tuple(said if total > most.entries else said[1:])


def _articles(number: int) -> str:
    return "1 article: " if number == 1 else f"{number:,} articles: "


def _longer(article: Article, entry: Entry, most: Most) -> Iterator[Part]:
    if len(article.title) > most.title:
        yield "title"
    published = max((len(one.value) for one in (entry.content, entry.summary) if one), default=0)
    escaped = len(article.content_html) / _ESCAPING
    if max(published, len(article.text), escaped) > most.text:
        yield "text"
    if len(article.sightings[0].categories) > most.tags:
        yield "tags"
