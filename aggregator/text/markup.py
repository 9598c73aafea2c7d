"""Plain text out of HTML, and shortening it: linear in the input, and no input makes it raise."""

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Final

_BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
    "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr",
    "html", "li", "legend", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre",
    "section", "select", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
    "video", "audio",
))  # fmt: skip
_CELLS: Final = frozenset({"td", "th", "img"})
_HIDDEN: Final = frozenset({"script", "style", "template", "iframe", "noframes", "noembed"})
_NAME: Final = re.compile(r"/?([a-zA-Z][^\s/>]*)")
_TAG_END: Final = re.compile(r"""(?:[^"'>]|"[^"]*"|'[^']*')*+>""")
_ENDLESS_REFERENCE: Final = re.compile(r"&#(?:[0-9]{9,}+|[xX][0-9a-fA-F]{9,}+);?")
_PRINTABLE: Final = re.compile("[ -~\t-\r\xa0-\ud7ff\ue000-\U0010ffff]*+")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff]+")
_SPACES_IN_SOURCE: Final = re.compile(r"\s+")
_ELLIPSIS: Final = "…"
_PAUSES: Final = "，、；：。！？"


def visible(html: str) -> str:
    """What a reader sees of some HTML: entities decoded, blocks on lines of their own.

    Scripts, styles, comments and tags are gone; runs of white space are one space.
    """
    if "<" not in html and "&" not in html:
        return _single_spaced(_printable(html))
    return collapsed(_printable("".join(_pieces(html))))


def collapsed(text: str) -> str:
    """A text without needless white space: the lines that say something, single-spaced."""
    return "\n".join(filter(None, map(_single_spaced, text.split("\n"))))


def _single_spaced(line: str) -> str:
    if line.isascii() and line.isprintable() and "  " not in line:
        return line.strip(" ")
    return " ".join(line.split())


def _printable(text: str) -> str:
    return text if _PRINTABLE.fullmatch(text) else _UNPRINTABLE.sub(" ", text)


def shorten(text: str, limit: int) -> str:
    """The first words of a text: at most `limit` characters, an ellipsis for what is missing.

    Where words are not parted by spaces it ends after a pause, without any between two letters.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    head = text[:limit]
    cut = max(head.rfind(" "), *(head.rfind(pause) for pause in _PAUSES))
    if cut <= limit // 2:
        cut = limit - 1
        while cut > limit // 2 and unicodedata.category(text[cut]).startswith("M"):
            cut -= 1
    return head[:cut].rstrip(" ,;:.!?-–—(" + _PAUSES) + _ELLIPSIS


def _pieces(html: str) -> Iterator[str]:
    """Text and line breaks in turn; every search that fails ends the scan or is not made again."""
    at, quotes_close = 0, True
    while (opening := html.find("<", at)) >= 0:
        yield _decoded(html[at:opening])
        tag = _NAME.match(html, opening + 1)
        if tag is None:
            piece, at = _declaration(html, opening)
            yield piece
            continue
        end = _TAG_END.match(html, tag.end()) if quotes_close else None
        quotes_close = end is not None
        at = end.end() if end else _after(html, ">", tag.end())
        name = tag[1].lower()
        yield _break(name)
        if name in _HIDDEN and not tag[0].startswith("/"):
            at = _after_hidden(html, name, at)
    yield _decoded(html[at:])


def _declaration(html: str, opening: int) -> tuple[str, int]:
    """What `<` begins where no tag name follows: comment, CDATA, declaration, or just itself."""
    if html.startswith("<!--", opening):
        return "", _after(html, "-->", opening + 2)
    if html.startswith("<![CDATA[", opening):
        end = _after(html, "]]>", opening)
        return _decoded(html[opening + 9 : end].removesuffix("]]>")), end
    if html.startswith(("<!", "<?", "</"), opening):
        return "", _after(html, ">", opening)
    return "<", opening + 1


def _after(html: str, mark: str, start: int) -> int:
    found = html.find(mark, start)
    return len(html) if found < 0 else found + len(mark)


def _after_hidden(html: str, name: str, start: int) -> int:
    closing = re.compile(f"</{name}", re.IGNORECASE).search(html, start)
    return closing.start() if closing else len(html)


def _break(name: str) -> str:
    if name in _BLOCKS:
        return "\n"
    return " " if name in _CELLS else ""


def _decoded(source: str) -> str:
    text = source if source.isprintable() else _SPACES_IN_SOURCE.sub(" ", source)
    return unescape(_ENDLESS_REFERENCE.sub("\ufffd", text)) if "&" in text else text
