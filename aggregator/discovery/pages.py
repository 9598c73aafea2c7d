"""The feeds that a web page announces, and those that it only links to; and the usual paths."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from aggregator import urls
from aggregator.text import shorten

MOST_CANDIDATES = 10
"""How many links of a page are taken for feeds: some sites announce hundreds."""
LONGEST_TITLE = 200

_FEED_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "application/json": "json",
    "application/xml": None,
    "text/xml": None,
}
_USUAL_PATHS = ("feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json", "rss")
_BELOW_PAGE = ("feed", "rss.xml", "index.xml")
_FEED_LIKE = re.compile(
    r"(?:^|[/._-])(?:feeds?|rss2?|atom|rdf)(?:\.(?:xml|rdf|json|php|aspx?))?/?$"
    r"|\.(?:rss|atom|rdf)$|/(?:feeds?|rss)/|/index\.xml$|/feed\.json$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type|output)=(?:rss2?|atom|rdf|feed)\b", re.IGNORECASE
)
_FEED_HOST = re.compile(r"(?:\w+:)?//(?:feeds?\d?|rss)\.[\w-]+\.\w", re.IGNORECASE)
_OTHER_FILE = re.compile(r"\.(?:html?|png|jpe?g|gif|svg|css|js|pdf)$", re.IGNORECASE)
_WORDPRESS_API = "/wp-json/"
_OPENING = re.compile(
    r"<(?:(?P<comment>!--)|(?P<hidden>script|style|textarea|title|template|iframe)(?=[\s/>])"
    r"|(?P<name>a|area|link|base)(?=[\s/]))",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:>|(?P<name>[^\s/>][^\s/>=]*+)"
    r"""(?:\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s>]*+)))?)"""
)
_WANTED = frozenset({"href", "rel", "type", "title"})
_ENDLESS_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")
_LONGEST_VALUE = 10_000
_MOST_LINKS = 1_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address where a feed should be, with the title and kind that its page announces."""

    url: str
    title: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A web page: the feeds that it announces, and those that it only links to."""

    announced: tuple[Candidate, ...]
    linked: tuple[Candidate, ...]


def read_page(html: str, url: str) -> Page:
    """Return the candidates of a page, each once, in its order; linear in it, never raises."""
    announced: list[Candidate] = []
    linked: list[Candidate] = []
    base, is_based = url, False
    for looked_at, (tag, attributes) in enumerate(_leads(html)):
        if looked_at >= _MOST_LINKS:
            break
        if tag == "base" and is_based:  # the first one counts (HTML, section 4.2.3)
            continue
        target = urls.resolve(base, attributes["href"])
        if target is None:
            continue
        if tag == "base":
            base, is_based = target, True
            continue
        found = announced if _is_announced(attributes) else linked
        found.append(_candidate(target.partition("#")[0], attributes))
    first = _once((one for one in announced if _WORDPRESS_API not in one.url), ())
    return Page(first, _once((one for one in linked if not _is_file(one.url)), first))


def _candidate(url: str, attributes: dict[str, str]) -> Candidate:
    title = shorten(attributes.get("title", ""), LONGEST_TITLE)
    return Candidate(url, title or None, _FEED_TYPES.get(_mime(attributes)))


def _is_file(url: str) -> bool:
    return bool(_OTHER_FILE.search(urlsplit(url).path))


def _mime(attributes: dict[str, str]) -> str:
    return attributes.get("type", "").partition(";")[0].strip().lower()


def _stands_for_page(attributes: dict[str, str]) -> bool:
    return not {"alternate", "feed"}.isdisjoint(attributes.get("rel", "").lower().split())


def _is_announced(attributes: dict[str, str]) -> bool:
    return _stands_for_page(attributes) and _mime(attributes) in _FEED_TYPES


def _once(found: Iterable[Candidate], known: Iterable[Candidate]) -> tuple[Candidate, ...]:
    seen = {urls.identity(candidate.url) for candidate in known}
    first: dict[str, Candidate] = {}
    for candidate in found:
        key = urls.identity(candidate.url)
        if key not in seen:
            first.setdefault(key, candidate)
        if len(first) == MOST_CANDIDATES:
            break
    return tuple(first.values())


def _leads(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the tags of a page that may lead to feeds; what ends nowhere ends the page."""
    position = 0
    while opening := _OPENING.search(html, position):
        if opening["comment"]:
            position = _after("-->", html, opening.end() - 2)
        elif name := opening["hidden"]:
            closing = re.compile(f"</{name}", re.IGNORECASE).search(html, opening.end())
            position = closing.end() if closing else len(html)
        else:
            attributes, position = _attributes(html, opening.end())
            tag = opening["name"].lower()
            if "href" in attributes and _is_lead(tag, attributes):
                yield tag, attributes


def _is_lead(tag: str, attributes: dict[str, str]) -> bool:
    if tag == "link":
        return _stands_for_page(attributes) and _promises(attributes)
    return tag == "base" or _promises(attributes)


def _after(mark: str, html: str, start: int) -> int:
    found = html.find(mark, start)
    return len(html) if found < 0 else found + len(mark)


def _attributes(html: str, position: int) -> tuple[dict[str, str], int]:
    """Return the attributes of a tag, the first of each name, and the end of the tag."""
    found: dict[str, str] = {}
    while (match := _ATTRIBUTE.match(html, position)) and match["name"]:
        value = match["double"] or match["single"] or match["bare"] or ""
        if (name := match["name"].lower()) in _WANTED:
            found.setdefault(name, _decoded(value))
        position = match.end()
    return found, match.end() if match else len(html)


def _decoded(value: str) -> str:
    short = value[:_LONGEST_VALUE]
    return unescape(_ENDLESS_REFERENCE.sub("\ufffd", short)) if "&" in short else short


def _promises(attributes: dict[str, str]) -> bool:
    return _mime(attributes) in _FEED_TYPES or looks_like_feed(attributes.get("href", ""))


def looks_like_feed(url: str) -> bool:
    """Tell whether a URL is spelled the way addresses of feeds are."""
    start, _, query = url.partition("#")[0].partition("?")
    return bool(_FEED_LIKE.search(start) or _FEED_QUERY.search(query) or _FEED_HOST.match(start))


def usual_paths(url: str) -> tuple[Candidate, ...]:
    """Return where a site keeps its feed if it says nothing: near the page, then at the root."""
    parts = urlsplit(url)
    directory = parts.path.rpartition("/")[0]
    near = [f"{base}/{name}" for base in _bases(parts.path, directory) for name in _BELOW_PAGE]
    paths = dict.fromkeys([*near, *(f"/{name}" for name in _USUAL_PATHS)])
    origin = f"{parts.scheme}://{parts.netloc}"
    return tuple(Candidate(origin + path) for path in paths)


def _bases(path: str, directory: str) -> list[str]:
    """Return the page as a directory, or the one that a page with a file name stands in."""
    if "." in path.rpartition("/")[2]:
        return [directory] if directory else []
    return [path.rstrip("/")] if path.strip("/") else []
