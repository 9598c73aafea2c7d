"""The one tokenizer: a text becomes positions, and every position the alternatives it answers to.

Words of spaced scripts stand at one position each; scripts without spaces have a position for
every character, which answers to that character and to the pair it begins.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import Final, NamedTuple

from aggregator.text.folding import INVISIBLE, MARKS, SEGMENTLESS, alike, fold
from aggregator.text.languages import primary
from aggregator.text.stems import stem, stems
from aggregator.text.words import Unit, acronym, firm, number, symbol, word

_WORD: Final = rf"[^\W_{SEGMENTLESS}]++(?:[{MARKS}{INVISIBLE}]++[^\W_{SEGMENTLESS}]*+)*+"
_ASCII_CHUNK: Final = re.compile(r"[A-Za-z0-9]++(?:(?:['&.,\-]|\+\+)[A-Za-z0-9]++)*+(?:\+\+|#)?")
_CHUNK: Final = re.compile(
    rf"{_WORD}(?:(?:['&.,\-]|\+\+|(?<=[א-ת])\"(?=[א-ת])){_WORD})*+(?:\+\+|#)?"
    rf"|[{SEGMENTLESS}][{SEGMENTLESS}{MARKS}{INVISIBLE}]*+"
)
_IN_CHUNK: Final = r"[^'\"&.,\-+#]"
_SHORT: Final = rf"{_IN_CHUNK}{{1,3}}(?!{_IN_CHUNK})"
_PART: Final = re.compile(
    rf"(?P<acronym>[^\W\d](?:\.[^\W\d])++(?!{_IN_CHUNK}))"
    rf"|(?P<number>\d++(?:[.,]\d++)++{_IN_CHUNK}*+)"
    rf"|(?P<symbol>{_IN_CHUNK}++\+\+|[^\W\d]#)"
    rf"|(?P<firm>{_SHORT}(?:&{_SHORT})++)"
    rf"|(?P<word>{_IN_CHUNK}++(?:['\"]{_IN_CHUNK}++)*+)"
)
_READINGS: Final = {
    "acronym": acronym,
    "number": number,
    "symbol": symbol,
    "firm": firm,
    "word": word,
}
_CLUSTER: Final = re.compile(f".[{MARKS}{INVISIBLE}]*+")
_SEGMENTLESS: Final = re.compile(f"[{SEGMENTLESS}]")
_LONGEST_CACHED: Final = 40
_LONGEST_COMPOUND: Final = 4


class Token(NamedTuple):
    """A position: offsets into the original text, and its terms, the folded surface first."""

    start: int
    end: int
    terms: tuple[str, ...]


def tokens(text: str, language: str | None) -> list[Token]:
    """The positions of a text in its language (a BCP 47 tag), in linear time."""
    code = primary(language)
    return [
        Token(offset + start, offset + end, names)
        for offset, chunk in _chunks(text)
        for start, end, names in _answers(chunk, code)
    ]


def terms(text: str, language: str | None) -> list[tuple[str, ...]]:
    """The alternatives of every position: what `tokens` gives, without the offsets."""
    code = primary(language)
    return [token.terms for _, chunk in _chunks(text) for token in _answers(chunk, code)]


def query_terms(phrase: str, *, whole: bool = False) -> list[frozenset[str]]:
    """What each position of a phrase asks for: its surface, and its stems under every language.

    Several positions must stand side by side. A last character that the pair before it decides is
    left out, unless the `whole` phrase is asked for, as it is to mark it in a text.
    """
    units = [unit for _, chunk in _chunks(phrase) for unit in _units_of(chunk)]
    asked = [frozenset(unit.asked) | stems(unit.stemmed) for unit in units]
    return asked[:-1] if not whole and _ends_in_pair(units) else asked


def prefix(word: str) -> str | None:
    """The folded prefix that surface terms must begin with; None unless it is one position."""
    units = [unit for _, chunk in _chunks(word) for unit in _units_of(chunk)]
    return units[0].names[0] if len(units) == 1 else None


def joined(word: str) -> str | None:
    """A hyphenated word as it is written without hyphens (`covid-19`: `covid19`), else None."""
    chunks = list(_chunks(word))
    if len(chunks) != 1:
        return None
    units = _units_of(chunks[0][1])
    whole = set(_gaps(chunks[0][1], units)) == {"-"} and len(units) <= _LONGEST_COMPOUND
    return units[0].names[-1] if whole else None


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    pattern = _ASCII_CHUNK if text.isascii() else _CHUNK
    return ((match.start(), match[0]) for match in pattern.finditer(alike(text)))


def _answers(chunk: str, language: str | None) -> tuple[Token, ...]:
    cached = len(chunk) <= _LONGEST_CACHED
    return _cached_answers(chunk, language) if cached else _tokenize(chunk, language)


def _tokenize(chunk: str, language: str | None) -> tuple[Token, ...]:
    return tuple(
        Token(unit.start, unit.end, _with_stem(unit, language)) for unit in _units_of(chunk)
    )


_cached_answers = lru_cache(maxsize=1 << 15)(_tokenize)


def _with_stem(unit: Unit, language: str | None) -> tuple[str, ...]:
    stemmed = stem(unit.stemmed, language)
    return unit.names if stemmed is None else (*unit.names, stemmed)


def _units_of(chunk: str) -> list[Unit]:
    if _SEGMENTLESS.match(chunk):
        return _characters(chunk)
    parts = (
        _READINGS[match.lastgroup or "word"](match.start(), match[0])
        for match in _PART.finditer(chunk)
    )
    return _with_compounds(chunk, [unit for unit in parts if unit.names])


def _characters(run: str) -> list[Unit]:
    clusters = [
        (match.start(), match.end(), folded)
        for match in _CLUSTER.finditer(run)
        if (folded := fold(match[0]))
    ]
    return [
        Unit(start, end, (one, one + following[2]), (one + following[2],))
        if following
        else Unit(start, end, (one,), (one,))
        for (start, end, one), following in zip_longest(clusters, clusters[1:])
    ]


def _ends_in_pair(units: list[Unit]) -> bool:
    if len(units) < 2:
        return False
    pair, last = units[-2:]
    return pair.asked == (pair.names[0] + last.names[0],)


def _gaps(chunk: str, units: list[Unit]) -> list[str]:
    return [chunk[before.end : after.start] for before, after in pairwise(units)]


def _with_compounds(chunk: str, units: list[Unit]) -> list[Unit]:
    """The same positions; the first of a hyphenated word answers to the whole word, too."""
    start = 0
    for stop, gap in enumerate([*_gaps(chunk, units), ""], start=1):
        if gap == "-":
            continue
        if 1 < stop - start <= _LONGEST_COMPOUND:
            whole = "".join(unit.names[0] for unit in units[start:stop])
            units[start] = units[start]._replace(names=(*units[start].names, whole))
        start = stop
    return units
