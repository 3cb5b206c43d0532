"""The tables of sessions, links, sign-ins under way and uses of keys.

They lie in a database of their own, which is in no backup.
Secrets are kept as hashes: who reads these tables can sign in as nobody.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text

from okr_es.database.creation import Area
from okr_es.database.types import Id, Instant

metadata = MetaData()
sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("person_id", Id, nullable=False),
    Column("how", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
Index("sessions_by_person", sessions.c.person_id)
links = Table(
    "links",
    metadata,
    Column("secret_hash", LargeBinary, primary_key=True),
    Column("person_id", Id, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
Index("links_by_person", links.c.person_id)
# Sign-ins under way at a provider of identity: a row until the person comes back, once.
attempts = Table(
    "attempts",
    metadata,
    Column("state_hash", LargeBinary, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("provider", Text, nullable=False),
    Column("link_hash", LargeBinary),
    Column("next", Text, nullable=False),
    Column("ends_at", Instant, nullable=False),
)
# Requests of each api key in the minute it was used in last.
key_uses = Table(
    "key_uses",
    metadata,
    Column("key_id", Id, primary_key=True),
    Column("minute", Instant, nullable=False),
    Column("taken", Integer, nullable=False),
)

AREA = Area(
    "sessions",
    metadata,
    rights={
        "sessions": "SELECT, INSERT, UPDATE, DELETE",
        "links": "SELECT, INSERT, DELETE",
        "attempts": "SELECT, INSERT, DELETE",
        "key_uses": "SELECT, INSERT, UPDATE",
    },
    version=3,
)
