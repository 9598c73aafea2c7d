"""Sketches of all earlier forms are found by an index."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index forms; sketches of earlier ones are packed anew when stories are next placed."""
    op.drop_index("placements_first_form", "placements")
    op.create_index("placements_form", "placements", ["form"])
