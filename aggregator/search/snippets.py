"""Excerpts of articles around the words that a query matched."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from aggregator import text
from aggregator.model import Article
from aggregator.query import Query, answers, highlights

WIDTH = 220
"""Characters of an excerpt, about."""
LEAD_IN = 60
"""Characters shown before the first mark."""

Span = tuple[int, int]


def snippet(article: Article, query: Query) -> str:
    """An excerpt as HTML: the article's text escaped, matched words in `<mark>`.

    Of the text, or of the summary where only that matches; from its beginning where nothing does.
    """
    wanted = highlights(query)
    sources = [source for source in (article.text, article.summary) if source] or [""]
    found = [(source, list(_matches(source, article.language, wanted))) for source in sources]
    source, spans = next((each for each in found if each[1]), found[0])
    start, end = _window(source, spans)
    before = "… " if start > 0 else ""
    after = " …" if end < len(source) else ""
    return before + _marked(source, start, end, spans).strip() + after


def _matches(
    source: str, language: str | None, sequences: Sequence[Sequence[frozenset[str]]]
) -> Iterator[Span]:
    """The spans of `source` at which one of the word sequences stands, in order."""
    tokens = text.tokens(source, language)
    firsts = frozenset(term for sequence in sequences for term in sequence[0])
    prefixed = any(term.endswith("*") for term in firsts)
    for index, token in enumerate(tokens):
        if not prefixed and firsts.isdisjoint(token.terms):
            continue
        lengths = [len(s) for s in sequences if _stands(s, tokens[index : index + len(s)])]
        if lengths:
            yield token.start, tokens[index + max(lengths) - 1].end


def _stands(sequence: Sequence[frozenset[str]], tokens: Sequence[text.Token]) -> bool:
    return len(tokens) == len(sequence) and all(
        answers(token.terms, wanted) for wanted, token in zip(sequence, tokens, strict=True)
    )


def _window(source: str, spans: Sequence[Span]) -> Span:
    """Where the excerpt begins and ends: around the densest run of matches, at word boundaries."""
    if not spans:
        return 0, _word_end(source, WIDTH)
    start = _word_start(source, max(0, _densest(source, spans) - LEAD_IN))
    return start, _word_end(source, start + WIDTH)


def _densest(source: str, spans: Sequence[Span]) -> int:
    """Where the run of matches begins that shows the most different words, the first of them."""
    words = [source[start:end].casefold() for start, end in spans]
    inside: Counter[str] = Counter()
    last = most = best = 0
    for first, (start, _) in enumerate(spans):
        last = max(last, first)
        while last < len(spans) and spans[last][1] <= start + WIDTH - LEAD_IN:
            inside[words[last]] += 1
            last += 1
        if len(inside) > most:
            most, best = len(inside), first
        if last > first:
            inside = inside - Counter([words[first]])
    return spans[best][0]


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
    for begin, finish in spans:
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
