"""What every event and every aggregate of the domain is made of."""

from __future__ import annotations

from dataclasses import InitVar, field
from typing import Any, TypeVar, dataclass_transform
from uuid import UUID

from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    MetaDomainEvent,
    event,
)

__all__ = ["Aggregate", "Beginning", "Change", "begun", "event"]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class FactType(MetaDomainEvent):
    """Makes every event class a frozen dataclass, also for type checkers."""


class Fact(metaclass=FactType):
    """The identity of an event: its stream and its version in it.

    The library offers every event a timestamp; it is dropped here, because the
    time of record belongs to the log (`recorded_at`), which alone may set it.
    """

    originator_id: UUID
    originator_version: int
    timestamp: InitVar[Any] = field(default=None, kw_only=True)

    def __post_init__(self, timestamp: Any) -> None:
        """Accept the library's timestamp and drop it."""


class Change(CanMutateAggregate[UUID], Fact):
    """An event on a stream that exists."""


class Beginning(CanInitAggregate[UUID], Change):
    """The event that begins a stream."""

    originator_topic: str


B = TypeVar("B", bound=Beginning)


def begun(event_class: type[B], **fields: Any) -> B:
    """Return an event with all its fields, past a frozen dataclass's slow way of setting them.

    For events that are made by the hundred thousand; nothing is left to defaults.
    """
    made = object.__new__(event_class)
    made.__dict__.update(fields)
    return made


NO_MORE_STATE: dict[str, Any] = {}
NOTHING_LATER: dict[str, Any] = {}


class Aggregate(BaseAggregate[UUID]):
    """A small cluster of state that decides on its own: one stream of events.

    `STATE` names the types of the attributes that `__init__` does not take, so that the
    state can be stored beside the stream and read back; `LATER` has the values of those that were
    added later, for states stored before. `parent_stream` and `is_living` are stored there too,
    so that a command can ask for the living children of something.
    """

    Event = Change
    STATE = NO_MORE_STATE  # an annotation would make the library build a dataclass
    LATER = NOTHING_LATER

    def __base_init__(self, originator_id: UUID, originator_version: int) -> None:  # type: ignore[override]
        self._id = originator_id
        self._version = originator_version
        self._pending_events = []

    @property
    def parent_stream(self) -> UUID | None:
        """The parent stream, if any."""
        return None

    @property
    def is_living(self) -> bool:
        """False once it has ended by an event."""
        return True
