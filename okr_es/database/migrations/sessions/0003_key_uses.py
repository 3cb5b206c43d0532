"""How much api keys are used."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import Id, Instant

revision = "0003"
down_revision = "0002"
safe = True


def upgrade() -> None:
    """Create the table; rights follow every migration by themselves."""
    op.create_table(
        "key_uses",
        sa.Column("key_id", Id, primary_key=True),
        sa.Column("minute", Instant, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
    )
