"""Copies of the archive, and going back to one; neither ever leaves half a file under its name."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from aggregator.config import Config
from aggregator.errors import StoreError
from aggregator.pipeline.newsroom import DATABASE
from aggregator.store import Store

REPLACED: Final = f"{DATABASE}.old"
_HEAD: Final = b"SQLite format 3\0"
_LOGS: Final = ("-wal", "-shm")


def back_up(config: Config, target: Path) -> int:
    """Copy the archive as it is now to `target`; the number of its articles.

    Raises StoreError where there is nothing to copy or something else has that name, OSError where
    it cannot be written.
    """
    database = config.settings.data / DATABASE
    if not database.exists():
        raise StoreError(f"{database}: nothing is stored yet")
    if target.exists() and (not _is_archive(target) or target.samefile(database)):
        raise StoreError(f"{target} is there already and is no backup; choose another name")
    beside = target.with_name(f"{target.name}.new")
    try:
        beside.touch(mode=0o600)
        with Store.open(database) as store:
            store.copy(beside)
        with Store.open(beside) as copy:
            count = copy.count()
        beside.replace(target)
    finally:
        _remove(beside)
    return count


def restore(config: Config, source: Path) -> None:
    """Put a copy in the archive's place; what was there stays as `articles.db.old`.

    The data directory has to be locked. Raises StoreError for what is no sound copy, OSError for
    what cannot be read; then nothing has changed.
    """
    if not _is_archive(source):
        raise StoreError(f"{source} is no backup of an archive")
    database = config.settings.data / DATABASE
    incoming = database.with_name(f"{DATABASE}.new")
    try:
        _bring(source, incoming)
        _put_aside(database)
        incoming.replace(database)
    finally:
        _remove(incoming)


def _bring(source: Path, incoming: Path) -> None:
    """Copy a backup beside the archive, look it through, bring it up to date."""
    _remove(incoming)
    shutil.copyfile(source, incoming)
    try:
        with Store.open(incoming) as store:
            problems = store.problems()
    except StoreError as error:
        raise StoreError(str(error).replace(str(incoming), str(source))) from error
    if problems:
        raise StoreError(f"{source} is damaged: {problems[0]}")


def _put_aside(database: Path) -> None:
    """Give the archive a second name, so that there is one under its own at any instant."""
    if not database.exists():
        return
    with suppress(StoreError):  # a damaged one is kept as it is
        Store.open(database).close()
    aside = database.with_name(REPLACED)
    _remove(aside)
    os.link(database, aside)
    for log in _LOGS:
        with suppress(FileNotFoundError):
            Path(f"{database}{log}").rename(f"{aside}{log}")


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD


def _remove(path: Path) -> None:
    for name in ("", *_LOGS):
        Path(f"{path}{name}").unlink(missing_ok=True)
