"""What was promised under earlier rules is corrected as anything else."""

from dataclasses import replace

from okr_es.changes import MeasureChanges, TargetChanges
from okr_es.commands import CorrectKeyResult, CorrectKpiTarget, CorrectObjective
from okr_es.domain.corrections import Promise
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.values import Kind
from tests.support.given import World, fact, given
from tests.support.world import CUSTOMERS, GROW, Q3_ENDS, Q3_STARTS, REACH, RESPONSE, d

WHY = "It was a typo."
TO_NOWHERE = Measure(Kind.METRIC, d("5"), d("5"), "leads")


def test_a_key_result_that_once_had_no_way_is_corrected(world: World) -> None:
    old = fact(KeyResult.Retargeted, CUSTOMERS, 2, measure=TO_NOWHERE, trajectory=())
    said = Promise(TO_NOWHERE, (), d("1"))
    meant = replace(said, measure=replace(TO_NOWHERE, target=d("50")))
    values = {"what": ("target",), "said": said, "meant": meant, "now": meant}
    to_50 = MeasureChanges(target=d("50"))
    given(world, old).when(CorrectKeyResult(CUSTOMERS, to_50), reason=WHY).then(
        fact(KeyResult.Corrected, CUSTOMERS, 3, since=2, until=None, **values)
    )


def test_an_alignment_of_a_weight_below_nothing_is_corrected(world: World) -> None:
    old = fact(
        Objective.Realigned,
        REACH,
        2,
        aligned_to_objective_id=GROW,
        aligned_to_key_result_id=None,
        weight=d("-1"),
    )
    given(world, old).when(CorrectObjective(REACH, d("1")), reason=WHY).then(
        fact(
            Objective.Corrected,
            REACH,
            3,
            since=2,
            until=None,
            said=d("-1"),
            meant=d("1"),
            weight=d("1"),
        )
    )


def test_a_target_of_the_wrong_shape_is_corrected(world: World) -> None:
    said = Target(Q3_STARTS, Q3_ENDS, None, d("1"), d("2"))
    old = fact(Kpi.Retargeted, RESPONSE, 3, target=said)
    meant = Target(Q3_STARTS, Q3_ENDS, d("1"))
    wanted = TargetChanges(Q3_STARTS, target=d("1"), minimum=None, maximum=None)
    given(world, old).when(CorrectKpiTarget(RESPONSE, wanted), reason=WHY).then(
        fact(
            Kpi.TargetCorrected, RESPONSE, 4, since=3, until=None, said=said, meant=meant, now=meant
        )
    )
