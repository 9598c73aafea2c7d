"""The tables of the store, the two column types that they share, and lists as parameters."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    false,
    func,
    select,
    text,
    true,
)
from sqlalchemy.types import TypeDecorator

from aggregator.model.instants import to_microseconds
from aggregator.store.values import decoded, encoded, moment

Convert = Callable[[Any], Any]
"""To or from a column; called directly for each value, for rows are many."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Convert:
        """To the column."""
        return lambda value: None if value is None else to_microseconds(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        """From the column."""
        return moment


class Json(TypeDecorator[Any]):
    """A list or mapping as compact JSON; empty ones are NULL."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Convert:
        """To the column."""
        return lambda value: encoded(value) if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        """From the column: a list, a mapping or None."""
        return decoded


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`column` is one of the JSON list in parameter `name`: one statement for any number."""
    return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

# `settings` is a digest of what the subscription says about reading the feed.
feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("fetch_url", Text, nullable=False),
    Column("title", Text),
    Column("site_url", Text),
    Column("language", Text),
    Column("groups", Json),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("settings", LargeBinary),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", LargeBinary),
    Column("hints", Json),
    Column("newest", Moment),
    Column("gap", BigInteger),
    Column("hub", Text),
    Column("interval", BigInteger, nullable=False),
    Column("next_poll", Moment),
    Column("why", Json),
    Column("last_poll", Moment),
    Column("last_success", Moment),
    Column("last_new", Moment),
    Column("seconds", Float),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
    Column("http_status", Integer),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("move", Json),
    Column("since", Moment),
    Column("notes", Json),
)
Index(
    "feeds_due",
    feeds.c.next_poll,
    sqlite_where=text("active = 1 AND gone = 0"),
)

# Short columns stand first: SQLite reads them without touching the pages of the long texts.
articles = Table(
    "articles",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("origin", ForeignKey("feeds.id"), nullable=False),
    Column("date", Moment, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("published", Moment),
    Column("updated", Moment),
    Column("language", Text),
    Column("words", Integer, nullable=False),
    Column("story", Text),
    Column("revisions", Integer, nullable=False, server_default=text("0")),
    Column("starred", Boolean, nullable=False, server_default=false()),
    Column("url", Text),
    Column("image", Text),
    Column("authors", Json),
    Column("enclosures", Json),
    Column("comments", Json),
    Column("dateline", Json),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("content_html", Text, nullable=False),
    Column("text", Text, nullable=False),
)
Index("articles_newest", articles.c.date)
Index("articles_first_seen", articles.c.first_seen)
Index("articles_story", articles.c.story, sqlite_where=articles.c.story.is_not(None))

# `entry` is the id that the entry stood for when the feed last carried it; `article` is NULL once
# the article has expired. `date` copies the article's, so that a feed can be read newest first.
sightings = Table(
    "sightings",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("feed", ForeignKey("feeds.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("article", ForeignKey("articles.seq", ondelete="SET NULL")),
    Column("date", Moment, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("fingerprint", LargeBinary),
    Column("categories", Json),
    UniqueConstraint("feed", "guid", "entry"),
)
Index("sightings_newest", sightings.c.feed, sightings.c.date, sightings.c.article)
Index("sightings_article", sightings.c.article)
Index("sightings_entry", sightings.c.entry)
Index(
    "sightings_known",
    sightings.c.feed,
    sightings.c.fingerprint,
    sqlite_where=sightings.c.fingerprint.is_not(None),
)

article_tags = Table(
    "article_tags",
    metadata,
    Column("article", ForeignKey("articles.seq", ondelete="CASCADE"), primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("date", Moment, nullable=False),
    Column("label", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("why", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("article_tags_newest", article_tags.c.slug, article_tags.c.date, article_tags.c.article)

revisions = Table(
    "revisions",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("article", ForeignKey("articles.seq", ondelete="CASCADE"), nullable=False, index=True),
    Column("replaced", Moment, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("content_html", Text, nullable=False),
    Column("text", Text, nullable=False),
)

# Which date an article had until it was replaced: publishers move dates with and without an edit.
redatings = Table(
    "redatings",
    metadata,
    Column("article", ForeignKey("articles.seq", ondelete="CASCADE"), primary_key=True),
    Column("replaced", Moment, primary_key=True),
    Column("date", Moment, nullable=False),
    sqlite_with_rowid=False,
)
Index("redatings_date", redatings.c.date)
Index("redatings_replaced", redatings.c.replaced)

# The articles that arrived and were not placed yet.
story_queue = Table(
    "story_queue",
    metadata,
    Column("article", ForeignKey("articles.seq", ondelete="CASCADE"), primary_key=True),
)

# Where each article was placed, in the order of batches; `tie` is kind, other, score and terms,
# `form` tells how `sketch` was packed.
placements = Table(
    "placements",
    metadata,
    Column("article", ForeignKey("articles.seq", ondelete="CASCADE"), primary_key=True),
    Column("batch", Integer, nullable=False),
    Column("story", Text, nullable=False),
    Column("tie", Json),
    Column("sketch", LargeBinary, nullable=False),
    Column("form", Integer, nullable=False, server_default=text("0")),
)
Index("placements_story", placements.c.story)
Index("placements_batch", placements.c.batch)
Index("placements_form", placements.c.form)

# By what placed articles are found again, a week's together; `hour` is their date, since 1970.
# Nothing refers to an article that was deleted but rows of its week, and who finds it there looks.
story_marks = Table(
    "story_marks",
    metadata,
    Column("week", Integer, primary_key=True),
    Column("mark", Integer, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("article", Integer, primary_key=True),
    Column("weight", Integer, nullable=False),
    Column("flags", Integer, nullable=False),
    sqlite_with_rowid=False,
)

story_links = Table(
    "story_links",
    metadata,
    Column("story", Text, primary_key=True),
    Column("other", Text, primary_key=True),
    Column("score", Float, nullable=False),
    Column("terms", Json),
    Column("chained", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)
Index("story_links_other", story_links.c.other)

# What the user decided, by article id: it outlives the article.
story_pins = Table(
    "story_pins",
    metadata,
    Column("article", Text, primary_key=True),
    Column("story", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Frozen document frequencies, as JSON, each valid from a batch on.
story_backgrounds = Table(
    "story_backgrounds",
    metadata,
    Column("since", Integer, primary_key=True),
    Column("documents", Integer, nullable=False),
    Column("frequency", Json),
)

# `before` holds the columns of the article that the drift changed; `undone` is a rule for good.
drifts = Table(
    "drifts",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("feed", ForeignKey("feeds.id"), nullable=False, index=True),
    Column("article", ForeignKey("articles.seq", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("old_guid", Text, nullable=False),
    Column("old_url", Text),
    Column("guid", Text, nullable=False),
    Column("url", Text),
    Column("before", Json),
    Column("undone", Moment),
)

# AUTOINCREMENT: a number is never given twice, not even after the log has been pruned.
changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    sqlite_autoincrement=True,
)

# `topic` is empty for the letter with all of them.
mailings = Table(
    "mailings",
    metadata,
    Column("day", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment),
    Column("changed", Moment, nullable=False),
    Column("error", Text),
    sqlite_with_rowid=False,
)
