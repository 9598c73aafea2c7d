"""Articles about the same event become one story, those of one affair are linked.

An article is placed once, when it arrives, beside the articles of the days around it:

    article ─ sketch ─ desk: near-copy of another? ─ else the story its words tie it to
              └ marks    └ else it begins a story; words tie stories of one affair, more loosely

By marks later articles find it: of what was placed before, only that is read.

Everything here is pure: the same articles in any order within a batch give the same stories.
"""

from aggregator.stories.background import Background
from aggregator.stories.copies import AGENCIES, Copies, copy_sets
from aggregator.stories.desk import Desk
from aggregator.stories.groups import Group, group
from aggregator.stories.kinds import is_service
from aggregator.stories.sitting import decide
from aggregator.stories.sketch import Sketch
from aggregator.stories.sketching import sketched
from aggregator.stories.ties import Link, Placement, Tie

__all__ = [
    "AGENCIES",
    "Background",
    "Copies",
    "Desk",
    "Group",
    "Link",
    "Placement",
    "Sketch",
    "Tie",
    "copy_sets",
    "decide",
    "group",
    "is_service",
    "sketched",
]
