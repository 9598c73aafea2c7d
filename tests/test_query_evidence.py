"""What of a query speaks for an article: which words, where, how often."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator import query
from aggregator.errors import QueryError
from tests.support import records
from tests.support.articles import article

ONE = query.record(
    article(
        "Elections in Tehran",
        "The election was held. Iranian voters, and voters abroad, met at the Red Cross.",
        labels=("Iran",),
        authors=("Jane Doe",),
    )
)


def told(written: str) -> list[tuple[str, str | None, tuple[str, ...], int]]:
    found = query.evidence(records.bound(written, "UTC"), ONE)
    return [(str(each.asked), each.part, each.words, each.times) for each in found]


def test_words_are_told_as_they_were_found_with_their_places() -> None:
    assert told("election OR tehran") == [
        ("election", "title", ("elections",), 1),
        ("election", "body", ("election",), 1),
        ("tehran", "title", ("tehran",), 1),
    ]


def test_phrases_prefixes_and_fields_tell_theirs() -> None:
    assert told('"red cross" vot* author:doe title:voters') == [
        ('"red cross"', "body", ("red cross",), 1),
        ("vot*", "body", ("voters",), 2),
        ("author:doe", "author", ("doe",), 1),
    ]


def test_what_is_no_word_is_told_where_it_holds_and_exclusions_never() -> None:
    assert told("tag:iran tag:x -paris -(a OR tehran) words:>3") == [
        ("tag:iran", None, (), 1),
        ("words:4..", None, (), 1),
    ]
    assert told("") == []


@given(st.data())
def test_a_word_has_evidence_exactly_where_it_matches(data: st.DataObject) -> None:
    one = data.draw(records.articles("a1"))
    bound = records.bound(data.draw(st.sampled_from(WRITTEN)), "UTC")
    record = query.record(one)
    for leaf in query.asked(bound):
        if isinstance(leaf, query.Text) and leaf.field != "feed":
            assert bool(list(query.evidence(leaf, record))) == query.matches(leaf, record)


def is_searchable(word: str) -> bool:
    """Whether the word alone is a query: a smiley or a NUL says nothing to search for."""
    try:
        return bool(query.parse(word))
    except QueryError:
        return False


WRITTEN = [
    word for words in records.WORDS.values() for word in words.split() if is_searchable(word)
]
