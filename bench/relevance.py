"""Relevance: nDCG@10 of every search engine beside plain BM25F with stems, on judged questions.

python bench/relevance.py

The collection is the demo's newsroom: invented articles of fourteen papers, several of them often
on one event. `relevance-topics.tsv` has questions as people type them, and by slug the articles
that answer them, 2 for those about it and 1 for those with something on it.
"""

import csv
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from statistics import mean
from zoneinfo import ZoneInfo

from measure import print_table
from whoosh import fields, index, qparser
from whoosh.analysis import LanguageAnalyzer
from whoosh.lang.stopwords import stoplists

from aggregator import query
from aggregator.demo.newsroom import Paper, Piece, load
from aggregator.model import Article, Sighting, Tag, article_id
from aggregator.search import ENGINES, maker
from aggregator.text import slug

TOPICS = Path(__file__).parent / "relevance-topics.tsv"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEPTH = 10
LANGUAGES = ("en", "de", "fr", "es", "ru")
SMALL = {language: stoplists[language] for language in LANGUAGES}
Answer = Callable[["Topic"], Sequence[str]]
"""Slugs, best first."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A question with the grades of the articles that answer it, by slug."""

    language: str
    asked: str
    grades: Mapping[str, int]


def topics() -> list[Topic]:
    """The judged questions."""
    with TOPICS.open(encoding="utf-8", newline="") as lines:
        return [
            Topic(language, asked, {name: int(grade) for name, grade in _pairs(answers)})
            for language, asked, answers in list(csv.reader(lines, delimiter="\t"))[1:]
        ]


def articles() -> list[Article]:
    """The newsroom's articles as the archive would hold them, with slugs for ids."""
    return [_article(paper, piece) for paper in load(NOW) for piece in paper.pieces]


def ours(engine: str, join: str, directory: Path, held: Sequence[Article]) -> Answer:
    """An engine of the table on questions whose words are joined by an operator."""
    made = maker(engine).create(directory / f"{engine}-{join}")
    made.fill(map(query.record, held))

    def answer(topic: Topic) -> Sequence[str]:
        words = f" {join} ".join(_telling(topic))
        written = f"({words}) language:{topic.language}"
        bound = query.bind(query.parse(written), now=NOW, timezone=ZoneInfo("UTC"))
        return made.search(bound, sort="relevance", limit=DEPTH, offset=0).ids

    return answer


def plain(group: type, directory: Path, held: Sequence[Article]) -> Answer:
    """Whoosh's own BM25F over title and text, with the stems of its language's Snowball stemmer."""
    indexes = {}
    for language in sorted({article.language or "" for article in held}):
        if language in LANGUAGES:
            analyzer = LanguageAnalyzer(language)
            schema = fields.Schema(
                id=fields.ID(stored=True), title=fields.TEXT(analyzer), text=fields.TEXT(analyzer)
            )
            (directory / f"plain-{group.__name__}-{language}").mkdir()
            made = index.create_in(directory / f"plain-{group.__name__}-{language}", schema)
            writer = made.writer()
            for each in held:
                if each.language == language:
                    writer.add_document(id=each.id, title=each.title, text=_said(each))
            writer.commit()
            indexes[language] = made

    def answer(topic: Topic) -> Sequence[str]:
        made = indexes[topic.language]
        parser = qparser.MultifieldParser(["title", "text"], made.schema, group=group)
        with made.searcher() as searcher:
            return [hit["id"] for hit in searcher.search(parser.parse(topic.asked), limit=DEPTH)]

    return answer


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Normalized discounted cumulative gain of the first ten, gains 2^grade - 1."""
    ideal = sorted(grades.values(), reverse=True)[:DEPTH]
    return _gain([grades.get(name, 0) for name in found[:DEPTH]]) / _gain(ideal)


def main() -> None:
    """Ask all, print all."""
    logging.disable()
    held, asked = articles(), topics()
    known = {each.id for each in held}
    if lost := {name for topic in asked for name in topic.grades} - known:
        raise SystemExit(f"there are no articles {', '.join(sorted(lost))}")
    with tempfile.TemporaryDirectory() as directory:
        rows = [
            _row(joined, name, answer, asked)
            for joined, name, answer in _contenders(Path(directory), held)
        ]
    print(f"{len(asked)} questions, {len(held)} articles\n")
    print_table(("", "nDCG@10", "found nothing"), rows)


def _contenders(directory: Path, held: Sequence[Article]) -> list[tuple[str, str, Answer]]:
    found = []
    for joined, operator, group in (
        ("any word", "OR", qparser.OrGroup),
        ("all words", "AND", qparser.AndGroup),
    ):
        found += [(joined, name, ours(name, operator, directory, held)) for name in ENGINES]
        found.append((joined, "plain BM25F", plain(group, directory, held)))
    return found


def _row(joined: str, name: str, answer: Answer, asked: Sequence[Topic]) -> tuple[str, ...]:
    found = [answer(topic) for topic in asked]
    scores = [ndcg(each, topic.grades) for each, topic in zip(found, asked, strict=True)]
    return f"{joined}: {name}", f"{mean(scores):.3f}", str(sum(not each for each in found))


def _telling(topic: Topic) -> list[str]:
    """The words of a question but those that the other side leaves out, too."""
    return [word for word in topic.asked.split() if word not in SMALL[topic.language]]


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


def _pairs(answers: str) -> list[tuple[str, str]]:
    return [(name, grade) for name, _, grade in (each.partition("=") for each in answers.split())]


def _said(article: Article) -> str:
    return f"{article.summary}\n\n{article.text}"


def _article(paper: Paper, piece: Piece) -> Article:
    feed = f"https://{paper.slug}.example/feed.xml"
    url = f"https://{paper.slug}.example/{piece.slug}"
    made = Article(
        id=article_id(url),
        url=url,
        title=piece.title,
        summary=piece.summary,
        content_html="",
        text=piece.body,
        date=piece.published,
        first_seen=piece.published,
        published=piece.published,
        authors=piece.authors,
        language=paper.language,
        words=len(piece.body.split()),
        sightings=(Sighting(feed, paper.title, url, piece.categories),),
        tags=tuple(
            Tag(slug(label), label, "feed", "its feed says so") for label in piece.categories
        ),
    )
    return replace(made, id=piece.slug)


if __name__ == "__main__":
    main()
