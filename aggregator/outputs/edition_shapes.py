"""Editions as JSON, and back: what `digest --json`, the API and the records of a site hold."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from aggregator.errors import AggregatorError
from aggregator.model import Amendment, Brief, Copied, Edition, Kin, Report, Story, Topic
from aggregator.outputs.shapes import Shape, day_name, timestamp


def edition(edition: Edition) -> Shape:
    """Returns an edition; `edition_from` reads it back."""
    topic = edition.topic
    return {
        "date": edition.day.isoformat(),
        "topic": topic.name if topic else None,
        "topic_slug": topic.slug if topic else None,
        "topic_query": topic.query if topic else None,
        "topic_stories": topic.stories if topic else None,
        "timezone": edition.timezone,
        "articles": edition.articles,
        "sources": edition.sources,
        "stories": [_story(story) for story in edition.stories],
        "tags": [[label, count] for _, label, count in edition.tags],
        "tag_slugs": [slug for slug, _, _ in edition.tags],
        "previous": day_name(edition.previous),
        "next": day_name(edition.next),
        "also": [_brief(brief) for brief in edition.also],
        "total": edition.total,
        "later": edition.later,
        "trends": {slug: list(days) for slug, days in edition.trends},
    }


def _story(story: Story) -> Shape:
    return {
        "id": story.id,
        "title": story.title,
        "summary": story.summary,
        "url": story.url,
        "image": story.image,
        "score": story.score,
        "language": story.language,
        "articles": [_report(report) for report in story.reports],
        "sources": list(story.sources),
        "tags": [label for _, label in story.tags],
        "tag_slugs": [slug for slug, _ in story.tags],
        "why": list(story.why),
        "began": timestamp(story.began),
        "earlier": story.earlier,
        "past": [_report(report) for report in story.past],
        "later": [_report(report) for report in story.later],
        "amended": [_amendment(amendment) for amendment in story.amended],
        "copies": [copied(each) for each in story.copies],
        "related": [kin(each) for each in story.related],
    }


def copied(copied: Copied) -> Shape:
    """Returns reports with the same text, and whose it is."""
    return {"origin": copied.origin, "articles": list(copied.reports)}


def tie(article: str, other: str | None, kind: str, score: float, terms: Sequence[str]) -> Shape:
    """Returns why an article is in its story; `other` is the one of the story it is like."""
    return {
        "article": article,
        "other": other,
        "kind": kind,
        "score": score,
        "terms": list(terms),
    }


def kin(kin: Kin) -> Shape:
    """Returns a story of the same affair and what ties it."""
    return {
        "id": kin.id,
        "title": kin.title,
        "began": timestamp(kin.began),
        "earlier": kin.is_earlier,
        "score": kin.score,
        "terms": list(kin.terms),
    }


def _amendment(amendment: Amendment) -> Shape:
    return {
        "id": amendment.report,
        "feed": amendment.feed,
        "at": timestamp(amendment.at),
        "title_before": amendment.before,
    }


def _brief(brief: Brief) -> Shape:
    return {
        "id": brief.id,
        "article": brief.report,
        "title": brief.title,
        "url": brief.url,
        "feed": brief.feed,
        "sources": brief.sources,
        "language": brief.language,
    }


def _report(report: Report) -> Shape:
    return {
        "id": report.id,
        "title": report.title,
        "url": report.url,
        "feed": report.feed,
        "date": timestamp(report.date),
        "language": report.language,
        "source": report.source,
        "origin": report.origin,
    }


def edition_from(shape: Mapping[str, Any]) -> Edition:
    """Returns the edition that a shape of `edition` tells of; raises AggregatorError otherwise."""
    try:
        return _edition_from(shape)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise AggregatorError(f"not an edition: {type(fault).__name__}: {fault}") from fault


def _edition_from(shape: Mapping[str, Any]) -> Edition:
    tags = zip(shape["tag_slugs"], shape["tags"], strict=True)
    return Edition(
        day=date.fromisoformat(shape["date"]),
        topic=_topic_from(shape),
        timezone=shape["timezone"],
        articles=shape["articles"],
        sources=shape["sources"],
        stories=tuple(_story_from(story) for story in shape["stories"]),
        tags=tuple((slug, label, count) for slug, (label, count) in tags),
        previous=_day_from(shape["previous"]),
        next=_day_from(shape["next"]),
        also=tuple(_brief_from(brief) for brief in shape.get("also", ())),
        total=shape.get("total", len(shape["stories"])),
        later=shape.get("later", 0),
        trends=tuple((slug, tuple(days)) for slug, days in shape.get("trends", {}).items()),
    )


def _brief_from(shape: Mapping[str, Any]) -> Brief:
    return Brief(
        id=shape["id"],
        report=shape["article"],
        title=shape["title"],
        url=shape["url"],
        feed=shape["feed"],
        sources=shape["sources"],
        language=shape["language"],
    )


def _topic_from(shape: Mapping[str, Any]) -> Topic | None:
    if shape["topic"] is None:
        return None
    return Topic(
        name=shape["topic"],
        slug=shape["topic_slug"],
        query=shape["topic_query"],
        stories=shape["topic_stories"],
    )


def _story_from(shape: Mapping[str, Any]) -> Story:
    return Story(
        id=shape["id"],
        title=shape["title"],
        summary=shape["summary"],
        url=shape["url"],
        image=shape["image"],
        score=shape["score"],
        reports=tuple(_report_from(report) for report in shape["articles"]),
        sources=tuple(shape["sources"]),
        tags=tuple(zip(shape["tag_slugs"], shape["tags"], strict=True)),
        why=tuple(shape["why"]),
        language=shape["language"],
        began=_moment_from(shape.get("began")),
        earlier=shape.get("earlier", 0),
        past=tuple(_report_from(report) for report in shape.get("past", ())),
        later=tuple(_report_from(report) for report in shape.get("later", ())),
        amended=tuple(_amendment_from(each) for each in shape.get("amended", ())),
        copies=tuple(_copied_from(each) for each in shape.get("copies", ())),
        related=tuple(_kin_from(each) for each in shape.get("related", ())),
    )


def _copied_from(shape: Mapping[str, Any]) -> Copied:
    return Copied(shape["origin"], tuple(shape["articles"]))


def _kin_from(shape: Mapping[str, Any]) -> Kin:
    return Kin(
        id=shape["id"],
        title=shape["title"],
        began=datetime.fromisoformat(shape["began"]),
        is_earlier=shape["earlier"],
        score=shape["score"],
        terms=tuple(shape["terms"]),
    )


def _amendment_from(shape: Mapping[str, Any]) -> Amendment:
    return Amendment(
        report=shape["id"],
        feed=shape["feed"],
        at=datetime.fromisoformat(shape["at"]),
        before=shape["title_before"],
    )


def _moment_from(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _report_from(shape: Mapping[str, Any]) -> Report:
    return Report(
        id=shape["id"],
        title=shape["title"],
        url=shape["url"],
        feed=shape["feed"],
        date=datetime.fromisoformat(shape["date"]),
        language=shape["language"],
        source=shape.get("source", shape["feed"]),
        origin=shape.get("origin"),
    )


def _day_from(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
