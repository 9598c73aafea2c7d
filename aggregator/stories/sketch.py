"""Sketches: what placing needs to know of an article, in less than a kilobyte.

    counts ─ signatures ─ links ─ counts by term of the head, of all ─ roles ─ terms ─ spellings

The terms of the head come first, those of the text later, in the end what is but a name. Each part
is read when it is asked for: most articles are compared by few of them.
"""

import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from aggregator.stories.copies import SIGNATURE, Signature
from aggregator.stories.words import MOST_COUNTED, WEIGHTS, Weighted, counted

FORM: Final = 1
"""How these bytes are laid out; in form 0 there were no words."""
BODY_WEIGHT = 0.7
"""Weight of a term that only the text has, to tell the same affair."""
_SERVICE, _QUESTION = 1, 2
_TITLED, _NAMED = 1, 2
_COUNTS: Final = struct.Struct("<BBHHHH")
_LINK: Final = 8
_OF_BODY: Final = MOST_COUNTED + 1
_WEIGHTS: Final = (*WEIGHTS, BODY_WEIGHT)

Weights = Iterable[tuple[str, float]]
"""Terms with what they weigh, rarity aside."""


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
        return self._parts().signatures

    @property
    def links(self) -> frozenset[int]:
        """Hashes of what it links to and of its own address."""
        return frozenset(number for (number,) in struct.iter_unpack("<Q", self._parts().links))

    @property
    def head(self) -> Weights:
        """The terms of its title and of the beginning of its summary."""
        parts = self._parts()
        return zip(parts.terms(), map(_WEIGHTS.__getitem__, parts.head), strict=False)

    @property
    def wide(self) -> Weights:
        """The same of more of its summary, and the first terms of its text."""
        parts = self._parts()
        return zip(parts.terms(), map(_WEIGHTS.__getitem__, parts.wide), strict=False)

    @property
    def titled(self) -> frozenset[str]:
        """The terms of its title."""
        return self._parts().in_role(_TITLED)

    @property
    def names(self) -> frozenset[str]:
        """The terms that stand with a capital in mid-sentence."""
        return self._parts().in_role(_NAMED)

    @property
    def surfaces(self) -> Mapping[str, str]:
        """By term: how it is spelt there."""
        parts = self._parts()
        told = parts.told.decode().split("\n")
        spelt = told[len(parts.roles) :]
        return {term: each for term, each in zip(told, spelt, strict=False) if each}

    def _parts(self) -> "_Parts":
        return _Parts.of(self.packed)


class _Parts(NamedTuple):
    signatures: tuple[Signature, ...]
    links: bytes
    head: bytes
    wide: bytes
    roles: bytes
    told: bytes

    @classmethod
    def of(cls, packed: bytes) -> "_Parts":
        _, signed, linked, head, wide, terms = _COUNTS.unpack_from(packed)
        sizes = (*[SIGNATURE] * signed, linked * _LINK, head, wide, terms, len(packed))
        ends = [*accumulate(sizes, initial=_COUNTS.size)]
        *signatures, links, heads, wides, roles, told = (
            packed[start:end] for start, end in pairwise(ends)
        )
        return cls(tuple(signatures), links, heads, wides, roles, told)

    def terms(self) -> Iterable[str]:
        number = len(self.roles)
        return map(sys.intern, self.told.decode().split("\n", number)[:number])

    def in_role(self, role: int) -> frozenset[str]:
        pairs = zip(self.terms(), self.roles, strict=False)
        return frozenset(term for term, each in pairs if each & role)


def pack(
    words: Weighted,
    names: frozenset[str],
    body: Iterable[str],
    *,
    signatures: Sequence[Signature],
    links: frozenset[int],
    is_service: bool,
    is_question: bool,
) -> bytes:
    """What a sketch tells, as bytes.

    `body` are the first terms of the text that stand neither in the title nor in the head of the
    summary.
    """
    further = dict.fromkeys(each for each in body if each not in words.wide)
    wide = [*words.wide, *further]
    terms = [*wide, *sorted(names - {*wide})]
    roles = (_TITLED * (term in words.titled) | _NAMED * (term in names) for term in terms)
    flags = _SERVICE * is_service | _QUESTION * is_question
    counts = len(signatures), len(links), len(words.head), len(wide), len(terms)
    return b"".join(
        (
            _COUNTS.pack(flags, *counts),
            *signatures,
            struct.pack(f"<{len(links)}Q", *sorted(links)),
            bytes(map(counted, words.head.values())),
            bytes((*map(counted, words.wide.values()), *[_OF_BODY] * len(further))),
            bytes(roles),
            "\n".join((*terms, *(words.surfaces.get(term, "") for term in terms))).encode(),
        )
    )
