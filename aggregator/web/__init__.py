"""The web server: published editions, articles, search and feed health as pages."""

from aggregator.web.app import make_app
from aggregator.web.server import server

__all__ = ["make_app", "server"]
