"""Stories with their articles, as editions take them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aggregator import urls
from aggregator.model import Article, Kin
from aggregator.stories.background import Background
from aggregator.stories.copies import Copies, copy_sets
from aggregator.stories.desk import KEPT, REACH, Desk
from aggregator.stories.past import Remembered
from aggregator.stories.sitting import decide, sittings
from aggregator.stories.sketching import sketched
from aggregator.stories.ties import Link, Placement, Tie

TOLD_LINKS = 3
EARLIER = 0.30
"""Likeness from which an older story of the affair is an earlier part of this one."""


@dataclass(frozen=True, slots=True)
class Group:
    """Reports of one event in order of time.

    `id` is the first report's, `why` the evidence in words, `ties` the same as values by article;
    `links` lead to the stories of the same affair, the nearest first.
    """

    id: str
    members: tuple[Article, ...]
    why: tuple[str, ...] = ()
    ties: Mapping[str, Tie] | None = None
    copies: tuple[Copies, ...] = ()
    links: tuple[Link, ...] = ()

    def is_earlier(self, link: Link) -> bool:
        """Whether a link leads to what came before in the same affair: near, and begun earlier."""
        return _is_earlier(link, self.members[0])

    @property
    def related(self) -> tuple[Kin, ...]:
        """The stories of the same affair that are still kept, the nearest first."""
        return tuple(
            Kin(link.other, link.title, link.began, self.is_earlier(link), link.score, link.terms)
            for link in self.links
            if link.began is not None
        )

    def told(self, article: str) -> list[str]:
        """What ties this article to the story, and others to it, in words."""
        by_id = {each.id: each for each in self.members}
        ties = (self.ties or {}).items()
        return [
            because(by_id[one], tie, by_id)
            for one, tie in ties
            if one in by_id and article in (one, tie.other)
        ]


def group(articles: Sequence[Article], background: Background | None = None) -> list[Group]:
    """Group articles by event; each article is in exactly one group, alone where none is like it.

    The answer depends on the set of articles and the background only, not on their order; without
    a background the articles are their own. Groups come in order of their first report.
    """
    ordered = sorted(articles, key=lambda article: (article.date, article.id))
    known = background or Background.of(ordered)
    remembered = Remembered()
    placements: list[Placement] = []
    for part in sittings(ordered, lambda article: article.date):
        sketches = [sketched(each, known) for each in part]
        first = part[0].date
        past = remembered.since(first - KEPT, first - REACH)
        decided = decide(Desk(known, past), sketches)
        remembered.web.take(decided.retold)
        placements += decided.placements
        for sketch, each in zip(sketches, decided.placements, strict=True):
            remembered.keep(sketch, each.story, each.marks)
    links = {each.story: remembered.web.of(each.story) for each in placements}
    return gathered(ordered, placements, links)


def gathered(
    articles: Iterable[Article],
    placements: Iterable[Placement],
    links: Mapping[str, Sequence[Link]],
) -> list[Group]:
    """The groups that placements make, in order of their first report."""
    placed = {each.article: each for each in placements}
    members: defaultdict[str, list[Article]] = defaultdict(list)
    for article in sorted(articles, key=lambda each: (each.date, each.id)):
        members[placed[article.id].story].append(article)
    return [_group(story, told, placed, links.get(story, ())) for story, told in members.items()]


def _group(
    id: str, members: Sequence[Article], placed: Mapping[str, Placement], links: Sequence[Link]
) -> Group:
    ties = {each.id: tie for each in members if (tie := placed[each.id].tie) is not None}
    pairs = {one: tie.other for one, tie in ties.items() if tie.kind == "copy" and tie.other}
    by_id = {each.id: each for each in members}
    copies = copy_sets(members, pairs)
    return Group(
        id=id,
        members=tuple(members),
        why=(
            *(because(by_id[one], tie, by_id) for one, tie in ties.items()),
            *(f"{len(each.ids)} copies of one text by {each.origin}" for each in copies),
            *(_led_to(link, members[0]) for link in links[:TOLD_LINKS] if link.title),
        ),
        ties=ties,
        copies=copies,
        links=tuple(links),
    )


def _led_to(link: Link, first: Article) -> str:
    kind = "earlier in this story" if _is_earlier(link, first) else "related"
    return f"{kind}: “{link.title}”: {', '.join(link.terms)} ({link.score:.2f})"


def _is_earlier(link: Link, first: Article) -> bool:
    began = link.began
    return began is not None and link.score >= EARLIER and began < first.date


def because(article: Article, tie: Tie, known: Mapping[str, Article]) -> str:
    """A tie in words, naming both articles."""
    name = _named(article)
    if tie.kind == "user":
        return f"{name}: placed by you"
    known_other = known.get(tie.other or "")
    other = _named(known_other) if known_other else "an article no longer kept"
    if tie.kind == "copy":
        return f"{name}: the same text as {other} ({tie.score:.0%} alike)"
    shared = "shared words" if tie.kind == "words" else "a shared link and words"
    return f"{name}: {shared} with {other}: {', '.join(tie.terms)} ({tie.score:.2f})"


def _named(article: Article) -> str:
    if not article.sightings:
        return f"“{article.title}”"
    first = article.sightings[0]
    return f"{first.feed_title or urls.host(first.feed_url)} “{article.title}”"
