"""The archive as JSON under `/api/v1`: what commands print with `--json`, by a table of paths."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aggregator.errors import AggregatorError, QueryError
from aggregator.outputs import edition_shapes, shapes
from aggregator.outputs.wording import without_password
from aggregator.pipeline import days, roster, searching, showing, tagging
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import site
from aggregator.search import FACETS, SORTS
from aggregator.web.openapi import Endpoint, document
from aggregator.web.parameters import (
    UsageError,
    choice,
    day,
    flag,
    given,
    number,
    several,
    text,
)

PREFIX: Final = "/api/v1"
MOST_ARTICLES: Final = 200

SINCE = day("since", "from this local day on")
UNTIL = day("until", "up to and including this local day")
DATE = day("date", "the local day; without it the newest that was published")
TOPIC = text("topic", "the name or slug of a topic")


class MissingError(AggregatorError):
    """What was asked for is not there."""


def articles(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """A page of articles, and after which one the next page begins."""
    if asked["after"] and newsroom.holdings.article(asked["after"]) is None:
        raise UsageError(f"after: no article {asked['after'][:40]}")
    today = newsroom.now().date()
    first, last = (days.meant(asked[name], today) for name in ("since", "until"))
    since, until = days.between(first, last, newsroom.timezone)
    limit = asked["limit"]
    found = newsroom.holdings.find(
        feed=_feed_url(newsroom, asked["feed"]),
        tag=newsroom.tagger.slug(asked["tag"]) if asked["tag"] else None,
        since=since,
        until=until,
        after=asked["after"],
        limit=limit + 1,
    )
    page = list(islice(found, limit + 1))
    return {
        "articles": [_without_passwords(shapes.article(each)) for each in page[:limit]],
        "next": page[limit - 1].id if len(page) > limit else None,
    }


def article(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """One article with all that is known of it."""
    found = newsroom.holdings.article(asked["id"])
    if found is None:
        raise MissingError(f"no article {asked['id'][:40]}")
    return _without_passwords(showing.shown(newsroom, found))


def search(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """A page of search results."""
    today = newsroom.now().date()
    since, until = (days.meant(asked[name], today) for name in ("since", "until"))
    return searching.results(
        newsroom,
        searching.Asked(
            asked["q"],
            searching.dated(newsroom, newsroom.query(asked["q"]), since, until),
            sort=asked["sort"],
            limit=asked["limit"],
            page=asked["page"],
            facets=asked["facets"],
        ),
    )


def tags(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """The commonest tags, or those that trend."""
    listed = tagging.trending if asked["trending"] else tagging.listed
    return listed(newsroom, asked["limit"])


def tag(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """One tag with its history and what stands beside it."""
    profile = tagging.profile(newsroom, asked["tag"])
    if profile is None:
        raise MissingError(f"no article has the tag {asked['tag'][:40]}")
    return tagging.described(newsroom, profile)


def feeds(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """The health of the feeds."""
    listed = roster.listed(newsroom, broken=asked["broken"])
    return [_bare(each, "url", "moved_to") for each in listed]


def stories(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """The edition of a day and a topic, as it was published last."""
    name = asked["topic"]
    topics = {key: topic for topic in newsroom.config.topics for key in (topic.name, topic.slug)}
    if name and name not in topics:
        raise MissingError(f"no topic {name[:40]}")
    slug = topics[name].slug if name else None
    shelf = site(newsroom.config).shelf()
    edition = shelf.edition(_published(newsroom, asked["date"], shelf.days(slug)), slug)
    if edition is None:
        raise MissingError("the edition was taken away; ask again")
    return edition_shapes.edition(edition)


def digests(newsroom: Newsroom, asked: Mapping[str, Any]) -> Any:
    """The editions of a day, as they were published last."""
    shelf = site(newsroom.config).shelf()
    on = _published(newsroom, asked["date"], shelf.days())
    return [edition_shapes.edition(each) for each in shelf.editions(on)]


def _published(
    newsroom: Newsroom, asked: date | timedelta | None, published: Sequence[date]
) -> date:
    """The day that is asked for, without one the newest; raises MissingError if it has nothing."""
    if not published:
        raise MissingError("no edition was published yet")
    on = days.meant(asked, newsroom.now().date()) or max(published)
    if on not in published:
        raise MissingError(f"no edition of {on}")
    return on


def _feed_url(newsroom: Newsroom, asked: str | None) -> str | None:
    """The URL of the feed that is meant by one that the API gave; raises MissingError."""
    if asked is None:
        return None
    urls = (feed.url for feed in newsroom.store.feeds())
    found = next((url for url in urls if asked in (url, without_password(url))), None)
    if found is None:
        raise MissingError(f"no feed {asked[:200]}")
    return found


def _without_passwords(article: shapes.Shape) -> shapes.Shape:
    """The shape of an article as it may leave the machine."""
    shown = {**article, "feeds": [_bare(each, "url") for each in article["feeds"]]}
    if "drifts" in shown:
        shown["drifts"] = [_bare(each, "feed") for each in shown["drifts"]]
    return shown


def _bare(shape: shapes.Shape, *addresses: str) -> shapes.Shape:
    """A shape whose addresses have no passwords."""
    return {**shape, **{key: without_password(shape[key]) for key in addresses if shape[key]}}


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        "/articles",
        "Articles, newest first.",
        "Articles",
        articles,
        (
            text("feed", "only of the feed with this URL"),
            text("tag", "only with this tag"),
            SINCE,
            UNTIL,
            number("limit", "how many at most", 50, MOST_ARTICLES),
            text("after", "go on after the article of this id: `next` of the page before"),
        ),
    ),
    Endpoint(
        "/articles/{id}",
        "One article with its tags and their reasons, sightings, drifts and story.",
        "ArticleInFull",
        article,
    ),
    Endpoint(
        "/search",
        "Full-text and tag search.",
        "Results",
        search,
        (
            text("q", "what to look for, in the query language", required=True),
            choice("sort", "the order", SORTS),
            SINCE,
            UNTIL,
            number("limit", "how many on a page", 20),
            number("page", "which page", 1),
            several("facets", "what to count beside the hits", FACETS),
        ),
    ),
    Endpoint(
        "/tags",
        "Tags with their numbers of articles, most first.",
        "Tags",
        tags,
        (
            number("limit", "how many at most", 50),
            flag("trending", "those that trend, against their own baseline"),
        ),
    ),
    Endpoint(
        "/tags/{tag}",
        "One tag: its articles a day, what stands beside it, its sources.",
        "TagInFull",
        tag,
    ),
    Endpoint(
        "/feeds",
        "The health of every feed.",
        "Feeds",
        feeds,
        (flag("broken", "only feeds that fail, are gone or fell silent"),),
    ),
    Endpoint(
        "/stories",
        "The stories of a day, as they were published last.",
        "Edition",
        stories,
        (DATE, TOPIC),
    ),
    Endpoint(
        "/digests",
        "The editions of a day, as they were published last.",
        "Editions",
        digests,
        (DATE,),
    ),
)


def routes(newsroom: Newsroom) -> list[Route]:
    """Where the answers are, and the document that describes them."""
    described = document(PREFIX, ENDPOINTS)

    def description(request: Request) -> Response:
        given((), request.query_params)
        return JSONResponse(described)

    return [
        *(Route(f"{PREFIX}{each.path}", partial(_answer, newsroom, each)) for each in ENDPOINTS),
        Route(f"{PREFIX}/openapi.json", description),
    ]


def _answer(newsroom: Newsroom, endpoint: Endpoint, request: Request) -> Response:
    asked = given(endpoint.parameters, request.query_params)
    return JSONResponse(endpoint.answer(newsroom, {**asked, **request.path_params}))


def problem(error: Exception) -> Response:
    """An error as the API tells it: its kind and a sentence, with a status that fits."""
    match error:
        case UsageError() | QueryError():
            status = 400
        case MissingError():
            status = 404
        case AggregatorError():
            status = 503
        case HTTPException():
            status = error.status_code
        case _:
            status = 500
    told = _words(error, status)
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse(shapes.error(*told), status, headers)


def _words(error: Exception, status: int) -> tuple[str, str]:
    if isinstance(error, AggregatorError):
        return type(error).__name__.removesuffix("Error").lower(), str(error)
    if status == 404:
        return "missing", f"there is nothing here; {PREFIX}/openapi.json says what there is"
    if status == 405:
        return "usage", "this can only be read: use GET"
    return "unexpected", "something unexpected went wrong; the log says more"
