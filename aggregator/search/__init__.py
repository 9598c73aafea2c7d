"""Search engines: what they index and find is what `query.matches` means."""

from aggregator.search.results import Results, Sort
from aggregator.search.snippets import snippet
from aggregator.search.whoosh import WhooshEngine

__all__ = ["Results", "Sort", "WhooshEngine", "snippet"]
