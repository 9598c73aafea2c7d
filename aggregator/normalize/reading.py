"""A feed's bytes to articles: what a worker process does for one poll."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from aggregator import parse, urls
from aggregator.model import Article, Document, Entry, Hints
from aggregator.normalize import limits
from aggregator.normalize.articles import Page, article, page_of
from aggregator.normalize.limits import Most, Part


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds: `articles` of the entries not known before, `present` of all.

    `notes` say what of it was left out, because it was more than is kept.
    """

    title: str | None
    site_url: str | None
    language: str | None
    hints: Hints
    hub: str | None
    articles: tuple[Article, ...]
    present: frozenset[bytes]
    total: int
    complete: bool
    notes: tuple[str, ...] = ()


def read(
    body: bytes,
    *,
    content_type: str | None,
    url: str,
    feed_url: str,
    feed_title: str | None,
    known: frozenset[bytes],
    language: str | None,
    now: datetime,
    most: Most,
) -> Reading:
    """Return what the document in `body` says; `url` is where it came from, after redirects.

    `feed_url` and `feed_title` are the subscription's, `language` too: it wins over what texts
    look like. Raises ParseError when the document is no feed.
    """
    document = parse.parse(
        body, content_type=content_type, url=url, known=known, max_entries=most.entries
    )
    site_url = urls.resolve(url, document.site_url) if document.site_url else None
    found = articles(
        document,
        feed_url=feed_url,
        feed_title=feed_title or document.title,
        base=site_url or url,
        language=language,
        now=now,
        most=most,
    )
    return Reading(
        title=document.title,
        site_url=site_url,
        language=document.language,
        hints=document.hints,
        hub=urls.resolve(url, document.hub) if document.hub else None,
        articles=tuple(article for article, _ in found),
        present=document.present,
        total=document.total,
        complete=document.complete,
        notes=limits.notes(document.total, chain.from_iterable(cut for _, cut in found), most),
    )


def articles(
    document: Document,
    *,
    feed_url: str,
    feed_title: str | None,
    base: str | None,
    language: str | None,
    now: datetime,
    most: Most,
) -> tuple[tuple[Article, tuple[Part, ...]], ...]:
    """Return the articles of a document in its order, each once: of two versions the newer.

    With each come its parts that were longer than what is kept.
    """
    pages = [page_of(entry, base) for entry in document.entries]
    entries = _with_own_guids(document.entries, pages)
    shared = _shared_keys(entries, pages)
    found: dict[str, tuple[Article, tuple[Part, ...]]] = {}
    for entry, page in zip(entries, pages, strict=True):
        one = article(
            entry,
            feed_url=feed_url,
            feed_title=feed_title,
            base=base,
            language=language,
            hint=document.language,
            now=now,
            identified=page.key not in shared,
            page=page,
        )
        if one.id not in found or _version(found[one.id][0]) < _version(one):
            found[one.id] = limits.within(one, entry, most)
    return tuple(found.values())


def _with_own_guids(entries: Sequence[Entry], pages: Sequence[Page]) -> list[Entry]:
    """Return the entries; where one guid stands for several pages, the page joins the guid."""
    pages_of: defaultdict[str, set[str]] = defaultdict(set)
    for entry, page in zip(entries, pages, strict=True):
        pages_of[entry.guid].add(page.url or "")
    return [
        replace(entry, guid=f"{entry.guid} {page.url}")
        if page.url and len(pages_of[entry.guid]) > 1
        else entry
        for entry, page in zip(entries, pages, strict=True)
    ]


def _shared_keys(entries: Sequence[Entry], pages: Sequence[Page]) -> set[str]:
    """Return the keys of pages to which entries with different guids point."""
    guids_of: defaultdict[str, set[str]] = defaultdict(set)
    for entry, page in zip(entries, pages, strict=True):
        if page.key:
            guids_of[page.key].add(entry.guid)
    return {key for key, guids in guids_of.items() if len(guids) > 1}


def _version(article: Article) -> datetime:
    return article.updated or article.date
