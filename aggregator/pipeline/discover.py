"""Finding the feeds of a site: every candidate is fetched and parsed before it is offered."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator import discovery, fetch, urls
from aggregator.config import Config
from aggregator.discovery import Candidate, Description, Page
from aggregator.errors import AggregatorError, FetchError, ParseError
from aggregator.pipeline import bounds
from aggregator.workers import Pool

log = logging.getLogger("aggregator.discover")


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that answers: `url` is where permanent redirects led, `kind` rss, atom, rdf or json.

    `newest` is the date of its latest entry.
    """

    url: str
    title: str | None
    kind: str
    entries: int
    newest: datetime | None


async def discover(config: Config, url: str) -> tuple[Found, ...]:
    """Return the feed at `url`, or the feeds of the page there, the likeliest first.

    In this order, until something works: what the host documents, what the page announces, what
    it links to, the usual paths. Raises FetchError or ParseError when `url` itself is unusable,
    AggregatorError when there is no feed.
    """
    async with fetch.Client(bounds.limits(config)) as client, bounds.pool(config) as pool:
        scout = _Scout(client, pool, config.settings.poll.max_entries)
        if found := await scout.all_of(discovery.documented(url)):
            return found
        response, seen = await scout.visit(url)
        if isinstance(seen, Description):
            return (_found(response.moved_to or url, seen),)
        for candidates in (seen.announced, seen.linked):
            if found := await scout.all_of(candidates):
                return found
        if first := await scout.first_of(discovery.usual_paths(response.url)):
            return (first,)
    raise AggregatorError(f"{url} is a web page, and no feed of it works (-v tells what was tried)")


class _Scout:
    """Fetches addresses and reads what comes in worker processes."""

    def __init__(self, client: fetch.Client, pool: Pool, max_entries: int) -> None:
        self._client = client
        self._pool = pool
        self._max_entries = max_entries

    async def visit(self, url: str) -> tuple[fetch.Response, Description | Page]:
        """Return what is at `url`; FetchError and ParseError name it."""
        try:
            return await self._visit(url)
        except FetchError as error:
            raise FetchError(f"{url}: {error}", url=url, status=error.status) from error
        except ParseError as error:
            raise ParseError(f"{url}: {error}") from error

    async def all_of(self, candidates: Sequence[Candidate]) -> tuple[Found, ...]:
        """Return the candidates that are feeds, in their order, each feed once."""
        async with asyncio.TaskGroup() as tasks:
            tries = [tasks.create_task(self._try(candidate)) for candidate in candidates]
        found = [feed for one in tries if (feed := one.result()[0])]
        return tuple({urls.identity(feed.url): feed for feed in reversed(found)}.values())[::-1]

    async def first_of(self, candidates: Sequence[Candidate]) -> Found | None:
        """Return the first candidate that is a feed, asking one after the other."""
        for candidate in candidates:
            found, answered = await self._try(candidate)
            if found or not answered:
                return found
        return None

    async def _try(self, candidate: Candidate) -> tuple[Found | None, bool]:
        """Return the feed there, if it is one, and whether its server answered at all."""
        try:
            response, seen = await self._visit(candidate.url)
        except (FetchError, ParseError) as error:
            log.debug("%s: %s", candidate.url, error)
            return None, not isinstance(error, FetchError) or error.status is not None
        if isinstance(seen, Page):
            log.debug("%s: a web page", candidate.url)
            return None, True
        return _found(response.moved_to or candidate.url, seen, candidate.title), True

    async def _visit(self, url: str) -> tuple[fetch.Response, Description | Page]:
        response = await self._client.fetch(fetch.Request(url))
        seen = await self._pool.run(
            discovery.look,
            response.body or b"",
            content_type=response.content_type,
            url=response.url,
            max_entries=self._max_entries,
        )
        return response, seen


def _found(url: str, seen: Description, announced_title: str | None = None) -> Found:
    return Found(url, seen.title or announced_title, seen.kind, seen.entries, seen.newest)
