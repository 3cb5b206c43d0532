"""The keys of texts, apart from those of who wrote them.

It is not safe: a program from before would go on to encrypt with the keys of people. What was
encrypted with them before is brought over by `okr_es/log/old_texts.py`.
"""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import Id

revision = "0003"
down_revision = "0002"
safe = False


def upgrade() -> None:
    """Create the tables; functions and rights follow every migration by themselves."""
    op.create_table(
        "record_keys",
        sa.Column("place", sa.Text, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "personal_keys",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("person_id", Id, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
    op.create_index("personal_keys_by_person", "personal_keys", ["person_id"])
    op.add_column(
        "shredding",
        sa.Column("records_due", sa.Boolean, nullable=False, server_default=sa.false()),
    )
