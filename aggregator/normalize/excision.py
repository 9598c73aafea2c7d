"""Taking a passage of the visible text out of clean HTML, without harm to its tags."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice

_RUN = re.compile(r"<[^>]*>|[^<]+")
_CHARACTER = re.compile(r"&[#\w]{1,31};|\S")
_TAG = re.compile(r"<[^>]*>")
_EMPTY = re.compile(r"<(a|b|em|i|p|small|strong|u)(?: [^>]*)?>\s*</\1>")


def cut(html: str, text: str, start: int, end: int) -> str:
    """Return clean HTML without the characters that show `text[start:end]`; its tags stay paired.

    Elements left empty go too. HTML that does not show `text` is returned as it is.
    """
    before, wanted = _squeezed(text[:start]), _squeezed(text[start:end])
    spans = list(islice(_shown(html), len(before) + len(wanted) + 1))
    doomed = spans[len(before) : len(before) + len(wanted)]
    if not doomed or "".join(unescape(html[slice(*span)]) for span in doomed) != wanted:
        return html
    following = spans[-1][0] if spans[-1] != doomed[-1] else doomed[-1][1]
    tags = "".join(_TAG.findall(html[doomed[0][0] : following]))
    left = html[: doomed[0][0]] + tags + html[following:]
    return _EMPTY.sub("", _EMPTY.sub("", left))


def _squeezed(plain: str) -> str:
    return "".join(plain.split())


def _shown(html: str) -> Iterator[tuple[int, int]]:
    """Yield where the characters of the text stand in clean HTML, white space left out."""
    for run in _RUN.finditer(html):
        if not run[0].startswith("<"):
            for character in _CHARACTER.finditer(html, *run.span()):
                if not unescape(character[0]).isspace():
                    yield character.span()
