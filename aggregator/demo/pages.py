"""The newsroom's own web pages: a front page, a home page a publication, a page an article."""

from html import escape

from aggregator.demo.markup import body_html, direction, element, leaf
from aggregator.demo.newsroom import Paper, Piece
from aggregator.demo.rendering import CONTENT_TYPES

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.125rem/1.6 Georgia, serif; max-width: 40rem; margin: 0 auto; padding: 1rem 1.25rem; }
header { border-bottom: 3px double; margin-bottom: 1.5rem; }
header a { color: inherit; text-decoration: none; font-size: 1.5rem; font-weight: bold; }
h1 { line-height: 1.2; }
img { max-width: 100%; height: auto; }
figure { margin: 1.5rem 0; }
figcaption, .byline, time, footer { font: .9rem/1.5 system-ui, sans-serif; opacity: .8; }
.summary { font-weight: bold; }
li { margin-bottom: .75rem; }
"""


def front_page(papers: tuple[Paper, ...]) -> bytes:
    """The list of all publications."""
    rows = [
        element("li", _anchor(f"/{paper.slug}/", paper.title) + f" – {escape(paper.description)}")
        for paper in papers
    ]
    main = leaf("h1", "The sample newsroom") + element("ul", "\n".join(rows))
    return _page("The sample newsroom", main, language="en")


def home_page(paper: Paper) -> bytes:
    """A publication's articles, newest first; the head names its feed."""
    rows = [
        element("li", _anchor(f"/{paper.slug}/{piece.slug}", piece.title) + " " + _time(piece))
        for piece in paper.pieces
    ]
    main = leaf("h1", paper.title) + leaf("p", paper.description)
    main += element("ul", "\n".join(rows)) if rows else ""
    feed_type = CONTENT_TYPES[paper.format].partition(";")[0]
    alternate = {"rel": "alternate", "type": feed_type, "href": paper.feed_path}
    head = element("link", attributes={**alternate, "title": paper.title})
    return _page(paper.title, main, paper.language, direction(paper), head)


def article_page(paper: Paper, piece: Piece) -> bytes:
    """An article to read."""
    byline = ", ".join(piece.authors)
    parts = [
        element("header", _anchor(f"/{paper.slug}/", paper.title)),
        leaf("h1", piece.title),
        element("p", f"{escape(byline)} {_time(piece)}", {"class": "byline"}),
        *([leaf("p", piece.summary, {"class": "summary"})] if piece.body else []),
        body_html(piece, ""),
        element("footer", leaf("p", " · ".join(piece.categories)), {"id": "comments"}),
    ]
    body = element("article", "\n".join(parts))
    return _page(f"{piece.title} – {paper.title}", body, paper.language, direction(paper))


def _anchor(href: str, text: str) -> str:
    return leaf("a", text, {"href": href})


def _time(piece: Piece) -> str:
    shown = f"{piece.published:%d.%m.%Y %H:%M} UTC"
    return leaf("time", shown, {"datetime": piece.published.isoformat()})


def _page(title: str, main: str, language: str, way: str = "ltr", head: str = "") -> bytes:
    viewport = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    heads = [
        element("meta", attributes={"charset": "utf-8"}),
        element("meta", attributes=viewport),
        leaf("title", title),
        element("style", STYLE),
        head,
    ]
    body = element("main", main)
    html = element("head", "".join(heads)) + element("body", body)
    return ("<!doctype html>\n" + element("html", html, {"lang": language, "dir": way})).encode()
