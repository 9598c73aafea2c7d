"""Sketches: what placing needs to know of an article, in about a kilobyte.

    counts ─ signatures ─ links ─ countries ─ terms ─ weights in the head, in all ─ roles ─ words

Terms are numbers. Those of the head come first, those of the text later, in the end what is but a
name. Each part is read when it is asked for: most articles are compared by few of them.
"""

import struct
import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from aggregator.stories.copies import SIGNATURE, Signature
from aggregator.stories.words import Term, Vector

FORM: Final = 2
"""How these bytes are laid out; in form 0 there were no words, in form 1 no weights."""
_SERVICE, _QUESTION = 1, 2
TITLED, NAMED, REGION, COUNTRY = 1, 2, 4, 8
"""Roles: a term stands in the title, is a name, is a word for a region, for one country."""
_COUNTS: Final = struct.Struct("<BBBHHHH")
_LINK, _TERM, _WEIGHT = 8, 4, 2
_WHOLE: Final = 0xFFFF
"""The weight 1."""
_PART: Final = 1 / _WHOLE


class Word(NamedTuple):
    """How a term is compared and, where that is known, how it is spelt."""

    stem: str
    spelt: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """An article as the desk sees it, `packed` by `pack`; `feed` is the URL of who brought it."""

    id: str
    date: datetime
    feed: str
    language: str | None
    packed: bytes

    @property
    def is_service(self) -> bool:
        """Whether it is a roundup, a listing or one of a series."""
        return bool(self.packed[0] & _SERVICE)

    @property
    def is_question(self) -> bool:
        """Whether its title asks."""
        return bool(self.packed[0] & _QUESTION)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Of its text and of its lead, where they are long enough."""
        starts = range(_COUNTS.size, self._layout().links, SIGNATURE)
        return tuple(self.packed[start : start + SIGNATURE] for start in starts)

    @property
    def links(self) -> frozenset[int]:
        """Hashes of what it links to and of its own address."""
        at = self._layout()
        return frozenset(_numbers("Q", self.packed[at.links : at.countries]))

    @property
    def countries(self) -> frozenset[int]:
        """The countries that its title names, Iran and Iranian by one number."""
        at = self._layout()
        return frozenset(_numbers("I", self.packed[at.countries : at.terms]))

    @property
    def head(self) -> Vector:
        """The vector of its title and of the beginning of its summary, of length 1."""
        at = self._layout()
        return self._vector(at, self.packed[at.head : at.wide])

    @property
    def wide(self) -> Vector:
        """The same of more of its summary, and of the first terms of its text."""
        at = self._layout()
        return self._vector(at, self.packed[at.wide : at.roles])

    @property
    def roles(self) -> Mapping[Term, int]:
        """The roles of the terms that have any."""
        at = self._layout()
        roles = self.packed[at.roles : at.words]
        terms = _numbers("I", self.packed[at.terms : at.head])
        return dict(pair for pair in zip(terms, roles, strict=True) if pair[1])

    @property
    def words(self) -> Mapping[Term, Word]:
        """The words of its terms."""
        at = self._layout()
        terms = _numbers("I", self.packed[at.terms : at.head])
        told = self.packed[at.words :].decode().split("\n")
        words = map(Word, told, told[len(terms) :])
        return dict(zip(terms, words, strict=False))

    def _layout(self) -> "_Layout":
        """Where each part begins."""
        _, signed, named, linked, head, wide, terms = _COUNTS.unpack_from(self.packed)
        links = _COUNTS.size + signed * SIGNATURE
        countries = links + linked * _LINK
        numbers = countries + named * _TERM
        heads = numbers + terms * _TERM
        wides = heads + head * _WEIGHT
        roles = wides + wide * _WEIGHT
        return _Layout(links, countries, numbers, heads, wides, roles, roles + terms)

    def _vector(self, at: "_Layout", packed: bytes) -> Vector:
        weights = _numbers("H", packed)
        terms = _numbers("I", self.packed[at.terms : at.terms + len(weights) * _TERM])
        return dict(zip(terms, [weight * _PART for weight in weights], strict=True))


class _Layout(NamedTuple):
    links: int
    countries: int
    terms: int
    head: int
    wide: int
    roles: int
    words: int


def pack(
    words: Mapping[Term, Word],
    roles: bytes,
    head: Vector,
    wide: Vector,
    *,
    countries: Collection[int],
    signatures: Sequence[Signature],
    links: Collection[int],
    is_service: bool,
    is_question: bool,
) -> bytes:
    """What a sketch tells, as bytes.

    `roles` has a byte for each term. The terms of `wide` are the first, in their order, those of
    `head` the first of these.
    """
    flags = _SERVICE * is_service | _QUESTION * is_question
    counts = len(signatures), len(countries), len(links), len(head), len(wide), len(words)
    stems, spelt = zip(*words.values(), strict=True) if words else ((), ())
    return b"".join(
        (
            _COUNTS.pack(flags, *counts),
            *signatures,
            _bytes("Q", sorted(links)),
            _bytes("I", sorted(countries)),
            _bytes("I", words),
            _bytes("H", [round(weight * _WHOLE) for weight in head.values()]),
            _bytes("H", [round(weight * _WHOLE) for weight in wide.values()]),
            roles,
            "\n".join((*stems, *spelt)).encode(errors="replace"),
        )
    )


def spellings(sketches: Iterable[Sketch]) -> dict[Term, Word]:
    """The words of all their terms, spelt where one of them tells how."""
    found: dict[Term, Word] = {}
    for sketch in sketches:
        words = sketch.words.items()
        found.update((term, word) for term, word in words if word.spelt or term not in found)
    return found


def _numbers(kind: str, packed: bytes) -> "array[int]":
    """Little-endian numbers."""
    numbers = array(kind, packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bytes(kind: str, numbers: Iterable[int]) -> bytes:
    packed = array(kind, numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
