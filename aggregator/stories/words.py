"""The words by which articles are compared: titles count more, the head of a summary suffices."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

from whoosh.lang.stopwords import stoplists

from aggregator import text

Term = int
"""A stem as a number of 32 bits; two stems may have one, seldom."""
Vector = Mapping[Term, float]
"""Terms with their weights."""
HEAD_TITLE, HEAD_WORDS = 3, 25
"""Weight of a title's words, and how many of the summary's, to tell the same event."""
WIDE_TITLE, WIDE_WORDS = 2, 40
"""The same, to tell the same affair."""
_SUMMARY_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Weighted:
    """Weights of stems for the same event (`head`) and the same affair (`wide`), and spellings."""

    head: Mapping[str, float]
    wide: Mapping[str, float]
    surfaces: Mapping[str, str]
    titled: frozenset[str]
    lead: tuple[str, ...]


def weighted(title: str, summary: str, language: str | None) -> Weighted:
    """The stems of an article, weighted by place and by how often they occur."""
    titled = text.terms(title, language)
    told = text.terms(summary[:_SUMMARY_CHARACTERS], language)
    common = stoplists.get(text.primary(language) or "", frozenset())
    title_terms, summary_terms = _terms(titled), _terms(told[:WIDE_WORDS])
    in_title = [each for each, word in title_terms if word and word[0] not in common]
    in_summary = [each if word and word[0] not in common else "" for each, word in summary_terms]
    wide = _weights(in_title, WIDE_TITLE, in_summary)
    spelt = ((each, word) for each, word in (*summary_terms, *title_terms) if each in wide)
    return Weighted(
        head=_weights(in_title, HEAD_TITLE, in_summary[:HEAD_WORDS]),
        wide=wide,
        surfaces={each: _spelt(word) for each, word in spelt},
        titled=frozenset(in_title),
        lead=tuple(each[0] for each in told if each),
    )


def _terms(told: Iterable[tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    """Positions with what they are compared by; a position may be empty."""
    return [(term(each) if each else "", each) for each in told]


def telling(told: Iterable[tuple[str, ...]], language: str | None) -> Iterator[str]:
    """The terms of positions, without the words that every text has."""
    common = stoplists.get(text.primary(language) or "", frozenset())
    return (term(each) for each in told if each and each[0] not in common)


def term(alternatives: tuple[str, ...]) -> str:
    """What a position is compared by: the stem, of whatever language, the pair, or the word."""
    stem, found, _ = alternatives[-1].partition("~")
    if found:
        return stem
    return _spelt(alternatives)


def _spelt(alternatives: tuple[str, ...]) -> str:
    """The word as it stands there; of scripts without spaces the pair of characters."""
    is_pair = len(alternatives) > 1 and len(alternatives[0]) == 1 and len(alternatives[1]) == 2
    return alternatives[1] if is_pair else alternatives[0]


def number(stem: str) -> Term:
    """What a stem is known by."""
    return crc32(stem.encode(errors="replace"))


def _weights(in_title: Iterable[str], weight: int, in_summary: Iterable[str]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for each in in_title:
        counts[each] += weight
    counts.update(filter(None, in_summary))
    return {each: 1 + math.log(count) for each, count in counts.items()}
