"""What one written word answers to: its spellings, its parts, its readings as a number or name."""

import re
from typing import Final, NamedTuple

from aggregator.text.folding import fold, lower, spellings

_CLITICS: Final = frozenset({"s", "ll", "re", "ve", "d", "m"})
_ELISIONS: Final = frozenset(
    {"l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}
    | {"all", "dall", "dell", "nell", "sull", "quell", "un"}
)
_HANGUL: Final = re.compile("[가-힣]{2,}")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_DOTTED_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_LONGEST_TERM: Final = 64
_SYLLABLES: Final = range(2, 5)
_INITIALS: Final = 2
_MOST_PARTS: Final = 4


class Unit(NamedTuple):
    """One position, whatever the language: offsets, what it answers to, what it asks as a query.

    `stemmed` is the lower-case word, accents and all, whose stems belong to both.
    """

    start: int
    end: int
    names: tuple[str, ...]
    asked: tuple[str, ...]
    stemmed: str = ""


def acronym(start: int, written: str) -> Unit:
    """`U.S.` answers to `us` and asks for itself alone, so that it never finds the pronoun."""
    dotted = fold(written[:_LONGEST_TERM])
    plain = dotted.replace(".", "")
    asked = (dotted,) if len(plain) == _INITIALS else (plain,)
    return Unit(start, start + len(written), (plain, dotted), asked)


def number(start: int, written: str) -> Unit:
    """`1,000` is `1000`; `1.000` is that too; `3,5` is `3.5`."""
    digits = fold(written[:_LONGEST_TERM])
    names = [digits.replace(",", "" if _THOUSANDS.match(digits) else ".")]
    if _DOTTED_THOUSANDS.match(digits):
        names.append(digits.replace(".", "").replace(",", "."))
    return Unit(start, start + len(written), tuple(names), tuple(names))


def symbol(start: int, written: str) -> Unit:
    """`C++`, `C#`; a longer name such as `Notepad++` answers to its letters as well."""
    whole = fold(written[-_LONGEST_TERM:])
    bare = whole.rstrip("+#")
    names = (whole, bare) if len(bare) > 1 else (whole,)
    return Unit(start, start + len(written), names, (whole,))


def firm(start: int, written: str) -> Unit:
    """`AT&T` is one word, also typed without the ampersand."""
    whole = fold(written[:_LONGEST_TERM])
    return Unit(start, start + len(written), (whole, whole.replace("&", "")), (whole,))


def word(start: int, written: str) -> Unit:
    """A word with its apostrophes: `Iran's` and `l'Iran` are `iran`, `O'Neill` is `oneill`."""
    end = start + len(written)
    parts = written.replace('"', "").split("'")
    while len(parts) > 1 and parts[-1].lower() in _CLITICS:
        parts.pop()
    if len(parts) == 1:
        return _plain(start, end, parts[0])
    elided = parts[0].lower() in _ELISIONS
    unit = _plain(start, end, "".join(parts[elided:]))
    others = ["".join(parts)] if elided else parts
    names = (fold(other[:_LONGEST_TERM]) for other in others[:_MOST_PARTS])
    return unit._replace(names=tuple(dict.fromkeys((*unit.names, *filter(None, names)))))


def _plain(start: int, end: int, written: str) -> Unit:
    written = written[:_LONGEST_TERM]
    names = tuple(name for name in spellings(written) if name)
    extra: tuple[str, ...] = ()
    if len(written) == _INITIALS and written.isupper() and written.isalpha():
        extra = (".".join(map(fold, written)),)
    elif names and _HANGUL.search(written):
        extra = _syllables(names[0])
    return Unit(start, end, (*names, *extra), names, lower(written))


def _syllables(name: str) -> tuple[str, ...]:
    """The parts of a Korean word: particles cling to its end, compounds hide it in the middle."""
    windows = (name[at : at + size] for size in _SYLLABLES for at in range(len(name) - size + 1))
    return tuple(dict.fromkeys(part for part in windows if part != name))
