"""The vocabulary of the story. Each function returns the commands of one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec import UNSET

from okr_es import commands as c
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure
from okr_es.domain.values import Cadence, Commitment, Direction, TeamKind, Zone
from okr_es.example.measures import Number, Result, along
from okr_es.example.naming import (
    cycle,
    cycle_called,
    key_result,
    kpi,
    objective,
    person,
    reading,
    team,
)

Commands = list[c.Command]


class Step(NamedTuple):
    """One command of the story: the day, who wants it, why, and on whose behalf."""

    day: date
    by: str
    command: c.Command
    because: str | None = None
    comment: str | None = None
    for_whom: str | None = None


# ---- steps ----------------------------------------------------------------------------


def on(
    day: str,
    by: str,
    *several: Commands,
    because: str | None = None,
    comment: str | None = None,
    for_whom: str | None = None,
) -> list[Step]:
    """Return the steps of what someone did on a day, with the reason."""
    return [
        Step(date.fromisoformat(day), by, command, because, comment, for_whom)
        for commands in several
        for command in commands
    ]


def check_ins(days: Iterable[str], table: Mapping[str, tuple[str, str]]) -> list[Step]:
    """Return the check-ins of a table, a column a day: `12@7` is the value 12 at confidence 7.

    `@7` is confidence alone, `commit@7` a zone, and `-` a check-in that was missed.
    """
    days = list(days)
    return [
        step
        for name, (by, cells) in table.items()
        for day, cell in zip(days, cells.split(), strict=False)
        if cell != "-"
        for step in on(day, by, checks_in(name, *cell.split("@"), about=day))
    ]


def every_other_friday(first: str, times: int = 6) -> list[str]:
    """Return the days of a quarter's check-ins."""
    start = date.fromisoformat(first)
    return [str(start + timedelta(weeks=2 * number)) for number in range(times)]


# ---- cycles and teams -----------------------------------------------------------------


def opens(*names: str) -> Commands:
    """Open cycles."""
    return [c.OpenCycle(name, id=cycle_called(name)) for name in names]


def commits_plan(name: str, whose: str | None = None, *, alone: bool = False) -> Commands:
    """Commit the plan of a cycle: all of it, or of a team with those below, or of a team alone."""
    team_id = None if whose is None else team(whose)
    return [c.CommitPlan(cycle_called(name), team_id, with_teams_below=not alone)]


def closes(name: str) -> Commands:
    """Close a cycle."""
    return [c.CloseCycle(cycle_called(name))]


def reopens_cycle(name: str) -> Commands:
    """Reopen a cycle."""
    return [c.ReopenCycle(cycle_called(name))]


def forms(name: str, called: str, kind: str, above: str | None = None) -> Commands:
    """Form a team."""
    parent_id = None if above is None else team(above)
    return [c.FormTeam(called, TeamKind(kind), parent_id, team(name))]


# ---- objectives -----------------------------------------------------------------------


def plans(
    name: str,
    whose: str,
    owner: str,
    says: str,
    *results: Result,
    aligned_to: str | None = None,
    weight: Number = 1,
    stretch: bool = False,
) -> Commands:
    """Draft an objective, align it, add its key results and commit to it."""
    return [*drafts(name, whose, owner, says, *results, aligned_to=aligned_to, weight=weight,
                    stretch=stretch), *commits(name)]  # fmt: skip


def drafts(
    name: str,
    whose: str,
    owner: str,
    says: str,
    *results: Result,
    aligned_to: str | None = None,
    weight: Number = 1,
    stretch: bool = False,
) -> Commands:
    """Draft an objective, align it and add its key results."""
    commitment = Commitment.ASPIRATIONAL if stretch else Commitment.COMMITTED
    draft = c.DraftObjective(
        cycle(name), team(whose), person(owner), says, commitment, id=objective(name)
    )
    aligned = [] if aligned_to is None else realigns(name, aligned_to, weight)
    return [draft, *aligned, *(command for each in results for command in adds(name, each))]


def commits(name: str) -> Commands:
    """Commit to a draft."""
    return [c.CommitObjective(objective(name))]


def realigns(name: str, aligned_to: str, weight: Number = 1) -> Commands:
    """Choose the objective, or the key result of one, that an objective is aligned to."""
    share = Decimal(weight)
    if aligned_to.count("/") > 1:
        to = key_result(aligned_to)
        return [c.RealignObjective(objective(name), aligned_to_key_result_id=to, weight=share)]
    return [c.RealignObjective(objective(name), objective(aligned_to), weight=share)]


def hands_over(
    name: str, owner: str | None = None, whose: str | None = None, effective: str | None = None
) -> Commands:
    """Hand an objective to another owner, team or both, perhaps from an earlier day on."""
    owner_id, team_id = owner and person(owner), whose and team(whose)
    day = None if effective is None else date.fromisoformat(effective)
    return [c.ReassignObjective(objective(name), owner_id or UNSET, team_id or UNSET, day)]


def carries(name: str, into: str, *, with_reached: bool = False) -> Commands:
    """Carry an objective over, with the key results that reached their target if asked."""
    as_objective = objective(into)
    return [c.CarryOverObjective(objective(name), cycle(into), as_objective, with_reached)]


def grades(*names: str, adjusted: str | None = None) -> Commands:
    """Grade objectives, as computed or adjusted."""
    grade = None if adjusted is None else Decimal(adjusted)
    return [c.GradeObjective(objective(name), grade) for name in names]


# ---- key results ----------------------------------------------------------------------


def adds(objective_name: str, planned: Result) -> Commands:
    """Add a key result to an objective."""
    return [
        c.AddKeyResult(
            objective(objective_name),
            planned.says,
            planned.measure,
            Decimal(planned.weight),
            Cadence(planned.cadence),
            along(planned.along),
            None if planned.fed_by is None else kpi(planned.fed_by),
            key_result(f"{objective_name}/{planned.name}"),
        )
    ]


def retargets(name: str, measure: Measure, by_way_of: Mapping[str, str] | None = None) -> Commands:
    """Change what a key result promises, perhaps with another trajectory."""
    points = None if by_way_of is None else along(by_way_of)
    return [c.RetargetKeyResult(key_result(name), measure, UNSET if points is None else points)]


def meant(name: str, measure: Measure) -> Commands:
    """Correct what a key result promises to what was meant all along."""
    return [c.CorrectKeyResult(key_result(name), measure)]


def reweights(name: str, weight: Number) -> Commands:
    """Give a key result another weight."""
    return [c.ReweightKeyResult(key_result(name), Decimal(weight))]


def links(name: str, kpi_name: str | None) -> Commands:
    """Let a KPI feed a key result, or take the link away."""
    return [c.LinkKeyResult(key_result(name), None if kpi_name is None else kpi(kpi_name))]


def moves(name: str, to: str) -> Commands:
    """Move a key result to another objective."""
    return [c.MoveKeyResult(key_result(name), objective(to))]


def drops(name: str) -> Commands:
    """Drop a key result."""
    return [c.DropKeyResult(key_result(name))]


def checks_in(name: str, value: str, confidence: str, *, about: str) -> Commands:
    """Check in on a key result: a number, a zone, or nothing where a KPI feeds it."""
    zone = Zone(value) if value in set(Zone) else None
    counted = Decimal(value) if value and zone is None else None
    about_day, id_ = date.fromisoformat(about), reading(name, about)
    return [c.CheckIn(key_result(name), about_day, int(confidence), counted, zone, id_)]


# ---- KPIs -----------------------------------------------------------------------------


def defines(
    name: str,
    called: str,
    direction: str,
    unit: str,
    target: Target,
    *,
    read_off: str,
    how_often: str,
    owner: str,
    whose: str,
    why: str,
    baseline: Number | None = None,
) -> Commands:
    """Define a KPI with its four parts."""
    return [
        c.DefineKpi(
            called, Direction(direction), unit, read_off, Cadence(how_often), person(owner),
            target, team(whose), why, None if baseline is None else Decimal(baseline), kpi(name),
        )
    ]  # fmt: skip


def reads(name: str, value: Decimal | str, about: str | date) -> c.RecordReading:
    """Read one value of a KPI off."""
    about_day = date.fromisoformat(about) if isinstance(about, str) else about
    return c.RecordReading(kpi(name), about_day, Decimal(value), reading(name, about_day))


def corrects(name: str, about: str, value: str) -> Commands:
    """Correct the reading or check-in about a day."""
    return [c.CorrectReading(reading(name, about), Decimal(value))]


def retracts(name: str, about: str) -> Commands:
    """Retract the reading or check-in about a day."""
    return [c.RetractReading(reading(name, about))]
