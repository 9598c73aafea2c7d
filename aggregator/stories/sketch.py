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


class Weights(NamedTuple):
    """Terms, each once, with what they weigh, rarity aside."""

    terms: list[str]
    weights: list[float]


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
        found = struct.iter_unpack("<Q", self.packed[at.links : at.head])
        return frozenset(number for (number,) in found)

    @property
    def head(self) -> Weights:
        """The terms of its title and of the beginning of its summary."""
        at = self._layout()
        return self._weights(at, self.packed[at.head : at.wide])

    @property
    def wide(self) -> Weights:
        """The same of more of its summary, and the first terms of its text."""
        at = self._layout()
        return self._weights(at, self.packed[at.wide : at.roles])

    @property
    def titled(self) -> frozenset[str]:
        """The terms of its title."""
        return self._in_role(_TITLED)

    @property
    def names(self) -> frozenset[str]:
        """The terms that stand with a capital in mid-sentence."""
        return self._in_role(_NAMED)

    @property
    def surfaces(self) -> Mapping[str, str]:
        """By term: how it is spelt there."""
        at = self._layout()
        told = self.packed[at.told :].decode().split("\n")
        spelt = told[at.told - at.roles :]
        return {term: each for term, each in zip(told, spelt, strict=False) if each}

    def _layout(self) -> "_Layout":
        """Where each part begins."""
        _, signed, linked, head, wide, terms = _COUNTS.unpack_from(self.packed)
        links = _COUNTS.size + signed * SIGNATURE
        heads = links + linked * _LINK
        wides = heads + head
        roles = wides + wide
        return _Layout(links, heads, wides, roles, roles + terms)

    def _weights(self, at: "_Layout", counts: bytes) -> Weights:
        return Weights(self._terms(at, len(counts)), list(map(_WEIGHTS.__getitem__, counts)))

    def _terms(self, at: "_Layout", number: int) -> list[str]:
        told = self.packed[at.told :].decode().split("\n", number)
        return list(map(sys.intern, told[:number]))

    def _in_role(self, role: int) -> frozenset[str]:
        at = self._layout()
        roles = self.packed[at.roles : at.told]
        terms = self._terms(at, len(roles))
        return frozenset(term for term, each in zip(terms, roles, strict=True) if each & role)


class _Layout(NamedTuple):
    links: int
    head: int
    wide: int
    roles: int
    told: int


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
