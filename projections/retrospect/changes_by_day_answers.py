"""What is answered about the days on which something of a cycle was changed."""

from __future__ import annotations

from typing import Annotated, TypedDict

from projections.as_of.answers import AsOf, Count, Day, OfCycle, doc


class ChangeCounts(TypedDict):
    """How many events there were of each kind; each event counts once."""

    plan_commits: Annotated[Count, doc("Commits of the plan, of all teams or of some.")]
    closings: Annotated[Count, doc("The cycle was closed, or opened again.")]
    grades: Annotated[Count, doc("Objectives were graded.")]
    hand_overs: Annotated[Count, doc("A goal got another owner or team.")]
    realignments: Annotated[Count, doc("Objectives were aligned to something else.")]
    retargets: Annotated[Count, doc("Key results and KPIs got another target.")]
    corrections: Annotated[
        Count, doc("What was meant all along, of goals and days; readings corrected or retracted.")
    ]
    endings: Annotated[Count, doc("Abandoned, dropped, retired, carried over.")]
    returns: Annotated[Count, doc("Taken up again.")]
    readings: Annotated[Count, doc("Readings of KPIs.")]
    check_ins: Annotated[Count, doc("Check-ins of key results.")]
    approvals: Annotated[Count, doc("Requests for approval, and what was decided about them.")]
    new_goals: Annotated[Count, doc("Drafted, committed, added, defined.")]
    others: Annotated[Count, doc("All else: titles, descriptions, due days, weights, links.")]


class DayOfChanges(TypedDict):
    """A day of the organisation's calendar on which something was recorded."""

    day: Annotated[Day, doc("The day it was recorded on.")]
    events: Annotated[Count, doc("How many events there were.")]
    revisions: Annotated[
        Count, doc("How many of them revised a committed plan, whatever their kind.")
    ]
    kinds: Annotated[ChangeCounts, doc("How many of each kind; their sum is `events`.")]


class ChangesByDayAnswer(AsOf, OfCycle):
    """On which days something of a cycle was changed, and how much."""

    days: Annotated[list[DayOfChanges], doc("Days with changes alone, the earliest first.")]
