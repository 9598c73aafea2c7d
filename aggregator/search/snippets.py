"""Excerpts of articles around the words that a query matched."""

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
    """An excerpt as HTML: the article's text escaped, matched words in `<mark>`."""
    source = article.text or article.summary
    spans = list(_matches(source, article.language, highlights(query)))
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
    for index, token in enumerate(tokens):
        if not answers(token.terms, firsts):
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
    first = max(spans, key=lambda span: (_distinct(source, spans, span[0]), -span[0]))
    start = _word_start(source, max(0, first[0] - LEAD_IN))
    return start, _word_end(source, start + WIDTH)


def _distinct(source: str, spans: Sequence[Span], start: int) -> int:
    """How many different words match in the width that begins at `start`."""
    inside = (span for span in spans if start <= span[0] and span[1] <= start + WIDTH - LEAD_IN)
    return len({source[begin:end].casefold() for begin, end in inside})


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
