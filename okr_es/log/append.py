"""The input of an append, and its outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from okr_es.log.canonical import Envelope
from okr_es.log.course import BEGINNING, Seen
from okr_es.log.names import Name
from okr_es.log.stream_states import StreamState

NO_GUARD = 2**62
# A decision made at a position that many events ago counts as stale without a search: to look
# for its read set in all of them would cost more.
OLDEST_READ_SET = 1_000


class StaleDecision(Exception):
    """The read set changed before the decision was recorded; decide again."""


@dataclass(frozen=True)
class Append:
    """What goes with the events of one command into its append transaction.

    `after` is the position the decision was made at: the append is refused as stale if
    an event behind it belongs to a guarded stream or is of a guarded type, or if the log has no
    more the event that was `seen` last. `approved` says from which of the events on another
    envelope holds: what an approved request asked for. `is_ready` says whether what the events need
    outside the log is there; it is asked while nobody else can append, and where it is not there
    the decision is stale. `accepts_clock`: somebody decided that the clock is right, however far
    ahead it is.
    """

    envelope: Envelope = field(default_factory=Envelope)
    seed_time: datetime | None = None
    fingerprint: bytes = b""
    receipt: bytes = b""
    after: int = NO_GUARD
    seen: Seen = BEGINNING
    guard_streams: tuple[UUID, ...] = ()
    guard_types: tuple[str, ...] = ()
    encrypted: Sequence[bytes | None] | None = None
    states: Sequence[StreamState] = ()
    names: Sequence[Name] = ()
    approved: tuple[int, Envelope] | None = None
    is_ready: Callable[[], bool] | None = None
    accepts_clock: bool = False


class Appended(NamedTuple):
    """The outcome of an append. Positions are None for a command that changed nothing.

    `last_hash` is that of the last event, of an append that was not made before.
    """

    first_position: int | None
    last_position: int | None
    recorded_at: str
    earlier_receipt: bytes | None = None
    last_hash: bytes | None = None
