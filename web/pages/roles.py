"""Roles in words, with what each may do: as they stand on the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from okr_es.access.rights import MEMBER
from web.api.parameters import accepted_language

TITLES = {
    "en": {
        "member": "member",
        "lead": "leads {team}",
        "hr": "HR",
        "auditor": "audits {team}",
        "administrator": "administrator",
        "all": "everything",
    },
    "sv": {
        "member": "medlem",
        "lead": "leder {team}",
        "hr": "HR",
        "auditor": "granskar {team}",
        "administrator": "administratör",
        "all": "allt",
    },
}
# In short; the table of rights decides.
MAY = {
    "en": {
        "member": "sees goals, KPIs and boards, and changes their own goals",
        "lead": "changes goals and commits plans of these teams, approves, and reads reviews and "
        "the audit log of them",
        "hr": "registers people, reads reviews and texts about people, and approves grades",
        "auditor": "reads the audit log, reviews, evidence and the access log, and changes nothing",
        "administrator": "opens and closes cycles, imports, and gives roles and keys to others",
    },
    "sv": {
        "member": "ser mål, nyckeltal och tavlor, och ändrar sina egna mål",
        "lead": "ändrar mål och fastställer planer för dessa team, godkänner, och läser "
        "uppföljningen och granskningsloggen om dem",
        "hr": "registrerar personer, läser uppföljning och texter om personer, och godkänner betyg",
        "auditor": "läser granskningslogg, uppföljning, bevis och åtkomstlogg, och ändrar inget",
        "administrator": "öppnar och stänger cykler, importerar, och ger andra roller och nycklar",
    },
}


class RoleInWords(NamedTuple):
    """A role: what it is, with the team it is for, and what it may."""

    title: str
    may: str


def by_person(
    grants: Iterable[Mapping[str, Any]], teams: Iterable[Mapping[str, Any]]
) -> dict[str, list[RoleInWords]]:
    """Return the roles that hold, by the id of who has them; grants and teams as questions answer.

    Who is not in it is a member alone.
    """
    names = {each["id"]: each["name"] for each in teams}
    found: dict[str, list[RoleInWords]] = {}
    for grant in grants:
        if grant["holds"]:
            team = grant["team"] and names.get(grant["team"]["id"], grant["team"]["id"])
            found.setdefault(grant["person"]["id"], []).append(in_words(grant["role"], team))
    return {id_: sorted(roles) for id_, roles in found.items()}


def in_words(role: str = MEMBER, team: str | None = None) -> RoleInWords:
    """Return a role in words, with the name of the team it is for; None: the whole organisation."""
    language = accepted_language()
    title = TITLES[language][role].format(team=team or TITLES[language]["all"])
    return RoleInWords(title, MAY[language][role])
