"""A company in which a quarter has everything, and the same company `times` as large and as long.

A quarter has 92 days, 8 objectives, 25 key results and 3 KPIs; goals of a theme that runs beside it
are aligned to its goals, and half of them are carried over. People hand goals over, re-align,
correct, retract and check in with confidence alone; later revisions wait for approval. The cycle is
graded, closed, reopened and closed again. In the end requests are left waiting: about goals of the
next cycle and of the theme, about KPIs and about people. Of the first objective, its first key
result and the first KPI there is `times` as much as of the others, and alignments go `times` as
deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Cadence, Commitment, Controlled, Direction, Kind, Point, Role, Zone
from tests.support.given import Clock, World
from tests.support.ids import cycle_uuid

STARTS, QUARTER = date(2025, 1, 1), 92
CYCLE, THEME, NEXT = map(cycle_uuid, ("quarter", "theme", "next"))
OBJECTIVES, KEY_RESULTS, KPIS, CHECK_INS, READINGS = 8, 25, 3, 4, 24
KINDS = ("person", "team", "kpi", "objective", "key_result", "reading")
STEPS = Measure(Kind.MILESTONE, steps=("sketch", "pilot", "launch"))
ZONES = Measure(Kind.ORDINAL, zones=Zones("known", "liked", "loved"))
ALL_ZONES = tuple(Zone)


class Step(NamedTuple):
    """A command of somebody on a day, counted from the first of the cycle."""

    day: int
    by: int
    command: c.Command
    is_left_waiting: bool = False


def id_of(kind: str, number: int) -> UUID:
    return UUID(int=(0xA + KINDS.index(kind)) * 0x10000 + number)


def metric(target: int) -> Measure:
    return Measure(Kind.METRIC, Decimal(0), Decimal(target), "customers")


class BusyCompany(World):
    """The company, as it is once it has lived."""

    def __init__(self, url: str, times: int) -> None:
        self.times = times
        self.days = QUARTER * times
        self.people, self.depth = 3 * times, 3 * times
        self.objectives = OBJECTIVES * times
        self.key_results = KEY_RESULTS * times
        clock = Clock(STARTS)
        super().__init__(Okr(url, clock=clock), clock, id_of("person", 0))
        self.steps = sorted(self.story(), key=lambda step: step.day)
        self.on(self.day(self.steps[-1].day))

    def live(self) -> None:
        """Let all of it happen, in an empty database."""
        for number, todays in groupby(self.steps, key=lambda step: step.day):
            self.on(self.day(number))
            for step in todays:
                self.execute_step(step)

    def day(self, number: int) -> date:
        return STARTS + timedelta(days=number)

    def execute_step(self, step: Step) -> None:
        """Somebody acts, and somebody else decides where that waits for approval."""
        person = id_of("person", step.by % self.people)
        why = {"reason": f"it is day {step.day}", "comment": f"said by {step.by}"}
        receipt = self.execute(step.command, by=person, enforced=is_about_people(step), **why)
        if step.is_left_waiting:
            assert receipt.approval_id is not None, f"It waits for nobody: {step.command}"
        elif receipt.approval_id is not None:
            decision = c.RefuseRequest if step.by % 4 == 3 else c.ApproveRequest
            owners = {thing.id for each in receipt.warnings for thing in each.things}
            people = (id_of("person", (step.by + n) % self.people) for n in range(1, self.people))
            other = next(each for each in people if each not in owners)
            self.execute(decision(receipt.approval_id), by=other, reason="two pairs of eyes")

    def story(self) -> Iterator[Step]:
        yield from (Step(0, 0, command) for command in self.organisation())
        yield from (Step(0, 0, command) for command in self.plan())
        yield from self.check_ins()
        yield from self.measurements()
        yield from self.revisions()
        yield from self.result()
        yield from self.sequel()
        yield from self.left_waiting()

    # ---- before it begins -------------------------------------------------------------------

    def organisation(self) -> Iterator[c.Command]:
        ends = self.days - 1
        for n in range(self.people):
            yield c.RegisterPerson(f"Person {n}", id=id_of("person", n))
        yield c.FormTeam("Company", id=id_of("team", 0))
        for n in range(1, 1 + 3 * self.times):
            yield c.FormTeam(f"Team {n}", parent_id=id_of("team", n // 3), id=id_of("team", n))
        yield c.OpenCycle("quarter", STARTS, self.day(ends), id=CYCLE)
        yield c.OpenCycle("theme", STARTS, self.day(ends), id=THEME)
        yield c.OpenCycle("next", self.day(ends + 1), self.day(ends + self.days), id=NEXT)
        for n in range(1, 1 + 3 * self.times):
            yield c.GrantRole(id_of("person", 1 + n % (self.people - 1)), Role.LEAD, self.team(n))
        for n in range(KPIS * self.times):
            span = Target(STARTS, self.day(ends), Decimal(80))
            yield c.DefineKpi(
                f"KPI {n}", Direction.INCREASE, "customers", "CRM", Cadence.WEEKLY,
                self.person(n), span, self.team(n), id=id_of("kpi", n),
            )  # fmt: skip

    def plan(self) -> Iterator[c.Command]:
        """Objectives of the cycle, then those of the theme, with their key results and links."""
        ours, all_ = self.objectives, self.objectives + 2 * self.times
        for n in range(all_):
            yield c.DraftObjective(
                CYCLE if n < ours else THEME, self.team(n), self.person(n), f"win market {n}",
                (Commitment.COMMITTED, Commitment.ASPIRATIONAL)[n % 2],
                self.day(self.days // 2) if n % 4 == 1 else None, id_of("objective", n),
            )  # fmt: skip
        for n in range(self.key_results + 2 * self.times):
            yield self.key_result(n)
        for n in range(1, all_):
            yield self.alignment(n, 1)
        for n in range(all_):
            yield c.CommitObjective(id_of("objective", n))
        for n in range(1, 1 + self.times):
            yield c.CommitPlan(CYCLE, self.team(n), with_teams_below=False)
        yield c.CommitPlan(CYCLE)

    def objective_of(self, n: int) -> int:
        """The objective of a key result: each of the cycle has three, the first few a fourth."""
        if n < self.key_results:
            return n % self.objectives
        return self.objectives + n - self.key_results

    def kind_of(self, n: int) -> Kind:
        rounds = n // self.objectives if n < self.key_results else 0
        return (Kind.METRIC, Kind.MILESTONE, Kind.ORDINAL, Kind.METRIC)[rounds]

    def is_fed(self, n: int) -> bool:
        """Whether a KPI feeds a key result: one of each that the first objectives have."""
        return 0 < n <= KPIS * self.times

    def key_result(self, n: int) -> c.AddKeyResult:
        kinds = {Kind.METRIC: metric(90 + n), Kind.MILESTONE: STEPS, Kind.ORDINAL: ZONES}
        kind = self.kind_of(n)
        return c.AddKeyResult(
            id_of("objective", self.objective_of(n)), f"number {n}", kinds[kind],
            trajectory=(Point(self.day(30), Decimal("0.2")),) if n % 3 else (),
            kpi_id=id_of("kpi", n - 1) if self.is_fed(n) else None, id=id_of("key_result", n),
        )  # fmt: skip

    def alignment(self, n: int, weight: int) -> c.RealignObjective:
        """The first few are a chain; of the others half are aligned to its key results."""
        id_, above = id_of("objective", n), n - 1 if n < self.depth else n % self.depth
        if n < self.depth or n % 2:
            return c.RealignObjective(id_, id_of("objective", above), weight=Decimal(weight))
        key_result = id_of("key_result", above)
        return c.RealignObjective(id_, aligned_to_key_result_id=key_result, weight=Decimal(weight))

    def person(self, n: int) -> UUID:
        return id_of("person", n % self.people)

    def team(self, n: int) -> UUID:
        return id_of("team", n % (1 + 3 * self.times))

    # ---- while it runs ----------------------------------------------------------------------

    def check_ins(self) -> Iterator[Step]:
        """Each key result in turn, spread over all days; every seventh is corrected later."""
        reading = 0
        for n in range(self.key_results + 2 * self.times):
            rounds = CHECK_INS * (1 if n else self.times)
            for turn in range(rounds):
                day = 1 + (self.days - 12) * turn // rounds + n % 9
                id_ = id_of("reading", reading)
                yield Step(day, n, self.check_in(n, turn, self.day(day), id_))
                if reading % 7 == 0:
                    yield Step(day + 2, n + 1, self.correction(n, turn, id_))
                reading += 1

    def check_in(self, n: int, turn: int, day: date, id_: UUID) -> c.CheckIn:
        key_result, confidence = id_of("key_result", n), (n + turn) % 11
        if self.is_fed(n):
            return c.CheckIn(key_result, day, confidence, id=id_)
        if self.kind_of(n) == Kind.ORDINAL:
            return c.CheckIn(key_result, day, confidence, zone=ALL_ZONES[turn % 4], id=id_)
        value = turn % 4 if self.kind_of(n) == Kind.MILESTONE else 10 * (turn % 9) + n % 10
        return c.CheckIn(key_result, day, confidence, Decimal(value), id=id_)

    def correction(self, n: int, turn: int, id_: UUID) -> c.Command:
        if self.is_fed(n) or turn % 3 == 2:
            return c.RetractReading(id_)
        if self.kind_of(n) == Kind.ORDINAL:
            return c.CorrectReading(id_, zone=ALL_ZONES[(turn + 1) % 4])
        return c.CorrectReading(id_, Decimal(3 - turn % 4))

    def measurements(self) -> Iterator[Step]:
        """Readings of the KPIs, in batches of six; one of each batch is corrected."""
        for n in range(KPIS * self.times):
            batches = READINGS // 6 * (1 if n else self.times)
            for batch in range(batches):
                day = 8 + (self.days - 12) * batch // batches + n % 3
                first = 0x8000 + 0x200 * n + 6 * batch
                readings = tuple(
                    c.RecordReading(id_of("kpi", n), self.day(day - i), Decimal(70 + i), id_)
                    for i, id_ in enumerate(id_of("reading", first + i) for i in range(6))
                )
                yield Step(day, n, c.RecordReadings(readings))
                yield Step(day + 1, n, c.CorrectReading(readings[0].id, Decimal(75)))

    def revisions(self) -> Iterator[Step]:
        """Hand-overs, re-alignments and more; in the last third they wait for approval."""
        yield Step(self.days * 2 // 3, 0, c.RequireApproval(CYCLE, tuple(Controlled)))
        for turn in range(2 * self.times):
            day = 5 + (self.days - 20) * turn // (2 * self.times)
            yield from (Step(day, turn, command) for command in self.revisions_of_first(turn))
        for n in range(1, self.objectives):
            day = 4 + (self.days - 20) * n // self.objectives
            yield Step(day, n, c.ReassignObjective(id_of("objective", n), self.person(n + 1)))
            yield Step(day + 2, n, self.alignment(n, 2))
            yield Step(day + 3, n, c.ReweightKeyResult(id_of("key_result", n), Decimal(2)))
            yield Step(day + 4, n, c.RetargetKeyResult(id_of("key_result", n), metric(70 + n)))
        for turn in range(self.times):
            yield from self.events_of_a_quarter(turn)

    def revisions_of_first(self, turn: int) -> Iterator[c.Command]:
        objective, key_result = id_of("objective", 0), id_of("key_result", 0)
        span = Target(STARTS, self.day(self.days - 1), Decimal(78 - turn))
        yield c.ReassignObjective(objective, self.person(turn + 1), self.team(turn + 1))
        yield c.RetitleObjective(objective, f"win every market, take {turn}")
        yield c.RealignObjective(id_of("objective", 1), weight=Decimal(turn + 3))
        yield c.RetargetKeyResult(key_result, metric(100 + turn))
        yield c.ReweightKeyResult(key_result, Decimal(turn + 2))
        yield c.LinkKeyResult(key_result, id_of("kpi", 0))
        yield c.LinkKeyResult(key_result, None)
        yield c.RetargetKpi(id_of("kpi", 0), span)

    def events_of_a_quarter(self, turn: int) -> Iterator[Step]:
        """What happens once a quarter, and what ends in the last days as often."""
        day, last = 20 + QUARTER * turn * 2 // 3, self.objectives - 1 - turn
        moved, dropped = (id_of("key_result", n * self.objectives + last) for n in (1, 2))
        yield Step(day, turn, c.AdoptScoringPolicy(on_track=Decimal(80 + turn) / 100))
        yield Step(day + 1, turn, c.MoveKeyResult(moved, id_of("objective", 0)))
        added = c.AddKeyResult(id_of("objective", last), "one more", metric(50))
        yield Step(day + 2, turn, added)
        fed = id_of("key_result", turn + 1)
        yield Step(self.days - 14, turn * 4, c.LinkKeyResult(fed, None))
        yield Step(self.days - 13, turn * 4, c.DropKeyResult(dropped))
        yield Step(self.days - 12, turn * 4, c.AbandonObjective(id_of("objective", last)))

    # ---- in the end -------------------------------------------------------------------------

    def result(self) -> Iterator[Step]:
        """Half is carried over, all but what was given up is graded; it is closed, and reopened."""
        for n in range(self.objectives - self.times):
            id_ = id_of("objective", n)
            if n < self.objectives // 2:
                into = id_of("objective", 0x1000 + n)
                yield Step(self.days - 3, n, c.CarryOverObjective(id_, NEXT, into))
            adjusted = Decimal("0.8") if n % 4 == 1 else None
            yield Step(self.days - 2, n, c.GradeObjective(id_, adjusted))
        for turn in range(self.times):
            day = self.days + 3 * turn
            yield Step(day, 0, c.CloseCycle(CYCLE))
            yield Step(day + 1, 1, c.ReopenCycle(CYCLE))
            yield Step(day + 2, 2, c.CorrectReading(id_of("reading", 1 + turn), Decimal(1)))
        yield Step(self.days + 3 * self.times, 0, c.CloseCycle(CYCLE))

    def sequel(self) -> Iterator[Step]:
        """The next cycle has begun with what was carried over, some of it confidential."""
        day = self.days + 3 * self.times + 1
        for n in range(self.objectives // 2):
            yield Step(day, n, c.CommitObjective(id_of("objective", 0x1000 + n)))
        yield Step(day, 0, c.CommitPlan(NEXT))
        for n in range(self.objectives // 4):
            yield Step(day, 0, c.KeepConfidential(id_of("objective", 0x1000 + n)))

    def left_waiting(self) -> Iterator[Step]:
        """Much is asked for in the end, by many, and nobody has decided about it yet."""
        day = self.days + 3 * self.times + 2
        for n in range(self.times):
            fed = id_of("key_result", self.key_results + n)
            yield Step(day, n, c.LinkKeyResult(fed, id_of("kpi", n)))
        yield Step(day, 0, c.CommitPlan(THEME))
        for cycle in (THEME, NEXT):
            yield Step(day, 0, c.RequireApproval(cycle, tuple(Controlled)))
        for n in range(self.objectives // 2):
            asked = c.RetitleObjective(id_of("objective", 0x1000 + n), f"win market {n} at last")
            yield Step(day, n, asked, is_left_waiting=True)
        for turn in range(3 * self.times):
            first = c.RetitleObjective(id_of("objective", 0x1000), f"win it, take {turn}")
            yield Step(day, turn, first, is_left_waiting=True)
        for n in range(self.key_results, self.key_results + 2 * self.times):
            retarget = c.RetargetKeyResult(id_of("key_result", n), metric(60))
            yield Step(day, n, retarget, is_left_waiting=True)
        for n in range(self.times):
            yield Step(day, n, c.RetireKpi(id_of("kpi", n)), is_left_waiting=True)
        personnel = range(2, 2 + self.times)  # who is of HR, beside the first of all
        for n in (0, *personnel):
            yield Step(day, 1, c.GrantRole(self.person(n), Role.HR))
        for n in personnel:
            erasure = c.ErasePerson(self.person(n - 1), "consent withdrawn")
            yield Step(day, n, erasure, is_left_waiting=True)


def is_about_people(step: Step) -> bool:
    """Whether two must decide by the table of rights, which else is not asked here."""
    return isinstance(step.command, c.ErasePerson)
