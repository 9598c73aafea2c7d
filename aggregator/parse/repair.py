"""Mends what feedparser cannot read or reads too slowly, on the text before it gets there."""

import re
from html import escape, unescape

_PROTECTED = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
_CAPTION = re.compile(
    _PROTECTED
    + r"|<(?P<close>/?)(?P<prefix>media|itunes):(?:description|summary)\b[^<>]*?(?P<end>/?)>",
    re.DOTALL,
)
_DEFAULT_PREFIXES = ("rss", "atom", "rdf")
_PERSON = re.compile(
    r"<(?P<name>(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|owner))\b[^<>]*(?<!/)>",
    re.IGNORECASE,
)
_NOT_TEXT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[^<>]*>", re.DOTALL)
_LONGEST_NAME = 200
_FARTHEST_END = 100_000

LONGEST_PERSON = 1_000
"""Characters between the tags of an author that feedparser is given as they are."""


def mend(text: str) -> str:
    """Return `text` with undeclared prefixes resolved, captions set apart and authors cut short."""
    text = without_undeclared_prefixes(text)
    if ":description" in text or ":summary" in text:
        text = _CAPTION.sub(_set_apart, text)
    return _with_short_persons(text)


def without_undeclared_prefixes(text: str) -> str:
    """Return `text` with the elements that its default prefixes mean, where it declares none."""
    for prefix in _DEFAULT_PREFIXES:
        if f"{prefix}:" in text and f"xmlns:{prefix}" not in text:
            pattern = f"{_PROTECTED}|(?P<tag></?|\\s){prefix}:(?=[A-Za-z]+[\\s/>=])"
            text = re.sub(pattern, _unprefixed, text, flags=re.DOTALL)
    return text


def _unprefixed(match: re.Match[str]) -> str:
    return match["tag"] or match[0]


def _set_apart(match: re.Match[str]) -> str:
    """Keep `media:description` and `itunes:summary` from being taken for the entry's own text."""
    if not match["prefix"]:
        return match[0]
    return f"<{match['close']}{match['prefix']}:caption{match['end']}>"


def _with_short_persons(text: str) -> str:
    """Cut overlong authors short: feedparser's search for their addresses is quadratic.

    One that does not end soon is not taken for an author at all.
    """
    pieces: list[str] = []
    position = 0
    while person := _PERSON.search(text, position):
        start = person.end()
        end = text.find(f"</{person['name']}", start, start + _FARTHEST_END)
        pieces.append(text[position : start if end >= 0 else person.start()])
        position = start
        if end - start > LONGEST_PERSON:
            pieces.append(_name_in(text[start:end]))
            position = end
    pieces.append(text[position:])
    return "".join(pieces)


def _name_in(person: str) -> str:
    said = " ".join(_NOT_TEXT.sub(" ", person).split())[:_LONGEST_NAME]
    return escape(unescape(said))
