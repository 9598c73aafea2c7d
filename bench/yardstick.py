"""SQLite's own full-text search on the same articles: the yardstick of the search benchmark."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from library import feed_url
from newsprint import Item

SCHEMA = """
CREATE TABLE articles (
    seq INTEGER PRIMARY KEY, title TEXT, body TEXT, feed TEXT, date INTEGER, month TEXT);
CREATE INDEX newest ON articles (date);
CREATE TABLE tags (tag TEXT, article INTEGER, PRIMARY KEY (tag, article)) WITHOUT ROWID;
CREATE INDEX tags_of ON tags (article, tag);
CREATE VIRTUAL TABLE found USING fts5(
    title, body, content='articles', content_rowid='seq', tokenize='porter unicode61');
"""
BEST = "SELECT rowid FROM found WHERE found MATCH ? ORDER BY bm25(found, 2.5, 1.0) LIMIT 20"
TOTAL = "SELECT count(*) FROM found WHERE found MATCH ?"
NEWEST = """
SELECT articles.seq FROM found JOIN articles ON articles.seq = found.rowid
JOIN tags ON tags.article = articles.seq AND tags.tag = ?
WHERE found MATCH ? ORDER BY articles.date DESC LIMIT 20
"""
FACETS = (
    "SELECT tag, count(*) FROM found JOIN tags ON tags.article = found.rowid",
    "SELECT feed, count(*) FROM found JOIN articles ON articles.seq = found.rowid",
    "SELECT month, count(*) FROM found JOIN articles ON articles.seq = found.rowid",
)
SNIPPETS = (
    "SELECT snippet(found, 1, '<mark>', '</mark>', '…', 32) FROM found WHERE found MATCH ? LIMIT 20"
)


class Fts5:
    """One FTS5 table with its articles and tags."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.executescript("PRAGMA journal_mode = WAL;" + SCHEMA)

    def add(self, items: Iterable[Item]) -> None:
        """Store and index articles in one transaction."""
        with self._connection as connection:
            for item in items:
                seq, body = item.number + 1, "\n\n".join(item.paragraphs)
                date, month = int(item.date.timestamp()), f"{item.date:%Y-%m}"
                connection.execute(
                    "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?)",
                    (seq, item.title, body, feed_url(item), date, month),
                )
                connection.executemany(
                    "INSERT INTO tags VALUES (?, ?)", [(tag, seq) for tag in item.tags]
                )
                connection.execute(
                    "INSERT INTO found (rowid, title, body) VALUES (?, ?, ?)",
                    (seq, item.title, body),
                )

    def best(self, match: str) -> list[tuple[int]]:
        """The best 20 and the number of all."""
        self._connection.execute(TOTAL, (match,)).fetchone()
        return self._connection.execute(BEST, (match,)).fetchall()

    def newest(self, asked: tuple[str, str]) -> list[tuple[int]]:
        """The newest 20 with a tag and a word, and the number of all."""
        self._connection.execute(TOTAL, (asked[1],)).fetchone()
        return self._connection.execute(NEWEST, asked).fetchall()

    def facets(self, match: str) -> list[list[tuple[str, int]]]:
        """The ten commonest tags, feeds and months."""
        tail = " WHERE found MATCH ? GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
        return [self._connection.execute(head + tail, (match,)).fetchall() for head in FACETS]

    def snippets(self, match: str) -> list[tuple[str]]:
        """Excerpts of 20 articles."""
        return self._connection.execute(SNIPPETS, (match,)).fetchall()
