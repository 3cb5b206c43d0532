"""What is remembered between commands is never acted on when it is wrong."""

from collections.abc import Iterator
from typing import Any

import pytest

from okr_es import application
from okr_es.commands import (
    AbandonObjective,
    CheckIn,
    CommitObjective,
    ErasePerson,
    RecordReading,
    ReopenObjective,
    RetireKpi,
)
from okr_es.database.database import Database
from okr_es.domain.refusals import KpiIsRetired, ObjectiveIsNotCommitted, PersonIsUnknown
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.append import OLDEST_READ_SET
from tests.support.given import World, refused
from tests.support.notes import take
from tests.support.world import BEN, LEADS, REACH, RESPONSE, TODAY, d, opened


@pytest.fixture
def both(world_on_both: World) -> Iterator[tuple[World, World]]:
    """Two processes' worth of okr-es on one log; the first remembers a KPI and a key result."""
    one = world_on_both
    other = opened(one.okr.database.url.render_as_string(hide_password=False))
    one.execute(CommitObjective(REACH))
    one.execute(RecordReading(RESPONSE, TODAY, d("1")))
    one.execute(CheckIn(LEADS, TODAY, 5, d("3")))
    yield one, other
    other.okr.close()


def test_a_second_reading_needs_no_second_look(
    both: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = both
    looks: list[str] = []
    look = Database.rows

    def counted(self: Database, statement: str, parameters: Any) -> Any:
        looks.append(statement)
        return look(self, statement, parameters)

    monkeypatch.setattr(Database, "rows", counted)
    one.execute(RecordReading(RESPONSE, TODAY, d("2")))
    one.execute(CheckIn(LEADS, TODAY, 5, d("4")))
    assert not [statement for statement in looks if "FROM counter" in statement]


def test_a_kpi_that_another_process_retired_takes_no_more_readings(
    both: tuple[World, World],
) -> None:
    one, other = both
    other.execute(RetireKpi(RESPONSE))
    with refused(KpiIsRetired):
        one.execute(RecordReading(RESPONSE, TODAY, d("2")))


def test_nor_does_an_objective_that_another_process_abandoned_until_it_is_reopened(
    both: tuple[World, World],
) -> None:
    one, other = both
    other.execute(AbandonObjective(REACH), reason="x")
    with refused(ObjectiveIsNotCommitted):
        one.execute(CheckIn(LEADS, TODAY, 5, d("4")))
    other.execute(ReopenObjective(REACH), reason="x")
    one.execute(CheckIn(LEADS, TODAY, 5, d("4")))


def test_whom_another_process_erased_acts_no_more(both: tuple[World, World]) -> None:
    one, other = both
    one.execute(RecordReading(RESPONSE, TODAY, d("2")), by=BEN)
    other.execute(ErasePerson(BEN, "art. 17"), reason="x")
    with refused(PersonIsUnknown, "by"):
        one.execute(RecordReading(RESPONSE, TODAY, d("2")), by=BEN)


def test_what_was_looked_at_long_ago_is_looked_at_again(
    both: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    take(other.okr.log, OLDEST_READ_SET + 1)
    decisions: list[bool] = []
    decide = application.decide

    def counted(command: Any, work: UnitOfWork) -> Any:
        decisions.append(True)
        return decide(command, work)

    monkeypatch.setattr(application, "decide", counted)
    one.execute(RecordReading(RESPONSE, TODAY, d("2")))
    one.execute(RecordReading(RESPONSE, TODAY, d("3")))
    assert len(decisions) == 3
