"""One contender of the polling benchmark, in a process of its own.

    python bench/contenders.py aggregator|reader URL FEEDS DIRECTORY

Prints one line of JSON for each round: its processor seconds and the articles stored after it.
"""

import json
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from measure import cpu_seconds

ROUNDS = (("first poll", 1), ("2 new", 2), ("304", 2))
"""The rounds and the edition that the server has in each."""

FEEDS_YAML = """\
settings:
  poll: {{host-delay: 0s, per-host: 32}}   # here all feeds live on one host
  network: {{allow: [127.0.0.1]}}
feeds:
{feeds}
"""

Measured = tuple[str, Callable[[], object], Callable[[], int]]


def aggregator(urls: list[str], directory: Path, publish: Callable[[int], None]) -> None:
    """Poll with `pipeline.rounds.poll`, as `aggregator poll` does, but do not index."""
    import uvloop

    from aggregator import config
    from aggregator.pipeline.newsroom import opened
    from aggregator.pipeline.rounds import poll

    feeds = directory / "feeds.yaml"
    lines = "\n".join(f"  - {url}" for url in urls)
    feeds.write_text(FEEDS_YAML.format(feeds=lines), encoding="utf-8")
    with opened(config.load(feeds)) as newsroom:
        newsroom.store.sync(newsroom.config.subscriptions, now=newsroom.clock())
        count = newsroom.store.count
        for name, edition in ROUNDS:
            publish(edition)
            _measure(name, lambda: uvloop.run(poll(newsroom, newsroom.store.active())), count)


def reader(urls: list[str], directory: Path, publish: Callable[[int], None]) -> None:
    """Poll with `Reader.update_feeds`, without its search."""
    from reader import make_reader

    with make_reader(str(directory / "reader.sqlite")) as archive:
        for url in urls:
            archive.add_feed(url)
        for name, edition in ROUNDS:
            publish(edition)
            _measure(
                name,
                lambda: archive.update_feeds(scheduled=False),
                lambda: archive.get_entry_counts().total or 0,
            )


def _measure(name: str, work: Callable[[], object], count: Callable[[], int]) -> None:
    started = cpu_seconds()
    work()
    spent = cpu_seconds() - started
    print(json.dumps({"round": name, "cpu": spent, "articles": count()}), flush=True)


def main(contender: str, base: str, feeds: int, directory: Path) -> None:
    """Run one contender against the server at `base`."""

    def publish(edition: int) -> None:
        request = urllib.request.Request(f"{base}/edition/{edition}", method="POST")
        urllib.request.urlopen(request).close()

    urls = [f"{base}/feed/{number}.xml" for number in range(feeds)]
    {"aggregator": aggregator, "reader": reader}[contender](urls, directory, publish)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
