"""Roles by groups: which group of a provider gives which role, as the file of providers says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from okr_es.domain.grant import purpose_of, require_scope
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Role, exact_id

FIELDS = {"group", "role", "team", "purpose"}
MOST_GROUPS = 10_000


class NoRule(ValueError):
    """A rule that cannot be used; the message says what it must be."""


@dataclass(frozen=True)
class Rule:
    """Who is in a group has a role, for a team's subtree or the whole organisation."""

    group: str
    role: Role
    team_id: UUID | None = None
    purpose: str | None = None


def rules_of(values: object) -> tuple[Rule, ...]:
    """Return the rules of a list of tables. Raises NoRule."""
    if not isinstance(values, list):
        raise NoRule("a list of tables")
    return tuple(map(rule_of, values))


def rule_of(values: object) -> Rule:
    """Return the rule of a table. Raises NoRule."""
    if not isinstance(values, dict) or not all(map(is_text, values.values())):
        raise NoRule("a list of tables with group, role, and perhaps team and purpose, all texts")
    if not {"group", "role"} <= set(values) <= FIELDS:
        raise NoRule("a list of tables with group, role, and perhaps team and purpose, no more")
    if values["role"] not in set(Role):
        raise NoRule(f"rules for a role that there is, not {values['role']!r}")
    team = values.get("team")
    rule = Rule(values["group"], Role(values["role"]), exact_id(team or ""), values.get("purpose"))
    if team is not None and rule.team_id is None:
        raise NoRule(f"rules for the id of a team, not {team!r}")
    try:
        require_scope(rule.role, rule.team_id)
        purpose_of(rule.role, rule.purpose)
    except Invalid as error:
        raise NoRule(f"a rule for {rule.group!r} that can hold: {error.message}") from error
    return rule


def wanted(rules: Iterable[Rule], claims: Mapping[str, Any], claim: str) -> list[Rule]:
    """Return the rules that give somebody a role, by the claim that names their groups.

    Each role for each team once: the first rule says how.
    """
    groups = groups_of(claims, claim)
    found: dict[tuple[Role, UUID | None], Rule] = {}
    for rule in rules:
        if rule.group in groups:
            found.setdefault((rule.role, rule.team_id), rule)
    return list(found.values())


def groups_of(claims: Mapping[str, Any], claim: str) -> set[str]:
    """Return the groups a claim names; with dots it may be a claim in a claim. None: no group."""
    value: object = claims
    for part in [claim] if claim in claims else claim.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    named = [value] if isinstance(value, str) else value
    return set(filter(is_text, named[:MOST_GROUPS])) if isinstance(named, list) else set()


def is_text(value: object) -> bool:
    """Return whether a value is a text."""
    return isinstance(value, str)
