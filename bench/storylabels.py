"""The labels of the stories benchmark, and how a grouping is scored against them."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

LABELS = Path(__file__).with_name("stories-labels.tsv")
SEEN = tuple(
    LABELS.with_name(f"stories-{day}.tsv")
    for day in ("tuning", "2025-02-17", "2024-08-07", "2024-10-16")
)
HELD_OUT = LABELS.with_name("stories-2024-11-20.tsv")
NONE = "-"

Neighbours = Mapping[str, Set[str]]
"""By link: the links of the articles that belong with it, itself included."""


@dataclass(frozen=True, slots=True)
class Half:
    """Links of the affairs that tune and of those that score."""

    tune: Sequence[str]
    score: Sequence[str]


@dataclass(frozen=True, slots=True)
class Labels:
    """By link: the story that an article tells, and the affairs that it belongs to."""

    story: Mapping[str, str]
    affairs: Mapping[str, frozenset[str]]

    def same(self) -> Neighbours:
        """Articles of one story belong together."""
        members: defaultdict[str, set[str]] = defaultdict(set)
        for link, story in self.story.items():
            members[story].add(link)
        return {link: members[story] for link, story in self.story.items()}

    def related(self) -> Neighbours:
        """Articles of one story or of a common affair belong together."""
        members: defaultdict[str, set[str]] = defaultdict(set)
        for link, affairs in self.affairs.items():
            for affair in affairs:
                members[affair].add(link)
        same = self.same()
        return {
            link: same[link].union(*(members[affair] for affair in self.affairs[link]))
            for link in same
        }

    def halves(self) -> Half:
        """Whole affairs, and stories without one, by a hash of their name."""
        root: dict[str, str] = {}

        def find(name: str) -> str:
            while root.setdefault(name, name) != name:
                name = root[name]
            return name

        for link, story in self.story.items():
            for affair in self.affairs[link]:
                one, other = sorted((find(f"s:{story}"), find(f"g:{affair}")))
                root[other] = one
        parity = {
            link: hashlib.sha256(find(f"s:{story}").encode()).digest()[0] & 1
            for link, story in self.story.items()
        }
        tune, scored = ([link for link, odd in parity.items() if odd == half] for half in (0, 1))
        return Half(tune, scored)


@dataclass(frozen=True, slots=True)
class Scores:
    """B-cubed over all articles; P* over those shown in a group, R* over those that share one."""

    precision: float
    recall: float
    shown_precision: float
    shared_recall: float
    pair_precision: float
    pair_recall: float

    @property
    def star(self) -> float:
        """The harmonic mean of P* and R*."""
        return _harmonic(self.shown_precision, self.shared_recall)

    def told(self) -> str:
        """P* and R* for a line."""
        return f"{self.shown_precision:.3f} {self.shared_recall:.3f}"

    def columns(self) -> tuple[str, ...]:
        """Everything for a table."""
        numbers = (
            _harmonic(self.precision, self.recall),
            self.precision,
            self.recall,
            self.shown_precision,
            self.shared_recall,
            self.star,
            self.pair_precision,
            self.pair_recall,
        )
        return tuple(f"{number:.3f}" for number in numbers)


def score(found: Neighbours, gold: Neighbours, links: Sequence[str]) -> Scores:
    """Score what was found around these links; an article that was not met stands alone."""
    pairs = [(found.get(link, {link}), gold[link]) for link in links]
    precisions = [len(got & want) / len(got) for got, want in pairs]
    recalls = [len(got & want) / len(want) for got, want in pairs]
    right = sum(len(got & want) - 1 for got, want in pairs)
    return Scores(
        precision=fmean(precisions),
        recall=fmean(recalls),
        shown_precision=fmean(
            [p for p, (got, _) in zip(precisions, pairs, strict=True) if len(got) > 1] or [0]
        ),
        shared_recall=fmean(
            [r for r, (_, want) in zip(recalls, pairs, strict=True) if len(want) > 1] or [0]
        ),
        pair_precision=right / (sum(len(got) - 1 for got, _ in pairs) or 1),
        pair_recall=right / (sum(len(want) - 1 for _, want in pairs) or 1),
    )


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / ((one + other) or 1)


def load(path: Path = LABELS) -> Labels:
    """Read labels that lie beside this file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return Labels(
        {row["link"]: row["story"] for row in rows},
        {
            row["link"]: frozenset(() if row["related"] == NONE else row["related"].split(","))
            for row in rows
        },
    )
