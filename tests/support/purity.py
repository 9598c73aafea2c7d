"""What no article may hold, whatever its feed says: an independent look with html5lib."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib

from aggregator.model import Article
from aggregator.normalize import Reading

_ELEMENTS = """a abbr address article aside b bdi bdo big blockquote br caption center cite code col
    colgroup dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i
    img ins kbd li main mark ol p pre q rp rt ruby s samp section small strike strong sub summary
    sup table tbody td tfoot th thead time tr tt u ul var wbr"""
_ATTRIBUTES = """alt cite colspan datetime dir height href hreflang lang rel reversed rowspan
    scope span src start title type value width"""
ELEMENTS = frozenset(_ELEMENTS.split())
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
LINKS = frozenset(("href", "src", "cite"))
REL = "noopener noreferrer nofollow"
MAX_LENGTHS = {"title": 1_000, "summary": 1_000, "text": 1_000_000}
MAX_TAGS = 50
_UNPRINTABLE = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")


def blemishes(reading: Reading, now: datetime) -> Iterator[str]:
    """Yield what is wrong with anything in a reading, in words."""
    yield from _plain("feed title", reading.title or "")
    for link in filter(None, (reading.site_url, reading.hub)):
        yield from _link("feed", link)
    for article in reading.articles:
        yield from _texts(article)
        yield from _links(article)
        yield from _dates(article, now)
        yield from blemishes_of_html(article.content_html)


def blemishes_of_html(html: str) -> Iterator[str]:
    """Yield what a browser would build from the HTML of an article and should not."""
    yield from _plain("content_html", html)
    page = f"<div>{html}<hr id=last></div><p id=after></p>"
    content, *others = html5lib.parse(page, namespaceHTMLElements=False).find("body")
    last = content[-1] if len(content) else content
    if last.get("id") != "last" or [element.get("id") for element in others] != ["after"]:
        yield f"the HTML reaches beyond its element: {html[:200]!r}"
        return
    content.remove(last)
    for element in content.iter():
        yield from _element(element)


def _element(element: Element) -> Iterator[str]:
    if element.tag not in ELEMENTS:
        yield f"element {element.tag!r}"
    for name in set(element.attrib) - ATTRIBUTES:
        yield f"attribute {name!r} of {element.tag!r}"
    for name in LINKS & set(element.attrib):
        yield from _link(f"{name} of {element.tag!r}", element.attrib[name])
    if element.tag == "a" and element.get("rel") != REL:
        yield f"a link with rel={element.get('rel')!r}"
    if element.tag == "img":
        sides = [element.get(side, "") for side in ("width", "height")]
        if any(side.isdigit() and int(side) <= 1 for side in sides) or not element.get("src"):
            yield f"an image that nobody sees: {element.attrib}"


def _texts(article: Article) -> Iterator[str]:
    for name, most in MAX_LENGTHS.items():
        value = getattr(article, name)
        yield from _plain(name, value)
        if len(value) > most:
            yield f"{name} of {len(value)} characters"
    (sighting,) = article.sightings
    lines = [article.title, article.summary, *article.authors, *sighting.categories]
    if any("\n" in line or "\r" in line for line in lines):
        yield f"a line break in one of {lines!r}"
    words = (article.language, article.dateline.place, article.dateline.agency)
    for value in (*lines[2:], sighting.guid, *filter(None, words)):
        yield from _plain("a name", value)
    if not article.title:
        yield "no title"
    if len(sighting.categories) > MAX_TAGS:
        yield f"{len(sighting.categories)} categories"
    if _letters(html_text(article.content_html)) != _letters(article.text):
        yield f"text and HTML differ: {article.content_html[:300]!r} / {article.text[:300]!r}"


def unguarded(elements: Iterable[Element]) -> list[str]:
    """The links of a page that lead to others without REL."""
    return [
        element.attrib["href"]
        for element in elements
        if str(element.tag).rpartition("}")[2] in ("a", "area")
        and element.get("href", "").lower().startswith(("http:", "https:", "//"))
        and element.get("rel") != REL
    ]


def html_text(html: str) -> str:
    """The text that a browser shows of clean HTML."""
    return "".join(html5lib.parseFragment(html, namespaceHTMLElements=False).itertext())


def _letters(text: str) -> str:
    return _SPACE.sub("", text)


def _links(article: Article) -> Iterator[str]:
    comments = (article.comments.url, article.comments.feed)
    enclosures = (enclosure.url for enclosure in article.enclosures)
    for link in filter(None, (article.url, article.image, *comments, *enclosures)):
        yield from _link("an article", link)


def _link(where: str, link: str) -> Iterator[str]:
    yield from _plain(where, link)
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        yield f"{where} links to what is no address: {link[:200]!r}"
        return
    if parts.scheme not in ("http", "https") or not host or set(link) & set(' \n\t"<>'):
        yield f"{where} links to {link[:200]!r}"


def _dates(article: Article, now: datetime) -> Iterator[str]:
    for name in ("date", "first_seen", "published", "updated"):
        moment = getattr(article, name)
        if moment is not None and (moment.tzinfo is not UTC or moment.year < 1990):
            yield f"{name} is {moment!r}"
    if article.date > now:
        yield f"the article is of {article.date}, which is yet to come"


def _plain(where: str, text: str) -> Iterator[str]:
    if _UNPRINTABLE.search(text):
        yield f"{where} holds unprintable characters: {text[:200]!r}"


def as_json(articles: Iterable[Article]) -> str:
    """The articles as JSON; fails on what no format can carry."""
    rows = [{each.name: str(getattr(one, each.name)) for each in fields(one)} for one in articles]
    text = json.dumps(rows, ensure_ascii=False)
    text.encode("utf-8")
    return text
