"""Which addresses may be connected to: public ones, and private ones that the user allowed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")
_SPECIAL = (
    ip_network("168.63.129.16/32"),  # public by number, a cloud's inner service by use
    ip_network("192.0.0.0/24"),  # protocol assignments (RFC 6890), partly unknown to `ipaddress`
    ip_network("64:ff9b:1::/48"),  # local NAT64 (RFC 8215)
)
_LOCAL = (".localhost", ".localdomain", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_RULE = re.compile(r"\[(?P<bracketed>[^\]]+)\](?::(?P<port>\d+))?|(?P<plain>.+?)(?::(?P<end>\d+))?")


@dataclass(frozen=True, slots=True)
class Rule:
    """One allowed host name or network, on one port or on all."""

    name: str | None
    network: Network | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user allows beyond public addresses."""

    rules: tuple[Rule, ...]

    def names(self, host: str, port: int | None) -> bool:
        """Tell whether the host was allowed by its name."""
        host = host.lower().rstrip(".")
        return any(rule.name == host and rule.port in (None, port) for rule in self.rules)

    def reaches(self, address: str, port: int) -> bool:
        """Tell whether a connection to this numeric address may be made."""
        ip = ip_address(address.partition("%")[0])
        return is_public(ip) or any(
            rule.network is not None
            and rule.port in (None, port)
            and any(form in rule.network for form in (ip, _inner(ip)) if form is not None)
            for rule in self.rules
        )


def read(entries: Iterable[str]) -> Allowed:
    """Read `host`, `host:port`, `CIDR`, `CIDR:port` and `[IPv6 or CIDR]:port`."""
    return Allowed(tuple(_rule(entry.strip().lower()) for entry in entries))


def is_public(ip: Address) -> bool:
    """Tell whether an address is one of the public Internet, whatever it is wrapped in.

    Not public: loopback, link-local, private, shared (RFC 6598), unique local, site-local,
    multicast, reserved, unspecified, and IPv6 forms of such IPv4 addresses.
    """
    inner = _inner(ip)
    if inner is not None:
        return is_public(inner)
    site_local = isinstance(ip, IPv6Address) and ip.is_site_local
    return ip.is_global and not (
        ip.is_multicast or ip.is_reserved or site_local or any(ip in net for net in _SPECIAL)
    )


def is_local_name(host: str) -> bool:
    """Tell whether a name is one of a machine or a network, never of the public Internet.

    RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`; and names without a dot.
    """
    name = host.lower().rstrip(".")
    if ":" in name:
        return False
    return "." not in name or name.endswith(_LOCAL)


def _inner(ip: Address) -> IPv4Address | None:
    """Return the IPv4 address inside a mapped, compatible, NAT64, 6to4 or Teredo address."""
    if isinstance(ip, IPv4Address):
        return None
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    compatible = 1 < int(ip) < 1 << 32
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 or compatible else None


def _rule(entry: str) -> Rule:
    whole = _network(entry)
    if whole is not None:
        return Rule(None, whole, None)
    match = _RULE.fullmatch(entry)
    if not match:
        return Rule(entry, None, None)
    host = match["bracketed"] or match["plain"]
    port = match["port"] or match["end"]
    network = _network(host)
    return Rule(None if network else host.rstrip("."), network, int(port) if port else None)


def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
