import asyncio
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch import Client, Limits, Request, addresses
from tests.support.server import Reply, Server


def reason(url, *allow):
    async def main():
        limits = Limits(host_delay=timedelta(), timeout=timedelta(seconds=5), allow=allow)
        async with Client(limits) as client:
            await client.fetch(Request(url))

    with pytest.raises(FetchError) as caught:
        asyncio.run(main())
    return str(caught.value)


@pytest.fixture
def server():
    with Server({"/": Reply(200, b"inside")}) as running:
        yield running


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ],
)
def test_no_notation_of_loopback_is_connected_to(server, host):
    refusals = ("is a private address", "this is not a valid address")
    assert any(words in reason(f"http://{host}:{server.port}/") for words in refusals)
    assert not server.asked


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "10.0.0.1", "192.168.1.1", "100.64.0.1", "[fd00::1]", "[::1]"]
)
def test_addresses_of_the_inside_are_refused_without_a_connection(host):
    assert "settings.network.allow" in reason(f"http://{host}/")


def test_a_redirect_does_not_lead_inside(server):
    with Server() as inside:
        server.routes["/"] = Reply(302, headers={"Location": f"{inside.url}/"})
        assert "private" in reason(f"{server.url}/", f"127.0.0.1:{server.port}")
    assert len(server.asked) == 1
    assert not inside.asked


@pytest.mark.parametrize(
    "entry", ["127.0.0.1", "127.0.0.1:{port}", "127.0.0.0/8", "127.0.0.0/8:{port}", "127.0.0.0/8 "]
)
def test_what_the_user_allows_is_fetched(server, entry):
    async def main():
        async with Client(Limits(allow=(entry.format(port=server.port),))) as client:
            return (await client.fetch(Request(f"{server.url}/"))).body

    assert asyncio.run(main()) == b"inside"


@pytest.mark.parametrize("entry", ["LOCALHOST", "localhost:{port}", "localhost."])
def test_a_name_is_allowed_by_name(server, entry):
    async def main():
        async with Client(Limits(allow=(entry.format(port=server.port),))) as client:
            return (await client.fetch(Request(f"http://localhost:{server.port}/"))).body

    assert asyncio.run(main()) == b"inside"


@pytest.mark.parametrize("entry", ["127.0.0.1:1", "10.0.0.0/8", "localhost", "127.0.0.2"])
def test_what_is_allowed_is_no_more_than_what_was_said(server, entry):
    assert "private" in reason(f"{server.url}/", entry)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::1",
        "::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not addresses.read(()).reaches(address, 80)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "151.101.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_that_are_public(address):
    assert addresses.read(()).reaches(address, 80)


def test_networks_of_the_sixth_version_take_brackets_before_a_port():
    allowed = addresses.read(["[fd00::/8]:8080", "[::1]", "fe80::/10"])
    assert allowed.reaches("fd12::1", 8080)
    assert not allowed.reaches("fd12::1", 80)
    assert allowed.reaches("::1", 1)
    assert allowed.reaches("fe80::1%eth0", 1)


def test_an_allowed_network_covers_its_mapped_form():
    assert addresses.read(["10.0.0.0/8"]).reaches("::ffff:10.0.0.1", 80)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_does_not_change_where_it_leads(inner):
    number = int(inner)
    for wrapped in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert addresses.is_public(IPv6Address(wrapped)) == addresses.is_public(IPv4Address(number))
