"""A self-hosted news aggregator: poll feeds, index articles, publish daily topic digests."""

__version__ = "0.1.0"
