"""The jobs as they were at schema version 1, frozen: later changes are further migrations."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import Instant

revision = "0001"
down_revision = None
safe = True


def upgrade() -> None:
    """Create the tables; rights follow every migration by themselves."""
    op.create_table(
        "leases",
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("outcome", sa.Text),
        sa.Column("detail", sa.Text),
    )
    op.create_index("runs_by_job", "runs", ["job", "began_at"])
