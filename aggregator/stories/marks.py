"""Marks: numbers by which a placed article is found again, of its rare terms, its links, its texts.

Two that differ may have one number, seldom: who finds an article compares it.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple
from zlib import crc32

from aggregator.stories.copies import Signature, bands
from aggregator.stories.entry import Entry

_HASH: Final = (1 << 29) - 1
_TERM, _LINK, _BAND = range(3)
NAMED, TITLED = 1, 2
"""Flags: the term is written as a name; it stands in the title."""
WEIGHED: Final = 1_000
"""The weight of a mark that counts 1."""


class Mark(NamedTuple):
    """A number of 31 bits, with the weight of a term in its article, and flags."""

    number: int
    weight: int = WEIGHED
    flags: int = 0


Posting = tuple[int, int, int]
"""An article with a mark, by its number; the weight and flags of the mark."""


def of_term(term: str) -> int:
    """The mark of a term."""
    return (crc32(term.encode()) & _HASH) << 2 | _TERM


def of_links(links: Iterable[int]) -> list[int]:
    """The marks of hashes of links."""
    return [(link & _HASH) << 2 | _LINK for link in sorted(links)]


def of_texts(signatures: Iterable[Signature]) -> list[int]:
    """The marks of texts, some for each; copies have one in common at least, nearly always."""
    found = (
        (crc32(band, place) & _HASH) << 2 | _BAND
        for signature in signatures
        for place, band in enumerate(bands(signature))
    )
    return list(dict.fromkeys(found))


def marks(entry: Entry) -> tuple[Mark, ...]:
    """By what an article is found again, each once.

    Names that stand further down have no weight.
    """
    sketch, background = entry.sketch, entry.background
    if sketch.is_service:
        return ()
    told = dict(background.rare(entry.head))
    further = (name for name in sorted(entry.names) if name not in entry.head)
    told.update((name, 0.0) for name in further if background.is_rare_name(name))
    found = {of_term(term): _mark(entry, term, weight) for term, weight in told.items()}
    others = (*of_links(sketch.links), *of_texts(sketch.signatures))
    return (*found.values(), *map(Mark, dict.fromkeys(others)))


def _mark(entry: Entry, term: str, weight: float) -> Mark:
    flags = NAMED * (term in entry.names) | TITLED * (term in entry.titled)
    return Mark(of_term(term), round(weight * WEIGHED), flags)
