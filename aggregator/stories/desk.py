"""The desk: places articles one by one among the stories of the days around them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.stories.affairs import Affairs
from aggregator.stories.background import Background, cosine
from aggregator.stories.chains import AFFAIR
from aggregator.stories.past import Past
from aggregator.stories.recent import Recent
from aggregator.stories.running import Running
from aggregator.stories.sketch import Sketch, spellings
from aggregator.stories.ties import Kind, Placement, Tie, told
from aggregator.stories.web import Retold
from aggregator.stories.words import Term

SAME = 0.28
"""What the reports of a story earn on average with an article that tells the same event."""
FADING = timedelta(hours=48)
"""After this time likeness counts only 1/e: the next event of an affair uses the same words."""
QUIET = timedelta(hours=72)
"""A story without a report for so long is closed."""
SPAN = timedelta(days=6)
"""A story that began so long ago is closed: the next report begins another, linked to it."""
KEPT = SPAN + QUIET
"""How far back the desk has to remember the reports of a story."""
REACH = AFFAIR
"""How far back it looks for articles; the older reports of their stories are read with them."""
CROWD, CROWD_RAISE = 8, 0.04
"""Above this many reports a story asks for more: blobs grow by their breadth."""
USUAL, COUNTED, COUNTED_WEIGHT = 3, 4, 0.15
"""Beside three shared rare terms likeness counts so much less for each that lacks, and so much
more if there are four: short titles are like each other by a single word."""
RIVAL_SHARE = 1 / 3
"""So much of what the next nearest story earns is asked on top: on a dense day many are near."""
FOREIGN = 0.8
"""Titles that name countries, and none in common, make likeness count so much."""
QUESTIONS_LESS = 0.2
"""Two that ask or explain may do so of two events; one of them never is one with a report."""
LINKED_BONUS = 0.10
SAME_FEED, TOLD_BEFORE = 0.95, 0.85
"""Two entries of one feed sound alike; and a feed that has told a story seldom tells it again."""
SHARED_NAMES, OTHER_TONGUE = 3, 1.75
"""Two languages share little but names and numbers: so many rare ones count so much more."""
NEAREST = 6
"""Of a long story the reports that are most like an article are asked."""
NEWEST = 24


class Desk:
    """Places articles and says why, beside those of the past.

    `pins` are the user's decisions: the story of each article that was split off or merged.
    Articles are to be placed in the order of (date, id) within a batch.
    """

    def __init__(
        self, background: Background, past: Past, pins: Mapping[str, str] | None = None
    ) -> None:
        self.background = background
        self._pins = pins or {}
        self._recent = Recent(background, past)
        self._affairs = Affairs(self._recent, past)

    def place(self, sketch: Sketch) -> Placement:
        """Decide which story an article belongs to, and remember it."""
        (placement,) = self.place_all([sketch])
        return placement

    def place_all(self, sketches: Iterable[Sketch]) -> list[Placement]:
        """Place articles one after another; what they may meet is looked up for all together."""
        sketches = list(sketches)
        self._recent.prepare(each for each in sketches if not each.is_service)
        return list(map(self._place, sketches))

    def _place(self, sketch: Sketch) -> Placement:
        story, tie = self._decide(sketch)
        return Placement(sketch.id, story, tie, self._recent.add(sketch, story))

    def retell(self, stories: Iterable[str]) -> Retold:
        """Find anew what is of one affair with these stories."""
        return self._affairs.retell(stories)

    def _decide(self, sketch: Sketch) -> tuple[str, Tie | None]:
        if sketch.id in self._pins:
            self._recent.learn([self._pins[sketch.id]])
            return self._pins[sketch.id], Tie("user", None, 1.0)
        if sketch.is_service:
            return sketch.id, None
        for share, copy in self._recent.copies(sketch):
            if _takes(self._recent.stories[copy.story], sketch.date):
                return copy.story, Tie("copy", copy.sketch.id, round(share, 4))
        return self._nearest(sketch) or (sketch.id, None)

    def _nearest(self, sketch: Sketch) -> tuple[str, Tie] | None:
        linked = self._recent.linked(sketch)
        report = _Report(
            sketch=sketch,
            rare=frozenset(term for term, _ in self.background.rare(sketch.head)),
            linked=frozenset(each.sketch.id for each in linked),
        )
        near = (*self._recent.read(self._recent.alike(sketch.head)), *linked)
        stories = (self._recent.stories[one] for one in {each.story for each in near})
        scored = [
            (*_likeness(report, story), story)
            for story in stories
            if not story.is_service and _takes(story, sketch.date)
        ]
        if not scored:
            return None
        scored.sort(key=lambda each: (-each[0], each[2].id))
        score, nearest, story = scored[0]
        rival = scored[1][0] if len(scored) > 1 else 0.0
        return (story.id, _tie(report, nearest, score)) if score >= _bar(story, rival) else None


@dataclass(frozen=True, slots=True)
class _Report:
    """An article to be placed; `linked` are the articles that have a link in common with it."""

    sketch: Sketch
    rare: frozenset[Term]
    linked: frozenset[str]


def _likeness(report: _Report, story: Running) -> tuple[float, Sketch]:
    """The mean over the story's nearest reports, and the nearest of them."""
    members = story.members[-NEWEST:]
    scored = sorted((-_pair(report, member), member.id, member) for member in members)
    nearest = scored[:NEAREST]
    mean = -sum(score for score, _, _ in nearest) / len(nearest)
    if any(member.feed == report.sketch.feed for member in members):
        mean *= TOLD_BEFORE
    return mean * FOREIGN if _is_foreign(report, story) else mean, nearest[0][2]


def _pair(report: _Report, member: Sketch) -> float:
    """How likely two reports are of one event, by their words, their feeds and the time between."""
    mine = report.sketch
    if mine.is_question is not member.is_question:
        return 0.0
    shared = len(report.rare.intersection(member.head))
    is_linked = member.id in report.linked
    counted = 1 + COUNTED_WEIGHT * (min(shared + is_linked, COUNTED) - USUAL)
    likeness = cosine(mine.head, member.head) * counted + LINKED_BONUS * is_linked
    if mine.feed == member.feed:
        likeness *= SAME_FEED
    elif shared >= SHARED_NAMES and _is_translated(mine, member):
        likeness *= OTHER_TONGUE
    likeness *= math.exp(-(abs(mine.date - member.date) / FADING))
    return likeness - QUESTIONS_LESS if mine.is_question else likeness


def _is_foreign(report: _Report, story: Running) -> bool:
    """Whether titles name countries, and none in common; known within a language only."""
    if not report.sketch.countries:
        return False
    named = story.gist.countries
    if not named or not report.sketch.countries.isdisjoint(named):
        return False
    return any(each.language == report.sketch.language for each in story.members)


def _is_translated(one: Sketch, other: Sketch) -> bool:
    tongues = {one.language, other.language}
    return len(tongues) > 1 and None not in tongues


def _tie(report: _Report, nearest: Sketch, score: float) -> Tie:
    words = spellings((nearest, report.sketch))
    kind: Kind = "link" if nearest.id in report.linked else "words"
    terms = told(report.sketch.head, nearest.head, words)
    return Tie(kind, nearest.id, round(min(score, 1.0), 4), terms)


def _takes(story: Running, moment: datetime) -> bool:
    """Whether a report of this time may still join."""
    lively = story.first - QUIET <= moment <= story.last + QUIET
    return lively and max(story.last, moment) - min(story.first, moment) <= SPAN


def _bar(story: Running, rival: float) -> float:
    crowd = CROWD_RAISE if len(story.members) > CROWD else 0.0
    return SAME + crowd + RIVAL_SHARE * max(rival, 0.0)
