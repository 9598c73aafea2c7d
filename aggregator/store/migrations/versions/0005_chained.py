"""A link stands once, whichever story it was found from, and tells whether others led there."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep the better of two links between the same stories; what is faint was led to by others."""
    chained = sa.Column("chained", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("story_links", chained)
    op.execute("UPDATE story_links SET chained = 1 WHERE score < 0.08")
    op.execute(
        "DELETE FROM story_links AS link WHERE EXISTS ("
        "SELECT 1 FROM story_links AS back "
        "WHERE back.story = link.other AND back.other = link.story "
        "AND (back.score, link.story) > (link.score, link.other))"
    )
