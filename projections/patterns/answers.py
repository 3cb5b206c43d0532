"""What the report of patterns answers."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict, get_args

from msgspec import Meta

from okr_es.scoring.grades import Outcome
from projections.as_of.answers import (
    AsOf,
    Count,
    Day,
    Exact,
    GoalKind,
    Id,
    KindRef,
    NamedPerson,
    NamedTeam,
    OfCycle,
    Rounded,
    TitledObjective,
    doc,
)
from projections.audit_log.answers import Attributed, ChangeAnswer

FindingKind = Literal[
    "lowered_target",
    "last_days",
    "late_reading",
    "changed_reading",
    "adjusted_grade",
    "realigned_again",
    "graded_own",
    "repeated_reason",
    "approved_each_other",
    "backdated_hand_over",
    "moved_outcome",
    "retired_kpi",
    "changed_policy",
]
KINDS: tuple[FindingKind, ...] = get_args(FindingKind)


class AuditedGoal(TypedDict):
    """The goal, as known at the moment."""

    kind: GoalKind
    id: Id
    objective: Annotated[TitledObjective, doc("The objective it belongs to, or feeds.")]
    title: Annotated[str | None, doc("Of a KPI the name; null: it is not for you.")]
    team: Annotated[NamedTeam | None, doc("Null: of no team.")]
    owner: Annotated[NamedPerson, doc("The person who is accountable for it.")]


class AuditedEvent(Attributed):
    """An event of a finding."""

    changes: Annotated[list[ChangeAnswer], doc("Field by field.")]
    day: Annotated[Day, doc("On which it was recorded.")]
    goal: Annotated[
        KindRef | None, doc("The goal it is about; null: the cycle, a request or the policy.")
    ]


class MovedOutcome(TypedDict):
    """A goal of which something else came out, or would have if it had been graded then."""

    objective: Annotated[TitledObjective, doc("The goal.")]
    title: Annotated[
        str | None, doc("Of the objective, as known at the moment; null: it is not for you.")
    ]
    before: Annotated[Outcome, doc("Right before the event.")]
    after: Annotated[Outcome, doc("Right after the event.")]


class FindingAnswer(TypedDict):
    """A finding, for an auditor to check. Numbers that do not belong to its kind are null."""

    kind: Annotated[FindingKind, doc("The pattern it is an example of.")]
    goal: Annotated[
        AuditedGoal | None,
        doc("Null: of several goals, as each event says, of two people, or of the policy."),
    ]
    amount: Annotated[
        Exact | None, doc("By how much a target was made easier, or a grade adjusted.")
    ]
    share: Annotated[Rounded | None, doc("The part of the way that was let off, 0 to 1.")]
    comparable: Annotated[
        bool | None,
        doc("False: the KPI was defined otherwise between both targets: not comparable."),
    ]
    computed: Annotated[Rounded | None, doc("The grade as computed at that moment, 0 to 1.")]
    days_left: Annotated[int | None, doc("Days to the end of the cycle; below 0: after it.")]
    days_late: Annotated[
        Count | None, doc("Days from the day it was due by to the day it was recorded; 0: in time.")
    ]
    days_back: Annotated[
        Count | None, doc("Days from the day a hand-over holds from to the day it was recorded.")
    ]
    after_closing: Annotated[bool | None, doc("It was recorded while the cycle was closed.")]
    times: Annotated[Count | None, doc("How often.")]
    moved: Annotated[
        list[MovedOutcome], doc("The goals whose outcome a correction or a policy moved.")
    ]
    events: Annotated[list[AuditedEvent], doc("In the order of the log.")]


class FindingCounts(TypedDict):
    """How many findings of each kind."""

    lowered_target: Annotated[Count, doc("A target was made easier.")]
    last_days: Annotated[Count, doc("The plan was changed in the last days of the cycle.")]
    late_reading: Annotated[Count, doc("A reading was recorded late.")]
    changed_reading: Annotated[Count, doc("A reading was corrected or retracted.")]
    adjusted_grade: Annotated[Count, doc("A grade differs from the computed one.")]
    realigned_again: Annotated[Count, doc("A goal was re-aligned more than once.")]
    graded_own: Annotated[Count, doc("Someone graded their own goal.")]
    repeated_reason: Annotated[Count, doc("The same reason stands beside several events.")]
    approved_each_other: Annotated[
        Count, doc("Two people approved nothing but each other's requests.")
    ]
    backdated_hand_over: Annotated[
        Count, doc("A goal was handed over from a day more than a week before.")
    ]
    moved_outcome: Annotated[
        Count, doc("A correction in the last week moved what comes out of a goal.")
    ]
    retired_kpi: Annotated[Count, doc("A KPI that fed the plan was retired while the cycle ran.")]
    changed_policy: Annotated[Count, doc("The scoring policy was changed while the cycle ran.")]


class PatternsAnswer(AsOf, OfCycle):
    """The findings of a cycle, for an auditor to check, by kind, each in the order of the log."""

    last_days: Annotated[
        int,
        Meta(ge=1, description="The days at its end in which a change of plan is a finding."),
    ]
    counts: Annotated[FindingCounts, doc("By kind.")]
    findings: Annotated[list[FindingAnswer], doc("By kind, then in the order of the log.")]
