"""Near-duplicate texts by MinHash: wire copies, with the agency or the first publisher named."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import eq

from rensa import RMinHash

from aggregator import urls
from aggregator.model import Article

COPY = 0.6
"""Estimated Jaccard similarity of word shingles from which one text is a copy of another."""
PERMUTATIONS = 64
SIGNATURE = 2 * PERMUTATIONS
"""Bytes of a signature."""
BANDS, BAND = 8, 3
"""So .86 of the texts are found that are just alike enough, and .997 of those that are .8 alike."""
SHINGLE = 3
LEAD_WORDS, LEAD_LEAST = 24, 16
TEXT_WORDS, TEXT_LEAST = 400, 40
AGENCIES = ("Reuters", "Associated Press", "AP", "AFP", "dpa", "ANSA", "EFE", "TASS", "Xinhua")

Signature = bytes
"""16 bits of each hash: two are alike by chance once in 65,536."""


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
    return kept(hashed.digest())


def kept(numbers: Iterable[int]) -> Signature:
    """The signature of hashes, shortened."""
    return b"".join((number & 0xFFFF).to_bytes(2, "little") for number in numbers)


def likeness(one: Sequence[Signature], other: Sequence[Signature]) -> float:
    """The Jaccard similarity of the two signatures that are most alike, estimated."""
    return max((_jaccard(mine, theirs) for mine in one for theirs in other), default=0.0)


def _jaccard(one: Signature, other: Signature) -> float:
    same: int = sum(map(eq, memoryview(one).cast("H"), memoryview(other).cast("H")))
    return same / PERMUTATIONS


def bands(signature: Signature) -> Iterator[Signature]:
    """Parts of a signature: of two copies one at least is the same, nearly always."""
    return (signature[at : at + 2 * BAND] for at in range(0, 2 * BANDS * BAND, 2 * BAND))


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
