"""What questions about cycles, teams, people, calendar and scoring policy answer."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from okr_es.domain.values import TeamKind, Weekday
from projections.as_of.answers import (
    AsOf,
    Count,
    CycleFacts,
    Day,
    Id,
    Name,
    NamedRef,
    Paged,
    Position,
    PositionAt,
    Version,
    doc,
)
from projections.retrospect.answers import PolicyAnswer


class HolidaySpan(TypedDict):
    """Days on which nobody works."""

    starts: Annotated[Day, doc("The first day.")]
    ends: Annotated[Day, doc("The last day.")]
    name: Name


class GraceDays(TypedDict):
    """The working days after a period until its reading is due, by cadence."""

    daily: Annotated[Count, doc("After a working day, where a reading is due daily.")]
    weekly: Annotated[Count, doc("After a weekly period.")]
    every_two_weeks: Annotated[Count, doc("After a period of two weeks.")]
    monthly: Annotated[Count, doc("After a monthly period.")]
    quarterly: Annotated[Count, doc("After a quarterly period.")]
    half_yearly: Annotated[Count, doc("After a half-yearly period.")]
    yearly: Annotated[Count, doc("After a yearly period.")]


class CalendarVersion(TypedDict):
    """A calendar of the organisation, and from when on it is valid."""

    version: Version
    valid_from: Annotated[Day | None, doc("The first day; null: the first one, on all days.")]
    position: Annotated[Position | None, doc("Where it was recorded; null: not yet.")]


class CalendarAnswer(AsOf):
    """The organisation's calendar that is valid on the day; its time zone is `zone`."""

    id: Id
    version: Version
    valid_from: Annotated[Day | None, doc("The first day; null: the first one, on all days.")]
    working_days: Annotated[list[Weekday], doc("The working days of a week.")]
    holidays: Annotated[list[HolidaySpan], doc("By their first day.")]
    first_month: Annotated[int, Meta(ge=1, le=12, description="The first month of its year.")]
    two_weeks_from: Annotated[Day, doc("A Monday on which a two-week period begins.")]
    grace: Annotated[GraceDays, doc("In working days.")]
    versions: Annotated[list[CalendarVersion], doc("All of them, in the order of the log.")]


class NamedPlanCommit(PositionAt):
    """A commit of the plan, of all teams or of some, with the name of the team."""

    team: Annotated[NamedRef | None, doc("The team whose plan was committed; null: of all.")]
    with_teams_below: Annotated[bool, doc("With the plans of all teams below.")]


class CycleBody(CycleFacts):
    """A cycle, with the names of the teams whose plans were committed."""

    plan_commits: Annotated[
        list[NamedPlanCommit],
        doc("Where its plan was committed, the oldest first; empty: not yet."),
    ]


class OneCycleAnswer(CycleBody, AsOf):
    """A cycle as of a moment."""


class CyclesAnswer(AsOf, Paged):
    """A page of cycles."""

    cycles: Annotated[list[CycleBody], doc("By their first day, or as sorted.")]


class TeamBody(TypedDict):
    """A team on a day."""

    id: Id
    version: Version
    name: Annotated[str, doc("Its name of the day.")]
    kind: Annotated[TeamKind, doc("What sort of node of the organisation it is.")]
    parent: Annotated[NamedRef | None, doc("The team it is below on the day; null at the top.")]
    disbanded: Annotated[bool, doc("It is no more.")]
    recorded_later: Annotated[
        Day | None,
        doc("The day its place, or the team itself, was recorded, if later; null: by the day."),
    ]


class TeamAnswer(TeamBody, AsOf):
    """A team as of a moment."""

    teams_below: Annotated[list[NamedRef], doc("Those directly below it on the day, by name.")]


class TeamsAnswer(AsOf, Paged):
    """A page of the teams of a day: `parent` makes them a tree."""

    teams: Annotated[list[TeamBody], doc("By name.")]


class PolicyVersion(TypedDict):
    """A scoring policy, and where it was recorded."""

    version: Version
    position: Position
    day: Annotated[Day, doc("The day it was recorded: it is in force from then on.")]


class ScoringPolicyAnswer(PolicyAnswer, AsOf):
    """The scoring policy in force at a moment; a closed cycle keeps that of its closing."""

    id: Id
    version: Annotated[Version | None, doc("Null: the built-in one, as none was adopted.")]
    versions: Annotated[list[PolicyVersion], doc("All that are known, in the order of the log.")]


class DeputyAnswer(TypedDict):
    """Who stands in for a person."""

    person: Annotated[NamedRef, doc("The deputy, by the present name.")]
    starts: Annotated[Day, doc("The first day.")]
    ends: Annotated[Day, doc("The last day.")]


class PersonBody(TypedDict):
    """A person, with what the directory has now; a stand-in for the name once erased."""

    id: Id
    version: Version
    name: Name
    email: Annotated[str | None, doc("Null where none was given, or once erased.")]
    erased: Annotated[bool, doc("The person was erased: the directory has no entry any more.")]
    legal_ground: Annotated[
        str | None, doc("On which they were erased; null: they are not, or you may not see it.")
    ]
    holds: Annotated[
        list[str] | None,
        doc("Matters whose legal holds keep them from being erased; null: you may not see them."),
    ]
    active: Annotated[bool, doc("They had not left by the day, or were back.")]
    since: Annotated[Day | None, doc("Since when that is so; null: they never left before.")]
    deputy: Annotated[DeputyAnswer | None, doc("Who was named to stand in; null: nobody.")]


class PersonAnswer(PersonBody, AsOf):
    """A person as of a moment."""


class PeopleAnswer(AsOf, Paged):
    """A page of people, on a day."""

    people: Annotated[list[PersonBody], doc("By id, or as sorted.")]
