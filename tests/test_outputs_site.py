"""The static site: complete, reproducible, never torn, and its own archive."""

import io
import json
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import html5lib
import pytest

from aggregator.errors import AggregatorError
from aggregator.model import Article, Brief, Edition, Topic
from aggregator.outputs import edition_shapes
from aggregator.outputs.issue import File, Issue, TagLists
from aggregator.outputs.manifest import Manifest, mark
from aggregator.outputs.pages import Pages
from aggregator.outputs.site import RENDERERS, Site
from tests.support.editions import (
    CHIPS,
    DAY,
    MIDDLE_EAST,
    OPERA,
    article,
    dated,
    edition,
    elsewhere,
    paper,
    story,
)
from tests.support.feedrules import problems_of_atom, problems_of_json_feed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import feedparser

DAYS = [DAY - timedelta(days=days) for days in (2, 1, 0)]
PAGES = Pages("Morning papers", ZoneInfo("Europe/Berlin"), [ZoneInfo("Asia/Jerusalem")])


def tagged(slug: str) -> Sequence[Article]:
    """Two articles of any tag."""
    return [article(f"One of {slug}"), article(f"Another of {slug}", url=None)]


def lists(carried: Sequence[str] = ()) -> TagLists:
    return TagLists(
        newest=tagged,
        marks=lambda slugs: {slug: mark(tagged(slug)) for slug in slugs},
        carried=lambda: {slug: slug.title() for slug in carried},
        bare=lambda slugs: {},
        labels=lambda slugs: {},
    )


def site(directory: Path, *outputs: str, url: str | None = None) -> Site:
    return Site(directory, PAGES, outputs or ("html", "atom", "json"), url=url)


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of a directory by its relative path."""
    files = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def links(directory: Path) -> list[tuple[str, Path]]:
    """Every link of every page that stays within the site, with the file it leads to."""
    found = []
    for page in directory.rglob("*.html"):
        tree = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        for element in (*tree.iter("a"), *tree.iter("link"), *tree.iter("img")):
            target = urlsplit(str(element.attrib.get("href") or element.attrib["src"]))
            if not target.scheme and target.path:
                found.append((target.path, (page.parent / unquote(target.path)).resolve()))
    return found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of the paper."""
    directory = tmp_path_factory.mktemp("digests")
    for day in DAYS:
        site(directory).publish(day, paper(day), lists())
    return directory


def test_every_page_is_in_its_place(published: Path) -> None:
    for path in (
        "index.html", "atom.xml", "feed.json", "archive/index.html", "tags/index.html",
        "archive/2026/index.html",
        "digest/2026-02-17/index.html", "digest/2026-02-17/edition.json",
        "digest/2026-02-15/chips/index.html", "digest/2026-02-15/chips/edition.json",
        "topic/opera/index.html", "topic/opera/atom.xml", "topic/chips/feed.json",
        "tag/truce-talks/index.html", "tag/truce-talks/atom.xml", "tag/truce-talks/feed.json",
        "static/style.css",
    ):  # fmt: skip
        assert (published / path).is_file(), path


def test_every_link_leads_to_a_file_even_without_a_server(published: Path) -> None:
    found = links(published)
    assert len(found) > 500
    for link, target in found:
        assert target.is_file(), link


def test_tags_beside_those_of_most_stories_have_pages_too(tmp_path: Path) -> None:
    common = ("Chips", "Trade", "Asia", "Prices")
    told = [story(f"Told {n}", tags=(*common, f"Rare {n}", f"Odd {n}")) for n in range(9)]
    tags = tuple((label.lower(), label, 9) for label in common)
    site(tmp_path).publish(DAY, [edition(CHIPS, told, tags=tags)], lists())
    assert "tag/rare-1/" in (tmp_path / f"digest/{DAY}/chips/index.html").read_text()
    assert [link for link, target in links(tmp_path) if not target.is_file()] == []


def test_every_year_has_an_archive_of_its_own(tmp_path: Path) -> None:
    last_year = DAY.replace(year=2025)
    for day in (last_year, DAY):
        site(tmp_path).publish(day, [edition(CHIPS, [story("Told")], day=day)], lists())
    newest, then, now = (
        (tmp_path / "archive" / at / "index.html").read_text() for at in ("", "2025", "2026")
    )
    assert f"digest/{last_year}/" in newest
    assert (f"digest/{last_year}/" in then, f"digest/{DAY}/" in then) == (True, False)
    assert (f"digest/{last_year}/" in now, f"digest/{DAY}/" in now) == (False, True)
    assert all(target.is_file() for _, target in links(tmp_path))


def test_stories_that_a_page_leaves_out_stand_in_a_list_beside_it(tmp_path: Path) -> None:
    named = tuple(Brief(f"{n}", f"r{n}", f"Named {n}", None, "Daily", 1) for n in range(99))
    for day in DAYS:
        many = {"also": named, "total": 100, "day": day}
        told = [edition(topic, [story("Told")], **many) for topic in (None, CHIPS)]
        site(tmp_path).publish(day, [*told, edition(OPERA, [story("Told")], day=day)], lists())
    for at in ("", "chips/"):
        page = (tmp_path / f"digest/{DAY}/{at}stories.html").read_text(encoding="utf-8")
        assert page.count("Named ") == 99
        assert "stories.html" in (tmp_path / f"digest/{DAY}/{at}index.html").read_text()
    assert not (tmp_path / f"digest/{DAY}/opera/stories.html").exists()
    assert all(target.is_file() for _, target in links(tmp_path))


def test_the_front_page_of_the_site_is_that_of_the_newest_day(published: Path) -> None:
    assert "Tuesday, 17 February 2026" in (published / "index.html").read_text(encoding="utf-8")
    archive = (published / "archive/index.html").read_text(encoding="utf-8")
    assert [f"digest/{day}/" in archive for day in DAYS] == [True] * 3


def test_neighbouring_days_are_linked_both_ways(published: Path) -> None:
    middle = (published / "digest/2026-02-16/chips/index.html").read_text(encoding="utf-8")
    assert 'rel="prev" href="../../../digest/2026-02-15/chips/index.html"' in middle
    assert 'rel="next" href="../../../digest/2026-02-17/chips/index.html"' in middle
    record = json.loads((published / "digest/2026-02-16/edition.json").read_bytes())
    assert (record["previous"], record["next"]) == ("2026-02-15", "2026-02-17")


def test_building_twice_changes_no_byte_and_touches_no_file(tmp_path: Path) -> None:
    first = site(tmp_path).publish(DAY, paper(), lists())
    before = contents(tmp_path)
    assert set(before) == {path.relative_to(tmp_path).as_posix() for path in first}
    for path in first:
        os.utime(path, (1, 1))
    assert site(tmp_path).publish(DAY, paper(), lists()) == []
    assert contents(tmp_path) == before
    assert all(path.stat().st_mtime == 1 for path in first)


def test_the_order_in_which_days_are_built_does_not_matter(published: Path, tmp_path: Path) -> None:
    for day in reversed(DAYS):
        site(tmp_path / "elsewhere").publish(day, paper(day), lists())
    assert contents(tmp_path / "elsewhere") == contents(published)


def test_records_give_the_editions_back_linked_and_in_their_order(published: Path) -> None:
    shelf = site(published).shelf()
    assert shelf.days() == DAYS
    assert shelf.days("chips") == DAYS
    assert shelf.days("none") == []
    middle = [replace(each, previous=DAYS[0], next=DAYS[2]) for each in paper(DAYS[1])]
    assert shelf.editions(DAYS[1]) == middle
    assert shelf.edition(DAYS[1], "chips") == middle[2]
    assert shelf.edition(DAYS[1], "none") is None
    assert shelf.edition(date(2020, 1, 1)) is None
    assert [each.day for each in shelf.recent("chips", 2)] == [DAYS[2], DAYS[1]]


def test_an_edition_alone_replaces_its_own_and_keeps_the_days_others(tmp_path: Path) -> None:
    site(tmp_path).publish(DAY, paper(), lists())
    site(tmp_path).publish(DAY, [edition(CHIPS, [story("Only this")])], lists())
    kept = site(tmp_path).shelf().editions(DAY)
    assert [each.topic and each.topic.slug for each in kept] == [
        None, "middle-east", "chips", "science", "opera",
    ]  # fmt: skip
    front = (tmp_path / "digest/2026-02-17/index.html").read_text(encoding="utf-8")
    assert "Only this" in front
    assert "Desalination" in front


def test_a_whole_day_replaces_the_whole_day(tmp_path: Path) -> None:
    site(tmp_path).publish(DAY, paper(), lists())
    site(tmp_path).publish(DAY, [edition(None, [elsewhere()])], lists())
    assert [each.topic for each in site(tmp_path).shelf().editions(DAY)] == [None]
    assert "Desalination" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_topics_are_published_without_a_front_edition(tmp_path: Path) -> None:
    site(tmp_path).publish(DAY, [paper()[2], paper()[1]], lists())
    slugs = [each.topic and each.topic.slug for each in site(tmp_path).shelf().editions(DAY)]
    assert slugs == ["chips", "middle-east"]
    assert "Mediators table" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert all(target.is_file() for _, target in links(tmp_path))


def test_topics_and_tags_of_any_script_have_working_links(tmp_path: Path) -> None:
    topic = Topic("מלחמה & שלום", "מלחמה-שלום", "x")
    made = edition(topic, [story("日本", tags=("C++", "日本 #1"))])
    site(tmp_path).publish(DAY, [made], lists())
    assert (tmp_path / "topic/מלחמה-שלום/index.html").is_file()
    assert (tmp_path / "tag/日本-#1/index.html").is_file()
    assert all(target.is_file() for _, target in links(tmp_path))


def test_a_damaged_record_counts_as_missing_until_its_day_is_built_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site(tmp_path).publish(DAYS[0], paper(DAYS[0]), lists())
    for path, damage in (("chips", b"{"), ("opera", b"[]"), ("science", b'{"date": 1}')):
        (tmp_path / f"digest/2026-02-15/{path}/edition.json").write_bytes(damage)
    (tmp_path / "digest/notes").mkdir()
    (tmp_path / "digest/notes/edition.json").write_bytes(b"{}")
    with caplog.at_level(logging.WARNING):
        site(tmp_path).publish(DAYS[1], paper(DAYS[1]), lists())
    assert "chips" in caplog.text
    assert "not an edition" in caplog.text
    kept = site(tmp_path).shelf().editions(DAYS[0])
    assert [each.topic and each.topic.slug for each in kept] == [None, "middle-east"]
    site(tmp_path).publish(DAYS[0], paper(DAYS[0]), lists())
    assert len(site(tmp_path).shelf().editions(DAYS[0])) == 5


def test_an_old_archive_is_not_read_for_new_pages(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for day in DAYS:
        site(tmp_path).publish(day, paper(day), lists())
    old = tmp_path / "digest/2019-01-01/chips/edition.json"
    old.parent.mkdir(parents=True)
    for record in (old, old.parent.parent / "edition.json"):
        record.write_bytes(b"{")
    (tmp_path / "digest/20190102").mkdir()
    (tmp_path / "digest/20190102/edition.json").write_bytes(b"{}")
    shelf = site(tmp_path).shelf()
    with caplog.at_level(logging.WARNING):
        assert shelf.newest(None, 1) == shelf.newest("chips", 1) == DAYS[-1:]
        assert shelf.newest("chips", 9) == [*reversed(DAYS), date(2019, 1, 1)]
        assert [each.previous for each in shelf.editions(DAY)] == [DAYS[1]] * 5
        assert shelf.days() == [date(2019, 1, 1), *DAYS]
    assert caplog.text == ""
    assert shelf.edition(DAYS[0], "chips").previous == date(2019, 1, 1)  # type: ignore[union-attr]


@pytest.mark.parametrize("slug", ["..", ".", "\0", "a/b", "", "\udc80", "x" * 300])
def test_no_name_leads_out_of_a_day(published: Path, slug: str) -> None:
    shelf = site(published).shelf()
    assert shelf.edition(DAY, slug) is None
    assert shelf.newest(slug, 1) == []


def test_feeds_tell_of_a_week(tmp_path: Path) -> None:
    for days in range(9):
        day = DAY + timedelta(days=days)
        made = dated(edition(CHIPS, [story(f"Story {days}")]), day)
        site(tmp_path, "json").publish(day, [made], lists())
    feed = json.loads((tmp_path / "topic/chips/feed.json").read_bytes())
    assert [item["title"] for item in feed["items"]] == [f"Story {day}" for day in range(8, 1, -1)]


@pytest.mark.parametrize("url", [None, "https://papers.example/daily/"])
def test_every_feed_keeps_the_rules_and_names_its_address_if_it_is_known(
    tmp_path: Path, url: str | None
) -> None:
    site(tmp_path, url=url).publish(DAY, paper(), lists())
    found = {name: data for name, data in contents(tmp_path).items() if name.endswith(".xml")}
    assert {"atom.xml", "topic/chips/atom.xml", "tag/truce-talks/atom.xml"} < set(found)
    for name, data in found.items():
        assert problems_of_atom(data) == [], name
        told = (tmp_path / name).with_name("feed.json").read_bytes()
        assert problems_of_json_feed(told) == [], name
        where = {key: json.loads(told).get(key) for key in ("home_page_url", "feed_url")}
        at = name.removesuffix("atom.xml")
        if url is None:
            assert set(where.values()) == {None}
            assert b'rel="self"' not in data
        else:
            assert f'rel="self" type="application/atom+xml" href="{url}{name}"'.encode() in data
            assert where == {"home_page_url": url + at, "feed_url": f"{url}{at}feed.json"}


def test_a_tag_of_any_script_has_a_valid_address(tmp_path: Path) -> None:
    made = edition(CHIPS, [story("日本", tags=("C++", "日本 #1"))])
    site(tmp_path, url="https://papers.example/").publish(DAY, [made], lists())
    told = json.loads((tmp_path / "tag/日本-#1/feed.json").read_bytes())
    assert told["feed_url"] == "https://papers.example/tag/%E6%97%A5%E6%9C%AC-%231/feed.json"
    assert problems_of_json_feed((tmp_path / "tag/日本-#1/feed.json").read_bytes()) == []


def test_the_feed_of_a_tag_has_its_newest_articles(published: Path) -> None:
    read = feedparser.parse(io.BytesIO((published / "tag/truce-talks/atom.xml").read_bytes()))
    assert read.feed.title == "Morning papers: Truce talks"
    assert [entry.title for entry in read.entries] == [
        "One of truce-talks", "Another of truce-talks",
    ]  # fmt: skip
    page = (published / "tag/truce-talks/index.html").read_text(encoding="utf-8")
    for kind, name in (("atom+xml", "atom.xml"), ("feed+json", "feed.json")):
        link = f'type="application/{kind}" title="Truce talks" href="../../tag/truce-talks/{name}"'
        assert f'<link rel="alternate" {link}>' in page


def test_a_tag_that_was_published_is_kept_up_to_date_where_no_page_links_to_it(
    tmp_path: Path,
) -> None:
    tagged_edition = edition(CHIPS, [story("Told", tags=["Truce"])])
    site(tmp_path).publish(DAYS[0], [dated(tagged_edition, DAYS[0])], lists())
    files = [tmp_path / "tag/truce" / name for name in ("index.html", "atom.xml", "feed.json")]
    for carried in ((), ("truce", "other")):
        for path in files:
            path.write_bytes(b"old")
        unlinked = edition(CHIPS, [story(f"Today {carried}")], day=DAYS[1])
        site(tmp_path).publish(DAYS[1], [unlinked], lists(carried))
        assert [path.read_bytes() == b"old" for path in files] == [not carried] * 3
    assert not (tmp_path / "tag/other").exists()


def test_only_the_wanted_outputs_are_written(tmp_path: Path) -> None:
    site(tmp_path, "atom").publish(DAY, paper(), lists())
    assert {Path(path).name for path in contents(tmp_path)} == {"atom.xml", "edition.json"}
    site(tmp_path / "pages", "html").publish(DAY, paper(), lists())
    page = (tmp_path / "pages/topic/chips/index.html").read_text(encoding="utf-8")
    assert "atom.xml" not in page
    assert "feed.json" not in page


def test_an_unknown_output_is_refused() -> None:
    with pytest.raises(AggregatorError, match="unknown output 'pdf'; there are html, atom, json"):
        Site(Path("x"), PAGES, ["html", "pdf"])


def test_the_manifest_remembers_the_newest_days(tmp_path: Path) -> None:
    kept = tmp_path / "published.json"
    for days in range(62):
        manifest = Manifest(tmp_path, kept)
        manifest.note(f"digest/{DAY + timedelta(days)}/index.html", "mark", 1)
        manifest.note("index.html", f"{days}", 1)
        manifest.save()
    made = json.loads(kept.read_bytes())["made"]
    assert len(made) == 61
    assert made["index.html"] == ["61", 1]
    assert f"digest/{DAY + timedelta(1)}/index.html" not in made


def test_another_renderer_may_join(tmp_path: Path) -> None:
    def count(issue: Issue) -> Iterator[File]:
        yield File("n", "mark", lambda: b"%d" % len(issue.editions))

    renderers = {**RENDERERS, "count": count}
    Site(tmp_path, PAGES, ["count"], renderers).publish(DAY, paper(), lists())
    assert (tmp_path / "n").read_bytes() == b"5"


def test_an_edition_of_another_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AggregatorError, match="not every edition is of 2026-02-16"):
        site(tmp_path).publish(DAYS[1], paper(), lists())


def test_a_template_error_leaves_everything_as_it_was(tmp_path: Path) -> None:
    site(tmp_path / "site").publish(DAY, paper(), lists())
    before = contents(tmp_path / "site")
    (tmp_path / "archive.html").write_text("\n{{ edition.nothing }}")
    pages = Pages("Paper", ZoneInfo("UTC"), templates=tmp_path)
    changed: list[Edition] = [edition(MIDDLE_EAST, [story("Never seen")])]
    with pytest.raises(AggregatorError, match=r"archive\.html:2: 'edition' is undefined"):
        Site(tmp_path / "site", pages).publish(DAY, changed, lists())
    assert contents(tmp_path / "site") == before


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "digest").write_text("in the way")
    with pytest.raises(AggregatorError, match=r"cannot write .*/digest/2026-02-17/.*: "):
        site(tmp_path).publish(DAY, paper(), lists())


def test_records_and_pages_hold_no_path_of_this_machine(published: Path) -> None:
    assert all(str(published).encode() not in data for data in contents(published).values())
    record = json.loads((published / "digest/2026-02-17/chips/edition.json").read_bytes())
    assert edition_shapes.edition_from(record).topic == CHIPS
