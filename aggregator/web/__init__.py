"""The web server: published editions, articles, search and feed health as pages."""

from aggregator.web.app import make_app
from aggregator.web.server import Server, is_loopback

__all__ = ["Server", "is_loopback", "make_app"]
