"""Placing: articles that arrived become members of stories, once and in the order of their dates.

    store.places.unplaced ─ a batch ─ sittings, each at a desk that knows the past ─ store.places

A batch is placed with the document frequencies that were frozen before it. So replaying the batches
gives the same stories again.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

from aggregator.errors import AggregatorError, BusyError
from aggregator.model import Article
from aggregator.pipeline.memory import settled
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.past import Past, Replayed, of_row
from aggregator.store import Outline, Placed, Store, turn
from aggregator.store.told import Told
from aggregator.stories import Background, Desk, Group, Link, Placement, decide
from aggregator.stories.background import counted
from aggregator.stories.earlier import earlier
from aggregator.stories.groups import gathered
from aggregator.stories.marks import marks
from aggregator.stories.sitting import sittings
from aggregator.stories.sketch import FORM
from aggregator.stories.sketching import repacked, sketched
from aggregator.stories.web import Web
from aggregator.stories.words import weighted

LOCK_FILE = "stories.lock"
WAIT = timedelta(seconds=30)
PAGE = 200
GROWTH = 3
"""A background is frozen anew when so many times as many articles were placed with it."""
BACKGROUND_ARTICLES = 20_000

log = logging.getLogger(__name__)


def place(newsroom: Newsroom, wait: timedelta = WAIT) -> int:
    """Place every article that has no story yet; how many there were.

    None is placed if another process holds the stories for longer than `wait`.
    """
    if not newsroom.store.places.unplaced():
        return 0
    try:
        with _alone(newsroom, wait), settled():
            return _place_waiting(newsroom.store)
    except BusyError as error:
        log.warning("%s: articles wait for their stories", error)
        return 0


def _alone(newsroom: Newsroom, wait: timedelta = WAIT) -> AbstractContextManager[None]:
    """Who decides about stories does it alone: a desk knows nothing of what another places."""
    return turn(newsroom.config.settings.data, LOCK_FILE, wait)


def _place_waiting(store: Store) -> int:
    waiting = store.places.unplaced()
    if not waiting:
        return 0
    _repack(store)
    batch = store.places.next_batch()
    background = _background(store, batch)
    pins = store.places.pins()
    for part in sittings(waiting, lambda each: each[1]):
        past = Past(store.places, part[0][1], part[-1][1])
        articles = _articles(store, [one for one, _ in part])
        sketches = [sketched(article, background) for article in articles]
        decided = decide(Desk(background, past, pins), sketches)
        pairs = zip(decided.placements, sketches, strict=True)
        placed = [_row(placement, sketch.packed) for placement, sketch in pairs]
        store.places.place(batch, placed, decided.retold, FORM)
    return len(waiting)


def _repack(store: Store) -> None:
    """Bring the sketches that an earlier version packed up to date, and make them findable."""
    if not store.places.has_older(FORM):
        return
    log.info("packing what is kept of stories anew, once: a minute or two for 100,000 articles")
    while old := store.places.packed_before(FORM, PAGE):
        packed = [_repacked(each, store.places.background(each.batch)) for each in old]
        store.places.repack(packed, FORM)


def _repacked(outline: Outline, background: Background) -> Placed:
    sketch = repacked(outline.source, earlier(outline.sketch, outline.form), background)
    return Placed(sketch.id, "", None, sketch.packed, marks(sketch, background))


def _articles(store: Store, ids: Sequence[str]) -> Iterator[Article]:
    for start in range(0, len(ids), PAGE):
        yield from store.articles(ids[start : start + PAGE])


def _background(store: Store, batch: int) -> Background:
    """The newest frozen background; a new one when much was placed with it."""
    frozen = store.places.background(batch)
    if frozen.documents and store.places.placed_with(batch) < GROWTH * frozen.documents:
        return frozen
    newest = store.find(limit=BACKGROUND_ARTICLES)
    documents, frequency = counted(
        weighted(each.title, each.summary, each.language) for each in newest
    )
    kept = {stem: number for stem, number in frequency.items() if number > 1}
    store.places.keep_background(batch, documents, kept)
    return store.places.background(batch)


def rebuild(newsroom: Newsroom, wait: timedelta = WAIT) -> int:
    """Place every article anew, batch by batch, as it was the first time; how many moved.

    Written at once in the end, so that nobody meets half of it. Stories keep their names. Raises
    BusyError.
    """
    store = newsroom.store
    replayed = Replayed(store.places)
    moved: list[Placed] = []
    with _alone(newsroom, wait):
        _repack(store)
        pins = store.places.pins()
        for batch in range(1, store.places.next_batch()):
            background = store.places.background(batch)
            placed = sorted(
                map(of_row, store.places.batch(batch)), key=lambda each: each.sketch.order
            )
            for part in sittings(placed, lambda each: each.sketch.date):
                past = replayed.around(part[0].sketch.date, part[-1].sketch.date)
                decided = decide(Desk(background, past, pins), [each.sketch for each in part])
                replayed.web.take(decided.retold)
                moved += map(_row, decided.placements)
                replayed.keep(zip(part, decided.placements, strict=True))
        names = replayed.names()
        placed_anew = [replace(each, story=names.get(each.story, each.story)) for each in moved]
        return store.places.replace(placed_anew, replayed.web.renamed(names))


def group_of(newsroom: Newsroom, id: str) -> Group | None:
    """The story of an article as it stands now, alone or not; None if it was not placed yet."""
    story = newsroom.store.places.place_of(id)
    return None if story is None else story_of(newsroom, story)


def story_of(newsroom: Newsroom, story: str) -> Group | None:
    """A story as it stands now, by its own id; None if there is none."""
    store = newsroom.store
    told = store.places.members([story])
    articles = _articles(store, [each.id for each in told])
    groups = gathered(articles, map(placement, told), story_links(store, {story}))
    return groups[0] if groups else None


def story_links(store: Store, stories: Collection[str]) -> Mapping[str, list[Link]]:
    """The links of stories, with the titles of those that they lead to."""
    web = Web(store.places.links(stories))
    links = {story: web.of(story) for story in stories}
    others = sorted({link.other for found in links.values() for link in found})
    first = {each.id: each for each in _articles(store, others)}
    return {story: [_titled(link, first) for link in found] for story, found in links.items()}


def _titled(link: Link, known: Mapping[str, Article]) -> Link:
    first = known.get(link.other)
    return link if first is None else replace(link, title=first.title, began=first.date)


def split(newsroom: Newsroom, story: str, ids: Sequence[str]) -> str:
    """Make articles of a story a story of their own, for good; its id. Raises BusyError."""
    with _alone(newsroom):
        members = _members(newsroom, story)
        strangers = [one for one in ids if one not in members]
        if strangers:
            raise AggregatorError(f"{strangers[0]} is no article of story {story}")
        out = [one for one in members if one in ids]
        if len(out) == len(members):
            raise AggregatorError(
                f"all articles of story {story} were named: nothing would be left"
            )
        stay = [one for one in members if one not in ids]
        # the first report names a story: if it leaves, those that stay are named by their first
        kept, new = (stay[0], out[0]) if story in out else (story, out[0])
        newsroom.store.places.pin({**dict.fromkeys(stay, kept), **dict.fromkeys(out, new)})
        return new


def merge(newsroom: Newsroom, story: str, other: str) -> int:
    """Make two stories one, for good, under the id of the first; how many articles it has.

    Raises BusyError.
    """
    if story == other:
        raise AggregatorError(f"{story} was named twice: name two stories")
    with _alone(newsroom):
        members = [*_members(newsroom, story), *_members(newsroom, other)]
        newsroom.store.places.pin(dict.fromkeys(members, story))
        return len(members)


def _members(newsroom: Newsroom, story: str) -> list[str]:
    members = [each.id for each in newsroom.store.places.members([story])]
    if not members:
        raise AggregatorError(f"no story {story}; `aggregator stories --json` tells their ids")
    return members


def _row(placement: Placement, sketch: bytes = b"") -> Placed:
    return Placed(placement.article, placement.story, placement.tie, sketch, placement.marks)


def placement(placed: Placed | Told) -> Placement:
    """Where the store says that an article was placed, and why."""
    return Placement(placed.id, placed.story, placed.tie)
