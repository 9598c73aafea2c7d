"""The sample newsroom: its articles, its feeds in four formats, its server and its feeds.yaml."""

import http.client
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import config
from aggregator.demo import NewsroomServer, Paper, Piece, feeds_yaml, load
from aggregator.demo.newsroom import IMAGES, PAPERS, fill_dateline, paragraphs, publication_times
from aggregator.demo.rendering import CONTENT_TYPES, render
from aggregator.demo.server import Resource
from aggregator.parse import parse

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8899"
NEWSROOM = load(NOW)
PIECES = [(paper, piece) for paper in NEWSROOM for piece in paper.pieces]

EVENTS = {
    "Storm Ylva": r"\bylva",
    "Kestrel in Dresden": r"kestrel|ドレスデン",
    "Aqaba accord": r"aqaba|áqaba|עקבה",
    "Aegean earthquake": r"karaburun|エーゲ|カラブルン|измир|איזמיר|aegean",
    "Central bank": r"\becb\b|\bezb\b|\bbce\b",
    "French rail strike": r"sudrail|\bfdr\b|part-dieu|rail strike",
    "Lander Hotaru": r"hotaru|ほたる|хотару|הוטארו",
    "Dengue vaccine": r"trivexa|тривекс",
    "Final in Lisbon": r"caradec",
    "Altair outage": r"altair|אלטאיר",
}


def paper(slug: str) -> Paper:
    return next(paper for paper in NEWSROOM if paper.slug == slug)


def piece(path: str) -> Piece:
    slug, name = path.split("/")
    return next(piece for piece in paper(slug).pieces if piece.slug == name)


def text(piece: Piece) -> str:
    return "\n".join([piece.title, piece.summary, piece.body, *piece.categories]).casefold()


# --- the articles -------------------------------------------------------------------------------


def test_the_newsroom_is_large_and_speaks_many_languages():
    assert len(NEWSROOM) >= 14
    assert len(PIECES) >= 150
    assert len({paper.language for paper in NEWSROOM}) >= 5
    assert {paper.format for paper in NEWSROOM} == {"rss2", "rdf", "atom", "json"}


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_told_by_several_publications(event):
    pattern = re.compile(EVENTS[event])
    telling = {paper.slug for paper, piece in PIECES if pattern.search(text(piece))}
    assert len(telling) >= 3


@pytest.mark.parametrize("paper", NEWSROOM, ids=lambda paper: paper.slug)
def test_a_publication_is_complete(paper):
    slugs = Counter(piece.slug for piece in paper.pieces)
    assert slugs.most_common(1)[0][1] == 1
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)
    for piece in paper.pieces:
        assert piece.title
        assert piece.summary
        assert bool(piece.body) == (paper.style == "full"), piece.slug
        assert piece.categories, piece.slug
        assert len(piece.authors) <= 3


@pytest.mark.parametrize(("paper", "piece"), PIECES, ids=lambda value: value.slug)
def test_pictures_exist_and_days_are_the_last_three(paper, piece):
    assert piece.image is None or (IMAGES / f"{piece.image}.svg").is_file()
    assert timedelta() <= NOW - piece.published < timedelta(days=3)
    assert piece.updated is None or piece.published <= piece.updated <= NOW


@pytest.mark.parametrize("image", sorted(IMAGES.iterdir()), ids=lambda path: path.stem)
def test_pictures_are_small_and_sound(image):
    drawing = ElementTree.fromstring(image.read_bytes())
    assert drawing.get("viewBox") == "0 0 1200 675"
    assert drawing.findtext("{http://www.w3.org/2000/svg}title")
    assert image.stat().st_size < 6000


def sentences(piece: Piece) -> set[str]:
    lines = paragraphs(f"{piece.summary}\n\n{piece.body}")
    found = (part for line in lines for part in re.split(r"(?<=[.!?。])\s*", line))
    return {sentence for sentence in found if len(sentence) > 25}


def test_no_two_publications_share_a_sentence_unless_one_runs_the_other_s_copy():
    owners: dict[str, str] = {}
    for paper, piece in PIECES:
        if piece.agency is None:
            for sentence in sentences(piece):
                assert owners.setdefault(sentence, paper.slug) == paper.slug, sentence


def test_a_copy_runs_the_agency_s_text_and_dateline_under_its_own_headline():
    wire = piece("nordwire/elif-rescued-after-31-hours")
    copy = piece("harbour-courier/girl-with-the-spoon")
    assert (copy.body, copy.summary, copy.authors) == (wire.body, wire.summary, wire.authors)
    assert copy.dateline == wire.dateline == "EGLEN, TURKEY, Nov 21 (Nordwire) - "
    assert copy.agency == "nordwire"
    assert copy.title != wire.title
    assert copy.published > wire.published


def test_every_copy_comes_after_its_original():
    for _, copy in PIECES:
        if copy.agency:
            originals = [p for p in paper(copy.agency).pieces if p.body == copy.body]
            assert [p.published < copy.published for p in originals] == [True]


def test_datelines_tell_the_article_s_date():
    at = datetime(2026, 3, 9, tzinfo=UTC)
    assert fill_dateline("BONN, {Mon} {d} (X) - ", at) == "BONN, Mar 9 (X) - "
    assert fill_dateline("({Month} {d}, {yyyy} / X) ", at) == "(March 9, 2026 / X) "


# --- the days -----------------------------------------------------------------------------------

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(now=moments)
@settings(max_examples=25, deadline=None)
def test_nothing_lies_in_the_future_at_any_hour(now):
    for paper in load(now):
        assert paper.changed <= now
        assert all(now - piece.published < timedelta(days=3, hours=2) for piece in paper.pieces)


@given(
    offsets=st.lists(st.integers(-1440, 600), min_size=1, max_size=60),
    now=moments.map(lambda moment: moment.replace(microsecond=0)),
)
def test_moving_keeps_the_order_and_puts_what_was_future_last(offsets, now):
    scheduled = {
        ("paper", f"{number:02}"): now + timedelta(minutes=offset)
        for number, offset in enumerate(offsets)
    }
    times = publication_times(scheduled, now)
    future = sorted((at, key) for key, at in scheduled.items() if at > now)
    moved = [times[key] for _, key in future]
    assert moved == sorted(set(moved))
    assert all(times[key] == at for key, at in scheduled.items() if at <= now)
    assert all(at < now for at in moved)


def test_just_after_midnight_today_s_news_has_happened_already():
    now = datetime(2026, 11, 21, 23, 5, tzinfo=UTC)  # five past midnight in Berlin
    today = [
        piece
        for paper in load(now)
        for piece in paper.pieces
        if now - piece.published < timedelta(minutes=5)
    ]
    assert len(today) > 40
    assert piece("nordwire/pomelo-appeal-dismissed").slug in {piece.slug for piece in today}


def test_equal_moments_give_equal_feeds():
    again = load(NOW)
    assert again == NEWSROOM
    assert [render(one, BASE) for one in again] == [render(one, BASE) for one in NEWSROOM]


# --- the feeds ----------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", NEWSROOM, ids=lambda paper: paper.slug)
def test_feeds_say_what_the_articles_say(paper):
    url = BASE + paper.feed_path
    document = parse(render(paper, BASE), content_type=CONTENT_TYPES[paper.format], url=url)
    assert document.title == paper.title
    assert document.total == len(paper.pieces)
    assert document.language == paper.language
    for entry, piece in zip(document.entries, paper.pieces, strict=True):
        assert unescape(entry.title.value) == piece.title
        assert entry.published == piece.published
        assert entry.categories == piece.categories
        assert piece.image is None or f"{piece.image}.svg" in str(entry)
        assert entry.summary is not None
        assert unescape(entry.summary.value).startswith(piece.dateline + piece.summary[:20])
        assert ", ".join(entry.authors) == ", ".join(piece.authors)


def rss_item(slug: str) -> str:
    feed = render(paper(slug.split("/")[0]), BASE).decode()
    link = f"<link>{BASE}/{slug}</link>"
    return next(item for item in feed.split("<item>") if link in item)


def test_rss_carries_what_real_feeds_carry():
    item = rss_item("harbour-courier/frisia-nova-passengers-land")
    url = f"{BASE}/harbour-courier/frisia-nova-passengers-land"
    image = IMAGES / "storm-harbour.svg"
    assert f'<guid isPermaLink="true">{url}</guid>' in item
    assert "<dc:creator>Bridie Cattermole</dc:creator>" in item
    assert "<content:encoded><![CDATA[<p>Derek Mole" in item
    assert f'<enclosure url="{BASE}/images/{image.name}" length="{image.stat().st_size}"' in item
    assert '<media:thumbnail url="' in item
    assert f"<comments>{url}#comments</comments>" in item
    assert f"<wfw:commentRss>{url}/comments.xml</wfw:commentRss>" in item
    assert "<slash:comments>176</slash:comments>" in item


def test_some_guids_are_no_permalinks():
    item = rss_item("nordwire/aqaba-accord-signed")
    assert '<guid isPermaLink="false">nordwire:aqaba-accord-signed</guid>' in item


def test_truncated_publications_keep_the_text_to_themselves():
    assert "content:encoded><![CDATA[" not in render(paper("touchline"), BASE).decode()
    assert "<content " not in render(paper("the-ledger"), BASE).decode()


def test_quotations_and_subheadings_become_markup():
    feed = render(paper("meridian"), BASE).decode()
    assert "&lt;h2&gt;A village on grass&lt;/h2&gt;" in feed
    item = rss_item("levant-desk/haddadin-sternlicht-joint-interview")
    assert "<blockquote><p>When did you first think it might work?</p></blockquote>" in item


# --- the server ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with NewsroomServer(NEWSROOM) as base_url:
        yield base_url


def get(
    address: str, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("paper", NEWSROOM, ids=lambda paper: paper.slug)
def test_every_feed_is_served_at_its_own_address(address, paper):
    status, headers, body = get(address, paper.feed_path)
    assert status == 200
    assert headers["Content-Type"] == CONTENT_TYPES[paper.format]
    assert body == render(paper, address).decode()


@pytest.mark.parametrize(
    ("request_header", "validator"),
    [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")],
)
def test_an_unchanged_feed_is_not_sent_again(address, request_header, validator):
    _, headers, _ = get(address, "/nordwire/feed.xml")
    status, again, body = get(address, "/nordwire/feed.xml", {request_header: headers[validator]})
    assert (status, body) == (304, "")
    assert again["ETag"] == headers["ETag"]


def test_an_entity_tag_counts_more_than_a_date():
    page = Resource(b"news", "text/html", NOW)
    later = "Mon, 23 Nov 2026 00:00:00 GMT"
    assert page.is_current(f'"old", W/{page.etag}', None)
    assert not page.is_current('"old"', later)
    assert page.is_current(None, later)
    assert not page.is_current(None, "Sat, 21 Nov 2026 00:00:00 GMT")
    assert not page.is_current(None, "yesterday")
    assert not page.is_current(None, None)


def test_article_pages_can_be_read(address):
    status, headers, body = get(address, "/meridian/mordogan-school-gable?utm_source=rss")
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert "<h1>The gable that passed its inspection</h1>" in body
    assert "There are thirteen sheets." in body
    assert '<img src="/images/library.svg"' in body


def test_pages_of_hebrew_papers_run_from_right_to_left(address):
    status, _, body = get(address, "/negev-daily/heskem-aqaba-hatpala-nehtam")
    assert status == 200
    assert '<html lang="he" dir="rtl">' in body


def test_home_pages_name_their_feed(address):
    for path in ("/circuit-board/", "/circuit-board"):
        status, _, body = get(address, path)
        assert status == 200
        assert 'type="application/feed+json" href="/circuit-board/feed.json"' in body
    assert "Невский листок" in get(address, "/")[2]


def test_pictures_and_comment_feeds_are_served(address):
    _, headers, _ = get(address, "/images/lynx-forest.svg")
    assert headers["Content-Type"] == "image/svg+xml"
    path = "/harbour-courier/roofers-ylva-insurance-essex/comments.xml"
    assert (
        ElementTree.fromstring(get(address, path)[2])
        .findtext("channel/title", "")
        .startswith("Comments on: Storm Ylva")
    )


def test_unknown_paths_are_not_found_and_head_sends_no_body(address):
    assert get(address, "/nordwire/nothing")[0] == 404
    assert get(address, "/../pyproject.toml")[0] == 404
    status, headers, body = get(address, "/nordwire/feed.xml", method="HEAD")
    assert (status, body) == (200, "")
    assert int(headers["Content-Length"]) > 10_000


def test_a_server_that_has_stopped_refuses_and_may_stop_again():
    server = NewsroomServer(NEWSROOM)
    address = server.start()
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        get(address, "/")


# --- feeds.yaml ---------------------------------------------------------------------------------


def test_feeds_yaml_lists_every_publication_with_its_group_and_tags(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text(feeds_yaml("http://127.0.0.1:4711"), encoding="utf-8")
    loaded = config.load(path)
    listed = {
        (subscription.url, subscription.groups, frozenset(subscription.tags))
        for subscription in loaded.subscriptions
    }
    assert listed == {
        (f"http://127.0.0.1:4711{paper.feed_path}", (paper.group,), frozenset(paper.tags))
        for paper in NEWSROOM
    }
    assert loaded.settings.network.allow == ("127.0.0.1:4711",)
    assert len(loaded.topics) >= 6


def test_every_publication_has_a_file_of_its_own():
    assert [path.stem[3:] for path in sorted(PAPERS.iterdir())] == [p.slug for p in NEWSROOM]
