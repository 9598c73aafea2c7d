"""The one tokenizer: a text becomes positions, and every position the alternatives it answers to.

Words of spaced scripts stand at one position each; scripts without spaces have a position for
every character, which answers to that character and to the pair it begins.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise, zip_longest
from typing import Final, NamedTuple

from aggregator.text import clitics, stems
from aggregator.text.folding import INVISIBLE, MARKS, SEGMENTLESS, alike, fold
from aggregator.text.languages import primary
from aggregator.text.words import Unit, acronym, firm, number, symbol, word

_WORD: Final = rf"[^\W_{SEGMENTLESS}]++(?:[{MARKS}{INVISIBLE}]++[^\W_{SEGMENTLESS}]*+)*+"
_ASCII_CHUNK: Final = re.compile(r"#?[A-Za-z0-9]++(?:(?:['&.,\-]|\+\+)[A-Za-z0-9]++)*+(?:\+\+|#)?")
_CHUNK: Final = re.compile(
    rf"#?{_WORD}(?:(?:['&.,\-]|\+\+|(?<=[א-ת])\"(?=[א-ת])){_WORD})*+(?:\+\+|#)?"
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
_HASHTAG: Final = re.compile("#(?:[A-ZÀ-Þ][a-zß-ÿ]++){2,4}")
_CAPITALIZED: Final = re.compile("[A-ZÀ-Þ][a-zß-ÿ]++")
_ADDRESS: Final = re.compile(r"\A\s*+(?:https?://(?:www\.)?|www\.)(?=\w)", re.IGNORECASE)
_LANGUAGES: Final = stems.LANGUAGES | clitics.LANGUAGES
_OTHER_LANGUAGE: Final = "und"
_LONGEST_COMPOUND: Final = 4
_LONGEST_ABBREVIATED: Final = 2
LONGEST_CACHED: Final = 40
"""Longer words are seldom met again."""
Positions = tuple[tuple[str, ...], ...]
"""The alternatives of positions side by side."""


class Token(NamedTuple):
    """A position: offsets into the original text, and its terms, the folded surface first."""

    start: int
    end: int
    terms: tuple[str, ...]


def tokens(text: str, language: str | None) -> list[Token]:
    """The positions of a text in its language (a BCP 47 tag), in linear time."""
    code = known(language)
    return [
        Token(match.start() + start, match.start() + end, names)
        for match in _pattern(text).finditer(alike(text))
        for start, end, names in _answers(match[0], code)
    ]


def positions_of(piece: str, language: str | None) -> Positions:
    """The alternatives of the positions of a text without white space in a `known` language."""
    if _is_plain(piece):
        name = piece.lower()
        stemmed = stems.stem(name, language)
        return ((name,) if stemmed is None else (name, stemmed),)
    answers = chain.from_iterable(_answers(chunk, language) for chunk in _chunks(piece))
    return tuple(token.terms for token in answers)


def query_terms(phrase: str, *, whole: bool = False) -> list[frozenset[str]]:
    """What each position of a phrase asks for: its surface, and its stems under every language.

    Several positions must stand side by side. A last character that the pair before it decides is
    left out, unless the `whole` phrase is asked for, as it is to mark it in a text. The beginning
    of an address, `https://www.`, asks for nothing.
    """
    units = [unit for chunk in _chunks(_ADDRESS.sub("", phrase)) for unit in _units_of(chunk)]
    asked = [_asked(unit) for unit in units]
    return asked[:-1] if not whole and _ends_in_pair(units) else asked


def prefix(word: str) -> str | None:
    """The folded prefix that surface terms must begin with; None unless it is one position."""
    units = [unit for chunk in _chunks(word) for unit in _units_of(chunk)]
    return units[0].names[0] if len(units) == 1 else None


def joined(word: str) -> str | None:
    """A word of several positions as it is written in one (`covid-19`: `covid19`), else None."""
    chunks = _chunks(word)
    if len(chunks) != 1:
        return None
    units = _units_of(chunks[0])
    gaps = list(_gaps(chunks[0], units))
    whole = 0 < len(gaps) < _LONGEST_COMPOUND and all(map(_binds, gaps, pairwise(units)))
    return units[0].names[-1] if whole else None


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII_CHUNK if text.isascii() else _CHUNK


def _chunks(text: str) -> list[str]:
    return _pattern(text).findall(alike(text))


def known(language: str | None) -> str | None:
    """The language as far as it matters to words; None only for an unknown one."""
    code = primary(language)
    return code if code is None or code in _LANGUAGES else _OTHER_LANGUAGE


def _is_plain(piece: str) -> bool:
    """Whether a piece answers to itself and its stem alone: most words of most texts do."""
    bounded = _LONGEST_ABBREVIATED < len(piece) <= LONGEST_CACHED
    return bounded and piece.isascii() and piece.isalnum()


def _answers(chunk: str, language: str | None) -> tuple[Token, ...]:
    cached = len(chunk) <= LONGEST_CACHED
    return _cached_answers(chunk, language) if cached else _tokenize(chunk, language)


def _tokenize(chunk: str, language: str | None) -> tuple[Token, ...]:
    return tuple(Token(unit.start, unit.end, _terms(unit, language)) for unit in _units_of(chunk))


_cached_answers = lru_cache(maxsize=1 << 15)(_tokenize)


def _terms(unit: Unit, language: str | None) -> tuple[str, ...]:
    names = (*unit.names, *clitics.without_clitics(unit.names[0], language))
    stemmed = stems.stem(unit.stemmed, language)
    return names if stemmed is None else (*names, stemmed)


def _asked(unit: Unit) -> frozenset[str]:
    bare = clitics.without_article(unit.names[0])
    return frozenset((*unit.asked, *bare)) | stems.stems(unit.stemmed)


def _units_of(chunk: str) -> list[Unit]:
    if _SEGMENTLESS.match(chunk):
        return _characters(chunk)
    if _HASHTAG.fullmatch(chunk):
        parts = (word(match.start(), match[0]) for match in _CAPITALIZED.finditer(chunk))
    else:
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


def _gaps(chunk: str, units: list[Unit]) -> Iterator[str]:
    """What stands between positions; between the words of a hashtag as if it were a hyphen."""
    unwritten = "-" if chunk.startswith("#") else ""
    return (chunk[before.end : after.start] or unwritten for before, after in pairwise(units))


def _binds(gap: str, around: tuple[Unit, Unit]) -> bool:
    """Whether two positions may be written as one: `covid-19`, `Ph.D`."""
    short = all(unit.end - unit.start <= _LONGEST_ABBREVIATED for unit in around)
    return gap == "-" or (gap == "." and short)


def _with_compounds(chunk: str, units: list[Unit]) -> list[Unit]:
    """The same positions; the first of a hyphenated word answers to the whole word, too."""
    start = 0
    bound = [*map(_binds, _gaps(chunk, units), pairwise(units)), False]
    for stop, binds in enumerate(bound, start=1):
        if binds:
            continue
        if 1 < stop - start <= _LONGEST_COMPOUND:
            whole = "".join(unit.names[0] for unit in units[start:stop])
            units[start] = units[start]._replace(names=(*units[start].names, whole))
        start = stop
    return units
