"""feeds.yaml as users write it: what is accepted, what is refused, and in which words."""

import os
import pickle
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import aggregator
from aggregator import config
from aggregator.config import document, models, problems, source
from aggregator.errors import ConfigError
from aggregator.model import Subscription
from tests.support.pace import within

FIXTURES = Path(__file__).parent / "fixtures" / "config"
ENVIRONMENT = {"TOKEN": "s3cret", "HOST": "example.org", "EMPTY": ""}


def load(path: Path) -> config.Config:
    return config.load(path, environment=ENVIRONMENT)


def written(directory: Path, text: str, name: str = "feeds.yaml") -> Path:
    path = directory / name
    path.write_text(dedent(text), "utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(path)
    return str(raised.value).replace(f"{path.parent}{os.sep}", "").splitlines()


def composed(text: str) -> document.Node | document.Malformed:
    try:
        return document.compose(text)
    except document.Malformed as error:
        return error


def settings_of(model: type[BaseModel], section: str = "") -> Iterator[tuple[str, str]]:
    """Every key of a section and of those below, with the section it stands in."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield section, key
        below = {"feeds": (models.Feed, models.Group)}.get(key, models_in(field.annotation))
        for part in below if section != "feeds" else ():
            yield from settings_of(part, key)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in models_in(part)]


def expectations(path: Path) -> list[str]:
    """What the `Expect:` comments say, each about the next line that is no comment."""
    expected, waiting = [], []
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate([*lines, ""], start=1):
        comment = line.strip()
        if comment.startswith("# Expect: "):
            waiting += [comment.removeprefix("# Expect: ")] if "no fault" not in comment else []
        elif not comment.startswith("#"):
            expected += [f"FILE:{number}: {said}" for said in waiting]
            waiting = []
    return expected


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*-*.yaml")), ids=lambda path: path.stem)
def test_says_what_the_fixture_expects(path: Path) -> None:
    expected = expectations(path)
    if not expected:
        load(path)
        return
    found = [
        line.replace(path.name, "FILE").replace(str(path.parent), "DIRECTORY")
        for line in faults(path)
    ]
    assert found == expected


def test_a_domain_of_any_script_is_written_as_mail_servers_know_it(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("email: {to: [Ann <ann@straße.example>, b@日本.example], from: p@a.example}\n")
    assert load(path).email.to == ("Ann <ann@xn--strae-oqa.example>", "b@xn--wgv71a.example")


def test_every_setting_of_the_contract_is_read() -> None:
    loaded = load(FIXTURES / "contract.yaml")
    settings, poll = loaded.settings, loaded.settings.poll
    assert loaded.path == FIXTURES / "contract.yaml"
    assert settings.title == "Morning papers"
    assert settings.timezone == ZoneInfo("Europe/Berlin")
    assert settings.clocks == (ZoneInfo("Asia/Jerusalem"), ZoneInfo("America/New_York"))
    assert settings.data == FIXTURES / "index"
    assert (settings.store, settings.index, settings.keep) == ("sqlite", "tantivy", timedelta(30))
    assert poll.interval == timedelta(minutes=20)
    assert poll.min_interval == timedelta(minutes=10)
    assert poll.max_interval == timedelta(minutes=90)
    assert (poll.concurrency, poll.per_host, poll.max_entries) == (3, 1, 10)
    assert poll.host_delay == timedelta(0)
    assert poll.timeout == timedelta(milliseconds=500)
    assert (poll.max_size, poll.user_agent) == (2 * 1024**2, "papers/1")
    assert settings.network.allow == (
        "127.0.0.1:8899",
        "10.0.0.0/8",
        "nas.local",
        "[::1]:80",
        "::1",
    )
    assert settings.network.proxy is None
    assert loaded.digest.at == time(6, 30)
    assert loaded.digest.output == FIXTURES / "digests"
    assert loaded.digest.outputs == ("html", "json")


def test_feeds_tags_and_topics_of_the_contract_are_read() -> None:
    loaded = load(FIXTURES / "contract.yaml")
    assert loaded.subscriptions == (
        Subscription("https://example.org/feed.xml"),
        Subscription(
            "https://example.org/world.xml",
            title="Example World",
            tags=("World",),
            interval=timedelta(minutes=15),
            headers=(("Authorization", "Bearer s3cret"),),
            include="tehran OR election",
            exclude="title:podcast",
            language="pt-br",
            weight=2.0,
            active=False,
        ),
        Subscription(
            "https://example.org/nested.xml", groups=("Middle East",), tags=("Middle East",)
        ),
    )
    assert dict(loaded.tagging.aliases) == {"USA": ("U.S.", "United States", "America")}
    assert dict(loaded.tagging.parents) == {"Middle East": ("Israel", "Iran")}
    assert loaded.tagging.ignore == ("news", "uncategorized")
    assert [(rule.tag, rule.when) for rule in loaded.tagging.rules] == [
        ("Iran", 'tehran OR iranian OR "islamic republic"')
    ]
    assert [(t.name, t.slug, t.query, t.stories) for t in loaded.topics] == [
        ("Middle East", "middle-east", 'tag:"Middle East"', 7),
        ("Chips", "chips", "semiconductor* OR title:nvidia", 20),
    ]


@pytest.mark.parametrize("name", ["empty.yaml", "bare-sections.yaml"])
def test_what_is_left_out_has_its_default(name: str) -> None:
    loaded = load(FIXTURES / name)
    settings, poll = loaded.settings, loaded.settings.poll
    assert (settings.title, settings.timezone.key) == ("Morning papers", "UTC")
    assert (settings.data, settings.clocks) == (FIXTURES / "index", ())
    assert (settings.store, settings.index, settings.keep) == ("sqlite", "whoosh", timedelta(400))
    assert (poll.interval, poll.min_interval) == (timedelta(minutes=30), timedelta(minutes=5))
    assert (poll.max_interval, poll.host_delay) == (timedelta(days=1), timedelta(seconds=1))
    assert (poll.concurrency, poll.per_host) == (32, 2)
    assert (poll.timeout, poll.max_size) == (timedelta(seconds=30), 10_000_000)
    assert poll.max_entries == 1_000
    assert poll.user_agent == f"aggregator/{aggregator.__version__}"
    assert (settings.network.allow, settings.network.proxy) == ((), None)
    assert (loaded.digest.at, loaded.digest.output) == (time(6, 30), FIXTURES / "digests")
    assert loaded.digest.outputs == ("html", "atom", "json")
    assert (loaded.subscriptions, loaded.topics) == ((), ())


def test_words_that_yaml_would_convert_stay_text() -> None:
    (feed,) = load(FIXTURES / "text-scalars.yaml").subscriptions
    assert feed.title == "2024"
    assert feed.tags == ("no", "on", "1e3", "0x10", "06:30", "~", "2026-02-17")
    assert feed.active is True


def test_aliases_and_merge_keys_copy_values() -> None:
    feeds = load(FIXTURES / "anchors-moderate.yaml").subscriptions
    assert [feed.url[-5] for feed in feeds] == ["a", "b", "c", "d"]
    assert [feed.tags for feed in feeds] == [("World", "Asia")] * 4
    assert [feed.interval for feed in feeds] == [
        timedelta(hours=6),
        timedelta(hours=6),
        None,
        timedelta(hours=1),
    ]


def test_groups_hand_down_and_feeds_have_the_last_word(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        feeds:
          - group: World
            tags: [World]
            interval: 6h
            language: en
            weight: 3
            active: false
            headers: {Accept-Language: en, X-Key: outer}
            feeds:
              - group: Asia
                tags: [Asia, World]
                headers: {x-key: inner}
                feeds:
                  - https://example.org/a
                  - url: https://example.org/b
                    tags: [Japan]
                    interval: 15m
                    language: ja
                    weight: 1
                    active: true
        """,
    )
    a, b = load(path).subscriptions
    assert a.groups == b.groups == ("World", "Asia")
    assert (a.tags, b.tags) == (("World", "Asia"), ("World", "Asia", "Japan"))
    assert (a.interval, b.interval) == (timedelta(hours=6), timedelta(minutes=15))
    assert (a.language, b.language) == ("en", "ja")
    assert (a.weight, b.weight) == (3.0, 1.0)
    assert (a.active, b.active) == (False, True)
    assert a.headers == (("Accept-Language", "en"), ("x-key", "inner"))


def test_filters_of_a_group_hold_beside_those_of_a_feed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        feeds:
          - group: World
            include: iran OR israel
            exclude: sport
            feeds:
              - https://example.org/a
              - {url: https://example.org/b, include: 'title:tehran', exclude: sport}
        """,
    )
    a, b = load(path).subscriptions
    assert (a.include, a.exclude) == ("iran OR israel", "sport")
    assert b.include == "(iran OR israel) AND (title:tehran)"
    assert b.exclude == "sport"


def test_variables_are_filled_in_and_a_doubled_dollar_is_one(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        settings: {title: "$HOST ${HOST}s $$HOST costs $5"}
        feeds: ["https://$HOST/feed?key=${TOKEN}"]
        """,
    )
    loaded = load(path)
    assert loaded.settings.title == "example.org example.orgs $HOST costs $5"
    assert loaded.subscriptions[0].url == "https://example.org/feed?key=s3cret"


def test_a_variable_that_is_not_set_is_the_only_fault_of_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "settings: {keep: $KEEP}\nfeeds:\n  - $NO_URL\n")
    assert faults(path) == [
        "feeds.yaml:1: keep: the environment variable KEEP is not set (write $$ for a dollar sign)",
        "feeds.yaml:3: url: the environment variable NO_URL is not set"
        " (write $$ for a dollar sign)",
    ]


def test_an_interval_beyond_a_default_bound_moves_that_bound(tmp_path: Path) -> None:
    short = load(written(tmp_path, "settings: {poll: {interval: 10s}}")).settings.poll
    long = load(written(tmp_path, "settings: {poll: {interval: 7d}}")).settings.poll
    assert (short.min_interval, short.max_interval) == (timedelta(seconds=10), timedelta(1))
    assert (long.min_interval, long.max_interval) == (timedelta(minutes=5), timedelta(7))


# --- includes -----------------------------------------------------------------------------------


def test_includes_add_feeds_tags_and_topics(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    written(
        tmp_path,
        """
        feeds: [https://example.org/b]
        include: [sub.yml]
        tags:
          aliases: {USA: [America]}
          parents: {World: [Asia]}
          rules: [{tag: Second, when: two}]
        topics: [{name: Two, query: two}]
        """,
        "more/more.yaml",
    )
    written(tmp_path, "feeds: [https://example.org/c]", "more/sub.yml")
    path = written(
        tmp_path,
        """
        include: [more/more.yaml]
        feeds: [https://example.org/a]
        tags:
          aliases: {USA: [United States]}
          parents: {World: [Europe]}
          rules: [{tag: First, when: one}]
        topics: [{name: One, query: one}]
        """,
    )
    loaded = load(path)
    assert [feed.url[-1] for feed in loaded.subscriptions] == ["a", "b", "c"]
    assert dict(loaded.tagging.aliases) == {"USA": ("United States", "America")}
    assert dict(loaded.tagging.parents) == {"World": ("Europe", "Asia")}
    assert [rule.tag for rule in loaded.tagging.rules] == ["First", "Second"]
    assert [topic.name for topic in loaded.topics] == ["One", "Two"]


def test_a_feed_in_two_files_is_named_with_both_places(tmp_path: Path) -> None:
    written(tmp_path, "feeds:\n  - http://example.org/a/\n", "more.yaml")
    path = written(tmp_path, "feeds: [https://example.org/a]\ninclude: [more.yaml]\n")
    assert faults(path) == [
        "more.yaml:2: url: http://example.org/a/ is the same feed as in feeds.yaml:1"
    ]


def test_circles_doubles_and_missing_includes_are_named_where_they_stand(tmp_path: Path) -> None:
    written(tmp_path, "include:\n  - feeds.yaml\n", "more.yaml")
    (tmp_path / "folder.yaml").mkdir()
    path = written(
        tmp_path,
        """\
        include:
          - more.yaml
          - ./more.yaml
          - gone.yaml
          - folder.yaml
          - notes.txt
          - %s.yaml
        """
        % ("x" * 300),
    )
    assert faults(path) == [
        "feeds.yaml:3: include: ./more.yaml: is read already, because of feeds.yaml:2",
        "feeds.yaml:4: include: gone.yaml: no such file",
        "feeds.yaml:5: include: folder.yaml: is a directory, not a file",
        "feeds.yaml:6: include: notes.txt: only .yaml and .opml files can be included",
        f"feeds.yaml:7: include: {'x' * 240}…",
        "more.yaml:2: include: feeds.yaml: is read already, because of feeds.yaml:1",
    ]


def test_a_file_too_large_to_read_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    with path.open("wb") as file:
        file.truncate(source.MAX_BYTES + 1)
    assert faults(path) == ["feeds.yaml:1: is larger than 64 MB"]


def test_an_included_file_holds_no_settings(tmp_path: Path) -> None:
    written(tmp_path, "settings: {title: x}\nfeeds: [nonsense]\n", "more.yaml")
    path = written(tmp_path, "include: [more.yaml]\n")
    assert faults(path) == [
        "more.yaml:1: settings: unknown key (known: feeds, include, tags, topics)",
        "more.yaml:2: url: 'nonsense' is no feed address: only http and https feeds can be polled",
    ]


# --- files that are none ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "feeds.yaml:1: no such file; `aggregator init` writes one"),
        (b"feeds:\n  - \xff\xfe\n", "feeds.yaml:2: is not UTF-8 text"),
        (b"settings:\n  title: \x00\n", "feeds.yaml:2: a control character"),
        (b"just words", "feeds.yaml:1: settings, feeds: \u2026 are expected, not just words"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "feeds.yaml"
    if content is not None:
        path.write_bytes(content)
    assert faults(path) == [message]


def test_a_directory_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r":1: is a directory, not a file$"):
        load(tmp_path)


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(b"\xef\xbb\xbfsettings:\r\n  title: Bl\xc3\xa4tter\r\n")
    assert load(path).settings.title == "Bl\u00e4tter"


HOSTILE = {
    "alias bomb": "\n".join(
        ["feeds:", "  - &a0 [x, x, x, x, x, x, x, x, x]"]
        + [f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    ),
    "many lists": "[" * 100_000,
    "many mappings": "{a: " * 50_000,
    "many dashes": "- " * 50_000,
    "many questions": "? " * 50_000,
    "many colons": "a:" * 200_000,
    "merge bomb": "\n".join(
        ["feeds:", "  - &a0 {k: v}"]
        + [f"  - &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)]
    ),
    "many wrong keys": "\n".join(f"key{n}: 1" for n in range(3_000)),
    "many bad feeds": "feeds: [" + "x, " * 20_000 + "]",
    "long address": f"feeds: [https://example.org/{'a' * 1_000_000}]",
    "long duration": f"settings: {{keep: {'9' * 500_000}}}",
    "long query": f"topics: [{{name: a, query: '{'(' * 500_000}'}}]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_within_a_second(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with within(1):
        found = faults(path)
    assert 1 <= len(found) <= problems.MAX_PROBLEMS + 1
    assert all(len(line) < 300 for line in found)


def test_problems_beyond_fifty_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "feeds:\n" + "  - nonsense\n" * 60)
    found = faults(path)
    assert len(found) == 51
    assert found[-1] == "feeds.yaml:51: \u2026 and 10 more problems"


@given(st.text(alphabet=st.sampled_from("a:-[]{},\"'&*!|>%@`#?~ \n\t\\x00$"), max_size=60))
def test_any_text_is_a_config_or_one_clear_error(text: str) -> None:
    outcome = composed(text)
    if isinstance(outcome, document.Malformed):
        assert 1 <= outcome.line <= text.count("\n") + 2
        assert "\n" not in str(outcome)
    else:
        document.Plainer({}, lambda *_: None).data(outcome)


# --- the shipped file, speed --------------------------------------------------------------------


def test_the_starter_is_the_shipped_file_and_loads(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[1] / "feeds.yaml"
    assert config.starter() == shipped.read_text("utf-8")
    loaded = load(written(tmp_path, config.starter()))
    assert len(loaded.subscriptions) >= 30
    assert loaded.topics
    assert loaded.tagging.rules


def test_the_starter_shows_every_setting() -> None:
    text = config.starter()
    assert [key for _, key in settings_of(models.Main) if f"{key}:" not in text] == []


def test_a_config_cannot_be_changed() -> None:
    loaded = load(FIXTURES / "contract.yaml")
    with pytest.raises(AttributeError):
        loaded.topics = ()  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        loaded.settings.title = "x"


def test_settings_travel_to_worker_processes() -> None:
    loaded = load(FIXTURES / "contract.yaml")
    assert pickle.loads(pickle.dumps(loaded.settings)) == loaded.settings


def test_feeds_load_by_the_thousand(tmp_path: Path) -> None:
    lines = [
        f"  - url: https://host{n}.example.org/feed.xml\n    title: Number {n}\n"
        f"    tags: [World, T{n % 50}]\n    interval: 15m\n"
        for n in range(5_000)
    ]
    path = written(tmp_path, "feeds:\n" + "".join(lines))
    with within(1.5):
        assert len(load(path).subscriptions) == 5_000


# --- the guide ----------------------------------------------------------------------------------


def test_the_guide_documents_every_setting_in_its_section() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text("utf-8")
    parts = {part.partition("\n")[0].strip(" `#"): part for part in guide.split("\n## ")}
    missing = [
        f"{section}: {key}"
        for section, key in settings_of(models.Main)
        if section and f"`{key}`" not in parts[section]
    ]
    assert missing == []
