"""What every event and every aggregate of the domain is made of."""

from __future__ import annotations

from dataclasses import InitVar, field
from typing import Any
from uuid import UUID

from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    MetaDomainEvent,
    event,
)

__all__ = ["Aggregate", "Beginning", "Change", "event"]


class Fact(metaclass=MetaDomainEvent):
    """The identity of an event: its stream and its version in it.

    The library offers every event a timestamp; it is dropped here, because the
    time of record belongs to the log (`recorded_at`), which alone may set it.
    """

    originator_id: UUID
    originator_version: int
    timestamp: InitVar[Any] = field(default=None, kw_only=True)

    def __post_init__(self, timestamp: Any) -> None:
        """Take the library's timestamp and keep nothing of it."""


class Change(CanMutateAggregate[UUID], Fact):
    """An event on a stream that exists."""


class Beginning(CanInitAggregate[UUID], Change):
    """The event that begins a stream."""

    originator_topic: str


class Aggregate(BaseAggregate[UUID]):
    """A small cluster of state that decides on its own: one stream of events.

    `STATE` names the types of the attributes that `__init__` does not take, so that the
    state can be kept beside the stream and read back. `parent_id` and `is_living` are kept beside the stream's state, so that a command
    can ask for the living children of something.
    """

    Event = Change
    STATE = {}  # noqa: RUF012  - an annotation here would make the library build a dataclass

    def __base_init__(self, originator_id: UUID, originator_version: int) -> None:  # type: ignore[override]
        self._id = originator_id
        self._version = originator_version
        self._pending_events = []

    @property
    def parent_id(self) -> UUID | None:
        """The stream this one hangs under, if any."""
        return None

    @property
    def is_living(self) -> bool:
        """False once it has ended by an event."""
        return True
