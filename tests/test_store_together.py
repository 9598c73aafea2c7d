"""What several feeds bring is stored as if each had come alone, whatever they have in common."""

import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.model import Subscription
from aggregator.store import Delivery, Store
from tests.support.store import (
    DAY,
    HOUR,
    NOW,
    SUBSCRIPTIONS,
    A,
    B,
    entry,
    feed,
    fingerprints,
    open_store,
    tags_of,
)

C = "https://c.example/feed"
TABLES = ("articles", "sightings", "article_tags", "revisions", "drifts", "feeds")

Told = tuple[str, str | None, str, int, tuple[str, ...]]
Document = tuple[str, str, list[Told]]

ENTRIES: st.SearchStrategy[Told] = st.tuples(
    st.sampled_from(["1", "2", "3", "4", "5"]),
    st.sampled_from([None, "https://x/1", "https://x/2", "https://x/3"]),
    st.sampled_from(["one", "two", "three"]),
    st.integers(0, 2),
    st.sampled_from([(), ("Water",), ("Water", "Tax")]),
)
DOCUMENTS: st.SearchStrategy[Document] = st.tuples(
    st.sampled_from([A, B, C]),
    st.sampled_from(["Title", "Other title"]),
    st.lists(ENTRIES, max_size=5, unique_by=lambda told: told[:2]),
)


def delivery(store: Store, document: Document) -> Delivery:
    at, title, entries = document
    articles = [
        entry(guid, link, at=at, title=said, text=said, published=NOW - age * HOUR, categories=tags)
        for guid, link, said, age, tags in entries
    ]
    return Delivery(replace(feed(store, at), title=title), articles, fingerprints(articles))


def stored(directory: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(directory / "articles.db") as connection:
        tables = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
        kinds = connection.execute("SELECT id, kind FROM changes ORDER BY id, kind").fetchall()
    connection.close()
    return {name: sorted(rows, key=repr) for name, rows in tables.items()} | {"changes": kinds}


def lived(days: Sequence[Sequence[Document]], *, together: bool) -> dict[str, list[Any]]:
    with tempfile.TemporaryDirectory() as name:
        with open_store(Path(name)) as store:
            store.sync([*SUBSCRIPTIONS, Subscription(C)], now=NOW)
            for number, documents in enumerate(days):
                now = NOW + number * DAY
                deliveries = [delivery(store, document) for document in documents]
                for batch in [deliveries] if together else [[one] for one in deliveries]:
                    store.save_all(batch, now=now, tagger=tags_of)
        return stored(Path(name))


def one(at: str, guid: str, link: str, said: str, *tags: str) -> Document:
    return at, "Title", [(guid, link, said, 0, tags)]


@example(
    [
        [one(A, "1", "https://x/1", "one")],
        [one(B, "2", "https://x/1", "one")],
        [one(B, "2", "https://x/2", "one")],
        [one(A, "1", "https://x/1", "two", "Water"), one(B, "2", "https://x/2", "one", "Water")],
    ]
)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(DOCUMENTS, max_size=3, unique_by=lambda one: one[0]), max_size=4))
def test_what_comes_together_is_stored_as_if_it_came_alone(days: list[list[Document]]) -> None:
    assert lived(days, together=True) == lived(days, together=False)
