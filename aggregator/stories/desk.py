"""The desk: places articles one by one among the stories of the days around them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.stories.background import Background, cosine, unit
from aggregator.stories.recent import Entry, Recent
from aggregator.stories.sketch import Sketch
from aggregator.stories.ties import Kind, Link, Placement, Tie

SAME = 0.26
"""What the reports of a story earn on average with an article that tells the same event."""
RELATED = 0.21
"""Cosine of two stories from which they are of one affair."""
FADING = timedelta(hours=48)
"""After this time likeness counts only 1/e: the next event of an affair uses the same words."""
QUIET = timedelta(hours=72)
"""A story without a report for so long is closed."""
SPAN = timedelta(days=6)
"""A story that began so long ago is closed: the next report begins another, linked to it."""
KEPT = SPAN + QUIET
"""How far back the desk has to remember."""
AFFAIR = timedelta(days=6)
"""How far apart related stories may lie."""
CROWD, CROWD_RAISE = 8, 0.04
"""Above this many reports a story asks for more: blobs grow by their breadth."""
QUESTION_RAISE = 0.10
LINKED_BONUS = 0.10
SAME_FEED = 0.85
"""A feed that tells one event twice is rarer than a feed whose entries sound alike."""
NEAREST = 6
"""Of a long story the reports that are most like an article are asked."""
NEWEST = 24
MOST_RELATED = 8
TOLD_TERMS = 4


@dataclass(slots=True)
class _Story:
    """An open story: its articles by date."""

    id: str
    members: list[Entry] = field(default_factory=list)
    _vector: Mapping[str, float] | None = None

    def add(self, entry: Entry) -> None:
        self.members.append(entry)
        self.members.sort(key=lambda each: (each.sketch.date, each.sketch.id))
        self._vector = None

    def remove(self, entry: Entry) -> None:
        self.members.remove(entry)
        self._vector = None

    def vector(self) -> Mapping[str, float]:
        """The middle of its reports."""
        if self._vector is None:
            total: defaultdict[str, float] = defaultdict(float)
            for member in self.members:
                for term, weight in member.wide.items():
                    total[term] += weight
            self._vector = unit(total)
        return self._vector

    @property
    def first(self) -> datetime:
        return self.members[0].sketch.date

    @property
    def last(self) -> datetime:
        return self.members[-1].sketch.date

    def takes(self, moment: datetime) -> bool:
        """Whether a report of this time may still join."""
        lively = self.first - QUIET <= moment <= self.last + QUIET
        return lively and max(self.last, moment) - min(self.first, moment) <= SPAN

    def bar(self) -> float:
        return SAME + (CROWD_RAISE if len(self.members) > CROWD else 0.0)


class Desk:
    """Places articles and says why; knows the articles of recent days only.

    `pins` are the user's decisions: the story of each article that was split off or merged.
    Articles are to be placed in the order of (date, id) within a batch.
    """

    def __init__(self, background: Background, pins: Mapping[str, str] | None = None) -> None:
        self.background = background
        self._pins = pins or {}
        self._recent = Recent(background)
        self._stories: dict[str, _Story] = {}

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

    def links(self, story: str) -> list[Link]:
        """The stories of the same affair, the nearest first."""
        mine = self._stories.get(story)
        if mine is None or mine.members[0].sketch.is_service:
            return []
        vector = mine.vector()
        alike = self._recent.alike(vector)
        others = dict.fromkeys(self._recent.entries[one].story for one in alike)
        found = [self._link(mine, vector, self._stories[one]) for one in others if one != story]
        near = [each for each in found if each is not None]
        return sorted(near, key=lambda each: (-each.score, each.other))[:MOST_RELATED]

    def _link(self, mine: _Story, vector: Mapping[str, float], other: _Story) -> Link | None:
        if max(mine.first, other.first) - min(mine.last, other.last) > AFFAIR:
            return None
        theirs = other.vector()
        score = cosine(vector, theirs)
        if score < RELATED:
            return None
        surfaces = _surfaces((*mine.members, *other.members))
        return Link(mine.id, other.id, round(score, 4), self._told(vector, theirs, surfaces))

    def _decide(self, sketch: Sketch, head: Mapping[str, float]) -> tuple[str, Tie | None]:
        if sketch.id in self._pins:
            return self._pins[sketch.id], Tie("user", None, 1.0)
        if sketch.is_service:
            return sketch.id, None
        for share, one in self._recent.copies(sketch):
            story = self._recent.entries[one].story
            if self._stories[story].takes(sketch.date):
                return story, Tie("copy", one, round(share, 4))
        return self._nearest(sketch, head) or (sketch.id, None)

    def _nearest(self, sketch: Sketch, head: Mapping[str, float]) -> tuple[str, Tie] | None:
        linked = self._recent.linked(sketch)
        ids = dict.fromkeys((*self._recent.alike(head), *sorted(linked)))
        stories = dict.fromkeys(self._recent.entries[one].story for one in ids)
        raised = QUESTION_RAISE if sketch.is_question else 0.0
        best: tuple[float, _Story, Entry] | None = None
        for story in map(self._stories.__getitem__, stories):
            if not story.takes(sketch.date) or story.members[0].sketch.is_service:
                continue
            score, nearest = self._likeness(sketch, head, story, linked)
            if score >= story.bar() + raised and (best is None or score > best[0]):
                best = score, story, nearest
        if best is None:
            return None
        score, story, nearest = best
        surfaces = {**nearest.sketch.surfaces, **sketch.surfaces}
        kind: Kind = "link" if nearest.sketch.id in linked else "words"
        told = self._told(head, nearest.head, surfaces)
        return story.id, Tie(kind, nearest.sketch.id, round(score, 4), told)

    def _likeness(
        self, sketch: Sketch, head: Mapping[str, float], story: _Story, linked: frozenset[str]
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
        return likeness * math.exp(-(apart / FADING))

    def _told(
        self, one: Mapping[str, float], other: Mapping[str, float], surfaces: Mapping[str, str]
    ) -> tuple[str, ...]:
        common = [(-one[term] * other[term], term) for term in one if term in other]
        return tuple(surfaces.get(term, term) for _, term in sorted(common)[:TOLD_TERMS])

    def _entry(self, sketch: Sketch, story: str) -> Entry:
        vector = self.background.vector
        return Entry(sketch, story, vector(sketch.head), vector(sketch.wide))

    def _keep(self, entry: Entry) -> None:
        self._recent.add(entry)
        self._stories.setdefault(entry.story, _Story(entry.story)).add(entry)


def _surfaces(entries: Iterable[Entry]) -> dict[str, str]:
    return {term: word for entry in entries for term, word in entry.sketch.surfaces.items()}
