"""Folding: case, width, accents and look-alike characters, the same for texts and for queries."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final


def _marks() -> str:
    """Every combining mark of the Basic Multilingual Plane, as ranges of a character class."""
    points = (*range(0x300, 0x3100), *range(0xA66F, 0xAC00), *range(0xFE00, 0xFE30))
    marks = [point for point in points if unicodedata.category(chr(point)).startswith("M")]
    first = [point for before, point in pairwise([0, *marks]) if point != before + 1]
    last = [point for point, after in pairwise([*marks, 0]) if after != point + 1]
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in zip(first, last, strict=True))


MARKS: Final = _marks() + "\uff9e\uff9f"
"""Combining marks, as the inside of a character class."""

INVISIBLE: Final = "\u00ad\u200b-\u200f\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff"
"""Characters that stand inside words and show nothing: soft hyphens, joiners, directions."""

SEGMENTLESS: Final = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecf\u1000-\u1049\u1050-\u109f\u1780-\u17d3"  # Thai … Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u3035\u3038-\u303c\u3041-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""Scripts written without spaces between words, as the inside of a character class."""

_ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0"
    "\u0f20\u1040\u1090\u17e0\u1810"
)
_ALIKE: Final = (
    {chr(0xFF01 + step): chr(0x21 + step) for step in range(94)}
    | {chr(ord(zero) + digit): str(digit) for zero in _ZEROS for digit in range(10)}
    | dict.fromkeys("\u2018\u2019\u02bb\u02bc\u055a\u05f3", "'")
    | dict.fromkeys("\u2010\u2011\u05be", "-")
    | dict.fromkeys("_\uff3f¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅟", " ")
    | {"\u066b": ".", "\u066c": ",", "\u05f4": '"'}
)
_ALIKES = re.compile(
    "[" + re.escape("".join(_ALIKE)) + "]|(?<=[\u0600-\u06ff])\u200c(?=[\u0600-\u06ff])"
)

_STRIPPED = "A-\u052f\u0590-\u06ff\u0750-\u077f\u08a0-\u08ff"
_MARKS_TO_STRIP = re.compile(f"(?<=[{_STRIPPED}])[{MARKS}]+")
_UNWRITTEN = re.compile(f"[{INVISIBLE}]+")
_FOREIGN = re.compile(f"[^\\w{MARKS}.&+#]+|_+")
_LETTERS = str.maketrans(
    dict(zip("øłđðħıŋŧĸ", "olddhintk", strict=True))
    | {"þ": "th", "æ": "ae", "œ": "oe", "\u0640": ""}
    | dict.fromkeys("\u0649\u06cc\u06d2", "\u064a")  # yeh
    | dict.fromkeys("\u0629\u06c1\u06be\u06d5\u06c3", "\u0647")  # heh
    | {"\u06a9": "\u0643", "\u0671": "\u0627"}  # kaf, alef
    | {"\u093c": "", "\u0901": "\u0902"}  # nukta, chandrabindu
)
_NASALS = re.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])")
_ANUSVARA = "\u0902"
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def alike(text: str) -> str:
    """Write what joins or separates words one way; every offset stays what it was."""
    if text.isascii():
        return text.replace("_", " ")
    return _ALIKES.sub(lambda match: _ALIKE.get(match[0], "-"), text)


def lower(word: str) -> str:
    """Fold case and width, and keep accents."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKC", _UNWRITTEN.sub("", word)).casefold()
    word = unicodedata.normalize("NFKC", word).replace("i\u0307", "i")  # from the Turkish İ
    return _FOREIGN.sub("", word)


@lru_cache(maxsize=1 << 12)
def fold(word: str) -> str:
    """Fold case, width, accents and variants of letters; vowels of Indic and Thai words stay."""
    if word.isascii():
        return word.lower()
    stripped = _MARKS_TO_STRIP.sub("", unicodedata.normalize("NFD", lower(word)))
    folded = unicodedata.normalize("NFC", stripped.translate(_LETTERS))
    return _NASALS.sub(_ANUSVARA, folded) if "\u0900" <= folded[:1] <= "\u097f" else folded


def spellings(word: str) -> tuple[str, ...]:
    """The folded word, and where it has umlauts the way they are typed without them."""
    folded = fold(word)
    if word.isascii():
        return (folded,)
    spelled = fold(lower(word).translate(_DIGRAPHS))
    return (folded,) if spelled == folded else (folded, spelled)
