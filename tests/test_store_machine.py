"""Random lives of several feeds against a model of a page: nothing lost, nothing doubled."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aggregator.model import Article, article_id
from aggregator.store import Store
from tests.support.store import (
    DAY,
    NOW,
    A,
    B,
    entry,
    feed,
    fingerprints,
    open_store,
    replay,
    tags_of,
)

FEEDS = st.sampled_from([A, B])
TEXTS = st.sampled_from(["One.", "Two.", "Three."])
PICK = st.integers(0, 50)


@dataclass
class Published:
    """An entry as its feed has it now; `moved` since the last poll."""

    feed: str
    guid: str
    link: str | None
    number: int
    text: str = "One."
    moved: bool = False

    def article(self) -> Article:
        return entry(
            self.guid,
            self.link,
            at=self.feed,
            title=f"Title {self.number}",
            published=NOW,
            text=self.text,
            categories=(self.text.strip("."),),
        )


@dataclass
class Expected:
    """An article as it should be stored."""

    origin: str
    text: str
    revisions: int = 0


@dataclass
class Model:
    """What should be stored; a sighting is the id it stands for and the article, if that lives."""

    articles: dict[str, Expected] = field(default_factory=dict)
    sightings: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)

    def owner(self, id: str) -> str | None:
        if id in self.articles:
            return id
        claims = (owner for stands_for, owner in self.sightings.values() if stands_for == id)
        return next((owner for owner in claims if owner), None)

    def poll(self, document: list[Published], incoming: list[Published]) -> None:
        here = {one.guid for one in document}
        old = [one for one in incoming if (one.feed, one.guid) in self.sightings]
        new = [one for one in incoming if (one.feed, one.guid) not in self.sightings]
        for one in old:
            article = self.sightings[one.feed, one.guid][1]
            self._sight(one, one.article().id, article or self.owner(one.article().id))
        for one in new:
            self._arrive(one, here)

    def _arrive(self, one: Published, here: set[str]) -> None:
        stands_for = one.article().id
        owner = self.owner(stands_for)
        if any(guid in here for guid in self._siblings(one, owner)):
            stands_for = article_id(f"{one.feed}\n{one.guid}")
            owner = None
        expired = owner is None and (stands_for, None) in [
            claim for (at, _), claim in self.sightings.items() if at == one.feed
        ]
        if owner is None and not expired:
            owner = stands_for
            self.articles[owner] = Expected(one.feed, one.text)
        self._sight(one, stands_for, owner)

    def _siblings(self, one: Published, owner: str | None) -> Iterator[str]:
        for (at, guid), (_, article) in self.sightings.items():
            if at == one.feed and owner is not None and article == owner:
                yield guid

    def _sight(self, one: Published, id: str, owner: str | None) -> None:
        if owner and self.sightings.get((one.feed, one.guid), (id, owner))[1] is None:
            del self.sightings[one.feed, one.guid]
        self.sightings[one.feed, one.guid] = (id, owner)
        article = self.articles.get(owner or "")
        if article and article.origin == one.feed and article.text != one.text:
            article.text = one.text
            article.revisions += 1

    def expire(self) -> None:
        self.articles.clear()
        self.sightings = {key: (own, None) for key, (own, _) in self.sightings.items()}


class Feeds(RuleBasedStateMachine):
    """Publishers publish, edit, move and drop entries; we poll, with and without pruning."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.store: Store = open_store(Path(self.directory.name))
        self.model = Model()
        self.documents: dict[str, list[Published]] = {A: [], B: []}
        self.used: dict[str, set[str]] = {A: set(), B: set()}
        self.links = [f"https://x.example/{n}" for n in range(3)]
        self.count = 0

    def teardown(self) -> None:
        self.store.close()
        self.directory.cleanup()

    def _number(self) -> int:
        self.count += 1
        return self.count

    @rule(at=FEEDS, pick=PICK, text=TEXTS, linked=st.booleans())
    def publish(self, at: str, pick: int, text: str, linked: bool) -> None:
        free = [link for link in self.links if link not in self.used[at]]
        link = free[pick % len(free)] if free and linked else None
        self.used[at] |= {link} if link else set()
        number = self._number()
        self.documents[at].append(Published(at, f"guid {number}", link, number, text))

    def _entry(self, at: str, pick: int) -> Published | None:
        document = self.documents[at]
        return document[pick % len(document)] if document else None

    @rule(at=FEEDS, pick=PICK, text=TEXTS)
    def edit(self, at: str, pick: int, text: str) -> None:
        if one := self._entry(at, pick):
            one.text = text

    @rule(at=FEEDS, pick=PICK)
    def change_the_link(self, at: str, pick: int) -> None:
        one = self._entry(at, pick)
        if one and not one.moved:
            one.link, one.moved = f"https://x.example/moved/{self._number()}", True
            self.used[at].add(one.link)
            self.links.append(one.link)

    @rule(at=FEEDS, pick=PICK)
    def change_the_guid(self, at: str, pick: int) -> None:
        one = self._entry(at, pick)
        if one and one.link and not one.moved:
            one.guid, one.moved = f"guid {self._number()}", True

    @rule(at=FEEDS)
    def drop_the_oldest(self, at: str) -> None:
        del self.documents[at][:1]

    @rule(at=FEEDS, pruned=st.booleans())
    def poll(self, at: str, pruned: bool) -> None:
        document = self.documents[at]
        polled = feed(self.store, at)
        known = self.store.known(polled.id) if pruned else frozenset()
        incoming = [one for one in document if not fingerprints([one.article()]) <= known]
        before = set(self.model.articles)
        self.model.poll(document, incoming)
        present = fingerprints(one.article() for one in document)
        articles = [one.article() for one in incoming]
        saved = self.store.save(polled, articles, present=present, now=NOW, tagger=tags_of)
        assert saved.new == len(set(self.model.articles) - before)
        assert saved.new + saved.updated + saved.unchanged == len(articles)
        assert self.store.known(polled.id) == present
        for one in document:
            one.moved = False

    @precondition(lambda self: self.model.articles)
    @rule()
    def expire(self) -> None:
        assert self.store.expire(NOW + DAY, now=NOW) == len(self.model.articles)
        self.model.expire()

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        stored = {article.id: article for article in self.store.find()}
        assert {
            article.id: Expected(article.sightings[0].feed_url, article.text, article.revisions)
            for article in stored.values()
        } == self.model.articles
        assert {(s.feed_url, s.guid): a.id for a in stored.values() for s in a.sightings} == {
            key: owner for key, (_, owner) in self.model.sightings.items() if owner
        }
        assert replay(self.store) == set(stored)
        for article in stored.values():
            assert set(article.tags) == set(tags_of(article))
            assert len(self.store.revisions(article.id)) == article.revisions


TestFeeds = Feeds.TestCase
TestFeeds.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
