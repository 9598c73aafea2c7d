"""Placed articles are found by marks, and those that are not placed stand in a queue."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; sketches of form 0 are packed anew when stories are next placed."""
    _story_queue()
    _placements()
    _story_marks()


def _story_queue() -> None:
    op.create_table(
        "story_queue",
        sa.Column(
            "article",
            sa.Integer,
            sa.ForeignKey("articles.seq", ondelete="CASCADE"),
            primary_key=True,
        ),
    )
    op.execute(
        "INSERT INTO story_queue SELECT seq FROM articles "
        "WHERE NOT EXISTS (SELECT 1 FROM placements WHERE article = seq)"
    )


def _placements() -> None:
    op.execute("ALTER TABLE placements RENAME COLUMN prints TO sketch")
    form = sa.Column("form", sa.Integer, nullable=False, server_default=sa.text("0"))
    op.add_column("placements", form)
    op.create_index("placements_batch", "placements", ["batch"])
    old = sa.text("form = 0")
    op.create_index("placements_first_form", "placements", ["article"], sqlite_where=old)


def _story_marks() -> None:
    op.create_table(
        "story_marks",
        sa.Column("week", sa.Integer, primary_key=True),
        sa.Column("mark", sa.Integer, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("article", sa.Integer, primary_key=True),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("flags", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
