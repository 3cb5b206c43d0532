"""The small world the command tests play in, on 15 July 2025.

COMPANY > MARKETING, PRODUCT. Cycles 2025-Q3 and 2025-Q4, no plan committed yet. GROW is a committed
objective of the company, measured by CUSTOMERS (metric), LAUNCH (milestone) and BRAND (ordinal);
REACH is a draft of marketing, measured by LEADS. RESPONSE is a KPI. ANN acts, BEN owns REACH.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from uuid import UUID

from okr_es.application import Okr
from okr_es.commands import (
    AddKeyResult,
    CommitObjective,
    DefineKpi,
    DraftObjective,
    FormTeam,
    OpenCycle,
    RegisterPerson,
)
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Cadence, Direction, Kind, TeamKind
from tests.support.begun import Begun
from tests.support.given import Clock, World
from tests.support.ids import cycle_uuid

ANN, BEN = UUID(int=0xA1), UUID(int=0xA2)
COMPANY, MARKETING, PRODUCT = UUID(int=0xB1), UUID(int=0xB2), UUID(int=0xB3)
Q3, Q4 = cycle_uuid("2025-Q3"), cycle_uuid("2025-Q4")
GROW, REACH = UUID(int=0xC1), UUID(int=0xC2)
CUSTOMERS, LAUNCH, BRAND, LEADS = (UUID(int=0xD1 + i) for i in range(4))
RESPONSE = UUID(int=0xE1)
NEW, OTHER, THIRD = UUID(int=0xF1), UUID(int=0xF2), UUID(int=0xF3)
NOBODY = UUID(int=0xFFFF)

TODAY = date(2025, 7, 15)
Q3_STARTS, Q3_ENDS = date(2025, 7, 1), date(2025, 9, 30)
Q4_STARTS, Q4_ENDS = date(2025, 10, 1), date(2025, 12, 31)


def d(digits: str) -> Decimal:
    return Decimal(digits)


THOUSAND = Measure(Kind.METRIC, d("0"), d("1000"), "leads")
TWENTY = Measure(Kind.METRIC, d("0"), d("20"), "leads")
STEPS = Measure(Kind.MILESTONE, steps=("design", "build", "launch"))
ZONES = Measure(Kind.ORDINAL, zones=Zones("known", "liked", "loved"))
TWO_DAYS = Target(Q3_STARTS, Q3_ENDS, d("2"))

STORY = (
    RegisterPerson("Ann Example", "ann@example.org", id=ANN),
    RegisterPerson("Ben Example", id=BEN),
    FormTeam("Company", TeamKind.COMPANY, id=COMPANY),
    FormTeam("Marketing", TeamKind.DEPARTMENT, COMPANY, id=MARKETING),
    FormTeam("Product", TeamKind.DEPARTMENT, COMPANY, id=PRODUCT),
    OpenCycle("2025-Q3", id=Q3),
    OpenCycle("2025-Q4", id=Q4),
    DraftObjective(Q3, COMPANY, ANN, "become the market leader", id=GROW),
    DraftObjective(Q3, MARKETING, BEN, "reach people on all channels", id=REACH),
    AddKeyResult(GROW, "1,000 new customers", THOUSAND, id=CUSTOMERS),
    AddKeyResult(GROW, "launch version 2.0", STEPS, id=LAUNCH),
    AddKeyResult(GROW, "a brand people love", ZONES, id=BRAND),
    AddKeyResult(REACH, "20 inbound leads", TWENTY, id=LEADS),
    CommitObjective(GROW),
    DefineKpi(
        "Waiting leads", Direction.DECREASE, "leads", "CRM", Cadence.DAILY, ANN, TWO_DAYS,
        team_id=MARKETING, baseline=d("4"), id=RESPONSE,
    ),
)  # fmt: skip


def built(url: str) -> World:
    """The world, told command by command."""
    clock = Clock(TODAY)
    world = World(Okr(url, clock=clock), clock, ANN)
    for command in STORY:
        world.execute(command)
    return world


def begin_world(url: str) -> None:
    """Make the world, and close it."""
    built(url).okr.close()


def opened(url: str) -> World:
    """A world that was built before."""
    clock = Clock(TODAY)
    return World(Okr(url, clock=clock), clock, ANN)


def begun_world(begun: Begun) -> Iterator[World]:
    """The world, fresh from its copy and open for a while."""
    with begun.fresh("world", begin_world) as url:
        world = opened(url)
        with closing(world.okr):
            yield world
