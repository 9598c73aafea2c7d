"""What RFC 4287 (Atom) and JSON Feed 1.1 demand of a document, as a validator would check it."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, fromstring

ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;.*)?")
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
LINK_IN_HTML = re.compile(r'(?:href|src)="([^"]*)"')
ONCE = {"id", "title", "updated", "published", "summary", "content", "subtitle", "rights", "source"}
RELATIONS = {"alternate", "self", "enclosure", "related", "via"}


def problems_of_atom(document: bytes) -> list[str]:
    """Every rule that an Atom document breaks, with the place."""
    assert document.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    return list(_feed(fromstring(document)))


def _feed(feed: Element) -> Iterator[str]:
    if feed.tag != f"{ATOM}feed":
        yield f"the root is {feed.tag}"
    entries = feed.findall(f"{ATOM}entry")
    yield from _container("feed", feed, {"id", "title", "updated"})
    if len(_links(feed, "self")) > 1:
        yield "feed: more than one self (4.1.1)"
    if feed.find(f"{ATOM}author") is None:
        yield from ("no author (4.1.1)" for e in entries if e.find(f"{ATOM}author") is None)
    ids = [each.findtext(f"{ATOM}id") for each in (feed, *entries)]
    if len(ids) != len(set(ids)):
        yield "two things have one id (4.2.6)"
    for number, entry in enumerate(entries, 1):
        yield from _entry(f"entry {number}", entry)


def _entry(place: str, entry: Element) -> Iterator[str]:
    yield from _container(place, entry, {"id", "title", "updated"})
    content = entry.find(f"{ATOM}content")
    if content is None and not _links(entry, "alternate"):
        yield f"{place}: neither content nor alternate (4.1.2)"
    if content is not None and (content.get("type") != "html" or "src" in content.attrib):
        yield f"{place}: content is no HTML (4.1.3)"
    if content is not None and (stray := _relative_links(content.text or "")):
        yield f"{place}: relative links in content: {stray}"


def _container(place: str, element: Element, required: set[str]) -> Iterator[str]:
    names = [child.tag.removeprefix(ATOM) for child in element]
    yield from (f"{place}: no {name}" for name in required - set(names))
    yield from (f"{place}: {name} twice" for name in ONCE if names.count(name) > 1)
    alternates = [(e.get("type"), e.get("hreflang")) for e in _links(element, "alternate")]
    if len(alternates) != len(set(alternates)):
        yield f"{place}: two alternates of one type and language"
    if not LANGUAGE_TAG.fullmatch(element.get(LANGUAGE, "en")):
        yield f"{place}: xml:lang {element.get(LANGUAGE)!r}"
    for child in element:
        if child.tag != f"{ATOM}entry":
            yield from (f"{place}: {problem}" for problem in _child(child))


def _child(child: Element) -> Iterator[str]:
    name, text = child.tag.removeprefix(ATOM), child.text or ""
    if name == "id" and not urlsplit(text).scheme:
        yield f"id {text!r} is not absolute (4.2.6)"
    elif name in ("updated", "published") and not MOMENT.fullmatch(text):
        yield f"{name} {text!r} is no date of RFC 3339 (3.3)"
    elif name in ("title", "summary", "content") and len(child):
        yield f"{name} has elements in it (3.1.1)"
    elif name in ("author", "contributor") and not (child.findtext(f"{ATOM}name") or "").strip():
        yield f"{name} without a name (3.2.1)"
    elif name == "category" and not child.get("term"):
        yield "category without a term (4.2.2.1)"
    elif name == "link":
        yield from _link(child)


def _link(link: Element) -> Iterator[str]:
    href = link.get("href", "")
    if not _is_absolute(href):
        yield f"link to {href!r} (4.2.7.1)"
    if link.get("rel", "alternate") not in RELATIONS:
        yield f"link with rel {link.get('rel')!r} (4.2.7.2)"
    if not MEDIA_TYPE.fullmatch(link.get("type", "text/html")):
        yield f"link with type {link.get('type')!r} (4.2.7.3)"
    if not link.get("length", "0").isdigit():
        yield f"link with length {link.get('length')!r} (4.2.7.6)"


def _links(element: Element, relation: str) -> list[Element]:
    return [e for e in element.findall(f"{ATOM}link") if e.get("rel", "alternate") == relation]


def _relative_links(html: str) -> list[str]:
    return [link for link in LINK_IN_HTML.findall(html) if not _is_absolute(link)]


def _is_absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", url)


def problems_of_json_feed(document: bytes) -> list[str]:
    """Every rule that a JSON Feed breaks, with the place."""
    return list(_json_feed(json.loads(document)))


def _json_feed(feed: dict[str, Any]) -> Iterator[str]:
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version {feed.get('version')!r}"
    if not isinstance(feed.get("title"), str):
        yield "no title"
    yield from _members("feed", feed, ("home_page_url", "feed_url"))
    items = feed["items"]
    ids = [item.get("id") for item in items]
    if len(ids) != len(set(ids)) or not all(isinstance(one, str) and one for one in ids):
        yield "ids are missing, no text or not unique"
    for number, item in enumerate(items, 1):
        yield from _json_item(f"item {number}", item)


def _json_item(place: str, item: dict[str, Any]) -> Iterator[str]:
    yield from _members(place, item, ("url", "external_url", "image", "banner_image"))
    if not isinstance(item.get("content_html", item.get("content_text")), str):
        yield f"{place}: no content"
    if stray := _relative_links(item.get("content_html", "")):
        yield f"{place}: relative links in content: {stray}"
    for name in ("date_published", "date_modified"):
        if not MOMENT.fullmatch(item.get(name, "2026-02-17T06:30:00Z")):
            yield f"{place}: {name} {item[name]!r}"
    if not all(isinstance(tag, str) for tag in item.get("tags", ())):
        yield f"{place}: tags are no texts"
    for each in item.get("attachments", ()):
        yield from _members(place, each, ("url",))
        if not MEDIA_TYPE.fullmatch(each.get("mime_type", "")):
            yield f"{place}: an attachment has no type"
        if not isinstance(each.get("size_in_bytes", 0), int):
            yield f"{place}: an attachment's size is no number"


def _members(place: str, thing: dict[str, Any], addresses: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{place}: {name} is null" for name, value in thing.items() if value is None)
    for name in addresses:
        if name in thing and not _is_absolute(thing[name]):
            yield f"{place}: {name} {thing[name]!r} is not absolute"
    if not LANGUAGE_TAG.fullmatch(thing.get("language", "en")):
        yield f"{place}: language {thing['language']!r}"
    for author in thing.get("authors", ()):
        if not (author.get("name") or author.get("url") or author.get("avatar") or "").strip():
            yield f"{place}: an author who is nobody"
