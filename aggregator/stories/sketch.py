"""Sketches: all that placing needs to know of an article, in about a kilobyte.

    date, flags, counts ─ id, feed, language ─ signatures ─ links ─ countries
        ─ terms ─ their weights in the head, in all ─ their roles ─ their words

Terms are numbers. Those of the head come first, those of the text later, in the end what is but a
name. Each part is read when it is first asked for: most articles are compared by few of them.
"""

import struct
import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple

from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.stories.copies import SIGNATURE, Signature
from aggregator.stories.words import Term, Vector

FORM: Final = 2
"""How these bytes are laid out; in form 0 there were no words, in form 1 no weights."""
_SERVICE, _QUESTION = 1, 2
TITLED, NAMED, REGION, COUNTRY = 1, 2, 4, 8
"""Roles: a term stands in the title, is a name, is a word for a region, for one country."""
_HEAD: Final = struct.Struct("<qBHBBHHHH")
_LINK, _TERM, _WEIGHT = 8, 4, 2
_WHOLE: Final = 0xFFFF
"""The weight 1."""
_PART: Final = 1 / _WHOLE


class Word(NamedTuple):
    """How a term is compared and, where that is known, how it is spelt."""

    stem: str
    spelt: str


@dataclass(frozen=True, eq=False)
class Sketch:
    """An article as the desk sees it, `packed` by `pack`."""

    packed: bytes

    @cached_property
    def date(self) -> datetime:
        """When it was published."""
        return from_microseconds(self._layout.date)

    @property
    def id(self) -> str:
        """The article's id."""
        return self._origin[0]

    @property
    def feed(self) -> str:
        """The URL of the feed that brought it."""
        return self._origin[1]

    @property
    def language(self) -> str | None:
        """Its primary language, if it is known."""
        return self._origin[2] or None

    @property
    def order(self) -> tuple[datetime, str]:
        """Its place in the order of placing."""
        return self.date, self.id

    @cached_property
    def is_service(self) -> bool:
        """Whether it is a roundup, a listing or one of a series."""
        return bool(self._layout.flags & _SERVICE)

    @cached_property
    def is_question(self) -> bool:
        """Whether its title asks."""
        return bool(self._layout.flags & _QUESTION)

    @cached_property
    def signatures(self) -> tuple[Signature, ...]:
        """Of its text and of its lead, where they are long enough."""
        starts = range(self._layout.signatures, self._layout.links, SIGNATURE)
        return tuple(self.packed[start : start + SIGNATURE] for start in starts)

    @cached_property
    def links(self) -> frozenset[int]:
        """Hashes of what it links to and of its own address."""
        return frozenset(_numbers("Q", self.packed[self._layout.links : self._layout.countries]))

    @cached_property
    def countries(self) -> frozenset[int]:
        """The countries that its title names, Iran and Iranian by one number."""
        return frozenset(_numbers("I", self.packed[self._layout.countries : self._layout.terms]))

    @cached_property
    def head(self) -> Vector:
        """The vector that tells its event: of its title and the beginning of its summary."""
        return self._vector(self.packed[self._layout.head : self._layout.wide])

    @cached_property
    def wide(self) -> Vector:
        """The vector that tells its affair: of more of its summary and the first of its text."""
        return self._vector(self.packed[self._layout.wide : self._layout.roles])

    @cached_property
    def titled(self) -> frozenset[Term]:
        """The terms of its title."""
        return self._with(TITLED)

    @cached_property
    def names(self) -> frozenset[Term]:
        """The terms that stand with a capital in mid-sentence."""
        return self._with(NAMED)

    @cached_property
    def regions(self) -> frozenset[Term]:
        """The terms of its title, and the names, that tell countries, parts of them, or peoples."""
        return self._with(REGION)

    @cached_property
    def nations(self) -> frozenset[Term]:
        """The terms of its title that name a country or its people."""
        return self._with(COUNTRY)

    @cached_property
    def words(self) -> Mapping[Term, Word]:
        """The words of its terms."""
        terms = self._terms
        told = self.packed[self._layout.words :].decode().split("\n")
        return dict(zip(terms, map(Word, told, told[len(terms) :]), strict=False))

    @cached_property
    def _layout(self) -> "_Layout":
        date, flags, told, signed, named, linked, head, wide, terms = _HEAD.unpack_from(self.packed)
        signatures = _HEAD.size + told
        links = signatures + signed * SIGNATURE
        countries = links + linked * _LINK
        numbers = countries + named * _TERM
        heads = numbers + terms * _TERM
        wides = heads + head * _WEIGHT
        roles = wides + wide * _WEIGHT
        return _Layout(
            date, flags, signatures, links, countries, numbers, heads, wides, roles, roles + terms
        )

    @cached_property
    def _origin(self) -> list[str]:
        return self.packed[_HEAD.size : self._layout.signatures].decode().split("\n")

    @property
    def _terms(self) -> "array[int]":
        return _numbers("I", self.packed[self._layout.terms : self._layout.head])

    @cached_property
    def _roles(self) -> Mapping[Term, int]:
        roles = self.packed[self._layout.roles : self._layout.words]
        return dict(pair for pair in zip(self._terms, roles, strict=True) if pair[1])

    def _with(self, role: int) -> frozenset[Term]:
        return frozenset([term for term, roles in self._roles.items() if roles & role])

    def _vector(self, packed: bytes) -> Vector:
        weights = _numbers("H", packed)
        first = self._layout.terms
        terms = _numbers("I", self.packed[first : first + len(weights) * _TERM])
        return dict(zip(terms, [weight * _PART for weight in weights], strict=True))


class _Layout(NamedTuple):
    """What stands first, and where each part begins."""

    date: int
    flags: int
    signatures: int
    links: int
    countries: int
    terms: int
    head: int
    wide: int
    roles: int
    words: int


def pack(
    id: str,
    date: datetime,
    feed: str,
    language: str | None,
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
    """The bytes of a sketch.

    `roles` has a byte for each term. The terms of `wide` are the first, in their order, those of
    `head` the first of these.
    """
    flags = _SERVICE * is_service | _QUESTION * is_question
    origin = "\n".join((id, feed, language or "")).encode()
    told = (
        len(origin),
        len(signatures),
        len(countries),
        len(links),
        len(head),
        len(wide),
        len(words),
    )
    stems, spelt = zip(*words.values(), strict=True) if words else ((), ())
    return b"".join(
        (
            _HEAD.pack(to_microseconds(date), flags, *told),
            origin,
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
