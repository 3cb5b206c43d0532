"""The ids of a read are found by its position, where the access log is hashed."""

from alembic import op

revision = "0002"
down_revision = "0001"
safe = True


def upgrade() -> None:
    """Create the index."""
    op.create_index("access_about_by_position", "access_about", ["position"])
