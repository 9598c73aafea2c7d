"""Gathering: the stories of a day as they were when it ended, and what became of them since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aggregator import digest
from aggregator.digest import Developments
from aggregator.model import Amendment, Article, Revision
from aggregator.model.instants import bounds
from aggregator.pipeline.placing import placement, story_links
from aggregator.store import Store
from aggregator.store.told import Told
from aggregator.stories import Group
from aggregator.stories.groups import gathered
from aggregator.stories.ties import Link


@dataclass(frozen=True, slots=True)
class Gathered:
    """The stories of a day, what became of them, and the texts of their articles by id.

    Articles come without their texts: few of a day's stories are told at length.
    """

    groups: Sequence[Group]
    developments: Developments
    store: Store
    earlier: Mapping[str, str]

    def texts(self, ids: Collection[str]) -> dict[str, str]:
        """The texts of these articles as the day's end found them."""
        now = self.store.daybook.texts([one for one in ids if one not in self.earlier])
        return {**now, **{one: self.earlier[one] for one in ids if one in self.earlier}}


def gather(store: Store, told: Sequence[Told], day: date, timezone: ZoneInfo) -> Gathered:
    """The stories that these articles are all of, as they were when a local day ended."""
    since, until = bounds(day, timezone)
    read = [each.article() for each in told]
    linked = story_links(store, {each.story for each in told})
    others = {link.other for found in linked.values() for link in found}
    revised = store.daybook.revisions([*(a.id for a in read if a.revisions), *others])
    redated = store.daybook.redated(others)
    began = {one: each.as_of(until, timezone) for one, each in redated.items()}
    articles = [digest.as_of(a, revised.get(a.id, ()), until) for a in read if a.date < until]
    links = {
        story: [
            _told_then(link, revised.get(link.other, ()), until)
            for link in (replace(each, began=began.get(each.other, each.began)) for each in found)
            if link.began is None or link.began < until
        ]
        for story, found in linked.items()
    }
    return Gathered(
        gathered(articles, map(placement, told), links),
        Developments(
            _later(told, read, until),
            _amended(read, revised, since, until),
            _before(zip(told, read, strict=True), revised, since),
        ),
        store,
        {
            article.id: article.text
            for article in articles
            if any(each.replaced >= until for each in revised.get(article.id, ()))
        },
    )


def _told_then(link: Link, revisions: Sequence[Revision], until: datetime) -> Link:
    """The link with the title that the other story had at `until`."""
    title = next((each.title for each in revisions if each.replaced >= until), link.title)
    return replace(link, title=title)


def _later(
    told: Sequence[Told], read: Sequence[Article], until: datetime
) -> Mapping[str, Sequence[Article]]:
    later: defaultdict[str, list[Article]] = defaultdict(list)
    for each, article in zip(told, read, strict=True):
        if article.date >= until:
            later[each.story].append(article)
    return later


def _before(
    read: Iterable[tuple[Told, Article]],
    revised: Mapping[str, Sequence[Revision]],
    since: datetime,
) -> Mapping[str, Article]:
    return {
        each.id: replace(digest.as_of(article, revised.get(each.id, ()), since), date=date)
        for each, article in read
        if (date := each.told_before) is not None
    }


def _amended(
    read: Sequence[Article],
    revised: Mapping[str, Sequence[Revision]],
    since: datetime,
    until: datetime,
) -> Mapping[str, Sequence[Amendment]]:
    return {
        each.id: digest.amendments(each, revised[each.id], since, until)
        for each in read
        if each.id in revised
    }
