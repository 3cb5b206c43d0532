"""Requirements and requests that were recorded once are decided on by today's rules."""

from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from okr_es.commands import (
    ApproveRequest,
    CloseCycle,
    RefuseRequest,
    RequireApproval,
    WithdrawRequest,
)
from okr_es.context import Context
from okr_es.domain.approval import Approval
from okr_es.domain.cycle import Cycle
from okr_es.domain.refusals import CycleIsClosed, Invalid, RequestIsYourOwn
from okr_es.domain.values import Action, Controlled
from okr_es.handlers.approval_gate import fields_of
from okr_es.log.schema import streams
from tests.okr_es.handlers.test_cycles_and_policy import EARLY, GAPS, NEVER_COMMITTED
from tests.support.given import World, fact, given
from tests.support.world import ANN, BEN, Q3

HAND = UUID(int=0xAAB0)


def requested(command: str = "CloseCycle", **fields: str) -> Approval.Requested:
    """A request as no command of today would record it: nothing required it."""
    return fact(
        Approval.Requested, HAND, cycle_id=Q3, action=Action.PLAN_REVISIONS, command=command,
        fields=fields or fields_of(CloseCycle(Q3)), asked_by=ANN, asked_for=ANN, known_at=0,
    )  # type: ignore[return-value]  # fmt: skip


def test_a_request_nothing_required_is_approved_and_carried_out(world: World) -> None:
    given(world, requested()).when(ApproveRequest(HAND), by=BEN).then(
        fact(Approval.Approved, HAND, 2), fact(Cycle.Closed, Q3, 2),
        warnings=(NEVER_COMMITTED, EARLY, *GAPS), asked=Context(by=ANN, command_id=None),  # type: ignore[arg-type]
    )  # fmt: skip


def test_it_is_refused(world: World) -> None:
    given(world, requested()).when(RefuseRequest(HAND), by=BEN, reason="no").then(
        fact(Approval.Refused, HAND, 2)
    )


def test_it_is_withdrawn(world: World) -> None:
    given(world, requested()).when(WithdrawRequest(HAND)).then(fact(Approval.Withdrawn, HAND, 2))


def test_it_is_still_nobodys_own_to_approve(world: World) -> None:
    given(world, requested()).when(ApproveRequest(HAND)).then_refused(RequestIsYourOwn, field="by")


@pytest.mark.parametrize("fields", [{"cycle": str(Q3)}, {"cycle_id": "Q3"}])
def test_what_is_no_command_any_more_can_only_be_refused(
    fields: dict[str, str], world: World
) -> None:
    given(world, requested(**fields)).when(ApproveRequest(HAND), by=BEN).then_refused(
        Invalid, field="approval_id"
    )


def test_a_later_field_has_its_default_and_an_earlier_one_is_passed_over(world: World) -> None:
    """Commands grow; a request that waited meanwhile is still read."""
    old = requested(cycle_id=str(Q3), colour="red")
    given(world, old).when(ApproveRequest(HAND), by=BEN).then(
        fact(Approval.Approved, HAND, 2), fact(Cycle.Closed, Q3, 2),
        warnings=(NEVER_COMMITTED, EARLY, *GAPS), asked=Context(by=ANN, command_id=None),  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_requirement_in_any_order_and_twice_is_read(world: World) -> None:
    closing, grades, revisions = Controlled
    odd = fact(Cycle.ApprovalRequired, Q3, 2, of=(revisions, closing, revisions))
    given(world, odd).when(RequireApproval(Q3, tuple(Controlled))).then(
        fact(Cycle.ApprovalRequired, Q3, 3, of=(closing, grades, revisions))
    )


def test_a_cycle_kept_before_there_were_requirements_has_none(world: World) -> None:
    """The state beside its stream lacks the field."""
    with world.okr.database.transaction() as connection:
        mine = streams.c.stream == Q3
        kept = connection.execute(select(streams.c.state).where(mine)).scalar_one()
        state = msgspec.json.decode(bytes(kept))
        assert state.pop("approval_required") == []
        connection.execute(update(streams).where(mine).values(state=msgspec.json.encode(state)))
    given(world).when(RequireApproval(Q3, ())).then_nothing()
    given(world).when(RequireApproval(Q3, (Controlled.CLOSING,))).then(
        fact(Cycle.ApprovalRequired, Q3, 2, of=(Controlled.CLOSING,))
    )


def test_a_requirement_of_a_cycle_closed_before_stands_and_stays(world: World) -> None:
    of = (Controlled.CLOSING,)
    given(world, fact(Cycle.Closed, Q3, 2), fact(Cycle.ApprovalRequired, Q3, 3, of=of)).when(
        RequireApproval(Q3, ()), reason="x"
    ).then_refused(CycleIsClosed)
