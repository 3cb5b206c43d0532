"""Every late change of a closed cycle says so, and so does what nothing judges."""

from datetime import date
from uuid import UUID

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CheckIn,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    CorrectReading,
    DefineKpi,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    MoveKeyResult,
    MoveTeam,
    RecordReading,
    RecordReadings,
    RedefineKpi,
    ReopenCycle,
    ReopenObjective,
    ReplaceKpiCadence,
    RetargetKeyResult,
    RetargetKpi,
    RetractReading,
    ReweightKeyResult,
    SetKpiTarget,
)
from okr_es.context import Receipt, Thing
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Aggregation, Cadence, Direction, Kind
from tests.support.given import World
from tests.support.world import (
    ANN,
    BRAND,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    Q4,
    Q4_ENDS,
    Q4_STARTS,
    REACH,
    THOUSAND,
    TODAY,
    TWENTY,
    d,
    opened,
)

FED, ALONE = UUID(int=0xE2), UUID(int=0xE3)
READ, CHECKED, MORE = UUID(int=0xA11), UUID(int=0xA12), UUID(int=0xA13)
AUGUST, OCTOBER = date(2025, 8, 1), date(2025, 10, 5)
SPAN = Target(Q3_STARTS, Q3_ENDS, d("20"))
BEFORE = Target(date(2025, 4, 1), date(2025, 6, 30), d("20"))
TOUCHED = (Thing("cycle", Q3), Thing("key_result", LEADS))
CLOSED = ("cycle_is_closed", TOUCHED, 1)


def story(world: World, *, drafted: bool = False) -> None:
    """The KPI FED feeds LEADS from the start of Q3, ALONE feeds nothing; each has one reading."""
    for kpi in (FED, ALONE):
        world.execute(
            DefineKpi(
                f"Leads {kpi}", Direction.INCREASE, "leads", "CRM", Cadence.WEEKLY, ANN, SPAN,
                id=kpi,
            )
        )  # fmt: skip
    if not drafted:
        world.execute(CommitObjective(REACH))
    world.execute(LinkKeyResult(LEADS, FED), reason="x")
    world.execute(RecordReading(FED, Q3_STARTS, d("3"), READ))
    world.execute(CheckIn(CUSTOMERS, Q3_STARTS, 7, d("100"), id=CHECKED))


def closed(world: World) -> None:
    """Q3 is closed, on a day of Q4."""
    world.on(OCTOBER)
    world.execute(CloseCycle(Q3))


def warned(receipt: Receipt) -> list[tuple[str, tuple[Thing, ...], int]]:
    return [(each.code, each.things, each.count) for each in receipt.warnings]


LATE: list[tuple[Command, tuple[Thing, ...]]] = [
    (RecordReading(FED, AUGUST, d("4")), TOUCHED),
    (RecordReading(FED, Q3_ENDS, d("4")), TOUCHED),
    (RecordReadings((RecordReading(FED, AUGUST, d("4")), RecordReading(ALONE, AUGUST, d("4")))),
     TOUCHED),
    (CorrectReading(READ, d("5")), TOUCHED),
    (RetractReading(READ), TOUCHED),
    (CheckIn(CUSTOMERS, AUGUST, 7, d("4")), (Thing("cycle", Q3), Thing("key_result", CUSTOMERS))),
    (CheckIn(LEADS, AUGUST, 7), TOUCHED),
    (CorrectReading(CHECKED, d("5")), (Thing("cycle", Q3), Thing("key_result", CUSTOMERS))),
    (RetractReading(CHECKED), (Thing("cycle", Q3), Thing("key_result", CUSTOMERS))),
    (SetKpiTarget(FED, BEFORE), ()),
]  # fmt: skip


@pytest.mark.parametrize(("command", "things"), LATE, ids=str)
def test_a_late_change_names_the_closed_cycle_and_what_it_touches(
    command: Command, things: tuple[Thing, ...], world: World
) -> None:
    story(world)
    closed(world)
    found = warned(world.execute(command, reason="x"))
    assert found == ([("cycle_is_closed", things, 1)] if things else [])


@pytest.mark.parametrize("command", [each for each, _ in LATE], ids=str)
def test_while_the_cycle_is_open_none_of_them_warns(command: Command, world: World) -> None:
    story(world)
    closed(world)
    world.execute(ReopenCycle(Q3), reason="x")
    assert warned(world.execute(command, reason="x")) == []


def test_a_target_of_a_past_span_is_moved_late(world: World) -> None:
    story(world)
    closed(world)
    moved = RetargetKpi(FED, Target(Q3_STARTS, Q3_ENDS, d("18")))
    receipt = world.execute(moved, reason="x")
    assert warned(receipt) == [("span_is_over", (Thing("kpi", FED),), 1), CLOSED]
    assert receipt.warnings[0].text.startswith("The span 2025-07-01 to 2025-09-30 is over")
    alone = RetargetKpi(ALONE, Target(Q3_STARTS, Q3_ENDS, d("18")))
    assert warned(world.execute(alone, reason="x")) == [("span_is_over", (Thing("kpi", ALONE),), 1)]


def test_a_target_that_is_set_late_touches_the_cycles_of_its_span(world: World) -> None:
    story(world)
    later = UUID(int=0xE4)
    span = Target(Q4_STARTS, Q4_ENDS, d("20"))
    world.execute(
        DefineKpi("x", Direction.INCREASE, "leads", "CRM", Cadence.WEEKLY, ANN, span, id=later)
    )
    world.execute(LinkKeyResult(LEADS, later), reason="x")
    closed(world)
    assert warned(world.execute(SetKpiTarget(later, SPAN))) == [CLOSED]


@pytest.mark.parametrize(
    "command",
    [
        CorrectReading(READ, d("3")),
        RetargetKpi(FED, SPAN),
        SetKpiTarget(FED, SPAN),
    ],
    ids=str,
)
def test_what_changes_nothing_does_not_warn(command: Command, world: World) -> None:
    story(world)
    closed(world)
    receipt = world.execute(command, reason="x")
    assert (receipt.first_position, warned(receipt)) == (None, [])


def test_many_readings_warn_once_of_each_cycle(world: World) -> None:
    story(world)
    world.execute(DraftObjective(Q4, COMPANY, ANN, "next", id=UUID(int=0xC9)))
    closed(world)
    days = [date(2025, 7, n) for n in range(1, 31)]
    found = world.execute(RecordReadings(tuple(RecordReading(FED, day, d("1")) for day in days)))
    assert warned(found) == [CLOSED]


def test_a_team_is_moved_from_a_day_of_the_closed_cycle_on(world: World) -> None:
    story(world)
    closed(world)
    late = ("cycle_is_closed", (Thing("cycle", Q3), Thing("team", MARKETING)), 1)
    moves = [
        (MoveTeam(MARKETING, PRODUCT, AUGUST), [late]),
        (MoveTeam(MARKETING, COMPANY, Q4_STARTS), []),
        (MoveTeam(MARKETING, PRODUCT), []),
    ]
    for command, expected in moves:
        assert warned(world.execute(command)) == expected


def test_a_draft_is_no_part_of_the_result(world: World) -> None:
    story(world, drafted=True)
    closed(world)
    assert warned(world.execute(RecordReading(FED, AUGUST, d("4")))) == []


def test_what_was_promised_is_part_of_it_also_in_a_draft(world: World) -> None:
    story(world)
    world.execute(CommitPlan(Q3))
    world.execute(DraftObjective(Q3, COMPANY, ANN, "next", id=UUID(int=0xC9)))
    world.execute(MoveKeyResult(LEADS, UUID(int=0xC9)), reason="x")
    closed(world)
    assert warned(world.execute(RecordReading(FED, AUGUST, d("4")))) == [CLOSED]


def test_what_was_dropped_is_part_of_the_score_as_committed(world: World) -> None:
    story(world)
    world.execute(DropKeyResult(LEADS), reason="x")
    closed(world)
    assert warned(world.execute(RecordReading(FED, AUGUST, d("4")))) == [CLOSED]


def test_what_it_fed_no_more_is_not_touched(world: World) -> None:
    story(world)
    world.execute(LinkKeyResult(LEADS, None), reason="x")
    closed(world)
    assert warned(world.execute(RecordReading(FED, AUGUST, d("4")))) == []


@pytest.mark.parametrize("is_cached", [False, True], ids=["looked up", "cached"])
def test_a_cycle_that_another_process_closed_is_known_at_once(
    is_cached: bool, world_on_both: World
) -> None:
    world = world_on_both
    story(world)
    world.on(OCTOBER)
    if is_cached:
        world.execute(RecordReading(FED, AUGUST, d("4")))
    other = opened(world.okr.database.url.render_as_string(hide_password=False))
    closed(other)
    assert warned(world.execute(RecordReading(FED, AUGUST, d("4")))) == [CLOSED]
    other.execute(ReopenCycle(Q3), reason="x")
    other.okr.close()
    assert warned(world.execute(RecordReading(FED, AUGUST, d("4")))) == []


class TestOfAGradedGoal:
    """Its cycle is open still: the computed grade changes."""

    GRADED = ("graded_before", (Thing("objective", REACH),), 1)

    @pytest.mark.parametrize(
        "command",
        [
            RecordReading(FED, TODAY, d("4")),
            RecordReadings(
                (RecordReading(FED, TODAY, d("4")), RecordReading(ALONE, TODAY, d("4")))
            ),
            CorrectReading(READ, d("5")),
            RetractReading(READ),
        ],
        ids=lambda each: type(each).__name__,
    )
    def test_what_a_kpi_says_changes_the_grade(
        self, command: Command, world_on_both: World
    ) -> None:
        world = world_on_both
        story(world)
        world.execute(GradeObjective(REACH))
        assert warned(world.execute(command, reason="x")) == [self.GRADED]

    def test_so_does_its_definition(self, world: World) -> None:
        story(world)
        world.execute(GradeObjective(REACH))
        summed = RedefineKpi(FED, aggregation=Aggregation.SUM)
        assert warned(world.execute(summed, reason="x")) == [self.GRADED]

    def test_each_goal_it_feeds_is_named_once(self, world: World) -> None:
        story(world)
        for id_, goal in ((MORE, REACH), (UUID(int=0xD9), GROW)):
            world.execute(AddKeyResult(goal, "more", TWENTY, kpi_id=FED, id=id_))
        for goal in (REACH, GROW):
            world.execute(GradeObjective(goal))
        receipt = world.execute(RecordReading(FED, TODAY, d("4")))
        assert warned(receipt) == [
            ("graded_before", (Thing("objective", GROW), Thing("objective", REACH)), 2)
        ]

    @pytest.mark.parametrize(
        "before",
        [DropKeyResult(LEADS), ReweightKeyResult(LEADS, d("0")), LinkKeyResult(LEADS, None)],
        ids=lambda each: type(each).__name__,
    )
    def test_not_by_what_counts_in_it_no_more(self, before: Command, world: World) -> None:
        story(world)
        world.execute(before, reason="x")
        world.execute(GradeObjective(REACH))
        assert warned(world.execute(RecordReading(FED, TODAY, d("4")))) == []

    def test_nor_about_days_outside_its_cycle(self, world: World) -> None:
        story(world)
        world.execute(GradeObjective(REACH))
        early = RecordReading(FED, date(2025, 6, 30), d("4"))
        assert [code for code, *_ in warned(world.execute(early))] == ["no_span_holds_the_day"]

    def test_nor_before_it_was_graded_or_once_it_was_reopened(self, world: World) -> None:
        story(world)
        assert warned(world.execute(RecordReading(FED, TODAY, d("4")))) == []
        world.execute(GradeObjective(REACH))
        world.execute(ReopenObjective(REACH), reason="x")
        assert warned(world.execute(RecordReading(FED, TODAY, d("5")))) == []


class TestJudgedByNothing:
    def test_a_reading_between_the_spans_of_its_kpi(self, world: World) -> None:
        story(world)
        world.on(OCTOBER)
        receipt = world.execute(RecordReading(FED, OCTOBER, d("4")))
        assert warned(receipt) == [("no_span_holds_the_day", (Thing("kpi", FED),), 1)]
        assert warned(world.execute(RecordReading(FED, Q3_ENDS, d("4")))) == []

    def test_many_readings_are_counted(self, world: World) -> None:
        story(world)
        days = [date(2025, 6, n) for n in range(1, 11)] + [Q3_STARTS]
        readings = [RecordReading(kpi, day, d("1")) for kpi in (FED, ALONE) for day in days]
        receipt = world.execute(RecordReadings(tuple(readings)))
        things = Thing("kpi", FED), Thing("kpi", ALONE)
        assert warned(receipt) == [("no_span_holds_the_day", things, 20)]
        assert receipt.warnings[0].text == (
            "No span of their KPI holds the days of 20 readings: nothing judges them."
        )

    def test_a_check_in_behind_the_cycle(self, world: World) -> None:
        later, number = UUID(int=0xC9), UUID(int=0xD9)
        world.execute(DraftObjective(Q3, COMPANY, ANN, "later", due=Q4_ENDS, id=later))
        world.execute(AddKeyResult(later, "20 leads", TWENTY, id=number))
        world.execute(CommitObjective(later))
        world.on(OCTOBER)
        assert warned(world.execute(CheckIn(number, Q3_ENDS, 7, d("4")))) == []
        receipt = world.execute(CheckIn(number, OCTOBER, 7, d("4")))
        assert warned(receipt) == [("outside_the_cycle", (Thing("key_result", number),), 1)]
        assert "the cycle, 2025-07-01 to 2025-09-30:" in receipt.warnings[0].text


class TestNewDefinitionOfAKpi:
    def test_it_touches_closed_cycles_and_spans_that_are_over(self, world: World) -> None:
        story(world)
        closed(world)
        over = ("span_is_over", (Thing("kpi", FED),), 1)
        receipt = world.execute(RedefineKpi(FED, "answered", effective=AUGUST), reason="x")
        assert warned(receipt) == [over, CLOSED]
        assert receipt.warnings[0].text.startswith("The span 2025-07-01 to 2025-09-30 is over")
        last_day = RedefineKpi(FED, "asked", effective=Q3_ENDS)
        assert warned(world.execute(last_day, reason="x")) == [over, CLOSED]

    def test_one_that_feeds_nothing_touches_its_span_alone(self, world: World) -> None:
        story(world)
        closed(world)
        receipt = world.execute(RedefineKpi(ALONE, "answered", effective=AUGUST), reason="x")
        assert warned(receipt) == [("span_is_over", (Thing("kpi", ALONE),), 1)]

    def test_later_days_touch_neither(self, world: World) -> None:
        story(world)
        closed(world)
        assert (
            warned(world.execute(RedefineKpi(FED, "answered", effective=Q4_STARTS), reason="x"))
            == []
        )
        assert warned(world.execute(RedefineKpi(FED, "asked"), reason="x")) == []

    def test_it_ends_where_the_next_one_begins(self, world: World) -> None:
        story(world)
        closed(world)
        world.execute(RedefineKpi(FED, "answered", effective=Q3_STARTS), reason="x")
        before = RedefineKpi(FED, "asked", effective=date(2025, 6, 1))
        assert warned(world.execute(before, reason="x")) == []

    def test_one_that_changes_nothing_does_not_warn(self, world: World) -> None:
        story(world)
        closed(world)
        assert warned(world.execute(RedefineKpi(FED, effective=AUGUST), reason="x")) == []

    @pytest.mark.parametrize(
        "command",
        [RedefineKpi(FED, "answered"), RedefineKpi(FED, aggregation=Aggregation.SUM)],
        ids=["in words", "rule"],
    )
    def test_it_names_what_is_promised_and_fed(
        self, command: Command, world_on_both: World
    ) -> None:
        world = world_on_both
        story(world)
        world.execute(CommitPlan(Q3))
        found = world.execute(command, reason="x")
        assert warned(found) == [("feeds_promises", (Thing("key_result", LEADS),), 1)]

    def test_what_was_abandoned_is_promised_still(self, world: World) -> None:
        story(world)
        world.execute(CommitPlan(Q3))
        world.execute(AbandonObjective(REACH), reason="x")
        found = world.execute(RedefineKpi(FED, "answered"), reason="x")
        assert warned(found) == [("feeds_promises", (Thing("key_result", LEADS),), 1)]

    @pytest.mark.parametrize("team", [None, COMPANY], ids=["no plan", "plan of another team"])
    def test_before_the_plan_nothing_is_promised(self, team: UUID | None, world: World) -> None:
        story(world)
        if team is not None:
            world.execute(CommitPlan(Q3, team, with_teams_below=False))
        assert warned(world.execute(RedefineKpi(FED, "answered"), reason="x")) == []

    def test_days_behind_the_cycle_change_no_promise(self, world: World) -> None:
        story(world)
        world.execute(CommitPlan(Q3))
        world.on(OCTOBER)
        assert warned(world.execute(RedefineKpi(FED, "answered"), reason="x")) == []


class TestNewCadenceOfAKpi:
    MONTHLY = ReplaceKpiCadence(FED, Cadence.MONTHLY)
    STAYS = ("cadence_stays", (Thing("key_result", LEADS),), 1)

    @pytest.mark.parametrize("drafted", [True, False])
    def test_what_it_feeds_keeps_its_own(self, drafted: bool, world: World) -> None:
        story(world, drafted=drafted)
        assert warned(world.execute(self.MONTHLY)) == [self.STAYS]

    @pytest.mark.parametrize("kpi", [FED, ALONE])
    def test_each_key_result_it_feeds_is_named(self, kpi: UUID, world: World) -> None:
        story(world)
        world.execute(AddKeyResult(REACH, "more", TWENTY, kpi_id=FED, id=MORE), reason="x")
        found = warned(world.execute(ReplaceKpiCadence(kpi, Cadence.MONTHLY)))
        things = (Thing("key_result", LEADS), Thing("key_result", MORE))
        assert found == ([("cadence_stays", things, 2)] if kpi == FED else [])

    def test_one_that_has_another_already_is_not(self, world: World) -> None:
        story(world)
        world.execute(self.MONTHLY)
        assert warned(world.execute(ReplaceKpiCadence(FED, Cadence.DAILY))) == []
        assert warned(world.execute(ReplaceKpiCadence(FED, Cadence.WEEKLY))) == []

    def test_the_same_cadence_is_no_news(self, world: World) -> None:
        story(world)
        assert warned(world.execute(ReplaceKpiCadence(FED, Cadence.WEEKLY))) == []

    @pytest.mark.parametrize(
        "over",
        [DropKeyResult(LEADS), AbandonObjective(REACH), GradeObjective(REACH),
         LinkKeyResult(LEADS, None)],
        ids=str,
    )  # fmt: skip
    def test_nothing_is_due_of_what_is_over(self, over: Command, world: World) -> None:
        story(world)
        world.execute(over, reason="x")
        assert warned(world.execute(self.MONTHLY)) == []

    def test_nor_in_a_closed_cycle(self, world: World) -> None:
        story(world)
        closed(world)
        assert warned(world.execute(self.MONTHLY)) == []


class TestNewUnitOrZones:
    """A check-in under the old ones counts no longer."""

    THOUSANDS = Measure(Kind.METRIC, d("0"), d("1"), "thousand leads")
    UNITLESS = Measure(Kind.METRIC, d("0"), d("1000"))
    OTHERS = Measure(Kind.ORDINAL, zones=Zones("known", "liked", "adored"))

    @pytest.mark.parametrize(
        ("key_result", "measure"),
        [(CUSTOMERS, THOUSANDS), (CUSTOMERS, UNITLESS), (BRAND, OTHERS)],
        ids=["unit", "no unit", "zones"],
    )
    def test_of_what_is_committed(self, key_result: UUID, measure: Measure, world: World) -> None:
        receipt = world.execute(RetargetKeyResult(key_result, measure))
        assert warned(receipt) == [("needs_new_reading", (Thing("key_result", key_result),), 1)]

    @pytest.mark.parametrize(
        ("key_result", "measure"),
        [
            (CUSTOMERS, Measure(Kind.METRIC, d("5"), d("900"), "leads")),
            (LAUNCH, Measure(Kind.MILESTONE, steps=("design", "launch"))),
            (CUSTOMERS, THOUSAND),
        ],
        ids=["target and baseline", "steps", "the same"],
    )
    def test_another_change_does_not_warn(
        self, key_result: UUID, measure: Measure, world: World
    ) -> None:
        assert warned(world.execute(RetargetKeyResult(key_result, measure))) == []

    def test_a_draft_has_no_check_ins(self, world: World) -> None:
        assert warned(world.execute(RetargetKeyResult(LEADS, self.THOUSANDS))) == []

    @pytest.mark.parametrize("is_measured", [True, False])
    def test_a_draft_has_those_of_what_was_moved_there(
        self, is_measured: bool, world_on_both: World
    ) -> None:
        world = world_on_both
        number = d("3") if is_measured else None
        world.execute(CheckIn(CUSTOMERS, TODAY, 7, number))
        world.execute(MoveKeyResult(CUSTOMERS, REACH))
        found = warned(world.execute(RetargetKeyResult(CUSTOMERS, self.THOUSANDS)))
        warning = ("needs_new_reading", (Thing("key_result", CUSTOMERS),), 1)
        assert found == ([warning] if is_measured else [])

    def test_the_readings_of_its_kpi_go_on_counting(self, world: World) -> None:
        story(world)
        assert warned(world.execute(RetargetKeyResult(LEADS, self.UNITLESS))) == []
