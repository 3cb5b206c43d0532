"""The words for what happens to people, for the modules that tell the story."""

from __future__ import annotations

from datetime import date

from okr_es import commands as c
from okr_es.domain.values import Role
from okr_es.example.naming import grant, person, team
from okr_es.example.words import Commands


def registers(name: str, called: str) -> Commands:
    """Register a person, with an address of the company's."""
    return [c.RegisterPerson(called, f"{name}@kestrelly.example", person(name))]


def is_called(name: str, called: str, address: str) -> Commands:
    """Correct the name and the address of a person."""
    email = f"{address}@kestrelly.example"
    return [c.RenamePerson(person(name), called), c.ReplaceEmail(person(name), email)]


def stands_in(name: str, whom: str, starts: str, ends: str) -> Commands:
    """Name the deputy of a person, from the first to the last day."""
    days = date.fromisoformat(starts), date.fromisoformat(ends)
    return [c.NameDeputy(person(whom), person(name), *days)]


def has_no_deputy(name: str) -> Commands:
    """Withdraw the deputy of a person."""
    return [c.NameDeputy(person(name), None)]


def leaves(name: str, effective: str) -> Commands:
    """Deactivate a person from a day on."""
    return [c.DeactivatePerson(person(name), date.fromisoformat(effective))]


def is_back(name: str, effective: str) -> Commands:
    """Reactivate a person from a day on."""
    return [c.ReactivatePerson(person(name), date.fromisoformat(effective))]


def holds(name: str, matter: str) -> Commands:
    """Place a legal hold on a person."""
    return [c.PlaceLegalHold(person(name), matter)]


def releases(name: str, matter: str) -> Commands:
    """Lift a legal hold from a person."""
    return [c.LiftLegalHold(person(name), matter)]


def has_role(name: str, role: Role, of: str | None = None, purpose: str | None = None) -> Commands:
    """Give a person a role, for a team or the whole company."""
    about = person(name), role, None if of is None else team(of)
    return [c.GrantRole(*about, purpose=purpose, id=grant(name, role))]


def has_role_until(name: str, role: Role, last_day: str) -> Commands:
    """Give a role of a person a last day."""
    return [c.RescheduleGrant(grant(name, role), date.fromisoformat(last_day))]


def has_role_no_more(name: str, role: Role, effective: str) -> Commands:
    """End a role of a person from a day on."""
    return [c.EndGrant(grant(name, role), date.fromisoformat(effective))]
