"""One entry to one article: which it is, when it was, what it shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from aggregator import text, urls
from aggregator.model import (
    Article,
    Comments,
    Enclosure,
    Entry,
    Image,
    Sighting,
    article_id,
)
from aggregator.normalize import bodies, people
from aggregator.normalize.bodies import Body, printable
from aggregator.sanitize import is_tracker

MAX_CATEGORIES = 1_000
MAX_CATEGORY = 100
MAX_ENCLOSURES = 20

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_CLOCK_DRIFT = timedelta(minutes=5)
_USUAL_AREA = 300 * 300
_MAX_COUNT = 2**53

_CANONICAL = re.compile(
    r"<link\b(?=[^<>]{0,500}\brel=[\"']?canonical\b)[^<>]{0,500}?\bhref=[\"']?([^\"'\s<>]+)"
)
_PORTRAIT = re.compile(r"//[\w.]*gravatar\.com/")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """The canonical URL that an entry points to, and the key that it identifies an article by."""

    url: str | None = None
    key: str | None = None


def article(
    entry: Entry,
    *,
    feed_url: str,
    feed_title: str | None,
    base: str | None,
    language: str | None,
    now: datetime,
    identified: bool,
    hint: str | None = None,
    page: Page | None = None,
) -> Article:
    """Return the article that an entry is, with one sighting and no tags; never raises.

    `base` is the document's URL; `language` is what the user says and wins, `hint` what the
    document says; `identified` tells whether the entry's link is its own in the document; `page`
    saves finding that link again.
    """
    page = page or page_of(entry, base)
    published, updated = plausible(entry.published, now), plausible(entry.updated, now)
    body = bodies.body(entry, entry.base or page.url or base, (published or updated or now).date())
    said = bodies.title(entry.title) or bodies.title_of(body)
    title = said or text.shorten(page.url or printable(entry.guid), bodies.MAX_TITLE)
    own_key = page.key if identified else None
    categories = tuple(_categories(entry.categories))
    return Article(
        id=article_id(own_key or guid_key(feed_url, entry.guid)),
        url=page.url,
        title=title,
        summary=body.summary,
        content_html=body.html,
        text=body.text,
        date=_sort_date(published or updated, body, now),
        first_seen=now,
        published=published,
        updated=updated,
        authors=people.names(entry.authors),
        language=_language(title, body, language, text.primary(entry.language) or hint),
        image=_image(entry, body, base),
        enclosures=tuple(islice(_enclosures(entry, base), MAX_ENCLOSURES)),
        comments=_comments(entry.comments, base),
        dateline=body.dateline,
        words=text.count_words(body.text),
        sightings=(
            Sighting(feed_url, feed_title, printable(entry.guid), categories, entry.fingerprint),
        ),
    )


def page_of(entry: Entry, base: str | None) -> Page:
    """Return the page that an entry is about, if it names one."""
    candidates = (_declared(entry), entry.original_link, entry.link, _permalink(entry.guid))
    resolved = (urls.resolve(entry.base or base, url) for url in candidates if url)
    url = next(filter(None, resolved), None)
    if url is None:
        return Page()
    key = urls.identity(url)
    has_path = "/" in key  # then it identifies, which is three times as slow to ask
    return Page(urls.canonical(url), key if has_path or urls.identifies(url) else None)


def guid_key(feed_url: str, guid: str) -> str:
    """Return the key that identifies the article of an entry whose link does not."""
    return f"{feed_url}\n{printable(guid)}"


def plausible(moment: datetime | None, now: datetime) -> datetime | None:
    """Return a published date in UTC if it can be believed: since 1990, and not in the future."""
    if moment is None or not _EARLIEST <= moment <= now + _CLOCK_DRIFT:
        return None
    return moment.astimezone(UTC)


def _declared(entry: Entry) -> str | None:
    """Return what a `<link rel=canonical>` inside the entry says."""
    html = entry.content.value if entry.content else ""
    found = _CANONICAL.search(html) if "canonical" in html else None
    return found[1] if found else None


def _permalink(guid: str) -> str | None:
    return guid if guid.startswith(("http://", "https://")) else None


def _sort_date(believed: datetime | None, body: Body, now: datetime) -> datetime:
    day = body.dateline.date
    told = datetime.combine(day, time(), UTC) if day else None
    return min(believed or plausible(told, now) or now, now)


def _language(title: str, body: Body, language: str | None, hint: str | None) -> str | None:
    said = text.primary(language)
    return said or text.detect_language(f"{title}\n{body.text or body.summary}", hint)


def _categories(published: tuple[str, ...]) -> Iterator[str]:
    labels = (_label(category[: 10 * MAX_CATEGORY]) for category in published)
    unique = dict.fromkeys(label for label in labels if 0 < len(label) <= MAX_CATEGORY)
    return islice(unique, MAX_CATEGORIES)


@lru_cache(maxsize=512)
def _label(category: str) -> str:
    return " ".join(text.visible(category).split())


def _image(entry: Entry, body: Body, base: str | None) -> str | None:
    """Return the lead image: the largest the feed offers, else an enclosed one, else the first."""
    offered = [
        Image(url, image.width, image.height)
        for image in entry.images
        if (url := urls.resolve(entry.base or base, image.url))
    ]
    enclosed = [
        Image(item.url)
        for item in _enclosures(entry, base)
        if item.type and item.type.startswith("image/")
    ]
    largest = max(filter(_leads, offered), key=_area, default=None)
    lead = largest or next(filter(_leads, (*enclosed, *body.images)), None)
    return lead.url if lead else None


def _leads(image: Image) -> bool:
    return not is_tracker(image) and not _PORTRAIT.search(image.url)


def _area(image: Image) -> int:
    if image.width is None or image.height is None:
        return _USUAL_AREA
    return image.width * image.height


def _enclosures(entry: Entry, base: str | None) -> Iterator[Enclosure]:
    for item in entry.enclosures:
        if url := urls.resolve(entry.base or base, item.url):
            kind = (item.type or "").strip().lower()
            length = item.length if item.length and 0 < item.length <= _MAX_COUNT else None
            yield Enclosure(url, kind if _MEDIA_TYPE.fullmatch(kind) else None, length)


def _comments(comments: Comments, base: str | None) -> Comments:
    url, feed = (
        urls.resolve(base, link) if link else None for link in (comments.url, comments.feed)
    )
    count = comments.count
    return Comments(url, feed, count if count is not None and 0 <= count <= _MAX_COUNT else None)
