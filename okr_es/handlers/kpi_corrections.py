"""What a KPI is: its name, owner, team and purpose, and what was wrong from its definition on."""

from __future__ import annotations

from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.refusals import UnitsDiffer
from okr_es.handlers.corrections import note_if_late, recorded, versions_of_key_result
from okr_es.handlers.duplicates import warn_of_same_kpi
from okr_es.handlers.key_results import with_objective
from okr_es.handlers.last_values import CHANGES, readings_of
from okr_es.handlers.orphans import warn_of_gone_owners
from okr_es.handlers.promises import promised_key_results
from okr_es.handlers.registry import handle, living_team, saved
from okr_es.handlers.retiring import Fed, fed, fed_and_running
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.readings import BEGINNINGS

# By which a key result comes to be fed by a KPI, or gets another unit.
FEEDING = (
    "key_result.added", "key_result.linked", "key_result.retargeted", "key_result.corrected",
)  # fmt: skip


@handle.register
def _(command: c.RenameKpi, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.rename(command.name)
    warn_of_same_kpi(work, kpi)
    return saved(work, kpi)


@handle.register
def _(command: c.ReassignKpi, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    owner_id, team_id = kpi.owner_id, kpi.team_id
    if command.owner_id is not UNSET:
        owner_id = work.person(command.owner_id, "owner_id").id
    if command.team_id is not UNSET:
        team_id = None if command.team_id is None else living_team(work, command.team_id)
    has_moved = team_id != kpi.team_id
    kpi.reassign(owner_id, team_id)
    if has_moved:
        warn_of_same_kpi(work, kpi)
    return saved(work, kpi)


@handle.register
def _(command: c.ReplaceKpiPurpose, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.replace_purpose(command.purpose)
    return saved(work, kpi)


@handle.register
def _(command: c.CorrectKpi, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.correct(
        kpi.unit if command.unit is UNSET else command.unit,
        kpi.direction if command.direction is UNSET else command.direction,
        kpi.baseline if command.baseline is UNSET else command.baseline,
        work.reason,
        has_readings=has_readings(work, kpi),
    )
    along: list[KeyResult] = []
    if kpi.pending_events:
        along = corrected_along(work, kpi, command)
    work.save(kpi, *along)
    return kpi.id


@handle.register
def _(command: c.ReinstateKpi, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.reinstate(work.reason)
    warn_of_same_kpi(work, kpi)
    warn_of_gone_owners(work, [kpi])
    work.warn("values_return", [each.key_result for each in fed_and_running(work, kpi.id)])
    return saved(work, kpi)


def has_readings(work: UnitOfWork, kpi: Kpi) -> bool:
    """Return whether a KPI has readings that were not retracted; the append guards it."""
    work.guard_types.update((*BEGINNINGS, *CHANGES))
    readings = readings_of(work, [kpi.id])[str(kpi.id)]
    return any(data["value"] is not None for _, data in readings)


def corrected_along(work: UnitOfWork, kpi: Kpi, command: c.CorrectKpi) -> list[KeyResult]:
    """Return the key results that a KPI feeds, with its unit, where they had another.

    Refused unless the command says so; the append guards them. Those that were dropped are among
    them, since they may be taken up again; those that are over keep theirs.
    """
    work.guard_types.update(FEEDING)
    wrong = [each for each in fed(work, [kpi.id]) if not kpi.is_in(each.key_result.measure.unit)]
    work.fetch({thing.id for each in wrong for thing in each})
    found = [Fed(*with_objective(work, each.key_result.id)) for each in wrong]
    found = [each for each in found if not each.is_over]
    others = [each.key_result.id for each in found]
    if others and not command.with_key_results:
        raise UnitsDiffer(
            f"It feeds {len(others)} key result{'s' * (len(others) != 1)} in another unit than "
            f"{kpi.unit}. To correct them as well, say with_key_results.",
            field="unit",
        )
    streams = recorded(work, others)
    for key_result, objective, cycle in found:
        versions = versions_of_key_result(streams[key_result.id])
        meant = {"unit": kpi.unit}
        key_result.correct(meant, versions, None, objective, cycle, work.reason, kpi)
    promised = promised_key_results(work, others)
    cycles = {key_result.id: cycle for key_result, _, cycle in found}
    note_if_late(work, command, [(cycles[id_], event) for id_, event in promised.items()])
    return [key_result for key_result, _, _ in found]
