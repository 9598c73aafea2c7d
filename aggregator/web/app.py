"""The routes: every page is rendered by `outputs.pages`, from the store, the index or the shelf."""

from collections.abc import Mapping
from datetime import date

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from aggregator import schedule
from aggregator.errors import AggregatorError, QueryError, SearchError
from aggregator.model import HEALTHS, Article, Edition, TagCount
from aggregator.outputs import layout
from aggregator.outputs.calendars import calendar_of
from aggregator.outputs.frame import Frame, root_of
from aggregator.outputs.pages import Hit, Search
from aggregator.pipeline import editions, searching, tagging
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import pages, site
from aggregator.pipeline.weekly import weeks
from aggregator.query import parse
from aggregator.search import FACETS, snippet
from aggregator.web import api, metrics
from aggregator.web.asked import day_of, number, page_of, tagged
from aggregator.web.feeds import Feeds
from aggregator.web.guards import SecurityHeaders

PAGE_SIZE = 20
TAG_PAGE_SIZE = 50
TAGS = 500
FACET_VALUES = 10
MATES = 8
RELATED = 5

MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}


class Reader:
    """Answers requests; every method is one page, run in a thread."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._pages = pages(newsroom.config)
        self._site = site(newsroom.config)
        self._weeks = weeks(newsroom)
        self._assets = self._pages.assets()

    def routes(self) -> list[Route]:
        """The URL layout, the same as that of the static site where it has the page too."""
        return [
            Route("/", self.front),
            Route("/digest/{day}/", self.front),
            Route("/digest/{day}/stories.html", self.stories),
            Route("/digest/{day}/{topic}/", self.topic),
            Route("/digest/{day}/{topic}/stories.html", self.stories),
            Route("/topic/{topic}/", self.topic),
            Route("/week/", self.week),
            Route("/week/{day}/", self.week),
            Route("/archive/", self.archive),
            Route("/archive/{year:int}/", self.archive),
            Route("/tags/", self.tags),
            Route("/tag/{tag}/", self.tag),
            Route("/article/{id}/", self.article),
            Route("/story/{id}/", self.story),
            Route("/search", self.search),
            Route("/feeds/", self.feeds),
            Route("/static/{name:path}", self.asset),
            Route("/healthz", self.health),
            Route("/metrics", self.metrics),
            *Feeds(self._newsroom).routes(),
        ]

    def front(self, request: Request) -> Response:
        """The front page of a day, of the newest where none is named."""
        shelf = self._site.shelf()
        if "day" in request.path_params:
            day = day_of(request)
            missing = f"There is no digest of {day:%-d %B %Y}."
        else:
            day = next(iter(shelf.newest(None, 1)), date.min)
            missing = "There is no digest yet: the first one is made when the feeds have been read."
        editions = shelf.editions(day)
        if not editions:
            raise HTTPException(404, missing)
        return HTMLResponse(self._pages.front(self._frame(request, editions), editions))

    def topic(self, request: Request) -> Response:
        """The edition of a topic, the newest where no day is named."""
        shelf = self._site.shelf()
        slug = request.path_params["topic"]
        asked = [day_of(request)] if "day" in request.path_params else shelf.newest(slug, 1)
        edition = shelf.edition(asked[0], slug) if asked else None
        if edition is None:
            raise HTTPException(404, "There is no such edition.")
        frame = self._frame(request, shelf.editions(edition.day))
        return HTMLResponse(self._pages.topic(frame, edition))

    def stories(self, request: Request) -> Response:
        """All stories of a day, or of its edition of a topic, by their names."""
        shelf, day = self._site.shelf(), day_of(request)
        edition = shelf.edition(day, request.path_params.get("topic"))
        if edition is None:
            raise HTTPException(404, "There is no such edition.")
        return HTMLResponse(self._pages.stories(self._frame(request, shelf.editions(day)), edition))

    def week(self, request: Request) -> Response:
        """The summary of a week, of the newest where no day is named."""
        days = self._weeks.days()
        day = day_of(request) if "day" in request.path_params else max(days, default=date.min)
        week = self._weeks.week(day) if day in days else None
        if week is None:
            raise HTTPException(404, "There is no such week.")
        return HTMLResponse(self._pages.week(self._frame(request, list(week.editions)), week))

    def archive(self, request: Request) -> Response:
        """The newest days that have a digest, or all of a year."""
        year = request.path_params.get("year")
        calendar = calendar_of(self._site.shelf().days(), year, self._weeks.days())
        if year is not None and not calendar.months:
            raise HTTPException(404, f"There is no digest of {year}.")
        return HTMLResponse(self._pages.archive(self._frame(request), calendar))

    def tags(self, request: Request) -> Response:
        """The commonest tags."""
        page = page_of(request)
        counts = self._newsroom.holdings.tags(TAGS, before=(page - 1) * TAGS)
        if page > 1 and not counts:
            raise HTTPException(404, "There are not so many tags.")
        is_whole = page == 1 and len(counts) < TAGS
        total = len(counts) if is_whole else self._newsroom.holdings.tag_total()
        return HTMLResponse(
            self._pages.tags(
                self._frame(request), counts, total=total, page=page, pages=-(-total // TAGS)
            )
        )

    def tag(self, request: Request) -> Response:
        """The articles of a tag, newest first."""
        slug, bound = tagged(request, self._newsroom)
        page = page_of(request)
        found = self._newsroom.index.search(
            bound, sort="newest", limit=TAG_PAGE_SIZE, offset=(page - 1) * TAG_PAGE_SIZE
        )
        articles = self._newsroom.store.articles(found.ids)
        if not articles:
            raise HTTPException(404, "No article has this tag.")
        label = next((t.label for t in articles[0].tags if t.slug == slug), slug)
        return HTMLResponse(
            self._pages.tag(
                self._frame(request),
                TagCount(slug, label, found.total),
                articles,
                page=page,
                pages=-(-found.total // TAG_PAGE_SIZE),
                profile=tagging.profile(self._newsroom, slug) if page == 1 else None,
            )
        )

    def article(self, request: Request) -> Response:
        """An article in full."""
        article = self._newsroom.store.article(request.path_params["id"])
        if article is None:
            raise HTTPException(404, "There is no such article.")
        try:
            mates, related = self._beside(article)
        except SearchError:  # it can be read without what stands beside it
            mates, related = [], []
        page = self._pages.article(self._frame(request), article, mates[:MATES], related)
        return HTMLResponse(page)

    def story(self, request: Request) -> Response:
        """A story with all its reports, as it stands now."""
        story = editions.story(self._newsroom, request.path_params["id"])
        if story is None:
            raise HTTPException(404, "There is no such story.")
        return HTMLResponse(self._pages.story(self._frame(request), story))

    def _beside(self, article: Article) -> tuple[list[Article], list[Article]]:
        """The others of its story, and related articles that are not of it."""
        mates = []
        if article.story:
            told = self._newsroom.query(f'story:"{article.story}"')
            found = self._newsroom.index.search(told, sort="newest", limit=MATES + 1, offset=0)
            mates = [m for m in self._newsroom.store.articles(found.ids) if m.id != article.id]
        besides = [mate.id for mate in mates]
        related = searching.related(self._newsroom, article, RELATED, besides=besides)
        return mates, [other for other, _ in related]

    def search(self, request: Request) -> Response:
        """Search results, or what is wrong with the query."""
        text = request.query_params.get("q", "").strip()
        if not text:
            return HTMLResponse(self._pages.search(self._frame(request), Search()))
        try:
            search = self._search(text, request.query_params)
        except QueryError as error:
            search = Search(query=text, error=str(error), column=error.column)
        status = 400 if search.error else 200
        return HTMLResponse(self._pages.search(self._frame(request), search), status)

    def _search(self, text: str, parameters: Mapping[str, str]) -> Search:
        bound = self._newsroom.query(text)
        page = number(parameters.get("page"))
        newest = parameters.get("sort") == "newest"
        found = self._newsroom.index.search(
            bound,
            sort="newest" if newest else "relevance",
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
        articles = self._newsroom.store.articles(found.ids)
        return Search(
            query=text,
            hits=[Hit(article, snippet(article, bound)) for article in articles],
            total=found.total,
            page=page,
            size=PAGE_SIZE,
            sort="newest" if newest else "relevance",
            facets=self._newsroom.index.facets(
                bound, FACETS, FACET_VALUES, timezone=self._newsroom.timezone
            ),
            warning=found.warning,
            did_you_mean=(
                None if found.total else searching.did_you_mean(self._newsroom, parse(text))
            ),
        )

    def feeds(self, request: Request) -> Response:
        """The health of every feed."""
        health = request.query_params.get("health")
        if health is not None and health not in HEALTHS:
            raise HTTPException(404, f"A feed is one of {', '.join(HEALTHS)}.")
        now = self._newsroom.clock()
        feeds = [(feed, schedule.health(feed, now)) for feed in self._newsroom.store.feeds()]
        return HTMLResponse(
            self._pages.feeds(self._frame(request), feeds, health=health, page=page_of(request))
        )

    def asset(self, request: Request) -> Response:
        """A static file."""
        path = self._assets.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404, "There is no such file.")
        kind = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
        return Response(path.read_bytes(), media_type=kind)

    def health(self, request: Request) -> Response:
        """Whether the store answers, and how far the index is behind it."""
        count, behind = self._newsroom.store.count(), self._newsroom.index.behind()
        return JSONResponse({"status": "ok", "articles": count, "index_behind": behind})

    def metrics(self, request: Request) -> Response:
        """What a monitor watches."""
        return PlainTextResponse(
            metrics.exposed(self._newsroom), headers={"content-type": metrics.MEDIA_TYPE}
        )

    def problem(self, request: Request, status: int, message: str) -> Response:
        """A page that says what went wrong."""
        try:
            page = self._pages.error(self._frame(request), status, message)
        except AggregatorError:
            return PlainTextResponse(message, status)
        return HTMLResponse(page, status)

    def _frame(self, request: Request, editions: list[Edition] | None = None) -> Frame:
        config = self._newsroom.config
        return Frame(
            root=root_of(request.url.path),
            live=True,
            now=self._newsroom.clock(),
            topics=config.topics,
            outputs=config.digest.outputs,
            discover=layout.tags(editions or self._newest()),
            week=bool(self._weeks.days()),
        )

    def _newest(self) -> list[Edition]:
        shelf = self._site.shelf()
        return [edition for day in shelf.newest(None, 1) for edition in shelf.editions(day)]


def make_app(newsroom: Newsroom) -> ASGIApp:
    """The ASGI application of a newsroom."""
    reader = Reader(newsroom)

    def http_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if _wants_json(request):
            return api.problem(error)
        page = reader.problem(request, error.status_code, _words(error))
        page.headers.update(error.headers or {})
        return page

    def own_problem(request: Request, error: Exception) -> Response:
        if _wants_json(request):
            return api.problem(error)
        return reader.problem(request, 503, str(error))

    def unexpected_problem(request: Request, error: Exception) -> Response:
        if _wants_json(request):
            return api.problem(error)
        return reader.problem(request, 500, "Something unexpected went wrong; the log says more.")

    return SecurityHeaders(
        Starlette(
            routes=[*reader.routes(), *api.routes(newsroom)],
            exception_handlers={
                HTTPException: http_problem,
                AggregatorError: own_problem,
                Exception: unexpected_problem,
            },
        )
    )


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith(f"{api.PREFIX}/")


def _words(error: HTTPException) -> str:
    plain = {404: "There is no such page.", 405: "This page can only be read."}
    standard = error.detail in {"Not Found", "Method Not Allowed"}
    return plain.get(error.status_code, error.detail) if standard else error.detail
