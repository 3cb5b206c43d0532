"""What loses its measure with what was aligned to it, or with the key results of that, is named.

EMPTY is a committed objective of the company without a key result of its own, measured by REACH.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from okr_es.changes import MeasureChanges
from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    Command,
    CommitObjective,
    CorrectKeyResult,
    CorrectObjective,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    MoveKeyResult,
    RealignObjective,
    ReweightKeyResult,
)
from okr_es.context import Context, Thing
from tests.support.given import World, given
from tests.support.tried import executed_as_tried
from tests.support.world import (
    ANN,
    COMPANY,
    CUSTOMERS,
    GROW,
    LEADS,
    NEW,
    OTHER,
    Q3,
    Q4,
    REACH,
    THIRD,
    TWENTY,
    d,
)

EMPTY, BETWEEN, SISTER = NEW, OTHER, THIRD
ONE = UUID(int=0xD9)
ALIGNED = (CommitObjective(REACH), RealignObjective(REACH, EMPTY))
LOST, NO_MORE = "nothing_measures_it_now", "aligned_measure_it_no_more"


def committed(id_: UUID, above: UUID | None = None, cycle: UUID = Q3) -> tuple[Command, ...]:
    """A committed objective without key results, perhaps aligned to another."""
    aligned = () if above is None else (RealignObjective(id_, above),)
    drafted = DraftObjective(cycle, COMPANY, ANN, str(id_), id=id_)
    return (drafted, *aligned, CommitObjective(id_))


START = (*committed(EMPTY), *ALIGNED)


def warned(world: World, command: Command) -> dict[str, list[UUID]]:
    receipt = executed_as_tried(world.okr, command, Context(world.actor, "so it is"))
    found = {each.code: each for each in receipt.warnings if each.code in {LOST, NO_MORE}}
    for each in found.values():
        assert (each.count, {"objective"}) == (len(each.things), {one.kind for one in each.things})
    return {code: [thing.id for thing in each.things] for code, each in found.items()}


class TestWhatIsAligned:
    @pytest.mark.parametrize(
        "command",
        [
            AbandonObjective(REACH),
            RealignObjective(REACH, GROW),
            RealignObjective(REACH, None),
            RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS),
            RealignObjective(REACH, weight=d("0")),
            CorrectObjective(REACH, d("0")),
        ],
        ids=[
            "abandoned", "elsewhere", "nowhere", "to a key result", "without a weight", "corrected",
        ],
    )  # fmt: skip
    def test_it_takes_the_measure_with_it(self, command: Command, world_on_both: World) -> None:
        given(world_on_both, *START)
        assert warned(world_on_both, command) == {LOST: [EMPTY]}

    @pytest.mark.parametrize(
        "command",
        [
            DropKeyResult(LEADS),
            ReweightKeyResult(LEADS, d("0")),
            CorrectKeyResult(LEADS, weight=d("0")),
            MoveKeyResult(LEADS, GROW),
        ],
        ids=["dropped", "without a weight", "corrected", "moved"],
    )
    def test_it_loses_its_own_measure(self, command: Command, world_on_both: World) -> None:
        given(world_on_both, *START)
        assert warned(world_on_both, command) == {LOST: [REACH, EMPTY]}

    def test_so_do_all_above(self, world: World) -> None:
        given(world, *committed(EMPTY), *committed(BETWEEN, EMPTY))
        given(world, CommitObjective(REACH), RealignObjective(REACH, BETWEEN))
        assert warned(world, DropKeyResult(LEADS)) == {LOST: [REACH, EMPTY, BETWEEN]}

    def test_what_was_graded_changes_with_it(self, world: World) -> None:
        given(world, *START, GradeObjective(EMPTY))
        assert warned(world, AbandonObjective(REACH)) == {LOST: [EMPTY]}

    def test_not_while_another_measures_it(self, world: World) -> None:
        given(world, *START, *committed(SISTER, EMPTY), AddKeyResult(SISTER, "x", TWENTY))
        assert warned(world, AbandonObjective(REACH)) == {}

    def test_one_that_is_not_measured_itself_is_no_other(self, world: World) -> None:
        given(world, *START, *committed(SISTER, EMPTY))
        assert warned(world, AbandonObjective(REACH)) == {LOST: [EMPTY]}

    @pytest.mark.parametrize(
        "history",
        [
            (*committed(EMPTY), RealignObjective(REACH, EMPTY)),
            (*START, RealignObjective(REACH, weight=d("0"))),
            (*committed(EMPTY, cycle=Q4), *ALIGNED),
            (CommitObjective(REACH), RealignObjective(REACH, GROW)),
            (
                *committed(EMPTY), AddKeyResult(EMPTY, "x", TWENTY, id=ONE), DropKeyResult(ONE),
                *ALIGNED,
            ),
            (
                *committed(EMPTY), AddKeyResult(EMPTY, "x", TWENTY, id=ONE),
                MoveKeyResult(ONE, GROW), *ALIGNED,
            ),
            (DraftObjective(Q3, COMPANY, ANN, "lead", id=EMPTY), *ALIGNED),
            (*START, AbandonObjective(EMPTY)),
        ],
        ids=[
            "a draft", "without a weight", "of another cycle", "to one with key results",
            "to one that had a key result", "to one whose key result was moved", "to a draft",
            "to what was abandoned",
        ],
    )  # fmt: skip
    def test_what_measured_nothing_takes_nothing_away(
        self, history: tuple[Command, ...], world: World
    ) -> None:
        given(world, *history)
        assert warned(world, AbandonObjective(REACH)) == {}

    def test_the_same_alignment_again_is_no_news(self, world: World) -> None:
        given(world, *START)
        assert warned(world, RealignObjective(REACH, EMPTY)) == {}


class TestAFirstKeyResult:
    @pytest.mark.parametrize(
        "command",
        [AddKeyResult(EMPTY, "x", TWENTY), MoveKeyResult(CUSTOMERS, EMPTY)],
        ids=["added", "moved"],
    )
    def test_what_is_aligned_measures_it_no_more(
        self, command: Command, world_on_both: World
    ) -> None:
        given(world_on_both, *START)
        assert warned(world_on_both, command) == {NO_MORE: [REACH]}

    def test_without_a_weight_nothing_measures_it(self, world: World) -> None:
        given(world, *START)
        assert warned(world, AddKeyResult(EMPTY, "x", TWENTY, weight=d("0"))) == {
            NO_MORE: [REACH],
            LOST: [EMPTY],
        }

    def test_it_may_come_from_what_measured_it(self, world: World) -> None:
        given(world, *START)
        assert warned(world, MoveKeyResult(LEADS, EMPTY)) == {LOST: [REACH], NO_MORE: [REACH]}

    @pytest.mark.parametrize(
        "history",
        [
            committed(EMPTY),
            (*committed(EMPTY), RealignObjective(REACH, EMPTY)),
            (*committed(EMPTY), *committed(SISTER, EMPTY)),
            (*START, AddKeyResult(EMPTY, "x", TWENTY)),
            (*START, AddKeyResult(EMPTY, "x", TWENTY, id=ONE), MoveKeyResult(ONE, GROW)),
            (DraftObjective(Q3, COMPANY, ANN, "lead", id=EMPTY), *ALIGNED),
            (*committed(EMPTY, cycle=Q4), *ALIGNED),
        ],
        ids=[
            "nothing", "a draft", "one not measured itself", "it had one", "it had one that moved",
            "it is a draft", "one of another cycle",
        ],
    )  # fmt: skip
    def test_what_measured_nothing_is_not_named(
        self, history: tuple[Command, ...], world: World
    ) -> None:
        given(world, *history)
        assert warned(world, AddKeyResult(EMPTY, "another", TWENTY)) == {}

    def test_only_those_that_counted_are(self, world: World) -> None:
        given(world, *START, *committed(SISTER, EMPTY))
        assert warned(world, AddKeyResult(EMPTY, "x", TWENTY)) == {NO_MORE: [REACH]}


class TestNoWeight:
    def test_a_key_result_that_is_added_without_one_says_so(self, world: World) -> None:
        receipt = world.execute(AddKeyResult(REACH, "x", TWENTY, weight=d("0"), id=ONE))
        assert [(each.code, each.things) for each in receipt.warnings] == [
            ("has_no_weight", (Thing("key_result", ONE),))
        ]

    @pytest.mark.parametrize("weight", ["0", "0.00", "0E+3"])
    def test_however_it_is_written(self, weight: str, world: World) -> None:
        receipt = world.execute(RealignObjective(REACH, GROW, weight=d(weight)))
        assert [(each.code, each.things) for each in receipt.warnings] == [
            ("has_no_weight", (Thing("objective", REACH),))
        ]

    def test_aligned_elsewhere_it_keeps_none(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW, weight=d("0")))
        moved = RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS)
        codes = [each.code for each in world.execute(moved, reason="x").warnings]
        assert codes == ["has_no_weight"]

    @pytest.mark.parametrize(
        ("command", "thing"),
        [
            (CorrectKeyResult(CUSTOMERS, weight=d("0")), Thing("key_result", CUSTOMERS)),
            (CorrectObjective(REACH, d("0")), Thing("objective", REACH)),
        ],
        ids=["key result", "alignment"],
    )
    def test_so_does_one_that_was_never_meant(
        self, command: Command, thing: Thing, world_on_both: World
    ) -> None:
        given(world_on_both, RealignObjective(REACH, GROW))
        receipt = executed_as_tried(world_on_both.okr, command, Context(ANN, "a typo"))
        assert [(each.code, each.things) for each in receipt.warnings] == [
            ("has_no_weight", (thing,))
        ]

    def test_another_correction_of_one_without_is_no_news_of_it(self, world: World) -> None:
        given(world, ReweightKeyResult(CUSTOMERS, d("0")))
        corrected = CorrectKeyResult(CUSTOMERS, MeasureChanges(target=d("900")))
        assert world.execute(corrected, reason="a typo").warnings == ()

    def test_the_same_again_is_no_news(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW))
        for command in (
            ReweightKeyResult(CUSTOMERS, d("0")),
            RealignObjective(REACH, weight=d("0")),
        ):
            assert len(world.execute(command, reason="x").warnings) == 1
            assert world.execute(command, reason="x").warnings == ()
