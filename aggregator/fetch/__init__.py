"""The only HTTP client: conditional requests, own redirects, bounds on time and size."""

from aggregator.fetch.client import Client, Limits, Request, Response

__all__ = ["Client", "Limits", "Request", "Response"]
