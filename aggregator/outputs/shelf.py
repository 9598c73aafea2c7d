"""The editions that are published on disk, each beside its page as `edition.json`."""

import json
import logging
import os
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from aggregator.errors import AggregatorError
from aggregator.model import Edition
from aggregator.outputs import edition_shapes
from aggregator.outputs.manifest import mark

log = logging.getLogger(__name__)

TRENDS = "trends"
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
    Nothing is looked up before it is asked for: an archive of years costs what one of days does.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._listed = _days_in(directory / "digest")
        self._slugs: dict[date, set[str | None]] = {}
        self._read: dict[date, list[Edition]] = {}
        self._records: dict[tuple[date, str | None], bytes] = {}
        self._prints: dict[tuple[date, str | None], str] = {}

    def put(self, day: date, editions: Sequence[Edition]) -> None:
        """Takes new editions of a day; without one that has no topic, the day's others stay."""
        merged = {} if None in map(slug_of, editions) else {slug_of(e): e for e in self._day(day)}
        merged.update({slug_of(edition): edition for edition in editions})
        self._read[day] = list(merged.values())
        self._slugs[day] = self.slugs(day).union(merged)
        if day not in self._listed:
            insort(self._listed, day)
        self._records.clear()
        self._prints.clear()

    def days(self, slug: str | None = None) -> list[date]:
        """Returns the days that have an edition of the topic, without one: any; oldest first."""
        return [day for day in self._listed if self._has(day, slug)]

    def editions(self, day: date) -> list[Edition]:
        """Returns what a day's front page shows: the edition without topic, then each topic's."""
        return [self._linked(edition) for edition in self._day(day)]

    def edition(self, day: date, slug: str | None = None) -> Edition | None:
        """Returns one edition, None if there is none."""
        taken = next((each for each in self._read.get(day, ()) if slug_of(each) == slug), None)
        found = taken or (self._load(day, slug) if self._has(day, slug) else None)
        return self._linked(found) if found else None

    def newest(self, slug: str | None, most: int) -> list[date]:
        """Returns the newest days that have an edition of the topic, the newest first."""
        return list(islice((day for day in reversed(self._listed) if self._has(day, slug)), most))

    def recent(self, slug: str | None, most: int) -> list[Edition]:
        """Returns the editions of a topic's newest days, the newest first.

        Without a topic, a day that has no general edition gives all of its topics'.
        """
        found: list[Edition] = []
        for day in self.newest(slug, most):
            edition = self.edition(day, slug)
            found += [edition] if edition else []
            if edition is None and slug is None:
                found += self.editions(day)
        return found

    def slugs(self, day: date) -> set[str | None]:
        """Returns the topics that have an edition of a day; None stands for the one without."""
        if day not in self._slugs:
            self._slugs[day] = _slugs_in(self._directory / folder(day))
        return self._slugs[day]

    def relinked(self, day: date) -> list[date]:
        """Returns those neighbours of a day whose records on disk link to other days than now."""
        links = {link for each in self.editions(day) for link in (each.previous, each.next)}
        return [each for each in sorted(link for link in links if link) if self._is_relinked(each)]

    def record(self, day: date, slug: str | None = None) -> bytes:
        """Returns the record of an edition that is on the shelf."""
        if (day, slug) not in self._records:
            edition = self.edition(day, slug)
            assert edition is not None
            topics = () if slug else [each for each in map(slug_of, self._day(day)) if each]
            self._records[day, slug] = record(edition, topics)
        return self._records[day, slug]

    def fingerprint(self, day: date, slug: str | None = None) -> str:
        """Returns a mark of what an edition on the shelf tells, of a day's all where it has none.

        The last days of its tags are left out: they change with articles of other editions.
        """
        if (day, slug) not in self._prints:
            self._prints[day, slug] = self._fingerprint(day, slug)
        return self._prints[day, slug]

    def _fingerprint(self, day: date, slug: str | None) -> str:
        if slug not in self.slugs(day):
            return mark(*(self.fingerprint(day, slug_of(each)) for each in self._day(day)))
        if day not in self._read:
            return _told(self._path(day, slug).read_bytes())
        return _told(self.record(day, slug) if self.edition(day, slug) else b"")

    def _has(self, day: date, slug: str | None) -> bool:
        if slug is None:
            return self._path(day, None).is_file() or bool(self.slugs(day))
        if day in self._slugs:
            return slug in self._slugs[day]
        # pathlib raises OSError for names that are too long for a file
        is_name = slug != "" and PurePath(slug).name == slug
        return is_name and os.path.isfile(self._path(day, slug))  # noqa: PTH113

    def _is_relinked(self, day: date) -> bool:
        for slug in self.slugs(day):
            before = self._record(day, slug)
            told = tuple(link and link.isoformat() for link in self._links(day, slug))
            if before is None or (before.get("previous"), before.get("next")) != told:
                return True
        return False

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
        return [None, *sorted(slug for slug in self.slugs(day) if slug)]

    def _load(self, day: date, slug: str | None) -> Edition | None:
        record = self._record(day, slug)
        try:
            return None if record is None else edition_shapes.edition_from(record)
        except AggregatorError as fault:
            log.warning("%s: %s", self._path(day, slug), fault)
            return None

    def _record(self, day: date, slug: str | None) -> dict[str, Any] | None:
        path = self._path(day, slug)
        try:
            record = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as fault:
            log.warning("%s: %s", path, fault)
            return None
        return record if isinstance(record, dict) else None

    def _path(self, day: date, slug: str | None) -> Path:
        return self._directory / folder(day, slug) / RECORD

    def _linked(self, edition: Edition) -> Edition:
        previous, following = self._links(edition.day, slug_of(edition))
        return replace(edition, previous=previous, next=following)

    def _links(self, day: date, slug: str | None) -> tuple[date | None, date | None]:
        """Returns the nearest days before and after that have an edition of the same topic."""
        before, after = bisect_left(self._listed, day), bisect_right(self._listed, day)
        earlier = (each for each in reversed(self._listed[:before]) if self._has(each, slug))
        later = (each for each in self._listed[after:] if self._has(each, slug))
        return next(earlier, None), next(later, None)


def record(edition: Edition, topics: Sequence[str] = ()) -> bytes:
    """Returns an edition's record; that of a day's front page names the day's topics in order."""
    shape = edition_shapes.edition(edition)
    if edition.topic is None:
        shape["topics"] = list(topics)
    shape[TRENDS] = shape.pop(TRENDS)  # the last one, so that what is told can be cut off
    return json.dumps(shape, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _told(record: bytes) -> str:
    """Returns a mark of an edition's record up to its trends."""
    told, key, trends = record.decode("utf-8", "replace").rpartition(f'"{TRENDS}": ')
    return mark(told if key else trends)


def _days_in(directory: Path) -> list[date]:
    """Returns the days that have a directory, oldest first."""
    return sorted(day for name in names_in(directory) if (day := _day(name)))


def _slugs_in(directory: Path) -> set[str | None]:
    """Returns the topics that have a record in a day's directory; None is the one without."""
    slugs: set[str | None] = {
        name for name in names_in(directory) if (directory / name / RECORD).is_file()
    }
    return slugs | {None} if (directory / RECORD).is_file() else slugs


def names_in(directory: Path) -> list[str]:
    """Returns the names of the directories in one, in no order; none where it is not there."""
    try:
        with os.scandir(directory) as found:
            return [each.name for each in found if each.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day.isoformat() == name else None
