"""Changes of the feed list on disk: edited as text, read as a whole, and only then swapped in."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aggregator.config import Config, editing, load, values
from aggregator.config.document import Plainer, Scalar
from aggregator.config.editing import Item, Line, Uneditable
from aggregator.config.loader import YAML
from aggregator.config.source import Place, Unreadable, read_bytes
from aggregator.errors import AggregatorError, ConfigError
from aggregator.model import Subscription

_BOM = b"\xef\xbb\xbf"

Placed = tuple[tuple[str, ...], Line]
"""A feed and the path of the group it stands in."""


def add(path: Path, items: Sequence[Item]) -> None:
    """Add feeds and groups at the end of feeds.yaml.

    A group joins the one of its name at the same place. Raises AggregatorError, with the place,
    where the file cannot be edited so that nothing else changes; it is then left as it is.
    """
    wanted = {line.url: (path_of, line) for path_of, line in _placed(items, ())}
    with _held(path):
        _rewrite(load(path), path, lambda text: editing.insert(text, items), _Added(wanted))


def drop(path: Path, url: str) -> tuple[str, Place]:
    """Take a feed, in whatever spelling, out of the file that lists it; returns URL and place.

    Raises AggregatorError where no such feed is listed and, with the place, where an OPML list or
    a file lists it that cannot be edited so that nothing else changes; it is then left as it is.
    """
    with _held(path):
        before = load(path)
        listed = _listed(before, url)
        if listed is None:
            near = values.suggestion(url, list(before.places))
            raise AggregatorError(f"{url} is not in {path}{near}")
        file, line = before.places[listed]
        if Path(file).resolve() != path.resolve() and Path(file).suffix.lower() not in YAML:
            reason = f"{listed} comes from an OPML list; take it out there"
            raise AggregatorError(f"{file}:{line}: {reason}")
        check = _is(listed)
        _rewrite(before, Path(file), lambda text: editing.remove(text, check), _Dropped(listed))
    return listed, (file, line)


def _listed(config: Config, url: str) -> str | None:
    if url in config.places:
        return url
    wanted = values.identity(url)
    return next((one for one in config.places if values.identity(one) == wanted), None)


def groups(path: Path) -> list[tuple[str, ...]]:
    """Return the path of every group that feeds.yaml itself has, in its order."""
    return editing.groups(_read(path).decode("utf-8-sig"))


def _placed(items: Sequence[Item], above: tuple[str, ...]) -> Iterator[Placed]:
    for item in items:
        if isinstance(item, Line):
            yield above, item
        else:
            yield from _placed(item.items, (*above, item.name))


def _is(url: str) -> Callable[[str], bool]:
    """Return whether an address, as written, is this one once its variables are filled in."""

    def check(written: str) -> bool:
        filled = Plainer(os.environ, lambda *_: None).data(Scalar(1, written))
        return isinstance(filled, str) and values.label(filled or "-") == url

    return check


# --- what must have become of it ----------------------------------------------------------------


class _Added:
    """Whether a configuration has gained these feeds, and nothing else has changed."""

    def __init__(self, wanted: dict[str, Placed]) -> None:
        self._wanted = wanted

    def __call__(self, before: Config, after: Config) -> bool:
        fresh = {s.url: s for s in after.subscriptions if s.url in self._wanted}
        kept = tuple(s for s in after.subscriptions if s.url not in self._wanted)
        return (
            kept == before.subscriptions
            and fresh.keys() == self._wanted.keys()
            and all(self._is_as_wanted(subscription) for subscription in fresh.values())
        )

    def _is_as_wanted(self, found: Subscription) -> bool:
        path, line = self._wanted[found.url]
        named_so = (found.groups, found.title) == (path, line.title)
        return named_so and set(line.tags) <= set(found.tags)


class _Dropped:
    """Whether a configuration has lost this feed, and nothing else has changed."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, before: Config, after: Config) -> bool:
        left = tuple(s for s in before.subscriptions if s.url != self._url)
        return after.subscriptions == left


def _rewrite(
    before: Config,
    file: Path,
    edit: Callable[[str], str],
    is_as_wanted: Callable[[Config, Config], bool],
) -> None:
    body = _read(file)
    mark = _BOM if body.startswith(_BOM) else b""
    old = body.decode("utf-8-sig")
    try:
        new = edit(old)
        draft = mark + new.encode()
        after = load(before.path, drafts={file.resolve(): draft})
    except Uneditable as error:
        raise _refusal(file, error.line, str(error)) from error
    except ConfigError as error:
        message = f"after the change there would be a mistake: {error.problems[0].message}"
        raise _refusal(file, _first_difference(old, new), message) from error
    rest = replace(after, subscriptions=before.subscriptions, places=before.places)
    if rest != before or not is_as_wanted(before, after):
        raise _refusal(
            file, _first_difference(old, new), "the change would change other things, too"
        )
    _replace(file.resolve(), draft)


def _refusal(file: Path, line: int, message: str) -> AggregatorError:
    return AggregatorError(f"{file}:{line}: cannot be edited safely, do it by hand: {message}")


def _first_difference(old: str, new: str) -> int:
    pairs = enumerate(zip(old.splitlines(), new.splitlines(), strict=False), start=1)
    last = max(len(old.splitlines()), 1)
    return next((number for number, (one, other) in pairs if one != other), last)


# --- the file -----------------------------------------------------------------------------------


def _read(file: Path) -> bytes:
    try:
        return read_bytes(file)
    except Unreadable as error:
        raise AggregatorError(f"{file}: {error}") from error


@contextmanager
def _held(file: Path) -> Iterator[None]:
    """Keep other changes out while a file of this directory is changed."""
    directory = file.resolve().parent
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise AggregatorError(f"{directory}: cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(file: Path, body: bytes) -> None:
    """Write a file beside and rename it over, its mode and, where allowed, its owner kept."""
    if not os.access(file, os.W_OK):
        raise AggregatorError(f"{file} is write-protected; it is left as it is")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise AggregatorError(f"{file} cannot be written: {error.strerror}") from error
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _dress_like(file, descriptor)
            stream.write(body)
            stream.flush()
            os.fsync(descriptor)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise AggregatorError(f"{file} cannot be written: {error.strerror}") from error


def _dress_like(file: Path, descriptor: int) -> None:
    found = file.stat()
    if os.geteuid() == 0:
        os.fchown(descriptor, found.st_uid, found.st_gid)
    os.fchmod(descriptor, found.st_mode & 0o7777)
