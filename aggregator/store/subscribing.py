"""The feeds of the subscriptions: added, changed, retired, put off."""

import json
from collections.abc import Iterable
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

from aggregator.model import Subscription
from aggregator.store import changes, rows
from aggregator.store.schema import Json, Moment, feeds, sightings

_ALL = select(feeds).order_by(feeds.c.id)
_ONE = select(feeds).where(feeds.c.url == bindparam("url"))
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


@dataclass(frozen=True, slots=True)
class Sync:
    """What a list of subscriptions does, as feed URLs; a feed that comes back is a changed one."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def postpone(
    connection: Connection, urls: Iterable[str], *, until: datetime, spread: timedelta, why: str
) -> None:
    """Ask feeds that would be due before `until` some time after it, within `spread`."""
    values = {"feeds": json.dumps(list(urls)), "until": until, "why_not": [why]}
    connection.execute(_POSTPONE, {**values, "spread": spread // timedelta(microseconds=1) + 1})


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
