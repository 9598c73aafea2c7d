"""The only HTTP client: conditional requests, own redirects, bounds on time and size."""

from aggregator.fetch.client import Client, Limits, Request, Response
from aggregator.fetch.hosts import PATIENCE, by_domain, by_name
from aggregator.fetch.journey import is_same_origin
from aggregator.fetch.room import Room, Share

__all__ = [
    "PATIENCE",
    "Client",
    "Limits",
    "Request",
    "Response",
    "Room",
    "Share",
    "by_domain",
    "by_name",
    "is_same_origin",
]
