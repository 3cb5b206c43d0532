"""The places of the site: what stands in its navigation, for who may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from flask import request

from okr_es.access.rights import MEMBER
from okr_es.domain.values import Role
from web.pages.frame.language import gettext

if TYPE_CHECKING:
    from projections.queries import Queries


def _(text: str) -> str:
    return text


class Place(NamedTuple):
    """A place: its word, its address, and the roles it is for; none: for everybody."""

    word: str
    address: str
    roles: frozenset[str] = frozenset()


LOOK_BACK = frozenset({Role.LEAD, Role.HR, Role.AUDITOR})
KEEP = frozenset({Role.LEAD, Role.HR, Role.ADMINISTRATOR})
PLACES = (
    Place(_("Home"), "/home"),
    Place(_("Check-ins"), "/check-ins"),
    Place(_("Board"), "/board"),
    Place(_("Tree"), "/tree"),
    Place(_("KPIs"), "/kpis"),
    Place(_("Teams"), "/teams"),
    Place(_("Compare"), "/compare"),
    Place(_("Review"), "/review", LOOK_BACK),
    Place(_("Audit"), "/audit", LOOK_BACK | {Role.ADMINISTRATOR}),
    Place(_("Settings"), "/settings", KEEP),
)


def of(queries: Queries, person: UUID) -> list[dict[str, Any]]:
    """Return the places that a person can use, each with whether it is where they are."""
    roles = roles_of(queries, person)
    section = request.path.split("/")[1]
    return [
        {
            "word": gettext(each.word),
            "address": each.address,
            "here": each.address == f"/{section}",
        }
        for each in PLACES
        if not each.roles or each.roles & roles
    ]


def roles_of(queries: Queries, person: UUID) -> set[str]:
    """Return the roles that a person holds today; everybody is a member."""
    grants = queries.grants(person_id=person)["grants"]
    return {MEMBER, *(each["role"] for each in grants if each["holds"])}
