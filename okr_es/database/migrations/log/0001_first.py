"""The log as it was at schema version 1, frozen: later changes are further migrations."""

import sqlalchemy as sa
from alembic import op

from okr_es.database.types import BigInt, Id, Instant

revision = "0001"
down_revision = None
safe = True


def upgrade() -> None:
    """Create the tables; guards, functions and rights follow every migration by themselves."""
    op.create_table(
        "events",
        sa.Column("position", BigInt, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("stream", Id, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("encrypted", sa.LargeBinary),
        sa.Column("by", Id),
        sa.Column("on_behalf_of", Id),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("command_id", Id),
        sa.Column("correlation_id", Id),
        sa.Column("causation_id", Id),
        sa.Column("written_at", sa.Text),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("stream", "version", name="one_event_a_version"),
    )
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("position", BigInt, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("seeding", sa.Boolean, nullable=False),
    )
    op.create_table(
        "commands",
        sa.Column("command_id", Id, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("first_position", BigInt),
        sa.Column("last_position", BigInt),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "streams",
        sa.Column("stream", Id, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("parent", Id),
        sa.Column("living", sa.Boolean, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    op.create_index("living_children", "streams", ["parent", "type", "living"])
    op.create_table(
        "names",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("stream", Id, nullable=False),
    )
    create_checkpoints()


def create_checkpoints() -> None:
    """Create the tables of checkpoints and of the tree they are signed over."""
    op.create_table(
        "tree",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", BigInt, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", BigInt, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", Instant, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
    )
    op.create_table(
        "published_checkpoints",
        sa.Column("sink", sa.Text, primary_key=True),
        sa.Column("size", BigInt, primary_key=True, autoincrement=False),
        sa.Column("published_at", Instant, nullable=False),
    )
