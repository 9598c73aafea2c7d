"""Damaged documents through parsing and normalization; `tests/fuzz.py` does it at length."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.normalize import Reading
from tests.support.mutation import CONTENT_TYPES, MUTATIONS, NOW, judge, mutant, read
from tests.support.newsrooms import FEEDS, HARBOUR, TALKS, Item, atom, json_feed, rdf, rss
from tests.support.purity import blemishes, blemishes_of_html

LONG = [
    Item(
        f"Report {n} of the <b>day</b>",
        f"https://e.example/{n}",
        '<p>JERUSALEM, Nov 3 (Reuters) - Ships <a href="/x">may</a> enter.</p><ul><li>One</li></ul>'
        '<table><tr><td><img src="/a.jpg" width="640" height="1"></td></tr></table>',
        hours=-n,
        tags=("Shipping", "Trade & ports"),
    )
    for n in range(12)
]
DOCUMENTS = [*FEEDS.values(), *(write("Many", *LONG) for write in (rss, rdf, atom, json_feed))]


def test_the_documents_are_read_as_they_are():
    assert sum(len(read(body).articles) for body in DOCUMENTS) > 4 * len(LONG)
    for body in DOCUMENTS:
        assert judge(body, None) == ("read", [])


@settings(max_examples=250, derandomize=True)
@given(st.integers(0, 2**32))
def test_a_mutation_is_read_clean_or_refused(seed):
    random = Random(seed)
    outcome, found = judge(mutant(random, DOCUMENTS), random.choice(CONTENT_TYPES))
    assert outcome in ("read", "refused"), found
    assert found == []


@settings(max_examples=100, derandomize=True)
@given(st.lists(st.sampled_from(MUTATIONS), max_size=6), st.randoms(use_true_random=False))
def test_mutations_can_be_put_one_upon_another(mutations, random):
    body = random.choice(DOCUMENTS)
    for mutation in mutations:
        body = mutation(random, body or b"<rss>")
    assert judge(body, None)[1] == []


HOSTILE = st.text() | st.sampled_from(
    [
        *("javascript:alert(1)", "<script>x</script>", "<img src=/a width=1>", "data:text/html,x"),
        *("file:///etc/passwd", "http://", "//", "https://e.example:99999/", "http://[::1", "\0"),
        *("<li><table><div><li>", "</div></article>", "\ud800", "\x9b31m", "a\nb", "a" * 3000),
    ]
)


@settings(max_examples=150, derandomize=True)
@given(st.sampled_from((rss, rdf, atom, json_feed)), st.data())
def test_no_field_of_a_feed_reaches_an_article_as_it_is(write, data):
    texts = [data.draw(HOSTILE).encode("utf-8", "replace").decode() for _ in range(6)]
    title, link, text, guid, author, tag = texts
    item = Item(title, link, text, tags=(tag,), guid=guid or "x", author=author)
    assert judge(write(title, item, TALKS), None)[1] == []


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick=x>a</p>",
        "</div><b>x</b>",
        "<li><div><li>x</li></div></li>",
        "<script>x</script>",
        "<a rel='noopener noreferrer nofollow' href='javascript:x'>y</a>",
        "<a href='https://e.example/'>y</a>",
        "<img src='https://e.example/a' width=1>",
        "<!-- x -->",
        "<svg></svg>",
        "<form></form>",
        "a\x07",
    ],
)
def test_the_look_at_html_finds_what_is_wrong(html):
    assert list(blemishes_of_html(html))


def test_the_look_at_articles_finds_what_is_wrong():
    reading = read(rss("World", HARBOUR))
    (article,) = reading.articles
    assert list(blemishes(reading, NOW)) == []
    for wrong in (
        {"title": "a\nb"},
        {"text": "something else"},
        {"url": "javascript:x"},
        {"image": "data:,"},
        {"date": NOW.replace(year=2099)},
        {"authors": ("a\x1b[31m",)},
    ):
        assert list(blemishes(_with(reading, article, wrong), NOW)), wrong


def _with(reading: Reading, article: object, changes: dict) -> Reading:
    return replace(reading, articles=(replace(article, **changes),))
