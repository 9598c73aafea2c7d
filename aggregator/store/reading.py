"""Reading articles, newest first or by id, and counting them: in SQL, without SQLAlchemy."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aggregator.errors import StoreError
from aggregator.model import Article, Revision, Sighting, Tag
from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.store import rows

PAGE = 200

_ARTICLES: Final = f"SELECT {', '.join(rows.ARTICLE)} FROM articles WHERE "  # noqa: S608 - names
_BY_SEQ: Final = _ARTICLES + "seq IN (SELECT value FROM json_each(:seqs))"  # noqa: S608
_BY_ID: Final = _ARTICLES + "id IN (SELECT value FROM json_each(:ids))"  # noqa: S608
_SIGHTINGS: Final = """
    SELECT s.article, f.url, f.title, s.guid, s.categories, s.fingerprint
    FROM sightings AS s JOIN feeds AS f ON f.id = s.feed JOIN articles AS a ON a.seq = s.article
    WHERE s.article IN (SELECT value FROM json_each(:seqs)) ORDER BY s.feed <> a.origin, s.seq
"""
_TAGS: Final = """
    SELECT article, slug, label, source, why
    FROM article_tags WHERE article IN (SELECT value FROM json_each(:seqs))
"""
_REVISIONS: Final = """
    SELECT r.title, r.summary, r.content_html, r.text, r.replaced
    FROM revisions AS r JOIN articles AS a ON a.seq = r.article WHERE a.id = :id ORDER BY r.seq
"""
_POSITION: Final = "SELECT date, seq FROM articles WHERE id = :id"
_UUID: Final = "SELECT value FROM meta WHERE key = 'uuid'"


def by_ids(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Article]:
    """The articles of these ids in the order asked, without those that are not there."""
    found = connection.execute(_BY_ID, {"ids": json.dumps(list(ids))}).fetchall()
    complete = {article.id: article for article in _complete(connection, found)}
    return [complete[one] for one in ids if one in complete]


def by_seqs(connection: sqlite3.Connection, seqs: Iterable[int]) -> dict[int, Article]:
    """The articles of these sequence numbers."""
    found = connection.execute(_BY_SEQ, {"seqs": json.dumps(list(seqs))}).fetchall()
    return dict(zip((row[0] for row in found), _complete(connection, found), strict=True))


def _complete(connection: sqlite3.Connection, found: Sequence[Sequence[Any]]) -> list[Article]:
    seqs = [row[0] for row in found]
    parameters = {"seqs": json.dumps(seqs)}
    seen: dict[int, list[Sighting]] = {seq: [] for seq in seqs}
    tagged: dict[int, list[Tag]] = {seq: [] for seq in seqs}
    if found:
        for seq, *sighting in connection.execute(_SIGHTINGS, parameters):
            seen[seq].append(rows.sighting(*sighting))
        for seq, *tag in connection.execute(_TAGS, parameters):
            tagged[seq].append(Tag(*tag))
    return [rows.article(row, seen[row[0]], tagged[row[0]]) for row in found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles `newest` gives: of a feed, with a tag, dated in [since, until), after one."""

    feed: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int | None = None


def newest(
    read: Callable[[], AbstractContextManager[sqlite3.Connection]], wanted: Wanted
) -> Iterator[Article]:
    """Articles by date, newest first, a page at a time: no transaction stays open in between."""
    parameters = {
        "feed": wanted.feed,
        "tag": wanted.tag,
        "since": None if wanted.since is None else to_microseconds(wanted.since),
        "date": None if wanted.until is None else to_microseconds(wanted.until),
        "seq": 0,
    }
    if wanted.after is not None:
        parameters |= _position(read, wanted.after)
    statement = _page(wanted, further=wanted.after is not None)
    left = wanted.limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        with read() as connection:
            page = connection.execute(statement, {**parameters, "limit": size}).fetchall()
            found = by_seqs(connection, [seq for _, seq in page])
        yield from (found[seq] for _, seq in page)
        if len(page) < size:
            return
        parameters |= dict(zip(("date", "seq"), page[-1], strict=True))
        left = None if left is None else left - size
        statement = _page(wanted, further=True)


def _position(
    read: Callable[[], AbstractContextManager[sqlite3.Connection]], id: str
) -> dict[str, int]:
    with read() as connection:
        found = connection.execute(_POSITION, {"id": id}).fetchone()
    if found is None:
        raise StoreError(f"no article {id} to go on after")
    return dict(zip(("date", "seq"), found, strict=True))


def _page(wanted: Wanted, *, further: bool = False) -> str:
    """Sort positions from the narrowest table: each has an index that ends in date and article."""
    table, seq, conditions = "articles", "seq", []
    if wanted.feed is not None:
        table, seq = "sightings AS s", "article"
        conditions.append("s.feed = (SELECT id FROM feeds WHERE url = :feed)")
    if wanted.tag is not None:
        if conditions:
            table += " JOIN article_tags AS t USING (article, date)"
        else:
            table, seq = "article_tags AS t", "article"
        conditions.append("t.slug = :tag")
    if wanted.since is not None:
        conditions.append("date >= :since")
    if further:
        conditions.append(f"(date, {seq}) < (:date, :seq)")
    elif wanted.until is not None:
        conditions.append("date < :date")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return (
        f"SELECT DISTINCT date, {seq} FROM {table} {where}"  # noqa: S608 - our own names
        f" ORDER BY date DESC, {seq} DESC LIMIT :limit"
    )


def revisions_of(connection: sqlite3.Connection, id: str) -> list[Revision]:
    """The earlier versions of an article, oldest first."""
    return [
        Revision(title, summary, content_html, text, from_microseconds(replaced))
        for title, summary, content_html, text, replaced in connection.execute(
            _REVISIONS, {"id": id}
        )
    ]


def count(connection: sqlite3.Connection) -> int:
    """How many articles there are."""
    (number,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    return int(number)


def uuid(connection: sqlite3.Connection) -> str:
    """The name of this store, the same for as long as it is."""
    (value,) = connection.execute(_UUID).fetchone()
    return str(value)
