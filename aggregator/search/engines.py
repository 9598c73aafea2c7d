"""The table of search engines, and the protocol that the pipeline sees of each.

An engine's module is imported when it is first asked for: nobody waits for one that is not used.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from aggregator.errors import SearchError
from aggregator.query import Query, Record
from aggregator.search.results import Counts, Facet, Results, Sort

E_co = TypeVar("E_co", bound="Engine", covariant=True)


class Engine(Protocol):
    """An index of records in a directory. Threads may share it; one process at a time writes.

    What it finds is what `query.matches` means; `query.highlights` says what to mark in a snippet.
    Every method raises DamageError when files are missing or are not what was written, and
    SearchError when they cannot be used.
    """

    def close(self) -> None:
        """Let the files go; again does no harm."""

    def apply(self, records: Iterable[Record], *, stale: Iterable[str] = ()) -> None:
        """Delete the articles `stale` and add `records`, in one commit that is whole or not there.

        `stale` names every record that is in the index already.
        """

    def fill(self, records: Iterable[Record]) -> None:
        """Add records to an empty index, in whatever commits are fastest."""

    def check(self) -> None:
        """Read every file that has changed since it was last read here, for damage."""

    def count(self) -> int:
        """How many articles the index holds."""

    def search(self, query: Query, *, sort: Sort, limit: int, offset: int) -> Results:
        """A page of the articles that match, by score and date or by date alone, then by id."""

    def ids(self, query: Query) -> set[str]:
        """The ids of all articles that match."""

    def facets(
        self, query: Query, names: Sequence[Facet], limit: int, *, timezone: ZoneInfo
    ) -> dict[Facet, Counts]:
        """For each of `names` the `limit` commonest values among the articles that match.

        Values are slugs of tags, URLs of feeds, languages, and months in the time zone: `2026-02`.
        """

    def related(self, record: Record, limit: int) -> list[tuple[str, float]]:
        """The articles most like one, without itself: ids with likeness, most like first.

        Likeness is from 0 to 1, which is that of the article to itself: the words that tell it from
        others, and its tags, weigh what `search.likeness` says.
        """


class Maker(Protocol[E_co]):
    """An engine's class."""

    def create(self, directory: Path) -> E_co:
        """An empty index in a new directory."""

    def open(self, directory: Path) -> E_co:
        """The index of a directory, after a check that is quick."""


ENGINES: Final[Mapping[str, str]] = {
    "whoosh": "aggregator.search.whoosh:WhooshEngine",
    "tantivy": "aggregator.search.tantivy:TantivyEngine",
}
"""Where the class of each engine is, by the name that `settings.index` gives it."""

_EXTRAS: Final = ("tantivy",)
"""Libraries of engines that are installed on demand, as extras of their own name."""


def maker(name: str) -> Maker[Engine]:
    """The class of an engine; raises SearchError for one that is not known or not installed."""
    if name not in ENGINES:
        raise SearchError(f"this version has {' and '.join(ENGINES)} only")
    module, _, attribute = ENGINES[name].partition(":")
    try:
        found: Maker[Engine] = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        raise SearchError(
            f"the search engine {name} is not installed; pip install 'aggregator[{name}]'"
        ) from error
    return found
