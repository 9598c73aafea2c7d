"""Editions: the stories of one day and one topic, ranked, each told by its sources."""

from aggregator.digest.developments import Developments, amendments, as_of
from aggregator.digest.editions import FRONT_STORIES, edition, whole
from aggregator.digest.standfirst import STANDFIRST
from aggregator.digest.tagging import SPARKLINE_DAYS, shown_tags, with_trends
from aggregator.digest.weeks import DAYS as WEEK_DAYS
from aggregator.digest.weeks import week

__all__ = [
    "FRONT_STORIES",
    "SPARKLINE_DAYS",
    "STANDFIRST",
    "WEEK_DAYS",
    "Developments",
    "amendments",
    "as_of",
    "edition",
    "shown_tags",
    "week",
    "whole",
    "with_trends",
]
