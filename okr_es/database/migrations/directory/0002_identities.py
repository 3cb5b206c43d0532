"""Accounts of people at providers of identity."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import Id

revision = "0002"
down_revision = "0001"
safe = True


def upgrade() -> None:
    """Create the table; rights follow every migration by themselves."""
    op.create_table(
        "identities",
        sa.Column("identity_hash", sa.LargeBinary, primary_key=True),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("encrypted", sa.LargeBinary, nullable=False),
    )
    op.create_index("identities_by_person", "identities", ["person_id"])
