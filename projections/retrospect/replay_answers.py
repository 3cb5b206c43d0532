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
from projections.goals.answers import StateOf
from projections.goals.score_answers import Ending, Expected, Graded, Progressed

THRESHOLDS = (
    "on_track", "at_risk", "yellow_from", "committed_expected", "aspirational_expected",
    "not_measured",
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
            description="What was named, in place of the policy's: thresholds as exact decimals.",
            extra_json_schema={"propertyNames": {"type": "string", "enum": list(THRESHOLDS)}},
        ),
    ]


_FromDay = TypedDict("_FromDay", {"from": Annotated[Day, doc("The first day replayed.")]})


class ReplayHeading(_FromDay):
    """The first line of a replay."""

    cycle: Annotated[CycleAnswer, doc("The cycle.")]
    step: Step
    by: Annotated[
        Literal["recorded", "as_of"],
        doc(
            "What of a day is shown: what was recorded by its end, or what it was as of, as known "
            "at one position: the board about that day."
        ),
    ]
    known_at: Annotated[
        Count | None, doc("That position; null: each step knows what was recorded by then.")
    ]
    plan_from: Annotated[
        Count | None,
        doc(
            "The position whose plan earlier days are shown with, where all goals were recorded "
            "after the last day of the cycle; null: each day has its own plan."
        ),
    ]
    to: Annotated[Day, doc("The last day replayed.")]
    zone: ZoneName
    policy: Annotated[ReplayPolicy, doc("What the steps are judged by.")]


class ReplayedObjective(Progressed, Graded, Ending):
    """An objective."""

    id: Id
    title: Title
    expected: Expected
    pace: Annotated[
        Rounded | None,
        doc("Score over expected times expected grade; null: unmeasured, or 0 is expected."),
    ]
    status: Status
    state: StateOf


class StatusCounts(TypedDict):
    """How many objectives have each status; drafts and abandoned ones count nowhere."""

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
    """The end of a day, or of several in a row on which there was no objective yet."""

    since: Annotated[Day, doc("The first of these days: the same as `day` where there was any.")]

    events: Annotated[Count, doc("Since the day before.")]


class ReplayEvent(ReplayStep):
    """The state right after an event."""

    event: Annotated[Heading | None, doc("Null: the state at the beginning.")]


class Broken(TypedDict):
    """The stream broke off."""

    error: Annotated[str, doc("Why; what came before it is right.")]


ReplayLine = ReplayHeading | ReplayDay | ReplayEvent | Broken
