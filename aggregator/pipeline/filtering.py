"""What a subscription keeps of its feed: its `include` and `exclude`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from aggregator import query
from aggregator.model import Article, Subscription
from aggregator.pipeline.newsroom import Newsroom


class Filter:
    """Keeps the articles that a subscription wants."""

    def __init__(self, subscription: Subscription, newsroom: Newsroom) -> None:
        """Compile the queries; raises QueryError."""
        self._newsroom = newsroom
        self._include, self._exclude = (
            query.parse(text) if text else None
            for text in (subscription.include, subscription.exclude)
        )
        self._reads_tags = any(
            isinstance(leaf, query.Exact) and leaf.field == "tag"
            for tree in (self._include, self._exclude)
            for leaf in (query.leaves(tree) if tree else ())
        )

    def keep(self, articles: Sequence[Article], now: datetime) -> list[Article]:
        """The wanted ones, at this time and by the tags that they are about to get."""
        if self._include is None and self._exclude is None:
            return list(articles)
        include, exclude = (
            self._newsroom.bind(tree) if tree else None for tree in (self._include, self._exclude)
        )
        return [
            article
            for article in articles
            if _matches(record := self._record(article, now), include, default=True)
            and not _matches(record, exclude, default=False)
        ]

    def _record(self, article: Article, now: datetime) -> query.Record:
        if self._reads_tags:
            article = replace(article, tags=self._newsroom.tagger.tags(article, now=now))
        return query.record(article)


def _matches(record: query.Record, tree: query.Query | None, *, default: bool) -> bool:
    return default if tree is None else query.matches(tree, record)
