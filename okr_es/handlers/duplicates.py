"""Duplicates: what has the same name, or looks alike, in the same place. Each warns of the first.

A warning names it by its id, so that no name is stored with a receipt. Nothing rests on it, and
the append guards none of it: two that are begun in the same moment may both go unwarned.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from okr_es.context import Thing, ThingKind
from okr_es.domain.base import Aggregate
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.look_alike import alike_cycles, dates_of_alike, look_alike
from okr_es.domain.objective import Objective
from okr_es.domain.team import Team
from okr_es.handlers.confidential import may_read
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of

# Living things of a kind in the same place, each with its name, and whether it is confidential.
# What is at the top has no parent.
BESIDE = """
  SELECT {id}, {name}, {confidential} FROM streams
  WHERE parent {parent} AND type = :type AND living AND {where}
"""
CONFIDENTIAL = {1, "true"}  # as SQLite and PostgreSQL say it of JSON
FIRST = "SELECT {id} FROM events WHERE version = 1 AND stream {in_ids} ORDER BY position LIMIT 1"


# ---- people -----------------------------------------------------------------------------


def warn_of_same_person(
    work: UnitOfWork, but: UUID, *, name: str | None = None, email: str | None = None
) -> None:
    """Warn of other people in the directory whose name or e-mail looks like what is given.

    All entries are decrypted once.
    """
    if work.directory is None:
        return
    entries = {id_: entry for id_, entry in work.directory.entries().items() if id_ != but}
    names = {id_: entry.name for id_, entry in entries.items()}
    emails = {id_: entry.email for id_, entry in entries.items() if entry.email is not None}
    work.warn("person_has_same_name", first_alike(work, names, name))
    work.warn("person_has_same_email", first_alike(work, emails, email))


def first_alike(work: UnitOfWork, texts: dict[UUID, str], text: str | None) -> list[Thing]:
    """Return the first person whose text looks like another; nobody where that is None."""
    if text is None:
        return []
    alike = look_alike(text)
    return first_of(
        work, "person", (id_ for id_, each in texts.items() if look_alike(each) == alike)
    )


# ---- teams and goals --------------------------------------------------------------------


def warn_of_same_team(work: UnitOfWork, team: Team) -> None:
    """Warn of a team of the same name below the same one."""
    if first := first_beside(work, team, "name", team.name):
        work.warn("team_has_same_name", first)


def warn_of_same_kpi(work: UnitOfWork, kpi: Kpi) -> None:
    """Warn of a KPI of the same name in the same team; an import compares its names itself."""
    if work.context.origin == "import":
        return
    if first := first_beside(work, kpi, "name", kpi.name):
        work.warn("kpi_has_same_name", first)


def warn_of_same_objective(work: UnitOfWork, objective: Objective) -> None:
    """Warn of a running objective of the same title in the same team and cycle."""
    cycle_id = str(objective.cycle_id)
    if first := first_beside(work, objective, "title", objective.title, cycle_id=cycle_id):
        work.warn("objective_has_same_title", first)


def warn_of_same_key_result(work: UnitOfWork, key_result: KeyResult) -> None:
    """Warn of a key result of the same title of the same objective."""
    if first := first_beside(work, key_result, "title", key_result.title):
        work.warn("key_result_has_same_title", first)


def warn_of_alike_cycle(work: UnitOfWork, cycle: Cycle) -> None:
    """Warn of a cycle whose name looks like this one's (2026-Q1 and 2026Q1)."""
    alike = alike_cycles(cycle.name)
    found = [
        each.id
        for each in work.cycles()
        if each.id != cycle.id and alike_cycles(each.name) == alike
    ]
    if first := first_of(work, "cycle", found):
        work.warn("cycle_looks_alike", first)


def warn_of_other_days(work: UnitOfWork, cycle: Cycle) -> None:
    """Warn of a cycle whose name stands for other days than it has."""
    said = dates_of_alike(cycle.name)
    if said not in {None, (cycle.starts, cycle.ends)}:
        work.warn("name_says_other_days", [cycle], starts=said[0], ends=said[1])


def first_beside(
    work: UnitOfWork, aggregate: Aggregate, field: str, text: str, **equal: str
) -> list[Thing]:
    """Return the first thing that lives beside one in the same place, and in whose field a text
    looks alike; nothing where nothing was decided about that one.
    """
    if not aggregate.pending_events:
        return []
    dialect = work.database.dialect
    parent = aggregate.parent_stream
    statement = BESIDE.format(
        id=dialect.id_as_text("stream"),
        name=dialect.json_text("state", field),
        confidential=dialect.json_text("state", "confidential"),
        parent="IS NULL" if parent is None else f"= {dialect.as_id('parent')}",
        where=" AND ".join(f"{dialect.json_text('state', name)} = :{name}" for name in equal)
        or "true",
    )
    asked = {"type": topic_of(type(aggregate))} | equal
    if parent is not None:
        asked["parent"] = str(parent)
    alike = look_alike(text)
    rows = work.database.rows(statement, asked)
    others = {UUID(id_) for id_, name, _ in rows if look_alike(name) == alike} - {aggregate.id}
    is_below = is_below_confidential(work, aggregate)
    closed = {UUID(id_) for id_, _, is_closed in rows if is_below or is_closed in CONFIDENTIAL}
    others -= unreadable(work, closed)
    return first_of(work, topic_of(type(aggregate)), others)


def is_below_confidential(work: UnitOfWork, aggregate: Aggregate) -> bool:
    """Return whether something is a key result of a confidential objective, as all beside it."""
    if not isinstance(aggregate, KeyResult):
        return False
    objective = work.find(Objective, aggregate.objective_id)
    return objective is not None and objective.confidential


def unreadable(work: UnitOfWork, closed: set[UUID]) -> set[UUID]:
    """Return the confidential things whose words are not for who calls.

    A warning would confirm what one of them is called. All are looked for, whatever they are
    called: how long it takes would confirm it as well.
    """
    if not closed or not work.context.enforced:
        return set()
    work.fetch(closed)
    return {id_ for id_ in closed if not may_read(work, id_)}


def first_of(work: UnitOfWork, kind: str, ids: Iterable[UUID]) -> list[Thing]:
    """Return that of some things which was begun first, if there are any."""
    dialect = work.database.dialect
    found = list(ids)
    if not found:
        return []
    statement = FIRST.format(
        id=dialect.id_as_text("stream"), in_ids=dialect.in_array("ids", "uuid")
    )
    rows = work.database.rows(statement, {"ids": dialect.array(found)})
    return [Thing(cast("ThingKind", kind), UUID(id_)) for (id_,) in rows]
