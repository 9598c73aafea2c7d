"""Entries as published to articles as kept: identity, clean texts, believable dates, datelines."""

from aggregator.normalize.articles import article, guid_key
from aggregator.normalize.limits import Most
from aggregator.normalize.reading import Reading, read

__all__ = ["Most", "Reading", "article", "guid_key", "read"]
