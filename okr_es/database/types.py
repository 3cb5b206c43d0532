"""Types of columns that both engines have: ids, numbers, instants."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import String, TypeDecorator, TypeEngine


class Id(TypeDecorator[UUID]):
    """A UUID: the native type on PostgreSQL; on SQLite its text, as it stands in the JSON."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the engine's column type: UUID or text."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=True))
        return dialect.type_descriptor(String(36))

    def process_bind_param(self, value: UUID | str | None, dialect: Dialect) -> Any:
        """Return what the engine takes."""
        return value if value is None or dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        """Return a UUID."""
        return value if value is None or dialect.name == "postgresql" else UUID(value)


BigInt: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
# Instants are kept as fixed-width UTC text (2025-07-01T12:00:00.000000Z): the order of the
# text is the order of time on both engines, and it is the very text that is hashed.
Instant: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
