"""A store with two feeds, and articles as normalization hands them over."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aggregator.model import Article, Feed, Sighting, Subscription, Tag, article_id
from aggregator.store import Placed, Saved, Store
from aggregator.stories.sketch import FORM
from aggregator.stories.web import Retold
from aggregator.text import slug

NOW = datetime(2026, 2, 17, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A = "https://a.example/feed"
B = "https://b.example/feed"
SUBSCRIPTIONS = (Subscription(A, title="Alpha"), Subscription(B, title="Beta"))


@cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp()) / "articles.db"
    with Store.open(path) as store:
        store.sync(SUBSCRIPTIONS, now=NOW)
    return path


def open_store(directory: Path, *, wait: timedelta = timedelta(seconds=10)) -> Store:
    """A new store in `directory` that has the feeds A and B."""
    path = directory / "articles.db"
    shutil.copy(_template(), path)
    return Store.open(path, wait=wait)


def make_prerelease(path: Path) -> None:
    """Make a database as it was before the first version: it says 0001, and has no placements."""
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
        database.execute("DROP TABLE placements")
        database.commit()


def feed(store: Store, url: str = A) -> Feed:
    found = store.feed(url)
    assert found is not None
    return found


def entry(guid: str, link: str | None = None, *, at: str = A, **fields: Any) -> Article:
    """An article as it comes from feed `at`; its fingerprint follows from all that it says."""
    categories = fields.pop("categories", ())
    values: dict[str, Any] = {
        "title": f"Title of {guid}",
        "summary": "",
        "content_html": "<p>Text.</p>",
        "text": "Text.",
        "published": NOW - HOUR,
        "words": 1,
        **fields,
    }
    values.setdefault("date", values["published"] or NOW)
    values.setdefault("first_seen", NOW)
    key = article_id(link) if link else article_id(f"{at}\n{guid}")
    article = Article(id=key, url=link, **values)
    mark = repr((guid, categories, article)).encode()[-4000:]
    sighting = Sighting(at, None, guid, tuple(categories), article_id(repr(mark)).encode())
    return replace(article, sightings=(sighting,))


def fingerprints(articles: Iterable[Article]) -> frozenset[bytes]:
    return frozenset(a.sightings[0].fingerprint or b"" for a in articles)


def tags_of(article: Article) -> tuple[Tag, ...]:
    """A tagger: the categories of every sighting."""
    labels = dict.fromkeys(label for s in article.sightings for label in s.categories)
    return tuple(Tag(slug(label), label, "feed", f"category {label}") for label in labels)


def save(
    store: Store,
    *articles: Article,
    at: str = A,
    still: Sequence[Article] = (),
    now: datetime = NOW,
) -> Saved:
    """Save a document of feed `at`: `articles` are read, `still` were known and are not."""
    return store.save(
        feed(store, at),
        articles,
        present=fingerprints([*articles, *still]),
        now=now,
        tagger=tags_of,
    )


def tell_as_one(store: Store, *articles: Article) -> str:
    """Place articles in one story, named by the first of them, which is returned."""
    story = articles[0].id
    placed = [Placed(each.id, story, None) for each in articles]
    store.places.place(store.places.next_batch(), placed, Retold(), FORM)
    return story


def replay(store: Store) -> set[str]:
    """The ids that an index would hold after draining the whole change log."""
    held: set[str] = set()
    position = 0
    while batch := store.changes(position, 7):
        for change in batch:
            if change.deleted:
                held.discard(change.id)
            else:
                assert not (change.fresh and change.id in held)
                held.add(change.id)
        position = batch[-1].seq
    return held
