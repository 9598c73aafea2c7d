"""The JSON shapes of feeds: their health, and the changes of ids that were recognised."""

from aggregator import schedule
from aggregator.model import Feed, Health
from aggregator.outputs import wording
from aggregator.outputs.shapes import Shape, timestamp
from aggregator.store import Drift


def feed(feed: Feed, health: Health) -> Shape:
    """Returns a feed and its state, as `feeds --json` gives it."""
    moved_to = feed.fetch_url if feed.fetch_url != feed.url else None
    return {
        "url": feed.url,
        "title": feed.title,
        "site_url": feed.site_url,
        "groups": list(feed.groups),
        "active": feed.active,
        "articles": feed.articles,
        "last_poll": timestamp(feed.last_poll),
        "last_success": timestamp(feed.last_success),
        "last_new": timestamp(feed.last_new),
        "next_poll": timestamp(feed.next_poll),
        "interval_seconds": int(feed.interval.total_seconds()),
        "failures": feed.failures,
        "error": feed.error,
        "http_status": feed.http_status,
        "health": health,
        "health_since": timestamp(schedule.healthy_since(feed, health)),
        "moved_to": feed.move.url if feed.move else moved_to,
        "hub": feed.hub,
        "notes": list(wording.feed_notes(feed)),
    }


def drift(drift: Drift) -> Shape:
    """Returns a recognised change of guid or link, as `show` and `feeds --explain` give it."""
    return {
        "article": drift.article,
        "feed": drift.feed_url,
        "at": timestamp(drift.at),
        "old": {"guid": drift.old_guid, "url": drift.old_url},
        "new": {"guid": drift.guid, "url": drift.url},
        "undone": timestamp(drift.undone),
    }
