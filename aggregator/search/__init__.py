"""Search engines: what they index and find is what `query.matches` means."""

from aggregator.search.results import Results, Sort
from aggregator.search.seals import failures_told, write_whole
from aggregator.search.snippets import snippet
from aggregator.search.whoosh import WhooshEngine

__all__ = ["Results", "Sort", "WhooshEngine", "failures_told", "snippet", "write_whole"]
