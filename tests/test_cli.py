"""The command line: usage, exit codes, errors in words, and what docs/commands.md says of it."""

import re
import shlex
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator import __version__
from aggregator.cli import COMMANDS, cli, run
from aggregator.store import lock
from tests.support.newsrooms import TALKS, Desk, newsroom, rss
from tests.support.server import Reply

DOCUMENTED = (Path(__file__).parents[1] / "docs" / "commands.md").read_text("utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk that has polled one article; the tests of this module do not change it."""
    directory = tmp_path_factory.mktemp("desk")
    with newsroom(directory, {"/feed": Reply(200, rss("One", TALKS))}) as desk:
        desk.poll()
        yield desk


@pytest.fixture
def bare(tmp_path):
    """A desk with a feeds.yaml that lists nothing."""
    bare = Desk(tmp_path)
    bare.write()
    return bare


def fails(ran, code):
    """The error of a command that failed as it should: one line on stderr, nothing on stdout."""
    assert (ran.code, ran.out) == (code, "")
    assert "Traceback" not in ran.err
    assert "unexpected" not in ran.err
    (line,) = ran.err.splitlines()
    return line


# --- usage --------------------------------------------------------------------------------------


def test_help_lists_every_command_and_each_has_its_own(bare):
    listed = bare.run("--help")
    assert listed.code == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", listed.out, re.MULTILINE)
        told = bare.run(name, "--help")
        assert (told.code, told.err) == (0, "")
        assert f"Usage: aggregator {name}" in told.out
        about = " ".join(COMMANDS[name][1].split())
        assert about in " ".join(told.out.split())
        assert about in " ".join(listed.out.split())
        assert bare.run(name, "-h") == told


def test_the_version_is_that_of_the_package(bare):
    assert bare.run("--version").out == f"aggregator, version {__version__}\n"


def test_without_a_command_the_help_is_on_stderr(capsys):
    assert run([]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Usage: aggregator")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serch", "x"], "did you mean search?"),
        (["zzz"], "no command 'zzz'"),
        (["articles", "--limt", "5"], "--limit"),
        (["search", "x", "--limt", "5"], "did you mean --limit?"),
        (["search"], "QUERY"),
        (["articles", "--limit", "0"], "0"),
        (["articles", "--limit", "many"], "many"),
        (["articles", "--since", "someday"], "write 2026-02-17, today, yesterday or 7d"),
        (["articles", "--since", "²d"], "is no day"),
        (["articles", "--since", "2026-02-30"], "is no day"),
        (["articles", "--since", "0001-01-01"], "years 1900 to 2999"),
        (["articles", "--until", "9999-12-31"], "years 1900 to 2999"),
        (["search", "x", "--until", "9999-12-31"], "years 1900 to 2999"),
        (["digest", "--date", "2998-01-01"], "still to come"),
        (["stories", "--date", "x"], "is no day"),
        (["search", "x", "--facets", "tag,feds"], "did you mean feed?"),
        (["search", "x", "--sort", "best"], "relevance"),
        (["search", "x", "--page", "0"], "0"),
        (["run", "--port", "70000"], "70000"),
        (["run", "--host", "0.0.0.0"], "--insecure"),
        (["run", "--host", "::"], "--insecure"),
        (["run", "--host", ""], "--insecure"),
        (["run", "--host", "nowhere.invalid"], "--insecure"),
        (["search", "title:"], "olumn"),
        (["search", "titel:iran"], 'did you mean "title:"?'),
        (["search", "date:2026-13"], "Column 6"),
        (["search", "x " * 600], "1,000"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(desk, arguments, words):
    assert words in fails(desk.run(*arguments), 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "nothing"], "no article nothing"),
        (["feeds", "--explain", "http://x.example/"], "no feed http://x.example/"),
        (["articles", "--feed", "http://x.example/"], "no feed http://x.example/"),
        (["digest", "--topic", "Chps"], "did you mean Chips?"),
        (["stories", "--topic", "Chps"], "no topic 'Chps' (did you mean Chips?)"),
        (["reindex", "--engine", "wosh"], "did you mean whoosh?"),
        (["poll", "http://x.example/"], "not among the active feeds"),
    ],
)
def test_what_cannot_be_found_is_one_line_and_exit_code_1(desk, arguments, words):
    assert words in fails(desk.run(*arguments), 1)


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        (["search", "titel:iran"], "query", 2),
        (["articles", "--limit", "0"], "usage", 2),
        (["show", "nothing"], "aggregator", 1),
        (["serch"], "usage", 2),
    ],
)
def test_errors_are_json_too_when_asked_for(desk, arguments, kind, code):
    ran = desk.run(*arguments, "--json")
    assert ran.code == code
    assert set(ran.json) == {"error"}
    assert ran.json["error"]["kind"] == kind
    assert f"aggregator: {ran.json['error']['message']}" == ran.err.rstrip("\n")


def test_an_excluded_word_needs_no_quotes(desk):
    assert desk.run("search", "tehran", "-cricket").out.startswith(desk.articles()[0]["id"])
    assert desk.run("search", "tehran", "-geneva") == desk.run("search", "tehran -geneva")
    assert desk.run("search", "-hall", "--limit", "1").code == 0


# --- feeds.yaml and files that are not as they should be ----------------------------------------


def no_file(desk):
    desk.config.unlink()
    return 2, "no such file; `aggregator init` writes one"


def a_directory(desk):
    desk.config.unlink()
    desk.config.mkdir()
    return 2, "is a directory"


def broken_yaml(desk):
    desk.config.write_text("feeds: [\n  - {a: b")
    return 2, "feeds.yaml:"


def not_text(desk):
    desk.config.write_bytes(b"\xff\xfe\x00binary")
    return 2, "feeds.yaml:1"


def unknown_key(desk):
    desk.config.write_text("settings: {titel: x}\n")
    return 2, "did you mean title?"


def data_is_a_file(desk):
    desk.data.write_text("in the way")
    return 1, "index"


def data_below_a_file(desk):
    (desk.directory / "file").write_text("in the way")
    desk.write(settings={"data": "file/data"})
    return 1, "file/data"


def database_is_a_directory(desk):
    (desk.data / "articles.db").mkdir(parents=True)
    return 1, "articles.db cannot be opened"


def damaged_database(desk):
    desk.data.mkdir()
    (desk.data / "articles.db").write_bytes(b"SQLite format 3\0" + b"damage" * 1000)
    return 1, "articles.db"


def not_a_database(desk):
    desk.data.mkdir()
    (desk.data / "articles.db").write_bytes(b"hello" * 1000)
    return 1, "is not a database"


def foreign_database(desk):
    desk.data.mkdir()
    with closing(sqlite3.connect(desk.data / "articles.db")) as database:
        database.execute("CREATE TABLE theirs (x)")
    return 1, "is a database of another program"


TROUBLES = [
    *(no_file, a_directory, broken_yaml, not_text, unknown_key, data_is_a_file, data_below_a_file),
    *(database_is_a_directory, damaged_database, not_a_database, foreign_database),
]


@pytest.mark.parametrize("command", ["articles", "poll", "digest", "reindex"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_is_told_in_words(bare, trouble, command):
    code, words = trouble(bare)
    ran = bare.run(command)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert "unexpected" not in ran.err
    told = bare.run(command, "--json")
    assert told.code == code
    assert words in told.json["error"]["message"]


def test_every_problem_of_feeds_yaml_has_its_place(bare):
    bare.config.write_text("settings:\n  titel: x\nfeeds:\n  - ftp://x.example/\n")
    ran = bare.run("check")
    assert ran.code == 2
    first, second = ran.err.splitlines()
    assert first.startswith(f"{bare.config}:2: titel: unknown key")
    assert second.startswith(f"{bare.config}:4: ")


def test_every_problem_of_templates_has_its_place(bare, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "error.html").write_text("\n{{ mesage }}")
    (mine / "topic.html").write_text("{% for %}")
    bare.config.write_text(f"feeds: []\ndigest: {{templates: {mine}}}\n")
    ran = bare.run("check")
    first, second = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert first.startswith(f"{mine}/topic.html:1: ")
    assert second.startswith(f"{mine}/error.html:2: mesage: error.html is given nothing")
    assert second.endswith("(did you mean message?)")
    assert bare.run("check", "--json").json["error"]["kind"] == "config"


def test_a_good_file_is_said_to_be_good(desk):
    assert desk.run("check").out == f"{desk.config}: good (1 feeds, 2 rules, 3 topics)\n"
    assert desk.json("check") == {
        "file": str(desk.config),
        "feeds": 1,
        "rules": 2,
        "topics": 3,
        "problems": [],
    }


def test_pages_that_cannot_be_written_are_one_line(desk, tmp_path):
    (tmp_path / "digests").write_text("in the way")
    text = desk.config.read_text("utf-8")
    other = Desk(tmp_path)
    other.config.write_text(text.replace('"timezone"', f'"data": "{desk.data}", "timezone"'))
    assert "digests" in fails(other.run("digest"), 1)


def test_a_port_in_use_is_one_line(bare):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = fails(bare.run("run", "--port", str(port)), 1)
    assert line == f"aggregator: cannot serve pages on 127.0.0.1:{port}: Address already in use"


@pytest.mark.parametrize("command", [["poll"], ["retag"], ["reindex"], ["run", "--port", "0"]])
def test_what_writes_needs_the_data_directory_alone(bare, command):
    with lock(bare.data):
        line = fails(bare.run(*command), 3)
    assert re.search(r"index/ is in use by another aggregator \(pid \d+\)", line)


def test_reading_and_publishing_go_on_while_another_holds_the_data_directory(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", TALKS))}) as desk:
        desk.poll()
        with lock(desk.data):
            for command in ("articles", "search tehran", "tags", "feeds", "stories", "digest"):
                ran = desk.run(*shlex.split(command))
                assert (ran.code, ran.err) == (0, ""), command
        assert (desk.site / "index.html").is_file()


def test_who_may_not_index_says_what_is_missing(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", TALKS))}) as desk:
        desk.poll()
        (desk.data / "search" / "current").unlink()
        with lock(desk.data):
            ran = desk.run("search", "tehran")
            assert ran.code == 1
            assert "changes are not in the index yet" in ran.err
            assert "`aggregator reindex` builds it" in ran.err
            assert len(desk.articles()) == 1
        assert desk.run("search", "tehran").code == 0


# --- init ---------------------------------------------------------------------------------------


def test_init_writes_a_file_that_checks_and_never_overwrites(tmp_path):
    desk = Desk(tmp_path / "new" / "home")
    ran = desk.run("init", str(desk.directory))
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0] == f"wrote {desk.config}"
    assert desk.run("check").code == 0
    written = desk.config.read_bytes()
    again = desk.run("init", str(desk.directory))
    assert "exists already" in fails(again, 1)
    assert desk.config.read_bytes() == written


def test_init_says_where_it_cannot_write(tmp_path):
    (tmp_path / "file").write_text("in the way")
    line = fails(Desk(tmp_path).run("init", str(tmp_path / "file" / "below")), 1)
    assert "file/below" in line


# --- retag, reindex -----------------------------------------------------------------------------


def test_retagging_shows_then_does_what_the_rules_of_today_say(tmp_path):
    with newsroom(tmp_path, {"/feed": Reply(200, rss("One", TALKS))}) as desk:
        desk.write(["/feed"], sections="tags: {rules: [{tag: Old, when: geneva}]}")
        desk.poll()
        one = desk.articles()[0]["id"]
        desk.write(["/feed"], sections="tags: {rules: [{tag: Old, when: geneva OR bern}]}")
        assert desk.run("retag", "--dry-run").lines == ["0 articles would change"]
        desk.write(["/feed"], sections="tags: {rules: [{tag: New, when: geneva}]}")
        dry = desk.run("retag", "--dry-run")
        assert dry.lines == [f"{one}  -Old  +New  {TALKS.title}", "1 article would change"]
        assert desk.run("search", "tag:old").out.startswith(one)
        (changed,) = desk.json("retag")
        assert changed.pop("why") == {"New": "rule: geneva (“geneva” in the title)"}
        assert changed == {"id": one, "removed": ["Old"], "added": ["New"]}
        assert desk.run("search", "tag:new").out.startswith(one)
        assert desk.run("search", "tag:old").out == ""
        assert desk.run("retag").lines == ["0 articles changed"]


def test_a_new_index_answers_as_the_old_one(desk):
    before = desk.json("search", "tehran")
    assert desk.json("reindex") == {"articles": 1}
    after = desk.json("search", "tehran")
    assert {**before, "took_ms": 0} == {**after, "took_ms": 0}
    assert desk.run("reindex", "--engine", "whoosh").out == "indexed 1 articles\n"


# --- any query at all ---------------------------------------------------------------------------

QUERIES = st.text(
    st.sampled_from('ab "()*:-.<>=19אü\t\x00\\/') | st.characters(exclude_categories=["Cs"]),
    max_size=30,
)


@example("--")
@example("--sort")
@given(QUERIES)
def test_no_query_is_a_surprise(desk, text):
    ran = desk.run("search", "--json", "--", text)
    if ran.code == 0:
        assert ran.json["query"] == text
    else:
        assert ran.code == 2
        assert ran.json["error"]["kind"] in {"query", "usage"}
        assert re.search(r"[Cc]olumn \d+", ran.json["error"]["message"])


@given(st.lists(st.text(max_size=8), max_size=4))
def test_no_arguments_are_a_surprise(desk, arguments):
    ran = desk.run("articles", *arguments)
    assert ran.code in (0, 2)
    assert "Traceback" not in ran.err
    assert (ran.code == 0) == (ran.err == "")


# --- the documentation --------------------------------------------------------------------------


def commands():
    with click.Context(cli) as context:
        for name in COMMANDS:
            command = cli.get_command(context, name)
            assert command is not None
            yield name, command


def options_of(command):
    written = (each for one in command.params for each in (*one.opts, *one.secondary_opts))
    return set(written)


def rows():
    found = re.findall(r"^\| `(\w+)([^`]*)` \|", DOCUMENTED, re.MULTILINE)
    return {name: arguments.replace("\\|", "|") for name, arguments in found}


def test_every_command_is_documented_and_no_other():
    assert set(rows()) == set(COMMANDS)


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_option_is_documented_and_no_other(name, command):
    options = {option for option in options_of(command) if option.startswith("--")}
    assert set(re.findall(r"--[a-z-]+", rows()[name])) == options - {"--json"}


def test_every_reading_command_gives_json():
    without = {name for name, command in commands() if "--json" not in options_of(command)}
    assert without == {"init", "demo", "run"}


@pytest.mark.parametrize("command", [["check"], ["poll"], ["search", "x"]])
def test_a_store_that_is_not_there_is_refused(bare, command):
    bare.write(settings={"store": "postgresql://h/archive"})
    refused = bare.run(*command)
    assert refused.code == 1
    assert "store: this version has sqlite only" in refused.err
