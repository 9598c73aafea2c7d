"""A process that works on the index of a data directory until it is killed.

    python -m tests.support.index_writer DATA ENGINE follow|rebuild

`follow` saves, changes and expires articles and catches up after each; `rebuild` only rebuilds.
"""

import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from aggregator.pipeline.index import Index
from aggregator.store import Store
from tests.support.store import HOUR, NOW, entry, save


def main(data: Path, engine: str, what: str) -> None:
    with Store.open(data / "articles.db") as store:
        index = Index.open(data / "search", store, engine)
        index.catch_up()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for turn in count():
            if what == "rebuild":
                index.rebuild()
            else:
                _publish(store, turn)
                index.catch_up()


def _publish(store: Store, turn: int) -> None:
    """Two new articles, one that changes every time; now and then the old ones go."""
    now = NOW + turn * HOUR
    links = [f"https://news.example/{turn}/{number}" for number in range(2)]
    written = [entry(link, link, text="Storm hits.", published=now) for link in links]
    changing = entry("same", "https://news.example/same", title=f"Turn {turn}", text="Storm")
    save(store, *written, changing, now=now)
    if turn % 5 == 4:
        store.expire(now - timedelta(hours=3), now=now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
