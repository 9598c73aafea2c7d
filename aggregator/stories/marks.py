"""Marks: numbers by which a placed article is found again, of its rare terms, its links, its texts.

Two that differ may have one number, seldom: who finds an article compares it.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple
from zlib import crc32

from aggregator.stories.background import Background
from aggregator.stories.copies import Signature, bands
from aggregator.stories.postings import COUNTRY, NAMED, WEIGHED
from aggregator.stories.sketch import Sketch
from aggregator.stories.words import Term

_HASH: Final = (1 << 29) - 1
_TERM, _LINK, _BAND = range(3)


class Mark(NamedTuple):
    """A number of 31 bits, with the weight of a term in its article, and flags."""

    number: int
    weight: int = WEIGHED
    flags: int = 0


def of_term(term: Term) -> int:
    """The mark of a term."""
    return (term & _HASH) << 2 | _TERM


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


def marks(sketch: Sketch, background: Background) -> tuple[Mark, ...]:
    """By what an article is found again, each once, where terms are as rare as the background says.

    Names that stand further down have no weight.
    """
    if sketch.is_service:
        return ()
    told = dict(background.findable(sketch.head))
    further = (name for name in sorted(sketch.names) if name not in sketch.head)
    told.update((name, 0.0) for name in further if background.is_rare_name(name))
    found = {of_term(term): _mark(sketch, term, weight) for term, weight in told.items()}
    others = (*of_links(sketch.links), *of_texts(sketch.signatures))
    return (*found.values(), *map(Mark, dict.fromkeys(others)))


def _mark(sketch: Sketch, term: Term, weight: float) -> Mark:
    flags = NAMED * (term in sketch.names) | COUNTRY * bool(sketch.countries)
    return Mark(of_term(term), round(weight * WEIGHED), flags)
