"""Years as they may once have been set are set again."""

from okr_es.commands import SetRetention
from okr_es.domain.retention import RETENTION_ID, Retention, Years
from tests.support.given import World, fact, given


def test_years_that_are_refused_today_are_replaced(world: World) -> None:
    old = fact(Retention.Chosen, RETENTION_ID, **Years(999, None, None)._asdict())
    given(world, old).when(SetRetention(3), reason="x").then(
        fact(Retention.Replaced, RETENTION_ID, 2, **Years(3, None, None)._asdict())
    )
