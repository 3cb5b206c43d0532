"""What the question about a plan answers: what was promised, and what became of it."""

from __future__ import annotations

from typing import Annotated, TypedDict

from projections.as_of.answers import AsOf, Id, NextBefore, OfCycle, Position, doc
from projections.retrospect.answers import (
    CommittedAt,
    Marked,
    PlannedGoal,
    Revised,
    Revision,
    TeamRevisions,
)
from projections.retrospect.review_answers import KeyResultPromise, Promise


class PromisedAt(TypedDict):
    """Of which goal something is the promise, and where that was made."""

    id: Id
    promised_at: Annotated[
        Position, doc("The position of the commit that covered it, or where it came later.")
    ]


class PromisedKeyResult(KeyResultPromise, PromisedAt, Marked):
    """A key result as it was promised, as corrected since."""


class PromisedObjective(Promise, PromisedAt, Marked):
    """An objective as it was promised, as corrected since, with its key results."""

    key_results: Annotated[
        list[PromisedKeyResult], doc("Those it promised then, and those that came to it later.")
    ]


class PlanAnswer(AsOf, OfCycle, Revised):
    """The plan of a cycle, and a page of its revisions, the newest first."""

    committed: Annotated[CommittedAt | None, doc("The last commit; null: none yet.")]
    teams: Annotated[list[TeamRevisions], doc("Team by team.")]
    promises: Annotated[
        list[PromisedObjective], doc("What was promised, each goal as of its own promise.")
    ]
    goals: Annotated[list[PlannedGoal], doc("What became of each.")]
    changes: Annotated[list[Revision], doc("The newest first.")]
    next_before: NextBefore
