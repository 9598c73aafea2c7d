"""What the files of a site were made from, so that only what changed is made again."""

import hashlib
import json
import logging
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from aggregator.outputs.files import replace_file

log = logging.getLogger(__name__)

DAYS, TAGS = "digest/", "tag/"
DAYS_KEPT = 60
"""How many days' files are remembered: older ones are hardly ever made again."""


def mark(*parts: object) -> str:
    """Returns a hash of values by how Python writes them: 32 hexadecimal digits."""
    told = "\x1f".join(part if isinstance(part, str) else repr(part) for part in parts)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@cache
def program() -> str:
    """Returns a hash of the program itself: another version may make other pages."""
    return of_files(sorted(Path(__file__).resolve().parent.parent.rglob("*.py")))


def of_files(paths: Iterable[Path]) -> str:
    """Returns a hash of what files hold."""
    hashed = hashlib.blake2b(digest_size=16)
    for path in paths:
        data = path.read_bytes()
        hashed.update(f"{path.name} {len(data)}\n".encode("utf-8", "surrogatepass") + data)
    return hashed.hexdigest()


class Manifest:
    """The marks of a site's files by path, kept in a file; without one nothing is remembered.

    A file that cannot be read, or is of another site, counts as empty: then all is made anew.
    """

    def __init__(self, site: Path, kept: Path | None) -> None:
        self._site, self._kept = site, kept
        self._made: dict[str, tuple[str, int]] = _read(kept, site) if kept else {}
        self._before = dict(self._made)

    def mark_of(self, path: str) -> str | None:
        """Returns the mark of a file that is still there, as long as it was when it was made."""
        made = self._made.get(path)
        if made is None:
            return None
        try:
            size = (self._site / path).stat().st_size
        except OSError:
            return None
        return made[0] if size == made[1] else None

    def note(self, path: str, made_from: str, size: int) -> None:
        """Remembers from what a file of so many bytes was made."""
        self._made[path] = (made_from, size)

    def forget_tags(self, slugs: Collection[str]) -> None:
        """Forgets the files of these tags."""
        self._made = {path: made for path, made in self._made.items() if _tag(path) not in slugs}

    def forgotten_tags(self, slugs: Iterable[str]) -> list[str]:
        """Returns those of these tags of which no file is remembered, though others are."""
        known = set(map(_tag, self._made))
        return [slug for slug in slugs if slug not in known] if self._made else []

    def save(self) -> None:
        """Writes what was noted, of days only the newest; raises AggregatorError."""
        if self._kept and self._made != self._before:
            days = sorted({path.split("/")[1] for path in self._made if path.startswith(DAYS)})
            old = tuple(f"{DAYS}{day}/" for day in days[:-DAYS_KEPT])
            made = {
                path: list(each)
                for path, each in sorted(self._made.items())
                if not path.startswith(old)
            }
            told = json.dumps({"site": str(self._site), "made": made}, ensure_ascii=False)
            replace_file(self._kept, told.encode("utf-8", "surrogatepass"))


def _tag(path: str) -> str | None:
    return path.removeprefix(TAGS).partition("/")[0] if path.startswith(TAGS) else None


def _read(kept: Path, site: Path) -> dict[str, tuple[str, int]]:
    try:
        told: Any = json.loads(kept.read_bytes().decode("utf-8", "surrogatepass"))
        if told["site"] != str(site):
            return {}
        return {path: (str(made), int(size)) for path, (made, size) in told["made"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
        log.warning("%s: %s: every page is made anew", kept, fault)
        return {}
