"""Excerpts of articles around the words that a query matched."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from html import escape
from itertools import chain
from typing import NamedTuple

from aggregator import text
from aggregator.model import Article
from aggregator.query import Query, answers, highlights

WIDTH = 220
"""Characters of an excerpt, about."""
LEAD_IN = 60
"""Characters shown before the first mark."""

PIECE = 200
"""Characters that are split into words at a time: often the first show all that is looked for."""
WORD = 60
"""Characters of a long word with what is around it."""
_SPACE = re.compile(r"\s")

Asked = tuple[frozenset[str], ...]
"""What a query looks for: the terms that each of its words may be."""


class Span(NamedTuple):
    """Where a text is to be marked, and for which of the things that are looked for."""

    start: int
    end: int
    asked: frozenset[Asked]


def snippet(article: Article, query: Query) -> str:
    """An excerpt as HTML: the article's text escaped, matched words in `<mark>`.

    Of the text, or of the summary where only that matches; from its beginning where nothing does.
    """
    wanted = list(dict.fromkeys(map(tuple, highlights(query))))
    sources = [source for source in (article.text, article.summary) if source] or [""]
    found = ((source, _spans(source, article.language, wanted)) for source in sources)
    source, spans = next((each for each in found if each[1]), (sources[0], []))
    start, end = _window(source, spans)
    before = "… " if start > 0 else ""
    after = " …" if end < len(source) else ""
    return before + _marked(source, start, end, spans).strip() + after


def _spans(source: str, language: str | None, wanted: Sequence[Asked]) -> list[Span]:
    """All spans, or those up to the end of the first window that shows everything wanted."""
    firsts = frozenset(term for asked in wanted for term in asked[0])
    prefixed = any(term.endswith("*") for term in firsts)
    spans = []
    latest: dict[Asked, int] = {}
    end = len(source)
    worth = None if prefixed else firsts
    for offset, window in _windows(source, language, max(map(len, wanted), default=0), worth):
        start = offset + window[0].start
        if start > end:
            break
        if worth and worth.isdisjoint(window[0].terms):
            continue
        if standing := frozenset(asked for asked in wanted if _stands(asked, window)):
            last = window[max(map(len, standing)) - 1]
            spans.append(Span(start, offset + last.end, standing))
            latest |= dict.fromkeys(standing, start)
            if len(latest) == len(wanted) and start <= min(latest.values()) + WIDTH - LEAD_IN:
                end = min(end, start + WIDTH)
    return spans


def _windows(
    source: str, language: str | None, size: int, worth: Set[str] | None
) -> Iterator[tuple[int, Sequence[text.Token]]]:
    """Every word of a text with those behind it, and the place that their offsets begin at.

    Pieces without any of the terms that make one `worth` while are left out.
    """
    start = 0
    while size and start < len(source):
        end = _space(source, start + PIECE)
        if worth is not None and worth.isdisjoint(_terms(source[start:end], language)):
            start = end
            continue
        beyond = _space(source, end + (size - 1) * WORD)
        tokens = text.tokens(source[start:beyond], language)
        for place, token in enumerate(tokens):
            if token.start >= end - start:
                break
            yield start, tokens[place : place + size]
        start = end


def _terms(source: str, language: str | None) -> Iterator[str]:
    return chain.from_iterable(text.terms(source, language))


def _space(source: str, position: int) -> int:
    """Where the first white space at or after `position` is."""
    space = _SPACE.search(source, position)
    return space.start() if space else len(source)


def _stands(asked: Asked, tokens: Sequence[text.Token]) -> bool:
    return len(tokens) >= len(asked) and all(
        answers(token.terms, terms) for terms, token in zip(asked, tokens, strict=False)
    )


def _window(source: str, spans: Sequence[Span]) -> tuple[int, int]:
    """Where the excerpt begins and ends: around the densest run of matches, at word boundaries."""
    if not spans:
        return 0, _word_end(source, WIDTH)
    start = _word_start(source, max(0, _densest(spans) - LEAD_IN))
    return start, _word_end(source, start + WIDTH)


def _densest(spans: Sequence[Span]) -> int:
    """Where the run of matches begins that shows the most of what is wanted, the first of them."""
    inside: Counter[Asked] = Counter()
    last = most = best = 0
    for first, span in enumerate(spans):
        while last < len(spans) and spans[last].end <= span.start + WIDTH - LEAD_IN:
            inside.update(spans[last].asked)
            last += 1
        if len(inside) > most:
            most, best = len(inside), first
        if last > first:
            inside = inside - Counter(span.asked)
        last = max(last, first + 1)
    return spans[best].start


def _word_start(source: str, position: int) -> int:
    """The first word that begins at or after `position`, if one does soon."""
    if position == 0:
        return 0
    space = source.find(" ", position, position + LEAD_IN // 2)
    return position if space < 0 else space + 1


def _word_end(source: str, position: int) -> int:
    """The end of the last word that ends before `position`, if one does near."""
    if position >= len(source):
        return len(source)
    space = source.rfind(" ", position - LEAD_IN // 2, position)
    return position if space < 0 else space


def _marked(source: str, start: int, end: int, spans: Sequence[Span]) -> str:
    pieces = []
    position = start
    for begin, finish, _ in spans:
        if begin < position or finish > end:
            continue
        pieces += [
            escape(source[position:begin]),
            "<mark>",
            escape(source[begin:finish]),
            "</mark>",
        ]
        position = finish
    pieces.append(escape(source[position:end]))
    return " ".join("".join(pieces).split())
