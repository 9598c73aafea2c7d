"""Text in columns of a terminal: how wide it is and where its lines break."""

import unicodedata
from collections.abc import Iterator

DOT = " · "
_WIDE = frozenset("WF")
_WITHOUT_WIDTH = frozenset({"Mn", "Me", "Cf"})
_SOFT_HYPHEN = "\u00ad"
_NARROWEST = 8
_NEVER_FIRST = frozenset("、。，．,.!?！？:;：；)）」』】》”’…ー々")


def cells(text: str) -> int:
    """Returns how many columns a text fills: two for wide characters, none for marks (UAX #11)."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def wrap(text: str, width: int) -> list[str]:
    """Returns the text in lines of at most `width` columns, broken between words.

    Words that are too long, and scripts without spaces between words, break anywhere.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if cells(joined) <= width:
            line = joined
            continue
        start = line if _is_unspaced(word) else ""
        if line and not start:
            lines.append(line)
        *full, line = _pieces(f"{start} {word}".strip(), max(width, _NARROWEST))
        lines += full
    return [*lines, line] if line else lines


def wrap_items(listed: str, width: int) -> list[str]:
    """Returns a list that is parted by dots in lines of at most `width`, broken after dots.

    Items that are too long for a line break between words.
    """
    *most, last = listed.split(DOT)
    lines: list[str] = []
    line = ""
    for item in (*(f"{each}{DOT}" for each in most), last):
        if line and cells(f"{line} {item}".rstrip()) > width:
            lines.append(line)
            line = ""
        *full, line = wrap(f"{line} {item}", width) or [""]
        lines += full
    return [*lines, line] if line else lines


def _is_unspaced(word: str) -> bool:
    return not word.isascii() and cells(word) > len(word)


def _pieces(text: str, width: int) -> Iterator[str]:
    piece, used = "", 0
    for character in text:
        cell = _cell(character)
        if used + cell > width:
            kept = piece[:-1] if character in _NEVER_FIRST else piece
            yield kept.rstrip()
            piece = piece[len(kept) :]
            used = cells(piece)
        piece += character
        used += cell
    yield piece.lstrip()


def _cell(character: str) -> int:
    if unicodedata.category(character) in _WITHOUT_WIDTH and character != _SOFT_HYPHEN:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
