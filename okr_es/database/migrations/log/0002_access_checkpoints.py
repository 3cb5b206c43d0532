"""What was signed over the access log, beside what was signed over the log."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import BigInt, Instant

revision = "0002"
down_revision = "0001"
safe = True


def upgrade() -> None:
    """Create the table; guards and rights follow every migration by themselves."""
    op.create_table(
        "access_checkpoints",
        sa.Column("size", BigInt, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", Instant, nullable=False),
        sa.Column("edge", sa.LargeBinary, nullable=False),
    )
