"""The log is checked in place: what was changed is found and named, what was not passes.

Every class of tampering is tried by the hundred in `make faults`; here each is tried once.
"""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.evidence import verify
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification, Verified
from okr_es.evidence.verify_states import verify_states
from okr_es.log.schema import streams
from projections.read_model.runner import Runner
from projections.read_model.verification import verify_read_model
from tests.faults import read_models, tampering
from tests.faults.stores import OnPostgresql, OnSqlite, Store, log_at
from tests.faults.tampering import Forgery
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import GROW, Q3, Q4, RESPONSE, TODAY, built, d, opened


def verified(okr: Okr, *known: str) -> Verified:
    """What a verification finds."""
    return Verification(okr.log, known).run()


def test_an_untouched_log_passes(world: World, signer: Signer) -> None:
    first = signer.sign()
    world.execute(c.FormTeam("Another", id=uuid4()))
    assert first is not None
    found = verified(world.okr, first.note)
    assert found.holds
    assert (found.events, found.checkpoints, found.known) == (world.okr.log.head(), 1, 1)


def test_an_empty_log_passes(database_url: str) -> None:
    okr = Okr(database_url)
    assert verified(okr).holds
    okr.close()


def test_progress_is_reported(world: World, signer: Signer) -> None:
    signer.sign()
    told: list[tuple[int, int]] = []
    Verification(world.okr.log, progress=lambda done, total: told.append((done, total))).run()
    assert told[-1] == (world.okr.log.head(), world.okr.log.head())


def test_a_checkpoint_of_another_log_is_said_to_be(
    world: World, signer: Signer, tmp_path: Path
) -> None:
    signer.sign()
    other = Okr(f"sqlite:///{tmp_path}/other/okr.db")
    person = uuid4()
    other.execute(c.RegisterPerson("Eve", id=person), Context(person))
    note = Signer(other).sign()
    other.close()
    assert note is not None
    found = verified(world.okr, note.note)
    assert [failure.check for failure in found.failures] == ["known checkpoint"] * 2
    assert "signed by no key of this log" in found.failures[0].message


def test_what_is_no_checkpoint_is_said_to_be(world: World, signer: Signer) -> None:
    signer.sign()
    assert "no signed note" in verified(world.okr, "hello").failures[0].message


@pytest.fixture
def store(world: World, tmp_path: Path) -> Store:
    database = world.okr.database
    if database.is_sqlite:
        return OnSqlite(tmp_path)
    return OnPostgresql(plain(database.url.render_as_string(hide_password=False)))


def begin_signed_world(url: str) -> None:
    world = built(url)
    signer = Signer(world.okr, origin="okr-es.example")
    world.execute(c.RetitleObjective(GROW, "grow faster"), reason="because")
    signer.sign()
    for number in range(3):
        world.execute(c.RecordReading(RESPONSE, TODAY, d(str(number))))
    signer.sign()
    world.okr.close()


class TestTampering:
    @pytest.fixture
    def world(self, begun: Begun) -> Iterator[World]:
        with begun.fresh("world signed twice", begin_signed_world) as url:
            world = opened(url)
            yield world
            world.okr.close()

    @pytest.fixture
    def signed_world(self, world: World) -> World:
        return world

    @pytest.mark.parametrize(
        "how", [n for n in tampering.IN_PLACE if n not in {"log_rewritten", "tail_cut"}]
    )
    @pytest.mark.parametrize("seed", range(4))
    def test_it_is_found_in_place(
        self, how: str, seed: int, signed_world: World, store: Store
    ) -> None:
        url = signed_world.okr.database.url.render_as_string(hide_password=False)
        with log_at(url) as log, store.forger(plain(url)) as forger:
            tampering.IN_PLACE[how](Forgery(forger, log, random.Random(seed)))
        assert not verified(signed_world.okr).holds

    def test_the_first_bad_event_is_named(self, signed_world: World, store: Store) -> None:
        url = signed_world.okr.database.url.render_as_string(hide_password=False)
        with store.forger(plain(url)) as forger:
            forger.run("UPDATE events SET origin = 'import' WHERE position IN (7, 9)")
        found = verified(signed_world.okr).failures
        assert [(f.check, f.position) for f in found[:2]] == [("event", 7), ("event", 9)]

    @pytest.mark.parametrize("how", ["log_rewritten", "tail_cut"])
    def test_it_is_found_with_a_checkpoint_kept_outside(
        self, how: str, signed_world: World, signer: Signer, store: Store
    ) -> None:
        known = [each.note for each in signer.checkpoints.all()]
        url = signed_world.okr.database.url.render_as_string(hide_password=False)
        with log_at(url) as log, store.forger(plain(url)) as forger:
            tampering.IN_PLACE[how](Forgery(forger, log, random.Random(5)))
        assert not verified(signed_world.okr, *known).holds

    @pytest.mark.parametrize("seed", range(6))
    def test_an_edited_read_model_is_found(self, seed: int, signed_world: World) -> None:
        runner = Runner(signed_world.okr)
        try:
            assert verify_read_model(runner).failures == []
            read_models.edited(runner.fresh(), random.Random(seed))
            found = verify_read_model(runner)
            assert found.failures
            assert {failure.check for failure in found.failures} == {"read model"}
            runner.rebuild()
            assert verify_read_model(runner).failures == []
        finally:
            runner.close()


class TestStates:
    def test_those_of_an_untouched_log_are_right(self, world: World) -> None:
        told: list[tuple[int, int]] = []
        assert verify_states(world.okr.database, lambda *step: told.append(step)) == []
        assert told[-1][0] == told[-1][1] > 10

    @pytest.mark.parametrize(
        ("change", "wrong"),
        [
            ("version = version + 1", "version"),
            ("parent = NULL", "parent"),
            ("living = NOT living", "living"),
            ("type = 'kpi'", "type"),
        ],
    )
    def test_one_that_was_changed_is_named(self, change: str, wrong: str, world: World) -> None:
        with world.okr.database.transaction() as connection:
            where = f"WHERE stream = '{GROW}'"
            connection.exec_driver_sql(f"UPDATE streams SET {change} {where}")
        (failure,) = verify_states(world.okr.database)
        assert str(GROW) in failure.message
        assert f"another {wrong} " in failure.message

    def test_what_it_says_is_compared(self, world: World) -> None:
        """A cycle that seems not to be committed could be committed twice."""
        world.execute(c.CommitPlan(Q3))
        column = streams.c
        with world.okr.database.transaction() as connection:
            query = select(column.state).where(column.stream == Q3)
            state = bytes(connection.execute(query).scalar_one())
            forged = state.replace(b'"plan_committed":true', b'"plan_committed":false')
            assert forged != state
            connection.execute(update(streams).where(column.stream == Q3).values(state=forged))
        (failure,) = verify_states(world.okr.database)
        assert "another state " in failure.message


class TestNames:
    @pytest.mark.parametrize(
        ("forgery", "said"),
        [
            ("DELETE FROM names WHERE name = '2025-q3'", f"for None, its events say {Q3}"),
            (f"UPDATE names SET stream = '{Q4}' WHERE name = '2025-q3'", f"its events say {Q3}"),
            (f"INSERT INTO names VALUES ('cycle', 'x', '{Q3}')", "its events say None"),
        ],
        ids=["lost", "another's", "nobody's"],
    )
    def test_one_that_is_not_as_the_events_say_is_named(
        self, forgery: str, said: str, world: World, store: Store
    ) -> None:
        url = world.okr.database.url.render_as_string(hide_password=False)
        with store.forger(plain(url)) as forger:
            forger.run(forgery)
        (failure,) = verify_states(world.okr.database)
        assert failure.check == "name"
        assert said in failure.message


def plain(url: str) -> str:
    """A URL as the drivers take it."""
    return url.replace("postgresql+psycopg", "postgresql")


def peak_of(holds: Callable[[], bool]) -> int:
    """The most memory that something takes which must hold."""
    tracemalloc.start()
    try:
        assert holds()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_it_needs_no_more_memory_for_a_longer_log(
    world: World, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Many batches even in the short log: in each, one is checked while another is read ahead.
    monkeypatch.setattr(verify, "BATCH", 512)
    peaks = []
    for _ in range(2):
        readings = tuple(
            c.RecordReading(RESPONSE, TODAY, d(n), uuid4(), f"site {n}") for n in range(5_000)
        )
        for _ in range(1 if not peaks else 2):
            world.execute(c.RecordReadings(readings))
            readings = tuple(replace(each, id=uuid4()) for each in readings)
        signer.sign()
        # Sometimes a batch more is there at once, since one thread reads while another checks.
        peaks.append(min(peak_of(lambda: verified(world.okr).holds) for _ in range(3)))
    assert peaks[1] < peaks[0] * 1.25
