"""An article that a feed of its own site brings later becomes that feed's."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Article, Comments, Subscription
from aggregator.store import Delivery, Saved, Store
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
    replay,
    save,
    tags_of,
    tell_as_one,
)

HOME, PLANET = A, B
LINK = "https://www.a.example/news/1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened
        check(opened)


def check(store: Store) -> None:
    assert replay(store) == {article.id for article in store.find()}
    assert store.problems() == []
    for article in store.find():
        assert set(article.tags) == set(tags_of(article))
        assert len(store.revisions(article.id)) == article.revisions


def told(at: str, text: str = "Text.", link: str = LINK, **fields: Any) -> Article:
    values = {"title": f"Title of {at}", "authors": (at,), "image": f"{at}.png", **fields}
    return entry("1", link, at=at, text=text, summary=text, **values)


def bring(store: Store, at: str, *told: Article) -> Saved:
    return save(store, *told, at=at)


def the_only(store: Store) -> Article:
    (article,) = store.find()
    return article


def feeds_of(article: Article) -> list[str]:
    return [one.feed_url for one in article.sightings]


def test_an_article_comes_home(store: Store) -> None:
    first = told(PLANET, "Short.", categories=("Planet",), published=NOW - 3 * HOUR)
    other = entry("2", "https://news.example/2", at=PLANET)
    bring(store, PLANET, first, other)
    store.star(first.id)
    story = tell_as_one(store, other, first)
    changes = store.last_change()
    own = told(HOME, "At length.", categories=("Iran",), comments=Comments(f"{LINK}#comments"))
    assert bring(store, HOME, own) == Saved(unchanged=1)
    article = store.article(first.id)
    assert article is not None
    assert (article.title, article.text, article.summary) == (own.title, own.text, own.summary)
    assert (article.authors, article.image, article.date) == (own.authors, own.image, own.date)
    assert (article.comments, article.revisions) == (own.comments, 0)
    assert (article.id, article.story, article.starred) == (first.id, story, True)
    assert feeds_of(article) == [HOME, PLANET]
    assert [tag.slug for tag in article.tags] == ["iran", "planet"]
    assert [change.id for change in store.changes(changes, 9)] == [article.id]


DISCUSSION = Comments("https://b.example/item?id=1", None, 12)


@pytest.mark.parametrize("first", [PLANET, HOME])
@pytest.mark.parametrize("at_home", [Comments(), Comments(count=0)], ids=["none", "counted"])
def test_the_way_to_the_discussion_stays_whoever_was_first(
    store: Store, first: str, at_home: Comments
) -> None:
    versions = {PLANET: told(PLANET, comments=DISCUSSION), HOME: told(HOME, comments=at_home)}
    for at in (first, *({*versions} - {first})):
        bring(store, at, versions[at])
    changes = store.last_change()
    bring(store, PLANET, versions[PLANET])
    assert (the_only(store).comments, store.last_change()) == (DISCUSSION, changes)
    bring(store, HOME, told(HOME, "Corrected.", comments=at_home))
    article = the_only(store)
    assert (article.text, article.comments) == ("Corrected.", DISCUSSION)


@pytest.mark.parametrize("first", [PLANET, HOME])
def test_comments_of_its_own_site_come_before_those_of_others(store: Store, first: str) -> None:
    own = Comments(f"{LINK}#comments", None, 3)
    versions = {PLANET: told(PLANET, comments=DISCUSSION), HOME: told(HOME, comments=own)}
    for at in (first, *({*versions} - {first})):
        bring(store, at, versions[at])
    assert the_only(store).comments == own


def test_from_then_on_its_own_site_alone_edits_it(store: Store) -> None:
    bring(store, PLANET, told(PLANET, "Short."))
    bring(store, HOME, told(HOME, "At length."))
    before = the_only(store)
    assert bring(store, PLANET, told(PLANET, "Short, edited.")) == Saved(unchanged=1)
    assert (the_only(store).text, the_only(store).revisions) == (before.text, 0)
    assert bring(store, HOME, told(HOME, "Corrected.")) == Saved(updated=1)
    assert (the_only(store).text, the_only(store).revisions) == ("Corrected.", 1)


def test_both_may_come_in_one_transaction(store: Store) -> None:
    brought = ((PLANET, told(PLANET)), (HOME, told(HOME)))
    deliveries = [Delivery(feed(store, at), [one], fingerprints([one])) for at, one in brought]
    saved = store.save_all(deliveries, now=NOW, tagger=tags_of)
    assert saved == [Saved(new=1), Saved(unchanged=1)]
    assert the_only(store).title == f"Title of {HOME}"


SITES = [
    ("https://feeds.a.co.uk/rss", "https://www.a.co.uk/1", True),
    ("http://a.example/feed", "https://blog.a.example/1", True),
    ("https://127.0.0.1:8080/feed", "http://127.0.0.1:9090/1", True),
    ("https://b.co.uk/rss", "https://a.co.uk/1", False),
    ("https://b.github.io/feed", "https://a.github.io/1", False),
    ("https://a.example.evil.test/feed", "https://a.example/1", False),
    ("https://127.0.0.1/feed", "https://127.0.0.2/1", False),
]


@pytest.mark.parametrize(("at", "link", "is_home"), SITES)
def test_only_a_feed_of_the_links_own_site_takes_an_article(
    store: Store, at: str, link: str, is_home: bool
) -> None:
    store.sync([*SUBSCRIPTIONS, Subscription(at)], now=NOW)
    bring(store, PLANET, told(PLANET, link=link))
    bring(store, at, told(at, link=link))
    article = the_only(store)
    origin, other = (at, PLANET) if is_home else (PLANET, at)
    assert feeds_of(article) == [origin, other]
    assert article.title == f"Title of {origin}"


def test_a_feed_of_the_same_site_does_not_take_what_another_of_it_brought(store: Store) -> None:
    section = "https://a.example/section/feed"
    store.sync([*SUBSCRIPTIONS, Subscription(section)], now=NOW)
    bring(store, section, told(section))
    bring(store, HOME, told(HOME))
    assert the_only(store).title == f"Title of {section}"


def test_what_the_first_feed_says_stays_while_it_is_a_page_of_its_own(store: Store) -> None:
    thread = "https://b.example/thread/1"
    bring(store, PLANET, told(PLANET, link=thread))
    bring(store, HOME, told(HOME, link=thread))
    assert feeds_of(the_only(store)) == [PLANET, HOME]
    assert the_only(store).title == f"Title of {PLANET}"


def test_a_link_that_is_edited_does_not_lead_home(store: Store) -> None:
    """A feed that knows an article under its guid cannot take it by giving it another link."""
    elsewhere = "https://c.example/1"
    bring(store, PLANET, told(PLANET, link=elsewhere))
    bring(store, HOME, told(HOME, link=elsewhere))
    bring(store, HOME, told(HOME, "Taken.", link=LINK))
    assert the_only(store).title == f"Title of {PLANET}"


def test_home_takes_it_also_while_the_first_feed_is_not_subscribed(store: Store) -> None:
    bring(store, PLANET, told(PLANET))
    store.sync(SUBSCRIPTIONS[:1], now=NOW)
    bring(store, HOME, told(HOME, "At length."))
    store.sync(SUBSCRIPTIONS, now=NOW + DAY)
    bring(store, PLANET, told(PLANET, "Short."))
    assert (the_only(store).text, feeds_of(the_only(store))) == ("At length.", [HOME, PLANET])


@dataclass
class Expected:
    """What a feed's versions make of the article, one after the other."""

    owner: str | None = None
    text: str = ""
    revisions: int = 0

    def poll(self, at: str, text: str) -> None:
        if self.owner == at:
            self.revisions += self.text != text
        elif self.owner is not None and at != HOME:
            return
        self.owner, self.text = at, text


polls = st.lists(st.tuples(st.sampled_from((HOME, PLANET)), st.booleans()), max_size=9)


@given(polls)
def test_the_order_of_arrival_does_not_matter_and_repeats_change_nothing(
    polls: list[tuple[str, bool]],
) -> None:
    versions, expected = {HOME: 0, PLANET: 0}, Expected()
    with tempfile.TemporaryDirectory() as directory, open_store(Path(directory)) as store:
        for at, edited in [*polls, (PLANET, False), (HOME, False), (PLANET, False)]:
            versions[at] += edited
            text = f"Version {versions[at]} of {at}"
            bring(store, at, told(at, text, categories=(at,)))
            expected.poll(at, text)
            article = the_only(store)
            assert (article.text, article.revisions) == (expected.text, expected.revisions)
            assert article.sightings[0].feed_url == expected.owner
        check(store)
        article = the_only(store)
    final = told(HOME, f"Version {versions[HOME]} of {HOME}", categories=(HOME,))
    assert feeds_of(article) == [HOME, PLANET]
    for name in ("id", "title", "summary", "content_html", "text", "authors", "image", "date"):
        assert getattr(article, name) == getattr(final, name)
