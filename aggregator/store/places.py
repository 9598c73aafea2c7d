"""The places of articles in stories: found as they arrive, pinned by the user, kept for good."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from aggregator.store import bygone, telling
from aggregator.store.bygone import Sketched
from aggregator.store.database import Database
from aggregator.store.file import File
from aggregator.store.telling import Outline, Placed
from aggregator.stories import Background
from aggregator.stories.postings import Posting
from aggregator.stories.ties import Link, Tie
from aggregator.stories.web import Retold


class Places:
    """Which article stands in which story and why; every method is one transaction."""

    def __init__(self, database: Database, file: File) -> None:
        self._database = database
        self._file = file
        self._frozen = 0, 0
        self._background = Background()

    def unplaced(self) -> list[tuple[str, datetime]]:
        """Ids and dates of the articles that no story has, oldest first."""
        with self._file.read() as connection:
            return bygone.unplaced(connection)

    def has_older(self, form: int) -> bool:
        """Whether an earlier version packed the sketch of a placed article."""
        with self._file.read() as connection:
            return bygone.has_older(connection, form)

    def packed_before(self, form: int, limit: int) -> list[Outline]:
        """Some placed articles whose sketches an earlier version packed."""
        with self._database.read() as connection:
            return telling.packed_before(connection, form, limit)

    def repack(self, placed: Sequence[Placed], form: int) -> None:
        """Replace the sketches of placed articles, and make them findable by their marks."""
        with self._database.write() as connection:
            telling.repack(connection, placed, form)

    def postings(
        self, marks: Collection[int], since: datetime, until: datetime
    ) -> Mapping[int, list[Posting]]:
        """By mark: the articles dated in [since, until] that have it, by the hour, oldest first."""
        with self._file.read() as connection:
            return bygone.postings(connection, marks, since, until)

    def stories(self, articles: Collection[int]) -> dict[int, str]:
        """By number: the stories of these articles."""
        with self._file.read() as connection:
            return bygone.stories(connection, articles)

    def sketched(self, stories: Collection[str]) -> list[Sketched]:
        """The articles of these stories."""
        with self._file.read() as connection:
            return bygone.told(connection, stories)

    def batch(self, number: int) -> list[Sketched]:
        """The articles that were placed together as batch `number`."""
        with self._file.read() as connection:
            return bygone.of_batch(connection, number)

    def these(self, articles: Collection[int]) -> list[Sketched]:
        """The placed articles of these numbers."""
        with self._file.read() as connection:
            return bygone.these(connection, articles)

    def next_batch(self) -> int:
        """The number of the batch to be placed next."""
        with self._file.read() as connection:
            return bygone.next_batch(connection)

    def place(self, batch: int, placed: Sequence[Placed], retold: Retold, form: int) -> None:
        """Write a batch of placements and the links of the stories that changed.

        An article that was placed meanwhile stays where it is. Articles of a story of two or more
        are logged as changed.
        """
        with self._database.write() as connection:
            telling.place(connection, batch, placed, form)
            telling.relink(connection, retold)

    def replace(self, placed: Sequence[Placed], links: Iterable[Link]) -> int:
        """Put placed articles into these stories and replace all links; how many moved."""
        with self._database.write() as connection:
            left = telling.move(connection, placed)
            telling.replace_links(connection, links)
            return len(left)

    def members(self, stories: Collection[str]) -> list[Placed]:
        """The articles of these stories, oldest first."""
        with self._database.read() as connection:
            return telling.members(connection, stories)

    def place_of(self, id: str) -> str | None:
        """The story in which an article was placed."""
        with self._database.read() as connection:
            return telling.place_of(connection, id)

    def links(self, stories: Collection[str]) -> list[Link]:
        """The links of these stories, whichever story they are from."""
        with self._file.read() as connection:
            return bygone.links(connection, stories)

    def pins(self) -> dict[str, str]:
        """The story of each article that the user placed, also of expired ones."""
        with self._file.read() as connection:
            return bygone.pins(connection)

    def pin(self, decided: Mapping[str, str]) -> None:
        """Place articles as the user says, and remember it for good."""
        with self._database.write() as connection:
            telling.pin(connection, decided)
            tie = Tie("user", None, 1.0)
            pinned = [Placed(one, story, tie) for one, story in decided.items()]
            telling.forget_links(connection, telling.move(connection, pinned))

    def background(self, batch: int) -> Background:
        """The frozen document frequencies that hold for a batch; empty before the first.

        They stay in memory until others are asked for.
        """
        with self._file.read() as connection:
            since, documents = bygone.frozen(connection, batch)
            if (since, documents) != self._frozen:
                frequency = bygone.frequencies(connection, since)
                self._background = Background.of_stems(documents, frequency)
                self._frozen = since, documents
        return self._background

    def placed_with(self, batch: int) -> int:
        """About how many articles were placed with the background that holds for a batch."""
        with self._file.read() as connection:
            since, _ = bygone.frozen(connection, batch)
            return bygone.placed_since(connection, since)

    def keep_background(self, since: int, documents: int, frequency: Mapping[str, float]) -> None:
        """Freeze document frequencies from batch `since` on."""
        with self._database.write() as connection:
            telling.keep_background(connection, since, documents, frequency)
