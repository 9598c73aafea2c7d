"""Reading the change log that the search index drains."""

import sqlite3

from aggregator.model import Change

_AFTER = "SELECT seq, id, kind FROM changes WHERE seq > :after ORDER BY seq LIMIT :limit"
_LAST = "SELECT max(seq) FROM changes"
_PRUNED = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'pruned'"


def after(connection: sqlite3.Connection, seq: int, limit: int) -> list[Change]:
    """The next `limit` changes after `seq`, those of one article as one, in order of the newest."""
    found = connection.execute(_AFTER, {"after": seq, "limit": limit}).fetchall()
    first = {article: (at, kind) for at, article, kind in reversed(found)}
    newest = {article: at for at, article, _ in found}
    return [
        Change(
            at,
            article,
            first[article][0],
            deleted=kind == "deleted",
            fresh=first[article][1] == "new",
        )
        for at, article, kind in found
        if newest[article] == at
    ]


def last(connection: sqlite3.Connection) -> int:
    """The number of the newest change, also when it has been pruned; 0 before the first."""
    (newest,) = connection.execute(_LAST).fetchone()
    return pruned(connection) if newest is None else int(newest)


def pruned(connection: sqlite3.Connection) -> int:
    """The number up to which the log has been pruned."""
    (upto,) = connection.execute(_PRUNED).fetchone()
    return int(upto)
