"""The baseline of the stories benchmark: TF-IDF of titles, single link within three days."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta

from storylabels import Neighbours

from aggregator.model import Article
from aggregator.stories.background import cosine, unit
from aggregator.stories.words import weighted

WINDOW = timedelta(hours=72)


def by_titles(articles: Sequence[Article], threshold: float) -> Neighbours:
    """By link: the articles that a chain of likeness of titles leads to."""
    ordered = sorted(articles, key=lambda article: (article.date, article.id))
    vectors = _vectors(ordered)
    chained: dict[int, set[int]] = {n: {n} for n in range(len(ordered))}
    for later, article in enumerate(ordered):
        for earlier in range(later - 1, -1, -1):
            if article.date - ordered[earlier].date > WINDOW:
                break
            apart = chained[later] is not chained[earlier]
            if apart and cosine(vectors[later], vectors[earlier]) >= threshold:
                chained[later] |= chained[earlier]
                for each in chained[earlier]:
                    chained[each] = chained[later]
    return {
        ordered[n].url or "": {ordered[each].url or "" for each in together}
        for n, together in chained.items()
    }


def _vectors(articles: Sequence[Article]) -> list[dict[str, float]]:
    counts = [weighted(article.title, "", article.language).head for article in articles]
    frequency: Counter[str] = Counter(term for each in counts for term in each)
    idf: defaultdict[str, float] = defaultdict(float)
    for term, number in frequency.items():
        idf[term] = math.log(len(articles) / number) + 1
    return [unit({term: idf[term] for term in each}) for each in counts]
