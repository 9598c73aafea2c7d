"""One configuration file: its bytes, its tree, and its data validated section by section."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from aggregator.config.document import Malformed, Node, Plainer, Scalar, Table, compose, same_key
from aggregator.config.problems import Problems, described

MAX_BYTES = 64 * 1024 * 1024

Place = tuple[str, int]
"""A file and a line in it."""

_M = TypeVar("_M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of an OPML list: the titles of the outlines around it are its groups."""

    line: int
    url: str
    title: str | None
    groups: tuple[str, ...]


class Unreadable(Exception):  # noqa: N818 (its catcher makes a Problem of it)
    """A file whose bytes cannot be had; says why."""


def read_bytes(path: Path) -> bytes:
    """Return what a file holds, at most 64 MB; raises Unreadable."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise Unreadable("no such file") from error
    except IsADirectoryError as error:
        raise Unreadable("is a directory, not a file") from error
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error
    if len(body) > MAX_BYTES:
        raise Unreadable(f"is larger than {MAX_BYTES // 1024**2} MB")
    return body


@dataclass(frozen=True, slots=True)
class Source:
    """A file under reading: where its problems go, and what fills in its variables.

    `drafts` holds, by resolved path, files as they would be after an edit.
    """

    path: Path
    directory: Path
    environment: Mapping[str, str]
    problems: Problems
    drafts: Mapping[Path, bytes]

    def body(self) -> bytes:
        """Return the draft of this file if there is one, else what it holds; raises Unreadable."""
        draft = self.drafts.get(self.path.resolve())
        return read_bytes(self.path) if draft is None else draft

    def report(self, line: int, key: str, message: str) -> None:
        """Note a problem in this file."""
        self.problems.add(str(self.path), line, key, message)

    def place(self, line: int) -> Place:
        """Return a line of this file as something that a message can name."""
        return str(self.path), line

    def tree(self) -> Table | None:
        """Return the mapping that the file holds, empty if nothing is in it; None after a fault.

        Raises Unreadable.
        """
        body = self.body()
        try:
            root = compose(body.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            self.report(body.count(b"\n", 0, error.start) + 1, "", "is not UTF-8 text")
            return None
        except Malformed as error:
            self.report(error.line, "", str(error))
            return None
        match root:
            case Table():
                return root
            case Scalar(value=None):
                return Table(1, [])
        self.report(root.line, "", f"settings, feeds: … are expected, not {described(root)}")
        return None

    def plain(self, node: Node, key: str, *, without: str | None = None) -> Any:
        """Return a node as plain data with its variables filled in."""
        return Plainer(self.environment, self._unset).data(node, key, without=without)

    def valid(self, model: type[_M], node: Node, key: str, data: Any) -> _M | None:
        """Return the data as `model`; None after its faults are noted."""
        try:
            return model.model_validate(data, context={"directory": self.directory})
        except ValidationError as error:
            self.problems.add_invalid(str(self.path), node, key, error, model)
            return None

    def valid_parts(self, model: type[_M], node: Table) -> _M:
        """Return the file as `model`, with defaults in place of the sections that have faults."""
        data = self.plain(node, "", without="feeds")
        context = {"directory": self.directory}
        try:
            return model.model_validate(data, context=context)
        except ValidationError as error:
            self.problems.add_invalid(str(self.path), node, "", error, model)
            faulty = {same_key(str(fault["loc"][0])) for fault in error.errors()}
        rest = {key: value for key, value in data.items() if same_key(key) not in faulty}
        return model.model_validate(rest, context=context)

    def _unset(self, line: int, key: str, variable: str) -> None:
        self.problems.add_unset(str(self.path), line, key, variable)
