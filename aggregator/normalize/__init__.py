"""Entries as published to articles as kept: identity, clean texts, believable dates, datelines."""

from aggregator.normalize.articles import article, guid_key
from aggregator.normalize.reading import Reading, read

__all__ = ["Reading", "article", "guid_key", "read"]
