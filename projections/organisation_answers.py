"""What the lists of cycles, teams and people answer."""

from __future__ import annotations

from typing import Annotated, TypedDict

from okr_es.domain.values import TeamKind
from projections.as_of.answers import AtPosition, CycleAnswer, Id, Name, Ref, Version, doc


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


class PersonAnswer(TypedDict):
    """A person, with what the directory has now; a stand-in for the name once erased."""

    id: Id
    version: Version
    name: Name
    email: Annotated[str | None, doc("Null where none was given, or once erased.")]
    erased: Annotated[bool, doc("The person was erased: the directory has no entry any more.")]
    legal_ground: Annotated[str | None, doc("On which they were erased; null: they are not.")]
    holds: Annotated[list[str], doc("Matters whose legal holds keep them from being erased.")]


class PeopleAnswer(AtPosition):
    """All people."""

    people: Annotated[list[PersonAnswer], doc("By id.")]
