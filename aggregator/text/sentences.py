"""Sentences: where prose of many languages ends one, and the first few that fit a length."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

from aggregator.text.endings import BEFORE_NUMBERS, ORDINALS, is_abbreviation, is_dangling
from aggregator.text.markup import shorten

SENTENCES = 3
"""An opening has at most so many."""
_LOOKED_AT: Final = 4
"""How many times its length an opening looks ahead."""
_TAIL: Final = 40
_HEADING: Final = 80
"""A line of fewer characters without an end is a heading, a byline or a caption."""
_BROKEN_OFF: Final = 160
"""A text of so many characters that has no end was cut off by its publisher."""
BETWEEN_LINES: Final = " · "
"""What stands between lines that are no sentences."""

_CLOSING: Final = "\"'”’»›«‹“‘)\\]}」』）】〉》"
_QUOTED: Final = rf"(?:\s»(?=[\s.,;:]|$))?[{_CLOSING}]*"
"""What closes a quotation; French puts a space before it."""
_END: Final = re.compile(
    rf"[.!?…]+{_QUOTED}(?=\s|$)"  # Latin, Greek, Cyrillic, Hebrew, Arabic: a space follows
    rf"|[؟۔।॥։።។။]+[{_CLOSING}]*(?=\s|$)"
    rf"|[。！？｡]+[{_CLOSING}]*"  # no space between sentences in Chinese and Japanese
    r"|;(?=\s|$)"  # the Greek question mark
    r"|\n|\s(?=[•▪●■◆‣]\s)"
)
_BULLET: Final = re.compile(r"[•▪●■◆‣]\s*")
_NO_PROSE: Final = re.compile(
    r"(?:https?://|www\.)\S+|\[[^\[\]]*\]|\W*|the post .+ appeared first on .+", re.IGNORECASE
)
_MORE: Final = re.compile(r"\s*\[(?:…|\.\.\.)\]$")
_ENDED: Final = re.compile(rf"(?<!\.\.)[.!?;؟۔।॥։።។။。！？｡]{_QUOTED}$")
_PAUSED: Final = re.compile(rf"[.!?…:;,؟۔।॥։።။។。！？｡：；，、]{_QUOTED}$")
_CLAUSE: Final = re.compile(r"(?:[,;:،؛](?=\s)|\s[–—-](?=\s))")
_FILLED: Final = 0.6
"""The part of its room that a sentence fills at least if it is cut after a clause."""
_CUT_OFF: Final = re.compile(r"\s*(?:[,;:–—،、-]+|\.{3,}|…)\s*$")
_PAIRS: Final = ("「」", "『』", "“”", "«»")
_QUOTED_ON: Final = 300
"""So far a quotation of several sentences is looked after."""
_QUOTES_ON: Final = re.compile("[」』](?:と|って|など)")
"""Japanese goes on after a quotation: `「帰る。」と言った`."""
_STARTS_LOWER: Final = re.compile(r"[\"'“‘«‹„(\[]*[^\W\d_]")
_BEFORE_WORD: Final = "\"'“‘«‹„([{"
_ELIDED: Final = re.compile(r"^\w{1,4}[’']")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_DAY: Final = re.compile(r"\d{1,2}")
_TRAILING_OFF: Final = re.compile(
    r"\s*(?:\[?(?:\.\.\.|…)\]?|\(\s*more\s*\)|(?:read|continue|learn) (?:more|reading)\W*)\s*$",
    re.IGNORECASE,
)


def sentences(text: str, language: str | None = None) -> list[str]:
    """The sentences of a plain text, in order, white space between them left out.

    Abbreviations, initials, decimals and (where the language writes them so) ordinals end none.
    """
    return [sentence for sentence in _split(text, language) if sentence]


def opening(text: str, language: str | None = None, *, limit: int) -> str:
    """The first whole sentences of a text, at most three and at most `limit` characters.

    Headings, bylines, bullets and addresses before the first sentence are left out. A text that
    trails off loses its last, torn sentence if another is left. A first sentence that is too long
    is cut after a clause or between words; what is torn or cut ends with an ellipsis.
    """
    head = text[: limit * _LOOKED_AT].rstrip()
    body = _TRAILING_OFF.sub("", head[-_TAIL:])
    torn = len(body) < len(head[-_TAIL:]) or len(head) < len(text.rstrip())
    whole = _prose(sentences(head[:-_TAIL] + body, language))
    torn = torn and bool(whole) and not _is_sentence(whole[-1])
    if torn and len(whole) > 1:
        whole, torn = whole[:-1], False
    kept = ""
    for sentence in whole[:SENTENCES]:
        longer = f"{kept}{_joint(kept, language)}{sentence}"
        if len(longer) > limit:
            break
        kept = longer
    if not kept:
        return _cut(whole[0], language, limit) if whole else ""
    return _closed(kept, language, limit, torn=torn)


def _cut(sentence: str, language: str | None, limit: int) -> str:
    """The sentence up to its last comma or dash if most of its room is filled by then.

    Else it is cut between words, before those that lead on: no `and a…`.
    """
    clauses = [each.start() for each in _CLAUSE.finditer(sentence, 0, limit)]
    if clauses and clauses[-1] >= limit * _FILLED:
        return f"{sentence[: clauses[-1]]}…"
    words = shorten(sentence, limit).removesuffix("…").split(" ")
    while len(words) > 1 and is_dangling(words[-1].casefold(), _spoken(language)):
        words.pop()
    return f"{' '.join(words)}…"


def _prose(pieces: Sequence[str]) -> list[str]:
    """The pieces from the first sentence to the next heading; all if there is no sentence."""
    pieces = [_MORE.sub("…", each) for each in pieces if not _NO_PROSE.fullmatch(each)]
    first = next((at for at, each in enumerate(pieces) if _is_sentence(each)), None)
    if first is None or any(not _is_heading(each) for each in pieces[:first]):
        return [_BULLET.sub("", each, count=1) for each in pieces]
    told = list(takewhile(_is_sentence, pieces[first:]))
    further = pieces[first + len(told) :]
    return told if not further or _is_heading(further[0]) else [*told, further[0]]


def _is_sentence(piece: str) -> bool:
    return _ENDED.search(piece) is not None and _BULLET.match(piece) is None


def _is_heading(piece: str) -> bool:
    return len(piece) < _HEADING or _BULLET.match(piece) is not None


def _closed(kept: str, language: str | None, limit: int, *, torn: bool) -> str:
    """The text with an ellipsis where its publisher cut it off."""
    is_question = kept.endswith(";") and _spoken(language) == "el"
    bare = kept if is_question else _CUT_OFF.sub("", kept)
    if not torn and bare == kept and not _breaks_off(kept, language):
        return kept
    return shorten(f"{bare} {bare}", limit) if len(bare) >= limit else f"{bare}…"


def _breaks_off(text: str, language: str | None) -> bool:
    if not text[-1:].isalnum() or text[-1:].lower() == text[-1:].upper():
        return False
    last = sentences(text, language)[-1]
    return len(last) >= _BROKEN_OFF or _is_dangling(last, language)


def _is_dangling(text: str, language: str | None) -> bool:
    return is_dangling(text.rpartition(" ")[2].casefold(), _spoken(language))


def _joint(kept: str, language: str | None) -> str:
    if not kept:
        return ""
    if _PAUSED.search(kept) is None:
        return "… " if _is_dangling(kept, language) else BETWEEN_LINES
    return " " if kept.rstrip(_CLOSING)[-1:] not in "。！？｡" else ""


def _spoken(language: str | None) -> str:
    return (language or "").split("-")[0]


def _split(text: str, language: str | None) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        if end[0].isspace() or _ends(text, end, text[start : end.start()], language):
            yield " ".join(text[start : end.end()].split())
            start = end.end()
    yield " ".join(text[start:].split())


def _is_quoted(text: str, end: re.Match[str], before: str) -> bool:
    """Whether the end is one inside a quotation that is closed later on the line."""
    told = before + end[0]
    for opening, closing in _PAIRS:
        if told.count(opening) > told.count(closing) and "„" not in told:
            further = text[end.end() : end.end() + _QUOTED_ON].partition("\n")[0]
            return closing in further.partition(opening)[0]
    return False


def _ends(text: str, end: re.Match[str], before: str, language: str | None) -> bool:
    following = text[end.end() : end.end() + 80].lstrip()
    starter = _STARTS_LOWER.match(following)
    if starter and starter[0][-1].islower():
        return False
    if _QUOTES_ON.match(end[0][-1] + following) or _is_quoted(text, end, before):
        return False
    if end[0].startswith(";") and _spoken(language) != "el":
        return False
    if not end[0].startswith(".") or end[0].startswith(".."):
        return True
    word = before[-40:].rpartition(" ")[2].lstrip(_BEFORE_WORD)
    if not word or not following:
        return True
    last = word.casefold()
    if _DAY.fullmatch(last):
        return _spoken(language) not in ORDINALS
    if following[0].isdigit() and last in BEFORE_NUMBERS:
        return False
    short = is_abbreviation(_ELIDED.sub("", last), _spoken(language))
    return not short and not _INITIALS.fullmatch(word)
