"""Stories against labels made by reading, beside a title TF-IDF baseline; and what placing costs.

    python bench/stories.py DIRECTORY [--articles N]

DIRECTORY holds feed documents; `stories-labels.tsv` says by link which of their articles tell the
same event (`story`) and which belong to the same affairs (`related`). One half of the affairs tunes
the baseline's threshold and ours, the other scores both. Then N made-up articles of 30 days are
placed, and the processor time of the last thousand is told.
"""

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import storylabels
from measure import print_table
from newsprint import Newsprint
from storylabels import Half, Labels, Neighbours, Scores, score
from titles import by_titles

from aggregator import normalize
from aggregator.errors import ParseError
from aggregator.model import Article, Sighting, article_id
from aggregator.stories import Background, Desk, Sitting, Sketch, desk, group

NOW = datetime(2026, 2, 19, tzinfo=UTC)
SAME_TRIED = [n / 100 for n in range(20, 42, 2)]
TITLES_TRIED = [n / 100 for n in range(20, 75, 5)]
LAST = 1_000


def read(directory: Path) -> list[Article]:
    """Every article of every feed document, read as a poll reads it, each once."""
    found: dict[str, Article] = {}
    for path in sorted(directory.iterdir()):
        url = f"http://127.0.0.1/{path.name}"
        try:
            reading = normalize.read(
                path.read_bytes(),
                content_type=None,
                url=url,
                feed_url=url,
                feed_title=None,
                known=frozenset(),
                language=None,
                now=NOW,
                most=normalize.Most(entries=2_000),
            )
        except ParseError:
            continue
        found.update({article.id: article for article in reading.articles})
    return list(found.values())


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


def tuned(
    tried: Sequence[float],
    run: Callable[[float], Neighbours],
    gold: Neighbours,
    half: Half,
) -> tuple[float, Scores]:
    """The threshold with the best P* and R* on the first half, and the scores on the second."""
    found = {threshold: run(threshold) for threshold in tried}
    best = max(tried, key=lambda t: score(found[t], gold, half.tune).star)
    return best, score(found[best], gold, half.score)


def quality(articles: Sequence[Article], labels: Labels) -> None:
    """Print how well both do on the half that tuned neither."""
    labelled = [article for article in articles if article.url in labels.story]
    background = Background.of(articles)
    half = labels.halves()
    print(f"{len(labelled)} labelled articles; {len(half.tune)} tune, {len(half.score)} score\n")
    runs = {threshold: ours(labelled, background, threshold) for threshold in SAME_TRIED}
    rows = []
    for name, gold, column in (("same", labels.same(), 0), ("related", labels.related(), 1)):
        tries = {t: found[column] for t, found in runs.items()}
        if name == "same":
            print("threshold, P* and R* on the tuning half, then on the other:")
            for t, found in tries.items():
                first, second = score(found, gold, half.tune), score(found, gold, half.score)
                print(f"  {t:.2f}  {first.told()}  {second.told()}")
            print()
        shipped = ours(labelled, background, desk.SAME)[column]
        base, scores = tuned(TITLES_TRIED, lambda t: by_titles(labelled, t), gold, half)
        rows.append((f"{name}: title TF-IDF, single link, from {base:.2f}", *scores.columns()))
        rows.append(
            (f"{name}: aggregator, as shipped", *score(shipped, gold, half.score).columns())
        )
    print_table(("", "B³ F", "P", "R", "P*", "R*", "F*", "pairs P", "pairs R"), rows)


def made_up(number: int, days: int = 30) -> list[Article]:
    """News of `days` days from 200 feeds: made-up words, every fifth report of an earlier event."""
    chance = random.Random(7)
    start = NOW - timedelta(days=days)
    press = Newsprint(7, days=days)
    told: list[Article] = []
    for n in range(number):
        item = press.item(n, 80)
        title, body = item.title, " ".join(item.paragraphs)
        if n > 50 and chance.random() < 0.2:
            earlier = told[-chance.randrange(1, 50)]
            title = " ".join(chance.sample(earlier.title.split(), k=len(earlier.title.split())))
            body = earlier.summary + body
        url = f"https://press{n % 200}.example/{n}"
        told.append(
            Article(
                id=article_id(url),
                url=url,
                title=title,
                summary=body[:300],
                content_html="",
                text=body[:3_000],
                date=start + timedelta(days=days) * n / number,
                first_seen=NOW,
                language="en",
                sightings=(Sighting(f"https://press{n % 200}.example/feed", None, url),),
            )
        )
    return told


def cost(number: int) -> None:
    """Print the processor time of placing one more article."""
    articles = made_up(number)
    older, last = articles[:-LAST], articles[-LAST:]
    table = Desk(Background.of(older[:20_000]))
    sitting = Sitting(table)
    remembered = last[0].date - desk.KEPT
    for article in (each for each in older if each.date >= remembered):
        sitting.place(Sketch.of(article))
    began = process_time()
    for article in last:
        table.forget_before(article.date - desk.KEPT)
        table.links([table.place(Sketch.of(article)).story])
    spent = (process_time() - began) * 1_000 / len(last)
    print(f"\nplacing one more after {len(older):,} articles: {spent:.2f} ms of processor time")


def main() -> None:
    """Score, then measure the cost."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("--articles", type=int, default=100_000)
    asked = arguments.parse_args()
    quality(read(asked.directory), storylabels.load())
    if asked.articles > LAST:
        cost(asked.articles)


if __name__ == "__main__":
    main()
