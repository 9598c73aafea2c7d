"""JSON Feed 1 and 1.1 (jsonfeed.org), read leniently."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from urllib.parse import urljoin

from aggregator.errors import ParseError
from aggregator.model import Document, Enclosure, Entry, Image, Markup
from aggregator.parse import bounds, dates
from aggregator.parse.charset import fit
from aggregator.parse.entries import guid_of, whole

_NOT_A_FEED = "this is JSON, but not a JSON Feed"


def parse(text: str, *, url: str, known: frozenset[bytes], max_entries: int) -> Document:
    """Return the document; items without id, dates in any shape and 1.0's `author` are accepted."""
    feed = _load(text)
    items = [item for item in feed["items"] if isinstance(item, dict)]
    inherited = _authors(feed)
    read = [_entry(item, inherited) for item in items]
    present = frozenset(entry.fingerprint for entry in read if entry.fingerprint)
    newest = sorted(read, key=_newest_first)[:max_entries]
    chosen = {id(entry) for entry in newest if entry.fingerprint not in known}
    return Document(
        title=bounds.feed_title(_text(feed.get("title"))),
        site_url=_absolute(url, feed.get("home_page_url")),
        language=_text(feed.get("language")),
        hub=_hub(feed.get("hubs")),
        entries=tuple(entry for entry in read if id(entry) in chosen),
        present=present,
        total=len(items),
    )


def _load(text: str) -> dict[str, Any]:
    try:
        feed = json.loads(text, strict=False, parse_int=_bounded_int)
    except RecursionError as error:
        raise ParseError("this JSON is nested too deeply") from error
    except ValueError as error:
        raise ParseError("this looks like JSON, but is broken or cut off") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise ParseError(_NOT_A_FEED)
    version = feed.get("version")
    if version is not None and "jsonfeed" not in str(version):
        raise ParseError(_NOT_A_FEED)
    return feed


def _bounded_int(digits: str) -> int | str:
    return int(digits) if len(digits) <= 18 else digits


def _newest_first(entry: Entry) -> float:
    moment = entry.published or entry.updated
    return -moment.timestamp() if moment else 0.0


def _entry(item: dict[str, Any], inherited: tuple[str, ...]) -> Entry:
    link = _text(item.get("url"))
    title = Markup(_text(item.get("title")) or "", is_html=False)
    summary = _markup(item.get("summary"), is_html=False)
    html = _markup(item.get("content_html"), is_html=True)
    content = html or _markup(item.get("content_text"), is_html=False)
    original = _text(item.get("external_url"))
    entry = Entry(
        guid=_text(item.get("id")) or link or original or guid_of(title, summary, content),
        link=link or original,
        title=title,
        summary=summary,
        content=content,
        authors=_authors(item) or inherited,
        categories=tuple(dict.fromkeys(_texts(item.get("tags")))),
        published=dates.read(_text(item.get("date_published"))),
        updated=dates.read(_text(item.get("date_modified"))),
        language=_text(item.get("language")),
        images=tuple(_images(item)),
        enclosures=tuple(_enclosures(item.get("attachments"))),
    )
    return bounds.entry(replace(entry, fingerprint=_fingerprint(item, inherited)))


def _fingerprint(item: dict[str, Any], inherited: tuple[str, ...]) -> bytes:
    canonical = json.dumps([item, inherited], sort_keys=True, ensure_ascii=True)
    return blake2b(canonical.encode(), digest_size=8).digest()


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return fit(str(value)).strip() or None


def _texts(values: object) -> Iterator[str]:
    many: Iterable[object] = values if isinstance(values, list) else [values]
    return (text for value in many if (text := _text(value)))


def _markup(value: object, *, is_html: bool) -> Markup | None:
    text = _text(value)
    return Markup(text, is_html) if text else None


def _authors(thing: dict[str, Any]) -> tuple[str, ...]:
    people = thing.get("authors") or [thing.get("author")]
    many = people if isinstance(people, list) else [people]
    names = (_text(one.get("name")) if isinstance(one, dict) else _text(one) for one in many)
    return tuple(dict.fromkeys(name for name in names if name))


def _images(item: dict[str, Any]) -> Iterator[Image]:
    urls = (_text(item.get(name)) for name in ("image", "banner_image"))
    return (Image(url) for url in dict.fromkeys(urls) if url)


def _enclosures(attachments: object) -> Iterator[Enclosure]:
    for attached in attachments if isinstance(attachments, list) else []:
        url = _text(attached.get("url")) if isinstance(attached, dict) else None
        if url:
            size = whole(attached.get("size_in_bytes")) or None
            yield Enclosure(url, _text(attached.get("mime_type")), size)


def _hub(hubs: object) -> str | None:
    many = hubs if isinstance(hubs, list) else []
    urls = (_text(hub.get("url")) for hub in many if isinstance(hub, dict))
    return next((url for url in urls if url), None)


def _absolute(url: str, reference: object) -> str | None:
    text = _text(reference)
    try:
        return urljoin(url, text) if text else None
    except ValueError:
        return None
