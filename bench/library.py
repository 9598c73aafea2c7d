"""The articles of the search benchmark, and the questions that are asked about them.

Zipf-distributed English of `newsprint`: 590 words an article on average, log-normal as news is
(half of them under 490, one in twenty over 1,300), 30 tags (up to three each, the first ones
common, the last ones rare), dates over two years, 50 feeds.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TypeVar

from newsprint import Item, Newsprint

from aggregator.model import Article, Sighting, Tag, article_id
from aggregator.text import slug

T = TypeVar("T")

WORDS, SPREAD, DAYS, FEEDS = 590, 0.6, 730, 50
QUESTIONS = 40
"""Different questions of each kind."""
COMMON = slice(60, 140)
"""The ranks of words that stand in many articles and still mean something."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Words to ask for, of each kind QUESTIONS."""

    common: Sequence[str]
    pairs: Sequence[tuple[str, str]]
    phrases: Sequence[tuple[str, str]]
    prefixes: Sequence[str]
    tagged: Sequence[tuple[str, str]]


def items(number: int) -> list[Item]:
    """So many articles, the same ones every time."""
    newsprint, dice = Newsprint(0, days=DAYS), random.Random("lengths")
    middle = math.log(WORDS) - SPREAD**2 / 2
    return [
        newsprint.item(place, round(dice.lognormvariate(middle, SPREAD))) for place in range(number)
    ]


def feed_url(item: Item) -> str:
    """The feed that brings an article."""
    return f"https://gazette-{item.number % FEEDS}.example/feed.xml"


def article(item: Item) -> Article:
    """The item as the store keeps it, without tags."""
    url = f"https://gazette-{item.number % FEEDS}.example/{item.number}"
    text = "\n\n".join(item.paragraphs)
    return Article(
        id=article_id(url),
        url=url,
        title=item.title,
        summary=item.paragraphs[0][:300],
        content_html="".join(f"<p>{paragraph}</p>" for paragraph in item.paragraphs),
        text=text,
        date=item.date,
        first_seen=item.date,
        published=item.date,
        authors=(item.author,),
        language="en",
        words=len(text.split()),
        sightings=(Sighting(feed_url(item), None, url, item.tags),),
    )


def tags(article: Article) -> tuple[Tag, ...]:
    """The tags that an article's feed gives it."""
    labels = article.sightings[0].categories
    return tuple(Tag(slug(label), label, "feed", "its feed says so") for label in labels)


def questions(asked: Sequence[Item]) -> Questions:
    """Questions that have answers among these articles."""
    dice = random.Random("questions")
    words = Newsprint.words()
    common = [dice.choice(words[COMMON]) for _ in range(QUESTIONS)]
    some = dice.sample(asked, QUESTIONS)
    return Questions(
        common=common,
        pairs=[(word, _rare(item, dice)) for word, item in zip(common, some, strict=True)],
        phrases=[dice.choice(list(_neighbours(item))) for item in some],
        prefixes=[word[:4] for word in dice.sample(words[2_000:10_000], QUESTIONS)],
        tagged=[(dice.choice(item.tags), word) for word, item in zip(common, some, strict=True)],
    )


def _rare(item: Item, dice: random.Random) -> str:
    return dice.choice(item.title.lower().split()[:3])


def _neighbours(item: Item) -> Iterator[tuple[str, str]]:
    for paragraph in item.paragraphs:
        for first, second in pairwise(paragraph.lower().split()):
            if first.isalpha() and second.isalpha():
                yield first, second


def each(ask: Callable[[T], object], arguments: Sequence[T]) -> list[Callable[[], object]]:
    """One call for each argument, ready to be timed."""
    return [partial(ask, argument) for argument in arguments]
