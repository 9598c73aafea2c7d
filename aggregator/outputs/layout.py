"""What goes where on a front page, a topic's page and in a letter, before any HTML."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from aggregator.model import Brief, Edition, Report, Story, Topic
from aggregator.outputs.wording import count, listed, short_name

LETTER_STORIES = 8
"""Stories of the front page that open a letter."""
SECONDARY = 4
TOLD, NAMED = 4, 6
"""A section tells so many stories and names so many more, where there is room for it: names fill
two columns or three."""
PAGE_TOLD, PAGE_NAMED = 45, 120
"""Room of a front page for all its sections."""
TOPIC_TOLD, TOPIC_NAMED = 20, 50
"""Room of a topic's page."""
ALSO, LETTER_ALSO = 18, 6
VOICES = 3
"""How many other headlines of its leading story a page shows."""
LISTED = 400
"""Room of a page that names all stories."""
DISCOVER = 24
SPARK_STEP, SPARK_HEIGHT = 5, 16


@dataclass(frozen=True, slots=True)
class Week:
    """The editions of a week that ended with `last`, its neighbours, what it was made from."""

    last: date
    editions: tuple[Edition, ...]
    made_from: str = ""
    previous: date | None = None
    next: date | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A topic's part of a front page: stories told, stories only named, of how many."""

    topic: Topic | None
    briefs: tuple[Story, ...]
    headlines: tuple[Story, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Front:
    """A front page: the lead story, those beside it, a section per topic, what is left.

    `rest` are more stories where there are no topics, `also` what is only named; `covered` are the
    topics whose stories are all told elsewhere on the page, `quiet` those without any. `listed` is
    how many stories the day's list has, 0 where there is none.
    """

    lead: Story | None
    secondary: tuple[Story, ...] = ()
    sections: tuple[Section, ...] = ()
    rest: tuple[Story, ...] = ()
    also: tuple[Brief, ...] = ()
    covered: tuple[Topic, ...] = ()
    quiet: tuple[str, ...] = ()
    listed: int = 0


def front(editions: Sequence[Edition]) -> Front:
    """Lays out the editions of one day: the one without topic first if there is one.

    A picture is shown once: by the lead, or by the first story of a section.
    """
    general = next((each for each in editions if each.topic is None), None)
    topical = [each for each in editions if each.topic is not None]
    ranked = general.stories if general else _by_score(topical)
    shown: set[str] = set()
    lead, secondary = _pictured_once(ranked[:1], shown), ranked[1 : 1 + SECONDARY]
    printed = _ids((*lead, *secondary))
    active = [each for each in topical if each.stories]
    room = _room(len(active))
    sections = tuple(_section(each, printed, *room) for each in active)
    printed |= _ids(story for each in topical for story in each.stories)
    fresh = [each for each in general.stories if each.id not in printed] if general else []
    return Front(
        lead=lead[0] if lead else None,
        secondary=secondary,
        sections=tuple(
            replace(each, briefs=(*_pictured_once(each.briefs[:1], shown), *each.briefs[1:]))
            for each in sections
            if each.briefs
        ),
        rest=() if topical else _pictured_once(fresh, shown),
        also=_also(general, fresh if topical else [], printed) if general else (),
        covered=tuple(each.topic for each in sections if each.topic and not each.briefs),
        quiet=tuple(each.topic.name for each in topical if each.topic and not each.stories),
        listed=general.found if general and is_abridged(general) else 0,
    )


def _pictured_once(stories: Iterable[Story], shown: set[str]) -> tuple[Story, ...]:
    """Returns stories without the pictures that `shown` has already; theirs are added to it."""
    told = []
    for story in stories:
        told.append(replace(story, image=None) if story.image in shown else story)
        if story.image:
            shown.add(story.image)
    return tuple(told)


def _by_score(editions: Iterable[Edition]) -> tuple[Story, ...]:
    once = {story.id: story for each in editions for story in each.stories}
    return tuple(sorted(once.values(), key=lambda story: (-story.score, story.id)))


def _ids(stories: Iterable[Story]) -> set[str]:
    return {story.id for story in stories}


def _room(sections: int) -> tuple[int, int]:
    """Returns how many stories each section tells, and how many it names."""
    each = max(sections, 1)
    named = NAMED if PAGE_NAMED // each >= NAMED else NAMED // 2
    return max(1, min(TOLD, PAGE_TOLD // each)), named


def _section(edition: Edition, printed: set[str], told: int, named: int) -> Section:
    """Fills a topic's section and adds its stories to `printed`: a story is printed once."""
    fresh = [story for story in edition.stories if story.id not in printed]
    briefs, headlines = tuple(fresh[:told]), tuple(fresh[told : told + named])
    printed |= _ids((*briefs, *headlines))
    return Section(edition.topic, briefs, headlines, total=len(edition.stories))


def _also(general: Edition, fresh: Sequence[Story], printed: set[str]) -> tuple[Brief, ...]:
    named = [each for each in general.also if each.id not in printed]
    return (*map(brief, fresh), *named)[:ALSO]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A topic's page: the stories that are told, those that are named, how many more there are."""

    told: tuple[Story, ...]
    named: tuple[Brief, ...]
    more: int


def ranked(edition: Edition) -> Ranked:
    """Lays out an edition of a topic; a picture is shown once."""
    told, beyond = edition.stories[:TOPIC_TOLD], edition.stories[TOPIC_TOLD:]
    told = _pictured_once(told, set())
    named = (*map(brief, beyond), *edition.also)[:TOPIC_NAMED]
    return Ranked(told, named, edition.found - len(told) - len(named))


@dataclass(frozen=True, slots=True)
class Listing:
    """All stories of an edition by their names, as far as there is room, and how many more."""

    named: tuple[Brief, ...]
    more: int


def listing(edition: Edition) -> Listing:
    """Lays out the list of an edition's stories, in their order."""
    named = (*map(brief, edition.stories), *edition.also)[:LISTED]
    return Listing(named, edition.found - len(named))


def is_abridged(edition: Edition) -> bool:
    """Returns whether an edition's own page leaves stories out, so that it has a list."""
    return ranked(edition).more > 0 if edition.topic else bool(edition.also)


def brief(story: Story) -> Brief:
    """Returns a story in a line."""
    lead = story.reports[0].id if story.reports else story.id
    feed = story.sources[0] if story.sources else ""
    return Brief(story.id, lead, story.title, story.url, feed, len(story.voices), story.language)


def letter(editions: Sequence[Edition]) -> tuple[Edition, ...]:
    """Returns a day's editions to be read one after the other: no story stands in two of them.

    The front page gives its first stories, or all of them if there are no topics.
    """
    most = LETTER_STORIES if any(each.topic for each in editions) else None
    printed: set[str] = set()
    told = []
    for each in editions:
        stories = each.stories if each.topic else each.stories[:most]
        fresh = tuple(story for story in stories if story.id not in printed)
        printed |= _ids(fresh)
        told.append(replace(each, stories=fresh))
    return tuple(_with_also(each, printed) for each in told if each.stories)


def _with_also(edition: Edition, printed: set[str]) -> Edition:
    """Fills the names of what else there is, and adds them to `printed`."""
    fresh = tuple(each for each in edition.also if each.id not in printed)[:LETTER_ALSO]
    printed |= {each.id for each in fresh}
    return replace(edition, also=fresh)


def last_report(editions: Iterable[Edition]) -> datetime | None:
    """Returns when the last report came that the editions tell of."""
    stories = (story for edition in editions for story in edition.stories)
    return max((report.date for story in stories for report in story.reports), default=None)


def tags(editions: Sequence[Edition]) -> tuple[tuple[str, str, int], ...]:
    """Returns the tags of a day's editions, the most frequent first."""
    most: dict[str, tuple[str, str, int]] = {}
    for slug, label, number in (tag for edition in editions for tag in edition.tags):
        if slug not in most or most[slug][2] < number:
            most[slug] = (slug, label, number)
    return tuple(sorted(most.values(), key=lambda tag: (-tag[2], tag[0])))[:DISCOVER]


def trends(
    editions: Iterable[Edition], tags: Iterable[tuple[str, str, int]]
) -> dict[str, tuple[int, ...]]:
    """Returns the last days of tags by slug; tags that came up first on the day have none."""
    shown = {slug for slug, _, _ in tags}
    found = (trend for each in editions for trend in each.trends)
    return {slug: days for slug, days in found if slug in shown and any(days[:-1])}


def sparkline(days: Sequence[int]) -> str:
    """Returns numbers as the points of a line, 5 units apart, from 15 up to 1 for the highest."""
    highest = max(max(days, default=0), 1)
    heights = (SPARK_HEIGHT - 1 - (SPARK_HEIGHT - 2) * number / highest for number in days)
    return " ".join(f"{at * SPARK_STEP + 1},{height:.1f}" for at, height in enumerate(heights))


def reports_by_source(story: Story) -> tuple[Report, ...]:
    """Returns the first report of each independent source, in the story's order.

    Those that one feed brought from several sites go by their sites.
    """
    firsts = [voice.report for voice in story.voices]
    brought = Counter(report.feed for report in firsts)
    return tuple(
        replace(each, feed=each.source) if brought[each.feed] > 1 else each for each in firsts
    )


def extent(edition: Edition) -> str:
    """Returns from how much an edition is made: `40 reports in 9 feeds`."""
    return f"{count(edition.articles, 'report')} in {count(edition.sources, 'feed')}"


def copied(story: Story) -> str:
    """Returns how many more sources carry whose text, empty if none do."""
    carried = [voice for voice in story.voices if voice.copies]
    if not carried:
        return ""
    origins = listed([short_name(voice.origin) for voice in carried])
    return f"{sum(voice.copies for voice in carried)} more with the text of {origins}"


def first_report(story: Story) -> Report | None:
    """Returns who says it first, if several sources tell it and none told it before the day.

    The report goes by the feed that its source is named by; a copy of what is named is none.
    """
    named = reports_by_source(story)
    if story.earlier or len(named) < 2:
        return None
    first = timeline(story)[0]
    feed = next((each.feed for each in named if each.source == first.source), None)
    return replace(first, feed=feed) if feed else None


def other_headlines(story: Story, most: int = VOICES) -> tuple[Report, ...]:
    """Returns reports of other sources than the leading one whose headlines are others, too."""
    heard = {_plainly(story.title)}
    found = []
    for report in reports_by_source(story)[1:]:
        if _plainly(report.title) not in heard:
            heard.add(_plainly(report.title))
            found.append(report)
    return tuple(found[:most])


def _plainly(title: str) -> str:
    return " ".join(title.casefold().split())


def texts(story: Story) -> dict[str, str]:
    """Returns whose text reports carry that are copies, by their ids."""
    named = ((each, story.name_of(each.origin)) for each in story.reports if each.origin)
    return {each.id: origin for each, origin in named if origin != each.feed}


def ties(story: Story) -> tuple[str, ...]:
    """Returns what ties a story's reports: its reasons without the first, how many tell it."""
    return story.why[1:]


def timeline(story: Story) -> tuple[Report, ...]:
    """Returns a story's reports in the order in which they came."""
    return tuple(sorted(story.reports, key=lambda report: (report.date, report.id)))
