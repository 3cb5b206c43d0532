"""Random histories of the small world: commands that fit, and many that are refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from msgspec import UNSET

from okr_es import commands as c
from okr_es.changes import MeasureChanges, TargetChanges
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure
from okr_es.domain.values import (
    Cadence,
    Commitment,
    Controlled,
    Direction,
    Kind,
    Point,
    TeamKind,
    Zone,
)
from tests.support.world import (
    ANN,
    BEN,
    BRAND,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    PRODUCT,
    Q3,
    Q4,
    REACH,
    RESPONSE,
    STEPS,
    ZONES,
)


def ids(first: int, count: int) -> list[UUID]:
    return [UUID(int=first + number) for number in range(count)]


NEW_TEAMS, NEW_GOALS, NEW_RESULTS, READINGS = (
    ids(0x100, 1),
    ids(0x200, 3),
    ids(0x300, 3),
    ids(0x400, 4),
)
THE_QUARTER = Target(date(2025, 7, 1), date(2025, 9, 30), Decimal(3))
people = st.sampled_from([ANN, BEN])
teams = st.sampled_from([COMPANY, MARKETING, PRODUCT, *NEW_TEAMS])
cycles = st.sampled_from([Q3, Q3, Q4])
goals = st.sampled_from([GROW, REACH, *NEW_GOALS])
results = st.sampled_from([CUSTOMERS, LAUNCH, BRAND, LEADS, *NEW_RESULTS])
kpis = st.sampled_from([RESPONSE, UUID(int=0x500)])
readings = st.sampled_from(READINGS)
words = st.sampled_from(["lead", "grow", "  grow", "Zürich"])
numbers = st.decimals(0, 30, places=2)
days = st.dates(date(2025, 6, 28), date(2025, 10, 3))
shares = st.decimals(0, 1, places=2)
points = st.lists(st.builds(Point, days, shares), max_size=2).map(tuple)
metrics = st.builds(Measure, st.just(Kind.METRIC), numbers, numbers, st.just("x"))
measures = st.one_of(metrics, metrics, st.sampled_from([STEPS, ZONES]))


@st.composite
def targets(draw: st.DrawFn) -> Target:
    starts = draw(days)
    return Target(starts, starts + timedelta(draw(st.integers(0, 20))), draw(numbers))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def or_left_out(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(UNSET) | strategy


COMMANDS: st.SearchStrategy[c.Command] = st.one_of(
    st.builds(c.PlaceLegalHold, people, words),
    st.builds(c.LiftLegalHold, people, words),
    st.builds(c.RenamePerson, people, words),
    st.builds(c.ReplaceEmail, people, maybe(words)),
    st.builds(c.NameDeputy, people, maybe(people), maybe(days), maybe(days)),
    st.builds(c.DeactivatePerson, st.just(BEN), maybe(days)),
    st.builds(c.ReactivatePerson, people, maybe(days)),
    st.builds(c.FormTeam, words, parent_id=teams, id=st.sampled_from(NEW_TEAMS)),
    st.builds(c.RenameTeam, teams, words),
    st.builds(c.MoveTeam, teams, maybe(teams)),
    st.builds(c.DisbandTeam, teams),
    st.builds(c.CommitPlan, cycles),
    st.builds(c.CommitPlan, cycles, teams, st.booleans(), st.sampled_from(((), "all"))),
    st.builds(c.CloseCycle, cycles, st.booleans()),
    st.builds(c.ReopenCycle, cycles),
    st.builds(c.RequireApproval, cycles, st.lists(st.sampled_from(Controlled)).map(tuple)),
    st.builds(
        c.DraftObjective, cycles, teams, people, words, st.sampled_from(Commitment), maybe(days),
        st.sampled_from(NEW_GOALS),
    ),
    st.builds(c.CommitObjective, goals),
    st.builds(c.RetitleObjective, goals, words),
    st.builds(c.ReassignObjective, goals, or_left_out(people), or_left_out(teams)),
    st.builds(c.RealignObjective, goals, goals, weight=numbers),
    st.builds(c.RealignObjective, goals, aligned_to_key_result_id=results),
    st.builds(c.RealignObjective, goals, or_left_out(maybe(goals)), weight=or_left_out(numbers)),
    st.builds(c.CarryOverObjective, goals, cycles, st.sampled_from(NEW_GOALS)),
    st.builds(c.GradeObjective, goals, maybe(shares)),
    st.builds(c.ReopenObjective, goals),
    st.builds(c.AbandonObjective, goals),
    st.builds(
        c.AddKeyResult, goals, words, measures, numbers, st.sampled_from(Cadence), points,
        maybe(kpis), st.sampled_from(NEW_RESULTS),
    ),
    st.builds(c.RetargetKeyResult, results, or_left_out(measures), or_left_out(points)),
    st.builds(c.RetargetKeyResult, results, st.builds(MeasureChanges, target=numbers)),
    st.builds(c.ReweightKeyResult, results, numbers),
    st.builds(c.LinkKeyResult, results, maybe(kpis)),
    st.builds(c.MoveKeyResult, results, goals),
    st.builds(c.DropKeyResult, results),
    st.builds(
        c.CheckIn, results, days, st.integers(0, 10), maybe(numbers), maybe(st.sampled_from(Zone)),
        readings,
    ),
    st.builds(
        c.DefineKpi, words, st.sampled_from(Direction), words, words, st.sampled_from(Cadence),
        people, targets(), maybe(teams), maybe(words), maybe(numbers), st.just(UUID(int=0x500)),
    ),
    st.builds(c.SetKpiTarget, kpis, targets()),
    st.builds(c.RetargetKpi, kpis, targets() | st.just(THE_QUARTER)),
    st.builds(c.RetargetKpi, kpis, st.builds(TargetChanges, days, target=maybe(numbers))),
    st.builds(c.ReplaceKpiSource, kpis, words),
    st.builds(c.ReplaceKpiCadence, kpis, st.sampled_from(Cadence)),
    st.builds(c.RetireKpi, kpis),
    st.builds(c.ReinstateKpi, kpis),
    st.builds(c.RenameKpi, kpis, words),
    st.builds(c.ReassignKpi, kpis, people, maybe(teams)),
    st.builds(c.ReplaceKpiPurpose, kpis, maybe(words)),
    st.builds(
        c.CorrectKpi, kpis, words, st.sampled_from(Direction), maybe(numbers), st.booleans()
    ),
    st.builds(c.ReplaceTeamKind, teams, st.sampled_from(TeamKind)),
    st.builds(c.ReinstateTeam, teams),
    st.builds(c.RenameCycle, cycles, st.sampled_from(["2025-Q3", "2025-q3", "third"])),
    st.builds(c.RescheduleCycle, cycles, days, days),
    st.builds(c.RecordReading, kpis, days, numbers, readings),
    st.builds(c.CorrectReading, readings, numbers),
    st.builds(c.CorrectReading, readings, zone=st.sampled_from(Zone)),
    st.builds(c.CorrectReading, readings, confidence=maybe(st.integers(0, 10))),
    st.builds(c.RetractReading, readings),
    st.builds(c.AdoptScoringPolicy, on_track=shares),
)  # fmt: skip

# A command, why, whether it arrives twice, and how many days pass before it.
STEPS_OF_HISTORY = st.tuples(
    COMMANDS, st.sampled_from(["because", "because", None]), st.booleans(), st.integers(0, 3)
)
HISTORIES = st.lists(STEPS_OF_HISTORY, min_size=15, max_size=50)
