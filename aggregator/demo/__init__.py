"""A newsroom of fourteen invented publications, served over real HTTP on loopback."""

from aggregator.demo.newsroom import Paper, Piece, feeds_yaml, load
from aggregator.demo.server import NewsroomServer

__all__ = ["NewsroomServer", "Paper", "Piece", "feeds_yaml", "load"]
