"""The desk: places articles one by one among the stories of the days around them."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice

from aggregator.stories.affairs import Affairs
from aggregator.stories.background import Background, cosine
from aggregator.stories.recent import Entry, Recent
from aggregator.stories.running import Running
from aggregator.stories.sketch import Sketch
from aggregator.stories.ties import Kind, Link, Placement, Tie, told

SAME = 0.26
"""What the reports of a story earn on average with an article that tells the same event."""
FADING = timedelta(hours=48)
"""After this time likeness counts only 1/e: the next event of an affair uses the same words."""
QUIET = timedelta(hours=72)
"""A story without a report for so long is closed."""
SPAN = timedelta(days=6)
"""A story that began so long ago is closed: the next report begins another, linked to it."""
KEPT = SPAN + QUIET
"""How far back the desk has to remember."""
CROWD, CROWD_RAISE = 8, 0.04
"""Above this many reports a story asks for more: blobs grow by their breadth."""
QUESTION_RAISE = 0.10
LINKED_BONUS = 0.10
SAME_FEED = 0.85
"""A feed that tells one event twice is rarer than a feed whose entries sound alike."""
SHARED_NAMES, OTHER_TONGUE = 3, 1.75
"""Two languages share little but names and numbers: so many rare ones count so much more."""
NEAREST = 6
"""Of a long story the reports that are most like an article are asked."""
NEWEST = 24


class Desk:
    """Places articles and says why; knows the articles of recent days only.

    `pins` are the user's decisions: the story of each article that was split off or merged.
    Articles are to be placed in the order of (date, id) within a batch.
    """

    def __init__(self, background: Background, pins: Mapping[str, str] | None = None) -> None:
        self.background = background
        self._pins = pins or {}
        self._recent = Recent(background)
        self._stories: dict[str, Running] = {}
        self._affairs = Affairs(self._recent, self._stories)

    def restore(self, sketch: Sketch, story: str) -> None:
        """Put an article back where it was placed before."""
        self._keep(self._entry(sketch, story))

    def place(self, sketch: Sketch) -> Placement:
        """Decide which story an article belongs to, and remember it."""
        head = self.background.vector(sketch.head)
        story, tie = self._decide(sketch, head)
        self._keep(Entry(sketch, story, head, self.background.vector(sketch.wide)))
        return Placement(sketch.id, story, tie)

    def forget_before(self, moment: datetime) -> None:
        """Let go of articles dated before `moment`, and of the stories that have no other."""
        for entry in self._recent.remove_before(moment):
            story = self._stories[entry.story]
            story.remove(entry)
            if not story.members:
                del self._stories[entry.story]

    def links(self, stories: Iterable[str]) -> dict[str, list[Link]]:
        """By story, also those near to the ones asked for: what is of its affair, nearest first."""
        return self._affairs.links(stories)

    def _decide(self, sketch: Sketch, head: Mapping[str, float]) -> tuple[str, Tie | None]:
        if sketch.id in self._pins:
            return self._pins[sketch.id], Tie("user", None, 1.0)
        if sketch.is_service:
            return sketch.id, None
        for share, one in self._recent.copies(sketch):
            story = self._recent.entries[one].story
            if _takes(self._stories[story], sketch.date):
                return story, Tie("copy", one, round(share, 4))
        return self._nearest(sketch, head) or (sketch.id, None)

    def _nearest(self, sketch: Sketch, head: Mapping[str, float]) -> tuple[str, Tie] | None:
        linked = self._recent.linked(sketch)
        ids = dict.fromkeys((*self._recent.alike(head), *sorted(linked)))
        stories = dict.fromkeys(self._recent.entries[one].story for one in ids)
        raised = QUESTION_RAISE if sketch.is_question else 0.0
        best: tuple[float, Running, Entry] | None = None
        for story in map(self._stories.__getitem__, stories):
            if not _takes(story, sketch.date) or story.is_service:
                continue
            score, nearest = self._likeness(sketch, head, story, linked)
            if score >= _bar(story) + raised and (best is None or score > best[0]):
                best = score, story, nearest
        if best is None:
            return None
        score, story, nearest = best
        surfaces = {**nearest.sketch.surfaces, **sketch.surfaces}
        kind: Kind = "link" if nearest.sketch.id in linked else "words"
        terms = told(head, nearest.head, surfaces)
        return story.id, Tie(kind, nearest.sketch.id, round(score, 4), terms)

    def _likeness(
        self, sketch: Sketch, head: Mapping[str, float], story: Running, linked: frozenset[str]
    ) -> tuple[float, Entry]:
        """The mean over the story's nearest reports, and the nearest of them."""
        scored = sorted(
            (
                -self._pair(sketch, head, member, linked=member.sketch.id in linked),
                member.sketch.id,
                member,
            )
            for member in story.members[-NEWEST:]
        )[:NEAREST]
        return -sum(score for score, _, _ in scored) / len(scored), scored[0][2]

    def _pair(
        self, sketch: Sketch, head: Mapping[str, float], member: Entry, *, linked: bool
    ) -> float:
        apart = abs(sketch.date - member.sketch.date)
        likeness = cosine(head, member.head) + (LINKED_BONUS if linked else 0.0)
        if sketch.feed == member.sketch.feed:
            likeness *= SAME_FEED
        elif self._shares_names(sketch, head, member):
            likeness *= OTHER_TONGUE
        return likeness * math.exp(-(apart / FADING))

    def _shares_names(self, sketch: Sketch, head: Mapping[str, float], member: Entry) -> bool:
        """Whether reports in two languages have enough rare terms in common."""
        tongues = {sketch.language, member.sketch.language}
        if len(tongues) == 1 or None in tongues:
            return False
        shared = (term for term, _ in self.background.rare(head) if term in member.head)
        return len(list(islice(shared, SHARED_NAMES))) == SHARED_NAMES

    def _entry(self, sketch: Sketch, story: str) -> Entry:
        vector = self.background.vector
        return Entry(sketch, story, vector(sketch.head), vector(sketch.wide))

    def _keep(self, entry: Entry) -> None:
        self._recent.add(entry)
        self._stories.setdefault(entry.story, Running(entry.story)).add(entry)


def _takes(story: Running, moment: datetime) -> bool:
    """Whether a report of this time may still join."""
    lively = story.first - QUIET <= moment <= story.last + QUIET
    return lively and max(story.last, moment) - min(story.first, moment) <= SPAN


def _bar(story: Running) -> float:
    return SAME + (CROWD_RAISE if len(story.members) > CROWD else 0.0)
