"""Snowball stems by language, written `stem~xx` so that languages never mix."""

from collections import defaultdict
from functools import cache, lru_cache
from typing import Final

import Stemmer

from aggregator.text.folding import fold

_ALGORITHMS: Final = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque",
    "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "st": "sesotho",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
LANGUAGES: Final = frozenset(_ALGORITHMS)
"""Languages that have stems."""
_SCRIPTS: Final = (
    ("\u0024", "\u024f", "latin"), ("\u1e00", "\u1eff", "latin"), ("\u0370", "\u03ff", "greek"),
    ("\u1f00", "\u1fff", "greek"), ("\u0400", "\u052f", "cyrillic"),
    ("\u0530", "\u058f", "armenian"), ("\u0590", "\u05ff", "hebrew"),
    ("\u0600", "\u08ff", "arabic"), ("\u0900", "\u097f", "devanagari"),
    ("\u0b80", "\u0bff", "tamil"),
)  # fmt: skip
_SCRIPT_OF: Final = defaultdict(
    lambda: "latin",
    {"ar": "arabic", "el": "greek", "fa": "arabic", "hi": "devanagari", "hy": "armenian",
     "ne": "devanagari", "ru": "cyrillic", "ta": "tamil", "yi": "hebrew"},
)  # fmt: skip
_SHORTEST = 3


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_ALGORITHMS[language], 0)


def _script(word: str) -> str | None:
    if word.isascii():
        return "latin"
    first = word[:1]
    return next((name for low, high, name in _SCRIPTS if low <= first <= high), None)


@lru_cache(maxsize=1 << 12)
def stem(word: str, language: str | None) -> str | None:
    """`stem~xx` of a lower-case word with its accents; None for what this language has no stem of.

    A word that is its own stem has one too: `protest~en` is what `protests` looks for.
    """
    if (
        language not in _ALGORITHMS
        or len(word) < _SHORTEST
        or _script(word) != _SCRIPT_OF[language]
    ):
        return None
    if not word.isalpha() and any(map(str.isdigit, word)):
        return None
    return f"{fold(_stemmer(language).stemWord(word))}~{language}"


@lru_cache(maxsize=1 << 12)
def stems(word: str) -> frozenset[str]:
    """The stems of a lower-case word under every language whose script it is written in."""
    return frozenset(filter(None, (stem(word, language) for language in _ALGORITHMS)))
