"""Grants as they may once have been recorded are given beside, changed and ended all the same."""

from datetime import date
from uuid import UUID

from okr_es.commands import EndGrant, GrantRole, RescheduleGrant
from okr_es.domain.grant import Grant
from okr_es.domain.values import Role
from tests.support.given import World, fact, given
from tests.support.world import ANN, BEN, MARKETING, PRODUCT, Q3_ENDS, TODAY

LED, BESIDE = UUID(int=0x6A1), UUID(int=0x6A2)
ABOUT = {"person_id": BEN, "role": Role.LEAD, "team_id": MARKETING}
LONG_AGO = date(1950, 1, 1)
# Given from a day that was past, for a purpose that no lead has, and ended before it began.
OLD = (
    fact(Grant.Given, LED, **ABOUT, starts=LONG_AGO, ends=None, purpose="none"),
    fact(Grant.Ended, LED, 2, **ABOUT, effective=date(1940, 1, 1)),
    fact(Grant.Rescheduled, LED, 3, **ABOUT, ends=Q3_ENDS),
)


def test_another_is_given_beside_it(world: World) -> None:
    about = {"person_id": BEN, "role": Role.LEAD, "team_id": PRODUCT}
    given(world, *OLD).when(GrantRole(BEN, Role.LEAD, PRODUCT, id=BESIDE), reason="x").then(
        fact(Grant.Given, BESIDE, **about, starts=TODAY, ends=None, purpose=None)
    )


def test_it_gets_another_last_day(world: World) -> None:
    given(world, *OLD).when(RescheduleGrant(LED, None), by=ANN, reason="x").then(
        fact(Grant.Rescheduled, LED, 4, **ABOUT, ends=None)
    )


def test_it_ends(world: World) -> None:
    given(world, *OLD).when(EndGrant(LED), reason="x").then(
        fact(Grant.Ended, LED, 4, **ABOUT, effective=TODAY)
    )
