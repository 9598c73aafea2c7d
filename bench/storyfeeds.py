"""The articles of the stories benchmark, read from feed documents or from an archive of feeds."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from aggregator import normalize
from aggregator.errors import ParseError
from aggregator.model import Article

_SOURCE: Final = re.compile(r"^# Source:(?P<title>.*), URL:(?P<url>\S+), language:(?P<language>.*)")
_ENTRY: Final = re.compile(
    r"^## (?P<title>.*)\n - \[(?P<link>.*?)\]\(.*\)\n.*\n - date published: (?P<date>\S+)\n\n"
    r"(?P<summary>.*)",
    re.MULTILINE,
)


def read(directory: Path, now: datetime) -> list[Article]:
    """Every article of every feed document, read as a poll reads it, each once."""
    documents = ((path.name, path.read_bytes()) for path in sorted(directory.iterdir()))
    return _read(((f"http://127.0.0.1/{name}", body) for name, body in documents), now)


def read_archive(directory: Path, now: datetime) -> list[Article]:
    """The same of a folder of RSS-Link-Database: a Markdown file for each feed and day."""
    files = sorted(directory.glob("*_entries.md"))
    return _read((_as_feed(path.read_text(encoding="utf-8")) for path in files), now)


def _read(documents: Iterable[tuple[str, bytes]], now: datetime) -> list[Article]:
    found: dict[str, Article] = {}
    for url, body in documents:
        found.update({article.id: article for article in _articles(url, body, now)})
    return list(found.values())


def _articles(url: str, body: bytes, now: datetime) -> Iterable[Article]:
    try:
        return normalize.read(
            body,
            content_type=None,
            url=url,
            feed_url=url,
            feed_title=None,
            known=frozenset(),
            language=None,
            now=now,
            most=normalize.Most(entries=2_000),
        ).articles
    except ParseError:
        return ()


def _as_feed(text: str) -> tuple[str, bytes]:
    """A file of the archive as a JSON Feed document with its address."""
    source = _SOURCE.match(text)
    if source is None:
        raise ValueError(f"no file of the archive: it begins with {text[:40]!r}")
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": source["title"],
        "language": source["language"].strip(),
        "items": list(_items(text)),
    }
    return source["url"], json.dumps(feed).encode()


def _items(text: str) -> Iterator[dict[str, str]]:
    for entry in _ENTRY.finditer(text):
        summary = "" if entry["summary"] == "None" else entry["summary"]
        yield {
            "id": entry["link"],
            "url": entry["link"],
            "title": entry["title"],
            "content_html": summary,
            "date_published": entry["date"],
        }
