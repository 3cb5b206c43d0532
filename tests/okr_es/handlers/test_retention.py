"""How long it is kept is set, by an event."""

import pytest

from okr_es.commands import SetRetention
from okr_es.domain.refusals import Invalid, ReasonIsMissing
from okr_es.domain.retention import RETENTION_ID, Retention, Years
from tests.support.given import World, fact, given

WHY = {"reason": "So says the law."}


def years(*numbers: int | None) -> dict[str, int | None]:
    return Years._make(numbers)._asdict()


class TestSetRetention:
    def test_it_is_set(self, world: World) -> None:
        given(world).when(SetRetention(3), **WHY).then(
            fact(Retention.Chosen, RETENTION_ID, **years(3, None, None))
        )

    def test_what_is_left_out_stays_and_null_is_for_ever(self, world: World) -> None:
        given(world, SetRetention(3, 1, 2)).when(SetRetention(client_info_years=None), **WHY).then(
            fact(Retention.Replaced, RETENTION_ID, 2, **years(3, None, 2))
        )

    def test_the_access_log_alone_is_kept_otherwise(self, world: World) -> None:
        given(world, SetRetention(3, 1)).when(SetRetention(access_log_years=5), **WHY).then(
            fact(Retention.Replaced, RETENTION_ID, 2, **years(3, 1, 5))
        )

    def test_the_same_again_is_nothing(self, world: World) -> None:
        given(world, SetRetention(3, 1)).when(SetRetention(3), **WHY).then_nothing()

    @pytest.mark.parametrize("field", Years._fields)
    @pytest.mark.parametrize("number", [-1, 0, 101])
    def test_not_for_years_that_make_no_sense(self, number: int, field: str, world: World) -> None:
        given(world).when(SetRetention(**{field: number}), **WHY).then_refused(Invalid, field=field)

    def test_not_without_a_reason(self, world: World) -> None:
        given(world).when(SetRetention(3), reason=None).then_refused(
            ReasonIsMissing, field="reason"
        )
