"""From feeds to a published site, and what a site on its own must be."""

import hashlib
import json
import re
import shlex
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pytest

from tests.support.newsrooms import (
    DAY,
    ELECTION,
    HARBOUR,
    HEBREW,
    TALKS,
    TALKS_WIRE,
    WAFER,
    Desk,
    newsroom,
)
from tests.support.purity import unguarded

XHTML = "{http://www.w3.org/1999/xhtml}"
DAYS = [DAY - timedelta(days=1), DAY]


def publish(desk):
    for day in DAYS:
        assert desk.run("digest", "--date", day.isoformat()).code == 0


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("desk")) as desk:
        desk.poll()
        publish(desk)
        yield desk


def pages(site):
    return sorted(site.rglob("*.html"))


def tree(directory):
    return {
        path.relative_to(directory): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


def elements(page):
    return html5lib.parse(page.read_bytes()).iter()


def local_targets(page):
    """The files that a page's relative links lead to."""
    base = page.as_uri()
    for element in elements(page):
        for name in ("href", "src"):
            target = urlsplit(urljoin(base, element.attrib.get(name, "")))
            if name in element.attrib and target.scheme == "file":
                yield Path(unquote(target.path))


def dead_links(site):
    return {
        (page.relative_to(site).as_posix(), target.as_posix())
        for page in pages(site)
        for target in local_targets(page)
        if not target.is_file()
    }


# --- the static site ----------------------------------------------------------------------------


def test_the_site_has_a_page_for_everything(desk):
    day, before = DAY.isoformat(), DAYS[0].isoformat()
    made = {path.as_posix() for path in tree(desk.site)}
    assert {
        *("index.html", "atom.xml", "feed.json", "archive/index.html", "tags/index.html"),
        *(f"digest/{day}/index.html", f"digest/{day}/edition.json"),
        *(f"digest/{day}/middle-east/index.html", f"digest/{day}/chips/index.html"),
        *(f"digest/{day}/cricket/index.html", f"digest/{before}/index.html"),
        *("topic/middle-east/index.html", "topic/middle-east/atom.xml"),
        *("topic/middle-east/feed.json", "tag/israel/index.html", "tag/iran/index.html"),
    } <= made
    assert not [name for name in made if name.endswith(".new")]


def test_every_link_between_its_pages_leads_to_a_file(desk):
    assert len(pages(desk.site)) > 15
    assert dead_links(desk.site) == set()


def test_it_loads_nothing_from_elsewhere_but_pictures_of_articles(desk):
    for page in pages(desk.site):
        for element in elements(page):
            name = str(element.tag).removeprefix(XHTML)
            assert name not in {"script", "iframe", "object", "embed", "base", "audio", "video"}
            if name in {"link", "source", "use", "image"}:
                for value in element.attrib.values():
                    assert "//" not in value, (page, value)
            if name == "img" and "//" in element.attrib["src"]:
                assert element.attrib["src"] == "https://world.example/talks.jpg"
            assert not {key for key in element.attrib if key.lower().startswith("on")}
            assert "style" not in element.attrib
    for sheet in desk.site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", sheet.read_text("utf-8"))


def test_a_page_tells_each_story_once_with_all_its_sources(desk):
    front = (desk.site / "index.html").read_text("utf-8")
    assert (TALKS.title in front) or (TALKS_WIRE.title in front)
    for source in ("World Desk", "The Wire", "Herald", "Tech Notes"):
        assert source in front
    for item in (HARBOUR, WAFER, HEBREW):
        assert item.title in front
    assert ELECTION.title not in front


def test_days_lead_to_their_neighbours(desk):
    day, before = (desk.site / "digest" / each.isoformat() / "index.html" for each in DAYS[::-1])
    assert before in set(local_targets(day))
    assert day in set(local_targets(before))
    archive = set(local_targets(desk.site / "archive" / "index.html"))
    assert {day, before} <= archive


def test_built_twice_it_is_the_same_to_the_byte(desk, tmp_path):
    first = tree(desk.site)
    publish(desk)
    assert tree(desk.site) == first
    elsewhere = Desk(tmp_path)
    elsewhere.config.write_text(
        desk.config.read_text("utf-8").replace(
            '"timezone"', f'"data": "{desk.data}", "timezone"', 1
        ),
        "utf-8",
    )
    publish(elsewhere)
    assert tree(elsewhere.site) == first


def test_the_order_in_which_days_are_built_makes_no_difference(desk, tmp_path):
    elsewhere = Desk(tmp_path)
    elsewhere.config.write_text(
        desk.config.read_text("utf-8").replace(
            '"timezone"', f'"data": "{desk.data}", "timezone"', 1
        ),
        "utf-8",
    )
    for day in DAYS[::-1]:
        assert elsewhere.run("digest", "--date", day.isoformat()).code == 0
    names = set(tree(elsewhere.site))
    assert names == set(tree(desk.site))
    same = [n for n in names if tree(elsewhere.site)[n] == tree(desk.site)[n]]
    assert Path("digest") / DAY.isoformat() / "index.html" in same
    assert dead_links(elsewhere.site) == set()


def test_a_day_built_again_after_a_topic_is_gone_has_no_dead_links(tmp_path):
    with newsroom(tmp_path) as desk:
        desk.poll()
        publish(desk)
        text = desk.config.read_text("utf-8")
        desk.config.write_text(re.sub(r"  - \{name: Chips.*\n", "", text), "utf-8")
        publish(desk)
        assert dead_links(desk.site) == set()
        front = (desk.site / "index.html").read_text("utf-8")
        assert "topic/chips" not in front


def test_only_the_outputs_asked_for_are_written(tmp_path):
    with newsroom(tmp_path) as desk:
        desk.poll()
        with desk.config.open("a", encoding="utf-8") as config:
            config.write("digest: {outputs: [atom], output: out}\n")
        publish(desk)
        names = {path.name for path in tree(tmp_path / "out")}
        assert names == {"atom.xml", "edition.json"}


def unguarded_links(site):
    return {page.name: found for page in pages(site) if (found := unguarded(elements(page)))}


def test_every_link_to_others_tells_them_nothing_and_vouches_for_nothing(desk):
    assert unguarded_links(desk.site) == {}
    for path in desk.site.rglob("feed.json"):
        for item in json.loads(path.read_text(encoding="utf-8"))["items"]:
            content = html5lib.parse(item.get("content_html", ""))
            assert unguarded(content.iter()) == []


# --- the demo -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demo_shows_a_digest_and_searches_that_work(tmp_path):
    desk = Desk(tmp_path)
    ran = desk.call("demo", "--once", "--dir", "sample")
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    assert re.match(r"\d+ feeds polled, \d+ articles indexed\n", ran.out)
    (front,) = re.findall(r"^Digest  (.+)$", ran.out, re.MULTILINE)
    site = (tmp_path / front).parent
    assert (tmp_path / front).is_file()
    assert dead_links(site) == set()
    assert unguarded_links(site) == {}
    searches = re.findall(r"^ {10}(.+)$", ran.out, re.MULTILINE)
    assert searches
    for line in searches:
        words = shlex.split(line)
        assert words[1:3] == ["-m", "aggregator"]
        config, *search = words[words.index("--config") + 1 :]
        found = Desk((tmp_path / config).parent).run(*search)
        assert (found.code, found.err) == (0, "")
        assert found.out
    again = desk.call("demo", "--once", "--dir", "sample")
    assert again.code == 0


def test_the_demo_leaves_what_is_not_its_own_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    ran = Desk(tmp_path).run("demo", "--once", "--dir", str(tmp_path))
    assert ran.code == 1
    assert "holds something else" in ran.err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_demo_does_not_start_over_under_another_one(tmp_path):
    from aggregator.cli.demo import MARKER
    from aggregator.store import lock

    (tmp_path / MARKER).touch()
    with lock(tmp_path / "index"):
        (tmp_path / "index" / "articles.db").touch()
        ran = Desk(tmp_path).run("demo", "--once", "--dir", str(tmp_path))
        assert ran.code == 3
        assert (tmp_path / "index" / "articles.db").exists()
