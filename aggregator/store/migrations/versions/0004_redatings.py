"""Earlier dates of articles are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; dates that were moved before are not known."""
    op.create_table(
        "redatings",
        sa.Column(
            "article",
            sa.Integer,
            sa.ForeignKey("articles.seq", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("replaced", sa.BigInteger, primary_key=True),
        sa.Column("date", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("redatings_date", "redatings", ["date"])
    op.create_index("redatings_replaced", "redatings", ["replaced"])
