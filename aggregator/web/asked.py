"""What the address of a page asks for."""

import re
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request

_NUMBER = re.compile(r"[0-9]{1,4}")


def day_of(request: Request) -> date:
    """The day in the path; raises HTTPException where it is none."""
    try:
        return date.fromisoformat(request.path_params["day"])
    except ValueError as error:
        raise HTTPException(404, "A day is written as 2026-02-17.") from error


def page_of(request: Request) -> int:
    """Which page of a long list, from 1."""
    return number(request.query_params.get("page"))


def number(text: str | None) -> int:
    """A number from 1, however it is written."""
    return max(int(text), 1) if text and _NUMBER.fullmatch(text) else 1
