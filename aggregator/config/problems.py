"""Problems in a configuration file: collected, bounded, in words, with the line of the fault."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aggregator.config import document, values
from aggregator.config.document import Node, Scalar, Table
from aggregator.errors import ConfigError, Problem

MAX_PROBLEMS = 50
_ECHO = "default_factory_not_called"  # the field that the default follows has a fault itself
_MAX_SHOWN = 60
_MAX_MESSAGE = 240

_WORDS = {
    "bool": "true or false is expected, not {input}",
    "dict": "a mapping (key: value) is expected, not {input}",
    "finite_number": "a finite number is expected, not {input}",
    "float": "a number is expected, not {input}",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:,g}",
    "int": "a whole number is expected, not {input}",
    "less_than_equal": "must be at most {le:,g}",
    "literal_error": "{input} is not one of {expected}",
    "missing": "is missing",
    "model": "a mapping (key: value) is expected, not {input}",
    "string": "a text is expected, not {input}",
    "too_short": "needs at least one value",
    "tuple": "a list is expected, not {input}",
}


class Problems:
    """Collects what is wrong in all files of a configuration."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._more = 0
        self._unset: set[tuple[str, int, str]] = set()

    def add(self, file: str, line: int, key: str, message: str) -> None:
        """Note one problem; beyond the first fifty they are only counted."""
        if (file, line, key) in self._unset:
            return
        if len(self._found) < MAX_PROBLEMS:
            if len(message) > _MAX_MESSAGE:
                message = f"{message[:_MAX_MESSAGE]}…"
            self._found.append(Problem(file, line, key, message))
        else:
            self._more += 1

    def add_unset(self, file: str, line: int, key: str, variable: str) -> None:
        """Note a variable that is not set; what its empty value then breaks is not noted."""
        message = f"the environment variable {variable} is not set (write $$ for a dollar sign)"
        self.add(file, line, key, message)
        self._unset.add((file, line, key))

    def add_invalid(
        self, file: str, node: Node, key: str, error: ValidationError, model: type[BaseModel]
    ) -> None:
        """Note every fault that `model` found in the data of `node`, which stands under `key`."""
        found = error.errors(include_url=False)
        faults = [each for each in found if each["type"] != _ECHO and not _follows(each, found)]
        self._more += max(0, len(faults) - MAX_PROBLEMS)
        for fault in faults[:MAX_PROBLEMS]:
            loc = tuple(part for part in fault["loc"] if part != "[key]")
            self.add(file, line_of(node, loc), _named(loc) or key, _message(fault, model))

    def raise_if_any(self) -> None:
        """Raise ConfigError if anything was noted."""
        if not self._found:
            return
        found = sorted(self._found, key=lambda problem: (problem.file, problem.line))
        if self._more:
            last = found[-1]
            found.append(Problem(last.file, last.line, "", f"… and {self._more:,} more problems"))
        raise ConfigError(found)


def _follows(fault: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because what stands in it is wrong."""
    loc = fault["loc"]
    return fault["type"] == "too_short" and any(
        each["loc"][: len(loc)] == loc for each in found if each is not fault
    )


def line_of(node: Node, loc: Sequence[str | int]) -> int:
    """Return the line of the deepest node that `loc`, keys and positions, leads to."""
    line = node.line
    for part in loc:
        step = _step(node, part)
        if step is None:
            return line
        line, node = step
    return line


def _step(node: Node, part: str | int) -> tuple[int, Node] | None:
    match node, part:
        case Table(), str():
            return node.child(part)
        case document.Sequence(items=items), int() if part < len(items):
            return items[part].line, items[part]
    return None


def _named(loc: Sequence[str | int]) -> str:
    return next((part for part in reversed(loc) if part and isinstance(part, str)), "")


def _message(fault: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden":
        return _unknown_key(fault["loc"], model)
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    words = _WORDS.get(kind, _WORDS.get(kind.partition("_")[0], fault["msg"]))
    message = str(words).format(input=_shown(fault["input"]), **fault.get("ctx", {}))
    if kind == "tuple_type" and isinstance(fault["input"], str):
        message += f" (did you mean [{_shown(fault['input'])}]?)"
    if kind == "literal_error" and isinstance(fault["input"], str):
        choices = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        message += values.suggestion(fault["input"], choices)
    return message


def _shown(value: object) -> str:
    match value:
        case str():
            return value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
    return "nothing"


def _unknown_key(loc: Sequence[str | int], model: type[BaseModel]) -> str:
    section = model
    for part in loc[:-1]:
        section = _section_below(section, part) or section
    known = [field.alias or name for name, field in section.model_fields.items()]
    hint = values.suggestion(str(loc[-1]), known) or f" (known: {', '.join(sorted(known))})"
    return f"unknown key{hint}"


def _section_below(section: type[BaseModel], part: str | int) -> type[BaseModel] | None:
    for name, field in section.model_fields.items():
        if part in (name, field.alias):
            return _model_within(field.annotation)
    return None


def _model_within(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_within, get_args(annotation))), None)


def described(node: Node) -> str:
    """Say in a word or two what stands where something else was expected."""
    match node:
        case Scalar(value=value):
            return _shown(value)
        case Table():
            return "a mapping"
    return "a list"
