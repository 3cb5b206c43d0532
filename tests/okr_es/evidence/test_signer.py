"""The signer signs what is in the log, once, by the key that counts."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.commands import CloseCycle, FormTeam, RotateSigningKey
from okr_es.domain.refusals import Invalid
from okr_es.evidence.checkpoint_sinks import DirectorySink, Forked, HookSink
from okr_es.evidence.checkpoints import Checkpoint
from okr_es.evidence.okr_es_verify import Failed, b64, check_signatures, is_consistent, read_note
from okr_es.evidence.rehash import Tampered
from okr_es.evidence.signer import Signer, SigningKeyIsLost
from okr_es.log.merkle import root_of
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import Q3, begin_world, opened


def team(world: World, count: int = 1) -> None:
    """Let teams be formed: so many events."""
    for _ in range(count):
        world.execute(FormTeam("Another", id=uuid4()))


def signed(signer: Signer) -> Checkpoint:
    """Sign, and return the checkpoint."""
    made = signer.sign()
    assert made is not None
    return made


def hashes(okr: Okr) -> list[bytes]:
    """The hashes of all events."""
    return [bytes(row[1]) for row in okr.log.rows(0, 10_000, ("hash",))]


def test_a_checkpoint_covers_every_event(signer: Signer, okr: Okr) -> None:
    made = signed(signer)
    assert made.size == okr.log.head()
    assert made.root == root_of(hashes(okr))
    note = read_note(made.note)
    assert (note.origin, note.size, note.root) == ("okr-es.example", made.size, made.root)
    check_signatures([note], signer.checkpoints.adopted_keys())


def test_nothing_new_is_not_signed_again(signer: Signer, world: World) -> None:
    first = signed(signer)
    assert signer.sign() is None
    team(world)
    assert signed(signer).size == first.size + 1
    assert [each.size for each in signer.checkpoints.all()] == [first.size, first.size + 1]


def test_an_empty_log_has_no_checkpoint(database_url: str) -> None:
    okr = Okr(database_url)
    assert Signer(okr).sign() is None
    assert okr.log.head() == 0
    okr.close()


def test_the_first_key_is_adopted_in_no_ones_name(signer: Signer, okr: Okr) -> None:
    before = okr.log.head()
    signed(signer)
    rows = okr.log.rows(before, 10, ("type", "by", "origin"))
    assert [tuple(row[1:]) for row in rows] == [("signing_key.adopted", None, "job")]


def test_each_tree_goes_on_from_the_one_before(signer: Signer, world: World) -> None:
    made = [signed(signer)]
    for count in (1, 2, 300, 5):
        team(world, count)
        made.append(signed(signer))
    last = signer.checkpoints.tree(made[-1].size)
    for each in made:
        proof = last.consistency(each.size)
        assert is_consistent(each.size, each.root, last.size, last.root, proof)


def test_what_is_due_is_signed_after_a_minute(signer: Signer, world: World) -> None:
    assert signer.sign_when_due() is not None
    team(world)
    assert signer.sign_when_due() is None
    world.clock.now += timedelta(minutes=1)
    assert signer.sign_when_due() is not None
    world.clock.now += timedelta(minutes=1)
    assert signer.sign_when_due() is None


def test_signers_racing_make_one_checkpoint(okr: Okr) -> None:
    made: list[Checkpoint | None] = []
    signers = [Signer(okr) for _ in range(4)]
    threads = [threading.Thread(target=lambda s=s: made.append(s.sign())) for s in signers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(made) == 4
    kept = list(signers[0].checkpoints.all())
    assert sorted(each for each in made if each) == kept != []
    keys = signers[0].checkpoints.adopted_keys()
    assert len(keys) == 1
    check_signatures([read_note(each.note) for each in kept], keys)


class TestRotation:
    def rotate(self, world: World) -> None:
        world.execute(RotateSigningKey(), reason="a year has passed")

    def test_the_first_checkpoint_after_it_is_signed_by_both(
        self, signer: Signer, world: World
    ) -> None:
        first = read_note(signed(signer).note)
        self.rotate(world)
        second = read_note(signed(signer).note)
        team(world)
        third = read_note(signed(signer).note)
        old, new = signer.checkpoints.adopted_keys()
        assert [(n.is_signed_by(old), n.is_signed_by(new)) for n in (first, second, third)] == [
            (True, False),
            (True, True),
            (False, True),
        ]
        check_signatures([first, second, third], [old, new])

    def test_the_old_private_key_is_destroyed(self, signer: Signer, world: World) -> None:
        signed(signer)
        old = signer.checkpoints.adopted_keys()[0]
        assert world.okr.signing_keys.private(b64(old.public)) is not None
        self.rotate(world)
        signed(signer)
        assert world.okr.signing_keys.private(b64(old.public)) is None

    def test_a_key_no_older_one_signed_for_is_not_believed(
        self, signer: Signer, world: World
    ) -> None:
        first = read_note(signed(signer).note)
        self.rotate(world)
        second = read_note(signed(signer).note)
        old, new = signer.checkpoints.adopted_keys()
        alone = second._replace(signatures=second.signatures[1:])
        assert alone.is_signed_by(new)
        with pytest.raises(Failed, match="no older key signed for"):
            check_signatures([first, alone], [old, new])

    def test_a_lost_key_is_said_to_be_lost(self, signer: Signer, world: World) -> None:
        signed(signer)
        world.okr.signing_keys.destroy([b64(signer.checkpoints.adopted_keys()[0].public)])
        team(world)
        with pytest.raises(SigningKeyIsLost):
            signer.sign()

    def test_a_retired_key_does_not_count_any_more(self, signer: Signer, world: World) -> None:
        signed(signer)
        self.rotate(world)
        signed(signer)
        team(world)
        third = read_note(signed(signer).note)
        old, _ = signer.checkpoints.adopted_keys()
        with pytest.raises(Failed, match="not signed by a key of the log"):
            check_signatures([third], [old])


def begin_many_teams(url: str) -> None:
    begin_world(url)
    world = opened(url)
    team(world, 260)
    world.okr.close()


class TestImmutable:
    @pytest.fixture
    def world(self, begun: Begun) -> Iterator[World]:
        with begun.fresh("world of many teams", begin_many_teams) as url:
            world = opened(url)
            yield world
            world.okr.close()

    @pytest.mark.parametrize("table", ["tree", "checkpoints", "published_checkpoints"])
    def test_what_was_kept_is_kept(
        self, table: str, signer: Signer, world: World, tmp_path: Path
    ) -> None:
        signer.sinks = [DirectorySink(tmp_path / "outside")]
        signed(signer)
        column = "level" if table == "tree" else "size"
        changes = [f"DELETE FROM {table}", f"UPDATE {table} SET {column} = 9"]
        for change in changes:
            with pytest.raises(DBAPIError), world.okr.database.transaction() as connection:
                connection.exec_driver_sql(change)
        if world.okr.database.is_sqlite:  # whatever settings a tool has that opens the file
            bare = sqlite3.connect(world.okr.database.path, isolation_level=None)
            with pytest.raises(sqlite3.IntegrityError):
                bare.execute(f"REPLACE INTO {table} SELECT * FROM {table}")
            bare.close()


class TestOutlets:
    def test_a_directory_gets_each_checkpoint(
        self, signer: Signer, world: World, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        signer.sinks = [DirectorySink(outside)]
        first = signed(signer)
        team(world)
        second = signed(signer)
        found = sorted(outside.iterdir())
        assert [file.read_text(encoding="utf-8") for file in found] == [first.note, second.note]
        assert found[0].name == f"{first.size:012}.checkpoint"

    def test_what_was_signed_before_it_was_there_follows(
        self, signer: Signer, world: World, tmp_path: Path
    ) -> None:
        signed(signer)
        signer.sinks = [DirectorySink(tmp_path / "outside")]
        assert signer.sign() is None
        assert len(list((tmp_path / "outside").iterdir())) == 1

    def test_another_checkpoint_of_the_same_size_is_a_fork(
        self, signer: Signer, tmp_path: Path
    ) -> None:
        made = signed(signer)
        sink = DirectorySink(tmp_path)
        sink.publish(made)
        sink.publish(made)
        with pytest.raises(Forked):
            sink.publish(made._replace(note=made.note.replace("example", "another")))

    def test_a_hook_gets_it_on_its_standard_input(self, signer: Signer, tmp_path: Path) -> None:
        target = tmp_path / "note"
        script = f"cat > {target}; echo $OKR_ES_CHECKPOINT_SIZE >> {target}"
        signer.sinks = [HookSink(f"sh -c '{script}'")]
        made = signed(signer)
        assert target.read_text(encoding="utf-8") == f"{made.note}{made.size}\n"

    def test_what_failed_is_tried_again(
        self, signer: Signer, world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        blocked = tmp_path / "outside"
        blocked.write_text("in the way")
        signer.sinks = [DirectorySink(blocked)]
        signed(signer)
        assert "could not be published" in caplog.text
        blocked.unlink()
        team(world)
        signed(signer)
        assert len(list(blocked.iterdir())) == 2


def test_the_name_of_the_log_is_chosen_once(signer: Signer, world: World) -> None:
    signed(signer)
    world.execute(RotateSigningKey(), reason="a year has passed")
    other = Signer(world.okr, origin="another.example")
    assert read_note(signed(other).note).origin == "okr-es.example"


def test_closing_does_not_need_a_signer(world: World) -> None:
    world.execute(CloseCycle(Q3))
    assert world.okr.log.rows(0, 100, ("type",))[-1][1] == "cycle.closed"


class TestWhatGoesWrong:
    def test_a_rotation_while_it_reads_is_signed_for_by_both(
        self, signer: Signer, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = read_note(signed(signer).note)
        team(world)
        read = Signer.grown_frontier

        def rotated(self: Signer, last: Checkpoint | None) -> object:
            if last is not None and last.size == first.size:
                monkeypatch.undo()
                world.execute(RotateSigningKey(), reason="a year has passed")
            return read(self, last)

        monkeypatch.setattr(Signer, "grown_frontier", rotated)
        second = read_note(signed(signer).note)
        check_signatures([first, second], signer.checkpoints.adopted_keys())

    def test_it_does_not_sign_over_what_was_changed_since(
        self, signer: Signer, world: World
    ) -> None:
        signed(signer)
        forge(world, "UPDATE events SET hash = {} WHERE position = 3")
        team(world)
        with pytest.raises(Tampered, match="not those that were signed"):
            signer.sign()

    def test_nor_over_a_new_event_that_is_not_what_was_recorded(
        self, signer: Signer, world: World
    ) -> None:
        signed(signer)
        team(world)
        head = world.okr.log.head()
        forge(world, f"UPDATE events SET origin = 'import' WHERE position = {head}")
        with pytest.raises(Tampered) as tampered:
            signer.sign()
        assert tampered.value.position == head

    def test_a_clock_that_ran_ahead_does_not_stop_it(self, signer: Signer, world: World) -> None:
        world.clock.now += timedelta(days=400)
        signed(signer)
        world.clock.now -= timedelta(days=400)
        team(world)
        assert signer.sign_when_due() is not None

    @pytest.mark.parametrize("origin", ["my log", "a+b", "", "x" * 101, "müsli"])
    def test_a_name_no_note_can_carry_is_refused_at_once(self, origin: str, okr: Okr) -> None:
        if not origin:
            assert Signer(okr, origin=origin).origin.startswith("okr-es/")
            return
        with pytest.raises(Invalid, match="OKR_ES_ORIGIN"):
            Signer(okr, origin=origin)

    def test_a_forged_note_of_handing_out_holds_nothing_back(
        self, signer: Signer, world: World, tmp_path: Path
    ) -> None:
        signer.sinks = [DirectorySink(tmp_path / "outside")]
        signed(signer)
        signer.checkpoints.insert_published(signer.sinks[0].name, 2**62, "2025")
        team(world)
        signed(signer)
        assert len(list((tmp_path / "outside").iterdir())) == 2


def forge(world: World, statement: str) -> None:
    """Change something as the owner, guards off."""
    url = world.okr.database.url
    if world.okr.database.is_sqlite:
        bare: Any = sqlite3.connect(world.okr.database.path, isolation_level=None)
        bare.execute("DROP TRIGGER events_refuse_update")
        bare.execute(statement.format("x'00'"))
        bare.close()
        return
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    ) as owner:
        owner.execute("SET search_path = okr_log")
        owner.execute("SET session_replication_role = replica")
        owner.execute(statement.format("'\\x00'"))
