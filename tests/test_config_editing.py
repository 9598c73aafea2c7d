"""Edits of feeds.yaml: the lines in question change, every other byte stays."""

import multiprocessing
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import config
from aggregator.config import editing, rewriting
from aggregator.config.editing import Folder, Line
from aggregator.errors import AggregatorError
from aggregator.model import Subscription

SHIPPED = (Path(__file__).parents[1] / "feeds.yaml").read_text("utf-8")
NEW = "https://new.example/feed"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "feeds.yaml"


def added(path, before, *items):
    """feeds.yaml after an addition to `before`."""
    path.write_bytes(before.encode())
    rewriting.add(path, items or [Line(NEW)])
    return path.read_bytes().decode()


def dropped(path, before, url):
    """feeds.yaml after a removal from `before`."""
    path.write_bytes(before.encode())
    rewriting.drop(path, url)
    return path.read_bytes().decode()


# --- adding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"feeds:\n  - {NEW}\n"),
        ("# only words\n", f"# only words\nfeeds:\n  - {NEW}\n"),
        ("settings: {title: T}", f"settings: {{title: T}}\nfeeds:\n  - {NEW}\n"),
        ("---\n", f"---\nfeeds:\n  - {NEW}\n"),
        ("  settings:\n    title: T\n", f"  settings:\n    title: T\n  feeds:\n    - {NEW}\n"),
        ("feeds:\n", f"feeds:\n  - {NEW}\n"),
        ("feeds:", f"feeds:\n  - {NEW}"),
        ("feeds: # mine\ndigest: {}\n", f"feeds: # mine\n  - {NEW}\ndigest: {{}}\n"),
        ("feeds:\n  # one day\n\n# x\n", f"feeds:\n  # one day\n  - {NEW}\n\n# x\n"),
        ("feeds: []  # none\n", f"feeds:  # none\n  - {NEW}\n"),
        ("feeds: null\ntopics: []\n", f"feeds:\n  - {NEW}\ntopics: []\n"),
        ("feeds:\n  []\n", f"feeds:\n\n  - {NEW}\n"),
        ("feeds:\n- http://a/\n", f"feeds:\n- http://a/\n- {NEW}\n"),
        ("feeds:\n- http://a/\n# end\n", f"feeds:\n- http://a/\n- {NEW}\n# end\n"),
        ("feeds:\n    - http://a/", f"feeds:\n    - http://a/\n    - {NEW}"),
        (
            "feeds:\n  - url: http://a/ # a\n    # title: A\n  # - http://b/\n\n# x\ntopics: []\n",
            f"feeds:\n  - url: http://a/ # a\n    # title: A\n  # - http://b/\n  - {NEW}\n\n# x\n"
            "topics: []\n",
        ),
        (
            "feeds:\r\n  - http://a/\r\ndigest: {}\r\n",
            f"feeds:\r\n  - http://a/\r\n  - {NEW}\r\ndigest: {{}}\r\n",
        ),
        ("\ufefffeeds:\n  - http://a/\n", f"\ufefffeeds:\n  - http://a/\n  - {NEW}\n"),
        (
            "feeds:\n  - url: http://a/\n    include: |\n      x OR y\n\n\n# end\n",
            f"feeds:\n  - url: http://a/\n    include: |\n      x OR y\n  - {NEW}\n\n\n# end\n",
        ),
        ("feeds: [http://a/]\n", f"feeds: [http://a/, {NEW}]\n"),
        ("feeds: ['http://a/', ]\n", f"feeds: ['http://a/', {NEW}, ]\n"),
        ('{"feeds": []}\n', f'{{"feeds": [{NEW}]}}\n'),
        (
            "feeds: [\n  http://a/, # a\n  http://b/ # b\n]\n",
            f"feeds: [\n  http://a/, # a\n  http://b/, # b\n  {NEW}\n]\n",
        ),
        (
            "feeds: [\n  http://a/,\n  http://b/, # b\n]\n",
            f"feeds: [\n  http://a/,\n  http://b/, # b\n  {NEW},\n]\n",
        ),
        (
            "feeds: [\n  http://a/,\n  http://b/]\n",
            f"feeds: [\n  http://a/,\n  http://b/, {NEW}]\n",
        ),
        (
            "feeds:\n  - group: G\n    feeds: [http://a/]\n  # more\n",
            f"feeds:\n  - group: G\n    feeds: [http://a/]\n  # more\n  - {NEW}\n",
        ),
    ],
)
def test_a_feed_goes_to_the_end_of_the_list(path, before, after):
    assert added(path, before) == after
    rewriting.drop(path, NEW + "/")
    path.with_name("before.yaml").write_text(before)
    left = config.load(path).subscriptions
    assert left == config.load(path.with_name("before.yaml")).subscriptions


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "feeds:\n  - group: A\n    feeds:\n      - http://a/\n  - http://b/\n",
            f"feeds:\n  - group: A\n    feeds:\n      - http://a/\n      - {NEW}\n  - http://b/\n",
        ),
        (
            "feeds:\n  - group:  A\n    feeds: []\n",
            f"feeds:\n  - group:  A\n    feeds:\n      - {NEW}\n",
        ),
        ("feeds: [{group: A, feeds: []}]\n", f"feeds: [{{group: A, feeds: [{NEW}]}}]\n"),
        ("feeds: [http://a/]\n", f"feeds: [http://a/, {{group: A, feeds: [{NEW}]}}]\n"),
        ("feeds:\n", f"feeds:\n  - group: A\n    feeds:\n      - {NEW}\n"),
    ],
)
def test_a_group_takes_a_feed_in_or_is_made(path, before, after):
    assert added(path, before, Folder("A", [Line(NEW)])) == after


def test_groups_and_feeds_go_where_they_belong_in_one_edit(path):
    path.write_text(SHIPPED)
    before = config.load(path).subscriptions
    rewriting.add(
        path,
        [
            Folder(
                "Science", [Line("http://s/"), Folder("Space", [Line("http://p/", tags=("P",))])]
            ),
            Line("http://t/", "Top"),
            Folder("World", [Folder("Asia", [Line("http://a/")])]),
        ],
    )
    after = config.load(path).subscriptions
    new = {s.url: s for s in after if s not in before}
    assert [s for s in after if s in before] == list(before)
    assert {url: s.groups for url, s in new.items()} == {
        "http://a/": ("World", "Asia"),
        "http://s/": ("Science",),
        "http://p/": ("Science", "Space"),
        "http://t/": (),
    }
    assert after[-1] == Subscription("http://t/", title="Top")
    lines = iter(path.read_text().splitlines())
    assert all(line in lines for line in SHIPPED.splitlines())


def test_every_feed_of_the_shipped_list_can_be_removed_and_every_comment_stays(path):
    path.write_text(SHIPPED)
    for subscription in config.load(path).subscriptions:
        rewriting.drop(path, subscription.url)
    assert config.load(path).subscriptions == ()
    comments = [line for line in SHIPPED.splitlines() if line.strip().startswith("#")]
    assert [
        line for line in path.read_text().splitlines() if line.strip().startswith("#")
    ] == comments
    rewriting.add(path, [Folder("World", [Folder("Asia", [Line(NEW)])])])
    assert config.load(path).subscriptions[0].tags == ("World", "Asia")


SCALARS = [
    "plain",
    "null",
    "~",
    "a: b",
    "a:",
    "a #b",
    "- a",
    "?",
    "[x]",
    "{x}",
    "x, y",
    '"q"',
    "it's",
    "$HOME ${X} $$",
    "*a",
    "&a",
    "!!str a",
    "%a",
    "@a",
    "`a",
    "a\\n",
    "\x9b\u200f\ufeff",
    "日本 – נכון",
    "😀",
    "a:b",
    "x" * 500,
    "2026",
    "yes",
    "<<",
]


@pytest.mark.parametrize("flow", [True, False])
@pytest.mark.parametrize("text", SCALARS)
def test_any_label_is_written_so_that_it_is_read_back(path, text, flow):
    path.write_text("feeds: [http://a/]\n" if flow else "feeds:\n")
    rewriting.add(path, [Folder(text, [Line(NEW, text, (text, "other"))])])
    assert config.load(path).subscriptions[-1] == Subscription(
        NEW, title=text, groups=(text,), tags=(text, "other")
    )


# --- removing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds:\n  - http://a/\n  - http://b/\n", "feeds:\n  - http://b/\n"),
        ("feeds:\n  - http://b/\n  - http://a/", "feeds:\n  - http://b/\n"),
        ("feeds:\n  - http://a/ # a\ndigest: {}\n", "feeds:\ndigest: {}\n"),
        (
            "feeds:\n  # above\n  -   url: http://a/\n      # in\n      weight: 2 # w\n"
            "      # below\n  - http://b/\n",
            "feeds:\n  # above\n      # below\n  - http://b/\n",
        ),
        ("feeds:\n  - # a\n    url: http://a/\n  - http://b/\n", "feeds:\n  - http://b/\n"),
        (
            "feeds:\n  - url: http://a/\n    include: |\n      x OR y\n\n  # c\n  - http://b/\n",
            "feeds:\n\n  # c\n  - http://b/\n",
        ),
        ("feeds:\r\n  - http://a/\r\n  - http://b/\r\n", "feeds:\r\n  - http://b/\r\n"),
        ("feeds: [http://a/]\n", "feeds: []\n"),
        ("feeds: [http://a/, http://b/]\n", "feeds: [http://b/]\n"),
        ("feeds: [http://b/, http://a/]\n", "feeds: [http://b/]\n"),
        ("feeds: [http://b/ , http://a/ ]\n", "feeds: [http://b/  ]\n"),
        ("feeds: [http://b/, {url: http://a/, title: A}]\n", "feeds: [http://b/]\n"),
        ("feeds: [url: http://a/, http://b/]\n", "feeds: [http://b/]\n"),
        (
            "feeds: [\n  http://b/, # b\n  http://a/ # a\n]\n",
            "feeds: [\n  http://b/, # b\n]\n",
        ),
        (
            "feeds: [http://b/, # b\n  http://a/]\n",
            "feeds: [http://b/, # b\n  ]\n",
        ),
        (
            "feeds:\n  - {group: G, feeds: [http://a/]}\n",
            "feeds:\n  - {group: G, feeds: []}\n",
        ),
        (
            "feeds:\n  - group: G\n    feeds:\n    - http://a/\n  - http://b/\n",
            "feeds:\n  - group: G\n    feeds:\n  - http://b/\n",
        ),
        ("feeds:\n  - http://www.a/?utm_source=x\n  - http://b/\n", "feeds:\n  - http://b/\n"),
        (
            "feeds:\n  - &n http://a/\n  - http://b/\n",
            "feeds:\n  - http://b/\n",
        ),
    ],
)
def test_the_lines_of_a_feed_go_and_comments_beside_them_stay(path, before, after):
    assert dropped(path, before, "http://a/") == after
    config.load(path)


def test_a_feed_whose_address_has_a_variable_is_found(path, monkeypatch):
    monkeypatch.setenv("AGGREGATOR_TEST_KEY", "k1")
    before = "feeds:\n  - http://a/?key=$AGGREGATOR_TEST_KEY\n  - http://b/?x=$$\n"
    assert dropped(path, before, "http://a/?key=k1") == "feeds:\n  - http://b/?x=$$\n"
    assert (
        dropped(path, before, "http://b/?x=$")
        == before.splitlines(keepends=True)[0] + before.splitlines(keepends=True)[1]
    )


# --- refusing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "group", "line", "words"),
    [
        ("{settings: {}}\n", None, 1, "no `feeds:`"),
        ("feeds: &f []\n", None, 1, "a form of its own"),
        ("feeds:\n  - {group: A, feeds: }\n", "A", 2, "write them as `feeds: ..`"),
        ("feeds:\n  - {group: A, feeds: ~}\n", "A", 2, "write them as `feeds: ..`"),
        ("settings: {}\n...\n", None, 2, "mistake"),
    ],
)
def test_what_cannot_be_edited_safely_is_left_with_the_place(path, before, group, line, words):
    path.write_text(before)
    items = [Folder(group, [Line(NEW)])] if group else [Line(NEW)]
    with pytest.raises(AggregatorError, match=words) as raised:
        rewriting.add(path, items)
    assert str(raised.value).startswith(f"{path}:{line}: cannot be edited safely")
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (
            "feeds:\n  - url: http://a/\n    tags: &t [x]\n  - url: http://b/\n    tags: *t\n",
            "`.t`",
        ),
        (
            "feeds:\n  - &a {title: A, tags: [x], url: http://a/}\n  - {<<: *a, url: http://b/}\n",
            "`.a`",
        ),
        ("feeds:\n  - {url: http://b/, tags: &t [x]}\n  - <<: {url: http://a/}\n", "merge"),
    ],
)
def test_a_feed_on_which_others_depend_is_left_with_the_place(path, before, words):
    path.write_text(before)
    with pytest.raises(AggregatorError, match=words) as raised:
        rewriting.drop(path, "http://a/")
    assert str(raised.value).startswith(f"{path}:2: cannot be edited safely")
    assert path.read_text() == before


def test_an_anchor_that_nothing_refers_to_is_no_obstacle(path):
    before = "feeds: &f\n  - http://a/\ninclude: [more.yaml]\n"
    path.write_text(before)
    (path.parent / "more.yaml").write_text("feeds:\n  - http://b/\n")
    rewriting.add(path, [Line(NEW)])
    assert [s.url for s in config.load(path).subscriptions] == ["http://a/", NEW, "http://b/"]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Line("http://www.a/"), "same feed"),
        (Line("ftp://b/"), "only http and https"),
        (Line("http://b/", "\x07"), "control character"),
        (Line("http://b/", "  two  spaces "), "would change other things"),
    ],
)
def test_what_would_not_load_or_not_say_the_same_is_refused(path, item, words):
    path.write_text("feeds:\n  - http://a/\n")
    with pytest.raises(AggregatorError, match=words):
        rewriting.add(path, [item])
    assert path.read_text() == "feeds:\n  - http://a/\n"


def test_the_edits_themselves_refuse_a_shared_line_and_an_absent_feed():
    with pytest.raises(editing.Uneditable, match="anchor, an alias or a merge"):
        editing.remove("settings: {}\n", lambda _: True)
    with pytest.raises(editing.Uneditable, match="shares its line"):
        editing.remove("feeds:\r  - http://a/\r", bool)
    with pytest.raises(editing.Uneditable, match="something follows"):
        editing.insert("feeds:\r  - http://a/\rtopics: []", [Line(NEW)])
    with pytest.raises(editing.Uneditable, match="alias of a list"):
        editing.insert("x: &x [a]\nfeeds: *x\n", [Line(NEW)])
    assert editing.groups("") == []


# --- the file -----------------------------------------------------------------------------------


def test_mode_link_and_directory_stay_as_they_were(path):
    target = path.parent / "real" / "list.yaml"
    target.parent.mkdir()
    target.write_text("feeds:\n")
    target.chmod(0o640)
    path.symlink_to(target)
    rewriting.add(path, [Line(NEW)])
    assert path.is_symlink()
    assert target.read_text() == f"feeds:\n  - {NEW}\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(target.parent.iterdir()) == [target]


ATTEMPT = """
import os, resource, signal, sys
from pathlib import Path
from aggregator import config
from aggregator.config import editing, rewriting
from aggregator.errors import AggregatorError
path = Path(sys.argv[1])
config.load(path)
{before}
try:
    rewriting.add(path, [editing.Line("http://b/")])
except AggregatorError as error:
    print(error)
"""
AS_NOBODY = "os.geteuid() or os.setuid(65534)"
ON_A_FULL_DISK = (
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"
)


@pytest.mark.parametrize(
    ("before", "mode", "words"),
    [
        (AS_NOBODY, 0o444, "feeds.yaml is write-protected"),
        (AS_NOBODY, 0o666, "feeds.yaml cannot be written: Permission denied"),
        (ON_A_FULL_DISK, 0o666, "feeds.yaml cannot be written: File too large"),
    ],
)
def test_a_file_that_cannot_be_written_is_left_as_it_was(before, mode, words):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "feeds.yaml"
        path.write_text("feeds:\n")
        path.chmod(mode)
        if before is AS_NOBODY:
            path.parent.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", ATTEMPT.format(before=before), str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        path.parent.chmod(0o755)
        assert words in done.stdout
        assert path.read_text() == "feeds:\n"
        assert list(path.parent.iterdir()) == [path]


def test_a_missing_directory_is_told(path):
    with pytest.raises(AggregatorError, match="cannot be opened"):
        rewriting.add(path.parent / "none" / "feeds.yaml", [Line(NEW)])


def _add_some(path, worker):
    for number in range(5):
        rewriting.add(path, [Line(f"http://h{worker}-{number}/")])


def test_several_at_once_lose_nothing(path):
    path.write_text("# mine\nfeeds:\n")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add_some, args=(path, number)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(config.load(path).subscriptions) == 15
    assert path.read_text().startswith("# mine\nfeeds:\n")


# --- any layout ---------------------------------------------------------------------------------


@st.composite
def layouts(draw):
    """A feeds.yaml in block style with comments, blank lines and groups anywhere."""
    number = iter(range(1000))
    eol = draw(st.sampled_from(["\n", "\r\n"]))

    def noise(column):
        kinds = st.sampled_from(["", " " * column + "# words - and: more", "# at the left", "   "])
        return draw(st.lists(kinds, max_size=2))

    def feed(column):
        pad, url = " " * column, f"http://h{next(number)}.example/"
        forms = [
            [f"{pad}- {url}"],
            [f"{pad}- {url}   # why"],
            [f"{pad}- url: {url}", f"{pad}  title: 'T: 1'"],
            [f"{pad}-   title: T", "", f"{pad}    # within", f'{pad}    url: "{url}"  # x'],
            [f"{pad}-", f"{pad}  url: {url}", f"{pad}  tags: [", f"{pad}    a, b]"],
            [f"{pad}- {{url: '{url}', tags: [x]}}"],
        ]
        return draw(st.sampled_from(forms))

    def feeds(column, depth):
        lines = noise(column)
        for _ in range(draw(st.integers(0, 3))):
            if depth and draw(st.booleans()):
                name = draw(st.sampled_from("AB"))
                lines += [f"{' ' * column}- group: {name}", f"{' ' * column}  feeds:  # {name}"]
                lines += feeds(column + draw(st.sampled_from([2, 4])), depth - 1)
            else:
                lines += feed(column)
            lines += noise(column)
        return lines

    lines = ["# head", "settings: {title: T}", "feeds:", *feeds(draw(st.integers(0, 3)), 2)]
    lines += draw(st.sampled_from([[], ["topics: []", "# tail"]]))
    return eol.join(lines) + draw(st.sampled_from(["", eol]))


def piece(longer, shorter):
    """What one text has and the other lacks, which must be all in one place."""
    size = len(longer) - len(shorter)
    pairs = enumerate(zip(longer, shorter, strict=False))
    start = next((at for at, (one, other) in pairs if one != other), len(shorter))
    assert longer[:start] + longer[start + size :] == shorter
    return longer[start : start + size]


@given(layouts(), st.sampled_from([(), ("A",), ("B", "A"), ("New",)]))
def test_an_addition_changes_nothing_else_and_its_removal_gives_back_the_rest(
    tmp_path_factory, before, groups
):
    path = tmp_path_factory.mktemp("layout") / "feeds.yaml"
    items = [Line(NEW, "N: 1", ("t",))]
    for name in reversed(groups):
        items = [Folder(name, items)]
    after = added(path, before, *items)
    assert config.load(path).places[NEW]
    assert "new.example" in piece(after, before)
    again = dropped(path, after, NEW)
    if not groups:
        assert again.rstrip("\r\n") == before.rstrip("\r\n")


@given(layouts(), st.data())
def test_a_removal_takes_only_the_lines_of_its_feed(tmp_path_factory, before, data):
    path = tmp_path_factory.mktemp("layout") / "feeds.yaml"
    path.write_bytes(before.encode())
    listed = [s.url for s in config.load(path).subscriptions]
    for url in data.draw(st.permutations(listed)):
        text = path.read_bytes().decode()
        rewriting.drop(path, url)
        left = path.read_bytes().decode()
        assert len(piece(text, left).splitlines()) <= 6
        assert url in text
        assert url not in left
    assert config.load(path).subscriptions == ()
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in path.read_text().splitlines() if line.startswith("#")] == comments
