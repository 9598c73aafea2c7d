"""What the next start will do to the feeds of the store."""

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.config import Config
from aggregator.model import Feed, Subscription
from aggregator.pipeline.newsroom import archive
from aggregator.store import Sync


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one feed: `changes` names what of it changes, `articles` are those stored."""

    url: str
    title: str | None
    articles: int = 0
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What the next start adds, changes and retires."""

    added: tuple[Step, ...]
    changed: tuple[Step, ...]
    retired: tuple[Step, ...]


def plan(config: Config) -> Plan:
    """Compare the configuration with the store, changing neither; raises StoreError."""
    wanted = {one.url: one for one in config.subscriptions}
    with archive(config) as store:
        sync = store.plan(config.subscriptions) if store else Sync(added=tuple(wanted))
        stored = {feed.url: feed for feed in store.feeds()} if store else {}
    return Plan(
        added=tuple(Step(url, wanted[url].title) for url in sync.added),
        changed=tuple(_change(wanted[url], stored[url]) for url in sync.changed),
        retired=tuple(_step(stored[url]) for url in sync.retired),
    )


def known_feeds(config: Config) -> Mapping[str, Feed]:
    """The feeds of the store by URL, none where nothing was ever stored; raises StoreError."""
    with archive(config) as store:
        return {feed.url: feed for feed in store.feeds()} if store else {}


def _step(feed: Feed) -> Step:
    return Step(feed.url, feed.title, feed.articles)


def _change(wanted: Subscription, feed: Feed) -> Step:
    new = {
        "title": wanted.title or feed.title,
        "language": wanted.language or feed.language,
        "groups": wanted.groups,
        "active": wanted.active,
    }
    changes = tuple(name for name, value in new.items() if value != getattr(feed, name))
    return Step(feed.url, wanted.title or feed.title, feed.articles, changes)
