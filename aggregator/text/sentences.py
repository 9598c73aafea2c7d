"""Sentences: where prose of many languages ends one, and the first few that fit a length."""

import re
from collections.abc import Iterator
from typing import Final

from aggregator.text.markup import shorten

SENTENCES = 3
"""An opening has at most so many."""
_LOOKED_AT: Final = 4
"""How many times its length an opening looks ahead."""
_TAIL: Final = 40

_CLOSING: Final = "\"'”’»›“‘)\\]}」』）】〉》"
_END: Final = re.compile(
    rf"[.!?…]+[{_CLOSING}]*(?=\s|$)"  # Latin, Greek, Cyrillic, Hebrew, Arabic: a space follows
    rf"|[؟۔।॥։]+[{_CLOSING}]*(?=\s|$)"
    rf"|[。！？｡]+[{_CLOSING}]*"  # no space between sentences in Chinese and Japanese
    r"|\n"
)
_STARTS_LOWER: Final = re.compile(r"[\"'“‘«‹„(\[]*[^\W\d_]")
_LAST_WORD: Final = re.compile(r"([\w’'.&-]+)$")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_DAY: Final = re.compile(r"\d{1,2}")
_TRAILING_OFF: Final = re.compile(
    r"\s*(?:\[?(?:\.\.\.|…)\]?|\(\s*more\s*\)|(?:read|continue|learn) (?:more|reading)\W*)\s*$",
    re.IGNORECASE,
)

_ORDINALS: Final = frozenset(
    {"de", "da", "nb", "nn", "no", "fi", "cs", "sk", "pl", "hu", "hr", "sl"}
)
"""Languages in which a number with a full stop is an ordinal: `am 3. März`."""
_ABBREVIATIONS: Final = {
    language: frozenset(words.split())
    for language, words in {
        "en": "mr mrs ms dr prof st sr jr rev hon gov sen rep gen col maj capt sgt lt cmdr adm"
        " pres supt nos vol vs etc inc ltd co corp dept est approx ave blvd mt ft jan feb mar apr"
        " jun jul aug sep sept oct nov dec e.g i.e u.s u.k u.n e.u",
        "de": "dr prof bzw evtl ggf usw z.b d.h u.a str nr abs bd hl tel inkl vgl sog mio mrd ca",
        "fr": "m mm mme mlle dr pr st ste art av env p.ex",
        "es": "sr sra srta dr dra ud uds ee.uu pág núm dña avda",
        "it": "sig dott avv ing prof p.es",
        "ru": "г гг ул им тыс млн млрд руб т.е т.д т.п т.к стр проф акад",
    }.items()
}
"""Words with a full stop that sentences go on after; those of an unlisted language are English."""


def sentences(text: str, language: str | None = None) -> list[str]:
    """The sentences of a plain text, in order, white space between them left out.

    Abbreviations, initials, decimals and (where the language writes them so) ordinals end none.
    """
    return [sentence for sentence in _split(text, language) if sentence]


def opening(text: str, language: str | None = None, *, limit: int) -> str:
    """The first whole sentences of a text, at most three and at most `limit` characters.

    A text that trails off loses its last, torn sentence if another is left. A first sentence
    that is too long is cut between words, with an ellipsis.
    """
    head = text[: limit * _LOOKED_AT].rstrip()
    body = _TRAILING_OFF.sub("", head[-_TAIL:])
    torn = len(body) < len(head[-_TAIL:]) or len(head) < len(text.rstrip())
    whole = sentences(head[:-_TAIL] + body, language)
    if torn and len(whole) > 1:
        whole = whole[:-1]
    kept = ""
    for sentence in whole[:SENTENCES]:
        longer = f"{kept}{_joint(kept)}{sentence}"
        if len(longer) > limit:
            break
        kept = longer
    if kept or not whole:
        return kept
    return shorten(text, limit)


def _joint(kept: str) -> str:
    return " " if kept and kept.rstrip(_CLOSING)[-1:] not in "。！？｡" else ""


def _split(text: str, language: str | None) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        if "\n" in end[0] or _ends(text, end, text[start : end.start()], language):
            yield " ".join(text[start : end.end()].split())
            start = end.end()
    yield " ".join(text[start:].split())


def _ends(text: str, end: re.Match[str], before: str, language: str | None) -> bool:
    following = text[end.end() : end.end() + 80].lstrip()
    starter = _STARTS_LOWER.match(following)
    if starter and starter[0][-1].islower():
        return False
    if not end[0].startswith(".") or end[0].startswith(".."):
        return True
    word = _LAST_WORD.search(before[-40:])
    if not word or not following:
        return True
    last = word[1].casefold()
    spoken = (language or "").split("-")[0]
    if _DAY.fullmatch(last):
        return spoken not in _ORDINALS
    abbreviations = _ABBREVIATIONS.get(spoken, _ABBREVIATIONS["en"])
    return last not in abbreviations and not _INITIALS.fullmatch(word[1])
