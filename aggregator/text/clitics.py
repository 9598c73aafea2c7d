"""Small words that Hebrew and Arabic write as the first letters of the next one."""

import re
from collections.abc import Iterator
from typing import Final

_HEBREW: Final = re.compile("(ו)?(כש|ש)?(?:([בכל])|(מ)?(ה)?)")
_ARABIC: Final = re.compile("([وف])?(?:(لل)|([بكل])?(ال)?)")
_PATTERNS: Final = {"he": (_HEBREW,), "ar": (_ARABIC,), "arz": (_ARABIC,)}
_ANY: Final = (_HEBREW, _ARABIC)
_ARTICLE: Final = re.compile("(ה)(?=[א-ת])|(ال)(?=[ء-ي])")
_SHORTEST: Final = 3
LANGUAGES: Final = frozenset(_PATTERNS)
"""Languages whose words lose such letters here."""


def without_clitics(name: str, language: str | None) -> Iterator[str]:
    """A folded word without its first small words: `והבחירות` as `הבחירות` and `בחירות`.

    In Hebrew, Arabic and unknown languages; what is left has at least three letters. What may be a
    small word may be part of the word as well, so that these are variants, never the word itself.
    """
    if "א" <= name[:1] <= "ي":
        for pattern in _PATTERNS.get(language, ()) if language else _ANY:
            yield from _without(pattern, name)


def without_article(name: str) -> Iterator[str]:
    """A folded word of a query without its article: who asks for `הבחירות` means `בחירות`, too."""
    if "א" <= name[:1] <= "ي":
        yield from _without(_ARTICLE, name)


def _without(pattern: re.Pattern[str], name: str) -> Iterator[str]:
    match = pattern.match(name)
    for end in (
        sorted({match.end(group) for group in range(1, pattern.groups + 1)}) if match else ()
    ):
        if 0 < end <= len(name) - _SHORTEST:
            yield name[end:]
