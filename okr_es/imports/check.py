"""Checking a file: good rows go into a plan, what is wrong with the others into the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.kpi import Kpi
from okr_es.domain.refusals import Refusal
from okr_es.imports import recorded
from okr_es.imports.cells import BadCell
from okr_es.imports.mapping import Mapping
from okr_es.imports.names import KpiNames, OwnersAndTeams
from okr_es.imports.notes import notes_of
from okr_es.imports.plan import ImportPlan
from okr_es.imports.report import BadRow, Met, Report
from okr_es.imports.rows import Progress, Row, parse_row, raw_rows
from okr_es.imports.words import look_alike
from okr_es.scoring.formulas import kpi_met

# The field of a refusal -> that of the map, where they differ.
FIELD_OF = {
    "value": "actual",
    "purpose": "objective",
    "as_of": "actual",
    "owner_id": "owner",
    "team_id": "team",
}


def check_file(
    okr: Okr,
    file: Path,
    mapping: Mapping,
    report: Report,
    *,
    by: UUID,
    reason: str | None,
    progress: Progress | None = None,
) -> ImportPlan:
    """Return the plan of all good rows; what is wrong with the others goes into the report."""
    rows = list(alike_shares(parse_rows(file, mapping, report, progress), report))
    plan = empty_plan(okr, rows, by, reason)
    taken = [row for each in in_order(rows) if (row := take(plan, each, report)) is not None]
    summarise(report, taken, rows, plan)
    return plan


def blame(report: Report, line: int, columns: Table[str, str], why: BadCell | Refusal) -> None:
    """Put into the report what is wrong with a row, by the column it stands in."""
    reason = why.reason if isinstance(why, BadCell) else why.message
    of = FIELD_OF.get(why.field or "name", why.field or "name")
    if of in {"starts", "ends"} and of not in columns:
        of = "year"
    report.bad.append(BadRow(line, columns.get(of, of), reason))


# ---- parsing --------------------------------------------------------------------------


def parse_rows(
    file: Path, mapping: Mapping, report: Report, progress: Progress | None = None
) -> list[Row]:
    """Return the rows that can be parsed; what cannot goes into the report."""
    rows: list[Row] = []
    for line, said in raw_rows(file, mapping, progress):
        report.rows += 1
        if isinstance(said, BadCell):
            blame(report, line, mapping.columns, said)
            continue
        for raw in said:
            try:
                row = parse_row(raw, mapping)
            except BadCell as useless:
                blame(report, line, raw.columns, useless)
                continue
            for bad in row.bad:
                blame(report, line, row.columns, bad)
            rows.append(row)
    return rows


def alike_shares(rows: Sequence[Row], report: Report) -> Iterator[Row]:
    """Yield rows without numbers that lack the percent sign others of their unit have.

    Whether 84 beside 85 % is 84 or 0.84 cannot be known.
    """
    first: dict[str, int] = {}
    for row in rows:
        if row.shares:
            first.setdefault(look_alike(row.unit), row.line)
    for row in rows:
        line = first.get(look_alike(row.unit)) if row.bare else None
        if line is None:
            yield row
            continue
        left: Row | None = row
        for of in sorted(row.bare):
            bad = BadCell(of, f"It has no percent sign; a number of line {line} has, in one unit.")
            blame(report, row.line, row.columns, bad)
            left = None if of == "baseline" or left is None else left.without(bad)
        if left is not None:
            yield left


# ---- planning -------------------------------------------------------------------------


def empty_plan(okr: Okr, rows: Sequence[Row], by: UUID, reason: str | None) -> ImportPlan:
    """Return a plan without rows that knows the log; refuse a person who is not registered."""
    work = okr.work(Context(by))
    work.person(by, "by")
    names = KpiNames(recorded.all_of(work, Kpi))
    meant: dict[UUID, list[Row]] = {}
    for row in rows:
        with suppress(BadCell):
            if (kpi := names.find(row.name)) is not None:
                meant.setdefault(kpi.id, []).append(row)
    days = {
        (id_, row.ends) for id_, said in meant.items() for row in said if row.actual is not None
    }
    return ImportPlan(
        by=by,
        today=work.today,
        reason=reason,
        kpis=names,
        places=OwnersAndTeams(okr, work),
        targets=recorded.targets(okr, meant),
        readings=recorded.readings_about(okr, days),
    )


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows with a target first: they define the KPI that the others are about."""
    return sorted(rows, key=lambda row: row.target is None)


def take(plan: ImportPlan, row: Row, report: Report) -> Row | None:
    """Return what the plan took of a row; the report says why it did not take the rest.

    A good target is taken beside a bad value, and a good value of a KPI that is there beside a
    bad target.
    """
    if not row.is_filled:
        return None
    try:
        plan.require_fit(row)
    except (BadCell, Refusal) as bad:
        blame(report, row.line, row.columns, bad)
        return None
    for field, add in (("target", plan.add_target), ("actual", plan.add_reading)):
        try:
            add(row)
        except (BadCell, Refusal) as bad:
            blame(report, row.line, row.columns, bad)
            row = row.without(BadCell(field, str(bad)))
    return row if row.is_filled and plan.kpis.find(row.name) is not None else None


def summarise(report: Report, taken: Sequence[Row], rows: Sequence[Row], plan: ImportPlan) -> None:
    """Count the KPIs, targets and readings of the good rows, and what of them is new."""
    report.count_bad()
    ids = {row.name: kpi.id for row in taken if (kpi := plan.kpis.find(row.name)) is not None}
    report.kpis = len(set(ids.values()))
    report.targets = len({(ids[row.name], row.target) for row in taken if row.target is not None})
    report.readings = len({(ids[row.name], row.ends) for row in taken if row.actual is not None})
    judged = [(row.ends.year, hit) for row in taken if (hit := is_met(row)) is not None]
    both, met = Counter(year for year, _ in judged), Counter(year for year, hit in judged if hit)
    report.met = Met(met.total(), both.total())
    report.met_by_year = {year: Met(met[year], both[year]) for year in sorted(both)}
    report.count_planned([*(each.command for each in plan.commands), *plan.readings])
    report.notes += [*plan.notes, *notes_of(rows, taken, plan)]
    if not report.rows:
        report.notes.append("The file has no rows below its header.")
    if taken and report.is_recorded:
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
