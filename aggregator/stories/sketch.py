"""What placing needs to know of an article, small enough to be kept for days."""

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from aggregator import text, urls
from aggregator.model import Article
from aggregator.stories import kinds
from aggregator.stories.copies import PERMUTATIONS, Signature, signatures
from aggregator.stories.names import names
from aggregator.stories.words import Weighted, telling, weighted

_LINK: Final = re.compile(r"""<a\b[^>]{0,200}?\bhref=["']?(https?://[^"'\s>]{8,500})""")
_FORM: Final = "<HH{}I{}q"
_TEXT_CHARACTERS = 2_400
_MOST_LINKS = 30
_BODY_WORDS, _BODY_TERMS = 300, 48
BODY_WEIGHT = 0.7
"""Weight of a term that only the text has, to tell the same affair."""


@dataclass(frozen=True, slots=True)
class Prints:
    """What only the whole article tells: signatures of its text, hashes of what it links to.

    `page` is the hash of the article's own address, `body` the first terms of the text that stand
    neither in the title nor in the head of the summary.
    """

    signatures: tuple[Signature, ...] = ()
    links: frozenset[int] = frozenset()
    page: int | None = None
    body: tuple[str, ...] = ()

    def pack(self) -> bytes:
        """The prints as bytes: two counts, 32-bit signatures, 64-bit hashes, terms by line."""
        links = sorted(self.links)
        numbers = [number for each in self.signatures for number in each]
        page = -1 if self.page is None else self.page
        form = _FORM.format(len(numbers), len(links) + 1)
        packed = struct.pack(form, len(numbers), len(links) + 1, *numbers, *links, page)
        return packed + "\n".join(self.body).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Prints":
        """The inverse of `pack`; earlier versions kept no terms."""
        first, second = struct.unpack_from("<HH", packed)
        form = _FORM.format(first, second)
        found = struct.unpack_from(form, packed)[2:]
        body = packed[struct.calcsize(form) :].decode()
        numbers, (*links, page) = found[:first], found[first:]
        signed = (numbers[at : at + PERMUTATIONS] for at in range(0, first, PERMUTATIONS))
        terms = tuple(body.split("\n")) if body else ()
        return cls(tuple(signed), frozenset(links), None if page < 0 else page, terms)


@dataclass(frozen=True, slots=True)
class Sketch:
    """An article as the desk sees it; `head` and `wide` are unweighted by rarity.

    `titled` are the terms of the title, `names` those with a capital in mid-sentence.
    """

    id: str
    date: datetime
    feed: str
    language: str | None
    head: Mapping[str, float]
    wide: Mapping[str, float]
    surfaces: Mapping[str, str]
    titled: frozenset[str]
    names: frozenset[str]
    prints: Prints
    is_service: bool
    is_question: bool

    @classmethod
    def of(cls, article: Article) -> "Sketch":
        """Sketch a whole article."""
        feed = article.sightings[0].feed_url if article.sightings else ""
        words = weighted(article.title, article.summary, article.language)
        return cls.known(
            article.id,
            article.date,
            feed,
            title=article.title,
            summary=article.summary,
            language=article.language,
            prints=_prints(article, words),
            words=words,
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
        words: Weighted | None = None,
    ) -> "Sketch":
        """Sketch an article whose prints were taken before."""
        words = words or weighted(title, summary, language)
        return cls(
            id=id,
            date=date,
            feed=feed,
            language=text.primary(language),
            head=words.head,
            wide={**dict.fromkeys(prints.body, BODY_WEIGHT), **words.wide},
            surfaces=words.surfaces,
            titled=words.titled,
            names=names(title, summary, language),
            prints=prints,
            is_service=kinds.is_service(title),
            is_question=kinds.is_question(title),
        )


def _prints(article: Article, words: Weighted) -> Prints:
    """Costs as much as the rest of placing."""
    told = text.terms(article.text[:_TEXT_CHARACTERS], article.language)
    links = _LINK.findall(article.content_html)[:_MOST_LINKS]
    return Prints(
        signatures([each[0] for each in told if each], words.lead),
        frozenset(_hash(url) for url in links if urls.identifies(url)),
        _hash(article.url) if article.url and urls.identifies(article.url) else None,
        _body(told, words, article.language),
    )


def _body(
    told: Sequence[tuple[str, ...]], words: Weighted, language: str | None
) -> tuple[str, ...]:
    further = (each for each in telling(told[:_BODY_WORDS], language) if each not in words.wide)
    terms: dict[str, None] = {}
    while len(terms) < _BODY_TERMS and (term := next(further, None)) is not None:
        terms[term] = None
    return tuple(terms)


def _hash(url: str) -> int:
    digest = blake2b(urls.identity(url).encode(errors="replace"), digest_size=6).digest()
    return int.from_bytes(digest, "big")
