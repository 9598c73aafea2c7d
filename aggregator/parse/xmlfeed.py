"""RSS, Atom, RDF and CDF through feedparser, which is handed only entries that are new."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from io import BytesIO
from itertools import chain, repeat
from typing import Any
from urllib.parse import urljoin

import feedparser

from aggregator.errors import ParseError
from aggregator.model import Document, Entry
from aggregator.parse import bounds, dates, entries, hints, plain, repair, shape, spans
from aggregator.parse.charset import fit, fit_document, fit_references
from aggregator.parse.entries import Fields
from aggregator.parse.pruning import Pruned, pruned

_DECLARATION = "<?xml version='1.0' encoding='utf-8'?>\n"
_DATE = re.compile(
    r"<(?:[\w.-]+:)?(?:pubDate|published|issued|updated|modified|date)\b[^<>]*>"
    r"\s*(?:<!\[CDATA\[)?\s*([^<\]]{4,80})",
    re.IGNORECASE,
)
_FEED_CATEGORY = re.compile(r"<category\s[^<>]*/>")
_TAG = re.compile(r"<[^<>]*>")
_HEAD_LIMIT = 100_000
_LONG = 1_000_000
"""Characters of a document whose depth is looked at first: expat, too, keeps every level."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What holds for every reading of one document; `text` is all of it, `head` without entries."""

    text: str
    head: str
    url: str
    spans: tuple[spans.Span, ...]
    is_well_formed: bool

    @property
    def location(self) -> str | None:
        """The document's URL, where its links are relative to bases in it."""
        return self.url if "xml:base" in self.text else None


def parse(text: str, *, url: str, known: frozenset[bytes], max_entries: int) -> Document:
    """Return the document; entries with a fingerprint in `known` are left out, others never.

    A document that is malformed, or whose entries have no clear spans, is parsed whole.
    """
    rest = _pruned(text, known, max_entries) if known else None
    found = _left(rest, url) if rest else None
    return found or _looked_through(text, url, known, max_entries)


def _pruned(text: str, known: frozenset[bytes], max_entries: int) -> Pruned | None:
    """Return the document without its known entries, where a look at tags tells them."""
    try:
        return pruned(_root(text), known, max_entries)
    except ParseError:  # it may be mended
        return None


def _left(rest: Pruned, url: str) -> Document | None:
    """Return the document with what is left of its entries; None as `_wanted` does."""
    shape.check(rest.text, rest.spans, rest.total)
    source = _source(rest.text, url, rest.spans, is_well_formed=True)
    document = _wanted(source, range(len(rest.spans)))
    return document and replace(document, present=rest.fingerprints, total=rest.total)


def _looked_through(text: str, url: str, known: frozenset[bytes], max_entries: int) -> Document:
    """Return the document, all of which is looked at."""
    text, found, is_well_formed = _outlined(text)
    shape.check(text, found, len(found))
    present = frozenset(span.fingerprint for span in found)
    dates_in = (_first_date(text[span.start : span.end]) for span in found)
    newest = _newest(dates_in, len(found), max_entries)
    wanted = [index for index in newest if found[index].fingerprint not in known]
    source = _source(text, url, found, is_well_formed=is_well_formed)
    if found and (document := _wanted(source, wanted)):
        return replace(document, present=present, total=len(found))
    document = replace(_read(source, text), complete=shape.is_whole(text))
    return _whole(document, found, wanted, present, max_entries)


def _source(text: str, url: str, found: tuple[spans.Span, ...], *, is_well_formed: bool) -> _Source:
    head = spans.without(text, found, keep=set())[:_HEAD_LIMIT]
    return _Source(text, head, url, found, is_well_formed)


def _outlined(text: str) -> tuple[str, tuple[spans.Span, ...], bool]:
    """Return a document from its root on, its spans, and whether it is well-formed.

    One that is holds no characters that XML forbids; from others they are taken. References to
    them, which may stand in CDATA sections, are left for `_plainly` and `_read` to drop.
    """
    try:
        outlined = _from_root(text)
    except ParseError:
        outlined = None
    if outlined and outlined[2]:
        return outlined
    mended = fit_references(fit_document(text))
    return outlined if outlined and mended == text else _from_root(mended)


def _from_root(text: str) -> tuple[str, tuple[spans.Span, ...], bool]:
    """Return what `_outlined` returns of a text as it is; raises ParseError."""
    root = _root(text)
    return root, *spans.outline(root)


def _root(text: str) -> str:
    """Return a document from its root on; raises ParseError where it is none or nests deeply."""
    root = _without_feed_categories(shape.root(text))
    if len(root) > _LONG:
        shape.check_depth(root)
    return root


def _wanted(source: _Source, wanted: Sequence[int]) -> Document | None:
    """Return the document with the wanted entries only; None where they are not to be had alone."""
    if len(wanted) < len(source.spans) and not source.is_well_formed:
        return None
    found = _plainly(source, spans.without(source.text, source.spans, keep=set(wanted)))
    if found is None or len(found.entries) != len(wanted):
        return None
    odd = {index for index, fields in zip(wanted, found.entries, strict=True) if fields is None}
    prints = [source.spans[index].fingerprint for index in wanted]
    if found.head is not None and not odd:
        fields = [one for one in found.entries if one is not None]
        return _document(source, found.head, fields, prints, atom=found.atom)
    text = spans.without(source.text, source.spans, keep=odd)
    document = _read(source, text, found.entries, prints)
    return document if len(document.entries) == len(wanted) else None


def _without_feed_categories(text: str) -> str:
    """Drop what nobody reads: some blogs list a thousand categories before their first entry."""
    if text.startswith("<rss"):
        return text
    end = text.find("<entry")
    return _FEED_CATEGORY.sub("", text[:end]) + text[end:] if end > 0 else text


def _whole(
    document: Document,
    found: Sequence[spans.Span],
    wanted: Sequence[int],
    present: frozenset[bytes],
    max_entries: int,
) -> Document:
    everything = document.entries
    if found and len(everything) == len(found):
        some = replace(document, entries=tuple(everything[index] for index in wanted))
        return _paired(some, [found[index].fingerprint for index in wanted], present, found)
    moments = (entry.updated or entry.published for entry in everything)
    newest = _newest(moments, len(everything), max_entries)
    kept = tuple(everything[index] for index in newest)
    return replace(document, entries=kept, total=len(everything))


def _paired(
    document: Document,
    fingerprints: Sequence[bytes],
    present: frozenset[bytes],
    found: Sequence[spans.Span],
) -> Document:
    pairs = zip(document.entries, fingerprints, strict=True)
    marked = tuple(replace(entry, fingerprint=fingerprint) for entry, fingerprint in pairs)
    return replace(document, entries=marked, present=present, total=len(found))


def _newest(moments: Iterable[datetime | None], count: int, limit: int) -> list[int]:
    """Return the positions of the `limit` newest, in document order; undated ones are oldest.

    The `count` moments are looked at only where they are more.
    """
    positions = range(count)
    if count <= limit:
        return list(positions)
    ages = [-moment.timestamp() if moment else 0 for moment in moments]
    return sorted(sorted(positions, key=ages.__getitem__)[:limit])


def _first_date(span: str) -> datetime | None:
    match = _DATE.search(span)
    return dates.read(match[1]) if match else None


def _read(
    source: _Source,
    text: str,
    plain_fields: Sequence[Fields | None] = (),
    fingerprints: Sequence[bytes] = (),
) -> Document:
    """Return the document in `text`; its entries take the places where `plain_fields` has none."""
    parsed = _feedparser(repair.mend(fit_references(text)), source.location)
    atom = str(parsed.get("version", "")).startswith("atom")
    found = _merged(parsed["entries"], plain_fields)
    return _document(source, parsed["feed"], found, fingerprints, atom=atom)


def _document(
    source: _Source,
    feed: Fields,
    found: Iterable[Fields],
    fingerprints: Sequence[bytes],
    *,
    atom: bool,
) -> Document:
    """Return the document that has this head and these entries, with fingerprints if given."""
    inherited = entries.authors(feed) if atom else ()
    read = [
        entries.entry(fields, atom=atom, feed_authors=inherited, fingerprint=fingerprint)
        for fields, fingerprint in zip(found, chain(fingerprints, repeat(None)), strict=False)
    ]
    return Document(
        title=bounds.feed_title(_plain(dict.get(feed, "title"))),
        site_url=_absolute(source.url, dict.get(feed, "link")),
        language=_plain(dict.get(feed, "language")),
        hints=hints.read(source.head),
        hub=_hub(source.url, feed),
        entries=tuple(bounds.entry(_with_absolute_base(entry, source.url)) for entry in read),
    )


def _merged(parsed: Iterable[Fields], known: Sequence[Fields | None]) -> list[Fields]:
    """Return what is known, its gaps filled with what was parsed."""
    remaining = iter(parsed)
    filled = (fields if fields is not None else next(remaining, None) for fields in known)
    return [*(fields for fields in filled if fields is not None), *remaining]


def _plainly(source: _Source, text: str) -> plain.Plain | None:
    """Return what is plain, as `plain.read` does; where there are bases, nothing is."""
    found = plain.read(repair.without_undeclared_prefixes(fit_references(text)))
    return found.without_any() if found and source.location else found


def _feedparser(text: str, location: str | None) -> Any:
    shape.check_depth(text)
    headers = {"content-type": "application/xml; charset=utf-8"}
    if location:
        headers["content-location"] = location
    try:
        return feedparser.parse(
            BytesIO((_DECLARATION + text).encode("utf-8", "replace")),
            response_headers=headers,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ParseError("the feed is too badly damaged to be read") from error
    except RecursionError as error:
        raise ParseError("the feed's elements are nested too deeply") from error


def _with_absolute_base(entry: Entry, url: str) -> Entry:
    return replace(entry, base=_absolute(url, entry.base)) if entry.base else entry


def _absolute(url: str, reference: str | None) -> str | None:
    try:
        return urljoin(url, fit(reference).strip()) if reference else None
    except ValueError:
        return None


def _plain(html: str | None) -> str | None:
    if not html:
        return None
    return " ".join(fit(unescape(_TAG.sub("", html))).split()) or None


def _hub(url: str, feed: Any) -> str | None:
    links = (
        link for link in entries.listed(feed, "links") if "hub" in str(link.get("rel")).split()
    )
    return next((_absolute(url, link.get("href")) for link in links), None)
