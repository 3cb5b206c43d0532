"""What was kept long enough is destroyed, but for legal holds, and it is recorded before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from okr_es import commands as c
from okr_es.context import Context
from okr_es.domain.retention import RetentionRun
from okr_es.evidence.verify import Verification
from okr_es.operations.regular_jobs import forget_client_info
from okr_es.operations.retention import carry_out, due
from okr_es.operations.verify_beside import verify_beside
from tests.okr_es.people.test_texts import said
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import ANN, BEN, GROW, PRODUCT, Q3, built, d, opened

YEAR = timedelta(days=366)
COUNTED = ("person_texts", "client_info", "held", "reads", "reads_held")
OF_BEN = {"reason": "Ben was ill"}


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    """A grade with a text about Ben in a cycle that was closed over a year ago."""
    with begun.fresh("closed over a year ago", begin) as url:
        world = opened(url)
        world.clock.now += YEAR
        with closing(world.okr):
            yield world


def begin(url: str) -> None:
    world = built(url)
    for command in (
        c.ReassignObjective(GROW, BEN),
        c.GradeObjective(GROW, d("0.5")),
        c.CloseCycle(Q3),
        c.DeactivatePerson(BEN),
    ):
        world.execute(command, by=ANN, **OF_BEN)
    world.clock.now += YEAR
    world.execute(c.SetRetention(1, 1), reason="So says the law.")
    world.okr.close()


def counts(**some: int) -> dict[str, int]:
    return dict.fromkeys(COUNTED, 0) | some


def url_of(world: World) -> str:
    return world.okr.database.url.render_as_string(hide_password=False)


def client_info_of(world: World, command_id: UUID) -> None:
    """A command with client info, now."""
    context = Context(ANN, command_id=command_id)
    world.okr.execute(c.RenameTeam(PRODUCT, f"Team {command_id}"), context)
    world.okr.client_info.note(command_id, ANN, "192.0.2.7", "a browser")


def test_texts_about_people_of_closed_cycles_go_and_all_else_stays(world: World) -> None:
    before = said(world)
    assert carry_out(world.okr).counts() == counts(person_texts=1)
    after = said(world)
    assert after["objective.graded"] == {}
    assert after == before | {"objective.graded": {}}
    (recorded,) = [each for each in world.facts() if isinstance(each, RetentionRun.CarriedOut)]
    assert (recorded.person_texts, recorded.client_info, recorded.held) == (1, 0, 0)
    assert Verification(world.okr.log).run().failures == verify_beside(url_of(world)) == []


def test_a_dry_run_says_it_and_leaves_all(world: World) -> None:
    before, head = said(world), world.okr.log.head()
    assert due(world.okr).counts() == counts(person_texts=1)
    assert (said(world), world.okr.log.head()) == (before, head)


def test_nothing_is_destroyed_twice_and_then_nothing_is_recorded(world: World) -> None:
    carry_out(world.okr)
    head = world.okr.log.head()
    assert carry_out(world.okr).counts() == counts()
    assert world.okr.log.head() == head


def test_what_a_legal_hold_keeps_stays(world: World) -> None:
    world.execute(c.PlaceLegalHold(BEN, "T 1"), reason="a claim")
    assert carry_out(world.okr).counts() == counts(held=1)
    assert said(world)["objective.graded"] == OF_BEN
    world.execute(c.LiftLegalHold(BEN, "T 1"), reason="settled")
    assert carry_out(world.okr).counts() == counts(person_texts=1)


@pytest.mark.parametrize("why", ["too young", "opened again", "nothing is set"])
def test_nothing_goes(why: str, world: World) -> None:
    if why == "opened again":
        world.execute(c.ReopenCycle(Q3), reason="once more")
    else:
        years = 2 if why == "too young" else None
        world.execute(c.SetRetention(years, years), reason="So says the law.")
    assert carry_out(world.okr).counts() == counts()
    assert said(world)["objective.graded"] == OF_BEN


def test_client_info_goes_by_its_command(world: World) -> None:
    old, new = uuid4(), uuid4()
    client_info_of(world, old)
    world.clock.now += YEAR
    client_info_of(world, new)
    assert carry_out(world.okr).client_info == [old]
    assert world.okr.client_info.command_ids() == {new}


def test_client_info_of_somebody_whom_a_legal_hold_keeps_stays(world: World) -> None:
    command_id = uuid4()
    client_info_of(world, command_id)
    world.clock.now += YEAR
    world.execute(c.PlaceLegalHold(ANN, "T 1"), reason="a claim")
    assert carry_out(world.okr).client_info == []
    world.execute(c.LiftLegalHold(ANN, "T 1"), reason="settled")
    assert carry_out(world.okr).client_info == [command_id]


def test_a_worker_that_keeps_client_info_for_some_days_leaves_what_a_legal_hold_keeps(
    world: World,
) -> None:
    command_id = uuid4()
    client_info_of(world, command_id)
    world.clock.now += timedelta(days=31)
    world.execute(c.PlaceLegalHold(ANN, "T 1"), reason="a claim")
    assert forget_client_info(world.okr, timedelta(days=30)) == "of 0 commands"
    assert command_id in world.okr.client_info.command_ids()
    world.execute(c.LiftLegalHold(ANN, "T 1"), reason="settled")
    assert forget_client_info(world.okr, timedelta(days=30)) == "of 1 commands"


def test_a_run_that_stops_after_it_was_recorded_is_followed_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("DELETE", {}, Exception("away"))

    with monkeypatch.context() as patch:
        patch.setattr(world.okr.directory.texts, "destroy", away)
        with pytest.raises(OperationalError):
            carry_out(world.okr)
    assert said(world)["objective.graded"] == OF_BEN
    assert carry_out(world.okr).counts()["person_texts"] == 1
    assert said(world)["objective.graded"] == {}
