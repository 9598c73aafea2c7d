"""What the server tells feed readers: editions, weeks, tags and searches, as Atom or JSON Feed."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlencode, urljoin

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator import urls
from aggregator.errors import QueryError
from aggregator.model import Article
from aggregator.outputs import feeds
from aggregator.outputs.site_feeds import FEED_DAYS
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import site
from aggregator.pipeline.weekly import weeks
from aggregator.query import Query
from aggregator.web.asked import tagged

ARTICLES = 50
FORMATS: Mapping[str, tuple[str, Callable[[feeds.Channel], bytes]]] = {
    "atom.xml": (feeds.ATOM_TYPE, feeds.atom),
    "feed.json": (feeds.JSON_TYPE, feeds.json_feed),
}


class Feeds:
    """Answers feed readers; every method is one feed, run in a thread.

    Addresses in a feed are those by which its reader asked.
    """

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._paper = newsroom.config.settings.title
        self._site = site(newsroom.config)
        self._weeks = weeks(newsroom)

    def routes(self) -> list[Route]:
        """Every feed in every format, beside its page."""
        return [route for name in FORMATS for route in self._routes(name)]

    def _routes(self, name: str) -> list[Route]:
        return [
            Route(f"/{name}", partial(self.editions, name=name)),
            Route(f"/week/{name}", partial(self.week, name=name)),
            Route(f"/topic/{{topic}}/{name}", partial(self.editions, name=name)),
            Route(f"/tag/{{tag}}/{name}", partial(self.tag, name=name)),
            Route(f"/search/{name}", partial(self.search, name=name)),
        ]

    def editions(self, request: Request, name: str) -> Response:
        """A topic's newest editions, the front page's without topic."""
        slug = request.path_params.get("topic")
        told = self._site.shelf().recent(slug, FEED_DAYS)
        if not told:
            raise HTTPException(404, "There is no such edition.")
        where = _addresses(request)
        return _answer(request, feeds.edition_channel(self._paper, told, *where), name)

    def week(self, request: Request, name: str) -> Response:
        """The newest weeks."""
        return _answer(request, self._weeks.channel(*_addresses(request)), name)

    def tag(self, request: Request, name: str) -> Response:
        """The newest articles of a tag."""
        slug, bound = tagged(request, self._newsroom)
        known = self._newsroom.holdings.labels([slug])
        label = known.get(slug) or self._newsroom.tagger.label(slug)
        where = _addresses(request)
        channel = feeds.tag_channel(self._paper, slug, label, self._newest(bound), *where)
        return _answer(request, channel, name)

    def search(self, request: Request, name: str) -> Response:
        """The newest articles that a query finds."""
        text = request.query_params.get("q", "").strip()
        try:
            bound = self._newsroom.query(text)
        except QueryError as error:
            raise HTTPException(400, str(error)) from error
        channel = feeds.Channel(
            f"search:{text}",
            f"{self._paper}: {text}",
            self._paper,
            feeds.article_items(self._newest(bound)),
            *_addresses(request, f"../search?{urlencode({'q': text})}"),
        )
        return _answer(request, channel, name)

    def _newest(self, bound: Query) -> list[Article]:
        found = self._newsroom.index.search(bound, sort="newest", limit=ARTICLES, offset=0)
        return self._newsroom.store.articles(found.ids)


def _addresses(request: Request, home: str = "./") -> tuple[str | None, str | None]:
    """The address of the page beside a feed and the feed's own, if they can be told."""
    location = urls.resolve(None, str(request.url))
    return (urljoin(location, home) if location else None), location


def _answer(request: Request, channel: feeds.Channel, name: str) -> Response:
    """The feed, or 304 to who has it already (RFC 9110, 13.1.2)."""
    kind, write = FORMATS[name]
    written = write(channel)
    tag = f'"{hashlib.sha256(written).hexdigest()[:32]}"'
    known = request.headers.get("if-none-match", "").split(",")
    if tag in (each.strip().removeprefix("W/") for each in known):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(written, media_type=kind, headers={"ETag": tag})
