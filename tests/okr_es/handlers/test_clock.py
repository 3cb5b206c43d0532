"""Accepting the clock of the server."""

from uuid import UUID, uuid5

import pytest

from okr_es.commands import AcceptClock
from okr_es.domain.clock import CLOCK, ClockAcceptance
from okr_es.domain.refusals import ReasonIsMissing
from okr_es.evidence.verify_states import verify_states
from tests.support.given import World, fact, given

KEY = UUID(int=7)


class TestAcceptClock:
    def test_it_is_recorded(self, world: World) -> None:
        given(world).when(AcceptClock(), reason="It is right.", command_id=KEY).then(
            fact(ClockAcceptance.Accepted, uuid5(CLOCK, KEY.hex), ahead_seconds=None)
        )

    def test_what_is_kept_of_it_is_what_its_event_says(self, world_on_both: World) -> None:
        given(world_on_both)
        world_on_both.execute(AcceptClock(), reason="It is right.")
        assert verify_states(world_on_both.okr.database) == []

    @pytest.mark.parametrize("reason", [None, "", " "])
    def test_not_without_a_reason(self, reason: str | None, world: World) -> None:
        given(world).when(AcceptClock(), reason=reason).then_refused(
            ReasonIsMissing, field="reason"
        )
