"""The state of each stream after its last event, stored so that commands can decide by it.

It is derived: the fold of the stream's events gives the same (`evidence/verify_states.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, NotRequired, TypedDict, get_type_hints
from uuid import UUID

import msgspec

from okr_es.domain.api_key import ApiKey
from okr_es.domain.approval import Approval
from okr_es.domain.base import Aggregate
from okr_es.domain.calendar import OrganisationCalendar
from okr_es.domain.clock import ClockAcceptance
from okr_es.domain.cycle import Cycle
from okr_es.domain.grant import Grant
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.people_figures import PeopleFiguresChoice
from okr_es.domain.person import Person
from okr_es.domain.policy import ScoringPolicy
from okr_es.domain.retention import Retention, RetentionRun
from okr_es.domain.signing_key import SigningKey
from okr_es.domain.team import Team
from okr_es.domain.text import RedactedText
from okr_es.log.mapper import encode, topic_of

# The aggregates that have a state beside the log, by topic; readings are folded from their events.
WITH_STATE: dict[str, type[Aggregate]] = {
    topic_of(cls): cls
    for cls in (
        Cycle,
        Team,
        Person,
        Objective,
        KeyResult,
        Kpi,
        ScoringPolicy,
        PeopleFiguresChoice,
        Grant,
        ApiKey,
        Approval,
        SigningKey,
        OrganisationCalendar,
        ClockAcceptance,
        RedactedText,
        Retention,
        RetentionRun,
    )
}


class StreamState(NamedTuple):
    """A stream's state after its last event, stored beside the log."""

    stream: UUID
    type: str
    version: int
    parent: UUID | None
    living: bool
    state: bytes


def states_of(aggregates: Iterable[Aggregate]) -> list[StreamState]:
    """Return the states of those aggregates that have one beside the log."""
    return [state_of(each) for each in aggregates if type(each) in WITH_STATE.values()]


def state_of(aggregate: Aggregate) -> StreamState:
    """Return an aggregate's state as it is stored beside the log."""
    return StreamState(
        aggregate.id,
        topic_of(type(aggregate)),
        aggregate.version,
        aggregate.parent_stream,
        aggregate.is_living,
        encode_state(aggregate),
    )


@cache
def state_decoder(cls: type[Aggregate]) -> msgspec.json.Decoder[Any]:
    """Return the decoder of an aggregate's state."""
    hints = get_type_hints(cls.__init__) | cls.STATE
    hints.pop("return")
    hints |= {name: NotRequired[hints[name]] for name in cls.LATER}
    return msgspec.json.Decoder(TypedDict(cls.__name__, hints))  # type: ignore[operator]


def encode_state(aggregate: Aggregate) -> bytes:
    """Return the state of an aggregate as it stands after its last event."""
    return encode({k: v for k, v in vars(aggregate).items() if not k.startswith("_")})


def decode_aggregate(topic: str, stream: UUID, version: int, state: bytes) -> Aggregate:
    """Return the aggregate of a topic in its stored state; raise KeyError for one without."""
    cls = WITH_STATE[topic]
    aggregate = object.__new__(cls)
    aggregate.__dict__.update(cls.LATER)
    aggregate.__dict__.update(state_decoder(cls).decode(state))
    aggregate.__base_init__(stream, version)
    return aggregate
