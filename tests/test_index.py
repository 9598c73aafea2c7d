"""The index follows the store: exactly, never ahead of it, and through damage and replacement."""

import json
import shutil
from datetime import timedelta

import pytest

from aggregator.errors import SearchError
from aggregator.pipeline import index as pipeline_index
from aggregator.pipeline.index import Index
from aggregator.search import ENGINES
from aggregator.store import Store
from tests.support import store as stores
from tests.support.indexing import UTC, agrees, articles, bound, opened
from tests.support.store import NOW, entry, open_store, save


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture
def data(tmp_path, engine):
    """A data directory of nine articles, indexed in two commits."""
    with open_store(tmp_path) as store:
        first = articles(5, categories=("Iran",))
        save(store, *first)
        index = Index.open(tmp_path / "search", store, engine)
        assert index.catch_up() == 5
        save(store, *articles(4, first=5), still=first)
        assert index.catch_up() == 4
        index.close()
    return tmp_path


def test_a_missing_index_is_built(tmp_path, engine):
    with open_store(tmp_path) as store:
        save(store, *articles(3))
        index = Index.open(tmp_path / "search", store, engine)
        assert index.behind() == 3
        with pytest.raises(SearchError, match="no search index yet"):
            index.ids(bound("storm"))
        assert index.catch_up() == 3
        assert agrees(store, index)
        assert index.position == store.last_change()
        assert index.catch_up() == 0
        index.close()
        with pytest.raises(SearchError):
            index.ids(bound("storm"))


def test_an_index_of_nothing_is_built_too(tmp_path, engine):
    with open_store(tmp_path) as store:
        index = Index.open(tmp_path / "search", store, engine)
        assert index.behind() == 1
        assert index.catch_up() == 0
        assert index.behind() == 0
        assert index.ids(bound("")) == set()
        found = index.search(bound("storm"), limit=5, offset=0)
        assert (found.ids, found.scores, found.total) == ((), (), 0)


def test_new_changed_and_deleted_articles_are_followed(data, engine):
    with opened(data, engine) as (store, index):
        assert agrees(store, index)
        edited = entry("2", "https://news.example/2", title="Calm", text="No wind.")
        save(store, edited, entry("new", "https://news.example/new", text="Storm hits."))
        assert index.behind() == 2
        assert not agrees(store, index)
        assert index.catch_up() == 2
        assert agrees(store, index)
        assert edited.id not in index.ids(bound("storm"))
        store.expire(NOW + timedelta(days=400), now=NOW)
        index.catch_up()
        assert store.count() == 0
        assert agrees(store, index)


def test_stars_and_stories_are_followed(data, engine):
    with opened(data, engine) as (store, index):
        chosen = next(iter(index.ids(bound("storm"))))
        store.star(chosen)
        index.catch_up()
        assert index.ids(bound("is:starred")) == {chosen}
        told = store.articles(sorted(index.ids(bound("storm"))))
        story = stores.tell_as_one(store, *told)
        index.catch_up()
        assert index.ids(bound(f"story:{story}")) == {each.id for each in told}


def test_more_changes_than_a_batch_are_applied(data, engine):
    more = pipeline_index.BATCH + 20
    with opened(data, engine) as (store, index):
        save(store, *articles(more, first=100))
        assert index.catch_up() == more
        assert agrees(store, index)


def test_a_renamed_feed_is_found_by_its_new_name(data, engine):
    with opened(data, engine) as (store, index):
        renamed = [stores.Subscription(stores.A, title="Gamma"), stores.SUBSCRIPTIONS[1]]
        store.sync(renamed, now=NOW)
        index.catch_up()
        assert len(index.ids(bound("feed:gamma"))) == 9
        assert agrees(store, index)


def test_what_is_not_caught_up_is_not_found(data, engine):
    with opened(data, engine) as (store, index):
        save(store, entry("later", "https://news.example/later", text="Later."))
        assert index.ids(bound("later")) == set()
        assert index.ids(bound("storm")) <= {article.id for article in store.find()}


def test_facets_count_the_matches(data, engine):
    with opened(data, engine) as (_, index):
        facets = index.facets(bound("storm"), ["tag", "feed", "month"], 5, timezone=UTC)
    assert facets == {"tag": [("Iran", 5)], "feed": [("Alpha", 9)], "month": [("2026-02", 9)]}


def test_a_rebuilt_index_equals_the_followed_one(data, engine):
    with opened(data, engine) as (store, index):
        heard = []
        assert index.rebuild(lambda: heard.append(1)) == len(heard) == 9
        assert agrees(store, index)
        assert [entry.name for entry in (data / "search").iterdir() if entry.is_dir()] == ["2"]


def test_changes_during_a_rebuild_are_applied_after_it(data, engine):
    with opened(data, engine) as (store, index):

        def change_meanwhile():
            if store.count() == 9:
                changed = entry("1", "https://news.example/1", title="Changed", text="Storm hits!")
                save(store, changed, *articles(1, first=50))
                index_of_the_time.append(index.ids(bound("title:changed")))

        index_of_the_time: list[set[str]] = []
        index.rebuild(change_meanwhile)
        assert index_of_the_time == [set()]
        assert index.behind() == 2
        index.catch_up()
        assert agrees(store, index)
        assert index.search(bound("title:changed"), limit=9, offset=0).total == 1


def test_an_interrupted_rebuild_changes_nothing(data, engine):
    def interrupt():
        raise KeyboardInterrupt

    with opened(data, engine) as (store, index):
        with pytest.raises(KeyboardInterrupt):
            index.rebuild(interrupt)
        assert agrees(store, index)
        index.rebuild()
        assert len(list((data / "search").glob("*/"))) == 1


def test_an_index_of_another_store_is_rebuilt(data, tmp_path_factory, engine):
    other = tmp_path_factory.mktemp("other")
    for name in ("articles.db", "articles.db-wal", "articles.db-shm"):
        (data / name).unlink(missing_ok=True)
    with Store.open(other / "articles.db") as store:
        store.sync(stores.SUBSCRIPTIONS, now=NOW)
        save(store, *articles(2, first=30))
    shutil.copy(other / "articles.db", data / "articles.db")
    with opened(data, engine) as (store, index):
        assert index.behind() == 2
        with pytest.raises(SearchError, match="no search index yet"):
            index.ids(bound("storm"))
        assert index.catch_up() == 2
        assert agrees(store, index)


def test_an_older_copy_of_the_store_is_indexed_anew(data, engine):
    shutil.copy(data / "articles.db", data / "backup.db")
    with opened(data, engine) as (store, index):
        save(store, *articles(3, first=40))
        index.catch_up()
    for name in ("articles.db-wal", "articles.db-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "backup.db").rename(data / "articles.db")
    with opened(data, engine) as (store, index):
        index.catch_up()
        assert store.count() == 9
        assert agrees(store, index)


def test_a_log_pruned_beyond_the_index_means_a_rebuild(data, engine):
    with opened(data, engine) as (store, index):
        store.prune_changes(store.last_change())
        assert index.catch_up() == 0
        save(store, *articles(2, first=60))
        store.prune_changes(store.last_change())
        assert index.catch_up() == 11
        assert agrees(store, index)


def test_another_number_of_articles_than_the_store_has_means_a_rebuild(data, engine):
    with opened(data, engine) as (store, index):
        save(store, *articles(1, first=70))
    generation = data / "search" / "1"
    progress = json.loads((generation / "progress").read_text())
    (generation / "progress").write_text(json.dumps({**progress, "change": 10}))
    with opened(data, engine) as (store, index):
        assert index.behind() == 0
        assert index.catch_up() == 10
        assert agrees(store, index)


def test_an_index_that_cannot_be_written_says_so(data, engine):
    (data / "elsewhere").write_text("no directory")
    with Store.open(data / "articles.db") as store:
        index = Index.open(data / "elsewhere", store, engine)
        with pytest.raises(SearchError):
            index.catch_up()


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"store": 1}', "\xff", "9" * 5000])
def test_a_broken_note_of_progress_means_a_rebuild(data, content, engine):
    (data / "search" / "1" / "progress").write_text(content, "latin-1")
    with opened(data, engine) as (store, index):
        assert index.behind() == store.last_change()
        assert index.catch_up() == 9
        assert agrees(store, index)
