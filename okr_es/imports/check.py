"""Checking a file: good rows go into a plan, what is wrong with the others into the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.refusals import Refusal
from okr_es.imports import recorded
from okr_es.imports.mapping import Mapping
from okr_es.imports.notes import differences, spellings
from okr_es.imports.plan import ImportPlan
from okr_es.imports.recorded import kpi_id, reading_id
from okr_es.imports.report import BadRow, Met, Report
from okr_es.imports.rows import BadCell, Row, parse_row, raw_rows
from okr_es.scoring.formulas import kpi_met

COLUMN_OF = {"value": "actual", "purpose": "objective", "as_of": "actual"}


def check_file(
    okr: Okr, file: Path, mapping: Mapping, report: Report, *, by: UUID, reason: str | None
) -> ImportPlan:
    """Return the plan of all good rows; the others go into the report."""
    rows = parse_rows(file, mapping, report)
    plan = empty_plan(okr, rows, by, reason)
    good = [row for row in in_order(rows) if is_accepted(plan, row, mapping, report)]
    summarise(report, good, plan)
    return plan


def parse_rows(file: Path, mapping: Mapping, report: Report) -> list[Row]:
    """Return the rows that can be parsed; the others go into the report."""
    rows = []
    for raw in raw_rows(file, mapping):
        report.rows += 1
        try:
            if isinstance(raw[1], BadCell):
                raise raw[1]
            rows.append(parse_row(raw, mapping))
        except BadCell as bad:
            report.bad.append(BadRow(raw[0], mapping.column(bad.field), bad.reason))
    return rows


def empty_plan(okr: Okr, rows: Sequence[Row], by: UUID, reason: str | None) -> ImportPlan:
    """Return a plan without rows that knows the log; refuse a person who is not registered."""
    work = okr.work(Context(by))
    work.person(by, "by")
    kpis = {kpi_id(row.name) for row in rows}
    known = recorded.kpis(work, kpis)
    about = {
        reading_id(id_, row.ends)
        for row in rows
        if row.actual is not None and (id_ := kpi_id(row.name)) in known
    }
    return ImportPlan(
        by=by,
        today=work.today,
        reason=reason,
        kpis=known,
        targets=recorded.targets(okr, known),
        readings=recorded.readings(okr, about),
    )


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows with a target first: they define the KPI that the others are about."""
    return sorted(rows, key=lambda row: row.target is None)


def is_accepted(plan: ImportPlan, row: Row, mapping: Mapping, report: Report) -> bool:
    """Return whether the plan accepts a row; if not, the report says why."""
    if row.target is None and row.actual is None:
        return True
    try:
        plan.add(row)
    except BadCell as bad:
        report.bad.append(BadRow(row.line, mapping.column(bad.field), bad.reason))
        return False
    except Refusal as refusal:
        blamed = refusal.field or "name"
        of = COLUMN_OF.get(blamed, blamed)
        if of in {"starts", "ends"} and "year" in mapping.columns:
            of = "year"
        report.bad.append(BadRow(row.line, mapping.column(of), refusal.message))
        return False
    return True


def summarise(report: Report, good: Sequence[Row], plan: ImportPlan) -> None:
    """Count the KPIs, targets and readings of the good rows, and what of them is new."""
    report.bad.sort()
    filled = [row for row in good if row.target is not None or row.actual is not None]
    report.kpis = len({row.name for row in filled})
    report.targets = len({(row.name, row.target) for row in filled if row.target is not None})
    report.readings = len({(row.name, row.ends) for row in filled if row.actual is not None})
    judged = [(row.ends.year, hit) for row in filled if (hit := is_met(row)) is not None]
    both, met = Counter(year for year, _ in judged), Counter(year for year, hit in judged if hit)
    report.met = Met(met.total(), both.total())
    report.met_by_year = {year: Met(met[year], both[year]) for year in sorted(both)}
    report.count_planned([*(command for command, _ in plan.commands), *plan.readings])
    report.notes += [*plan.notes, *differences(filled, plan), *spellings(good)]
    if filled and report.is_recorded:
        report.notes.append("All that the good rows say is recorded already.")


def is_met(row: Row) -> bool | None:
    """Return whether a row's value met its target; None where it lacks one of the two."""
    wanted = row.target
    if wanted is None or row.actual is None:
        return None
    return kpi_met(
        row.direction,
        row.actual,
        target=wanted.target,
        minimum=wanted.minimum,
        maximum=wanted.maximum,
    )
