"""The places of articles in stories: found as they arrive, pinned by the user, kept for good."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from aggregator.store import telling
from aggregator.store.database import Database
from aggregator.store.telling import Outline, Placed, StoryLink


class Places:
    """Which article stands in which story and why; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unplaced(self) -> list[tuple[str, datetime]]:
        """Ids and dates of the articles that no story has, oldest first."""
        with self._database.read() as connection:
            return telling.unplaced(connection)

    def outlines(self, since: datetime, until: datetime) -> list[Outline]:
        """The placed articles dated in [since, until), oldest first, without their long texts."""
        with self._database.read() as connection:
            return telling.outlines(connection, since, until)

    def batch(self, number: int) -> list[Outline]:
        """The articles that were placed together as batch `number`, oldest first."""
        with self._database.read() as connection:
            return telling.batch_of(connection, number)

    def next_batch(self) -> int:
        """The number of the batch to be placed next."""
        with self._database.read() as connection:
            return telling.next_batch(connection)

    def place(
        self, batch: int, placed: Sequence[Placed], links: Mapping[str, Sequence[StoryLink]]
    ) -> None:
        """Write a batch of placements and the links of the stories that changed.

        An article that was placed meanwhile stays where it is. Articles of a story of two or more
        are logged as changed.
        """
        with self._database.write() as connection:
            telling.place(connection, batch, placed)
            telling.link(connection, links)

    def replace(self, placed: Sequence[Placed], links: Mapping[str, Sequence[StoryLink]]) -> int:
        """Put placed articles into these stories and replace their links; how many moved."""
        with self._database.write() as connection:
            left = telling.move(connection, placed)
            telling.link(connection, links)
            telling.forget_links(connection, left)
            return len(left)

    def told(self, since: datetime, until: datetime) -> list[Placed]:
        """All articles of the stories that have one dated in [since, until), oldest first."""
        with self._database.read() as connection:
            return telling.told(connection, since, until)

    def members(self, stories: Collection[str]) -> list[Placed]:
        """The articles of these stories, oldest first."""
        with self._database.read() as connection:
            return telling.members(connection, stories)

    def place_of(self, id: str) -> str | None:
        """The story in which an article was placed."""
        with self._database.read() as connection:
            return telling.place_of(connection, id)

    def links(self, stories: Iterable[str]) -> list[StoryLink]:
        """The links from these stories to others, the nearest first."""
        with self._database.read() as connection:
            return telling.links(connection, stories)

    def pins(self) -> dict[str, str]:
        """The story of each article that the user placed, also of expired ones."""
        with self._database.read() as connection:
            return telling.pins(connection)

    def pin(self, decided: Mapping[str, str]) -> None:
        """Place articles as the user says, and remember it for good."""
        with self._database.write() as connection:
            telling.pin(connection, decided)
            user = ("user", None, 1.0, ())
            pinned = [Placed(one, story, user) for one, story in decided.items()]
            telling.forget_links(connection, telling.move(connection, pinned))

    def backgrounds(self) -> list[tuple[int, int, dict[str, float]]]:
        """Frozen document frequencies: since which batch, of how many documents, by term."""
        with self._database.read() as connection:
            return telling.backgrounds(connection)

    def keep_background(self, since: int, documents: int, frequency: Mapping[str, float]) -> None:
        """Freeze document frequencies from batch `since` on."""
        with self._database.write() as connection:
            telling.keep_background(connection, since, documents, frequency)
