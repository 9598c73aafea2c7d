"""Tags: which an article has and why, and what the counts of an archive's tags tell."""

from aggregator.tags.aliases import Proposal, proposals
from aggregator.tags.phrases import Background, Suggestion, untagged
from aggregator.tags.tagger import MAX_FEED_TAGS, MAX_TAGS, Tagger, split_categories
from aggregator.tags.trends import Trend, lift, related, trending

__all__ = [
    "MAX_FEED_TAGS",
    "MAX_TAGS",
    "Background",
    "Proposal",
    "Suggestion",
    "Tagger",
    "Trend",
    "lift",
    "proposals",
    "related",
    "split_categories",
    "trending",
    "untagged",
]
