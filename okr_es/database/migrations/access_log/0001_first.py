"""The access log as it was at schema version 1, frozen: later changes are further migrations."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import BigInt, Id, Instant

revision = "0001"
down_revision = None
safe = True


def upgrade() -> None:
    """Create the tables; guards and rights follow every migration by themselves."""
    op.create_table(
        "accesses",
        sa.Column("position", BigInt, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", Instant, nullable=False, index=True),
        sa.Column("by", Id, index=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
    )
    op.create_table(
        "access_about",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", BigInt, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "access_counter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("position", BigInt, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
    )
