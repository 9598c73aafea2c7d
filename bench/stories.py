"""Stories against labels made by reading, beside a title TF-IDF baseline.

    python bench/stories.py DIRECTORY [--archive FOLDER …]

DIRECTORY holds feed documents, each FOLDER days of other years; files of labels say by link which
of their articles tell the same event (`story`) and which belong to the same affairs (`related`).
One half of all affairs tunes the baseline's threshold and ours, the other scores both. The labels
of `HELD_OUT` do neither.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import storylabels
from measure import print_table
from storyfeeds import read, read_archive
from storylabels import HELD_OUT, LABELS, SEEN, Labels, Neighbours, Scores, score
from titles import by_titles

from aggregator.model import Article
from aggregator.stories import Background, desk, group

NOW: Final = datetime(2026, 2, 19, tzinfo=UTC)
SAME_TRIED: Final = [n / 100 for n in range(26, 44, 2)]
TITLES_TRIED: Final = [n / 100 for n in range(20, 75, 5)]
KINDS: Final = ("same", "related")
Archive = Literal["all", "others", "young"]
Found = tuple[Neighbours, Neighbours]
"""The articles in the same story, and those in the same or a related one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Labelled articles, and the background they are placed with."""

    name: str
    labels: Labels
    articles: Sequence[Article]
    background: Background

    @property
    def links(self) -> list[str]:
        """Those of its articles."""
        return [each.url or "" for each in self.articles]

    @property
    def tune(self) -> list[str]:
        """Those of the half that tunes."""
        return self._present(self.labels.halves().tune)

    @property
    def score(self) -> list[str]:
        """Those of the half that scores."""
        return self._present(self.labels.halves().score)

    def _present(self, links: Iterable[str]) -> list[str]:
        present = set(self.links)
        return [link for link in links if link in present]


def samples(
    feeds: Sequence[Article], told: Sequence[Article], archive: Archive = "all"
) -> list[Sample]:
    """Everything labelled that is at hand, what is held out last.

    Backgrounds are of the feeds and of the sample's own articles; of all `others`, as if each
    sample were news to the archive; or of the sample alone, as if the archive were `young`.
    """
    known = {path: storylabels.load(path) for path in (LABELS, *SEEN, HELD_OUT)}
    unseen = known[HELD_OUT].story
    others = [each for each in (*feeds, *told) if each.url not in unseen]
    found: list[Sample] = []
    for path, labels in known.items():
        articles = [each for each in (*feeds, *told) if each.url in labels.story]
        known_before = {
            "all": {each.id: each for each in (*feeds, *articles)}.values(),
            "others": [each for each in others if each.url not in labels.story],
            "young": articles,
        }
        background = Background.of(known_before[archive])
        if articles:
            found.append(Sample(path.stem, labels, articles, background))
    return found


def ours(sample: Sample, same: float = desk.SAME) -> Found:
    """What stories say, by link, if they take what is so alike."""
    shipped, desk.SAME = desk.SAME, same
    try:
        groups = group(sample.articles, sample.background)
    finally:
        desk.SAME = shipped
    links = {each.id: {member.url or "" for member in each.members} for each in groups}
    near: dict[str, set[str]] = {each.id: {each.id} for each in groups}
    for each in groups:
        for link in each.links:
            near[each.id].add(link.other)
            near[link.other].add(each.id)
    related = {story: {url for other in near[story] for url in links[other]} for story in links}
    return _by_url(links.values(), links.values()), _by_url(links.values(), related.values())


def _by_url(members: Iterable[set[str]], around: Iterable[set[str]]) -> Neighbours:
    return {url: near for urls, near in zip(members, around, strict=True) for url in urls}


def together(parts: Iterable[Neighbours]) -> Neighbours:
    """Of several samples, which have no link in common."""
    return {link: near for each in parts for link, near in each.items()}


def best(tried: Mapping[float, Neighbours], gold: Neighbours, links: Sequence[str]) -> float:
    """The threshold with the best P* and R* around these links."""
    return max(tried, key=lambda t: score(tried[t], gold, links).star)


class Comparison:
    """Both methods on samples, with the baseline's thresholds from the halves that tune."""

    def __init__(self, all: Sequence[Sample], seen: Sequence[Sample]) -> None:
        tune = [link for each in seen for link in each.tune]
        tried = {t: together(_titles(each, t) for each in seen) for t in TITLES_TRIED}
        golds = _golds(seen)
        self._thresholds = tuple(best(tried, gold, tune) for gold in golds)
        self._golds = _golds(all)
        self._ours = tuple(map(together, zip(*map(ours, all), strict=True)))
        self._titles = tuple(
            together(_titles(each, threshold) for each in all) for threshold in self._thresholds
        )

    def print(self, name: str, links: Sequence[str]) -> None:
        """Print how well both do around these links."""
        print(f"\n{name}, {len(links)} articles:\n")
        rows = []
        for n, kind in enumerate(KINDS):
            gold, at = self._golds[n], self._thresholds[n]
            theirs, our = score(self._titles[n], gold, links), score(self._ours[n], gold, links)
            rows.append((f"{kind}: title TF-IDF, single link, from {at:.2f}", *theirs.columns()))
            rows.append((f"{kind}: aggregator, as shipped", *our.columns()))
        print_table(("", "B³ F", "P", "R", "P*", "R*", "F*", "pairs P", "pairs R"), rows)


def _titles(sample: Sample, threshold: float) -> Neighbours:
    return by_titles(sample.articles, threshold)


def _golds(samples: Sequence[Sample]) -> Found:
    same = together(each.labels.same() for each in samples)
    return same, together(each.labels.related() for each in samples)


def quality(all: Sequence[Sample]) -> None:
    """Print how well both do, first where they were tuned."""
    seen, comparison = _halves(all)
    _print_thresholds(seen)
    for each in seen:
        comparison.print(f"{each.name}, the half that tunes", each.tune)
        comparison.print(f"{each.name}, the half that scores", each.score)
        comparison.print(f"{each.name}, whole", each.links)


def _halves(all: Sequence[Sample]) -> tuple[Sequence[Sample], Comparison]:
    """Print all halves and what is held out; what is not."""
    seen = [each for each in all if each.name != HELD_OUT.stem]
    comparison = Comparison(all, seen)
    comparison.print("all halves that tune", _all(seen, lambda each: each.tune))
    comparison.print("all halves that score", _all(seen, lambda each: each.score))
    for each in all[len(seen) :]:
        comparison.print(f"held out: {each.name}", each.links)
    return seen, comparison


def _all(samples: Sequence[Sample], links: Callable[[Sample], Sequence[str]]) -> list[str]:
    return [link for each in samples for link in links(each)]


def _print_thresholds(seen: Sequence[Sample]) -> None:
    print("threshold, P* and R* of the same story on all halves that tune, on those that score:")
    tune, scored = _all(seen, lambda each: each.tune), _all(seen, lambda each: each.score)
    gold = together(each.labels.same() for each in seen)
    for threshold in SAME_TRIED:
        found = together(ours(each, threshold)[0] for each in seen)
        told: list[Scores] = [score(found, gold, links) for links in (tune, scored)]
        print(f"  {threshold:.2f}", *(each.told() for each in told), sep="  ")


def main() -> None:
    """Score."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("--archive", type=Path, nargs="+", default=[], metavar="FOLDER")
    asked = arguments.parse_args()
    feeds = read(asked.directory, NOW)
    days = [day for each in asked.archive for day in sorted(each.iterdir()) if day.is_dir()]
    told = [article for day in days for article in read_archive(day, NOW)]
    quality(samples(feeds, told))
    print("\nwith backgrounds that have no article of the sample:")
    _halves(samples(feeds, told, "others"))
    print("\nwith backgrounds of the sample alone, as a young archive has:")
    _halves(samples(feeds, told, "young"))


if __name__ == "__main__":
    main()
