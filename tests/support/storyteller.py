"""A process that decides about the stories of a data directory, again and again.

    python -m tests.support.storyteller CONFIG NAME TURNS

NAME `rebuild` places everything anew. Any other brings articles of its own, a few at a time, that
tell the same events as those of its likes, and places what waits.
"""

import sys
from datetime import timedelta
from pathlib import Path

from aggregator import config
from aggregator.pipeline import placing
from aggregator.pipeline.newsroom import Newsroom, opened
from tests.support.newsrooms import Desk
from tests.support.store import NOW, SUBSCRIPTIONS, A, B, entry, save

EVENTS = (
    "Ferry Frisia Nova docks in Esbjerg after nights at anchor",
    "Congress of Peru removes president José Jerí in Lima",
    "Lander Hotaru sends a picture from Mare Frigoris",
    "Bakers of Lyon quarrel about the harvest of soft wheat",
)


def subscribed(directory: Path) -> Desk:
    """A desk whose store has the feeds that the reports are of."""
    desk = Desk(directory)
    desk.write([each.url for each in SUBSCRIPTIONS])
    with opened(config.load(desk.config)) as newsroom:
        newsroom.store.sync(SUBSCRIPTIONS, now=NOW)
    return desk


def main(path: Path, name: str, turns: int) -> None:
    with opened(config.load(path)) as newsroom:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for turn in range(turns):
            if name == "rebuild":
                placing.rebuild(newsroom)
            else:
                report(newsroom, name, turn)
                placing.place(newsroom)


def report(newsroom: Newsroom, name: str, turn: int) -> None:
    """One report of every event, hours after the one before."""
    when = NOW + timedelta(hours=5 * turn)
    links = [f"https://{name}.example/{turn}/{number}" for number in range(len(EVENTS))]
    at = A if name < "b" else B
    written = [
        entry(link, link, at=at, title=f"{event}, {name} {turn}", date=when, published=when)
        for link, event in zip(links, EVENTS, strict=True)
    ]
    save(newsroom.store, *written, at=at, now=when)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
