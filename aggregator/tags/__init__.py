"""Tags: which an article has and why, and what the counts of an archive's tags tell."""

from typing import TYPE_CHECKING

from aggregator import lazy

if TYPE_CHECKING:
    from aggregator.tags.aliases import Proposal, proposals
    from aggregator.tags.phrases import Background, Suggestion, untagged
    from aggregator.tags.tagger import MAX_FEED_TAGS, MAX_TAGS, Tagger, split_categories
    from aggregator.tags.trends import Trend, lift, related, trending
else:
    __getattr__ = lazy.attributes(
        __name__,
        dict.fromkeys(("Proposal", "proposals"), "aliases")
        | dict.fromkeys(("Background", "Suggestion", "untagged"), "phrases")
        | dict.fromkeys(("MAX_FEED_TAGS", "MAX_TAGS", "Tagger", "split_categories"), "tagger")
        | dict.fromkeys(("Trend", "lift", "related", "trending"), "trends"),
    )

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
