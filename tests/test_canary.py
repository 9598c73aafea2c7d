"""What listens on a private address is never reached, whoever points there, and however."""

import json
import socket
from html import escape

import pytest

from aggregator.config.values import feed_url
from tests.support.canary import Canary
from tests.support.newsrooms import HARBOUR, TALKS, Desk, Item, atom, newsroom, rss
from tests.support.server import Reply

HTML = {"Content-Type": "text/html"}


@pytest.fixture
def canary():
    with Canary() as canary:
        yield canary


@pytest.fixture
def desk(tmp_path):
    """A desk that may reach its own server, and nothing else on this machine."""
    with newsroom(tmp_path, {"/good": Reply(200, rss("Good", TALKS))}) as desk:
        follow(desk, ["/good"])
        yield desk


def follow(desk: Desk, feeds):
    desk.write(feeds, poll={"per-host": 100, "concurrency": 100}, allow=[own(desk)])


def own(desk):
    return f"127.0.0.1:{desk.server.port}"


def test_the_canary_knows_when_it_is_reached(canary, desk):
    """Else silence would say nothing."""
    desk.write(canary.urls()[:3], poll={"timeout": "60s"}, allow=["127.0.0.0/8"])
    assert desk.poll()["failed"] == 3
    assert set(canary.visited()) == {"127.0.0.1", "127.0.0.2", "127.8.8.8"}


def test_redirects_lead_nowhere_private(canary, desk):
    targets = [*canary.urls(), f"//127.0.0.2:{canary.port}/", f"http:\\\\127.0.0.2:{canary.port}/"]
    for number, target in enumerate(targets):
        location = target.encode().decode("latin-1")
        status = (301, 302, 303, 307, 308)[number % 5]
        desk.server.routes[f"/{number}"] = Reply(status, headers={"Location": location})
    desk.server.routes["/hop"] = Reply(302, headers={"Location": "/1"})
    follow(desk, list(desk.server.routes))
    summary = desk.poll()
    assert (summary["failed"], summary["new"]) == (len(targets) + 1, 1)
    assert canary.visited() == []
    reasons = {row["url"]: row["error"] for row in summary["results"]}
    assert "is a private address" in reasons[desk.url("/1")]
    assert "is a private address" in reasons[desk.url("/hop")]


def test_feeds_on_private_addresses_are_not_polled_unless_allowed(canary, desk):
    urls = [f"{url}?{number}" for number, url in enumerate(canary.urls())]
    accepted = [url for url in urls if is_accepted(url)]
    assert len(accepted) > 10
    follow(desk, ["/good", *accepted])
    summary = desk.poll()
    assert (summary["failed"], summary["new"]) == (summary["feeds"] - 1, 1)
    assert canary.visited() == []


def is_accepted(url):
    try:
        feed_url(url)
    except ValueError:
        return False
    return True


def test_nothing_that_a_feed_names_is_fetched(canary, desk):
    private = canary.urls("/secret")
    markup = "".join(
        f"<img src='{url}.png'><a href='{url}'>x</a><iframe src='{url}'></iframe>"
        f"<link rel=canonical href='{url}'>"
        for url in private[:4]
    )
    url = escape(private[1])
    inner = (
        f"<link rel='hub' href='{url}'/><link rel='self' href='{url}'/><logo>{url}</logo>"
        f"<icon>{url}</icon>"
    )
    body = atom("Pointing", Item("Report", private[1], markup), HARBOUR).decode()
    entry = (
        f"<entry xml:base='{url}'><title>Base</title><id>b</id><link href='x'/>"
        f"<link rel='enclosure' type='audio/mpeg' href='{url}'/><content src='{url}' type='x/y'/>"
        f"<link rel='replies' href='{url}'/></entry></feed>"
    )
    prolog = (
        f"<?xml version='1.0'?><?xml-stylesheet href='{url}'?>"
        f"<!DOCTYPE feed SYSTEM '{url}' [<!ENTITY x SYSTEM '{url}'>"
        f"<!ENTITY % y SYSTEM '{url}'> %y;]>"
    )
    body = prolog + body.partition("?>")[2].replace("</title>", "&x;</title>" + inner, 1)
    body = body.replace("</feed>", entry)
    headers = {"Link": f"<{private[1]}>; rel=hub", "Refresh": f"0;url={private[1]}"}
    desk.server.routes["/pointing"] = Reply(
        200, body.encode(), {**headers, "Content-Location": private[1]}
    )
    follow(desk, list(desk.server.routes))
    assert desk.poll()["new"] == 4
    assert desk.run("digest", "--date", "3d").code == 0
    assert json.dumps(desk.articles()).count("/secret") > 5
    assert canary.visited() == []


def test_discovery_looks_at_no_private_address(canary, desk):
    for number, url in enumerate(canary.urls()[1:8]):
        announced = "".join(
            f'<link rel="alternate" type="application/rss+xml" href="{one}">' for one in (url, url)
        )
        page = f'<!doctype html>{announced}<a href="{url}">RSS feed</a>'
        desk.server.routes[f"/page{number}"] = Reply(200, page.encode(), HTML)
    base = (
        f'<!doctype html><base href="http://127.0.0.2:{canary.port}/"><a href="rss.xml">RSS</a>'
        '<link rel="alternate" type="application/rss+xml" href="/feed">'
    )
    desk.server.routes["/base"] = Reply(200, base.encode(), HTML)
    desk.server.routes["/feed.xml"] = Reply(302, headers={"Location": canary.urls()[1]})
    pages = [path for path in desk.server.routes if path.startswith(("/page", "/base"))]
    for path in pages:
        assert desk.run("add", desk.url(path)).code == 1
    for url in canary.urls()[1:8]:
        assert desk.run("add", url).code in (1, 2)
    assert canary.visited() == []


def test_lists_of_feeds_lead_nowhere_private(canary, desk):
    outlines = "".join(
        f'<outline type="rss" text="x" xmlUrl="{escape(url)}" htmlUrl="{escape(url)}"/>'
        for url in canary.urls()
    )
    lists = desk.directory / "list.opml"
    url = canary.urls()[1]
    lists.write_text(
        f'<?xml version="1.0"?><!DOCTYPE opml SYSTEM "{url}" [<!ENTITY x SYSTEM "{url}">]>'
        f'<opml version="2.0"><head><title>&x;</title></head><body>{outlines}'
        f'<outline type="include" url="{url}"/></body></opml>'
    )
    ran = desk.run("import", str(lists))
    assert "Traceback" not in ran.err
    assert desk.poll()["new"] == 1
    assert canary.visited() == []


def test_names_that_lead_to_private_addresses_are_no_way_in(canary, desk):
    name = socket.gethostname()
    follow(desk, ["/good", f"http://{name}:{canary.port}/", f"http://localhost:{canary.port}/"])
    assert desk.poll()["failed"] == 2
    assert canary.visited() == []
