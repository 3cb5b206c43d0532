"""The directory as it was at schema version 1, frozen: later changes are further migrations."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import Id

revision = "0001"
down_revision = None
safe = True


def upgrade() -> None:
    """Create the tables; rights follow every migration by themselves."""
    op.create_table(
        "people",
        sa.Column("id", Id, primary_key=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "shredding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("due", sa.Boolean, nullable=False),
    )
    op.create_table(
        "client_info",
        sa.Column("command_id", Id, primary_key=True),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("encrypted", sa.LargeBinary, nullable=False),
    )
    op.create_index("client_info_by_person", "client_info", ["person_id"])
    op.create_table(
        "signing_keys",
        sa.Column("public_key", sa.Text, primary_key=True),
        sa.Column("private_key", sa.LargeBinary, nullable=False),
    )
