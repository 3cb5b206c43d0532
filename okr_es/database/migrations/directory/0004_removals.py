"""How often something was removed, so that two who overwrite bytes do not take it for one time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
safe = True


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "shredding", sa.Column("removals", sa.BigInteger, nullable=False, server_default="0")
    )
