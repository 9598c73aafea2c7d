"""The feeds and how they are: those of the store, and those of feeds.yaml that no poll has met."""

from aggregator import schedule
from aggregator.model import Feed, Health
from aggregator.outputs import feed_shapes
from aggregator.outputs.shapes import Shape
from aggregator.pipeline.newsroom import Newsroom

BROKEN: frozenset[Health] = frozenset({"failing", "gone", "silent"})


def feeds(newsroom: Newsroom, *, broken: bool = False) -> list[tuple[Feed, Health]]:
    """Every feed with its health, retired ones included; or only those that something ails."""
    now = newsroom.now()
    stored = newsroom.store.feeds()
    known = {feed.url for feed in stored}
    unmet = [
        Feed(id=0, url=s.url, fetch_url=s.url, title=s.title, groups=s.groups, active=s.active)
        for s in newsroom.config.subscriptions
        if s.url not in known
    ]
    healthy = [(feed, schedule.health(feed, now)) for feed in (*stored, *unmet)]
    return [pair for pair in healthy if not broken or pair[1] in BROKEN]


def listed(newsroom: Newsroom, *, broken: bool = False) -> list[Shape]:
    """The feeds as `feeds --json` gives them."""
    return [feed_shapes.feed(feed, health) for feed, health in feeds(newsroom, broken=broken)]
