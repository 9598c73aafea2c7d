"""A week: what its days told, each story once, the most widely told first."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from aggregator.digest.tagging import EDITION_TAGS, TRENDS
from aggregator.model import Brief, Edition, Report, Story

FRONT_STORIES, TOPIC_STORIES, ALSO = 12, 8, 12
DAYS = 7


def week(last: date, editions: Iterable[Edition]) -> list[Edition]:
    """The week that ends with `last`: an edition a topic from those of its days, in their order."""
    by_topic: dict[str | None, list[Edition]] = {}
    for edition in sorted(editions, key=lambda each: each.day):
        by_topic.setdefault(edition.topic.slug if edition.topic else None, []).append(edition)
    return [_of_topic(last, told) for told in by_topic.values()]


def _of_topic(last: date, told: Sequence[Edition]) -> Edition:
    newest = told[-1]
    versions: dict[str, list[Story]] = {}
    for story in (story for edition in told for story in edition.stories):
        versions.setdefault(story.id, []).append(story)
    ranked = sorted(map(_whole, versions.values()), key=lambda each: (-each.score, each.id))
    most = TOPIC_STORIES if newest.topic else FRONT_STORIES
    tags, trends = _tags(told)
    return replace(
        newest,
        day=last,
        articles=sum(each.articles for each in told),
        sources=len({source for each in ranked for source in each.sources}),
        stories=tuple(ranked[:most]),
        tags=tags,
        previous=None,
        next=None,
        also=tuple(map(_brief, ranked[most : most + ALSO])),
        total=len(ranked),
        later=0,
        trends=trends,
    )


def _whole(versions: Sequence[Story]) -> Story:
    """A story of several days as it was told on its best one, with the reports of all."""
    best = max(reversed(versions), key=lambda story: story.score)
    reports = {each.id: each for story in (best, *versions) for each in story.reports}
    lead, *others = reports.values()
    sources = dict.fromkeys(name for story in (best, *versions) for name in story.sources)
    whole = replace(best, reports=(lead, *sorted(others, key=_in_time)))
    grown = math.log2((1 + len(whole.voices)) / (1 + len(best.voices)))
    return replace(
        whole,
        score=round(best.score + grown, 4),
        image=best.image or next((each.image for each in versions if each.image), None),
        sources=tuple(sources),
        earlier=versions[0].earlier,
        past=(),
        later=(),
        amended=(),
    )


def _in_time(report: Report) -> tuple[object, str]:
    return report.date, report.id


def _brief(story: Story) -> Brief:
    lead = story.reports[0]
    voices = len(story.voices)
    return Brief(story.id, lead.id, story.title, story.url, lead.feed, voices, story.language)


def _tags(
    told: Sequence[Edition],
) -> tuple[tuple[tuple[str, str, int], ...], tuple[tuple[str, tuple[int, ...]], ...]]:
    """The tags of all days, and for the commonest the articles on each of those days."""
    labels = {slug: label for edition in told for slug, label, _ in edition.tags}
    daily = [{slug: number for slug, _, number in edition.tags} for edition in told]
    counts = {slug: tuple(day.get(slug, 0) for day in daily) for slug in labels}
    ranked = sorted(counts, key=lambda slug: (-sum(counts[slug]), slug))[:EDITION_TAGS]
    tags = tuple((slug, labels[slug], sum(counts[slug])) for slug in ranked)
    return tags, tuple((slug, counts[slug]) for slug in ranked[:TRENDS] if len(told) > 1)
