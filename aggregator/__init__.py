"""A self-hosted news aggregator: poll feeds, index articles, publish daily topic digests."""

from importlib.metadata import version

__version__ = version("aggregator")
