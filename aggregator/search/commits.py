"""Commits to a whoosh index: what is deleted, added and joined becomes visible at once, or never.

Whoosh keeps the lock, the table of contents and the segments' names and deletions; what is in a
segment is `search.segments`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from whoosh.codec.base import Segment as WhooshSegment
from whoosh.index import TOC, FileIndex, LockError, clean_files

from aggregator.query import Record
from aggregator.search import seals, segments

LOCK = "WRITELOCK"


class Stored(WhooshSegment):  # type: ignore[misc]  # whoosh has no types
    """A segment in whoosh's table of contents: pickled there, so that its path and name stay."""

    def __init__(self, indexname: str, count: int = 0) -> None:
        super().__init__(indexname)
        self.count = count
        self.deleted: set[int] = set()

    def doc_count_all(self) -> int:
        """How many documents were written."""
        return self.count

    def deleted_count(self) -> int:
        """How many of them are deleted."""
        return len(self.deleted)


Policy = Callable[[Sequence[Stored]], Sequence[Stored]]
"""Which of the segments are to be joined now."""


def commit(index: FileIndex, records: Iterable[Record], stale: Iterable[str], join: Policy) -> None:
    """Delete the articles `stale` and add `records`; whoosh's LockError where another process does.

    Nothing is committed when `records` raises.
    """
    directory = Path(index.storage.folder)
    with _locked(index):
        toc = index._read_toc()
        gatherer = segments.Gatherer()
        for record in records:
            gatherer.add(record)
        _delete(directory, toc.segments, frozenset(stale))
        if len(gatherer):
            added = Stored(index.indexname, len(gatherer))
            segments.write(directory, gatherer.segment(added.segment_id()))
            toc.segments.append(added)
        toc.segments = _joined(index, toc.segments, join)
        toc.generation += 1
        _publish(index, toc)


def opened(directory: Path, stored: Stored) -> segments.Segment:
    """A segment as a commit left it."""
    return segments.read(directory, stored.segment_id()).without(stored.deleted)


@contextmanager
def _locked(index: FileIndex) -> Iterator[None]:
    lock = index.lock(LOCK)
    if not lock.acquire():
        raise LockError
    try:
        yield
    finally:
        lock.release()


def _delete(directory: Path, stored: Sequence[Stored], stale: frozenset[str]) -> None:
    if stale:
        for each in stored:
            each.deleted.update(segments.read(directory, each.segment_id()).numbered(stale))


def _joined(index: FileIndex, stored: Sequence[Stored], join: Policy) -> list[Stored]:
    """The segments that have documents, some of them joined."""
    held = [each for each in stored if each.doc_count()]
    chosen = join(held)
    if not chosen:
        return held
    directory = Path(index.storage.folder)
    whole = Stored(index.indexname, sum(each.doc_count() for each in chosen))
    parts = [opened(directory, each) for each in chosen]
    segments.write(directory, segments.join(whole.segment_id(), parts))
    return [each for each in held if each not in chosen] + [whole]


def _publish(index: FileIndex, toc: TOC) -> None:
    """Seal the files of a commit, then let its table of contents appear, then clear up."""
    files = [name for each in toc.segments for name in each.list_files(index.storage)]
    seals.publish(Path(index.storage.folder), toc, index.indexname, files)
    clean_files(index.storage, index.indexname, toc.generation, toc.segments)
