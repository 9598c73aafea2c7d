"""What placing needs to know of an article, small enough to be kept for days."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from aggregator import text, urls
from aggregator.model import Article
from aggregator.stories import kinds
from aggregator.stories.copies import PERMUTATIONS, Signature, signatures
from aggregator.stories.words import weighted

_LINK: Final = re.compile(r"""<a\b[^>]{0,200}?\bhref=["']?(https?://[^"'\s>]{8,500})""")
_FORM: Final = "<HH{}I{}q"
_TEXT_CHARACTERS = 2_400
_MOST_LINKS = 30


@dataclass(frozen=True, slots=True)
class Prints:
    """What only the whole article tells: signatures of its text, hashes of what it links to.

    `page` is the hash of the article's own address.
    """

    signatures: tuple[Signature, ...] = ()
    links: frozenset[int] = frozenset()
    page: int | None = None

    def pack(self) -> bytes:
        """The prints as bytes: two counts, signatures of 32-bit numbers, 64-bit hashes."""
        links = sorted(self.links)
        numbers = [number for each in self.signatures for number in each]
        page = -1 if self.page is None else self.page
        form = _FORM.format(len(numbers), len(links) + 1)
        return struct.pack(form, len(numbers), len(links) + 1, *numbers, *links, page)

    @classmethod
    def unpack(cls, packed: bytes) -> "Prints":
        """The inverse of `pack`."""
        first, second = struct.unpack_from("<HH", packed)
        found = struct.unpack(_FORM.format(first, second), packed)[2:]
        numbers, (*links, page) = found[:first], found[first:]
        signed = (numbers[at : at + PERMUTATIONS] for at in range(0, first, PERMUTATIONS))
        return cls(tuple(signed), frozenset(links), None if page < 0 else page)


@dataclass(frozen=True, slots=True)
class Sketch:
    """An article as the desk sees it; `head` and `wide` are unweighted by rarity."""

    id: str
    date: datetime
    feed: str
    head: Mapping[str, float]
    wide: Mapping[str, float]
    surfaces: Mapping[str, str]
    prints: Prints
    is_service: bool
    is_question: bool

    @classmethod
    def of(cls, article: Article) -> "Sketch":
        """Sketch a whole article."""
        feed = article.sightings[0].feed_url if article.sightings else ""
        return cls.known(
            article.id,
            article.date,
            feed,
            title=article.title,
            summary=article.summary,
            language=article.language,
            prints=prints(article),
        )

    @classmethod
    def known(
        cls,
        id: str,
        date: datetime,
        feed: str,
        *,
        title: str,
        summary: str,
        language: str | None,
        prints: Prints,
    ) -> "Sketch":
        """Sketch an article whose prints were taken before."""
        words = weighted(title, summary, language)
        return cls(
            id=id,
            date=date,
            feed=feed,
            head=words.head,
            wide=words.wide,
            surfaces=words.surfaces,
            prints=prints,
            is_service=kinds.is_service(title),
            is_question=kinds.is_question(title),
        )


def prints(article: Article) -> Prints:
    """Take the prints of an article: costs as much as the rest of placing it."""
    lead = weighted("", article.summary, article.language).lead
    told = text.terms(article.text[:_TEXT_CHARACTERS], article.language)
    words = [each[0] for each in told if each]
    links = _LINK.findall(article.content_html)[:_MOST_LINKS]
    return Prints(
        signatures(words, lead),
        frozenset(_hash(url) for url in links if urls.identifies(url)),
        _hash(article.url) if article.url and urls.identifies(article.url) else None,
    )


def _hash(url: str) -> int:
    digest = blake2b(urls.identity(url).encode(errors="replace"), digest_size=6).digest()
    return int.from_bytes(digest, "big")
