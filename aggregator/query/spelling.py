"""Words that are nearly others."""

from collections.abc import Mapping
from typing import Final

_SHORTEST: Final = 4
_LONG: Final = 7
_LONGEST: Final = 40


def closest(word: str, counts: Mapping[str, int]) -> str | None:
    """The known word fewest edits away, the commonest of equals; None where none is near.

    One edit is near, two for words of seven letters and more.
    """
    if not _SHORTEST <= len(word) <= _LONGEST:
        return None
    most = 1 + (len(word) >= _LONG)
    letters = set(word)
    near = (
        (distance(word, known), -count, known)
        for known, count in counts.items()
        if abs(len(known) - len(word)) <= most and len(letters ^ set(known)) <= 2 * most
    )
    edits, _, known = min(near, default=(most + 1, 0, ""))
    return known if 0 < edits <= most else None


def distance(one: str, other: str) -> int:
    """Edits between two short words; swapped neighbours are one (optimal string alignment)."""
    if abs(len(one) - len(other)) > 2:
        return len(one) + len(other)
    older: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        above, row = row, [i]
        for j, b in enumerate(other, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                row[j] = min(row[j], older[j - 2] + 1)
        older = above
    return row[-1]
