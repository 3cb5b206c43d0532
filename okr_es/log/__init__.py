"""The log: events, gapless and immutable, on SQLite and PostgreSQL."""
