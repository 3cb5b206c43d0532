"""What is answered about the roles of people, and about who could do something."""

from __future__ import annotations

from typing import Annotated, TypedDict

from okr_es.access.rights import COLUMNS, Line, Part
from okr_es.domain.values import Role
from projections.as_of.answers import (
    AsOf,
    DayText,
    Filled,
    Id,
    NamedPerson,
    NamedTeam,
    Ref,
    Version,
    doc,
    one_of,
)


class GrantAnswer(TypedDict):
    """A role of a person."""

    id: Id
    version: Version
    person: Annotated[NamedPerson, doc("Who has the role.")]
    role: Annotated[Role, doc("The role.")]
    team: Annotated[
        NamedTeam | None, doc("The team for whose subtree it is; null: for the whole organisation.")
    ]
    starts: Annotated[DayText, doc("The first day.")]
    ends: Annotated[
        DayText | None,
        doc("The last day; null: none. One that was ended before it began has an earlier one."),
    ]
    purpose: Annotated[str | None, doc("An auditor's; null of other roles.")]
    holds: Annotated[bool, doc("It holds on the day, and the person is there then.")]


class GrantsAnswer(AsOf):
    """The roles of people, also those to come and those that are over, unless a day is named."""

    grants: Annotated[list[GrantAnswer], doc("By first day, then by id.")]


class RightAnswer(TypedDict):
    """A role by which somebody could do something."""

    role: Annotated[str, one_of(COLUMNS), doc("The role.")]
    grant: Annotated[Ref | None, doc("The grant that gave it; null: a member, as everybody is.")]
    team: Annotated[NamedTeam | None, doc("For whose subtree; null: for the whole organisation.")]
    extent: Annotated[str, doc("What the table of rights says of the line and the role.")]
    alone: Annotated[bool, doc("False: only together with somebody else.")]


class PersonAndRights(TypedDict):
    """A person who could do something, and by which roles."""

    person: Annotated[NamedPerson, doc("The person.")]
    rights: Annotated[list[RightAnswer], doc("As a member first, then by first day.")]


class AboutAnswer(TypedDict):
    """What it is about."""

    kind: Annotated[
        str,
        one_of(["objective", "key_result", "kpi", "team", "person"]),
        doc("What kind of thing it is."),
    ]
    id: Id
    title: Annotated[
        str | None,
        doc("Of a KPI, a team and a person the name; null: it is not for you."),
        Filled(None),
    ]


class WhoCouldAnswer(AsOf):
    """Who could do what a line of the table of rights says, about something, on a day."""

    may: Annotated[Line, doc("The line of the table.")]
    part: Annotated[Part | None, doc("The part of the line; null: any part of it.")]
    about: Annotated[AboutAnswer | None, doc("What it is about; null: the organisation.")]
    people: Annotated[list[PersonAndRights], doc("By id.")]
