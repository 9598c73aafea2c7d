"""The only HTTP client: conditional requests, own redirects, bounds on time and size."""

from aggregator.fetch.client import Client, Limits, Request, Response
from aggregator.fetch.room import Room, Share

__all__ = ["Client", "Limits", "Request", "Response", "Room", "Share"]
