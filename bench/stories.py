"""Stories against labels made by reading, beside a title TF-IDF baseline.

    python bench/stories.py DIRECTORY [--archive FOLDER …]

DIRECTORY holds feed documents; `stories-labels.tsv` says by link which of their articles tell the
same event (`story`) and which belong to the same affairs (`related`). One half of the affairs tunes
the baseline's threshold and ours, the other scores both. Each FOLDER holds days of another year, of
which `stories-tuning.tsv` and `stories-2025-02-17.tsv` tune, too, and `stories-2024-08-07.tsv` is
held out.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import storylabels
from measure import print_table
from storyfeeds import read, read_archive
from storylabels import DENSE, HELD_OUT, TUNING, Labels, Neighbours, score
from titles import by_titles

from aggregator.model import Article
from aggregator.stories import Background, desk, group

NOW = datetime(2026, 2, 19, tzinfo=UTC)
SAME_TRIED = [n / 100 for n in range(26, 44, 2)]
TITLES_TRIED = [n / 100 for n in range(20, 75, 5)]


def ours(
    articles: Sequence[Article], background: Background, same: float
) -> tuple[Neighbours, Neighbours]:
    """By link: the articles in the same story, and those in the same or a related one."""
    shipped, desk.SAME = desk.SAME, same
    try:
        groups = group(articles, background)
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


def best(tried: Mapping[float, Neighbours], gold: Neighbours, links: Sequence[str]) -> float:
    """The threshold with the best P* and R* around these links."""
    return max(tried, key=lambda t: score(tried[t], gold, links).star)


def quality(articles: Sequence[Article], archives: Sequence[Path]) -> None:
    """Print how well both do, first where they were tuned."""
    labels = storylabels.load()
    background = Background.of(articles)
    labelled = [article for article in articles if article.url in labels.story]
    half = labels.halves()
    bases = {threshold: by_titles(labelled, threshold) for threshold in TITLES_TRIED}
    baseline = tuple(best(bases, gold, half.tune) for gold in (labels.same(), labels.related()))
    _thresholds(labelled, background, labels)
    _compare("the half that tunes", labels, half.tune, labelled, background, baseline)
    _archived("two days that tune, too", TUNING, archives, articles, baseline)
    _archived("a dense day that tunes, too", DENSE, archives, articles, baseline)
    _compare("the half that scores", labels, half.score, labelled, background, baseline)
    _archived("held out", HELD_OUT, archives, articles, baseline)


def _thresholds(labelled: Sequence[Article], background: Background, labels: Labels) -> None:
    print("threshold, P* and R* of the same story on the half that tunes, then on the other:")
    half, gold = labels.halves(), labels.same()
    for threshold in SAME_TRIED:
        found, _ = ours(labelled, background, threshold)
        told = (score(found, gold, links).told() for links in (half.tune, half.score))
        print(f"  {threshold:.2f}", *told, sep="  ")


def _archived(
    name: str,
    path: Path,
    archives: Sequence[Path],
    articles: Sequence[Article],
    baseline: tuple[float, ...],
) -> None:
    """Compare on what this file of labels has of the archives."""
    labels = storylabels.load(path)
    days = (day for each in archives for day in sorted(each.iterdir()) if day.is_dir())
    found = [each for day in days for each in read_archive(day, NOW) if each.url in labels.story]
    if not found:
        return
    background = Background.of([*articles, *found])
    _compare(name, labels, [each.url or "" for each in found], found, background, baseline)


def _compare(
    name: str,
    labels: Labels,
    links: Sequence[str],
    articles: Sequence[Article],
    background: Background,
    baseline: tuple[float, ...],
) -> None:
    print(f"\n{name}, {len(links)} articles:\n")
    golds = {"same": labels.same(), "related": labels.related()}
    shipped = ours(articles, background, desk.SAME)
    rows = []
    for (kind, gold), our, at in zip(golds.items(), shipped, baseline, strict=True):
        theirs = score(by_titles(articles, at), gold, links)
        rows.append((f"{kind}: title TF-IDF, single link, from {at:.2f}", *theirs.columns()))
        rows.append((f"{kind}: aggregator, as shipped", *score(our, gold, links).columns()))
    print_table(("", "B³ F", "P", "R", "P*", "R*", "F*", "pairs P", "pairs R"), rows)


def main() -> None:
    """Score."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("--archive", type=Path, nargs="+", default=[], metavar="FOLDER")
    asked = arguments.parse_args()
    quality(read(asked.directory, NOW), asked.archive)


if __name__ == "__main__":
    main()
