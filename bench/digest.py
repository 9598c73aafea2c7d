"""A full day's editions and pages: processor time, memory, the size of pages, what a change costs.

Made-up articles, some of them several reports of one event, from 200 feeds in 30 topics by tag; a
fifth as many on the day before. Each measurement runs in a process of its own on the same archive.
"""

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time

from library import article, tags
from measure import print_table
from newsprint import END, TAGS, Item, Newsprint

from aggregator import config
from aggregator.model import Article, Sighting, Subscription, article_id
from aggregator.pipeline.newsroom import Newsroom, opened
from aggregator.pipeline.placing import place
from aggregator.pipeline.publish import publish

DAY = (END - timedelta(days=1)).date()
FEEDS, WORDS = 200, 590
LATE = END - timedelta(hours=24)
MOST_REPORTS = 12
SUBJECTS = slice(200, 1_200)
"""The ranks of words that articles have as tags beside that of their topic, two each."""
FIRST, AGAIN, MORE, EDITED = "first", "again", "one more article", "one topic changed"
MEASURED = (FIRST, AGAIN, MORE, EDITED)


def reports(number: int, start: datetime) -> list[Article]:
    """So many articles of the 24 hours after `start`, about a third of them of shared events."""
    newsprint, dice = Newsprint(0, days=1), random.Random(f"reports {start}")
    found: list[Article] = []
    while len(found) < number:
        event = newsprint.item(len(found), round(dice.lognormvariate(6.2, 0.6)))
        copies = dice.choices((1, 2, 4, MOST_REPORTS), weights=(80, 12, 6, 2))[0]
        for _ in range(min(copies, number - len(found))):
            found.append(_report(event, len(found), start, dice))
    return found


def _report(event: Item, number: int, start: datetime, dice: random.Random) -> Article:
    date = start + timedelta(seconds=dice.randrange(86_400))
    tags = (*event.tags, *dice.choices(Newsprint.words()[SUBJECTS], k=2))
    told = article(replace(event, number=number % FEEDS, date=date))
    site = f"https://gazette-{number % FEEDS}.example"
    url = f"{site}/{start.date()}/{number}"
    words = told.title.split()
    dice.shuffle(words)
    return replace(
        told,
        id=article_id(url),
        url=url,
        title=" ".join(words),
        image=f"https://pictures.example/{number}.jpg" if number % 2 else None,
        sightings=(Sighting(f"{site}/feed.xml", f"Gazette of Town {number % FEEDS}", url, tags),),
    )


def settings(directory: Path) -> Path:
    """Write feeds.yaml: a topic for each tag."""
    path = directory / "feeds.yaml"
    topics = "".join(f"  - {{name: {tag}, query: 'tag:\"{tag}\"'}}\n" for tag in TAGS)
    path.write_text(f"settings: {{title: Morning papers}}\nfeeds: []\ntopics:\n{topics}")
    return path


def fill(path: Path, number: int) -> None:
    """Save, place and index the articles of two days."""
    with opened(config.load(path), clock=lambda: END) as room:
        feeds = [f"https://gazette-{n}.example/feed.xml" for n in range(FEEDS)]
        room.store.sync([Subscription(url, title=f"Gazette {url[16:]}") for url in feeds], now=END)
        start = END - timedelta(days=1)
        many = [*reports(number // 5, start - timedelta(days=1)), *reports(number, start)]
        save(room, many)
        started = process_time()
        place(room)
        print(f"placed {len(many):,} articles in {process_time() - started:.1f} s", flush=True)
        room.index.catch_up()


def save(room: Newsroom, articles: list[Article]) -> None:
    """Save articles as their feeds brought them."""
    by_feed: dict[str, list[Article]] = {}
    for each in articles:
        by_feed.setdefault(each.sightings[0].feed_url, []).append(each)
    for url, brought in by_feed.items():
        feed = room.store.feed(url)
        assert feed is not None
        room.store.save(feed, brought, present=frozenset(), now=END, tagger=tags)


def arrive(path: Path) -> None:
    """Save, place and index one more article."""
    with opened(config.load(path), clock=lambda: END) as room:
        number = room.store.count()
        event = Newsprint(number, days=1).item(number, WORDS)
        save(room, [_report(event, number, LATE, random.Random(number))])
        place(room)
        room.index.catch_up()


def edit(path: Path) -> None:
    """Change one topic in feeds.yaml."""
    path.write_text(path.read_text().replace("{name: Weather,", "{name: Weather, stories: 7,"))


def measured(path: Path) -> None:
    """Publish in this process; print what it took as JSON."""
    with opened(config.load(path), clock=lambda: END) as room:
        started = process_time()
        publish(room, DAY)
        seconds = process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


def sizes(directory: Path) -> Iterator[tuple[str, int]]:
    """The pages of the site with their bytes, the largest first."""
    pages = ((path, path.stat().st_size) for path in directory.rglob("*.html"))
    for path, size in sorted(pages, key=lambda each: -each[1]):
        yield path.relative_to(directory).as_posix(), size


def main() -> None:
    """Make an archive and publish its day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--directory", type=Path, help="where the archive is kept for another run")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    directory = given.directory or Path(tempfile.mkdtemp())
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "feeds.yaml"
    if given.step:
        STEPS[given.step](path, given.articles)
        return
    command = [sys.executable, __file__, "--articles", str(given.articles)]
    command += ["--directory", str(directory), "--step"]
    settings(directory)
    shutil.rmtree(directory / "digests", ignore_errors=True)
    if not (directory / "index").exists():
        subprocess.run([*command, "fill"], check=True)
    rows = []
    for name in MEASURED:
        if name == MORE:
            subprocess.run([*command, "arrive"], check=True)
        if name == EDITED:
            edit(path)
        done = subprocess.run([*command, "publish"], check=True, capture_output=True)
        took = json.loads(done.stdout)
        rows.append((name, f"{took['seconds']:.2f}", f"{took['peak']:.0f}"))
    print_table(("publish", "seconds", "MB"), rows)
    for name, size in list(sizes(directory / "digests"))[:3]:
        print(f"{size / 1000:.0f} KB  {name}")


STEPS: dict[str, Callable[[Path, int], None]] = {
    "fill": fill,
    "arrive": lambda path, _: arrive(path),
    "publish": lambda path, _: measured(path),
}
"""What a process of its own does: so that none has the memory of another's work."""


if __name__ == "__main__":
    main()
