"""News-like English made from a seed: a Zipf vocabulary, articles of a theme, HTML around them."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate

WORDS = 30_000
ZIPF_OFFSET = 2.7
"""Mandelbrot's shift of the rank: the word of rank r has the weight 1 / (r + 2.7)."""
THEME_WORDS, THEME_SHARE = 12, 0.12
"""An article draws so many words of its own, which make up this share of its text."""
COMMON_RANKS = 150
"""Words above this rank are too common to be of a theme."""
TAGS = (
    "Africa", "Asia", "Books", "Business", "Cities", "Climate", "Courts", "Culture", "Economy",
    "Education", "Elections", "Energy", "Europe", "Film", "Football", "Health", "History",
    "Housing", "Law", "Media", "Middle East", "Migration", "Money", "Music", "Politics", "Science",
    "Space", "Sport", "Technology", "Weather",
)  # fmt: skip
END = datetime(2026, 10, 1, tzinfo=UTC)
_COMMON = """
    the of to and in a that for is on said it was as with by at he from be his has are have an
    will but not they this who their which had were after been more one its or about people
    would all when new also up than year out there two over she last her if other into years
    first could no what time government some state before can country against him them most
    while where part many world police president during minister week three how because since
    now between city national court public under day company percent home until work report
    election local around market million group party made states including being official news
"""
_ONSETS = (
    *"bbccddffgghjkllmmnnpprrssttvw",
    "br",
    "ch",
    "cl",
    "cr",
    "fl",
    "gr",
    "pl",
    "sh",
    "st",
    "th",
)
_VOWELS = (*"aaaeeeeiiioou", "ai", "ea", "ou")
_CODAS = (*"bddgllmnnnnprrrsstt", "ck", "ft", "ld", "mp", "nd", "ng", "nt", "rd", "rk", "rn", "st")
_ENDINGS = ("", "", "", "", "s", "s", "ed", "ing", "er", "ers", "ly", "tion", "ment", "al", "able")


@dataclass(frozen=True, slots=True)
class Item:
    """One article: plain paragraphs, and what a feed says about it."""

    number: int
    title: str
    paragraphs: tuple[str, ...]
    author: str
    tags: tuple[str, ...]
    date: datetime


class Newsprint:
    """Articles without end, the same ones for the same seed."""

    def __init__(self, seed: int, *, days: int) -> None:
        self._random = random.Random(seed)
        self._seconds = days * 86_400
        self._words, self._weights = _vocabulary()

    @staticmethod
    def words() -> list[str]:
        """The vocabulary, commonest words first."""
        return _vocabulary()[0]

    def item(self, number: int, words: int) -> Item:
        """An article of about `words` words."""
        dice = self._random
        theme = dice.choices(self._words[COMMON_RANKS:], k=THEME_WORDS)
        length = max(40, round(dice.gauss(words, words / 6)))
        text = dice.choices(self._words, cum_weights=self._weights, k=length)
        for place in dice.sample(range(length), round(length * THEME_SHARE)):
            text[place] = dice.choice(theme)
        return Item(
            number=number,
            title=self._title(theme),
            paragraphs=tuple(self._paragraphs(text)),
            author=" ".join(word.capitalize() for word in dice.choices(theme, k=2)),
            tags=tuple(dict.fromkeys(dice.choices(TAGS, weights=range(len(TAGS), 0, -1), k=3))),
            date=END - timedelta(seconds=dice.randrange(self._seconds)),
        )

    def _title(self, theme: list[str]) -> str:
        words = self._random.choices(self._words, cum_weights=self._weights, k=6)
        return " ".join([*self._random.sample(theme, 3), *words]).capitalize()

    def _paragraphs(self, words: list[str]) -> list[str]:
        sentences = []
        while words:
            length = self._random.randint(9, 28)
            sentence, words = words[:length], words[length:]
            comma = self._random.randrange(len(sentence))
            sentence[comma] += "," if comma < len(sentence) - 1 else ""
            sentences.append(" ".join(sentence).capitalize() + ".")
        return [" ".join(sentences[start : start + 3]) for start in range(0, len(sentences), 3)]


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """English function words at the head, then made-up words, short ones more often early."""
    dice = random.Random("vocabulary")
    made: dict[str, float] = {}
    while len(made) < WORDS - len(_COMMON.split()):
        word = _word(dice)
        made.setdefault(word, len(word) + dice.uniform(0, 5))
    weights = accumulate(1 / (rank + ZIPF_OFFSET) for rank in range(1, WORDS + 1))
    return [*_COMMON.split(), *sorted(made, key=made.__getitem__)], list(weights)


def _word(dice: random.Random) -> str:
    syllables = dice.choices((1, 2, 3), weights=(3, 5, 1))[0]
    stem = "".join(dice.choice(_ONSETS) + dice.choice(_VOWELS) for _ in range(syllables))
    return stem + dice.choice(_CODAS) + dice.choice(_ENDINGS)
