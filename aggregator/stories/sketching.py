"""Taking the sketch of an article."""

import re
import struct
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final

from aggregator import text, urls
from aggregator.model import Article
from aggregator.stories import kinds
from aggregator.stories.copies import PERMUTATIONS, Signature, kept, signatures
from aggregator.stories.names import names
from aggregator.stories.sketch import Sketch, pack
from aggregator.stories.words import Weighted, telling, weighted

_LINK: Final = re.compile(r"""<a\b[^>]{0,200}?\bhref=["']?(https?://[^"'\s>]{8,500})""")
_TEXT_CHARACTERS = 2_400
_MOST_LINKS = 30
_BODY_WORDS, _BODY_TERMS = 300, 48
_FIRST_COUNTS, _FIRST_FORM = "<HH", "<HH{}I{}q"


def sketched(article: Article) -> Sketch:
    """The sketch of an article."""
    words = weighted(article.title, article.summary, article.language)
    told = text.terms(article.text[:_TEXT_CHARACTERS], article.language)
    packed = _packed(
        article.title,
        article.summary,
        article.language,
        words,
        signatures=signatures([each[0] for each in told if each], words.lead),
        links=_links(article),
        body=_body(told, words, article.language),
    )
    feed = article.sightings[0].feed_url if article.sightings else ""
    return Sketch(article.id, article.date, feed, text.primary(article.language), packed)


def converted(
    id: str,
    date: datetime,
    feed: str,
    *,
    title: str,
    summary: str,
    language: str | None,
    packed: bytes,
) -> Sketch:
    """The sketch of an article of which form 0 is kept, that of earlier versions.

    It has two counts, signatures of 32-bit numbers, links, the own address or -1, terms by line.
    """
    numbers, linked = struct.unpack_from(_FIRST_COUNTS, packed)
    form = _FIRST_FORM.format(numbers, linked)
    found = struct.unpack_from(form, packed)[2:]
    body = packed[struct.calcsize(form) :].decode()
    starts = range(0, numbers, PERMUTATIONS)
    repacked = _packed(
        title,
        summary,
        language,
        weighted(title, summary, language),
        signatures=[kept(found[start : start + PERMUTATIONS]) for start in starts],
        links=frozenset(link for link in found[numbers:] if link >= 0),
        body=body.split("\n") if body else (),
    )
    return Sketch(id, date, feed, text.primary(language), repacked)


def _packed(
    title: str,
    summary: str,
    language: str | None,
    words: Weighted,
    *,
    signatures: Sequence[Signature],
    links: frozenset[int],
    body: Iterable[str],
) -> bytes:
    return pack(
        words,
        names(title, summary, language),
        body,
        signatures=signatures,
        links=links,
        is_service=kinds.is_service(title),
        is_question=kinds.is_question(title),
    )


def _links(article: Article) -> frozenset[int]:
    found = _LINK.findall(article.content_html)[:_MOST_LINKS]
    own = [article.url] if article.url else []
    return frozenset(_hash(url) for url in (*found, *own) if urls.identifies(url))


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
