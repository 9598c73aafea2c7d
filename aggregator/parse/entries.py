"""What feedparser makes of an entry, to our `Entry`: as published, uncleaned."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import Any

from aggregator.model import Comments, Enclosure, Entry, Image, Markup
from aggregator.parse import dates
from aggregator.parse.charset import fit

Fields = dict[str, Any]
"""A feedparser dictionary; read with `dict.get`, for its own `get` substitutes other keys."""
_get: Callable[[Fields, str], Any] = dict.get

_BLOGGER_KIND = "http://schemas.google.com/g/2005#kind"
_PICTURE = re.compile(r"\.(?:avif|gif|jpe?g|png|webp)(?:[?#]|$)", re.IGNORECASE)
_LARGEST_PIXELS = 100_000


def entry(
    fields: Fields, *, atom: bool, feed_authors: tuple[str, ...], fingerprint: bytes | None
) -> Entry:
    """Return the entry; `atom` says whether types mean what they say (in RSS all text is HTML)."""
    title = _markup(_get(fields, "title_detail"), atom=atom) or Markup("")
    summary, content = _summary(fields, atom=atom), _content(fields, atom=atom)
    link = _text(_get(fields, "link"))
    published, updated = _dates(fields, atom=atom)
    return Entry(
        guid=_text(_get(fields, "id")) or link or guid_of(title, summary, content),
        link=link,
        original_link=_text(_get(fields, "feedburner_origlink")),
        title=title,
        summary=summary,
        content=content,
        authors=authors(fields) or feed_authors,
        categories=_categories(fields),
        published=published,
        updated=updated,
        language=_language(fields),
        images=tuple(dict.fromkeys(_images(fields))),
        enclosures=tuple(dict.fromkeys(_enclosures(fields))),
        comments=_comments(fields),
        base=_base(fields),
        fingerprint=fingerprint,
    )


def authors(fields: Fields) -> tuple[str, ...]:
    """Return the names of the authors, or their addresses where they gave no name."""
    people = listed(fields, "authors")
    names = [_text(_get(person, "name")) or _text(_get(person, "email")) for person in people]
    if not any(names):
        names = [_text(_get(fields, "author"))]
    return tuple(dict.fromkeys(name for name in names if name))


def guid_of(title: Markup, *texts: Markup | None) -> str:
    """Return an identity for an entry that has neither id nor link: a hash of what it says."""
    said = "\n".join(text.value for text in (title, *texts) if text)
    return sha256(said.encode("utf-8", "replace")).hexdigest()


def whole(value: object, limit: int = 2**53) -> int | None:
    """Return a count or size as published, or None where it is no whole number up to `limit`."""
    digits = str(value if value is not None else "").strip().removesuffix("px")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 16):
        return None
    return int(digits) if int(digits) <= limit else None


def pixels(value: object) -> int | None:
    """Return a width or height, or None where it is not a plausible one."""
    return whole(value, _LARGEST_PIXELS) or None


def listed(fields: Fields, name: str) -> list[Fields]:
    """Return the dictionaries listed under a name, which an element of that name may have taken."""
    values = _get(fields, name)
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []


def _text(value: object) -> str | None:
    return fit(value).strip() or None if isinstance(value, str) else None


def _markup(detail: Fields | None, *, atom: bool) -> Markup | None:
    value = _text(dict.get(detail, "value")) if isinstance(detail, dict) else None
    if not value or detail is None:
        return None
    return Markup(value, is_html=not atom or _get(detail, "type") != "text/plain")


def _summary(fields: Fields, *, atom: bool) -> Markup | None:
    summary = _markup(_get(fields, "summary_detail"), atom=atom)
    if summary:
        return summary
    captions = (_text(_get(fields, f"{prefix}_caption")) for prefix in ("media", "itunes"))
    return next((Markup(caption, is_html=False) for caption in captions if caption), None)


def _content(fields: Fields, *, atom: bool) -> Markup | None:
    details = (
        detail
        for detail in listed(fields, "content")
        if _get(detail, "type") in ("text/plain", "text/html", "application/xhtml+xml")
    )
    texts = [text for detail in details if (text := _markup(detail, atom=atom))]
    return max(texts, key=lambda text: (text.is_html, len(text.value)), default=None)


def _dates(fields: Fields, *, atom: bool) -> tuple[datetime | None, datetime | None]:
    """Return published and updated; RSS has one date only, however it spells it."""
    published, updated, created = (
        dates.read(_text(_get(fields, name)), _get(fields, f"{name}_parsed"))
        for name in ("published", "updated", "created")
    )
    published = published or created
    return (published, updated) if atom or published else (updated, None)


def _categories(fields: Fields) -> tuple[str, ...]:
    tags = (tag for tag in listed(fields, "tags") if _get(tag, "scheme") != _BLOGGER_KIND)
    labels = (_text(_get(tag, "label")) or _text(_get(tag, "term")) for tag in tags)
    return tuple(dict.fromkeys(label for label in labels if label))


def _language(fields: Fields) -> str | None:
    if language := _text(_get(fields, "language")):
        return language
    languages = (_text(_get(detail, "language")) for detail in _details(fields))
    return next((language for language in languages if language), None)


def _base(fields: Fields) -> str | None:
    bases = (_text(_get(detail, "base")) for detail in _details(fields))
    return next((base for base in bases if base), None)


def _details(fields: Fields) -> Iterator[Fields]:
    yield from listed(fields, "content")
    for name in ("summary_detail", "title_detail"):
        if isinstance(detail := _get(fields, name), dict):
            yield detail


def _links(fields: Fields, rel: str) -> Iterator[Fields]:
    return (link for link in listed(fields, "links") if _get(link, "rel") == rel)


def _images(fields: Fields) -> Iterator[Image]:
    media = (item for item in listed(fields, "media_content") if _is_picture(item))
    thumbnails = listed(fields, "media_thumbnail")
    for item in chain(media, thumbnails):
        if url := _text(_get(item, "url")):
            yield Image(url, pixels(_get(item, "width")), pixels(_get(item, "height")))
    enclosed = (link for link in _links(fields, "enclosure") if _is_picture(link))
    own = _get(fields, "image")
    for item in chain(enclosed, [own] if isinstance(own, dict) else []):
        if url := _text(_get(item, "href")):
            yield Image(url)


def _is_picture(item: Fields) -> bool:
    medium, kind = _get(item, "medium"), _text(_get(item, "type")) or ""
    if medium or kind:
        return medium == "image" or kind.startswith("image/")
    return bool(_PICTURE.search(_text(_get(item, "url")) or _text(_get(item, "href")) or ""))


def _enclosures(fields: Fields) -> Iterator[Enclosure]:
    media = (item for item in listed(fields, "media_content") if _is_recording(item))
    for item, url_name, size_name in chain(
        ((link, "href", "length") for link in _links(fields, "enclosure")),
        ((item, "url", "filesize") for item in media),
    ):
        if url := _text(_get(item, url_name)):
            yield Enclosure(url, _text(_get(item, "type")), whole(_get(item, size_name)) or None)


def _is_recording(item: Fields) -> bool:
    return (_text(_get(item, "type")) or "").startswith(("audio/", "video/"))


def _comments(fields: Fields) -> Comments:
    url, feed = _text(_get(fields, "comments")), _text(_get(fields, "wfw_commentrss"))
    counts: list[object] = [_get(fields, "slash_comments"), _get(fields, "thr_total")]
    for link in _links(fields, "replies"):
        href = _text(_get(link, "href"))
        if "html" in (_get(link, "type") or ""):
            url = url or href
        else:
            feed = feed or href
        counts.append(_first(link, ("thr:count", "count")))
    return Comments(url, feed, next((n for n in map(whole, counts) if n is not None), None))


def _first(fields: Fields, names: Iterable[str]) -> object:
    return next((value for name in names if (value := _get(fields, name)) is not None), None)
