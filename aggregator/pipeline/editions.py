"""The editions of a day: which articles are in each, what they are made from, and how."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from aggregator import digest, query
from aggregator.model import Edition, Story, Topic
from aggregator.model.instants import bounds
from aggregator.outputs.manifest import mark, program
from aggregator.pipeline import placing
from aggregator.pipeline.gathering import gather
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store.told import Told
from aggregator.stories.web import Web


@dataclass(frozen=True, slots=True)
class Drafts:
    """The editions of a day to be made, and all articles of its stories."""

    day: date
    told: Sequence[Told]
    editions: Sequence["Draft"]


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition before it is made: its topic, its articles, a mark of what it is made from."""

    topic: Topic | None
    ids: frozenset[str]
    made_from: str

    @property
    def slug(self) -> str | None:
        """The slug of its topic."""
        return self.topic.slug if self.topic else None


def drafts(newsroom: Newsroom, day: date, topics: Sequence[Topic]) -> Drafts:
    """The front page and an edition per topic for a local day, from the store as it is now."""
    placing.place(newsroom)
    start, end = bounds(day, newsroom.timezone)
    told = newsroom.store.daybook.told(day, newsroom.timezone)
    today = {each.id: each for each in told if start <= each.date < end}
    marks = _story_marks(newsroom, told)
    redated = [each for each in today.values() if each.is_redated]
    records = _records(newsroom, redated) if topics else []
    wanted: list[tuple[Topic | None, frozenset[str]]] = [(None, frozenset(today))]
    wanted += [(topic, _matching(newsroom, topic, day, today, records)) for topic in topics]
    weights = _weights(newsroom)
    editions = [
        Draft(topic, ids, _mark(newsroom, day, topic, [today[one] for one in ids], marks, weights))
        for topic, ids in wanted
    ]
    return Drafts(day, told, editions)


def made(newsroom: Newsroom, drafts: Drafts) -> list[Edition]:
    """The editions that drafts lead to, without the last days of their tags."""
    start, end = bounds(drafts.day, newsroom.timezone)
    wanted = frozenset[str]().union(*(draft.ids for draft in drafts.editions))
    stories = {each.story for each in drafts.told if each.id in wanted}
    told = [each for each in drafts.told if each.story in stories]
    found = gather(newsroom.store, told, drafts.day, newsroom.timezone)
    today = {a.id: a for group in found.groups for a in group.members if start <= a.date < end}
    return [
        digest.edition(
            drafts.day,
            draft.topic,
            [article for one, article in today.items() if one in draft.ids],
            found.groups,
            timezone=newsroom.timezone,
            weights=_weights(newsroom),
            developments=found.developments,
            texts=found.texts,
        )
        for draft in drafts.editions
    ]


def with_trends(newsroom: Newsroom, day: date, editions: Sequence[Edition]) -> list[Edition]:
    """The editions with the last days of their commonest tags."""
    daily = newsroom.store.daybook.tag_days(
        digest.shown_tags(editions), day, digest.SPARKLINE_DAYS, newsroom.timezone
    )
    return [digest.with_trends(each, daily) for each in editions]


def editions(newsroom: Newsroom, day: date, topics: Sequence[Topic]) -> list[Edition]:
    """The front page and an edition per topic for a local day, made now."""
    return with_trends(newsroom, day, made(newsroom, drafts(newsroom, day, topics)))


def story(newsroom: Newsroom, id: str) -> Story | None:
    """A story as it stands now, with all that its publishers changed; None if there is none."""
    group = placing.story_of(newsroom, id)
    if group is None:
        return None
    revised = newsroom.store.daybook.revisions([a.id for a in group.members if a.revisions])
    since, until = group.members[0].first_seen, newsroom.clock()
    amended = {
        each.id: digest.amendments(each, revised[each.id], since, until)
        for each in group.members
        if each.id in revised
    }
    return digest.whole(group, weights=_weights(newsroom), amended=amended)


def _matching(
    newsroom: Newsroom,
    topic: Topic,
    day: date,
    today: Mapping[str, Told],
    redated: Collection[query.Record],
) -> frozenset[str]:
    asked = newsroom.query(topic.query)
    of_the_day = query.And((asked, newsroom.query(f"date:{day}")))
    again = (each.id for each in redated if query.matches(asked, each))
    return frozenset(newsroom.index.ids(of_the_day).intersection(today).union(again))


def _records(newsroom: Newsroom, redated: Sequence[Told]) -> list[query.Record]:
    """What queries look at in articles that the index knows under other dates than these."""
    dates = {each.id: each.date for each in redated}
    return [
        query.record(replace(article, date=dates[article.id]))
        for article in newsroom.store.articles(list(dates))
    ]


def _weights(newsroom: Newsroom) -> dict[str, float]:
    return {each.url: each.weight for each in newsroom.config.subscriptions}


def _story_marks(newsroom: Newsroom, told: Iterable[Told]) -> dict[str, str]:
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for each in told:
        parts[each.story].append(each.mark)
    web = Web(newsroom.store.places.links(parts))
    links = {story: web.of(story) for story in parts}
    heads = newsroom.store.daybook.head_marks({each.other for of in links.values() for each in of})
    for story, found in parts.items():
        found += (
            repr((link.other, link.score, link.terms, heads.get(link.other)))
            for link in links[story]
        )
    return {story: mark(*sorted(found)) for story, found in parts.items()}


def _mark(
    newsroom: Newsroom,
    day: date,
    topic: Topic | None,
    articles: Sequence[Told],
    marks: Mapping[str, str],
    weights: Mapping[str, float],
) -> str:
    settings = (program(), day, newsroom.timezone.key, topic)
    heavy = sorted({(a.feed, weights[a.feed]) for a in articles if weights.get(a.feed, 1.0) != 1.0})
    stories = sorted({marks[a.story] for a in articles})
    return mark(*settings, heavy, *stories, *sorted(a.id for a in articles))
