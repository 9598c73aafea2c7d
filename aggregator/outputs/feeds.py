"""Atom (RFC 4287) and JSON Feed 1.1 of editions and of article lists.

The bytes depend on the items alone: `updated` is the newest item's, and ids are URNs made from our
own ids, so they stay when the site moves to another host.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from markupsafe import escape

from aggregator.model import Article, Edition, Enclosure, Report, Story
from aggregator.outputs import layout
from aggregator.outputs.shapes import source, timestamp
from aggregator.outputs.wording import language_tag, printable, spoken, target, web_address

ATOM_TYPE = "application/atom+xml"
JSON_TYPE = "application/feed+json"
ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of an output feed; `content_html` is clean HTML, all else plain."""

    id: str
    title: str
    content_html: str
    published: datetime
    updated: datetime
    url: str | None = None
    summary: str = ""
    language: str | None = None
    image: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """An output feed; `key` tells it from every other feed of the paper, tags are (slug, label).

    `home` is the URL of the page that it accompanies and `location` its own, both absolute: a
    reader that keeps only the document could not follow others.
    """

    key: str
    title: str
    paper: str
    items: tuple[Item, ...]
    home: str | None = None
    location: str | None = None

    @property
    def updated(self) -> datetime:
        """When the newest item changed; 1970 for an empty feed."""
        return max((item.updated for item in self.items), default=EPOCH)


def urn(kind: str, id: str) -> str:
    """Returns the URN of one of our things, equal on every machine."""
    return uuid5(NAMESPACE_OID, f"aggregator:{kind}:{id}").urn


def story_items(editions: Iterable[Edition]) -> tuple[Item, ...]:
    """Returns the stories of a topic's editions, given newest first, each story once."""
    items: dict[str, Item] = {}
    for edition in editions:
        for story in edition.stories:
            if story.reports and story.id not in items:
                items[story.id] = _story_item(story)
    return tuple(sorted(items.values(), key=lambda item: item.updated, reverse=True))


def article_items(articles: Iterable[Article]) -> tuple[Item, ...]:
    """Returns articles, in their order, as items."""
    return tuple(_article_item(article) for article in articles)


def edition_channel(
    paper: str, editions: Sequence[Edition], home: str | None = None, location: str | None = None
) -> Channel:
    """Returns the feed of a topic's editions (newest first), or of the front page's."""
    topics = {edition.topic.slug: edition.topic for edition in editions if edition.topic}
    alone = len(topics) == 1 and all(edition.topic for edition in editions)
    topic = editions[0].topic if alone else None
    return Channel(
        key=f"topic:{topic.slug}" if topic else "front",
        title=f"{paper}: {topic.name}" if topic else paper,
        paper=paper,
        items=story_items(editions),
        home=home,
        location=location,
    )


def tag_channel(
    paper: str,
    slug: str,
    label: str,
    articles: Iterable[Article],
    home: str | None = None,
    location: str | None = None,
) -> Channel:
    """Returns the feed of a tag's newest articles."""
    items = article_items(articles)
    return Channel(f"tag:{slug}", f"{paper}: {label}", paper, items, home, location)


def _story_item(story: Story) -> Item:
    dates = [report.date for report in story.reports]
    return Item(
        id=urn("story", story.id),
        title=story.title,
        content_html=_story_html(story),
        published=min(dates),
        updated=max(dates),
        url=web_address(story.url),
        summary=story.summary,
        language=language_tag(story.language),
        image=web_address(story.image),
        authors=_named(story.sources),
        tags=story.tags,
    )


def _story_html(story: Story) -> str:
    texts = layout.texts(story)
    reports = "".join(_report_html(each, texts.get(each.id)) for each in story.reports)
    return f"<p{spoken(story.language)}>{escape(story.summary)}</p><ul>{reports}</ul>"


def _report_html(report: Report, origin: str | None) -> str:
    title: str = escape(report.title)
    whose = f" (the text of {escape(origin)})" if origin else ""
    if url := web_address(report.url):
        title = f"<a {target(url)}>{title}</a>"
    return f"<li{spoken(report.language)}>{title} <cite>{escape(report.feed)}</cite>{whose}</li>"


def _article_item(article: Article) -> Item:
    return Item(
        id=urn("article", article.id),
        title=article.title,
        content_html=article.content_html or f"<p>{escape(article.summary)}</p>",
        published=article.published or article.date,
        updated=article.updated or article.date,
        url=web_address(article.url),
        summary=article.summary,
        language=language_tag(article.language),
        image=web_address(article.image),
        authors=_named(article.authors) or _named([source(article)]),
        tags=tuple((tag.slug, tag.label) for tag in article.tags),
        enclosures=tuple(each for each in article.enclosures if web_address(each.url)),
    )


def _named(people: Iterable[str]) -> tuple[str, ...]:
    """Leaves out who has no name that can be written: neither format has nameless people."""
    return tuple(person for person in people if printable(person).strip())


# --- Atom ---------------------------------------------------------------------------------------


def atom(channel: Channel) -> bytes:
    """Returns the channel as an Atom document (RFC 4287) in UTF-8."""
    root = Element("feed", xmlns=ATOM_NAMESPACE)
    _add(root, "id", urn("feed", channel.key))
    _add(root, "title", channel.title)
    _add(root, "updated", _time(channel.updated))
    _add_person(root, channel.paper)
    if channel.location:
        _add(root, "link", rel="self", type=ATOM_TYPE, href=channel.location)
    if channel.home:
        _add(root, "link", rel="alternate", type="text/html", href=channel.home)
    for item in channel.items:
        _add_entry(root, item)
    indent(root, space=" ")
    document = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{printable(document)}\n'.encode()


def _add_entry(root: Element, item: Item) -> None:
    entry = _add(root, "entry")
    if item.language:
        entry.set(LANGUAGE, item.language)
    _add(entry, "id", item.id)
    _add(entry, "title", item.title)
    _add(entry, "published", _time(item.published))
    _add(entry, "updated", _time(item.updated))
    if item.url:
        _add(entry, "link", rel="alternate", href=item.url)
    for author in item.authors:
        _add_person(entry, author)
    for slug, label in item.tags:
        _add(entry, "category", term=slug, label=label)
    for each in item.enclosures:
        length = None if each.length is None else str(each.length)
        _add(entry, "link", rel="enclosure", href=each.url, type=each.type, length=length)
    if item.summary:
        _add(entry, "summary", item.summary)
    _add(entry, "content", item.content_html, type="html")


def _add(parent: Element, name: str, text: str | None = None, **attributes: str | None) -> Element:
    given = {key: value for key, value in attributes.items() if value is not None}
    element = SubElement(parent, name, given)
    element.text = text
    return element


def _add_person(parent: Element, name: str) -> None:
    _add(_add(parent, "author"), "name", name)


def _time(moment: datetime) -> str:
    return timestamp(moment) or ""


# --- JSON Feed ----------------------------------------------------------------------------------


def json_feed(channel: Channel) -> bytes:
    """Returns the channel as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) in UTF-8."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.location,
        "authors": [{"name": channel.paper}],
        "items": [_known(_json_item(item)) for item in channel.items],
    }
    return printable(json.dumps(_known(document), ensure_ascii=False)).encode() + b"\n"


def _json_item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.content_html,
        "summary": item.summary or None,
        "image": item.image,
        "date_published": timestamp(item.published),
        "date_modified": timestamp(item.updated),
        "authors": [{"name": author} for author in item.authors] or None,
        "tags": [label for _, label in item.tags] or None,
        "language": item.language,
        "attachments": [_attachment(each) for each in item.enclosures] or None,
    }


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    return _known(
        {
            "url": enclosure.url,
            "mime_type": enclosure.type or "application/octet-stream",
            "size_in_bytes": enclosure.length,
        }
    )


def _known(members: dict[str, Any]) -> dict[str, Any]:
    """Leaves out unknown members: JSON Feed has no null."""
    return {name: value for name, value in members.items() if value is not None}
