"""Key phrases: what an untagged article may be tagged with, told from other articles' words.

A phrase is one to three words side by side, none of them common in its language but for such as
*of* between names; scripts without spaces have none. It scores what it weighs in the article (3 a
time in the title, 1 in the text up to 3 times), times how rare it is in the background,
log(N / (1 + articles with it)) / log N, times the square root of its words; half for a single word
that the text never writes with a capital, twice for the label of a tag that the archive knows.
From 2.5 on it is suggested.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from whoosh.lang.stopwords import stoplists

from aggregator import text
from aggregator.model import Article, TagCount

MOST: Final = 5
HEAD: Final = 800
"""Characters of an article's text that are read."""
_LONGEST: Final = 3
_TITLE_WEIGHT: Final = 3
_MOST_TIMES: Final = 3
_KNOWN_LABEL: Final = 2.0
_NO_NAME: Final = 0.5
_LEAST_SCORE: Final = 2.5
_LEAST_BACKGROUND: Final = 20
_COMMON: Final = 0.1
"""A phrase in more of the background than this is no topic."""
_SHORTEST: Final = 3
_BETWEEN_NAMES: Final = frozenset({"of", "and", "for", "the", "de", "la", "du", "von", "der", "y"})
_POSSESSIVE: Final = re.compile(r"['’]s$")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tag that an article might have; so many `articles` of the archive have it already."""

    tag: str
    label: str
    articles: int
    score: float
    why: str


class Background:
    """What articles say in general: in how many of them each phrase stands."""

    def __init__(self, articles: Iterable[Article], tags: Iterable[TagCount]) -> None:
        """Count the phrases of articles; `tags` are those that the archive knows."""
        self._articles: Counter[Phrase] = Counter()
        self._size = 0
        self._tags = tuple(tags)
        self._known: dict[str | None, dict[Phrase, TagCount]] = {}
        for article in articles:
            self._size += 1
            self._articles.update(_phrases(article).keys())

    def suggestions(self, article: Article) -> list[Suggestion]:
        """What an article might be tagged with, best first; nothing beside fewer than 20 others."""
        if self._size < _LEAST_BACKGROUND:
            return []
        known = self._tags_in(article.language)
        found = _phrases(article)
        scores = {phrase: self._score(phrase, times, known) for phrase, times in found.items()}
        chosen: list[Phrase] = []
        for phrase in sorted(scores, key=lambda each: (-scores[each], each)):
            if scores[phrase] < _LEAST_SCORE or len(chosen) == MOST:
                break
            if set(phrase).isdisjoint(word for other in chosen for word in other):
                chosen.append(phrase)
        surfaces = _surfaces(article, chosen)
        return [
            Suggestion(
                known[phrase].slug if phrase in known else text.slug(surfaces[phrase]),
                known[phrase].label if phrase in known else surfaces[phrase],
                known[phrase].articles if phrase in known else 0,
                round(scores[phrase], 1),
                self._why(phrase, found[phrase]),
            )
            for phrase in chosen
        ]

    def _tags_in(self, language: str | None) -> Mapping[Phrase, TagCount]:
        """The archive's tags by the words of their labels, as an article of a language has them."""
        if language not in self._known:
            labelled = ((_words_of(tag.label, language), tag) for tag in reversed(self._tags))
            self._known[language] = {words: tag for words, tag in labelled if words}
        return self._known[language]

    def _score(self, phrase: Phrase, times: "_Times", known: Mapping[Phrase, TagCount]) -> float:
        carrying = self._articles[phrase]
        if carrying > _COMMON * self._size or (times.total < 2 and phrase not in known):
            return 0.0
        weight = _TITLE_WEIGHT * times.title + min(times.body, _MOST_TIMES)
        rarity = log(self._size / (1 + carrying)) / log(self._size)
        return weight * rarity * sqrt(len(phrase)) * _trust(phrase, times, known)

    def _why(self, phrase: Phrase, times: "_Times") -> str:
        once = "in the title" if times.title else "once in the text"
        here = f"{times.total} times here" if times.total > 1 else once
        return f"{here}, in {self._articles[phrase]} of {self._size} articles"


@dataclass(slots=True)
class _Times:
    title: int = 0
    body: int = 0
    small: int = 0

    @property
    def total(self) -> int:
        return self.title + self.body


def _trust(phrase: Phrase, times: _Times, known: Mapping[Phrase, TagCount]) -> float:
    if phrase in known:
        return _KNOWN_LABEL
    return _NO_NAME if len(phrase) == 1 and 0 < times.body == times.small else 1.0


def untagged(article: Article) -> bool:
    """Whether neither its publisher nor a rule says what an article is about."""
    return not any(tag.source in {"feed", "page", "rule"} for tag in article.tags)


def _phrases(article: Article) -> dict[Phrase, _Times]:
    """How often each phrase stands in the title and in the head of the text."""
    found: dict[Phrase, _Times] = {}
    for phrase, _, _ in _standing(article.title, article.language):
        found.setdefault(phrase, _Times()).title += 1
    head = _head(article)
    for phrase, start, _ in _standing(head, article.language):
        times = found.setdefault(phrase, _Times())
        times.body += 1
        times.small += head[start].islower()
    return found


def _head(article: Article) -> str:
    return (article.text or article.summary)[:HEAD]


def _standing(source: str, language: str | None) -> Iterator[tuple[Phrase, int, int]]:
    """Every phrase of a text with the offsets between which it stands."""
    common = stoplists.get(text.primary(language) or "", frozenset())
    tokens = text.tokens(source, language)
    keys = [_key(token) for token in tokens]
    bears = [_bears(token, common) for token in tokens]
    for at, first in enumerate(tokens):
        if not bears[at]:
            continue
        yield (keys[at],), first.start, first.end
        for end in range(at + 1, min(at + _LONGEST, len(tokens))):
            if not _side_by_side(source, tokens[end - 1], tokens[end]):
                break
            if bears[end]:
                yield tuple(keys[at : end + 1]), first.start, tokens[end].end
            elif not _joins(source, tokens[end]):
                break


def _joins(source: str, token: text.Token) -> bool:
    """Whether a common word may stand between names: `Isle of Wight`."""
    return source[token.start : token.end] in _BETWEEN_NAMES


def _key(token: text.Token) -> str:
    """A word in any of its forms: its stem, else its surface."""
    return token.terms[-1] if "~" in token.terms[-1] else token.terms[0]


def _bears(token: text.Token, common: frozenset[str]) -> bool:
    """Whether a phrase may begin or end with a word."""
    surface = token.terms[0]
    return len(surface) >= _SHORTEST and surface not in common and not surface.isdecimal()


def _side_by_side(source: str, one: text.Token, other: text.Token) -> bool:
    return source[one.end : other.start] in {" ", "-", "\u00a0", "\u2011"}


def _surfaces(article: Article, wanted: Sequence[Phrase]) -> dict[Phrase, str]:
    """How each phrase is first written: in the text, whose capitals say more, or in the title."""
    found: dict[Phrase, str] = {}
    for source in (_head(article), article.title):
        for phrase, start, end in _standing(source, article.language):
            if phrase in wanted:
                surface = " ".join(source[start:end].split())
                found.setdefault(phrase, _POSSESSIVE.sub("", surface))
    return found


def _words_of(label: str, language: str | None) -> Phrase:
    words = tuple(_key(token) for token in text.tokens(label, language))
    return words if len(words) <= _LONGEST else ()
