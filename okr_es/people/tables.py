"""The tables of the directory: people and what else is personal, secret and erasable."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
)

from okr_es.database.creation import Area
from okr_es.database.dialect import Dialect
from okr_es.database.sql_files import statements_of
from okr_es.database.types import Id

metadata = MetaData()
# Names and e-mail (`entry`) are encrypted with the person's own key, which is destroyed with them.
people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
    Column("key", LargeBinary, nullable=False),
)
# What opens business records: the nodes of a tree of keys, by their place in it, and the keys of
# texts from before there was one, by event (see key_tree.py).
record_keys = Table(
    "record_keys",
    metadata,
    Column("place", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
# What opens texts about somebody, by event; removed with the person.
personal_keys = Table(
    "personal_keys",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("person_id", Id, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
Index("personal_keys_by_person", personal_keys.c.person_id)
# One row: whether bytes of somebody, or of keys of records, that were removed are still to be
# overwritten, and how often something was removed.
shredding = Table(
    "shredding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("due", Boolean, nullable=False),
    Column("records_due", Boolean, nullable=False, server_default=false()),
    Column("removals", BigInteger, nullable=False, server_default="0"),
)
# Network address and client of commands, encrypted with the key of the person who acted.
client_info = Table(
    "client_info",
    metadata,
    Column("command_id", Id, primary_key=True),
    Column("person_id", Id, nullable=False),
    Column("encrypted", LargeBinary, nullable=False),
)
Index("client_info_by_person", client_info.c.person_id)
# Accounts of people at providers of identity: found by a hash of issuer and subject, which are
# encrypted with the person's key.
identities = Table(
    "identities",
    metadata,
    Column("identity_hash", LargeBinary, primary_key=True),
    Column("person_id", Id, nullable=False),
    Column("encrypted", LargeBinary, nullable=False),
)
Index("identities_by_person", identities.c.person_id)
# The private halves of the keys that checkpoints are signed with.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("public_key", Text, primary_key=True),
    Column("private_key", LargeBinary, nullable=False),
)


def statements(dialect: Dialect) -> list[str]:
    """Return what makes the functions that overwrite bytes of what was removed."""
    if dialect.name != "postgresql":
        return []
    return statements_of(__package__, f"rewrite.{dialect.name}.sql")


AREA = Area(
    "directory",
    metadata,
    statements=statements,
    rights={
        "people": "SELECT, INSERT, UPDATE, DELETE",
        "client_info, identities, signing_keys": "SELECT, INSERT, DELETE",
        "record_keys, personal_keys": "SELECT, INSERT, DELETE",
        "shredding": "SELECT, UPDATE",
    },
    first_rows={shredding: {"id": 1, "due": False}},
    version=4,
)
