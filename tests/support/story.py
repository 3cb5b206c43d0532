"""A story told in sentences: a cycle of a hundred days, so that day 50 expects one half.

`day(1)` is the cycle's first day, `day(100)` its last; `NEXT` runs for the hundred days after it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Receipt
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Cadence, Direction, Kind, Zone
from okr_es.log.calendars import LoggedCalendars
from projections.queries import Queries
from tests.support.given import NOON, Clock, World
from tests.support.ids import cycle_uuid

STARTS, ENDS = date(2025, 1, 1), date(2025, 4, 10)
NOW, NEXT = cycle_uuid("now"), cycle_uuid("next")
ANN, BEN = UUID(int=0xA1), UUID(int=0xA2)
COMPANY, SALES = UUID(int=0xB1), UUID(int=0xB2)
ZONES = Measure(Kind.ORDINAL, zones=Zones("known", "liked", "loved"))
WHY = "so it was"
BEGINNINGS = frozenset({
    c.RegisterPerson, c.FormTeam, c.OpenCycle, c.DraftObjective, c.CommitObjective, c.AddKeyResult,
    c.DefineKpi, c.SetKpiTarget,
})  # fmt: skip


def day(number: int) -> date:
    return STARTS + timedelta(days=number - 1)


def metric(baseline: str = "0", target: str = "100", unit: str = "leads") -> Measure:
    return Measure(Kind.METRIC, Decimal(baseline), Decimal(target), unit)


def steps(*names: str) -> Measure:
    return Measure(Kind.MILESTONE, steps=names)


class Story(World):
    """An application with its queries, and short ways to say what happens.

    It is day 50. What begins a story (`BEGINNINGS`) was recorded on the cycle's first day, so that
    the objectives are expected from then on; with the first other command, or another day, the log
    has come to today.
    """

    def __init__(self, url: str) -> None:
        clock = Clock(day(1))
        super().__init__(Okr(url, clock=clock), clock, ANN)
        self.begun_at: datetime | None = None
        self.okr.log.clock = self.record_time
        self.url = url
        self.queries = Queries(self.okr)

    def begun(self) -> Story:
        """The two cycles, the company with its sales team, Ann and Ben; it is day 50."""
        self.does(c.RegisterPerson("Ann Example", "ann@example.org", id=ANN))
        self.does(c.RegisterPerson("Ben Example", id=BEN))
        self.does(c.FormTeam("Company", id=COMPANY))
        self.does(c.FormTeam("Sales", parent_id=COMPANY, id=SALES))
        self.does(c.OpenCycle("now", STARTS, ENDS, id=NOW))
        self.does(c.OpenCycle("next", day(101), day(200), id=NEXT))
        return self.goes_on()

    def goes_on(self) -> Story:
        """The story as it has begun; it is day 50."""
        self.on(day(50))
        self.begun_at = self.clock.now
        return self

    def on(self, day: date) -> None:
        super().on(day)
        self.begun_at = None

    def execute(self, command: c.Command, **context: Any) -> Receipt:
        if type(command) not in BEGINNINGS:
            self.begun_at = None
        return super().execute(command, **context)

    def record_time(self) -> datetime:
        """When an event is recorded."""
        if self.clock.now != self.begun_at:
            self.begun_at = None
            return self.clock.now
        return datetime.combine(STARTS, NOON)

    def proposes(self, zone: str) -> None:
        """Propose a time zone to the log, which has no calendar yet."""
        assert self.okr.log.head() == 0
        self.okr.calendars = LoggedCalendars(self.okr.database, zone)

    def again(self) -> Story:
        """The same database, opened anew, at the same time."""
        other = Story(self.url)
        other.clock.now, other.begun_at = self.clock.now, self.begun_at
        return other

    def close(self) -> None:
        self.queries.runner.close()
        self.okr.close()

    def does(self, command: c.Command, **context: Any) -> UUID:
        receipt = self.execute(command, **({"reason": WHY} | context))
        assert receipt.id is not None
        return receipt.id

    def objective(self, title: str = "win", **fields: Any) -> UUID:
        """A committed objective, of Ann's in the company and this cycle unless told otherwise."""
        whose = {"cycle_id": NOW, "team_id": COMPANY, "owner_id": ANN, "title": title}
        id_ = self.does(c.DraftObjective(**(whose | fields)))
        self.does(c.CommitObjective(id_))
        return id_

    def key_result(self, objective: UUID, measure: Measure | None = None, **fields: Any) -> UUID:
        parts = {"title": "a number", "measure": measure or metric()} | numbers(fields)
        return self.does(c.AddKeyResult(objective, **parts))

    def aligns(self, objective: UUID, weight: str = "1", **served: UUID) -> None:
        """Align it to what is named, and to nothing else; only an alignment has a weight."""
        to: dict[str, Any] = {"aligned_to_objective_id": None, "aligned_to_key_result_id": None}
        share = {"weight": Decimal(weight)} if served else {}
        self.does(c.RealignObjective(objective, **to | served, **share))

    def checks_in(
        self, key_result: UUID, value: str | Zone | None = None, on: date | None = None, **more: Any
    ) -> UUID:
        fields = {"as_of": on or self.okr.today(), "confidence": 7, "id": uuid4()} | more
        if isinstance(value, Zone):
            fields["zone"] = value
        elif value is not None:
            fields["value"] = Decimal(value)
        return self.does(c.CheckIn(key_result, **fields))

    def kpi(self, direction: str = "increase", *targets: Target, **fields: Any) -> UUID:
        """A KPI, daily and with the target 80 for this cycle unless told otherwise."""
        first, *others = targets or (wanted("80"),)
        parts = {
            "name": direction, "direction": Direction(direction), "unit": "leads", "source": "CRM",
            "cadence": Cadence.DAILY, "owner_id": ANN, "target": first,
        }  # fmt: skip
        id_ = self.does(c.DefineKpi(**(parts | numbers(fields))))
        for other in others:
            self.does(c.SetKpiTarget(id_, other))
        return id_

    def reads(self, kpi: UUID, value: str, on: date | None = None) -> UUID:
        return self.does(c.RecordReading(kpi, on or self.okr.today(), Decimal(value), id=uuid4()))

    def board(self, cycle: UUID = NOW) -> dict[str, dict[str, Any]]:
        """The goals on a cycle's board, by their words."""
        goals = self.queries.board(cycle)["objectives"]
        return {goal["title"]: goal for goal in goals}


def numbers(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with weight and baseline as numbers."""
    exact = {name: Decimal(fields[name]) for name in ("weight", "baseline") if name in fields}
    return fields | exact


def wanted(
    target: str | None = None,
    first: int = 1,
    last: int = 100,
    *,
    minimum: str | None = None,
    maximum: str | None = None,
) -> Target:
    """A KPI's target from one day of the cycle to another."""
    bounds = (None if n is None else Decimal(n) for n in (target, minimum, maximum))
    return Target(day(first), day(last), *bounds)


def shown(answer: dict[str, Any], *names: str) -> tuple[str | None, ...]:
    """Numbers of an answer, digit by digit."""
    return tuple(None if answer[name] is None else str(answer[name]) for name in names)
