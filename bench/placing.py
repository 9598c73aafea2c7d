"""What finding the stories of arriving articles costs, beside those of some days in the store.

    python bench/placing.py [--articles N] [--days D]

N made-up articles of D days are saved and placed as they arrive. Then others arrive in batches, of
one, of a poll's two dozen, of many, in a process of its own for each; placing is all that is timed.
"""

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from time import process_time

from measure import print_table
from newsprint import COMMON_RANKS, END, Newsprint

from aggregator import config
from aggregator.model import Article, Sighting, Subscription, article_id
from aggregator.pipeline.newsroom import Newsroom, opened
from aggregator.pipeline.placing import place

FEEDS, ARRIVING, EARLIER = 200, 1_000, 50
SAVED = 5_000
TEXT_WORDS, SUMMARY_CHARACTERS = 36, 90
"""So an article has as many terms, names and marks as one in a feed of world news."""
COUNTRIES = """
    Ukraine Israel China Iran Russia Germany France India Japan Mexico Canada Brazil Turkey Syria
    Poland Italy Spain Sudan Kenya Nigeria Egypt Pakistan Peru Chile Norway Sweden Greece Cuba
    Vietnam Nepal Kosovo Ghana Bolivia Iceland Malta Zambia
"""
BATCHES = ((1, 20), (25, 8), (ARRIVING, 1))


def made_up(number: int, further: int, days: int) -> list[Article]:
    """News of so many days and what comes next; every fifth is a report of an earlier event.

    Every fifth word of the vocabulary is a name, half of the titles name a country.
    """
    dice = Random("placing")
    press = Newsprint("placing", days=days)
    names = frozenset(press.words()[COMMON_RANKS::5])
    countries = COUNTRIES.split()
    weights = [1 / rank for rank in range(1, len(countries) + 1)]
    gap = timedelta(days=days) / number
    told: list[Article] = []
    for n in range(number + further):
        item = press.item(n, TEXT_WORDS)
        title, body = (_named(each, names) for each in (item.title, " ".join(item.paragraphs)))
        if dice.random() < 0.5:
            title += f" in {dice.choices(countries, weights)[0]}"
        if n > EARLIER and dice.random() < 0.2:
            earlier = told[-dice.randrange(1, EARLIER)]
            words = earlier.title.split()
            title, body = " ".join(dice.sample(words, k=len(words))), earlier.summary + body
        url = f"https://press{n % FEEDS}.example/{n}"
        article = Article(
            id=article_id(url),
            url=url,
            title=title,
            summary=body[:SUMMARY_CHARACTERS],
            content_html="",
            text=body,
            date=END - timedelta(days=days) + n * gap,
            first_seen=END,
            language="en",
            sightings=(Sighting(feed_url(n), None, url),),
        )
        told.append(article)
    return told


def _named(text: str, names: frozenset[str]) -> str:
    """A text with its names in capitals."""
    return " ".join(
        word.capitalize() if word.strip(".,") in names else word for word in text.split(" ")
    )


def feed_url(number: int) -> str:
    """The URL of a feed."""
    return f"https://press{number % FEEDS}.example/feed"


def save(room: Newsroom, articles: Sequence[Article]) -> None:
    """Save articles as their feeds brought them."""
    by_feed: defaultdict[str, list[Article]] = defaultdict(list)
    for each in articles:
        by_feed[each.sightings[0].feed_url].append(each)
    for url, brought in by_feed.items():
        feed = room.store.feed(url)
        assert feed is not None
        room.store.save(feed, brought, present=frozenset(), now=END, tagger=lambda _: ())


def fill(path: Path, articles: Sequence[Article]) -> None:
    """Save and place articles, some at a time."""
    path.write_text("feeds: []\n")
    with opened(config.load(path)) as room:
        room.store.sync([Subscription(feed_url(n)) for n in range(FEEDS)], now=END)
        spent = 0.0
        for at in range(0, len(articles), SAVED):
            save(room, articles[at : at + SAVED])
            began = process_time()
            place(room)
            spent += process_time() - began
    size = sum(each.stat().st_size for each in path.parent.glob("index/articles.db*"))
    each, megabytes = spent * 1_000 / len(articles), size / 1e6
    print(f"{len(articles):,} articles placed: {each:.2f} ms each, store of {megabytes:.0f} MB")


def peak() -> float:
    """Megabytes that this process had in memory at most."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measured(file: Path, size: int) -> None:
    """Place articles in batches of a size; print what the first and the others took, as JSON."""
    articles = pickle.loads(file.read_bytes())
    spent: list[float] = []
    with opened(config.load(file.with_name("feeds.yaml"))) as room:
        before = peak()
        for at in range(0, len(articles), size):
            save(room, articles[at : at + size])
            began = process_time()
            place(room)
            spent.append((process_time() - began) * 1_000)
    first, *others = spent
    later = sum(others) / len(others) if others else first
    print(json.dumps({"first": first, "later": later, "grown": peak() - before}))


def report(path: Path, arriving: Sequence[Article]) -> None:
    """Measure each size of batches in a process of its own, and print what they took."""
    rows: list[tuple[str, ...]] = []
    waiting = iter(arriving)
    for size, times in BATCHES:
        file = path.with_name(f"batches-of-{size}")
        file.write_bytes(pickle.dumps(list(islice(waiting, size * times))))
        command = [sys.executable, __file__, "--place", str(file), "--size", str(size)]
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        first, later, grown = told["first"], told["later"], told["grown"]
        row = f"{size:,}", f"{first:.0f}", f"{later:.0f}", f"{later / size:.2f}", f"{grown:.0f}"
        rows.append(row)
    print_table(("batch of", "first, ms", "later, ms", "an article", "memory, MB"), rows)


def main() -> None:
    """Fill a store, then measure; or be one of the processes that are measured."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--articles", type=int, default=100_000)
    arguments.add_argument("--days", type=int, default=30)
    arguments.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--size", type=int, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.place:
        measured(asked.place, asked.size)
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "feeds.yaml"
        further = sum(size * times for size, times in BATCHES)
        articles = made_up(asked.articles, further, asked.days)
        fill(path, articles[: asked.articles])
        report(path, articles[asked.articles :])


if __name__ == "__main__":
    main()
