"""The change log that the search index drains."""

from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)

from aggregator.model import Change
from aggregator.store.prepared import Prepared
from aggregator.store.schema import articles, changes, meta, sightings

Kind = Literal["new", "changed", "deleted"]

_ADD = Prepared(insert(changes))
_AFTER = (
    select(changes)
    .where(changes.c.seq > bindparam("after"))
    .order_by(changes.c.seq)
    .limit(bindparam("limit"))
)
_LAST = select(func.max(changes.c.seq))
_PRUNED = select(cast(meta.c.value, Integer)).where(meta.c.key == "pruned")


def log(connection: Connection, kinds: Iterable[tuple[str, Kind]]) -> None:
    """Append what happened to articles."""
    _ADD.execute(connection, [{"id": article, "kind": kind} for article, kind in kinds])


def log_feed(connection: Connection, feed: int) -> None:
    """Append a change of every article of a feed: its title is part of what is searched."""
    carried = (
        select(articles.c.id, bindparam("kind", "changed"))
        .join(sightings, sightings.c.article == articles.c.seq)
        .where(sightings.c.feed == feed)
        .distinct()
    )
    connection.execute(insert(changes).from_select(["id", "kind"], carried))


def after(connection: Connection, seq: int, limit: int) -> list[Change]:
    """The next `limit` changes after `seq`, those of one article as one, in order of the newest."""
    found = connection.execute(_AFTER, {"after": seq, "limit": limit}).all()
    first = {row.id: row for row in reversed(found)}
    newest = {row.id: row for row in found}
    return [_change(first[row.id], row) for row in found if newest[row.id] is row]


def _change(first: Row[Any], newest: Row[Any]) -> Change:
    return Change(
        newest.seq,
        newest.id,
        first.seq,
        deleted=newest.kind == "deleted",
        fresh=first.kind == "new",
    )


def last(connection: Connection) -> int:
    """The number of the newest change, also when it has been pruned; 0 before the first."""
    newest = connection.execute(_LAST).scalar()
    return pruned(connection) if newest is None else int(newest)


def pruned(connection: Connection) -> int:
    """The number up to which the log has been pruned."""
    return int(connection.execute(_PRUNED).scalar_one())


def prune(connection: Connection, upto: int) -> int:
    """Forget the changes up to `upto`; how many were forgotten."""
    upto = min(upto, last(connection))
    if upto <= pruned(connection):
        return 0
    connection.execute(update(meta).where(meta.c.key == "pruned").values(value=str(upto)))
    return connection.execute(delete(changes).where(changes.c.seq <= upto)).rowcount
