"""Texts read piece by piece: what stands between white space was mostly met before."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final, Generic, TypeVar

from aggregator.text.tokenizer import LONGEST_CACHED, Positions, known, positions_of

V = TypeVar("V")

KEPT: Final = 1 << 16
"""Pieces that are kept in all languages together, and as many that were asked for before them."""


class Vocabulary(Generic[V]):
    """What is `made` of the positions of each piece of text, once for every language it is met in.

    What nobody has asked for lately is made again. Threads may share a vocabulary.
    """

    def __init__(self, made: Callable[[Positions], V], kept: int = KEPT) -> None:
        self.made = made
        self._kept = kept
        self._tables: dict[str | None, _Table[V]] = {}

    def read(self, text: str, language: str | None) -> Iterator[V]:
        """What was made of the pieces of a text in its language, in order."""
        code = known(language)
        table = self._tables.get(code)
        if table is None:
            table = self._tables.setdefault(code, _Table(self, code))
        bare = text.replace(", ", " ").replace(". ", " ")  # fewer different pieces
        return map(table.__getitem__, bare.split())

    def make_room(self) -> None:
        """Forget what was last asked for long ago, where too much is kept."""
        tables = tuple(self._tables.values())
        if sum(map(len, tables)) >= self._kept:
            for table in tables:
                table.age()


class _Table(dict[str, V]):
    """What was made of the pieces that were met in a language, looked up quickly."""

    def __init__(self, vocabulary: Vocabulary[V], language: str | None) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._language = language
        self._earlier: dict[str, V] = {}

    def __missing__(self, piece: str) -> V:
        found = self._earlier.get(piece)
        if found is None:
            found = self._vocabulary.made(positions_of(piece, self._language))
        if len(piece) <= LONGEST_CACHED:
            self._vocabulary.make_room()
            self[piece] = found
        return found

    def age(self) -> None:
        """Drop what nobody has asked for since this was last called."""
        self._earlier = self.copy()
        self.clear()


def _themselves(positions: Positions) -> Positions:
    return positions


_POSITIONS: Final = Vocabulary(_themselves)


def terms(text: str, language: str | None) -> list[tuple[str, ...]]:
    """The alternatives of every position: what `tokens` gives, without the offsets."""
    return list(chain.from_iterable(_POSITIONS.read(text, language)))
