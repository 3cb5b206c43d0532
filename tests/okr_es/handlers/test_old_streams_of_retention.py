"""Years as they may once have been set are set again."""

from okr_es.commands import SetRetention
from okr_es.domain.retention import RETENTION_ID, Retention
from tests.support.given import World, fact, given


def test_years_that_are_refused_today_are_replaced(world: World) -> None:
    old = fact(Retention.Chosen, RETENTION_ID, person_texts_years=999, client_info_years=None)
    given(world, old).when(SetRetention(3), reason="x").then(
        fact(Retention.Replaced, RETENTION_ID, 2, person_texts_years=3, client_info_years=None)
    )
