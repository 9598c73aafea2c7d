"""Feeds that move: where a permanent redirect leads is believed on the third day."""

from dataclasses import replace
from datetime import date

from aggregator.model import Feed, Move, Validators

DAYS = 3
"""On so many different days a permanent redirect has to lead to the same working feed."""
FAILURES_IN_VAIN = 3
"""After so many failures where a feed has moved to, its first address is asked again."""


def at_its_address(feed: Feed) -> Feed:
    """The feed, asked at its own address in turn with the one it moved to while that fails."""
    if feed.fetch_url == feed.url or not is_asked_at_home(feed):
        return feed
    return replace(feed, fetch_url=feed.url, validators=Validators())


def is_asked_at_home(feed: Feed) -> bool:
    """Whether the feed is asked at its own address: what another says of itself may be mended."""
    failures = feed.failures - FAILURES_IN_VAIN
    return feed.fetch_url == feed.url or (failures >= 0 and failures % 2 == 0)


def followed(feed: Feed, moved_to: str | None, today: date) -> Feed:
    """The feed after a good answer to which permanent redirects led from its address.

    `moved_to` is None where none did: then what they had led to before is forgotten.
    """
    if moved_to is None or moved_to == feed.fetch_url:
        return replace(feed, move=None) if feed.move else feed
    move = feed.move if feed.move and feed.move.url == moved_to else Move(moved_to)
    if today not in move.days:
        move = replace(move, days=(*move.days, today))
    if len(move.days) < DAYS:
        return replace(feed, move=move)
    return replace(feed, fetch_url=moved_to, move=None)
