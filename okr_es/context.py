"""What goes with a command, and what comes back: who wants it, why and from where; its receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from okr_es.ids import ordered_id

ORIGINS = frozenset({"api", "page", "import", "job", "seed"})


@dataclass(frozen=True)
class Context:
    """Who wants it, why, on whose behalf, and from where.

    `command_id` makes a command safe to send twice. `expected_version` is the version of the
    thing as the caller last saw it. `seed_time` is for the seeding of an empty log alone.
    """

    by: UUID
    reason: str | None = None
    comment: str | None = None
    on_behalf_of: UUID | None = None
    origin: str = "api"
    command_id: UUID = field(default_factory=ordered_id)
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    expected_version: int | None = None
    seed_time: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of a command.

    `id` is the thing it began or changed, `version` that thing's version after it. Positions
    are None when nothing had to change. `repeated` says that the command had arrived before
    and this is its first receipt. `approval_id` is the request that waits for approval by
    someone else in the place of what was asked for: then nothing of it has happened yet.
    """

    command_id: UUID
    id: UUID | None
    version: int | None
    first_position: int | None
    last_position: int | None
    recorded_at: str
    warnings: tuple[str, ...] = ()
    repeated: bool = False
    approval_id: UUID | None = None
