"""Feeds: which there are, which are due, and their state."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    bindparam,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from aggregator.errors import StoreError
from aggregator.model import Feed, Subscription
from aggregator.store import changes, rows
from aggregator.store.prepared import Prepared
from aggregator.store.schema import Json, Moment, among, feeds, sightings
from aggregator.store.values import from_microseconds

_NUMBER = func.count(sightings.c.article.distinct()).label("number")
_COUNTS = (
    select(sightings.c.feed, _NUMBER)
    .where(sightings.c.article.is_not(None))
    .group_by(sightings.c.feed)
)
_COUNT = select(_NUMBER).where(sightings.c.feed == bindparam("feed"))
_ALL = select(feeds).order_by(feeds.c.id)
_ACTIVE = _ALL.where(feeds.c.active)
_ONE = select(feeds).where(feeds.c.url == bindparam("url"))
_IS_DUE = (
    feeds.c.active,
    ~feeds.c.gone,
    or_(
        feeds.c.next_poll.is_(None),
        feeds.c.next_poll <= bindparam("now"),
        feeds.c.last_poll > bindparam("later"),
    ),
)
_PROMPT_FIRST = (feeds.c.failures > 0, feeds.c.next_poll, feeds.c.id)
_DUE = select(feeds).where(*_IS_DUE).order_by(*_PROMPT_FIRST).limit(bindparam("limit"))
_ALL_DUE = select(feeds.c.id, feeds.c.fetch_url).where(*_IS_DUE).order_by(*_PROMPT_FIRST)
_DUE_OF = select(feeds).where(*_IS_DUE, among(feeds.c.id, "feeds"))
_STATE = Prepared(update(feeds).where(feeds.c.id == bindparam("feed")))
_postponed = func.json_each(bindparam("feeds")).table_valued("value", name="postponed")
_POSTPONE = (
    update(feeds)
    .where(
        feeds.c.url.in_(select(_postponed.c.value)),
        or_(feeds.c.next_poll.is_(None), feeds.c.next_poll < bindparam("until", type_=Moment)),
    )
    .values(
        next_poll=type_coerce(bindparam("until", type_=Moment), BigInteger)
        + func.abs(func.random()) % bindparam("spread"),
        why=bindparam("why_not", type_=Json),
    )
)
_RETIRE = update(feeds).where(feeds.c.url == bindparam("retired")).values(active=False)
_FORGET = (
    update(sightings)
    .where(sightings.c.feed == bindparam("of"), sightings.c.fingerprint.is_not(None))
    .values(fingerprint=None)
)
_INTERVAL = timedelta(minutes=30)
_CLOCK_DRIFT = timedelta(hours=1)
_UNREAD: rows.Values = {
    "etag": None,
    "last_modified": None,
    "body_hash": None,
    "next_poll": None,
    "failures": 0,
    "error": None,
    "gone": False,
}
"""A feed that is due and whose next document is read whole."""
_KNOWN = select(sightings.c.feed, sightings.c.fingerprint).where(
    among(sightings.c.feed, "feeds"), sightings.c.fingerprint.is_not(None)
)
_asked = func.json_each(bindparam("feeds")).table_valued("value", name="asked")
_newest = (
    select(sightings.c.date)
    .where(sightings.c.feed == _asked.c.value)
    .order_by(sightings.c.date.desc())
    .limit(bindparam("limit"))
    .correlate(_asked)
    .subquery()
)
_ARRIVALS_OF = select(
    _asked.c.value.label("feed"),
    select(func.json_group_array(_newest.c.date)).scalar_subquery().label("dates"),
)


@dataclass(frozen=True, slots=True)
class Sync:
    """What a list of subscriptions does, as feed URLs; a feed that comes back is a changed one."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def all_feeds(connection: Connection) -> list[Feed]:
    """Every feed, retired ones included, with its number of articles."""
    counts = {row.feed: row.number for row in connection.execute(_COUNTS)}
    return [rows.feed(row, counts.get(row.id, 0)) for row in connection.execute(_ALL).all()]


def active(connection: Connection) -> list[Feed]:
    """Feeds to be polled, due or not; their articles are not counted."""
    return [rows.feed(row, 0) for row in connection.execute(_ACTIVE).all()]


def one_feed(connection: Connection, url: str) -> Feed | None:
    """The feed of this URL, with its number of articles."""
    row = connection.execute(_ONE, {"url": url}).one_or_none()
    if row is None:
        return None
    return rows.feed(row, connection.execute(_COUNT, {"feed": row.id}).scalar_one())


def due(connection: Connection, now: datetime, limit: int) -> list[Feed]:
    """Feeds to poll now, those that were never polled first, those that failed the last time last.

    Their articles are not counted. A feed that was polled in the future, by a clock that has been
    set since, is due as well.
    """
    found = connection.execute(_DUE, {**_moments(now), "limit": limit})
    return [rows.feed(row, 0) for row in found.all()]


def all_due(connection: Connection, now: datetime) -> dict[int, str]:
    """The numbers and addresses of all feeds to poll now, in the order of `due`."""
    return {row.id: row.fetch_url for row in connection.execute(_ALL_DUE, _moments(now))}


def due_of(connection: Connection, now: datetime, feed_ids: Collection[int]) -> list[Feed]:
    """Those of some feeds that are to be polled now, in no order; articles are not counted."""
    found = connection.execute(_DUE_OF, {**_moments(now), "feeds": json.dumps(list(feed_ids))})
    return [rows.feed(row, 0) for row in found.all()]


def _moments(now: datetime) -> dict[str, datetime]:
    return {"now": now, "later": now + _CLOCK_DRIFT}


def save_states(connection: Connection, polled: Sequence[Feed]) -> None:
    """Write what polls changed; StoreError for a feed that the store does not have."""
    values = [{"feed": feed.id, **rows.feed_state(feed)} for feed in polled]
    if _STATE.execute(connection, values) != len(values):
        raise StoreError("a feed to be saved is not in the store")


def postpone(
    connection: Connection, urls: Iterable[str], *, until: datetime, spread: timedelta, why: str
) -> None:
    """Ask feeds that would be due before `until` some time after it, within `spread`."""
    values = {"feeds": json.dumps(list(urls)), "until": until, "why_not": [why]}
    connection.execute(_POSTPONE, {**values, "spread": spread // timedelta(microseconds=1) + 1})


def known_of(connection: Connection, feed_ids: Collection[int]) -> dict[int, frozenset[bytes]]:
    """For each feed the fingerprints of the entries of its last document that are stored."""
    known: dict[int, set[bytes]] = {feed: set() for feed in feed_ids}
    for feed, fingerprint in connection.execute(_KNOWN, {"feeds": json.dumps(list(known))}).all():
        known[feed].add(fingerprint)
    return {feed: frozenset(fingerprints) for feed, fingerprints in known.items()}


def arrivals_of(
    connection: Connection, feed_ids: Iterable[int], limit: int
) -> dict[int, list[datetime]]:
    """For each feed the dates of its entries, newest first."""
    found = connection.execute(_ARRIVALS_OF, {"feeds": json.dumps(list(feed_ids)), "limit": limit})
    return {
        row.feed: sorted(map(from_microseconds, json.loads(row.dates)), reverse=True)
        for row in found
    }


def plan(connection: Connection, subscriptions: Iterable[Subscription]) -> Sync:
    """What `sync` would do."""
    wanted = _by_url(subscriptions)
    stored = {row.url: row for row in connection.execute(_ALL)}
    return Sync(
        added=tuple(url for url in wanted if url not in stored),
        changed=tuple(
            url for url, one in wanted.items() if url in stored and _differences(one, stored[url])
        ),
        retired=tuple(url for url, row in stored.items() if row.active and url not in wanted),
    )


def sync(connection: Connection, subscriptions: Iterable[Subscription]) -> Sync:
    """Make the feeds those of the subscriptions; what is no longer listed is retired, not lost."""
    planned = plan(connection, subscriptions)
    wanted = _by_url(subscriptions)
    if planned.added:
        connection.execute(insert(feeds), [_new(wanted[url]) for url in planned.added])
    for url in planned.changed:
        row = connection.execute(_ONE, {"url": url}).one()
        _change(connection, row.id, _differences(wanted[url], row))
    if planned.retired:
        connection.execute(_RETIRE, [{"retired": url} for url in planned.retired])
    return planned


def read_anew(connection: Connection, feed_id: int) -> None:
    """Make a feed due whose next document is read as if it had changed."""
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**_UNREAD))


def _by_url(subscriptions: Iterable[Subscription]) -> dict[str, Subscription]:
    return {one.url: one for one in subscriptions}


def _new(subscription: Subscription) -> rows.Values:
    return {
        "url": subscription.url,
        "fetch_url": subscription.url,
        "title": subscription.title,
        "language": subscription.language,
        "groups": subscription.groups,
        "active": subscription.active,
        "settings": _settings(subscription),
        "interval": (subscription.interval or _INTERVAL) // timedelta(microseconds=1),
    }


def _differences(subscription: Subscription, row: Row[Any]) -> rows.Values:
    wanted = {
        "title": subscription.title or row.title,
        "language": subscription.language or row.language,
        "groups": list(subscription.groups) or None,
        "active": subscription.active,
        "settings": _settings(subscription),
    }
    return {name: value for name, value in wanted.items() if value != getattr(row, name)}


def _settings(subscription: Subscription) -> bytes:
    """A digest of what decides how a document is fetched and which of its entries are kept."""
    said = (
        subscription.title,
        subscription.language,
        subscription.include,
        subscription.exclude,
        subscription.headers,
    )
    return blake2b(json.dumps(said).encode(), digest_size=8).digest()


def _change(connection: Connection, id: int, differences: rows.Values) -> None:
    """A feed that comes back is asked where it was; one with other settings is read anew."""
    values = dict(differences)
    if differences.get("active"):
        values |= _UNREAD | {"fetch_url": feeds.c.url, "move": None, "since": None}
    if "settings" in differences:
        values |= _UNREAD
        connection.execute(_FORGET, {"of": id})
    connection.execute(update(feeds).where(feeds.c.id == id).values(**values))
    if "title" in differences:
        changes.log_feed(connection, id)
