"""An edition: the day's stories on a topic, ranked, the best told by their sources."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from aggregator.digest.developments import Developments
from aggregator.digest.naming import feed_name, feed_url
from aggregator.digest.standfirst import standfirst
from aggregator.digest.tagging import most_common, tags_of
from aggregator.digest.voices import origins, source
from aggregator.model import (
    Amendment,
    Article,
    Brief,
    Copied,
    Edition,
    Report,
    Story,
    Topic,
    voices_of,
)
from aggregator.model.instants import bounds
from aggregator.stories import Group, is_service
from aggregator.text import terms

FRONT_STORIES = 24
ALSO = 300
"""How many more stories are named."""
PAST = 5
"""How many of the reports before the day a story names."""
STORY_TAGS = 6

ON_SUBJECT, OWN_REPORTING, HAS_IMAGE, NOT_TORN, FULL_LENGTH_WORDS = 2.0, 1.0, 0.5, 0.5, 400
BEST_TOLD = 1.0 + ON_SUBJECT + OWN_REPORTING + HAS_IMAGE + NOT_TORN + 1.0
TEASER = 80
"""Words of a text that is hardly more than its summary."""
NO_DEVELOPMENTS = Developments()
Texts = Callable[[Collection[str]], Mapping[str, str]]
FRESH, WELL_TOLD, TOLD_BEFORE, SERVICE = 0.5, 0.3, 0.5, 0.8


def edition(
    day: date,
    topic: Topic | None,
    articles: Sequence[Article],
    groups: Iterable[Group],
    *,
    timezone: ZoneInfo,
    weights: Mapping[str, float],
    developments: Developments = NO_DEVELOPMENTS,
    texts: Texts | None = None,
) -> Edition:
    """The edition of `topic` (None: the front page) from the day's matching `articles`.

    `groups` may span more days and topics: a story has the reports that are among `articles`.
    `weights` are the subscriptions' by feed URL. `texts` gives the texts of articles by id where
    they come without.
    """
    matching = {article.id for article in articles}
    on = _Day(bounds(day, timezone)[0], weights, developments)
    candidates = (
        _candidate(group, members, on)
        for group in groups
        if (members := [member for member in group.members if member.id in matching])
    )
    ranked = sorted(candidates, key=lambda each: (-each.score, each.best.date, each.group.id))
    most = topic.stories if topic else FRONT_STORIES
    told = [each.best.id for each in ranked[:most]]
    opened = texts(told) if texts else {}
    return Edition(
        day=day,
        topic=topic,
        timezone=timezone.key,
        articles=len(matching),
        sources=len({feed_url(article) for article in articles}),
        stories=tuple(_story(each, on, opened.get(each.best.id)) for each in ranked[:most]),
        tags=tags_of(articles),
        also=tuple(_brief(each) for each in ranked[most : most + ALSO]),
        total=len(ranked),
        later=sum(len(developments.later.get(each.group.id, ())) for each in ranked),
    )


def whole(
    group: Group, *, weights: Mapping[str, float], amended: Mapping[str, Sequence[Amendment]]
) -> Story:
    """A story as it stands, with all its reports: none is earlier or later than its day."""
    day = _Day(group.members[0].date, weights, Developments(amended=amended))
    return _story(_candidate(group, group.members, day), day)


@dataclass(frozen=True, slots=True)
class _Day:
    """The first instant of the edition's day, the weights of the feeds, what happened besides."""

    start: datetime
    weights: Mapping[str, float]
    developments: Developments


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A story that may be told: its best report, its others by date, how far up it stands.

    `origins` says whose text a report carries that is not its own, `voices` who speaks for each
    source.
    """

    group: Group
    best: Article
    others: tuple[Article, ...]
    origins: Mapping[str, str]
    voices: Mapping[str, str]
    score: float

    @property
    def members(self) -> tuple[Article, ...]:
        """Its reports, the best first."""
        return self.best, *self.others


def _candidate(group: Group, members: Sequence[Article], day: _Day) -> _Candidate:
    titles = _titles(members)
    common = _common_terms(titles.values())
    theirs = origins(group.members, group.copies)
    telling = {
        each.id: _telling(each, titles.get(each.id, ()), common, own=each.id not in theirs)
        for each in members
    }
    best = max(
        members,
        key=lambda each: (telling[each.id] * day.weights.get(feed_url(each), 1.0), each.id),
    )
    others = sorted((each for each in members if each is not best), key=_in_time)
    voices = voices_of((source(each), theirs.get(each.id)) for each in (best, *others))
    heard = _heard(members, voices, day)
    score = _score(group, members, heard, telling[best.id], day)
    return _Candidate(group, best, tuple(others), theirs, voices, score)


def _story(candidate: _Candidate, day: _Day, text: str | None = None) -> Story:
    group, best, members = candidate.group, candidate.best, candidate.members
    tags = Counter((tag.slug, tag.label) for member in members for tag in member.tags)
    past = sorted(_past(group, day), key=_in_time)
    amended = (each for m in members for each in day.developments.amended.get(m.id, ()))
    later = sorted(day.developments.later.get(group.id, ()), key=_in_time)
    told = partial(_report, origins=candidate.origins)
    return Story(
        id=group.id,
        title=best.title,
        summary=standfirst(best, best.text if text is None else text),
        url=best.url,
        image=best.image or next((m.image for m in candidate.others if m.image), None),
        score=candidate.score,
        reports=tuple(map(told, members)),
        sources=tuple(dict.fromkeys(map(feed_name, members))),
        tags=tuple(pair for pair, _ in most_common(tags, STORY_TAGS)),
        why=_why(candidate),
        language=best.language,
        began=(past or group.members)[0].date,
        earlier=len(past),
        past=tuple(map(told, past[-PAST:])),
        later=tuple(map(told, later)),
        amended=tuple(sorted(amended, key=lambda each: (each.at, each.report))),
        copies=tuple(Copied(each.origin, each.ids) for each in group.copies),
        related=group.related,
    )


def _brief(candidate: _Candidate) -> Brief:
    best = candidate.best
    voices = len(set(candidate.voices.values()))
    title, feed = best.title, feed_name(best)
    return Brief(candidate.group.id, best.id, title, best.url, feed, voices, best.language)


def _in_time(article: Article) -> tuple[datetime, str]:
    return article.date, article.id


def _titles(members: Sequence[Article]) -> dict[str, list[str]]:
    """The terms of the reports' titles by id, where there are several reports to compare."""
    if len(members) == 1:
        return {}
    return {
        each.id: [found[-1] for found in terms(each.title, each.language) if found]
        for each in members
    }


def _common_terms(titles: Iterable[Iterable[str]]) -> frozenset[str]:
    """The title terms that two or more of the reports use."""
    counts = Counter(term for title in titles for term in set(title))
    return frozenset(term for term, count in counts.items() if count > 1)


def _telling(article: Article, title: Sequence[str], common: Set[str], *, own: bool) -> float:
    """How well an article would lead: on the subject, own reporting, pictured, long; 0 to 1.

    One whose publisher cuts it off in its first sentences leads less well.
    """
    subject = ON_SUBJECT * sum(term in common for term in title) / (len(title) or 1)
    reporting = OWN_REPORTING if own else 0.0
    image = HAS_IMAGE if article.image else 0.0
    whole = 0.0 if article.words < TEASER and article.summary.endswith(("…", "...")) else NOT_TORN
    length = min(article.words, FULL_LENGTH_WORDS) / FULL_LENGTH_WORDS
    return (1.0 + subject + reporting + image + whole + length) / BEST_TOLD


def _score(group: Group, members: Sequence[Article], heard: float, best: float, day: _Day) -> float:
    """How far up a story stands: who tells it counts most, then how new and how well told it is.

    What is `heard` on a logarithmic scale; up to 0.5 for a fresh report and 0.3 for a well-told
    one; up to 0.5 less for what mostly was told before the day, 0.8 less for a roundup or a
    listing.
    """
    newest = max(member.date for member in members)
    freshness = min(max((newest - day.start) / timedelta(days=1), 0.0), 1.0)
    earlier = len(_past(group, day))
    told_before = earlier / (earlier + len(members))
    service = all(is_service(member.title) for member in members)
    score = math.log2(1 + heard) + FRESH * freshness + WELL_TOLD * best
    return round(score - TOLD_BEFORE * told_before - SERVICE * service, 4)


def _heard(members: Iterable[Article], voices: Mapping[str, str], day: _Day) -> float:
    """The weights of those who tell a story independently, of each its heaviest feed's."""
    weights: dict[str, float] = {}
    for each in members:
        voice = voices[source(each)]
        weights[voice] = max(weights.get(voice, 0.0), day.weights.get(feed_url(each), 1.0))
    return sum(weights.values())


def _past(group: Group, day: _Day) -> list[Article]:
    """The reports before the day, those of its own among them that were dated earlier then."""
    before = day.developments.before
    earlier = [each for each in group.members if each.date < day.start]
    return earlier + [before[each.id] for each in group.members if each.id in before]


def _why(candidate: _Candidate) -> tuple[str, ...]:
    voices = len(set(candidate.voices.values()))
    copies = len(candidate.voices) - voices
    told = f"told by {voices} source{'s' if voices > 1 else ''}"
    if copies:
        told += f", {copies} more with the same text"
    return (told, *(candidate.group.why if candidate.others else ()))


def _report(article: Article, origins: Mapping[str, str]) -> Report:
    return Report(
        article.id,
        article.title,
        article.url,
        feed_name(article),
        article.date,
        article.language,
        source=source(article),
        origin=origins.get(article.id),
    )
