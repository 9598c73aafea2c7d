"""What a search gives."""

from dataclasses import dataclass
from typing import Literal

Sort = Literal["relevance", "newest"]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of article ids with their scores, and how many articles match in all.

    `warning` says in words why the answer may be partial.
    """

    ids: tuple[str, ...]
    scores: tuple[float, ...]
    total: int
    warning: str | None = None
