"""Near-duplicate texts by MinHash: wire copies, with the agency or the first publisher named."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rensa import RMinHash

from aggregator import urls
from aggregator.model import Article

COPY = 0.6
"""Estimated Jaccard similarity of word shingles from which one text is a copy of another."""
PERMUTATIONS, BAND = 64, 4
SHINGLE = 3
LEAD_WORDS, LEAD_LEAST = 24, 16
TEXT_WORDS, TEXT_LEAST = 400, 40
AGENCIES = ("Reuters", "Associated Press", "AP", "AFP", "dpa", "ANSA", "EFE", "TASS", "Xinhua")

Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies of one text in order of time, and whose it is: an agency or a publisher."""

    origin: str
    ids: tuple[str, ...]


def signatures(words: Sequence[str], lead: Sequence[str]) -> tuple[Signature, ...]:
    """The signatures of a text and of its lead, which a feed that shortens still carries."""
    told: list[Signature] = []
    if len(lead) >= LEAD_LEAST:
        told.append(_signature(lead[:LEAD_WORDS]))
    if len(words) >= TEXT_LEAST:
        told.append(_signature(words[:TEXT_WORDS]))
    return tuple(told)


def _signature(words: Sequence[str]) -> Signature:
    hashed = RMinHash(PERMUTATIONS, 1)
    hashed.update([" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)])
    return tuple(hashed.digest())


MOST_COPIES = 50
"""Of the articles with one band, so many are compared, the latest: a feed may repeat a text."""


class Twins:
    """Finds earlier articles with nearly the same text, by banded signatures."""

    def __init__(self) -> None:
        self._bands: defaultdict[tuple[int, Signature], list[str]] = defaultdict(list)
        self._signatures: dict[str, tuple[Signature, ...]] = {}

    def find(self, signatures: Sequence[Signature]) -> list[tuple[float, str]]:
        """The ids of copies and how alike they are, the likest first."""
        keys = (key for each in signatures for key in _bands(each))
        ids = {one for key in keys for one in self._bands.get(key, [])[-MOST_COPIES:]}
        alike = ((_likest(signatures, self._signatures[one]), one) for one in ids)
        return sorted(
            ((share, one) for share, one in alike if share >= COPY),
            key=lambda pair: (-pair[0], pair[1]),
        )

    def remember(self, id: str, signatures: Sequence[Signature]) -> None:
        """Make an article's texts findable."""
        if signatures:
            self._signatures[id] = tuple(signatures)
        for key in (key for each in signatures for key in _bands(each)):
            self._bands[key].append(id)

    def forget(self, id: str) -> None:
        """Find this article no longer."""
        for key in (key for each in self._signatures.pop(id, ()) for key in _bands(each)):
            ids = self._bands[key]
            ids.remove(id)
            if not ids:
                del self._bands[key]


def _likest(one: Sequence[Signature], other: Sequence[Signature]) -> float:
    return max(_jaccard(mine, theirs) for mine in one for theirs in other)


def _jaccard(one: Signature, other: Signature) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / PERMUTATIONS


def _bands(signature: Signature) -> Iterator[tuple[int, Signature]]:
    for start in range(0, PERMUTATIONS, BAND):
        yield start, signature[start : start + BAND]


def copy_sets(members: Sequence[Article], pairs: Mapping[str, str]) -> tuple[Copies, ...]:
    """The sets of copies among a story's articles; `pairs` says which article copies which.

    The origin is the agency that a dateline or a byline names, else the feed that was first.
    """
    sets: defaultdict[str, list[Article]] = defaultdict(list)
    for article in sorted(members, key=lambda each: (each.date, each.id)):
        sets[_root(article.id, pairs)].append(article)
    return tuple(
        Copies(_origin(alike), tuple(article.id for article in alike))
        for alike in sets.values()
        if len(alike) > 1
    )


def _root(copy: str, pairs: Mapping[str, str]) -> str:
    seen = {copy}
    while (original := pairs.get(copy)) is not None and original not in seen:
        seen.add(original)
        copy = original
    return copy


def _origin(alike: Sequence[Article]) -> str:
    named = (article.dateline.agency or _signed(article) for article in alike)
    first = alike[0].sightings[0] if alike[0].sightings else None
    publisher = (first.feed_title or urls.host(first.feed_url)) if first else ""
    return next(filter(None, named), publisher)


def _signed(article: Article) -> str | None:
    words = {word.strip("().,") for author in article.authors for word in author.split()}
    return next((a for a in AGENCIES if a in words or a in article.authors), None)
