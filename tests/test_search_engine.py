"""What every search engine keeps: commits, order, pages, ranking, and odd input."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aggregator import query
from aggregator.errors import DamageError, SearchError
from aggregator.model import Article
from aggregator.search import ENGINES, FACETS, Engine, Maker, Results, maker
from aggregator.search.whoosh import LATE, MANY_SEGMENTS, WhooshEngine
from aggregator.text import slug
from tests.support.articles import NOW, article

JERUSALEM = ZoneInfo("Asia/Jerusalem")
UTC_ZONE = ZoneInfo("UTC")


def bound(written: str) -> query.Query:
    return query.bind(query.parse(written), now=NOW, timezone=JERUSALEM)


@pytest.fixture(params=ENGINES)
def make(request: pytest.FixtureRequest) -> Maker[Engine]:
    return maker(request.param)


@pytest.fixture
def engine(make: Maker[Engine], tmp_path: Path) -> Iterator[Engine]:
    made = make.create(tmp_path / "index")
    yield made
    made.close()


def apply(engine: Engine, *articles: Article, stale: tuple[str, ...] = ()) -> None:
    engine.apply(map(query.record, articles), stale=stale)


def best(engine: Engine, written: str, limit: int = 10, offset: int = 0) -> Results:
    return engine.search(bound(written), sort="relevance", limit=limit, offset=offset)


def newest(engine: Engine, written: str, limit: int = 10, offset: int = 0) -> Results:
    return engine.search(bound(written), sort="newest", limit=limit, offset=offset)


def test_an_empty_index_finds_nothing(engine):
    for written in ("", "storm", "-storm", "st*", '"a storm"', "date:7d", "tag:iran"):
        assert engine.ids(bound(written)) == set()
        assert best(engine, written) == newest(engine, written) == Results((), (), 0)
    assert engine.count() == 0


def test_a_search_out_of_time_gives_what_it_has_and_says_so(tmp_path):
    made = WhooshEngine.create(tmp_path / "index")
    storm = article("Storm")
    apply(made, storm)
    made.close()
    hurried = WhooshEngine.open(tmp_path / "index", patience=-1)
    assert best(hurried, "storm") == newest(hurried, "storm") == Results((), (), 0, LATE)
    assert hurried.ids(bound("storm")) == {storm.id}
    assert hurried.facets(bound("storm"), ["month"], 9, timezone=UTC_ZONE)["month"][0][1] == 1
    hurried.close()
    patient = WhooshEngine.open(tmp_path / "index")
    assert (best(patient, "storm").ids, best(patient, "storm").warning) == ((storm.id,), None)
    patient.close()


def test_an_index_is_opened_again_with_what_was_applied(make, engine, tmp_path):
    storm = article("Storm hits coast")
    apply(engine, storm)
    engine.close()
    opened = make.open(tmp_path / "index")
    assert opened.ids(bound("storm")) == {storm.id}
    assert opened.count() == 1
    opened.check()
    opened.close()


def test_nothing_is_no_index(make, tmp_path):
    with pytest.raises(DamageError, match="damaged"):
        make.open(tmp_path)
    with pytest.raises(DamageError, match="damaged"):
        make.open(tmp_path / "nowhere")


def test_an_update_replaces(engine):
    old = article("Storm hits coast")
    apply(engine, old)
    apply(engine, replace(old, title="Calm returns"), stale=(old.id,))
    assert engine.ids(bound("storm")) == set()
    assert engine.ids(bound("calm")) == {old.id}
    assert engine.count() == 1


def test_a_deletion_removes(engine):
    articles = [article(f"Storm {number}") for number in range(5)]
    apply(engine, *articles)
    apply(engine, stale=(articles[0].id, articles[3].id, "unknown"))
    kept = {each.id for each in articles} - {articles[0].id, articles[3].id}
    assert engine.count() == 3
    for written in ("", "storm", "-calm", "tag:x OR -calm", "st*"):
        assert engine.ids(bound(written)) == kept
        assert best(engine, written).total == newest(engine, written).total == 3


def test_an_interrupted_commit_changes_nothing(engine):
    apply(engine, article("Storm"))

    def records():
        yield query.record(article("Calm"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.apply(records(), stale=(article("Storm").id,))
    assert engine.ids(bound("")) == {article("Storm").id}
    apply(engine, article("Calm"))
    assert engine.count() == 2
    assert engine.ids(bound("calm")) == {article("Calm").id}
    engine.check()


def test_many_commits_are_joined_and_lose_nothing(engine, tmp_path):
    articles = [
        article(f"Storm number {number}", hours=-number) for number in range(MANY_SEGMENTS * 2 + 3)
    ]
    for number, each in enumerate(articles):
        apply(engine, each, stale=(articles[0].id,) if number == 4 else ())
        assert engine.count() == number + (number < 4)
    expected = [each.id for each in articles[1:]]
    assert list(newest(engine, "storm", 99).ids) == expected
    assert set(best(engine, '"storm number"', 99).ids) == set(expected)
    assert engine.ids(bound("17")) == {articles[17].id}
    assert len(list((tmp_path / "index").glob("*.[ti][rd][mx]"))) <= MANY_SEGMENTS + 1


def test_newest_first_is_exact_to_the_microsecond_and_ties_are_broken_by_id(engine):
    moments = [timedelta(microseconds=micro) for micro in (0, 1, 1, 2, 0, -1)]
    articles = [
        article(f"Storm {number}", date=NOW + moment) for number, moment in enumerate(moments)
    ]
    for each in articles:
        apply(engine, each)
    ordered = sorted(articles, key=lambda each: (each.date, each.id), reverse=True)
    assert newest(engine, "storm").ids == tuple(each.id for each in ordered)
    pages = [newest(engine, "storm", 1, offset).ids[0] for offset in range(6)]
    assert pages == [each.id for each in ordered]


def test_pages_beyond_the_end_are_empty_and_know_the_total(engine):
    apply(engine, *(article(f"Storm {number}") for number in range(3)))
    for search in (best, newest):
        assert search(engine, "storm", 10, 3) == Results((), (), 3)
        assert search(engine, "storm", 0, 0) == Results((), (), 3)
        assert len(search(engine, "storm", 10, 2).ids) == 1


def test_dates_before_1970_are_dates(engine):
    old = article("Old storm", date=datetime(1931, 5, 4, tzinfo=UTC))
    apply(engine, old, article("New storm"))
    assert engine.ids(bound("before:1970")) == {old.id}
    assert newest(engine, "storm").ids[-1] == old.id


def test_facets_count_the_values_of_what_is_found(engine):
    one = article("Storm", feed="A", labels=("Iran", "Oil"), language="de", date=month(2, 17))
    two = article("Storm two", feed="B", labels=("Iran",), date=month(2, 1))
    apply(engine, one, article("Calm", labels=("Iran",)))
    apply(engine, two, article("Storm three", labels=("Oil",), url="https://a.example/gone"))
    apply(engine, stale=(article("", url="https://a.example/gone").id,))
    counted = engine.facets(bound("storm"), FACETS, 10, timezone=UTC_ZONE)
    assert counted == {
        "tag": [("iran", 2), ("oil", 1)],
        "feed": [("https://a.example/feed", 1), ("https://b.example/feed", 1)],
        "language": [("de", 1), ("en", 1)],
        "month": [("2026-02", 2)],
    }
    assert engine.facets(bound("-calm"), ["tag"], 1, timezone=UTC_ZONE) == {"tag": [("iran", 2)]}
    nothing = {name: [] for name in FACETS}
    assert engine.facets(bound("nothing"), FACETS, 9, timezone=UTC_ZONE) == nothing
    assert engine.facets(bound("storm"), [], 10, timezone=UTC_ZONE) == {}


def month(number: int, day: int) -> datetime:
    return datetime(2026, number, day, tzinfo=UTC)


def test_months_are_cut_in_the_time_zone(engine):
    midnight = datetime(2026, 1, 31, 22, tzinfo=UTC)
    moments = [midnight - timedelta(microseconds=1), midnight, datetime(1969, 12, 31, tzinfo=UTC)]
    apply(engine, *(article(f"Storm {each}", date=each) for each in moments))
    months = engine.facets(bound("storm"), ["month"], 5, timezone=JERUSALEM)["month"]
    assert months == [("1969-12", 1), ("2026-01", 1), ("2026-02", 1)]
    cut = engine.facets(bound("storm"), ["month"], 5, timezone=UTC_ZONE)["month"]
    assert cut == [("2026-01", 2), ("1969-12", 1)]


def test_odd_values_are_counted(engine):
    apply(engine, article("Odd", labels=("日本", "C++"), feed="Ä"))
    tags = engine.facets(bound("odd"), ["tag", "feed"], 5, timezone=UTC_ZONE)
    assert {value for value, _ in tags["tag"]} == {slug("日本"), slug("C++")}
    assert tags["feed"] == [("https://ä.example/feed", 1)]


def related(engine: Engine, like: Article, limit: int = 10) -> list[str]:
    return [name for name, _ in engine.related(query.record(like), limit)]


COUNCIL = tuple(
    article(f"Council {number}", f"The council met on day {number} and spoke of roads.", hours=-99)
    for number in range(12)
)


def test_related_articles_share_rare_words_and_tags(engine):
    reef = article("Coral reef bleaching", "The reef off the coast is bleaching.", labels=("Sea",))
    words = article("Divers count corals", "Bleaching of the reef reached the north.", hours=1)
    tagged = article("Whales return", "The whales were seen again.", labels=("Sea",), hours=2)
    apply(engine, reef, *COUNCIL[:6])
    apply(engine, words, tagged, *COUNCIL[6:])
    assert related(engine, reef)[:2] == [words.id, tagged.id]
    likeness = dict(engine.related(query.record(reef), 10))
    assert reef.id not in likeness
    assert 1 >= likeness[words.id] > likeness[tagged.id] > 0
    assert related(engine, reef, 1) == [words.id]
    assert related(engine, reef, 0) == []


def test_words_of_the_title_make_more_alike_than_those_of_the_text(engine):
    told = article("Reef bleaching", "Officials spoke of tariffs, too.")
    same, other = article("A reef is bleaching", hours=-9), article("Officials raise tariffs")
    apply(engine, told, same, other, *COUNCIL)
    assert related(engine, told)[:2] == [same.id, other.id]


def test_what_was_deleted_or_is_not_indexed_has_no_relatives(engine):
    one, two = article("Reef bleaching"), article("Reef bleaching again")
    assert related(engine, one) == []
    apply(engine, one, two, *COUNCIL)
    assert related(engine, one) == [two.id]
    apply(engine, stale=(two.id,))
    assert related(engine, one) == []
    assert related(engine, two) == []


def test_an_article_of_common_words_alone_has_no_relatives(engine):
    apply(engine, *(article("Council", url=f"https://a.example/{n}") for n in range(5)))
    empty = article("", url="https://a.example/empty")
    apply(engine, empty)
    assert related(engine, empty) == []


FILLER = "The council met in the old town and spoke of roads, schools and the price of bread. "


@pytest.mark.parametrize(
    ("better", "worse", "written"),
    [
        ({"title": "Storm hits coast"}, {"text": f"{FILLER} A storm was mentioned."}, "storm"),
        ({"text": "storm " * 3 + FILLER}, {"text": f"storm {FILLER}"}, "storm"),
        ({"text": "A storm came."}, {"text": f"A storm came. {FILLER * 5}"}, "storm"),
        ({"text": f"Election. {FILLER}"}, {"text": f"Elections. {FILLER}"}, "election"),
        ({"text": f"storm {FILLER}"}, {"text": f"bread {FILLER}"}, "storm OR bread"),
        ({"text": f"A storm surge. {FILLER}"}, {"text": f"storm {FILLER}"}, '"a storm" OR storm'),
        ({"hours": 0, "text": "storm"}, {"hours": -3, "text": "storm"}, "storm"),
        ({"hours": 0, "text": "x"}, {"hours": -3, "text": "x"}, "-storm"),
        (
            {"text": f"storm {FILLER}", "labels": ("Storm",)},
            {"text": f"storm storm {FILLER}", "labels": ("Rain",)},
            "storm",
        ),
        ({"hours": 0, "text": "storm x"}, {"hours": -900, "text": "storm"}, "storm"),
        ({"hours": -9000, "text": "storm " * 3}, {"hours": 0, "text": f"storm {FILLER}"}, "storm"),
    ],
    ids=[
        "title over body", "often over once", "short over long", "exact over stem",
        "rare over common", "phrase on top", "then the newer", "then the newer without words",
        "with a tag of that name", "about as good and new", "far better and old",
    ],
)  # fmt: skip
def test_the_better_article_comes_first(engine, better, worse, written):
    shared = {"summary": "", "title": "Notes"}
    first = article(**{**shared, **better}, url="https://a.example/1")
    second = article(**{**shared, **worse}, url="https://a.example/2")
    others = [article(f"Council {n}", FILLER, hours=-9) for n in range(8)]
    apply(engine, *others[:4], second)
    apply(engine, first, *others[4:])
    found = best(engine, written, 20)
    assert found.ids.index(first.id) < found.ids.index(second.id)
    assert list(found.scores) == sorted(found.scores, reverse=True)


def test_scores_are_those_of_the_documented_formula(engine):
    text = "storm bread " * 8  # so that lengths are exact in every engine
    told = article("", text, labels=("Storm",), hours=-14 * 24, url="https://a.example/told")
    others = [article("", "bread " * 16, url=f"https://a.example/{n}") for n in range(99)]
    apply(engine, told, *others)
    (score,) = best(engine, "storm").scores
    rarity = log(1 + 99.5 / 1.5)
    word = 2 * rarity * 2.2 * 8 / (8 + 1.2)  # itself and its stem
    assert score == pytest.approx((1 + 0.1 / 2) * (word + 2 * rarity), rel=5e-3)


def test_a_tag_counts_only_where_its_words_stand(engine):
    tagged = article("Calm", "calm and quiet", labels=("Storm",))
    other = article("Quiet", "calm and quiet")
    apply(engine, tagged, other, *COUNCIL)
    assert best(engine, "storm").ids == ()
    scores = [
        dict(zip(*astuple(best(engine, each))[:2], strict=True)) for each in ("calm", "calm -storm")
    ]
    assert scores[0] == scores[1]


def test_a_prefix_begins_words_and_not_their_stems(engine):
    happy = article("Happy end")
    apply(engine, happy)
    assert engine.ids(bound("happ*")) == {happy.id}
    assert engine.ids(bound("happi*")) == set()


def test_a_prefix_that_stands_for_too_much_is_refused_in_a_sentence(engine):
    text = " ".join(f"pre{number}" for number in range(20_001))
    apply(engine, *(article(f"A {number}", text) for number in range(6)))
    assert best(engine, "pre1*").total == 6
    with pytest.raises(SearchError, match=r"pre\* stands for too many words"):
        best(engine, "pre*")
    with pytest.raises(SearchError, match=r"write more of the word"):
        engine.ids(bound("a -pre*"))
    assert best(engine, "pre77*").total == 6


@pytest.mark.parametrize(
    "text",
    ["\ud800", "a\ud800b", "\x00", "a\x00b", "🙂", "👩‍👩‍👧", "\ufffe", "\u202eabc", "ﷺ",
     "e\u0301" * 50, "x" * 100_000, "日" * 5_000, "a-" * 5_000, "~en", "a~b", "'" * 1_000],
    ids=lambda text: repr(text[:4]),
)  # fmt: skip
def test_odd_texts_are_indexed_and_found_as_in_memory(engine, text):
    odd = article(
        f"Odd {text}", text, url="https://a.example/1", authors=(text,), labels=(text or "x",)
    )
    apply(engine, odd, article("Plain"))
    assert engine.ids(bound("odd")) == {odd.id}
    for written in (text[:200], f'"odd {text[:200]}"', f"{text[:50]}*", f'author:"{text[:99]}"'):
        asked = bound(f"odd {written}")
        assert (odd.id in engine.ids(asked)) == query.matches(asked, query.record(odd))


def test_an_article_of_fifty_tags_has_them_all(engine):
    labels = tuple(f"Tag {number}" for number in range(50))
    tagged = article("Tagged", labels=labels)
    apply(engine, tagged)
    assert all(engine.ids(bound(f'tag:"{label}"')) == {tagged.id} for label in labels)


def test_a_common_word_of_many_articles_is_found_in_each(engine):
    articles = [article(f"Storm {number}", "wind") for number in range(400)]
    apply(engine, *articles)
    apply(engine, stale=tuple(each.id for each in articles[::3]))
    kept = {each.id for number, each in enumerate(articles) if number % 3}
    assert engine.ids(bound("storm wind")) == kept
    assert engine.ids(bound('"storm 7"')) == {articles[7].id}
    assert set(best(engine, "storm", 400).ids) == kept


def test_threads_search_while_one_writes(engine):
    apply(engine, *(article(f"Storm {number}") for number in range(50)))

    def search(number: int) -> bool:
        found = best(engine, "storm", 100)
        one = newest(engine, f'"storm {number}"', 5)
        return found.total >= 50 and one.total == 1

    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(search, number) for number in range(40)]
        for number in range(6):
            apply(engine, article(f"Storm extra {number}"))
        assert all(answer.result() for answer in answers)
    assert best(engine, "storm", 0).total == 56


def test_two_writers_at_once_are_told_apart_from_damage(make, engine, tmp_path):
    other = make.open(tmp_path / "index")

    def records():
        with pytest.raises(SearchError, match="written by another process"):
            apply(other, article("Other"))
        yield query.record(article("Mine"))

    engine.apply(records())
    apply(other, article("Other"))
    assert other.count() == 2
    other.close()


def test_too_little_memory_is_no_damage_and_commits_nothing(engine):
    def records():
        yield query.record(article("Storm"))
        raise MemoryError

    with pytest.raises(SearchError, match="not enough memory") as told:
        engine.apply(records())
    assert not isinstance(told.value, DamageError)
    assert engine.count() == 0
    apply(engine, article("Calm"))
    assert engine.count() == 1


def test_a_closed_engine_is_closed_twice_without_harm(engine):
    apply(engine, article("Storm"))
    assert best(engine, "storm").total == 1
    engine.close()
    engine.close()
