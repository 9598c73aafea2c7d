"""What the address of a page asks for."""

import re
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request

from aggregator.errors import QueryError
from aggregator.pipeline.newsroom import Newsroom
from aggregator.query import Query

_NUMBER = re.compile(r"[0-9]{1,4}")


def day_of(request: Request) -> date:
    """The day in the path; raises HTTPException where it is none."""
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError as error:
        raise HTTPException(404, "A day is written as 2026-02-17.") from error


def tagged(request: Request, newsroom: Newsroom) -> tuple[str, Query]:
    """The slug of the tag in the path, and the query for its articles; raises HTTPException."""
    slug = newsroom.tagger.slug(request.path_params["tag"])
    try:
        return slug, newsroom.query(f'tag:"{slug}"')
    except QueryError as error:
        raise HTTPException(404, "No article has this tag.") from error


def page_of(request: Request) -> int:
    """Which page of a long list, from 1."""
    return number(request.query_params.get("page"))


def number(text: str | None) -> int:
    """A number from 1, however it is written."""
    return max(int(text), 1) if text and _NUMBER.fullmatch(text) else 1
