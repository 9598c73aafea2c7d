"""Search engines: what they index and find is what `query.matches` means."""

from aggregator.search.engines import ENGINES, Engine, Maker, maker
from aggregator.search.files import failures_told, write_whole
from aggregator.search.likeness import is_copy
from aggregator.search.results import FACETS, SORTS, Counts, Facet, Results, Sort
from aggregator.search.snippets import snippet

__all__ = [
    "ENGINES",
    "FACETS",
    "SORTS",
    "Counts",
    "Engine",
    "Facet",
    "Maker",
    "Results",
    "Sort",
    "failures_told",
    "is_copy",
    "maker",
    "snippet",
    "write_whole",
]
