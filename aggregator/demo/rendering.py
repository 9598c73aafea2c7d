"""Renders a publication as RSS 2.0, RSS 1.0, Atom or JSON Feed, as its real siblings write them."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime

from aggregator.demo.markup import body_html, element, image_url, leaf
from aggregator.demo.newsroom import IMAGES, Format, Paper, Piece

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
PICTURE = {"type": "image/svg+xml", "width": 1200, "height": 675}
CONTENT_TYPES: Mapping[Format, str] = {
    "rss2": "application/rss+xml; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
RSS_NAMESPACES = {
    "version": "2.0",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
    "xmlns:slash": "http://purl.org/rss/1.0/modules/slash/",
    "xmlns:sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xmlns:wfw": "http://wellformedweb.org/CommentAPI/",
}
RDF_NAMESPACES = {
    "xmlns": "http://purl.org/rss/1.0/",
    "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:sy": "http://purl.org/rss/1.0/modules/syndication/",
}
ATOM_NAMESPACES = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:media": "http://search.yahoo.com/mrss/",
    "xmlns:thr": "http://purl.org/syndication/thread/1.0",
}


def render(paper: Paper, base_url: str) -> bytes:
    """The publication's feed in its own format, in UTF-8; `base_url` has no trailing slash."""
    renderers: Mapping[Format, Callable[[Paper, str], str]] = {
        "rss2": _rss,
        "rdf": _rdf,
        "atom": _atom,
        "json": _json,
    }
    return renderers[paper.format](paper, base_url).encode()


def comments_feed(paper: Paper, piece: Piece, base_url: str) -> bytes:
    """The RSS feed of an article's comments: readers here only count, they say nothing."""
    channel = [
        leaf("title", f"Comments on: {piece.title}"),
        leaf("link", f"{_link(paper, piece, base_url)}#comments"),
        leaf("description", f"What readers of {paper.title} say"),
    ]
    return (XML + element("rss", element("channel", _lines(channel)), {"version": "2.0"})).encode()


def _home(paper: Paper, base_url: str) -> str:
    return f"{base_url}/{paper.slug}/"


def _link(paper: Paper, piece: Piece, base_url: str) -> str:
    return f"{base_url}/{paper.slug}/{piece.slug}"


def _lines(elements: Iterable[str]) -> str:
    return "\n" + "\n".join(elements) + "\n"


def _cdata(name: str, html: str) -> str:
    return f"<{name}><![CDATA[{html}]]></{name}>"


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _rss(paper: Paper, base_url: str) -> str:
    itself = {"href": base_url + paper.feed_path, "rel": "self", "type": "application/rss+xml"}
    channel = [
        leaf("title", paper.title),
        leaf("link", _home(paper, base_url)),
        leaf("description", paper.description),
        leaf("language", paper.language),
        leaf("lastBuildDate", format_datetime(paper.changed)),
        element("atom:link", attributes=itself),
        leaf("sy:updatePeriod", "hourly"),
        leaf("sy:updateFrequency", "2"),
        *([leaf("ttl", paper.ttl)] if paper.ttl else []),
        *(element("item", _lines(_rss_item(paper, piece, base_url))) for piece in paper.pieces),
    ]
    return XML + element("rss", element("channel", _lines(channel)), RSS_NAMESPACES)


def _rss_item(paper: Paper, piece: Piece, base_url: str) -> Iterable[str]:
    link = _link(paper, piece, base_url)
    yield leaf("title", piece.title)
    yield leaf("link", link)
    if paper.permalinks:
        yield leaf("guid", link, {"isPermaLink": "true"})
    else:
        yield leaf("guid", f"{paper.slug}:{piece.slug}", {"isPermaLink": "false"})
    yield leaf("pubDate", format_datetime(piece.published))
    yield from (leaf("dc:creator", author) for author in piece.authors)
    yield from (_cdata("category", category) for category in piece.categories)
    yield leaf("description", piece.dateline + piece.summary)
    if paper.style == "full":
        yield _cdata("content:encoded", body_html(piece, base_url))
    yield from _rss_image(piece, base_url)
    yield from _rss_comments(piece, link)


def _rss_image(piece: Piece, base_url: str) -> Iterable[str]:
    url = image_url(piece, base_url)
    if url is None:
        return
    length = (IMAGES / f"{piece.image}.svg").stat().st_size
    caption = leaf("media:description", piece.caption) if piece.caption else ""
    yield element("media:content", caption, {"url": url, "medium": "image", **PICTURE})
    yield element("media:thumbnail", attributes={"url": url, "width": 1200, "height": 675})
    yield element("enclosure", attributes={"url": url, "length": length, "type": PICTURE["type"]})


def _rss_comments(piece: Piece, link: str) -> Iterable[str]:
    if piece.comments is None:
        return
    yield leaf("comments", f"{link}#comments")
    yield leaf("wfw:commentRss", f"{link}/comments.xml")
    yield leaf("slash:comments", piece.comments)


def _rdf(paper: Paper, base_url: str) -> str:
    links = [_link(paper, piece, base_url) for piece in paper.pieces]
    order = [element("rdf:li", attributes={"rdf:resource": link}) for link in links]
    channel = [
        leaf("title", paper.title),
        leaf("link", _home(paper, base_url)),
        leaf("description", paper.description),
        leaf("dc:language", paper.language),
        leaf("dc:date", _instant(paper.changed)),
        leaf("sy:updatePeriod", "daily"),
        leaf("sy:updateFrequency", "12"),
        element("items", element("rdf:Seq", _lines(order))),
    ]
    about = {"rdf:about": base_url + paper.feed_path}
    items = [
        element("item", _lines(_rdf_item(paper, piece, base_url)), {"rdf:about": link})
        for link, piece in zip(links, paper.pieces, strict=True)
    ]
    feed = [element("channel", _lines(channel), about), *items]
    return XML + element("rdf:RDF", _lines(feed), RDF_NAMESPACES)


def _rdf_item(paper: Paper, piece: Piece, base_url: str) -> Iterable[str]:
    yield leaf("title", piece.title)
    yield leaf("link", _link(paper, piece, base_url))
    yield leaf("description", piece.dateline + piece.summary)
    if piece.authors:
        yield leaf("dc:creator", ", ".join(piece.authors))
    yield from (leaf("dc:subject", category) for category in piece.categories)
    yield leaf("dc:date", _instant(piece.published))
    if paper.style == "full" or piece.image:
        yield _cdata("content:encoded", body_html(piece, base_url))


def _atom(paper: Paper, base_url: str) -> str:
    feed = [
        leaf("id", f"tag:{paper.slug}.example,2020:feed"),
        leaf("title", paper.title),
        leaf("subtitle", paper.description),
        leaf("updated", _instant(paper.changed)),
        element("link", attributes={"rel": "self", "href": base_url + paper.feed_path}),
        element("link", attributes={"rel": "alternate", "href": _home(paper, base_url)}),
        *(element("entry", _lines(_atom_entry(paper, piece, base_url))) for piece in paper.pieces),
    ]
    language = {"xml:lang": paper.language, "xml:base": _home(paper, base_url)}
    return XML + element("feed", _lines(feed), {**ATOM_NAMESPACES, **language})


def _atom_entry(paper: Paper, piece: Piece, base_url: str) -> Iterable[str]:
    yield leaf("id", f"tag:{paper.slug}.example,2020:{piece.slug}")
    yield leaf("title", piece.title, {"type": "text"})
    yield element("link", attributes={"rel": "alternate", "type": "text/html", "href": piece.slug})
    yield leaf("published", _instant(piece.published))
    yield leaf("updated", _instant(piece.updated or piece.published))
    yield from (element("author", leaf("name", author)) for author in piece.authors)
    yield from (_atom_category(category) for category in piece.categories)
    yield leaf("summary", piece.dateline + piece.summary, {"type": "text"})
    if paper.style == "full":
        yield leaf("content", body_html(piece, ""), {"type": "html"})
    if url := image_url(piece, base_url):
        yield element("media:content", attributes={"url": url, "medium": "image", **PICTURE})
    if piece.comments is not None:
        replies = {"rel": "replies", "href": f"{_link(paper, piece, base_url)}#comments"}
        yield element("link", attributes={**replies, "thr:count": piece.comments})
        yield leaf("thr:total", piece.comments)


def _atom_category(category: str) -> str:
    term = "-".join(category.casefold().split())
    return element("category", attributes={"term": term, "label": category})


def _json(paper: Paper, base_url: str) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": paper.title,
        "home_page_url": _home(paper, base_url),
        "feed_url": base_url + paper.feed_path,
        "description": paper.description,
        "language": paper.language,
        "items": [_json_item(paper, piece, base_url) for piece in paper.pieces],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(paper: Paper, piece: Piece, base_url: str) -> dict[str, object]:
    link = _link(paper, piece, base_url)
    item = {
        "id": link if paper.permalinks else f"{paper.slug}:{piece.slug}",
        "url": link,
        "title": piece.title,
        "summary": piece.dateline + piece.summary,
        "date_published": _instant(piece.published),
        "date_modified": _instant(piece.updated) if piece.updated else None,
        "authors": [{"name": author} for author in piece.authors],
        "tags": list(piece.categories),
        "image": image_url(piece, base_url),
        "attachments": list(_json_attachments(piece, base_url)),
    }
    if paper.style == "full":
        item["content_html"] = body_html(piece, base_url)
    else:
        item["content_text"] = piece.dateline + piece.summary
    return {key: value for key, value in item.items() if value}


def _json_attachments(piece: Piece, base_url: str) -> Iterable[dict[str, object]]:
    url = image_url(piece, base_url)
    if url is not None:
        length = (IMAGES / f"{piece.image}.svg").stat().st_size
        yield {"url": url, "mime_type": PICTURE["type"], "size_in_bytes": length}
