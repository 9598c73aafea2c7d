"""Names in news: words with a capital in mid-sentence. Rare ones mark an affair, places do not."""

import re
from functools import cache, lru_cache
from typing import Final

from aggregator import text
from aggregator.stories.words import term
from aggregator.text.regions import REGIONS

_UPPER: Final = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŸŹŻŽΑ-ΩА-ЯЁІЇЄҐ"
_NAME: Final = re.compile(rf"(?<=\w)[,;]? +[\"'“‘«(]?([{_UPPER}][\w’'-]*)")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_TITLE_CASE: Final = 0.6
"""Share of long words with a capital from which a title says nothing by capitals."""
_CAPITAL_NOUNS: Final = frozenset({"de", "lb"})
"""Languages that write every noun like a name."""
_SUMMARY_CHARACTERS: Final = 400
_PEOPLES: Final = """
    africa african america american arab arabian asia asian britain british chinese christian
    danish dutch europe european french german greek islamic japanese jewish muslim norwegian
    polish portuguese spanish swedish swiss turkish welsh россия россии украина украины сша китай
    китая германия европа москва москвы
"""
"""Continents, peoples and faiths whose names are not those of a country with an ending."""
_STEMMED: Final = ("en", "es", "fr", "it", "pt", "ru")
_HUBS: Final = "us u.s. usa america american eu europe european east west north south new united"
"""What is in everybody's news, and words that many regions share."""
_COUNTRY_LETTERS: Final = 4
_KNOWN: Final = 10_000
_SHORTEST_REGION, _LONGEST_ENDING, _LONGEST_LOSS = 4, 3, 2


def names(title: str, summary: str, language: str | None) -> frozenset[str]:
    """The terms that stand with a capital where no sentence begins; none where all nouns do."""
    if text.primary(language) in _CAPITAL_NOUNS:
        return frozenset()
    told = [summary[:_SUMMARY_CHARACTERS]]
    if not _is_title_case(title):
        told.append(title)
    found = " ".join(name for each in told for name in _NAME.findall(each))
    return frozenset(term(each) for each in text.terms(found, language) if each)


def _is_title_case(title: str) -> bool:
    words = _LONG_WORD.findall(title)
    return bool(words) and sum(word[0].isupper() for word in words) > _TITLE_CASE * len(words)


@lru_cache(_KNOWN)
def is_region(name: str) -> bool:
    """Whether a term names a country, a part of one, or its people: Kenya, Kenyan."""
    regions = _regions()
    if name in regions:
        return True
    if len(name) < _SHORTEST_REGION:
        return False
    ends = (name[:-cut] for cut in range(1, _LONGEST_ENDING + 1))
    return name in _shortened() or any(
        len(each) >= _SHORTEST_REGION and each in regions for each in ends
    )


@cache
def _shortened() -> frozenset[str]:
    """Regions without their last letters, as stems are: Israel, Israeli."""
    cut = (region[:-loss] for region in _regions() for loss in range(1, _LONGEST_LOSS + 1))
    return frozenset(each for each in cut if len(each) >= _SHORTEST_REGION)


def country(name: str) -> str | None:
    """The country that a term names, by its first letters: Iran and Iranian are the same."""
    return name[:_COUNTRY_LETTERS] if is_region(name) and name not in _hubs() else None


@cache
def _hubs() -> frozenset[str]:
    return frozenset(term(each) for each in text.terms(_HUBS, "en") if each)


@cache
def _regions() -> frozenset[str]:
    """The words of regions, as they are and stemmed."""
    words = " ".join((*REGIONS, _PEOPLES))
    found = (each for language in _STEMMED for each in text.terms(words, language) if each)
    return frozenset(form for each in found for form in (each[0], term(each)))
