"""Random histories of a small world: what people do, clocks that jump, and readers who look.

Strategies name things by number alone: "the third key result" is one there is by then, and what is
begun gets the next id. So most commands are carried out, and histories are rich: late, corrected
and retracted readings, moved key results, re-alignments, closed and reopened cycles. Clocks stand
still, pass midnight and the night they change, and go back: then the log's times stand still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from msgspec import UNSET

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.changes import GraceChanges, MeasureChanges, TargetChanges
from okr_es.domain.base import Beginning
from okr_es.domain.calendar import Holiday
from okr_es.domain.evidence import Evidence
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.refusals import Refusal
from okr_es.domain.values import (
    Aggregation,
    Cadence,
    Commitment,
    Controlled,
    Direction,
    Kind,
    NotMeasured,
    PeopleFigures,
    Point,
    TeamKind,
    Weekday,
    Zone,
)
from okr_es.handlers.approval_gate import REQUESTABLE
from projections.read_model.runner import Runner
from tests.support.given import Clock, World

LOOK, NIGHT = "look", "night"
Step = c.Command | int | timedelta | time | str

SPANS = [(date(2025, 7, 1), date(2025, 9, 30)), (date(2025, 8, 1), date(2025, 10, 31))]
TODAY = date(2025, 8, 20)
# Time zones, and the night of that autumn in which their clocks change.
ZONES = {
    "UTC": None,
    "Europe/Stockholm": datetime(2025, 10, 26, 1, tzinfo=UTC),
    "America/Los_Angeles": datetime(2025, 11, 2, 9, tzinfo=UTC),
    "Pacific/Auckland": datetime(2025, 9, 27, 14, tzinfo=UTC),
}
KINDS = ("person", "team", "cycle", "objective", "key_result", "kpi", "reading", "grant", "api_key")
# What a field of a command names, where its name does not say so itself.
NAMES = {
    "parent_id": "team", "owner_id": "person", "deputy_id": "person", "approval_id": "approval",
    "key_id": "api_key",
}  # fmt: skip
BEGINS = {
    c.RegisterPerson: "person", c.FormTeam: "team", c.DraftObjective: "objective",
    c.CarryOverObjective: "objective", c.AddKeyResult: "key_result", c.DefineKpi: "kpi",
    c.CheckIn: "reading", c.RecordReading: "reading", c.OpenCycle: "cycle",
    c.GrantRole: "grant", c.CreateApiKey: "api_key",
}  # fmt: skip
BEGINNERS = (*BEGINS, c.RecordReadings, *REQUESTABLE.values())
DECISIONS = (c.ApproveRequest, c.RefuseRequest)
# Nobody decides about their own role; the first administrator is made on the machine.
ON_THE_MACHINE = (c.GrantRole, c.RescheduleGrant, c.EndGrant, c.CreateApiKey, c.RevokeApiKey)


def new_id(kind: str, number: int) -> UUID:
    return UUID(int=(0xA + KINDS.index(kind)) * 0x1000 + number)


PEOPLE, TEAMS, OBJECTIVES, KEY_RESULTS, KPIS, READINGS = (
    [new_id(kind, number) for number in range(8)] for kind in KINDS[:7] if kind != "cycle"
)
CYCLES = [new_id("cycle", number) for number in range(2)]
METRICS = [
    Measure(Kind.METRIC, Decimal(a), Decimal(b), unit)
    for a, b, unit in ((0, 10, "u"), (8, 2, "u"), (-5, 5, "v"))
]
TO_KEEP = [
    Measure(Kind.METRIC, None, Decimal(3), "u", direction=Direction.AT_LEAST),
    Measure(Kind.METRIC, Decimal(9), Decimal(2), "u", direction=Direction.AT_MOST),
    Measure(
        Kind.METRIC, unit="u", direction=Direction.WITHIN, minimum=Decimal(2), maximum=Decimal(4)
    ),
]
MILESTONES = [Measure(Kind.MILESTONE, steps=tuple(s)) for s in ("", "a", "abc", "abcd")]
ORDINALS = [Measure(Kind.ORDINAL, zones=Zones(*words)) for words in ("abc", "def")]
MEASURES = [*METRICS, *TO_KEEP, *MILESTONES, *ORDINALS]
SPAN_TARGETS = [
    Target(date(2025, m, 1), date(2025, m, 28), Decimal(v)) for m in (7, 8) for v in (3, 7)
]
SPLITS = [Target(date(2025, m, 15), date(2025, m, 28), Decimal(5)) for m in (7, 8)]
WITHOUT = [Target(date(2025, 8, 1), date(2025, 8, 28))]
BETWEEN = Target(date(2025, 7, 1), date(2025, 9, 30), None, Decimal(2), Decimal(4))
MATTERS = ["T 1-25", "T 2-25"]
TOWARDS = [direction for direction in Direction if direction != Direction.WITHIN]

Choice = st.SearchStrategy[Any]


def weighted(*choices: tuple[int, Choice]) -> Choice:
    """One of some strategies, each as often as its number says: `one_of` would forget how often."""
    chances = [strategy for number, strategy in choices for _ in range(number)]
    return st.sampled_from(range(len(chances))).flatmap(chances.__getitem__)


CLOSING = Controlled.CLOSING
NOTHING, LEFT_OUT = st.none(), st.just(UNSET)
these = st.sampled_from([UUID(int=number) for number in range(12)])
perhaps = NOTHING | these
words = st.sampled_from(["win", "grow", "reach"])
near = st.integers(-50, 8).map(lambda n: TODAY + timedelta(days=n))
autumn = st.sampled_from([date(2025, 9, 28), date(2025, 10, 26), date(2025, 11, 2)])
days = weighted((9, near), (1, autumn))
dues = NOTHING | st.sampled_from([date(2025, 8, 25), date(2025, 9, 20), date(2025, 12, 31)])
turns = st.sampled_from([date(2025, 7, 8), date(2025, 8, 19), date(2025, 9, 4)])
weights = st.sampled_from(["0", "1", "0.5", "3"]).map(Decimal)
values = st.sampled_from(["-1", "0", "1", "2", "3", "4.5", "7", "12"]).map(Decimal)
cadences, measures = st.sampled_from(Cadence), st.sampled_from(MEASURES)
promises = measures | st.sampled_from([
    UNSET,
    *(MeasureChanges(target=Decimal(n)) for n in (3, 7)),
    MeasureChanges(unit="others"),
    MeasureChanges(steps=("a", "b")),
    MeasureChanges(direction=Direction.AT_MOST),
])  # fmt: skip
span_targets = st.sampled_from([*SPAN_TARGETS, *WITHOUT])
moved_targets = st.sampled_from([*SPAN_TARGETS, *SPLITS, *WITHOUT])
aims = st.sampled_from([
    TargetChanges(date(2025, m, day), target=Decimal(6)) for m in (7, 8) for day in (1, 20)
])  # fmt: skip
rules = st.sampled_from(Aggregation)
subjects = st.sampled_from([None, None, "north", "south"])
trajectories = st.sampled_from([
    (),
    (Point(date(2025, 8, 20), Decimal(0)),),
    (Point(date(2025, 8, 1), Decimal("0.1")), Point(date(2025, 8, 22), Decimal("0.75"))),
])  # fmt: skip
policies = st.sampled_from([
    c.AdoptScoringPolicy(on_track=Decimal(high), at_risk=Decimal(low), not_measured=word)
    for low, high, word in (
        ("0.5", "0.8", NotMeasured.LEFT_OUT),
        ("0.6", "1", NotMeasured.COUNTS_ZERO),
        ("0.7", "0.9", NotMeasured.COUNTS_ZERO),
    )
])  # fmt: skip
calendars = st.sampled_from([
    c.SetCalendar(working_days=tuple(Weekday)),
    c.SetCalendar(working_days=(Weekday.TUESDAY, Weekday.FRIDAY)),
    c.SetCalendar(holidays=(Holiday(date(2025, 9, 1), "Works closed", date(2025, 9, 12)),)),
    c.SetCalendar(date(2025, 9, 8), grace=GraceChanges(daily=0, weekly=1, monthly=2)),
    c.SetCalendar(grace=GraceChanges(weekly=0)),
])  # fmt: skip

# A check-in and a correction fit about a third of the key results; the others refuse them.
numbers = st.sampled_from([0, 1, 2, 3]).map(Decimal) | values
confidences = NOTHING | st.integers(0, 10)
named_steps = st.sampled_from([(), ("a",), ("b",), ("c", "a"), ("b", "c")])
put_right = st.one_of(
    st.builds(c.DescribeObjective, these, NOTHING | words),
    st.builds(c.RescheduleObjective, these, dues),
    st.builds(c.ReplaceObjectiveCommitment, these, st.sampled_from(Commitment)),
    st.builds(c.RetitleKeyResult, these, words),
    st.builds(c.DescribeKeyResult, these, NOTHING | words),
    st.builds(c.ReassignKeyResult, these, perhaps),
    st.builds(c.ReplaceKeyResultCadence, these, cadences),
    st.builds(c.ReinstateKeyResult, these),
    st.builds(c.ReinstateKeyResult, these),
    st.builds(c.DropKeyResult, these),
)
documents = NOTHING | st.just(Evidence("https://files.example.org/7", "07" * 32))
check_ins = st.one_of(
    st.builds(c.CheckIn, these, NOTHING | days, confidences, numbers, evidence=documents),
    st.builds(c.CheckIn, these, days, confidences, NOTHING, st.sampled_from(Zone)),
    st.builds(c.CheckIn, these, days, confidences, done_steps=named_steps),
    st.builds(c.CheckIn, these, days, confidences),
)
recordings = st.builds(c.RecordReading, these, NOTHING | days, values, subject=subjects)
batches = st.builds(c.RecordReadings, st.lists(recordings, max_size=4).map(tuple))
corrections = st.one_of(
    st.builds(c.CorrectReading, these, numbers),
    st.builds(c.CorrectReading, these, zone=st.sampled_from(Zone)),
    st.builds(c.CorrectReading, these, done_steps=named_steps),
    st.builds(c.CorrectReading, these, confidence=confidences),
    st.builds(c.CorrectReading, these, evidence=documents),
    st.builds(c.CorrectReading, these, subject=subjects),
)
comings_and_goings = weighted(
    (1, st.builds(c.RenamePerson, these, words)),
    (2, st.builds(c.NameDeputy, these, perhaps, days, days)),
    (2, st.builds(c.DeactivatePerson, st.just(UUID(int=1)), NOTHING | near)),
    (2, st.builds(c.ReactivatePerson, st.just(UUID(int=1)), NOTHING | near)),
)
# What was meant all along, of the version in force or an early one.
early = st.sampled_from([None, None, 1, 2, 3])
meant = st.one_of(
    st.builds(MeasureChanges, target=values),
    st.builds(MeasureChanges, baseline=values),
    st.builds(MeasureChanges, steps=st.sampled_from([tuple("abd"), tuple("xbc"), tuple("abcd")])),
)
meant_all_along = st.one_of(
    st.builds(c.CorrectKeyResult, these, meant, version=early),
    st.builds(c.CorrectKeyResult, these, meant, trajectories, weights, version=early),
    st.builds(c.CorrectObjective, these, weights, early),
    st.builds(c.CorrectKpiTarget, these, span_targets, early),
)
alignments = st.one_of(
    st.builds(c.RealignObjective, these, these, NOTHING, weights),
    st.builds(c.RealignObjective, these, NOTHING, perhaps, weights),
    st.builds(c.RealignObjective, these, LEFT_OUT | perhaps, LEFT_OUT, LEFT_OUT | weights),
)
DRAFTS = st.sampled_from(((), "all"))
drafts = st.builds(c.DraftObjective, these, these, these, words, st.sampled_from(Commitment), dues)
additions = st.builds(
    c.AddKeyResult, these, words, measures, weights, cadences, trajectories, perhaps
)
definitions = st.builds(
    c.DefineKpi, words, st.sampled_from(TOWARDS), st.just("u"), words, cadences, these,
    span_targets, perhaps, baseline=NOTHING | values, aggregation=rules,
)  # fmt: skip
within = st.builds(
    c.DefineKpi, words, st.just(Direction.WITHIN), st.just("u"), words, cadences, these,
    st.just(BETWEEN), perhaps, aggregation=rules,
)  # fmt: skip
redefinitions = st.builds(
    c.RedefineKpi, these, LEFT_OUT | NOTHING | words, LEFT_OUT | rules, NOTHING | near
)
some = LEFT_OUT | these
hand_overs = st.builds(c.ReassignObjective, these, some, some, NOTHING | days)
kpi_corrections = st.builds(
    c.CorrectKpi,
    these,
    st.sampled_from("uv"),
    st.sampled_from(TOWARDS),
    LEFT_OUT | values,
    st.booleans(),
)
rarer = st.one_of(
    st.builds(c.AbandonObjective, these),
    st.builds(c.ReopenObjective, these),
    st.builds(c.GradeObjective, these, NOTHING | st.just(Decimal("0.8")), documents),
    st.builds(c.CarryOverObjective, these, these),
    st.builds(c.RetitleObjective, these, words),
    st.builds(c.DropKeyResult, these),
    st.builds(c.RetireKpi, these),
    st.builds(c.ReplaceKpiCadence, these, cadences),
    st.builds(c.ReplaceKpiSource, these, words),
    st.builds(c.RenameKpi, these, words),
    st.builds(c.ReassignKpi, these, some, some | NOTHING),
    st.builds(c.ReplaceKpiPurpose, these, NOTHING | words),
    st.builds(c.ReinstateKpi, these),
    kpi_corrections,
    st.builds(c.ReplaceTeamKind, these, st.sampled_from(TeamKind)),
    st.builds(c.ReinstateTeam, these),
    st.builds(c.RenameCycle, these, st.sampled_from(["first", "FIRST", "other", "2025-Q3"])),
    st.builds(c.RescheduleCycle, these, turns),
    st.builds(c.RescheduleCycle, these, ends=turns),
    st.builds(c.MoveTeam, these, perhaps, NOTHING | days),
    st.builds(c.RenameTeam, these, words),
    st.builds(c.ChoosePeopleFigures, st.sampled_from(PeopleFigures)),
    st.builds(c.DisbandTeam, these),
    st.builds(c.RegisterPerson, st.just("Someone else")),
    st.builds(c.ErasePerson, st.just(UUID(int=1)), st.just("on request")),
    st.builds(c.PlaceLegalHold, these, st.sampled_from(MATTERS)),
    st.builds(c.LiftLegalHold, these, st.sampled_from(MATTERS)),
    comings_and_goings,
    st.builds(c.FormTeam, words, parent_id=perhaps),
    st.builds(c.RequireApproval, these, st.sampled_from([tuple(Controlled), (), (CLOSING,)])),
    st.just(c.OpenCycle("third", date(2025, 7, 14), date(2025, 9, 13))),
)
commands = weighted(
    (6, check_ins),
    (5, recordings),
    (1, batches),
    (4, corrections),
    (2, st.builds(c.RetractReading, these)),
    (4, meant_all_along),
    (4, alignments),
    (2, hand_overs),
    (2, st.builds(c.MoveKeyResult, these, these)),
    (2, st.builds(c.LinkKeyResult, these, perhaps)),
    (3, st.builds(c.RetargetKeyResult, these, promises, LEFT_OUT | trajectories)),
    (2, st.builds(c.ReweightKeyResult, these, weights)),
    (1, st.builds(c.SetKpiTarget, these, span_targets)),
    (2, st.builds(c.RetargetKpi, these, moved_targets | aims)),
    (
        1,
        st.builds(
            c.RedefineKpi, these, LEFT_OUT | NOTHING | words, LEFT_OUT | rules, NOTHING | near
        ),
    ),
    (2, definitions),
    (1, within),
    (2, drafts),
    (2, st.builds(c.CommitObjective, these)),
    (3, additions),
    (
        2,
        st.builds(c.CommitPlan, these, with_drafts=DRAFTS)
        | st.builds(c.CommitPlan, these, these, st.booleans(), DRAFTS),
    ),
    (1, st.builds(c.CloseCycle, these, st.booleans())),
    (2, st.builds(c.ReopenCycle, these)),
    (1, policies),
    (1, calendars),
    (9, rarer),
    (4, put_right),
    (1, st.builds(c.ApproveRequest, these)),
    (1, st.one_of(st.builds(c.RefuseRequest, these), st.builds(c.WithdrawRequest, these))),
)
jumps = st.sampled_from([
    *(timedelta(microseconds=n) for n in (-1, 1)),
    *(timedelta(hours=n) for n in (-30, -3, 1, 7)),
    timedelta(days=-9),
])  # fmt: skip
times = st.sampled_from([time(0), time(0, 0, 0, 1), time(23, 59, 59, 999_999), time(2, 30)])
clocks = weighted((3, st.integers(1, 5)), (2, jumps), (2, times), (1, st.just(NIGHT)))
steps = weighted((12, commands), (4, clocks), (1, st.just(LOOK)))
zones = st.sampled_from(list(ZONES))
lengths = st.sampled_from(range(15, 61))
histories = lengths.flatmap(lambda length: st.lists(steps, min_size=length, max_size=length))
sequels = st.lists(steps, min_size=5, max_size=20)


class Told(World):
    """A world in which a history was told."""

    def __init__(self, url: str, timezone: str = "UTC") -> None:
        clock = Clock(SPANS[0][0])
        super().__init__(Okr(url, clock=clock, timezone=timezone), clock, PEOPLE[0])
        self.clock.now += TODAY - SPANS[0][0]
        self.url = url
        self.zone = ZoneInfo(timezone)
        self.runner = Runner(self.okr)

    def plays(self, history: Sequence[Step]) -> None:
        there = Things(self)
        for step in history:
            if step == LOOK:
                self.runner.fresh()
            elif isinstance(step, c.Command):
                self.tries(there.meant(step))
                if isinstance(step, BEGINNERS):
                    there.grow()
            else:
                self.clock.now = later(self.clock.now, step, self.zone)

    def waits(self, history: Sequence[Step]) -> None:
        """Let the clock go as it does while a history is told."""
        for step in history:
            if step != LOOK and not isinstance(step, c.Command):
                self.clock.now = later(self.clock.now, step, self.zone)

    def tries(self, command: c.Command) -> None:
        """Try a command; someone else decides about what was asked for, who owns none of it."""
        said = {"reason": None if isinstance(command, c.NameDeputy) else "so it was"}
        by_whom = PEOPLE[1:4] if isinstance(command, DECISIONS) else [self.actor]
        if isinstance(command, ON_THE_MACHINE):
            said, by_whom = said | {"origin": "cli"}, PEOPLE[:2]
        for by in by_whom:
            try:
                self.execute(command, by=by, **said)
            except Refusal:
                continue
            return

    def close(self) -> None:
        self.runner.close()
        self.okr.close()


class Things:
    """What there is by now, by kind and in order: what the numbers in commands mean."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.position = 0
        self.ids: dict[str, list[UUID]] = defaultdict(list)
        self.grow()

    def grow(self) -> None:
        """Take in what has begun since."""
        facts = self.told.facts(self.position)
        self.position += len(facts)
        for event in facts:
            if isinstance(event, Beginning):
                kind = event.TOPIC.partition(".")[0]  # type: ignore[attr-defined]
                self.ids[kind].append(event.originator_id)

    def meant(self, command: Any, taken: int = 0) -> Any:
        """A command with the ids its numbers mean, and the next id for what it begins."""
        meant = {
            field.name: self.named(field.name, value)
            for field in fields(command)
            if isinstance(value := getattr(command, field.name), UUID)
        }
        if isinstance(command, c.RecordReadings):
            each = (self.meant(reading, n) for n, reading in enumerate(command.readings))
            meant["readings"] = tuple(each)
        if isinstance(command, c.CreateApiKey):
            meant["kpi_ids"] = tuple(self.named("kpi_id", each) for each in command.kpi_ids)
        if kind := BEGINS.get(type(command)):
            meant["id"] = new_id(kind, len(self.ids[kind]) + taken)
        return replace(command, **meant)

    def named(self, field: str, number: UUID) -> UUID:
        kind = NAMES.get(field) or next(kind for kind in KINDS if f"{kind}_id" in field)
        there = self.ids[kind]
        return there[number.int % len(there)] if there else number


def later(now: datetime, step: Any, zone: ZoneInfo) -> datetime:
    """Where the clock stands after some days, a jump, or at a time of the next day or night."""
    match step:
        case int():
            return now + timedelta(days=step)
        case timedelta():
            return now + step
        case time():
            today = now.astimezone(zone).date()
            return datetime.combine(today + timedelta(days=1), step, zone).astimezone(UTC)
    return max(now, (ZONES[zone.key] or now) - timedelta(minutes=1))


def begin(told: Told) -> None:
    """Tell how the small world began, weeks ago, and what was first measured since."""
    now, told.clock.now = told.clock.now, told.clock.now - timedelta(weeks=6)
    for command in beginning():
        told.execute(command, reason="so it began")
    told.clock.now = now
    for command in first_readings():
        told.execute(command, reason="so it went on")


def begin_history(url: str, timezone: str) -> None:
    """Tell how the small world began in a time zone, and read it."""
    with closing(Told(url, timezone)) as told:
        begin(told)
        told.runner.fresh()


def beginning() -> list[c.Command]:
    """Three objectives aligned, measured in all three kinds."""
    o, k = OBJECTIVES, KEY_RESULTS
    return [
        *(c.RegisterPerson("Someone", id=person) for person in PEOPLE[:2]),
        c.FormTeam("Company", id=TEAMS[0]),
        *(c.FormTeam("Team", parent_id=TEAMS[0], id=team) for team in TEAMS[1:3]),
        c.OpenCycle("first", *SPANS[0], id=CYCLES[0]),
        c.OpenCycle("second", *SPANS[1], id=CYCLES[1]),
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
        c.RealignObjective(o[2], aligned_to_key_result_id=k[2], weight=Decimal(2)),
        *(c.CommitObjective(id_) for id_ in o[:3]),
    ]  # fmt: skip


def first_readings() -> list[c.Command]:
    """A reading of each kind."""
    k = KEY_RESULTS
    return [
        c.RecordReading(KPIS[0], date(2025, 8, 18), Decimal(5), id=READINGS[0]),
        c.CheckIn(k[0], date(2025, 8, 19), 7, Decimal(3), id=READINGS[1]),
        c.CheckIn(k[1], date(2025, 8, 19), 4, Decimal(1), id=READINGS[2]),
        c.CheckIn(k[2], date(2025, 8, 19), 4, zone=Zone.COMMIT, id=READINGS[3]),
    ]
