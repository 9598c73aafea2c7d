"""The editions that are published on disk, each beside its page as `edition.json`."""

import json
import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from aggregator.errors import AggregatorError
from aggregator.model import Edition
from aggregator.outputs import edition_shapes, layout
from aggregator.outputs.manifest import mark

log = logging.getLogger(__name__)

RECORD, LIST = "edition.json", "stories.html"


def slug_of(edition: Edition) -> str | None:
    """Returns the slug of an edition's topic, None for the edition without one."""
    return edition.topic.slug if edition.topic else None


def folder(day: date, slug: str | None = None) -> str:
    """Returns the path of an edition's directory in its site, with a slash at its end."""
    return f"digest/{day.isoformat()}/" + (f"{slug}/" if slug else "")


class Shelf:
    """The editions by day; `put` lays a day's new ones over those that are on disk.

    Editions come linked to their neighbours on the shelf. A record that cannot be read counts as
    missing, with a warning in the log: it is derived, and the next build of its day mends it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._slugs = _catalogue(directory)
        self._read: dict[date, list[Edition]] = {}
        self._prints: dict[tuple[date, str | None], str] = {}

    def put(self, day: date, editions: Sequence[Edition]) -> None:
        """Takes new editions of a day; without one that has no topic, the day's others stay."""
        merged = {} if None in map(slug_of, editions) else {slug_of(e): e for e in self._day(day)}
        merged.update({slug_of(edition): edition for edition in editions})
        self._read[day] = list(merged.values())
        self._slugs.setdefault(day, set()).update(merged)
        self._prints.clear()

    def days(self, slug: str | None = None) -> list[date]:
        """Returns the days that have an edition of the topic, without one: any; oldest first."""
        return sorted(day for day, slugs in self._slugs.items() if slug is None or slug in slugs)

    def editions(self, day: date) -> list[Edition]:
        """Returns what a day's front page shows: the edition without topic, then each topic's."""
        return [self._linked(edition) for edition in self._day(day)]

    def edition(self, day: date, slug: str | None = None) -> Edition | None:
        """Returns one edition, None if there is none."""
        taken = next((each for each in self._day(day) if slug_of(each) == slug), None)
        found = taken or self._load(day, slug)
        return self._linked(found) if found else None

    def recent(self, slug: str | None, most: int) -> list[Edition]:
        """Returns the editions of a topic's newest days, the newest first.

        Without a topic, a day that has no general edition gives all of its topics'.
        """
        found: list[Edition] = []
        for day in reversed(self.days(slug)[-most:]):
            edition = self.edition(day, slug)
            found += [edition] if edition else []
            if edition is None and slug is None:
                found += self.editions(day)
        return found

    def neighbours(self, day: date) -> list[date]:
        """Returns the days whose pages link to a day's pages."""
        links = {link for each in self.editions(day) for link in (each.previous, each.next)}
        return sorted(link for link in links if link)

    def slugs(self, day: date) -> set[str | None]:
        """Returns the topics that have an edition of a day; None stands for the one without."""
        return set(self._slugs.get(day, ()))

    def relinked(self, day: date) -> list[date]:
        """Returns those neighbours of a day whose records on disk link to other days than now."""
        return [each for each in self.neighbours(day) if self._is_relinked(each)]

    def _is_relinked(self, day: date) -> bool:
        for slug in self._slugs.get(day, ()):
            before, days = self._record(day, slug), self.days(slug)
            at = days.index(day)
            links = (days[at - 1] if at else None, days[at + 1] if at + 1 < len(days) else None)
            told = tuple(link and link.isoformat() for link in links)
            if before is None or (before.get("previous"), before.get("next")) != told:
                return True
        return False

    def fingerprint(self, day: date, slug: str | None = None) -> str:
        """Returns a mark of an edition as it is on the shelf, of a day's all where it has none."""
        if (day, slug) not in self._prints:
            self._prints[day, slug] = self._fingerprint(day, slug)
        return self._prints[day, slug]

    def _fingerprint(self, day: date, slug: str | None) -> str:
        if slug not in self._slugs.get(day, ()):
            return mark(*(self.fingerprint(day, other) for other in self._order(day)[1:]))
        if day not in self._read:
            return mark(self._path(day, slug).read_text(encoding="utf-8", errors="replace"))
        found, topics = self.edition(day, slug), [each for each in self._order(day) if each]
        return mark(record(found, topics).decode() if found else "")

    def _day(self, day: date) -> list[Edition]:
        if day not in self._read:
            found = (self._load(day, slug) for slug in self._order(day))
            self._read[day] = [edition for edition in found if edition]
        return self._read[day]

    def _order(self, day: date) -> list[str | None]:
        """Returns the slugs of a day as its own record orders them, else by the alphabet."""
        record = self._record(day, None)
        if record is not None and isinstance(record.get("topics"), list):
            return [None, *record["topics"]]
        return [None, *sorted(slug for slug in self._slugs.get(day, ()) if slug)]

    def _load(self, day: date, slug: str | None) -> Edition | None:
        record = self._record(day, slug)
        try:
            return None if record is None else edition_shapes.edition_from(record)
        except AggregatorError as fault:
            log.warning("%s: %s", self._path(day, slug), fault)
            return None

    def _record(self, day: date, slug: str | None) -> dict[str, Any] | None:
        path = self._path(day, slug)
        if slug not in self._slugs.get(day, ()) or not path.is_file():
            return None
        try:
            record = json.loads(path.read_bytes())
        except (OSError, ValueError) as fault:
            log.warning("%s: %s", path, fault)
            return None
        return record if isinstance(record, dict) else None

    def _path(self, day: date, slug: str | None) -> Path:
        return self._directory / folder(day, slug) / RECORD

    def _linked(self, edition: Edition) -> Edition:
        return layout.between(edition, self.days(slug_of(edition)))


def record(edition: Edition, topics: Sequence[str] = ()) -> bytes:
    """Returns an edition's record; that of a day's front page names the day's topics in order."""
    shape = edition_shapes.edition(edition)
    if edition.topic is None:
        shape["topics"] = list(topics)
    return json.dumps(shape, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _catalogue(directory: Path) -> dict[date, set[str | None]]:
    """Returns the topics of every day that have a record; None is the edition without topic."""
    catalogue: dict[date, set[str | None]] = {}
    for path in sorted((directory / "digest").glob(f"*/**/{RECORD}")):
        day, *slug = path.relative_to(directory / "digest").parts[:-1]
        if len(slug) < 2 and (parsed := _day(day)):
            catalogue.setdefault(parsed, set()).add(slug[0] if slug else None)
    return catalogue


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
