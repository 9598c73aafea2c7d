"""Rows of the tables to values of the model and back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from aggregator.model import (
    Article,
    Comments,
    Dateline,
    Enclosure,
    Feed,
    Hints,
    Move,
    Revision,
    Rhythm,
    Sighting,
    Tag,
    Validators,
)
from aggregator.store.values import decoded, from_microseconds, moment

if TYPE_CHECKING:
    from sqlalchemy import Row

Values = dict[str, Any]


def feed_state(feed: Feed) -> Values:
    """The columns that a poll changes; url, groups and active belong to the subscriptions."""
    return {
        "fetch_url": feed.fetch_url,
        "site_url": feed.site_url,
        "language": feed.language,
        "etag": feed.validators.etag,
        "last_modified": feed.validators.last_modified,
        "body_hash": feed.validators.body_hash,
        "hints": _hints_values(feed.hints),
        "newest": feed.rhythm.newest,
        "gap": _microseconds(feed.rhythm.gap),
        "hub": feed.hub,
        "interval": _microseconds(feed.interval),
        "next_poll": feed.next_poll,
        "why": feed.why,
        "last_poll": feed.last_poll,
        "last_success": feed.last_success,
        "last_new": feed.last_new,
        "seconds": feed.seconds,
        "failures": feed.failures,
        "error": feed.error,
        "http_status": feed.http_status,
        "gone": feed.gone,
        "move": _move_values(feed.move),
        "since": feed.since,
        "notes": feed.notes,
    }


def feed(row: "Row[Any]", articles: int) -> Feed:
    """A whole row of feeds: it is unpacked, for names would be looked up one by one."""
    (
        number,
        url,
        fetch_url,
        title,
        site_url,
        language,
        groups,
        active,
        *conditions,
        hints,
        newest,
        gap,
        hub,
        interval,
        next_poll,
        why,
        last_poll,
        last_success,
        last_new,
        seconds,
        failures,
        error,
        http_status,
        gone,
        move,
        since,
        notes,
    ) = tuple(row)
    return Feed(
        number,
        url,
        fetch_url,
        title,
        site_url,
        language,
        tuple(groups or ()),
        active,
        Validators(*conditions[1:]),
        _hints(hints) if hints else Hints(),
        Rhythm(newest, _duration(gap)),
        hub,
        timedelta(microseconds=interval),
        next_poll,
        tuple(why or ()),
        last_poll,
        last_success,
        last_new,
        seconds,
        failures,
        error,
        http_status,
        gone,
        _move(move),
        since,
        tuple(notes or ()),
        articles,
    )


def article_values(article: Article) -> Values:
    """The columns of an article that its publisher determines, and those that count its past."""
    return {
        "date": article.date,
        "published": article.published,
        "updated": article.updated,
        "language": article.language,
        "words": article.words,
        "revisions": article.revisions,
        "url": article.url,
        "image": article.image,
        "authors": article.authors,
        "enclosures": [(one.url, one.type, one.length) for one in article.enclosures],
        "comments": _comments_values(article.comments),
        "dateline": _dateline_values(article.dateline),
        "title": article.title,
        "summary": article.summary,
        "content_html": article.content_html,
        "text": article.text,
    }


ARTICLE: Final = (
    *("seq", "id", "date", "first_seen", "published", "updated", "language", "words", "story"),
    *("revisions", "starred", "url", "image", "authors", "enclosures", "comments", "dateline"),
    *("title", "summary", "content_html", "text"),
)
"""The columns that `article` reads, in its order."""


def article(row: Sequence[Any], sightings: Iterable[Sighting], tags: Iterable[Tag]) -> Article:
    """What SQLite gives for the columns of `ARTICLE`, with what belongs to it."""
    _, key, date, first_seen, published, updated, language, words, story, *more = row
    revisions, starred, url, image, authors, enclosures, comments, dateline, *texts = more
    title, summary, content_html, text = texts
    return Article(
        id=key,
        url=url,
        title=title,
        summary=summary,
        content_html=content_html,
        text=text,
        date=from_microseconds(date),
        first_seen=from_microseconds(first_seen),
        published=moment(published),
        updated=moment(updated),
        authors=tuple(decoded(authors) or ()),
        language=language,
        image=image,
        enclosures=tuple(Enclosure(*one) for one in decoded(enclosures) or ()),
        comments=Comments(*(decoded(comments) or ())),
        dateline=_dateline(decoded(dateline)),
        words=words,
        sightings=tuple(sightings),
        tags=tuple(tags),
        story=story,
        revisions=revisions,
        starred=bool(starred),
    )


def sighting(
    url: str, title: str | None, guid: str, categories: str | None, fingerprint: bytes | None
) -> Sighting:
    """What SQLite gives for a sighting, beside the feed's URL and title."""
    return Sighting(url, title, guid, tuple(decoded(categories) or ()), fingerprint)


def tag_values(seq: int, when: datetime, tag: Tag) -> Values:
    """A row of article_tags for the article `seq` of sort date `when`."""
    return {
        "article": seq,
        "date": when,
        "slug": tag.slug,
        "label": tag.label,
        "source": tag.source,
        "why": tag.why,
    }


def revision_values(seq: int, article: Article, now: datetime) -> Values:
    """A row of revisions that keeps `article` as it was."""
    return {
        "article": seq,
        "replaced": now,
        "title": article.title,
        "summary": article.summary,
        "content_html": article.content_html,
        "text": article.text,
    }


def revision(row: "Row[Any]") -> Revision:
    """A row of revisions."""
    return Revision(row.title, row.summary, row.content_html, row.text, row.replaced)


def _comments_values(comments: Comments) -> Sequence[Any] | None:
    return None if comments == Comments() else (comments.url, comments.feed, comments.count)


def _dateline_values(dateline: Dateline) -> Sequence[Any] | None:
    if dateline == Dateline():
        return None
    day = dateline.date.isoformat() if dateline.date else None
    return dateline.place, dateline.agency, day


def _dateline(values: Sequence[Any] | None) -> Dateline:
    if not values:
        return Dateline()
    place, agency, day = values
    return Dateline(place, agency, date.fromisoformat(day) if day else None)


def _move_values(move: Move | None) -> Sequence[str] | None:
    return (move.url, *(day.isoformat() for day in move.days)) if move else None


def _move(values: Sequence[str] | None) -> Move | None:
    if not values:
        return None
    url, *days = values
    return Move(url, tuple(map(date.fromisoformat, days)))


def _hints_values(hints: Hints) -> Values:
    values = {
        "ttl": _microseconds(hints.ttl),
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
        "update_period": _microseconds(hints.update_period),
        "max_age": _microseconds(hints.max_age),
    }
    return {name: value for name, value in values.items() if value not in (None, [])}


def _hints(values: Mapping[str, Any]) -> Hints:
    return Hints(
        ttl=_duration(values.get("ttl")),
        skip_hours=frozenset(values.get("skip_hours", ())),
        skip_days=frozenset(values.get("skip_days", ())),
        update_period=_duration(values.get("update_period")),
        max_age=_duration(values.get("max_age")),
    )


def _microseconds(duration: timedelta | None) -> int | None:
    return None if duration is None else duration // timedelta(microseconds=1)


def _duration(microseconds: int | None) -> timedelta | None:
    return None if microseconds is None else timedelta(microseconds=microseconds)
