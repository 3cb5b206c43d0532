"""Short names, and the ids made of them.

`25Q1/reach` is an objective of the cycle 2025-Q1, `25Q1/reach/visitors` a key result of it, and
`25Q2/launch/speed > 25Q3/launch` that key result as it went on under the objective it was
carried over into.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

EXAMPLE = UUID("7d5a86a5-3f86-5a0c-9a3e-6c1f0f1b2025")


def named(kind: str, name: str) -> UUID:
    """Return the id of the thing of that kind and name."""
    return uuid5(EXAMPLE, f"{kind} {name}")


def person(name: str) -> UUID:
    """Return the id of a person."""
    return named("person", name)


def team(name: str) -> UUID:
    """Return the id of a team."""
    return named("team", name)


def kpi(name: str) -> UUID:
    """Return the id of a KPI."""
    return named("kpi", name)


def objective(name: str) -> UUID:
    """Return the id of an objective."""
    return named("objective", name)


def key_result(name: str) -> UUID:
    """Return the id of a key result, perhaps as it was carried over."""
    origin, *stations = name.split(" > ")
    id_ = named("key result", origin)
    for station in stations:
        id_ = uuid5(objective(station), str(id_))
    return id_


def reading(name: str, about: str | date) -> UUID:
    """Return the id of a KPI's reading, or of a check-in on a key result, about a day."""
    return named("reading", f"{name} {about}")


def cycle(name: str) -> UUID:
    """Return the id of the cycle a short name begins with: 25Q1/reach is in 2025-Q1."""
    prefix = name.partition("/")[0]
    return cycle_called("-".join(filter(None, (f"20{prefix[:2]}", prefix[2:]))))


def cycle_called(name: str) -> UUID:
    """Return the id of the cycle of a whole name: 2025-Q1."""
    return named("cycle", name)


def grant(name: str, role: str) -> UUID:
    """Return the id of the grant of a role to a person."""
    return named("grant", f"{name} {role}")
