"""Writing and pruning the change log that the search index drains."""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from aggregator.store import log as written
from aggregator.store.database import driver
from aggregator.store.prepared import Prepared
from aggregator.store.schema import articles, changes, meta, sightings

Kind = Literal["new", "changed", "deleted"]

_ADD = Prepared(insert(changes))


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


def prune(connection: Connection, upto: int) -> int:
    """Forget the changes up to `upto`; how many were forgotten."""
    upto = min(upto, written.last(driver(connection)))
    if upto <= written.pruned(driver(connection)):
        return 0
    connection.execute(update(meta).where(meta.c.key == "pruned").values(value=str(upto)))
    return connection.execute(delete(changes).where(changes.c.seq <= upto)).rowcount
