"""Excerpts of articles around the words that a query matched."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from typing import NamedTuple

from aggregator import text
from aggregator.model import Article
from aggregator.query import Query, answers, highlights

WIDTH = 220
"""Characters of an excerpt, about."""
LEAD_IN = 60
"""Characters shown before the first mark."""

PIECE = 1_500
"""Characters that are split into words at a time: often the first show all that is looked for."""
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
    spans = []
    latest: dict[Asked, int] = {}
    end = len(source)
    for span in _matches(source, language, wanted):
        if span.start > end:
            break
        spans.append(span)
        latest |= dict.fromkeys(span.asked, span.start)
        if len(latest) == len(wanted) and span.end <= min(latest.values()) + WIDTH - LEAD_IN:
            end = min(end, span.start + WIDTH)
    return spans


def _matches(source: str, language: str | None, wanted: Sequence[Asked]) -> Iterator[Span]:
    """The spans at which the words of anything wanted stand, in order."""
    firsts = frozenset(term for asked in wanted for term in asked[0])
    prefixed = any(term.endswith("*") for term in firsts)
    tokens = _tokens(source, language)
    window = deque(islice(tokens, max(map(len, wanted), default=0)))
    while window:
        token = window[0]
        if prefixed or not firsts.isdisjoint(token.terms):
            standing = frozenset(asked for asked in wanted if _stands(asked, window))
            if standing:
                yield Span(token.start, window[max(map(len, standing)) - 1].end, standing)
        window.popleft()
        window.extend(islice(tokens, 1))


def _tokens(source: str, language: str | None) -> Iterator[text.Token]:
    """The words of a text, some of it at a time."""
    start = 0
    while start < len(source):
        space = _SPACE.search(source, start + PIECE)
        end = space.start() if space else len(source)
        for token in text.tokens(source[start:end], language):
            yield token._replace(start=start + token.start, end=start + token.end)
        start = end


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
