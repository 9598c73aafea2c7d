import asyncio
from datetime import timedelta

import pytest

from aggregator.errors import FetchError, RefusedError, RestingError
from aggregator.fetch import Client, Limits, Request, hosts
from tests.support.server import Reply, Server, together

LOCAL = {"host_delay": timedelta(), "allow": ("127.0.0.0/8", "localhost")}
APART = ("substack.com", "blogs.example.org")


def ask(*urls, **limits):
    """Fetch one address after the other with one client; the errors, None for an answer."""

    async def main():
        async with Client(Limits(**{**LOCAL, **limits})) as client:
            errors = []
            for url in urls:
                try:
                    await client.fetch(Request(url))
                except FetchError as error:
                    errors.append(error)
                else:
                    errors.append(None)
            return errors

    return asyncio.run(main())


@pytest.fixture
def server():
    with Server({"/feed": Reply(200, b"x")}) as running:
        yield running


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_refuses_one_feed_is_not_asked_for_another(server, status):
    server.routes["/busy"] = Reply(status, headers={"Retry-After": "3600"})
    first, second = ask(f"{server.url}/busy", f"{server.url}/feed")
    assert isinstance(first, RefusedError)
    assert first.rest == first.retry_after == timedelta(hours=1)
    assert isinstance(second, RestingError)
    assert timedelta(minutes=59) < second.rest <= timedelta(hours=1)
    assert str(second) == "127.0.0.1 refused other requests, so all its feeds wait"
    assert server.paths() == ["/busy"]


def test_those_who_wait_for_their_turn_go_away_when_the_host_refuses(server):
    server.routes["/busy"] = Reply(429, headers={"Retry-After": "3600"}, pause=0.2)

    async def main():
        async with Client(Limits(**{**LOCAL, "per_host": 1})) as client:
            urls = [f"{server.url}/busy"] + [f"{server.url}/feed"] * 5
            fetches = (client.fetch(Request(url)) for url in urls)
            return await asyncio.gather(*fetches, return_exceptions=True)

    first, *others = asyncio.run(main())
    assert isinstance(first, RefusedError)
    assert [type(other) for other in others] == [RestingError] * 5
    assert server.paths() == ["/busy"]


def test_other_hosts_go_on(server):
    server.routes["/busy"] = Reply(503)
    elsewhere = server.url.replace("127.0.0.1", "localhost") + "/feed"
    assert ask(f"{server.url}/busy", elsewhere)[1] is None


def test_a_short_rest_is_waited_for(server):
    server.routes["/busy"] = Reply(503)
    urls = (f"{server.url}/busy", f"{server.url}/feed")
    assert ask(*urls, host_delay=timedelta(seconds=0.05))[1] is None
    assert server.asked[1].at - server.asked[0].at > 0.45


def test_a_host_without_a_wish_rests_longer_each_time_until_it_answers():
    sites = hosts.Hosts(per_host=2, delay=timedelta(), site_of=hosts.by_name)

    def refused(wish=None, usual=timedelta(minutes=5)):
        return sites.refused("a.org", wish=wish, usual=usual) / timedelta(minutes=1)

    assert [refused() for _ in range(3)] == [5, 10, 20]
    sites.welcomed("www.a.org")
    assert refused() == 5
    assert refused(wish=timedelta(minutes=7)) == 7
    assert max(refused() for _ in range(40)) == 24 * 60


def test_a_year_of_hosts_is_not_remembered():
    sites = hosts.Hosts(per_host=2, delay=timedelta(), site_of=hosts.by_name)

    async def main():
        for number in range(20_000):
            async with sites.turn(f"{number}.example.org", "http://example.org/"):
                pass

    asyncio.run(main())
    assert len(sites._sites) <= 4_096


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("example.org", "example.org"),
        ("www.example.org", "example.org"),
        ("feeds.news.Example.org.", "example.org"),
        ("feeds.bbci.co.uk", "bbci.co.uk"),
        ("one.blogspot.com", "one.blogspot.com"),
        ("one.github.io", "one.github.io"),
        ("one.substack.com", "one.substack.com"),
        ("www.one.substack.com", "one.substack.com"),
        ("substack.com", "substack.com"),
        ("a.b.blogs.example.org", "b.blogs.example.org"),
        ("feeds.feedburner.com", "feedburner.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("10.1.2.3", "10.1.2.3"),
        ("::1", "::1"),
        ("localhost", "localhost"),
        ("nas.local", "nas.local"),
        ("co.uk", "co.uk"),
        ("", ""),
    ],
)
def test_hosts_of_one_domain_are_one_site_but_not_those_of_other_people(host, site):
    assert hosts.by_domain(APART)(host) == site


def test_by_name_only_www_makes_no_difference():
    assert hosts.by_name("WWW.example.org.") == "example.org"
    assert hosts.by_name("feeds.example.org") == "feeds.example.org"


def test_hosts_of_one_site_share_their_turns(server):
    server.routes["/feed"] = together(2, Reply(200, b"x"))
    urls = [server.url, server.url.replace("127.0.0.1", "localhost")] * 4

    async def main():
        limits = Limits(**{**LOCAL, "per_host": 2, "site_of": lambda _: "one"})
        async with Client(limits) as client:
            await asyncio.gather(*(client.fetch(Request(f"{url}/feed")) for url in urls))

    asyncio.run(main())
    assert server.busiest == 2
