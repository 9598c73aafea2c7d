"""Search results and tags as JSON: what `search --json` and `tags --json` print."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aggregator.errors import AggregatorError, QueryError
from aggregator.pipeline import searching, tagging
from aggregator.pipeline.newsroom import Newsroom
from aggregator.search import FACETS, SORTS

PREFIX: Final = "/api/v1"
MOST: Final = 1_000
T = TypeVar("T", bound=str)


class UsageError(AggregatorError):
    """A parameter is not what it has to be."""


class Api:
    """Answers requests for JSON; every method is one of them, run in a thread."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom

    def routes(self) -> list[Route]:
        """Where the answers are."""
        return [
            Route(f"{PREFIX}/search", told(self.search)),
            Route(f"{PREFIX}/tags", told(self.tags)),
        ]

    def search(self, parameters: Mapping[str, str]) -> Any:
        """A page of search results."""
        text = parameters.get("q", "").strip()
        if not text:
            raise UsageError("q: no query: what is to be found?")
        asked = searching.Asked(
            text,
            self._newsroom.query(text),
            sort=_one_of(parameters.get("sort", SORTS[0]), SORTS, "sort"),
            limit=_number(parameters, "limit", 20),
            page=_number(parameters, "page", 1),
            facets=[
                _one_of(name.strip(), FACETS, "facets")
                for name in parameters.get("facets", "").split(",")
                if name.strip()
            ],
        )
        return searching.results(self._newsroom, asked)

    def tags(self, parameters: Mapping[str, str]) -> Any:
        """The commonest tags."""
        return tagging.listed(self._newsroom, _number(parameters, "limit", 50))


def told(answer: Callable[[Mapping[str, str]], Any]) -> Callable[[Request], Response]:
    """An endpoint whose errors are JSON, too."""

    def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(answer(request.query_params))
        except AggregatorError as error:
            status = 400 if isinstance(error, QueryError | UsageError) else 503
            kind = type(error).__name__.removesuffix("Error").lower()
            return JSONResponse({"error": {"kind": kind, "message": str(error)}}, status)

    return endpoint


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    written = parameters.get(name, str(default))
    if not (written.isascii() and written.isdecimal() and len(written) < 5):
        raise UsageError(f"{name}: {written[:40]!r} is no number from 1 to {MOST}")
    if not 1 <= int(written) <= MOST:
        raise UsageError(f"{name}: {written} is not from 1 to {MOST}")
    return int(written)


def _one_of(value: str, known: tuple[T, ...], name: str) -> T:
    for each in known:
        if value == each:
            return each
    raise UsageError(f"{name}: {value[:40]!r} is none of {', '.join(known)}")
