"""What the archive's counts tell of its tags: a tag's profile, what trends, what may be added."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from typing import TypedDict

from aggregator import query, tags
from aggregator.model import Article, TagCount, TagProfile
from aggregator.outputs import shapes
from aggregator.pipeline.newsroom import Newsroom
from aggregator.search import Counts
from aggregator.tags import Background, Proposal, Suggestion, Trend

DAYS = 30
"""How many days a profile counts, today among them."""
BASELINE = 28
"""How many days before today are a trend's baseline."""
RELATED = 10
SOURCES = 10
BESIDE, ALL_TAGS = 1_000, 1_000_000
"""How many neighbours of a tag are looked at, and among how many tags."""
BACKGROUND_ARTICLES = 1_000
"""How many of the newest articles say what is common."""


class _Kin(TypedDict):
    parents: Sequence[str]
    aliases: Sequence[str]


def listed(newsroom: Newsroom, limit: int) -> list[shapes.Shape]:
    """The commonest tags as `tags --json` gives them."""
    counts = newsroom.holdings.tags(limit)
    return [shapes.tag(count, **_kin(newsroom, count.slug)) for count in counts]


def trending(newsroom: Newsroom, limit: int) -> list[shapes.Shape]:
    """The tags that trend as `tags --trending --json` gives them."""
    return [
        shapes.trending(trend, count, **_kin(newsroom, count.slug))
        for trend, count in trending_tags(newsroom, limit)
    ]


def trending_tags(newsroom: Newsroom, limit: int) -> list[tuple[Trend, TagCount]]:
    """The tags that trend, the most unusual first, with their numbers of articles."""
    counts = {count.slug: count for count in newsroom.holdings.tags()}
    return [(each, counts[each.tag]) for each in trends(newsroom)[:limit] if each.tag in counts]


def described(newsroom: Newsroom, profile: TagProfile) -> shapes.Shape:
    """A profile as `tags TAG --json` gives it."""
    return shapes.tag_profile(profile, **_kin(newsroom, profile.tag.slug))


def _kin(newsroom: Newsroom, slug: str) -> _Kin:
    tagger = newsroom.tagger
    return {"parents": tagger.parents.get(slug, ()), "aliases": tagger.aliases.get(slug, ())}


def profile(newsroom: Newsroom, tag: str) -> TagProfile | None:
    """What is known of a tag, in any spelling, with its aliases and what stands below it.

    None for a tag that no article has; raises SearchError.
    """
    slug = newsroom.tagger.slug(tag)
    meant = set(newsroom.tagger.slugs(tag))
    today = newsroom.now().date()
    span = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = datetime.combine(span[0], time(), newsroom.timezone)
    carrying = query.Or(tuple(query.Exact("tag", each) for each in sorted(meant)))
    articles = newsroom.index.search(carrying, limit=0, offset=0).total
    if not articles:
        return None
    known = newsroom.holdings.tag_history(meant, since=since, timezone=newsroom.timezone)
    above = set(map(newsroom.tagger.slug, newsroom.tagger.parents.get(slug, ())))
    counted = newsroom.index.counts(carrying, ["tag", "feed"], BESIDE, timezone=newsroom.timezone)
    beside = _neighbours(
        newsroom, [each for each in counted["tag"] if each[0] not in above | meant]
    )
    related = tags.related(articles, beside, newsroom.holdings.count())
    return TagProfile(
        TagCount(slug, _label(newsroom, slug), articles),
        known.first_seen,
        known.newest,
        tuple((day, known.days.get(day, 0)) for day in span),
        tuple(related[:RELATED]),
        tuple(newsroom.index.called("feed", counted["feed"][:SOURCES])),
    )


def _neighbours(newsroom: Newsroom, beside: Counts) -> list[tuple[str, str, int, int]]:
    """Tags with their labels, how many of one tag's articles carry them, and how many do at all."""
    labels = newsroom.holdings.labels([slug for slug, _ in beside])
    every = newsroom.index.counts(query.All(), ["tag"], ALL_TAGS, timezone=newsroom.timezone)
    at_all = dict(every["tag"])
    return [
        (slug, labels.get(slug, slug), number, at_all.get(slug, number)) for slug, number in beside
    ]


def trends(newsroom: Newsroom) -> list[Trend]:
    """The tags that are commoner today than in the four weeks before, the least likely first."""
    today = newsroom.now().date()
    first = today - timedelta(days=BASELINE)
    return tags.trending(*newsroom.holdings.daily(first, today, newsroom.timezone))


def alias_proposals(newsroom: Newsroom) -> list[Proposal]:
    """Labels of the archive that may be one tag, the commonest first."""
    tagger = newsroom.tagger
    return tags.proposals(
        newsroom.holdings.tags(),
        canonical=tagger.slug,
        aliases=lambda slug: tagger.aliases.get(slug, ()),
    )


def suggested(
    newsroom: Newsroom, articles: Sequence[Article]
) -> list[tuple[Article, list[Suggestion]]]:
    """What those of the articles that say no tags may be tagged with."""
    asking = [article for article in articles if tags.untagged(article)]
    if not asking:
        return []
    store = newsroom.store
    newest = islice(store.find(limit=BACKGROUND_ARTICLES), BACKGROUND_ARTICLES)
    background = Background(newest, store.tags())
    return [(article, background.suggestions(article)) for article in asking]


def untagged(newsroom: Newsroom, limit: int) -> list[Article]:
    """The newest articles whose publishers, and whose rules, say no tags."""
    newest = islice(newsroom.holdings.find(limit=BACKGROUND_ARTICLES), BACKGROUND_ARTICLES)
    return list(islice(filter(tags.untagged, newest), limit))


def _label(newsroom: Newsroom, slug: str) -> str:
    """The label that feeds.yaml writes, else that of the newest article with the tag."""
    label = newsroom.tagger.label(slug)
    if label != slug:
        return label
    newest = next(islice(newsroom.holdings.find(tag=slug, limit=1), 1), None)
    return next((t.label for t in newest.tags if t.slug == slug), slug) if newest else slug
