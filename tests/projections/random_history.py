"""Random histories of a small world: commands over few ids, days that pass, and readers who look.

Many of the commands are refused, and then simply nothing happens. The rest makes late, corrected
and retracted readings, moved key results, re-alignments, links made and taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.domain.cycle import cycle_id
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.refusals import Refusal
from okr_es.domain.values import Cadence, Commitment, Direction, Kind, Zone
from projections.runner import Runner
from tests.given import Clock, World

LOOK = "look"
Step = c.Command | int | str

CYCLES = [cycle_id("first"), cycle_id("second")]
SPANS = [(date(2025, 7, 1), date(2025, 9, 30)), (date(2025, 8, 1), date(2025, 10, 31))]
TODAY = date(2025, 8, 20)


def ids(kind: int, count: int) -> list[UUID]:
    return [UUID(int=kind * 0x100 + i) for i in range(count)]


PEOPLE, TEAMS, KPIS = ids(0xA, 2), ids(0xB, 3), ids(0xE, 3)
OBJECTIVES, KEY_RESULTS, READINGS = ids(0xC, 6), ids(0xD, 7), ids(0xF, 12)

METRICS = [Measure(Kind.METRIC, Decimal(a), Decimal(b), "u") for a, b in ((0, 10), (8, 2), (-5, 5))]
MILESTONES = [Measure(Kind.MILESTONE, steps=tuple(s)) for s in ("", "a", "abc", "abcd")]
ORDINALS = [Measure(Kind.ORDINAL, zones=Zones(*words)) for words in ("abc", "def")]
MEASURES = [*METRICS, *MILESTONES, *ORDINALS]
SPAN_TARGETS = [
    Target(date(2025, m, 1), date(2025, m, 28), Decimal(v)) for m in (7, 8) for v in (3, 7)
]

people, teams, cycles = map(st.sampled_from, (PEOPLE, TEAMS, CYCLES))
objectives, key_results, kpis = map(st.sampled_from, (OBJECTIVES, KEY_RESULTS, KPIS))
readings, measures = st.sampled_from(READINGS), st.sampled_from(MEASURES)
words = st.sampled_from(["win", "grow", "reach"])
days = st.dates(date(2025, 7, 1), date(2025, 9, 5))
weights = st.sampled_from(["0", "1", "0.5", "3"]).map(Decimal)
values = st.sampled_from(["-1", "0", "1", "2", "3", "4.5", "7", "12"]).map(Decimal)
cadences = st.sampled_from(Cadence)
maybe_kpi = st.none() | kpis
NOTHING = st.none()


def thresholds(low: str, high: str) -> c.AdoptScoringPolicy:
    return c.AdoptScoringPolicy(on_track=Decimal(high), at_risk=Decimal(low))


check_ins = st.builds(
    c.CheckIn, key_results, days, st.integers(0, 10), NOTHING | values, NOTHING, readings
) | st.builds(c.CheckIn, key_results, days, st.just(5), NOTHING, st.sampled_from(Zone), readings)
recordings = st.builds(c.RecordReading, kpis, days, values, readings)
corrections = st.builds(c.CorrectReading, readings, values) | st.builds(
    c.CorrectReading, readings, NOTHING, st.sampled_from(Zone)
)
retractions = st.builds(c.RetractReading, readings)
alignments = st.builds(c.RealignObjective, objectives, objectives, NOTHING, weights) | st.builds(
    c.RealignObjective, objectives, NOTHING, NOTHING | key_results, weights
)
moves = st.builds(c.MoveKeyResult, key_results, objectives)
links = st.builds(c.LinkKeyResult, key_results, maybe_kpi)

rarer = st.one_of(
    st.builds(c.ReopenObjective, objectives),
    st.builds(c.AbandonObjective, objectives),
    st.builds(c.GradeObjective, objectives, NOTHING | st.just(Decimal("0.8"))),
    st.builds(c.CarryOverObjective, objectives, cycles, objectives),
    st.builds(c.CommitObjective, objectives),
    st.builds(c.RewordObjective, objectives, words),
    st.builds(c.ReassignObjective, objectives, NOTHING | people, NOTHING | teams),
    st.builds(c.DropKeyResult, key_results),
    st.builds(c.RetireKpi, kpis),
    st.builds(c.ReplaceKpiCadence, kpis, cadences),
    st.builds(c.ReplaceKpiSource, kpis, words),
    st.builds(c.MoveTeam, teams, NOTHING | teams),
    st.builds(c.RenameTeam, teams, words),
    st.builds(c.DisbandTeam, teams),
    st.builds(c.CommitPlan, cycles),
    st.builds(c.CloseCycle, cycles),
    st.builds(c.ReopenCycle, cycles),
    st.builds(c.ErasePerson, st.just(PEOPLE[1]), st.just("on request")),
    st.sampled_from([thresholds("0.5", "0.8"), thresholds("0.6", "1")]),
    st.builds(
        c.DefineKpi, words, st.just(Direction.AT_LEAST), st.just("u"), words, cadences, people,
        st.sampled_from(SPAN_TARGETS), id=kpis,
    ),
)  # fmt: skip
commands = st.one_of(
    check_ins,
    check_ins,
    recordings,
    recordings,
    st.builds(c.RecordReadings, st.lists(recordings, max_size=4).map(tuple)),
    corrections,
    corrections,
    retractions,
    retractions,
    alignments,
    moves,
    links,
    st.builds(c.RetargetKeyResult, key_results, measures),
    st.builds(c.ReweightKeyResult, key_results, weights),
    st.builds(c.SetKpiTarget, kpis, st.sampled_from(SPAN_TARGETS)),
    st.builds(c.RetargetKpi, kpis, st.sampled_from(SPAN_TARGETS)),
    st.builds(
        c.DraftObjective, cycles, teams, people, words, st.sampled_from(Commitment), id=objectives
    ),
    st.builds(
        c.AddKeyResult, objectives, words, measures, weights, cadences,
        kpi_id=maybe_kpi, id=key_results,
    ),
    rarer,
)  # fmt: skip
steps = st.one_of(commands, commands, commands, st.just(LOOK), st.integers(1, 5))
histories = st.lists(steps, min_size=15, max_size=60)


class Told(World):
    """A world in which a history was told."""

    def __init__(self, url: str) -> None:
        clock = Clock(SPANS[0][0])
        super().__init__(Okr(url, clock=clock), clock, PEOPLE[0])
        self.clock.now += TODAY - SPANS[0][0]
        self.url = url
        self.runner = Runner(self.okr)

    def plays(self, history: Sequence[Step]) -> None:
        for step in history:
            if step == LOOK:
                self.runner.fresh()
            elif isinstance(step, int):
                self.clock.now += timedelta(days=step)
            else:
                self.tries(step)

    def tries(self, command: c.Command) -> None:
        try:
            self.execute(command, reason="so it was")
        except Refusal:
            return

    def close(self) -> None:
        self.runner.close()
        self.okr.close()


def begin(told: Told) -> None:
    """Tell how the small world began: three objectives aligned, measured in all three kinds."""
    o, k = OBJECTIVES, KEY_RESULTS
    for command in (
        *(c.RegisterPerson("Someone", id=person) for person in PEOPLE),
        c.FormTeam("Company", id=TEAMS[0]),
        *(c.FormTeam("Team", above_id=TEAMS[0], id=team) for team in TEAMS[1:]),
        c.OpenCycle("first", *SPANS[0]),
        c.OpenCycle("second", *SPANS[1]),
        c.DefineKpi(
            "health", Direction.INCREASE, "u", "CRM", Cadence.WEEKLY, PEOPLE[0], SPAN_TARGETS[0],
            id=KPIS[0],
        ),
        *(c.DraftObjective(CYCLES[0], TEAMS[0], PEOPLE[0], "win", id=id_) for id_ in o[:2]),
        c.DraftObjective(CYCLES[1], TEAMS[1], PEOPLE[1], "reach", id=o[2]),
        c.AddKeyResult(o[0], "many", METRICS[0], id=k[0]),
        c.AddKeyResult(o[0], "done", MILESTONES[2], id=k[1]),
        c.AddKeyResult(o[1], "good", ORDINALS[0], id=k[2]),
        c.AddKeyResult(o[2], "fed", METRICS[1], kpi_id=KPIS[0], id=k[3]),
        c.RealignObjective(o[1], o[0]),
        c.RealignObjective(o[2], serves_key_result_id=k[2], weight=Decimal(2)),
        *(c.CommitObjective(id_) for id_ in o[:3]),
    ):  # fmt: skip
        told.execute(command, reason="so it began")
