"""Query text to tree: what is read, what is forgiven, what is refused and in which words."""

import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator import query
from aggregator.errors import QueryError
from aggregator.query import All, And, Dates, Exact, Has, Is, Not, Or, Text, Words

A, B, C, D = (Text(letter) for letter in "abcd")
PIECES = [
    *("a", "b*", "covid-19", "日本", 'צה"ל', "AND", "OR", "NOT", "-", "(", ")", '"', "“", "」"),
    *("*", " ", " ", " ", "title:", "tag:", "feed:", "author:", "language:", "site:", "story:"),
    *("is:", "has:", "words:", "after:", "before:", "date:", "titel:", "http://x", "10:30"),
    *("en", "starred", "image", ">300", "1..2", "7d", "2026-02", "today", "x.org", "||", "："),
    *("\u3000", "\n", ":", "--"),
]
scribbles = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=24).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a && b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a || b", Or((A, B))),
        ("a b OR c d", Or((And((A, B)), And((C, D))))),
        ("a (b OR c) d", And((A, Or((B, C)), D))),
        ("a (b c)", And((A, B, C))),
        ("-a", Not(A)),
        ("NOT a", Not(A)),
        ("NOT NOT a", A),
        ("-(-a)", A),
        ("a -b", And((A, Not(B)))),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("-(a OR b)", Not(Or((A, B)))),
        ('-"a b"', Not(Text("a b", phrase=True))),
        ("and or not", And((Text("and"), Text("or"), Text("not")))),
        ('"a  b"', Text("a b", phrase=True)),
        ("“a b”", Text("a b", phrase=True)),
        ("«a b»", Text("a b", phrase=True)),
        ("「a b」", Text("a b", phrase=True)),
        ("（a OR b）", Or((A, B))),
        ("pre*", Text("pre", prefix=True)),
        ("covid-1*", Text("covid-1")),
        ("日本*", Text("日本")),
        ("C++", Text("C++")),
        ('צה"ל', Text('צה"ל')),
        ("http://x.org/y?z=1", Text("http://x.org/y?z=1")),
        ("10:30", Text("10:30")),
        ("foo:bar", Text("foo:bar")),
        ("re:a", Text("re:a")),
        ("title:a", Text("a", "title")),
        ("TITLE:a", Text("a", "title")),
        ("title： a", Text("a", "title")),
        ('title:"a b"', Text("a b", "title", phrase=True)),
        ("title:pre*", Text("pre", "title", prefix=True)),
        ("title:tag:a", Text("tag:a", "title")),
        ("title:-a", Not(Text("a", "title"))),
        ("-title:a", Not(Text("a", "title"))),
        ("title:(a OR -b)", Or((Text("a", "title"), Not(Text("b", "title"))))),
        ("title:(a tag:b)", And((Text("a", "title"), Exact("tag", "b")))),
        ('tag:"Middle East"', Exact("tag", "Middle East")),
        ('tag:(iran OR "Middle East")', Or((Exact("tag", "iran"), Exact("tag", "Middle East")))),
        ("author:jane", Text("jane", "author")),
        ("feed:https://x.org/rss?a=1", Text("https://x.org/rss?a=1", "feed")),
        ("language:en-US", Exact("language", "en")),
        ("site:BBC.co.uk", Exact("site", "bbc.co.uk")),
        ("site:https://www.bbc.co.uk/news", Exact("site", "bbc.co.uk")),
        ("site:*.bbc.co.uk", Exact("site", "bbc.co.uk")),
        ("site:мвд.рф", Exact("site", "xn--b1aew.xn--p1ai")),
        ("story:k3jd", Exact("story", "k3jd")),
        ("is:Starred", Is("starred")),
        ("has:IMAGE", Has("image")),
        ("has:(images OR comment)", Or((Has("image"), Has("comments")))),
        ("words:>300", Words(301, None)),
        ("words:>=300", Words(300, None)),
        ("words:<300", Words(None, 299)),
        ("words:<=1,000", Words(None, 1000)),
        ("words:=300", Words(300, 300)),
        ("words:300", Words(300, 300)),
        ("words:100..300", Words(100, 300)),
        ("words:300..100", Words(100, 300)),
        ("words:100..", Words(100, None)),
        ("date:7d", Dates(None, None, "date", "7d")),
        ("after: 2026-02-01", Dates(None, None, "after", "2026-02-01")),
    ],
)
def test_a_query_is_read(text, expected):
    assert query.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", All()),
        ("   ", All()),
        ("\u3000\n", All()),
        ("a ***", A),
        ("★ a -€", A),
        ("a OR ★", A),
        ("★ OR -a", Not(A)),
        ("a - b", And((A, B))),
        ('"a b', Text("a b", phrase=True)),
        ("(a OR b", Or((A, B))),
        ("a) b", And((A, B))),
        ("a AND", A),
        ("AND a", A),
        ("a OR", A),
        ("OR a", A),
        ("a OR OR b", Or((A, B))),
        ("a AND OR b", Or((A, B))),
        ("a NOT", A),
        ("a -", A),
        ("((a)) ()", A),
        ("title:(a", Text("a", "title")),
        ('a"b c"d', And((A, Text("b c", phrase=True), D))),
    ],
)
def test_a_slip_is_read_as_it_was_meant(text, expected):
    assert query.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("a titel:b", 3, 'there is no field "titel:"; did you mean "title:"?'),
        ("autor:b", 1, 'did you mean "author:"?'),
        ("tags:b", 1, 'did you mean "tag:"?'),
        ("lang:en", 1, 'did you mean "language:"?'),
        ("since:7d", 1, 'did you mean "after:"?'),
        ("★", 1, "there is nothing to search for in ★."),
        (" ★  OR -€", 1, "there is nothing to search for in ★ OR -€."),
        ("***", 1, "nothing to search for in ***."),
        ("-***", 1, "nothing to search for"),
        ("()", 1, "nothing to search for"),
        ("-", 1, "nothing to search for"),
        ("AND", 1, "nothing to search for"),
        ('""', 1, "nothing to search for"),
        ("title:()", 1, "nothing to search for"),
        ("title:★", 1, "nothing to search for"),
        ("tag:", 1, '"tag:" needs a value, such as tag:"Middle East".'),
        ('a tag:""', 3, '"tag:" needs a value'),
        ("title: AND b", 1, '"title:" needs a value'),
        ("(title:)", 2, '"title:" needs a value'),
        ("date:2026-13", 6, '"2026-13" is no date; write 2026-02-17'),
        ("date:2026-02-30", 6, "is no date"),
        ("date:0001", 6, "is no date"),
        ("after:7d..", 7, "is no date"),
        ("date:..", 6, "is no date"),
        ("date:>", 6, "is no date"),
        ("before:noon", 8, "is no date"),
        ("words:many", 7, '"many" is no number of words; write words:>300'),
        ("words:..", 7, "is no number"),
        ("words:>", 7, "is no number"),
        ("language:English", 10, '"English" is no language code'),
        ("site:<>", 6, '"<>" is no site'),
        ("is:stared", 4, 'did you mean "is:starred"?'),
        ("is:read", 4, '"is:" does not know "read"; it knows starred.'),
        ("has:imgae", 5, 'did you mean "has:image"?'),
        ("(" * 40, 33, "brackets stand at most 32 deep."),
        ("a " * 65, 129, "at most 64 terms."),
    ],
)
def test_a_mistake_is_one_sentence_with_its_column(text, column, words):
    with pytest.raises(QueryError) as caught:
        query.parse(text)
    assert caught.value.column == column
    message = str(caught.value)
    assert words in message
    assert message.startswith(f"Column {column}: ")
    assert message[-1] in ".?"
    assert "\n" not in message


def test_a_query_has_at_most_a_thousand_characters():
    assert query.parse("a" * 1000) == Text("a" * 1000)
    with pytest.raises(
        QueryError, match="Column 1001: a query has at most 1,000 characters"
    ) as caught:
        query.parse("a" * 1001)
    assert caught.value.column == 1001


def test_sixty_four_terms_and_thirty_two_brackets_are_allowed():
    assert len(query.parse("a " * 64).children) == 64
    assert query.parse("(" * 32 + "a" + ")" * 32) == A


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a AND (b OR c)", "a (b OR c)"),
        ("NOT (a b)", "-(a b)"),
        ("title:(a OR “b c”)", 'title:a OR title:"b c"'),
        ("tag:(a 'b')", "tag:a tag:'b'"),
        ("words:>300 is:starred has:image", "words:301.. is:starred has:image"),
        ("a* date:7D", "a* date:7D"),
        ("", ""),
    ],
)
def test_a_tree_prints_as_a_query(text, printed):
    assert str(query.parse(text)) == printed


@given(scribbles | st.text(max_size=60))
@example('"א"ב"')
@example('tag:"a(b"')
@example("title:--a")
@example("title:-tag:a")
@example("-:a")
def test_any_text_is_read_or_refused_and_what_is_printed_reads_the_same(text):
    tree = read(text)
    if isinstance(tree, QueryError):
        assert tree.column in range(1, len(text) + 2)
    elif len(str(tree)) <= 1000:
        assert query.parse(str(tree)) == tree


def read(text):
    try:
        return query.parse(text)
    except QueryError as error:
        return error


def calls(text):
    """How many function calls parsing takes: a measure of work that no busy machine changes."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        query.parse(text)
    except QueryError:
        count += 1
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece", ["***", "(a)", "-", "()", ") ", '"', "OR ", "AND ", "- ", '""', ":", "a:", "a-"]
)
def test_the_work_grows_with_the_length(piece):
    calls(piece)
    short, long = (calls(piece * (size // len(piece))) for size in (240, 960))
    assert long <= 4 * short + 400


def test_quotes_within_quotes_stand_behind_a_backslash():
    label = '"Iron Swords" - War in Gaza'
    assert query.parse(r'tag:"\"Iron Swords\" - War in Gaza"') == Exact("tag", label)
    assert str(Exact("tag", label)) == r'tag:"\"Iron Swords\" - War in Gaza"'
