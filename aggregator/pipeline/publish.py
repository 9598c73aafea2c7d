"""Publishing: the articles of a day become stories, editions and pages."""

from collections.abc import Sequence
from datetime import date, timedelta

from aggregator import digest, query
from aggregator.config import Config
from aggregator.model import Article, Edition, Topic
from aggregator.outputs.pages import Pages
from aggregator.outputs.shelf import Shelf
from aggregator.outputs.site import Site
from aggregator.pipeline import placing
from aggregator.pipeline.newsroom import Newsroom

TAG_ARTICLES = 50

RECENT_DAYS = 8
"""How far back late articles still change editions."""


def pages(config: Config) -> Pages:
    """The renderer of pages, as the settings want it."""
    settings = config.settings
    return Pages(settings.title, settings.timezone, settings.clocks, config.digest.templates)


def site(config: Config) -> Site:
    """The static site of the digests; raises AggregatorError for an unknown output."""
    written = [name for name in config.digest.outputs if name != "email"]
    return Site(config.digest.output, pages(config), written)


def publish(newsroom: Newsroom, day: date) -> list[Edition]:
    """Build every edition of a local day and write the pages that changed."""
    built = editions(newsroom, day, newsroom.config.topics)
    published = site(newsroom.config)
    published.publish(
        day, built, lambda tag: list(newsroom.store.find(tag=tag, limit=TAG_ARTICLES))
    )
    return published.shelf().editions(day)


def due_days(newsroom: Newsroom) -> list[date]:
    """The local days to publish now, oldest first.

    Today as it stands, once it has an article or `digest.at` has come, and every recent day whose
    edition lacks articles that the store has: they came late, or nobody was there to publish.
    Yesterday also when its stories go on.
    """
    now = newsroom.now()
    today = now.date()
    shelf = site(newsroom.config).shelf()
    stored = newsroom.store.days(newsroom.timezone)
    recent = [today - timedelta(days=back) for back in range(RECENT_DAYS, 0, -1)]
    late = [day for day in recent if stored.get(day) and _lacks(newsroom, shelf, day, stored[day])]
    begun = today in stored or now.time() >= newsroom.config.digest.at
    return [*late, today] if begun else late


def _lacks(newsroom: Newsroom, shelf: Shelf, day: date, articles: int) -> bool:
    """Whether the published day counts other articles than the store, yesterday also later ones."""
    front = shelf.edition(day)
    if front is None or front.articles != articles:
        return True
    if day != newsroom.now().date() - timedelta(days=1):
        return False
    return front.later != newsroom.store.daybook.later(*digest.bounds(day, newsroom.timezone))


def editions(newsroom: Newsroom, day: date, topics: Sequence[Topic]) -> list[Edition]:
    """The front page and an edition per topic for a local day, from the store as it is now."""
    start, end = digest.bounds(day, newsroom.timezone)
    placing.place(newsroom)
    groups, developments = placing.groups(newsroom, start, end)
    today = {a.id: a for group in groups for a in group.members if start <= a.date < end}
    wanted: list[tuple[Topic | None, list[Article]]] = [(None, list(today.values()))]
    wanted += [(topic, _matching(newsroom, topic, day, today)) for topic in topics]
    weights = {s.url: s.weight for s in newsroom.config.subscriptions}
    built = [
        digest.edition(
            day,
            topic,
            articles,
            groups,
            timezone=newsroom.timezone,
            weights=weights,
            developments=developments,
        )
        for topic, articles in wanted
    ]
    daily = newsroom.store.daybook.tag_days(
        digest.shown_tags(built), day, digest.SPARKLINE_DAYS, newsroom.timezone
    )
    return [digest.with_trends(each, daily) for each in built]


def _matching(
    newsroom: Newsroom, topic: Topic, day: date, today: dict[str, Article]
) -> list[Article]:
    of_the_day = query.And((newsroom.query(topic.query), newsroom.query(f"date:{day}")))
    found = newsroom.index.ids(of_the_day)
    return [article for article in today.values() if article.id in found]
