"""The first tables."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    _meta()
    _feeds()
    _articles()
    _sightings()
    _article_tags()
    _revisions()
    _drifts()
    _changes()
    _placements()
    _story_links()
    _story_pins()
    _story_backgrounds()
    _mailings()


def _meta() -> None:
    table = op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(
        table,
        [{"key": "uuid", "value": str(uuid.uuid4())}, {"key": "pruned", "value": "0"}],
    )


def _feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("url", sa.Text, nullable=False, unique=True),
        sa.Column("fetch_url", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("site_url", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("groups", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("settings", sa.LargeBinary),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("body_hash", sa.LargeBinary),
        sa.Column("hints", sa.Text),
        sa.Column("newest", sa.BigInteger),
        sa.Column("gap", sa.BigInteger),
        sa.Column("hub", sa.Text),
        sa.Column("interval", sa.BigInteger, nullable=False),
        sa.Column("next_poll", sa.BigInteger),
        sa.Column("why", sa.Text),
        sa.Column("last_poll", sa.BigInteger),
        sa.Column("last_success", sa.BigInteger),
        sa.Column("last_new", sa.BigInteger),
        sa.Column("seconds", sa.Float),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.Text),
        sa.Column("http_status", sa.Integer),
        sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("move", sa.Text),
        sa.Column("since", sa.BigInteger),
        sa.Column("notes", sa.Text),
    )
    op.create_index(
        "feeds_due", "feeds", ["next_poll"], sqlite_where=sa.text("active = 1 AND gone = 0")
    )


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("origin", sa.Integer, sa.ForeignKey("feeds.id"), nullable=False),
        sa.Column("date", sa.BigInteger, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("published", sa.BigInteger),
        sa.Column("updated", sa.BigInteger),
        sa.Column("language", sa.Text),
        sa.Column("words", sa.Integer, nullable=False),
        sa.Column("story", sa.Text),
        sa.Column("revisions", sa.Integer, nullable=False, server_default="0"),
        sa.Column("starred", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("url", sa.Text),
        sa.Column("image", sa.Text),
        sa.Column("authors", sa.Text),
        sa.Column("enclosures", sa.Text),
        sa.Column("comments", sa.Text),
        sa.Column("dateline", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("content_html", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("articles_newest", "articles", ["date"])
    op.create_index("articles_first_seen", "articles", ["first_seen"])
    op.create_index(
        "articles_story", "articles", ["story"], sqlite_where=sa.text("story IS NOT NULL")
    )


def _sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("feed", sa.Integer, sa.ForeignKey("feeds.id"), nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.seq", ondelete="SET NULL")),
        sa.Column("date", sa.BigInteger, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary),
        sa.Column("categories", sa.Text),
        sa.UniqueConstraint("feed", "guid", "entry"),
    )
    op.create_index("sightings_newest", "sightings", ["feed", "date", "article"])
    op.create_index("sightings_article", "sightings", ["article"])
    op.create_index("sightings_entry", "sightings", ["entry"])
    op.create_index(
        "sightings_known",
        "sightings",
        ["feed", "fingerprint"],
        sqlite_where=sa.text("fingerprint IS NOT NULL"),
    )


def _article_tags() -> None:
    op.create_table(
        "article_tags",
        sa.Column(
            "article",
            sa.Integer,
            sa.ForeignKey("articles.seq", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("slug", sa.Text, primary_key=True),
        sa.Column("date", sa.BigInteger, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("article_tags_newest", "article_tags", ["slug", "date", "article"])


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column(
            "article",
            sa.Integer,
            sa.ForeignKey("articles.seq", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("replaced", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("content_html", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def _drifts() -> None:
    op.create_table(
        "drifts",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("feed", sa.Integer, sa.ForeignKey("feeds.id"), nullable=False, index=True),
        sa.Column(
            "article",
            sa.Integer,
            sa.ForeignKey("articles.seq", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("old_guid", sa.Text, nullable=False),
        sa.Column("old_url", sa.Text),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("undone", sa.BigInteger),
    )


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def _mailings() -> None:
    op.create_table(
        "mailings",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("recipient", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try", sa.BigInteger),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text),
        sqlite_with_rowid=False,
    )


def _placements() -> None:
    op.create_table(
        "placements",
        sa.Column(
            "article",
            sa.Integer,
            sa.ForeignKey("articles.seq", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("tie", sa.Text),
        sa.Column("prints", sa.LargeBinary, nullable=False),
    )
    op.create_index("placements_story", "placements", ["story"])


def _story_links() -> None:
    op.create_table(
        "story_links",
        sa.Column("story", sa.Text, primary_key=True),
        sa.Column("other", sa.Text, primary_key=True),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("terms", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("story_links_other", "story_links", ["other"])


def _story_pins() -> None:
    op.create_table(
        "story_pins",
        sa.Column("article", sa.Text, primary_key=True),
        sa.Column("story", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _story_backgrounds() -> None:
    op.create_table(
        "story_backgrounds",
        sa.Column("since", sa.Integer, primary_key=True),
        sa.Column("documents", sa.Integer, nullable=False),
        sa.Column("frequency", sa.Text),
    )
