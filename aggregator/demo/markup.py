"""Small pieces of XML and HTML that feeds and pages of the newsroom are put together from."""

from collections.abc import Mapping
from html import escape

from aggregator.demo.newsroom import Paper, Piece, paragraphs

RIGHT_TO_LEFT = frozenset({"he", "ar", "fa"})


def element(name: str, content: str = "", attributes: Mapping[str, object] | None = None) -> str:
    """An element whose `content` is markup already; attributes that are None are left out."""
    given = {key: value for key, value in (attributes or {}).items() if value is not None}
    head = name + "".join(f' {key}="{escape(str(value))}"' for key, value in given.items())
    return f"<{head}>{content}</{name}>" if content else f"<{head}/>"


def leaf(name: str, text: object, attributes: Mapping[str, object] | None = None) -> str:
    """An element that holds plain text."""
    return element(name, escape(str(text), quote=False), attributes)


def direction(paper: Paper) -> str:
    """The way the publication's script runs: `ltr` or `rtl`."""
    return "rtl" if paper.language in RIGHT_TO_LEFT else "ltr"


def image_url(piece: Piece, base_url: str) -> str | None:
    """Where the picture of an article is, if it has one."""
    return f"{base_url}/images/{piece.image}.svg" if piece.image else None


def body_html(piece: Piece, base_url: str) -> str:
    """The article as HTML, its picture standing after the first paragraph."""
    blocks = [
        _block(paragraph)
        for paragraph in paragraphs(piece.dateline + (piece.body or piece.summary))
    ]
    return "\n".join([*blocks[:1], *_figure(piece, base_url), *blocks[1:]])


def _block(paragraph: str) -> str:
    if paragraph.startswith("> "):
        return element("blockquote", leaf("p", paragraph.removeprefix("> ")))
    if paragraph.startswith("## "):
        return leaf("h2", paragraph.removeprefix("## "))
    return leaf("p", paragraph)


def _figure(piece: Piece, base_url: str) -> list[str]:
    url = image_url(piece, base_url)
    if url is None:
        return []
    picture = {"src": url, "alt": piece.caption or "", "width": 1200, "height": 675}
    caption = leaf("figcaption", piece.caption) if piece.caption else ""
    return [element("figure", element("img", attributes=picture) + caption)]
