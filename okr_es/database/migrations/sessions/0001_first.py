"""The sessions as they were at schema version 1, frozen: later changes are further migrations."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import Id, Instant

revision = "0001"
down_revision = None
safe = True


def upgrade() -> None:
    """Create the tables; rights follow every migration by themselves."""
    op.create_table(
        "sessions",
        sa.Column("id", Id, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
    op.create_index("sessions_by_person", "sessions", ["person_id"])
    op.create_table(
        "links",
        sa.Column("secret_hash", sa.LargeBinary, primary_key=True),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
    op.create_index("links_by_person", "links", ["person_id"])
