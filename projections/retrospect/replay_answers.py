"""What a replay answers: a heading, then a line for each step."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from projections.as_of.answers import (
    Count,
    CycleAnswer,
    Day,
    Id,
    Rounded,
    Status,
    Title,
    ZoneName,
    doc,
)
from projections.audit_log.answers import Heading
from projections.goals.answers import Expected, Graded, Progressed, StateOf

THRESHOLDS = (
    "on_track", "at_risk", "yellow_from", "green_from", "committed_expected",
    "aspirational_expected",
)  # fmt: skip

Step = Annotated[Literal["day", "event"], doc("What each line stands for.")]


class ReplayPolicy(TypedDict):
    """The thresholds of the steps."""

    base: Annotated[
        Literal["valid_then"],
        doc(
            "The scoring policy valid at each step; a closed cycle keeps the one it was closed "
            "under."
        ),
    ]
    overridden: Annotated[
        dict[str, str],
        Meta(
            description="Thresholds that were named, in place of the policy's, as exact decimals.",
            extra_json_schema={"propertyNames": {"type": "string", "enum": list(THRESHOLDS)}},
        ),
    ]


_FromDay = TypedDict("_FromDay", {"from": Annotated[Day, doc("The first day replayed.")]})


class ReplayHeading(_FromDay):
    """The first line of a replay."""

    cycle: Annotated[CycleAnswer, doc("The cycle.")]
    step: Step
    to: Annotated[Day, doc("The last day replayed.")]
    zone: ZoneName
    policy: Annotated[ReplayPolicy, doc("What the steps are judged by.")]


class ReplayedObjective(Progressed, Graded):
    """An objective."""

    id: Id
    title: Title
    expected: Expected
    pace: Annotated[
        Rounded | None, doc("Rolled up over expected; null: unmeasured, or 0 is expected.")
    ]
    status: Status
    state: StateOf


class StatusCounts(TypedDict):
    """How many objectives have each status."""

    not_measured: Annotated[Count, doc("Without any reading.")]
    on_track: Annotated[Count, doc("On track.")]
    at_risk: Annotated[Count, doc("At risk.")]
    off_track: Annotated[Count, doc("Off track.")]


class ReplayStep(TypedDict):
    """The fields of every step."""

    day: Annotated[Day, doc("The day.")]
    position: Annotated[Count, doc("Where the log was.")]
    statuses: Annotated[StatusCounts, doc("How many objectives have each.")]
    changed: Annotated[
        list[ReplayedObjective],
        doc(
            "Those that changed; at first all. What is expected of them, and so their pace, moves "
            "with the days, so on a new day most are here even if nothing happened."
        ),
    ]


class ReplayDay(ReplayStep):
    """The end of a day."""

    events: Annotated[Count, doc("Since the day before.")]


class ReplayEvent(ReplayStep):
    """The state right after an event."""

    event: Annotated[Heading | None, doc("Null: the state at the beginning.")]


class Broken(TypedDict):
    """The stream broke off."""

    error: Annotated[str, doc("Why; what came before it is right.")]


ReplayLine = ReplayHeading | ReplayDay | ReplayEvent | Broken
