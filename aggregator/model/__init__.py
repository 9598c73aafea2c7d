"""The values that flow through the pipeline: immutable, without I/O.

Datetimes are aware and in UTC. HTML and plain text are never mixed in one field: names ending in
`_html` hold HTML, `Entry` says which is which, everything else is plain text.
"""

from aggregator.model.articles import (
    Article,
    Change,
    Dateline,
    Day,
    RelatedTag,
    Revision,
    Sighting,
    Tag,
    TagCount,
    TagHistory,
    TagProfile,
    TagSource,
    article_id,
)
from aggregator.model.editions import (
    Amendment,
    Brief,
    Copied,
    Edition,
    Kin,
    Mailing,
    MailingState,
    Report,
    Story,
    Voice,
)
from aggregator.model.entries import Comments, Document, Enclosure, Entry, Image, Markup
from aggregator.model.feeds import (
    HEALTHS,
    OUTCOMES,
    Feed,
    Health,
    Hints,
    Move,
    Outcome,
    Rhythm,
    Validators,
)
from aggregator.model.subscriptions import Rule, Subscription, Tagging, Topic
from aggregator.model.voices import voices_of

__all__ = [
    "HEALTHS",
    "OUTCOMES",
    "Amendment",
    "Article",
    "Brief",
    "Change",
    "Comments",
    "Copied",
    "Dateline",
    "Day",
    "Document",
    "Edition",
    "Enclosure",
    "Entry",
    "Feed",
    "Health",
    "Hints",
    "Image",
    "Kin",
    "Mailing",
    "MailingState",
    "Markup",
    "Move",
    "Outcome",
    "RelatedTag",
    "Report",
    "Revision",
    "Rhythm",
    "Rule",
    "Sighting",
    "Story",
    "Subscription",
    "Tag",
    "TagCount",
    "TagHistory",
    "TagProfile",
    "TagSource",
    "Tagging",
    "Topic",
    "Validators",
    "Voice",
    "article_id",
    "voices_of",
]
