"""Taking the sketch of an article."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from aggregator import text, urls
from aggregator.model import Article
from aggregator.stories import kinds
from aggregator.stories.background import Background
from aggregator.stories.copies import Signature, signatures
from aggregator.stories.earlier import Earlier
from aggregator.stories.names import country, is_region, names
from aggregator.stories.sketch import COUNTRY, NAMED, REGION, TITLED, Sketch, Word, pack
from aggregator.stories.words import Term, Vector, Weighted, number, telling, weighted

_LINK: Final = re.compile(r"""<a\b[^>]{0,200}?\bhref=["']?(https?://[^"'\s>]{8,500})""")
_TEXT_CHARACTERS = 2_400
_MOST_LINKS = 30
_BODY_WORDS, _BODY_TERMS = 300, 48
BODY_WEIGHT = 0.7
"""Weight of a term that only the text has, to tell the same affair."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a sketch is taken of, but for the text; `feed` is the URL of who brought it."""

    id: str
    date: datetime
    feed: str
    title: str
    summary: str
    language: str | None


def sketched(article: Article, background: Background) -> Sketch:
    """The sketch of an article, its terms weighed by how rare they are in the background."""
    words = weighted(article.title, article.summary, article.language)
    told = text.terms(article.text[:_TEXT_CHARACTERS], article.language)
    source = Source(
        article.id,
        article.date,
        article.sightings[0].feed_url if article.sightings else "",
        article.title,
        article.summary,
        article.language,
    )
    return _sketch(
        source,
        words,
        background,
        signatures=signatures([each[0] for each in told if each], words.lead),
        links=_links(article),
        body=_body(told, words, article.language),
    )


def repacked(source: Source, earlier: Earlier, background: Background) -> Sketch:
    """The sketch of an article whose text is told by an earlier sketch alone."""
    words = weighted(source.title, source.summary, source.language)
    return _sketch(
        source,
        words,
        background,
        signatures=earlier.signatures,
        links=earlier.links,
        body=earlier.body,
    )


def _sketch(
    source: Source,
    words: Weighted,
    background: Background,
    *,
    signatures: Sequence[Signature],
    links: Collection[int],
    body: Iterable[str],
) -> Sketch:
    named = names(source.title, source.summary, source.language)
    wide = {**words.wide, **{stem: BODY_WEIGHT for stem in body if stem not in words.wide}}
    stems = _numbered((*wide, *sorted(named.difference(wide))))
    roles = _roles(words.titled, named)
    packed = pack(
        source.id,
        source.date,
        source.feed,
        text.primary(source.language),
        {term: Word(stem, words.surfaces.get(stem, "")) for term, stem in stems.items()},
        bytes([roles.get(stem, 0) for stem in stems.values()]),
        background.vector(_weights(stems, words.head)),
        background.vector(_weights(stems, wide)),
        countries=_countries(words.titled),
        signatures=signatures,
        links=links,
        is_service=kinds.is_service(source.title),
        is_question=kinds.is_question(source.title),
    )
    return Sketch(packed)


def _numbered(stems: Iterable[str]) -> dict[Term, str]:
    numbered: dict[Term, str] = {}
    for stem in stems:
        numbered.setdefault(number(stem), stem)
    return numbered


def _weights(stems: Mapping[Term, str], weights: Mapping[str, float]) -> Vector:
    return {term: weights[stem] for term, stem in stems.items() if stem in weights}


def _roles(titled: frozenset[str], named: frozenset[str]) -> dict[str, int]:
    roles = {stem: TITLED * (stem in titled) | NAMED * (stem in named) for stem in titled | named}
    for stem in filter(is_region, roles):
        roles[stem] |= REGION | COUNTRY * (stem in titled and country(stem) is not None)
    return roles


def _countries(stems: Iterable[str]) -> frozenset[int]:
    return frozenset(number(each) for each in map(country, stems) if each is not None)


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
