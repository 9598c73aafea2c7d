"""Rows of the tables to values of the model and back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
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
from aggregator.model.instants import from_microseconds
from aggregator.store.values import (
    decoded,
    duration,
    duration_column,
    encoded,
    json_column,
    moment,
    moment_column,
)

if TYPE_CHECKING:
    from sqlalchemy import Row

Values = dict[str, Any]
_NO_HINTS: Final = Hints()


STATE: Final = (
    *("fetch_url", "site_url", "language", "etag", "last_modified", "body_hash", "hints"),
    *("newest", "gap", "hub", "interval", "next_poll", "why", "last_poll", "last_success"),
    *("last_new", "seconds", "failures", "error", "http_status", "gone", "move", "since", "notes"),
)
"""The columns that a poll changes; the others of a feed belong to the subscriptions."""

FEED: Final = ("id", "url", "title", "groups", "active", *STATE)
"""The columns that `feed` reads, in its order."""


def feed_state(feed: Feed) -> tuple[Any, ...]:
    """What SQLite gets for the columns of `STATE`."""
    validators, rhythm = feed.validators, feed.rhythm
    return (
        feed.fetch_url,
        feed.site_url,
        feed.language,
        validators.etag,
        validators.last_modified,
        validators.body_hash,
        _hints_values(feed.hints),
        moment_column(rhythm.newest),
        duration_column(rhythm.gap),
        feed.hub,
        duration_column(feed.interval),
        moment_column(feed.next_poll),
        json_column(feed.why),
        moment_column(feed.last_poll),
        moment_column(feed.last_success),
        moment_column(feed.last_new),
        feed.seconds,
        feed.failures,
        feed.error,
        feed.http_status,
        feed.gone,
        _move_values(feed.move),
        moment_column(feed.since),
        json_column(feed.notes),
    )


def feed(row: Sequence[Any], articles: int = 0) -> Feed:
    """What SQLite gives for the columns of `FEED`."""
    number, url, title, groups, active, fetch_url, site_url, language, *state = row
    etag, last_modified, body_hash, hints, newest, gap, hub, interval, *state = state
    next_poll, why, last_poll, last_success, last_new, seconds, failures, *state = state
    error, http_status, gone, move, since, notes = state
    return Feed(
        number,
        url,
        fetch_url,
        title,
        site_url,
        language,
        tuple(decoded(groups) or ()),
        bool(active),
        Validators(etag, last_modified, body_hash),
        _hints(hints),
        Rhythm(moment(newest), duration(gap)),
        hub,
        duration(interval),
        moment(next_poll),
        tuple(decoded(why) or ()),
        moment(last_poll),
        moment(last_success),
        moment(last_new),
        seconds,
        failures,
        error,
        http_status,
        bool(gone),
        _move(move),
        moment(since),
        tuple(decoded(notes) or ()),
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
        dateline=dateline_of(decoded(dateline)),
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


def dateline_of(values: Sequence[Any] | None) -> Dateline:
    """What stands in the column of a dateline."""
    if not values:
        return Dateline()
    place, agency, day = values
    return Dateline(place, agency, date.fromisoformat(day) if day else None)


def _move_values(move: Move | None) -> str | None:
    return encoded((move.url, *(day.isoformat() for day in move.days))) if move else None


def _move(values: str | None) -> Move | None:
    if values is None:
        return None
    url, *days = decoded(values)
    return Move(url, tuple(map(date.fromisoformat, days)))


def _hints_values(hints: Hints) -> str | None:
    if hints == _NO_HINTS:
        return None
    values = {
        "ttl": duration_column(hints.ttl),
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
        "update_period": duration_column(hints.update_period),
        "max_age": duration_column(hints.max_age),
    }
    return json_column({name: value for name, value in values.items() if value not in (None, [])})


def _hints(column: str | None) -> Hints:
    if column is None:
        return _NO_HINTS
    values = decoded(column)
    return Hints(
        ttl=duration(values.get("ttl")),
        skip_hours=frozenset(values.get("skip_hours", ())),
        skip_days=frozenset(values.get("skip_days", ())),
        update_period=duration(values.get("update_period")),
        max_age=duration(values.get("max_age")),
    )
