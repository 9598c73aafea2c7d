"""What stands around a search: what its query found where, and what it may have meant."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Final

from aggregator import query, text
from aggregator.errors import SearchError
from aggregator.model import Article
from aggregator.outputs import shapes
from aggregator.pipeline.newsroom import Newsroom
from aggregator.query import And, Evidence, Or, Query, Text
from aggregator.search import Facet, Sort, is_copy, snippet

VOCABULARY_ARTICLES: Final = 2_000
"""The newest articles, whose titles and summaries lend the words for a suggestion."""
FACET_VALUES: Final = 10
LEAST_LIKENESS: Final = 0.2
"""Articles that are less like one are not related to it."""
ENOUGH_WORDS: Final = 25
"""Of an article of fewer words than this, those must be the more like it."""
_MOST_LEAVES: Final = 16
_REACH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it is written and as it is bound; `page` counts from 1."""

    text: str
    bound: Query
    sort: Sort = "relevance"
    limit: int = 20
    page: int = 1
    facets: Sequence[Facet] = ()


def dated(newsroom: Newsroom, bound: Query, first: date | None, last: date | None) -> Query:
    """A bound query among articles from one local day to another."""
    limits = []
    if first:
        limits.append(newsroom.query(f"after:{first}"))
    if last:
        limits.append(newsroom.query(f"before:{last + timedelta(days=1)}"))
    return And((bound, *limits)) if limits else bound


def results(newsroom: Newsroom, asked: Asked) -> shapes.Shape:
    """A page of results as `search --json` gives it; raises SearchError."""
    started = time.perf_counter()
    found = newsroom.index.search(
        asked.bound, sort=asked.sort, limit=asked.limit, offset=(asked.page - 1) * asked.limit
    )
    scores = dict(zip(found.ids, found.scores, strict=True))
    hits = [
        shapes.hit(each, score=scores[each.id], snippet_html=snippet(each, asked.bound))
        for each in newsroom.holdings.articles(found.ids)
    ]
    facets = (
        newsroom.index.facets(asked.bound, asked.facets, FACET_VALUES, timezone=newsroom.timezone)
        if asked.facets
        else {}
    )
    shape = shapes.results(
        asked.text,
        hits,
        total=found.total,
        took_ms=(time.perf_counter() - started) * 1000,
        page=asked.page,
        facets=facets,
        warning=found.warning,
    )
    meant = None if found.total else did_you_mean(newsroom, query.parse(asked.text))
    return {**shape, "did_you_mean": meant}


@dataclass(frozen=True, slots=True)
class Explained:
    """A part of a query: in how many articles it is found, and its share of each hit's score."""

    asked: Query
    articles: int
    scores: Mapping[str, float]


def explained(newsroom: Newsroom, bound: Query, scores: Mapping[str, float]) -> list[Explained]:
    """What each part of a query adds to the scores of hits, by id, as the index tells them.

    A score is a sum over the words looked for: a part's share is what asking for it once more adds.
    A hit that asking so moves beyond the best 1,000 has none.
    """
    found = []
    for leaf in islice(dict.fromkeys(query.asked(bound)), _MOST_LEAVES):
        total = newsroom.index.search(leaf, limit=1, offset=0).total
        again = newsroom.index.search(And((bound, leaf)), limit=_REACH, offset=0)
        more = dict(zip(again.ids, again.scores, strict=True))
        shares = {hit: round(more[hit] - scores[hit], 4) for hit in scores if hit in more}
        found.append(Explained(leaf, total, shares))
    return found


def matched(bound: Query, article: Article) -> list[Evidence]:
    """Which words of an article speak for a query, and where they stand."""
    return list(query.evidence(bound, query.record(article)))


def related(
    newsroom: Newsroom, article: Article, limit: int, *, besides: Collection[str] = ()
) -> list[tuple[Article, float]]:
    """The articles most like one with their likeness, without copies and those of ids `besides`."""
    record = query.record(article)
    likeness = dict(newsroom.index.related(record, 2 * limit + len(besides)))
    least = LEAST_LIKENESS * max(1.0, ENOUGH_WORDS / max(1, len(record.different())))
    kept = [record]
    found: list[tuple[Article, float]] = []
    for other in newsroom.holdings.articles([each for each in likeness if each not in besides]):
        if len(found) == limit or likeness[other.id] < least:
            break
        view = query.record(other)
        if not any(is_copy(view, each) for each in kept):
            kept.append(view)
            found.append((other, likeness[other.id]))
    return found


def did_you_mean(newsroom: Newsroom, tree: Query) -> str | None:
    """The query with words of the archive for those that nothing has, if that finds anything."""
    missing = [leaf for leaf in query.asked(tree) if _is_word(leaf) and not _known(newsroom, leaf)]
    if not missing:
        return None
    vocabulary = _vocabulary(newsroom)
    meant: dict[Query, Query] = {
        leaf: replace(leaf, words=word)
        for leaf in missing[:_MOST_LEAVES]
        if isinstance(leaf, Text) and (word := query.closest(text.fold(leaf.words), vocabulary))
    }
    corrected = _with(tree, meant)
    return str(corrected) if meant and _known(newsroom, corrected) else None


def _is_word(leaf: Query) -> bool:
    return isinstance(leaf, Text) and not leaf.phrase and not leaf.prefix and leaf.words.isalpha()


def _known(newsroom: Newsroom, tree: Query) -> bool:
    try:
        return newsroom.index.search(newsroom.bind(tree), limit=1, offset=0).total > 0
    except SearchError:
        return False


def _vocabulary(newsroom: Newsroom) -> Counter[str]:
    articles = newsroom.holdings.find(limit=VOCABULARY_ARTICLES)
    return Counter(
        terms[0]
        for article in islice(articles, VOCABULARY_ARTICLES)
        for source in _sources(article)
        for terms in text.terms(source, article.language)
    )


def _sources(article: Article) -> Iterator[str]:
    yield article.title
    yield article.summary
    yield from article.authors


def _with(tree: Query, meant: Mapping[Query, Query]) -> Query:
    match tree:
        case And(children):
            return And(_each_with(children, meant))
        case Or(children):
            return Or(_each_with(children, meant))
    return meant.get(tree, tree)


def _each_with(children: Sequence[Query], meant: Mapping[Query, Query]) -> tuple[Query, ...]:
    return tuple(_with(child, meant) for child in children)
