"""What an entry says: title, summary and content, from markup of any honesty to clean text."""

import re
from dataclasses import dataclass
from datetime import date
from html import escape, unescape

from aggregator import sanitize, text
from aggregator.model import Dateline, Entry, Image, Markup
from aggregator.normalize import dateline
from aggregator.normalize.excision import cut

MAX_TITLE = 5_000
MAX_TEXT = 1_000_000
SUMMARY = 300
"""Characters of a summary that is taken from the head of an article."""

_MAX_SUMMARY = 600
_MAX_SUMMARY_SOURCE = 5_000
_MAX_TITLE_SOURCE = 10_000
_TITLE_OF_TEXT = 100

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z]{2,31}\d{0,2});")
_INLINE = re.compile(r"<(a|b|cite|em|font|i|q|s|span|strong|sub|sup|u)\b[^<>]*>.*?</\1>|<br ?/?>")
_ESCAPED_TWICE = re.compile(
    r"&lt;/?(?:a|b|br|div|em|figure|img|p|span|strong|ul)\b"
    r"|&(?:amp|#38|#x26);(?:#\d{1,7}|[a-z]{2,8});",
    re.IGNORECASE,
)
_BLANK_LINES = re.compile(r"\n\s*\n")
_TRAILER = re.compile(
    r"\s*The post .{1,300}? (?:appeared first|first appeared) on .{1,100}$"
    r"|(?<=…|\.|\])\s*(?:Continue reading|Read more)\b.{0,150}$"
)
_BYLINE = re.compile(r"By (?:(?:[^\W\d_a-z][\w.'’-]*|al|and|bin|da|de|del|van|von),?[ \n]){2,16}")
_TRAILING = ("The post ", "Continue reading", "Read more")
_UNPRINTABLE = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NO_DATELINE = dateline.Found(Dateline(), 0, 0)


@dataclass(frozen=True, slots=True)
class Body:
    """The texts of an article; `html` is clean, all others are plain text."""

    summary: str
    html: str
    text: str
    images: tuple[Image, ...]
    dateline: Dateline


def title(markup: Markup) -> str:
    """Return a title as plain text on one line; markup that was escaped twice is decoded twice."""
    value = markup.value[:_MAX_TITLE_SOURCE]
    shown = text.visible(value) if markup.is_html else value
    if markup.is_html and _INLINE.search(shown):
        shown = text.visible(shown)
    return text.shorten(printable(_decoded(shown)), MAX_TITLE)


def title_of(body: Body) -> str:
    """Return a title for what has none: its first words."""
    return text.shorten(body.text or body.summary, _TITLE_OF_TEXT)


def body(entry: Entry, base: str | None, near: date) -> Body:
    """Return what an entry says, links resolved against `base`, without a wire dateline.

    The longer of content and summary is the article. `near` is the day of the entry, from which
    the year of a dateline follows.
    """
    content, summary = _html(entry.content), _html(entry.summary)
    written = text.visible(summary[: sanitize.MAX_LENGTH])
    clean = sanitize.clean(content or summary, base)
    if content and len(written) > len(clean.text):
        clean = sanitize.clean(summary, base)
    plain = clean.text[:MAX_TEXT]
    found = dateline.find(plain, near)
    told = dateline.find(written, near)
    html = cut(clean.html, plain, found.start, found.end) if found else clean.html
    plain = _without(plain, found)
    return Body(
        summary=_summary(_unsigned(_without(written, told), plain), plain),
        html=html,
        text=plain,
        images=clean.images,
        dateline=(found or told or _NO_DATELINE).dateline,
    )


def printable(plain: str) -> str:
    """Return a text without control characters and lone surrogates, which no format carries."""
    return plain if plain.isprintable() else _UNPRINTABLE.sub(" ", plain)


def _html(markup: Markup | None) -> str:
    """Return markup as HTML: paragraphs made of plain text, HTML that was escaped twice decoded."""
    if markup is None:
        return ""
    value = markup.value[: sanitize.MAX_LENGTH]
    if not markup.is_html:
        return "".join(map(_paragraph, _BLANK_LINES.split(_decoded(value).strip())))
    if "<" not in value and _ESCAPED_TWICE.search(value):
        return _decoded(value)
    return value


def _paragraph(plain: str) -> str:
    return f"<p>{escape(plain, quote=False)}</p>".replace("\n", "<br>") if plain else ""


def _decoded(value: str) -> str:
    """Return a text with its character references decoded, once; endless ones are no references."""
    return _REFERENCE.sub(lambda found: unescape(found[0]), value)


def _without(plain: str, found: dateline.Found | None) -> str:
    return plain[: found.start] + plain[found.end :] if found else plain


def _unsigned(written: str, article: str) -> str:
    """Return a summary without the byline that is the first line of its article."""
    line, _, further = article.partition("\n")
    if not further or not _BYLINE.fullmatch(f"{line}\n"):
        return written
    return written.removeprefix(line).lstrip() or written


def _summary(written: str, article: str) -> str:
    """Return the summary that the publisher wrote, or the head of the article."""
    written = " ".join(written[:_MAX_SUMMARY_SOURCE].split())
    if any(words in written for words in _TRAILING):
        written = _TRAILER.sub("", written)
    if 0 < len(written) <= _MAX_SUMMARY:
        return written
    return text.shorten(written or article[: 2 * SUMMARY], SUMMARY)
