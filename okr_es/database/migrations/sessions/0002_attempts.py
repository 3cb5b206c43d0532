"""Sign-ins under way at a provider of identity."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import Instant

revision = "0002"
down_revision = "0001"
safe = True


def upgrade() -> None:
    """Create the table; rights follow every migration by themselves."""
    op.create_table(
        "attempts",
        sa.Column("state_hash", sa.LargeBinary, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("link_hash", sa.LargeBinary),
        sa.Column("next", sa.Text, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
