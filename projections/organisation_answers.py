"""What the lists of cycles, teams and people answer."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from okr_es.domain.values import TeamKind, Weekday
from projections.as_of.answers import (
    AsOf,
    AtPosition,
    Count,
    CycleAnswer,
    Day,
    Id,
    Name,
    Position,
    Ref,
    Version,
    doc,
)


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


class CyclesAnswer(AtPosition):
    """All cycles by their first day."""

    cycles: Annotated[list[CycleAnswer], doc("By their first day.")]


class TeamAnswer(TypedDict):
    """A team."""

    id: Id
    version: Version
    name: Name
    kind: Annotated[TeamKind, doc("What sort of node of the organisation it is.")]
    parent: Annotated[Ref | None, doc("The team it belongs to; null at the top.")]
    disbanded: Annotated[bool, doc("It is no more.")]


class TeamsAnswer(AtPosition):
    """All teams by name."""

    teams: Annotated[list[TeamAnswer], doc("By name.")]


class DeputyAnswer(TypedDict):
    """Who stands in for a person."""

    person: Annotated[Ref, doc("The deputy.")]
    starts: Annotated[Day, doc("The first day.")]
    ends: Annotated[Day, doc("The last day.")]


class PersonAnswer(TypedDict):
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


class PeopleAnswer(AsOf):
    """All people, on a day."""

    people: Annotated[list[PersonAnswer], doc("By id.")]
