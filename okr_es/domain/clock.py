"""The clock of the log: an operator takes responsibility for a clock that has jumped."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning
from okr_es.domain.values import needs_reason

CLOCK = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c11")


class ClockAcceptance(Aggregate):
    """That the server's clock is right, although it is far from another clock or the last event."""

    TOPIC = "clock"

    class Accepted(Beginning):
        """Someone accepted the server's clock, with a reason: so far ahead it is of the database's,
        or null where the database has no clock of its own.
        """

        TOPIC = "clock.accepted"
        ahead_seconds: int | None

    def __init__(self, ahead_seconds: int | None) -> None:
        self.ahead_seconds = ahead_seconds

    @classmethod
    def accept(cls, ahead_seconds: int | None, reason: str | None, *, id: UUID) -> ClockAcceptance:
        """Accept the clock; needs a reason."""
        needs_reason(reason, "accept the clock of the server")
        return cls._create(cls.Accepted, id=id, ahead_seconds=ahead_seconds)

    @property
    def parent_stream(self) -> UUID:
        """One parent of all acceptances, by which they are listed."""
        return CLOCK
