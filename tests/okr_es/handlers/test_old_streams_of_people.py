"""People as they were once recorded are corrected, stood in for, gone and back all the same."""

from datetime import date
from uuid import UUID

from okr_es.commands import (
    DeactivatePerson,
    NameDeputy,
    ReactivatePerson,
    RenamePerson,
    ReplaceEmail,
)
from okr_es.domain.person import Person
from tests.support.given import World, fact, given
from tests.support.world import ANN, BEN, Q3_ENDS, TODAY

HAND = UUID(int=0xAA)
GONE = date(2400, 1, 1)
# Registered, then gone from a day that has not come, twice, and stood in for by themself.
OLD = (
    fact(Person.Deactivated, BEN, 2, effective=GONE),
    fact(Person.Deactivated, BEN, 3, effective=GONE),
    fact(Person.DeputyNamed, BEN, 4, deputy_id=BEN, starts=Q3_ENDS, ends=TODAY),
)


def test_a_name_is_corrected(world: World) -> None:
    given(world, *OLD).when(RenamePerson(BEN, "x")).then(fact(Person.Renamed, BEN, 5))


def test_an_address_is_corrected(world: World) -> None:
    given(world, *OLD).when(ReplaceEmail(BEN, "x")).then(fact(Person.EmailReplaced, BEN, 5))


def test_a_deputy_of_themself_for_no_days_gives_way_to_another(world: World) -> None:
    given(world, *OLD).when(NameDeputy(BEN, ANN, TODAY, Q3_ENDS)).then(
        fact(Person.DeputyNamed, BEN, 5, deputy_id=ANN, starts=TODAY, ends=Q3_ENDS)
    )


def test_somebody_gone_from_a_later_day_is_gone_from_today(world: World) -> None:
    given(world, *OLD).when(DeactivatePerson(BEN)).then(
        fact(Person.Deactivated, BEN, 5, effective=TODAY), warnings=("still_owns_objectives",)
    )


def test_or_is_back_from_today(world: World) -> None:
    given(world, *OLD).when(ReactivatePerson(BEN)).then(
        fact(Person.Reactivated, BEN, 5, effective=TODAY)
    )


def test_somebody_who_is_registered_only_in_the_log_leaves(world: World) -> None:
    given(world, fact(Person.Registered, HAND)).when(DeactivatePerson(HAND)).then(
        fact(Person.Deactivated, HAND, 2, effective=TODAY)
    )
