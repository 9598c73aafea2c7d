"""Turns at the servers of others: few at a time, some distance apart, none while they rest."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from time import monotonic

from aggregator import urls
from aggregator.errors import RestingError

PATIENCE = timedelta(seconds=30)
"""A rest that requests wait for; they are given up where it is longer."""
LONGEST_REST = timedelta(hours=24)
_MOST_DOUBLINGS = 16
_MOST_REMEMBERED = 4_096


@dataclass(slots=True)
class _Site:
    """What is known of one site; times count in seconds as `monotonic` does."""

    slots: asyncio.Semaphore
    users: int = 0
    next_start: float = 0.0
    rests_until: float = 0.0
    refusals: int = 0


class Hosts:
    """Gives turns at sites: a site is a host, or all hosts that share a domain.

    `per_host` turns at a time begin `delay` apart. After a refusal a site rests, twice as long
    after each further one. `site_of` tells the site of a host name.
    """

    def __init__(self, *, per_host: int, delay: timedelta, site_of: Callable[[str], str]) -> None:
        self._per_host = per_host
        self._delay = delay.total_seconds()
        self._site_of = site_of
        self._sites: dict[str, _Site] = {}

    @asynccontextmanager
    async def turn(self, host: str, url: str) -> AsyncIterator[None]:
        """Wait for a slot of the host's site, for the end of its delay and of a short rest.

        Raises RestingError, which names `url`, while the site rests for longer than PATIENCE.
        """
        name = self._site_of(host)
        site = self._site(name)
        site.users += 1
        try:
            async with site.slots:
                _rest(site, name, url)
                now = monotonic()
                start = max(now, site.next_start)
                site.next_start = start + self._delay
                if start > now:
                    await asyncio.sleep(start - now)
                while rest := _rest(site, name, url):  # noqa: ASYNC110 - others may prolong it
                    await asyncio.sleep(rest)
                yield
        finally:
            site.users -= 1

    def welcomed(self, host: str) -> None:
        """Note that a host answered as it should."""
        self._site(self._site_of(host)).refusals = 0

    def refused(self, host: str, *, wish: timedelta | None, usual: timedelta) -> timedelta:
        """Let the site of a host rest as it wishes, else as usual; return for how long."""
        site = self._site(self._site_of(host))
        doublings = min(site.refusals, _MOST_DOUBLINGS)
        site.refusals += 1
        rest = min(usual * 2**doublings if wish is None else wish, LONGEST_REST)
        site.rests_until = max(site.rests_until, monotonic() + rest.total_seconds())
        return rest

    def _site(self, name: str) -> _Site:
        site = self._sites.get(name)
        if site is None:
            if len(self._sites) >= _MOST_REMEMBERED:
                self._forget()
            site = self._sites[name] = _Site(asyncio.Semaphore(self._per_host))
        return site

    def _forget(self) -> None:
        """Drop the sites of which nothing has to be remembered any more."""
        now = monotonic()
        self._sites = {
            name: site
            for name, site in self._sites.items()
            if site.users or max(site.next_start, site.rests_until) > now
        }


def _rest(site: _Site, name: str, url: str) -> float:
    """Return the seconds that a site rests still; RestingError if nobody would wait for that."""
    left = site.rests_until - monotonic()
    if left <= 0.0:
        return 0.0
    if left > PATIENCE.total_seconds():
        reason = f"{name} refused other requests, so all its feeds wait"
        raise RestingError(reason, url=url, rest=timedelta(seconds=left))
    return left


def by_name(host: str) -> str:
    """The site of a host where every name is a site of its own, but for `www.`."""
    return host.lower().rstrip(".").removeprefix("www.")


def by_domain(apart: Collection[str]) -> Callable[[str], str]:
    """How to tell the site of a host where all hosts of one registered domain are one site.

    Below the domains `apart`, and below public suffixes such as `co.uk` and `blogspot.com`
    (publicsuffix.org), every name is somebody else's.
    """
    domains = frozenset(domain.lower().strip(".") for domain in apart)

    @lru_cache(maxsize=_MOST_REMEMBERED)
    def site_of(host: str) -> str:
        name = by_name(host)
        parents = urls.site_suffixes(name)
        if len(parents) < 2:
            return name
        below = (child for child, parent in pairwise(parents) if parent in domains)
        return next(below, None) or urls.registered_domain(name)

    return site_of
