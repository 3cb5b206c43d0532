"""What is answered about the api keys of programs."""

from __future__ import annotations

from typing import Annotated, TypedDict

from okr_es.domain.api_key import KeyRole
from projections.as_of.answers import (
    AsOf,
    DayText,
    Id,
    NamedKpi,
    NamedPerson,
    NamedTeam,
    Version,
    doc,
)


class ApiKeyAnswer(TypedDict):
    """An api key, without its secret."""

    id: Id
    version: Version
    name: Annotated[str | None, doc("Which program it is for.")]
    role: Annotated[KeyRole, doc("Its role.")]
    team: Annotated[
        NamedTeam | None,
        doc("The team for whose subtree it is; null: for none, or for all of them."),
    ]
    kpis: Annotated[list[NamedKpi], doc("The KPIs whose readings it records.")]
    ends: Annotated[DayText, doc("Its last day.")]
    last_used: Annotated[
        str | None, doc("The minute in which it was used last, UTC; null: not, or not known.")
    ]
    created_by: Annotated[NamedPerson, doc("Who made it.")]
    revoked: Annotated[bool, doc("It was revoked.")]
    works: Annotated[bool, doc("It works on the day: it was not revoked, nor is it over.")]
    idle: Annotated[bool, doc("It works, and was used last over 90 days before the day.")]


class ApiKeysAnswer(AsOf):
    """All api keys, also those that are over."""

    keys: Annotated[list[ApiKeyAnswer], doc("By id: the last made last, unless its id was given.")]
