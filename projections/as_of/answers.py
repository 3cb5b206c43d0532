"""Shapes that answers share: what a field may hold, references, moments, cycles.

An answer is a plain dict; its TypedDict says which fields it has, all of them always, and no
others. What is not there is None. A class named `BoardAnswer` is the component `Board` of the API's
description (`web/api/openapi/components.py`); one without the suffix keeps its name.

In Python a value may still be what JSON has as text: `Rounded` is a Decimal, `Day` a date,
`LogId` a UUID. Numbers people gave are text, digit by digit; computed shares are cut to four
decimals, more where that would be 0 (`okr_es.scoring.shown`). Positions are those of the log, days
those of the organisation's calendar, times of record UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, TypedDict
from uuid import UUID

from msgspec import Meta

from okr_es.domain.reading import HIGHEST_CONFIDENCE
from okr_es.domain.values import Controlled


def doc(text: str) -> Meta:
    """Return the description of a field."""
    return Meta(description=text)


def one_of(words: Iterable[str]) -> Meta:
    """Return the restriction of a text to the values of another list."""
    return Meta(extra_json_schema={"enum": sorted(words)})


# ---- what a field may hold --------------------------------------------------------------


Id = Annotated[str, Meta(description="Its id.", extra_json_schema={"format": "uuid"})]
LogId = Annotated[UUID, doc("Its id.")]
Day = Annotated[date, doc("A day.")]
DayText = Annotated[str, Meta(extra_json_schema={"format": "date"})]
Instant = Annotated[
    str,
    Meta(description="An instant in UTC.", extra_json_schema={"format": "date-time"}),
]
Count = Annotated[int, Meta(ge=0)]
Position = Annotated[int, Meta(ge=1, description="A position of the log.")]
ZoneName = Annotated[str, doc("The time zone of that day, by the organisation's calendar.")]
Title = Annotated[str | None, doc("In words; null: it is confidential, and not for you.")]
TitleOrName = Annotated[str | None, doc("Of a KPI the name; null: it is not for you.")]
Name = Annotated[str, doc("Its name.")]
Exact = Annotated[str, Meta(pattern=r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$")]
Rounded = Annotated[Decimal, Meta(extra_json_schema={"pattern": r"^-?(0|[1-9][0-9]*)\.[0-9]{4,}$"})]
Version = Annotated[int, Meta(ge=1, description="How many events it has had.")]
Anything = Annotated[Any, doc("Whatever the field holds.")]

GoalKind = Annotated[Literal["objective", "key_result", "kpi"], doc("What kind of goal it is.")]
Status = Annotated[
    Literal["not_measured", "on_track", "at_risk", "off_track"],
    doc("Where its pace is, by the thresholds of the scoring policy."),
]
Overdue = Annotated[
    bool, doc("The last period for which a reading was due has none, nor any day after it.")
]
Confidence = Annotated[
    Annotated[int, Meta(ge=0, le=HIGHEST_CONFIDENCE)] | None,
    doc("Of success, 0 to 10; null: none was given."),
]
Share = Annotated[Rounded | None, doc("A share, 0 to 1; null: not measured, or not there.")]
NextBefore = Annotated[
    Position | None, doc("Ask for the next page with before=; null on the last page.")
]
EventId = Annotated[
    str,
    Meta(pattern="^[0-9a-f-]{36}/[1-9][0-9]*$", description="Stream and version of the event."),
]
EventType = Annotated[
    str, Meta(pattern=r"^[a-z_]+\.[a-z_]+$", description="Under which it is stored.")
]
Decrypted = Annotated[str | None, doc("Null where none was given, or it was destroyed.")]


# ---- references -------------------------------------------------------------------------


class Filled(NamedTuple):
    """Marks the field that gets the name of what `id` beside it names, once the answer is made.

    `kind` is what kind of thing that is: person, team, cycle, objective, key_result, kpi; goal is
    any of the last three, holder a person or a team, any whatever it may be. None: the field
    `kind` beside it says so, or the name of the field of which this is a value before or after.
    """

    kind: str | None


class NamesAsOf(NamedTuple):
    """Marks a field in which things are called what they were called at another position.

    `where` is the side of the answer that has it, or `position`: the object of the field itself.
    `of_its_kind`: what the field refers to is of the same kind as the object, which says it.
    """

    where: Literal["from", "to", "position"]
    of_its_kind: bool = False


ITSELF = object()  # marks the title of an objective: the object that has it is that itself


class Ref(TypedDict):
    """A reference to a thing that has no name."""

    id: Id


PersonsName = Annotated[
    str, doc("The present name; a stand-in once they were erased."), Filled("person")
]


class NamedPerson(TypedDict):
    """A reference to a person, or to the api key of a program."""

    id: Id
    name: PersonsName


class Actor(TypedDict):
    """A reference to a person who acts, or to the api key of a program."""

    id: LogId
    name: PersonsName


class NamedTeam(TypedDict):
    """A reference to a team."""

    id: Id
    name: Annotated[str, doc("Its name at the moment of the answer."), Filled("team")]


class NamedCycle(TypedDict):
    """A reference to a cycle."""

    id: Id
    name: Annotated[str, doc("Its name at the moment of the answer."), Filled("cycle")]


class NamedKpi(TypedDict):
    """A reference to a KPI."""

    id: Id
    name: Annotated[str, doc("Its name at the moment of the answer."), Filled("kpi")]


class TitledObjective(TypedDict):
    """A reference to an objective."""

    id: Id
    title: Annotated[Title, Filled("objective")]


class TitledKeyResult(TypedDict):
    """A reference to a key result."""

    id: Id
    title: Annotated[Title, Filled("key_result")]


class NamedHolder(TypedDict):
    """A reference to who has a goal: a person or a team."""

    id: Id
    name: Annotated[str, doc("Of a person the present one."), Filled("holder")]


class TitledGoal(TypedDict):
    """A reference to an objective or a key result."""

    id: Id
    title: Annotated[Title, Filled("goal")]


class NamedRef(TypedDict):
    """A reference to a thing, with its name."""

    id: Id
    name: Name


class KindRef(TypedDict):
    """A reference to a goal of any kind."""

    kind: GoalKind
    id: Id
    title: Annotated[TitleOrName, Filled(None)]


class AlignedTo(TypedDict):
    """A reference to what an objective is aligned to."""

    kind: Annotated[Literal["objective", "key_result"], doc("Which of the two it is.")]
    id: Id
    title: Annotated[Title, Filled(None)]
    cycle: Annotated[NamedCycle, doc("The cycle it belongs to.")]
    owner: Annotated[NamedPerson, doc("The person who is accountable for it.")]


class MeasuredRef(TypedDict):
    """A reference to what a reading is of."""

    kind: Annotated[Literal["key_result", "kpi"], doc("Which of the two it is.")]
    id: Id
    title: Annotated[TitleOrName, Filled(None)]


By = Annotated[Actor | None, doc("The person who acted; null: nobody was named.")]
OnBehalfOf = Annotated[Actor | None, doc("The person for whom; null: for none.")]


# ---- moments ----------------------------------------------------------------------------


class AtPosition(TypedDict):
    """The position an answer is based on."""

    position: Annotated[Count, doc("Where the log was: all up to it is in the answer.")]


class AsOf(AtPosition):
    """What an answer as of a moment is based on."""

    plan_position: Annotated[Count, doc("The position whose plan holds: targets, weights, owners.")]
    day: Annotated[Day, doc("The day it is about.")]
    zone: ZoneName
    fixed: Annotated[bool, doc("Nothing recorded later can change this answer.")]


class Paged(TypedDict):
    """A page of a list."""

    next: Annotated[
        str | None,
        doc("Ask for the next page with after=, all else alike; null on the last page."),
    ]


# ---- cycles -----------------------------------------------------------------------------


class PositionAt(TypedDict):
    """An event of a cycle, by where and when it was recorded."""

    position: Position
    at: Annotated[Instant, doc("When it was recorded, UTC.")]


class PlanCommit(PositionAt):
    """A commit of the plan, of all teams or of some; it passes over those committed before."""

    team: Annotated[NamedTeam | None, doc("The team whose plan was committed; null: of all.")]
    with_teams_below: Annotated[bool, doc("With the plans of all teams below.")]


class CycleFacts(TypedDict):
    """What a cycle is, but for the commits of its plan."""

    id: Id
    version: Version
    name: Name
    starts: Annotated[DayText, doc("The first day.")]
    ends: Annotated[DayText, doc("The last day.")]
    plan_committed: Annotated[bool, doc("Its plan is committed, of some teams at least.")]
    closed: Annotated[bool, doc("It is closed.")]
    approval_required: Annotated[
        list[Controlled],
        doc("What of it needs approval by someone else; empty: nothing."),
    ]
    closings: Annotated[
        list[PositionAt], doc("Where it was closed, the oldest first; empty: never.")
    ]


class CycleAnswer(CycleFacts):
    """A cycle."""

    plan_commits: Annotated[
        list[PlanCommit], doc("Where its plan was committed, the oldest first; empty: not yet.")
    ]


class OfCycle(TypedDict):
    """What an answer about a cycle says of it."""

    cycle: Annotated[CycleAnswer, doc("The cycle it is about.")]
