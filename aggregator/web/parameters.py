"""The parameters of requests for JSON: how each is read, and what is said of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from starlette.datastructures import QueryParams

from aggregator.errors import AggregatorError
from aggregator.outputs.shapes import Shape
from aggregator.pipeline import days

MOST = 1_000


class UsageError(AggregatorError):
    """A parameter is not what it has to be."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `read` gives what is written its meaning, or raises ValueError in words.

    One with a default of None may be left out; `schema` is a JSON Schema.
    """

    name: str
    about: str
    schema: Shape
    read: Callable[[str], Any]
    default: Any = None
    required: bool = False


def given(parameters: Sequence[Parameter], written: QueryParams) -> dict[str, Any]:
    """The values of all parameters of a request; raises UsageError, naming the one at fault."""
    known = {each.name: each for each in parameters}
    for name in written:
        if name not in known:
            raise UsageError(f"{name[:40]}: there is no such parameter{_instead(name, known)}")
        if len(written.getlist(name)) > 1:
            raise UsageError(f"{name}: is given twice")
    return {each.name: _value(each, written) for each in parameters}


def _value(parameter: Parameter, written: QueryParams) -> Any:
    text = written.get(parameter.name, "").strip()
    if not text and parameter.required:
        raise UsageError(f"{parameter.name}: {parameter.about}, but nothing is given")
    if not text and parameter.name not in written:
        return parameter.default
    try:
        return parameter.read(text)
    except ValueError as error:
        raise UsageError(f"{parameter.name}: {error}") from error


def _instead(name: str, known: Mapping[str, Parameter]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]}?)" if near else f"; there are {', '.join(known) or 'none'}"


def text(name: str, about: str, *, required: bool = False) -> Parameter:
    """Any text."""
    return Parameter(name, about, {"type": "string"}, str, required=required)


def number(name: str, about: str, default: int, most: int = MOST) -> Parameter:
    """A whole number from 1 on."""

    def read(written: str) -> int:
        if not (written.isascii() and written.isdecimal() and len(written) <= len(str(MOST))):
            raise ValueError(f"{written[:40]!r} is no number from 1 to {most}")
        if not 1 <= int(written) <= most:
            raise ValueError(f"{written} is not from 1 to {most}")
        return int(written)

    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return Parameter(name, about, schema, read, default)


def choice(name: str, about: str, known: Sequence[str]) -> Parameter:
    """One of some words, without it the first."""

    def read(written: str) -> str:
        return _one_of(written, known)

    schema = {"type": "string", "enum": list(known), "default": known[0]}
    return Parameter(name, about, schema, read, known[0])


def several(name: str, about: str, known: Sequence[str]) -> Parameter:
    """Some of some words, with commas between them."""

    def read(written: str) -> list[str]:
        return [_one_of(each.strip(), known) for each in written.split(",") if each.strip()]

    schema = {"type": "string", "pattern": f"^({'|'.join(known)})(,({'|'.join(known)}))*$"}
    return Parameter(name, about, schema, read, ())


def flag(name: str, about: str) -> Parameter:
    """True or false, without it false."""

    def read(written: str) -> bool:
        return _one_of(written, ("true", "false")) == "true"

    return Parameter(name, about, {"type": "boolean", "default": False}, read, default=False)


def day(name: str, about: str) -> Parameter:
    """A local day."""
    schema = {"type": "string", "examples": ["2026-02-17", "today", "yesterday", "7d"]}
    return Parameter(name, about, schema, days.written)


def _one_of(written: str, known: Sequence[str]) -> str:
    if written not in known:
        raise ValueError(f"{written[:40]!r} is none of {', '.join(known)}")
    return written
