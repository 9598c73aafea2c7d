"""`add`, `remove`, `import`, `export` and `plan`, with real servers and real files."""

import json
import os
import pty
import subprocess
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import config
from aggregator.config import read_opml
from aggregator.model import Subscription
from aggregator.outputs.opml import opml
from tests.support.newsrooms import (
    ELECTION,
    HARBOUR,
    TALKS,
    Desk,
    atom,
    conditional_feeds,
    json_feed,
    newsroom,
    rss,
)
from tests.support.pace import within
from tests.support.server import Reply, Server

RSS = rss("World Desk", TALKS, HARBOUR)
ATOM = atom("Herald", ELECTION)


def page(*links, body=""):
    head = "".join(f'<link rel="alternate" type="{kind}" href="{url}">' for kind, url in links)
    html = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return Reply(200, html.encode(), {"Content-Type": "text/html"})


ANNOUNCED = page(("application/rss+xml", "/world.rss"), ("application/atom+xml", "/herald.atom"))


@pytest.fixture
def desk(tmp_path):
    """A desk that follows nothing; its server has two feeds and a page that announces them."""
    routes = {"/": ANNOUNCED, "/world.rss": Reply(200, RSS), "/herald.atom": Reply(200, ATOM)}
    with Server(routes) as server:
        desk = Desk(tmp_path, server)
        desk.write(sections="# the end\n")
        yield desk


def followed(desk):
    return [s.url.removeprefix(desk.url("")) for s in config.load(desk.config).subscriptions]


def asked(desk):
    return [path for path in desk.server.paths() if path != "/favicon.ico"]


def refused(desk, *arguments, code=1):
    """The line on stderr of a command that fails and leaves feeds.yaml as it is."""
    before = desk.config.read_bytes()
    ran = desk.run(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert "unexpected" not in ran.err
    assert desk.config.read_bytes() == before
    (line,) = ran.err.splitlines()
    return line


# --- add: feeds ---------------------------------------------------------------------------------


def test_a_feed_is_added_with_what_is_said_of_it(desk):
    url = desk.url("/world.rss")
    ran = desk.run("add", url)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"added {url} to {desk.config} (World Desk, 2 entries)\n"
    assert desk.config.read_text().endswith("# the end\n")
    added = desk.json(
        "add", desk.url("/herald.atom"), "--title", "H: 1", "--tag", "A, B", "--tag", "C"
    )
    assert added == {
        "url": desk.url("/herald.atom"),
        "candidates": [
            {
                "url": desk.url("/herald.atom"),
                "title": "Herald",
                "type": "atom",
                "entries": 1,
                "newest": ELECTION.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        ],
        "added": desk.url("/herald.atom"),
        "present": None,
    }
    assert config.load(desk.config).subscriptions == (
        Subscription(url),
        Subscription(desk.url("/herald.atom"), title="H: 1", tags=("A, B", "C")),
    )
    assert desk.poll()["new"] == 3


def test_what_is_followed_is_not_asked_for_nor_added_again(desk):
    desk.run("add", desk.url("/world.rss"))
    before, requests = desk.config.read_bytes(), len(asked(desk))
    ran = desk.run("add", desk.url("/world.rss/?utm_source=x#top"))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{desk.url('/world.rss')} is in {desk.config} already\n"
    told = desk.json("add", desk.url("/world.rss"))
    assert (told["added"], told["present"]) == (None, desk.url("/world.rss"))
    assert desk.config.read_bytes() == before
    assert len(asked(desk)) == requests


def test_a_feed_that_moved_for_good_is_added_where_it_is_now(desk):
    desk.server.routes["/old"] = Reply(301, headers={"Location": "/world.rss"})
    desk.server.routes["/detour"] = Reply(302, headers={"Location": "/herald.atom"})
    assert desk.json("add", desk.url("/old"))["added"] == desk.url("/world.rss")
    assert desk.json("add", desk.url("/detour"))["added"] == desk.url("/detour")
    told = desk.json("add", desk.url("/old"))
    assert (told["added"], told["present"]) == (None, desk.url("/world.rss"))


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://example.org/", "javascript:alert(1)", "mailto:a@b.example", "http://"]
)
def test_what_is_no_address_is_wrong_usage(desk, url):
    assert "URL" in refused(desk, "add", "--", url, code=2)


@pytest.mark.parametrize(
    ("option", "value"), [("--title", ""), ("--tag", " "), ("--group", "\x07")]
)
def test_labels_that_feeds_yaml_would_refuse_are_wrong_usage(desk, option, value):
    assert option in refused(desk, "add", desk.url("/world.rss"), option, value, code=2)


def test_private_addresses_are_refused_unless_allowed(desk):
    desk.write(allow=[], sections="")
    assert "private" in refused(desk, "add", desk.url("/world.rss"))
    with Server({"/feed": Reply(200, RSS)}) as other:
        port = other.url.rpartition(":")[2]
        desk.write(allow=[desk.url("").removeprefix("http://")], sections="")
        desk.server.routes["/"] = page(("application/rss+xml", f"http://127.0.0.1:{port}/feed"))
        desk.server.routes["/away"] = Reply(302, headers={"Location": f"{other.url}/feed"})
        refused(desk, "add", desk.url("/"))
        assert "private" in refused(desk, "add", desk.url("/away"))
        assert other.asked == []


def test_bounds_hold_for_what_is_discovered(desk):
    desk.write(poll={"max-size": "2KB", "timeout": "500ms"}, sections="")
    large = rss("Large", *[TALKS] * 20)
    desk.server.routes |= {
        "/large": Reply(200, large),
        "/slow": Reply(200, RSS, pause=5),
        "/": page(("text/xml", "/large"), ("text/xml", "/slow"), ("text/xml", "/herald.atom")),
    }
    assert "larger than 0.002 MB" in refused(desk, "add", desk.url("/large"))
    assert desk.json("add", desk.url("/"))["added"] == desk.url("/herald.atom")


def test_failures_name_the_address(desk):
    assert refused(desk, "add", desk.url("/none")).startswith(
        f"aggregator: {desk.url('/none')}: the server says 404"
    )
    desk.server.routes["/list"] = Reply(200, b"<opml><body/></opml>")
    assert "use `aggregator import`" in refused(desk, "add", desk.url("/list"))
    failed = desk.run("add", desk.url("/none"), "--json")
    assert (failed.code, failed.json["error"]["kind"]) == (1, "fetch")


# --- add: pages ---------------------------------------------------------------------------------


def test_of_several_feeds_none_is_added_where_nobody_can_be_asked(desk):
    before = desk.config.read_bytes()
    ran = desk.run("add", desk.url("/"))
    assert ran.code == 1
    assert (
        ran.err
        == "aggregator: 2 feeds: add one by its address, or the first of them with --first\n"
    )
    assert [line.split("\t")[1:4] for line in ran.lines] == [
        ["World Desk", "rss", "2"],
        ["Herald", "atom", "1"],
    ]
    listed = desk.run("add", desk.url("/"), "--json")
    assert listed.code == 1
    assert listed.json["added"] is None
    assert [c["url"] for c in listed.json["candidates"]] == [
        desk.url("/world.rss"),
        desk.url("/herald.atom"),
    ]
    assert desk.config.read_bytes() == before


@pytest.mark.parametrize("option", ["--first", "--yes", "-y"])
def test_the_first_of_several_is_added_on_request_and_only_once(desk, option):
    assert desk.json("add", desk.url("/"), option)["added"] == desk.url("/world.rss")
    again = desk.json("add", desk.url("/"), option)
    assert (again["added"], again["present"]) == (None, desk.url("/world.rss"))
    assert followed(desk) == ["/world.rss"]
    assert "followed already" in desk.run("add", desk.url("/")).lines[0]


def in_terminal(desk, *arguments, answer):
    """Run a command on a terminal and answer its question; returns its code and what it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        desk.command(*arguments),
        cwd=desk.directory,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "dumb", "COLUMNS": "200"},
    )
    os.close(theirs)
    shown = b""
    while b"Which one" not in shown:
        shown += os.read(ours, 10_000)
    os.write(ours, answer.encode())
    try:
        while piece := os.read(ours, 10_000):
            shown += piece
    except OSError:  # the other end of the terminal is closed
        pass
    os.close(ours)
    return process.wait(), shown.decode()


def test_on_a_terminal_the_user_is_asked_by_number(desk):
    code, shown = in_terminal(desk, "add", desk.url("/"), answer="7\n2\n")
    assert code == 0
    assert "World Desk" in shown
    assert f"added {desk.url('/herald.atom')}" in shown
    assert followed(desk) == ["/herald.atom"]


def test_the_only_feed_that_works_is_added(desk):
    desk.server.routes["/"] = page(
        ("application/rss+xml", "/gone.rss"),
        ("application/rss+xml", "/"),
        ("application/atom+xml", "/moved"),
        ("application/atom+xml", "/herald.atom"),
    )
    desk.server.routes["/moved"] = Reply(308, headers={"Location": "/herald.atom"})
    assert desk.json("add", desk.url("/"))["added"] == desk.url("/herald.atom")


def test_links_come_before_usual_paths_and_those_end_with_the_first_feed(desk):
    desk.server.routes |= {
        "/": page(body='<a href="/x.rss">old</a><a href="/news.rss">RSS</a>'),
        "/news.rss": Reply(200, RSS),
        "/blog": page(),
        "/atom.xml": Reply(200, ATOM),
        "/feed.xml": Reply(200, json_feed("J", TALKS)),
    }
    assert desk.json("add", desk.url("/"))["added"] == desk.url("/news.rss")
    desk.server.asked.clear()
    assert desk.json("add", desk.url("/blog"))["added"] == desk.url("/atom.xml")
    near = ["/blog/feed", "/blog/rss.xml", "/blog/index.xml"]
    assert asked(desk) == ["/blog", *near, "/feed", "/rss.xml", "/atom.xml"]


def test_a_page_without_feeds_says_so(desk):
    desk.server.routes = {"/": page(body="<a href='/feed'>x</a>"), "/feed": page()}
    assert "no feed of it works" in refused(desk, "add", desk.url("/"))
    assert len(asked(desk)) <= 12
    told = desk.run("-v", "add", desk.url("/")).err
    assert f"{desk.url('/feed')}: a web page" in told
    assert f"{desk.url('/rss.xml')}: the server says 404 Not Found" in told


def test_a_server_that_goes_silent_is_not_asked_for_every_usual_path(desk):
    def once(_):
        desk.server.routes.clear()
        desk.server.routes |= {f"/{n}": Reply(raw=b"") for n in ("feed", "rss.xml", "atom.xml")}
        return page()

    desk.server.routes["/"] = once
    assert "no feed of it works" in refused(desk, "add", desk.url("/"))
    assert asked(desk) in (["/", "/feed"], ["/", "/feed", "/feed"])


def test_hosts_that_document_their_feeds_need_no_page(desk):
    desk.server.routes["/@ana.rss"] = Reply(200, RSS)
    assert desk.json("add", desk.url("/@ana"))["added"] == desk.url("/@ana.rss")
    assert asked(desk) == ["/@ana.rss"]
    desk.server.routes["/@bob"] = ANNOUNCED
    assert desk.json("add", desk.url("/@bob"), "--first")["added"] == desk.url("/world.rss")


def test_a_hostile_page_costs_only_the_command(desk):
    body = (b"<!doctype html>" + b"<a href='/feed'" * 300_000)[:3_000_000]
    desk.server.routes["/"] = Reply(200, body, {"Content-Type": "text/html"})
    assert "no feed of it works" in refused(desk, "add", desk.url("/"))


# --- add: groups --------------------------------------------------------------------------------

GROUPED = """
settings: {{network: {{allow: [127.0.0.0/8]}}, poll: {{host-delay: 0s}}}}
feeds:
  - group: World            # everything
    tags: [World]
    feeds:
      - https://a.example/feed
      - group: Asia
        feeds: []           # none yet
  - group: Sports
    feeds:
      - group: Asia
        feeds: [https://b.example/feed]
"""


@pytest.fixture
def grouped(desk):
    desk.config.write_text(GROUPED.format())
    return desk


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("World", ("World",)),
        ("world", ("World",)),
        ("World/Asia", ("World", "Asia")),
        ("Sports/Asia", ("Sports", "Asia")),
        ("Science", ("Science",)),
    ],
)
def test_a_group_takes_in_a_feed(grouped, name, groups):
    url = grouped.json("add", grouped.url("/world.rss"), "--group", name)["added"]
    (added,) = [s for s in config.load(grouped.config).subscriptions if s.url == url]
    assert added.groups == groups
    assert added.tags == (("World",) if groups[0] == "World" else ())
    assert "# everything" in grouped.config.read_text()


def test_a_group_that_is_not_clear_is_refused(grouped):
    url = grouped.url("/world.rss")
    assert "name one of World/Asia, Sports/Asia" in refused(grouped, "add", url, "--group", "Asia")
    assert "did you mean Sports?" in refused(grouped, "add", url, "--group", "Sport")
    assert asked(grouped) == []


# --- remove -------------------------------------------------------------------------------------


def test_a_feed_is_removed_and_its_articles_stay(tmp_path):
    with newsroom(tmp_path) as desk:
        desk.poll()
        articles = desk.articles()
        url = desk.url("/world.rss")
        ran = desk.run("remove", url + "/?utm_source=x")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == f"removed {url} from {desk.config}; its articles stay\n"
        assert followed(desk) == ["/wire.rdf", "/herald.atom", "/tech.json"]
        told = desk.json("remove", desk.url("/tech.json"))
        assert told["removed"] == desk.url("/tech.json")
        assert (told["file"], told["line"]) == (str(desk.config), 2)
        desk.poll()
        assert desk.articles() == articles


def test_an_unknown_feed_is_refused_with_the_nearest(grouped):
    assert "did you mean https://a.example/feed?" in refused(
        grouped, "remove", "https://a.example/fed"
    )
    assert "did you mean" not in refused(grouped, "remove", "zzz")


def test_a_feed_of_an_included_file_is_removed_there(desk):
    desk.config.write_text("include: [more.yaml, list.opml]\n")
    more = desk.directory / "more.yaml"
    more.write_text(
        "# more\nfeeds:\n  - https://a.example/feed   # a\n  - https://b.example/feed\n"
    )
    outline = '<opml><body>\n<outline xmlUrl="https://c.example/feed"/></body></opml>'
    (desk.directory / "list.opml").write_text(outline)
    assert desk.json("remove", "https://a.example/feed")["file"] == str(more)
    assert more.read_text() == "# more\nfeeds:\n  - https://b.example/feed\n"
    assert desk.config.read_text() == "include: [more.yaml, list.opml]\n"
    said = refused(desk, "remove", "https://c.example/feed")
    assert f"{desk.directory}/list.opml:2: https://c.example/feed comes from an OPML list" in said
    assert (desk.directory / "list.opml").read_text() == outline


# --- import and export --------------------------------------------------------------------------

LIST = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="News"><outline text="Asia &amp; more">
  <outline text="One" xmlUrl="https://one.example/feed"/></outline>
  <outline text="Bad" xmlUrl="javascript:alert(1)"/><outline text="F" xmlUrl="ftp://f.example/"/>
</outline>
<outline text="https://two.example/feed" xmlUrl="https://two.example/feed"/>
<outline text="Two again" xmlUrl="http://www.two.example/feed/"/>
</body></opml>"""


def test_a_list_is_imported_once_with_its_groups(desk, tmp_path):
    (tmp_path / "list.opml").write_text(LIST)
    ran = desk.run("import", str(tmp_path / "list.opml"), "--json")
    assert ran.json == {"added": 2, "present": 1, "skipped": 2}
    assert "'javascript:alert(1)' is no feed address" in ran.err
    assert config.load(desk.config).subscriptions == (
        Subscription("https://one.example/feed", title="One", groups=("News", "Asia & more")),
        Subscription("https://two.example/feed"),
    )
    before = desk.config.read_bytes()
    again = desk.run("import", str(tmp_path / "list.opml"))
    assert again.out == f"{desk.config}: 0 added, 3 present, 2 skipped\n"
    assert desk.config.read_bytes() == before


def test_a_list_joins_the_groups_that_are_there(grouped, tmp_path):
    (tmp_path / "list.opml").write_text(
        '<opml><body><outline text="World"><outline text="Asia">'
        '<outline text="One" xmlUrl="https://one.example/feed"/></outline>'
        '<outline text="Two" xmlUrl="https://two.example/feed"/></outline></body></opml>'
    )
    assert grouped.json("import", str(tmp_path / "list.opml"))["added"] == 2
    assert [s.groups for s in config.load(grouped.config).subscriptions] == [
        ("World",),
        ("World", "Asia"),
        ("World",),
        ("Sports", "Asia"),
    ]
    assert grouped.config.read_text().count("group: World") == 1


def test_a_list_comes_from_stdin(desk):
    done = subprocess.run(
        desk.command("import", "-", "--json"), input=LIST.encode(), capture_output=True, check=False
    )
    assert json.loads(done.stdout) == {"added": 2, "present": 1, "skipped": 2}


def test_what_is_no_list_is_refused(desk, tmp_path):
    (tmp_path / "list.opml").write_bytes(RSS)
    said = refused(desk, "import", str(tmp_path / "list.opml"))
    assert said.endswith("list.opml: line 1: is no OPML document")
    assert "none.opml" in refused(desk, "import", str(tmp_path / "none.opml"), code=2)
    with (tmp_path / "huge.opml").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    assert "larger than 64 MB" in refused(desk, "import", str(tmp_path / "huge.opml"))


def test_hostile_names_and_addresses_become_harmless(desk, tmp_path):
    control = "\x00\x07\x85\x9b\u2028\ufeff"
    outlines = "".join(
        f'<outline text="{control}n{n} $HOME" xmlUrl="https://h{n}.example/{n}?a=$b&amp;c"/>'
        for n in range(10)
    )
    bad = "".join(f'<outline text="x" xmlUrl="{url}"/>' for url in ["data:x"] * 1 + ["//x", " y "])
    deep = f'<outline text="{"g" * 3_000}">' + '<outline text="$g: [x]">' * 40
    (tmp_path / "list.opml").write_text(
        f"<opml><body>{deep}{outlines}{bad}{'</outline>' * 41}</body></opml>"
    )
    ran = desk.run("import", str(tmp_path / "list.opml"), "--json")
    assert ran.json == {"added": 10, "present": 0, "skipped": 3}
    first = config.load(desk.config).subscriptions[0]
    assert first.url == "https://h0.example/0?a=$b&c"
    assert first.title is not None
    assert first.title.endswith("n0 $HOME")
    assert first.groups[1:] == ("$g: [x]",) * 19
    assert len(first.groups[0]) <= 1_000


def test_many_skipped_outlines_are_counted_not_listed(desk, tmp_path):
    outlines = "".join(f'<outline xmlUrl="javascript:{n}"/>' for n in range(20))
    (tmp_path / "list.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    ran = desk.run("import", str(tmp_path / "list.opml"), "--json")
    assert ran.json == {"added": 0, "present": 0, "skipped": 20}
    assert ran.err.splitlines()[-1] == "skipped: … and 15 more"


def test_ten_thousand_outlines_are_imported_in_seconds(desk, tmp_path):
    outlines = "".join(
        f'<outline text="G{n % 100}"><outline text="T{n}" xmlUrl="https://h{n}.example/f"/></outline>'
        for n in range(10_000)
    )
    (tmp_path / "list.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    with within(5):
        assert desk.json("import", str(tmp_path / "list.opml"))["added"] == 10_000


def test_an_export_has_titles_and_sites_of_polled_feeds(tmp_path):
    with newsroom(tmp_path) as desk:
        bare = ET.fromstring(desk.run("export").out)
        assert {o.get("text") for o in bare.iter("outline")} == {
            desk.url(path) for path in conditional_feeds()
        }
        desk.poll()
        document = ET.fromstring(desk.run("export").out)
        assert document.get("version") == "2.0"
        (world,) = [o for o in document.iter("outline") if o.get("text") == "World Desk"]
        assert world.get("xmlUrl") == desk.url("/world.rss")
        assert world.get("htmlUrl") == "https://world.example/"
        assert desk.json("export")[0] == {
            "url": desk.url("/world.rss"),
            "title": "World Desk",
            "groups": [],
        }


def test_an_export_imported_elsewhere_is_the_same_list(grouped, tmp_path):
    (tmp_path / "out.opml").write_text(grouped.run("export").out)
    elsewhere = Desk(tmp_path / "elsewhere")
    elsewhere.directory.mkdir()
    elsewhere.config.touch()
    assert elsewhere.json("import", str(tmp_path / "out.opml"))["added"] == 2
    assert elsewhere.run("export").out == (tmp_path / "out.opml").read_text()


LABELS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("&<>\"'$:#-[]{}~ "),
    min_size=1,
    max_size=12,
).map(lambda text: " ".join(text.split()))
TITLES = LABELS.filter(bool)


@st.composite
def subscriptions(draw):
    hosts = draw(st.lists(st.integers(0, 999), unique=True, max_size=8))
    groups = st.lists(TITLES, max_size=3).map(tuple)
    paths = draw(st.lists(groups, min_size=1, max_size=4))
    return [
        Subscription(
            f"https://h{host}.example/{draw(st.sampled_from(['', 'f?a=1&b=$x', 'ü']))}",
            title=draw(st.none() | TITLES),
            groups=draw(st.sampled_from(paths)),
        )
        for host in hosts
    ]


@given(subscriptions())
def test_any_list_survives_export_and_import(tmp_path_factory, listed):
    desk = Desk(tmp_path_factory.mktemp("empty"))
    desk.config.write_text("# nothing yet\n")
    (desk.directory / "list.opml").write_text(opml("T", listed), "utf-8")
    told = desk.json("import", str(desk.directory / "list.opml"))
    assert told == {"added": len(listed), "present": 0, "skipped": 0}
    back = config.load(desk.config).subscriptions
    assert sorted(back, key=lambda s: s.url) == sorted(listed, key=lambda s: s.url)
    exported = desk.run("export").out
    assert {(o.url, o.groups) for o in read_opml(exported.encode())} == {
        (s.url, s.groups) for s in listed
    }
    assert desk.json("import", str(desk.directory / "list.opml"))["added"] == 0


# --- plan ---------------------------------------------------------------------------------------


def test_a_plan_before_the_first_poll_adds_everything_and_makes_nothing(grouped):
    assert grouped.json("plan") == {
        "added": [
            {"url": "https://a.example/feed", "title": None},
            {"url": "https://b.example/feed", "title": None},
        ],
        "changed": [],
        "retired": [],
    }
    assert not grouped.data.exists()


def test_a_plan_tells_what_the_next_start_does(tmp_path):
    with newsroom(tmp_path) as desk:
        desk.poll()
        quiet = desk.run("plan")
        assert (quiet.code, quiet.out) == (
            0,
            "nothing to do: the store has the feeds of the list\n",
        )
        desk.write(
            [
                {"url": "/wire.rdf", "title": "Wire"},
                {"url": "/herald.atom", "active": "false"},
                "/tech.json",
                {"url": "https://new.example/", "title": "New"},
            ]
        )
        assert desk.json("plan") == {
            "added": [{"url": "https://new.example/", "title": "New"}],
            "changed": [
                {"url": desk.url("/wire.rdf"), "title": "Wire", "changes": ["title"]},
                {"url": desk.url("/herald.atom"), "title": "Herald", "changes": ["active"]},
            ],
            "retired": [{"url": desk.url("/world.rss"), "title": "World Desk", "articles": 3}],
        }
        assert [line.split("\t") for line in desk.run("plan").lines] == [
            ["add", "New", "https://new.example/", ""],
            ["change", "Wire", desk.url("/wire.rdf"), "title"],
            ["change", "Herald", desk.url("/herald.atom"), "active"],
            ["retire", "World Desk", desk.url("/world.rss"), "3 articles stay"],
        ]
        desk.write(["/wire.rdf", "/herald.atom", "/tech.json"])
        desk.poll(desk.url("/wire.rdf"))
        assert desk.json("plan") == {"added": [], "changed": [], "retired": []}
