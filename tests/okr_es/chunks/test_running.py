"""Many commands: in chunks, all or none, or tried out; sent again, cut off, and beside others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy.exc import OperationalError

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.chunks import running
from okr_es.chunks.lines import Answered, Line, LinesRefused
from okr_es.chunks.recording import Recording
from okr_es.chunks.running import at_once, in_chunks, tried
from okr_es.commands import Command
from okr_es.context import Context, Receipt
from okr_es.database.commits import Commit
from okr_es.domain import refusals as r
from okr_es.dry_run import DryRun
from okr_es.log import chunk
from okr_es.log.in_doubt import OutcomeUnknown
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.tried import everything
from tests.support.world import (
    ANN,
    COMPANY,
    CUSTOMERS,
    NEW,
    OTHER,
    Q3,
    RESPONSE,
    STEPS,
    TODAY,
    begun_world,
    d,
)

KEY = UUID(int=0xC0FFEE)


@pytest.fixture
def on_sqlite(begun_on_sqlite: Begun) -> Iterator[World]:
    yield from begun_world(begun_on_sqlite)


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    yield from begun_world(begun)


def lines(*commands: Command, **context: Any) -> list[Line]:
    said = {"by": ANN, "reason": "because"} | context
    return [
        Line(n, each, Context(command_id=uuid5(KEY, f"{n}"), **said), uuid5(KEY, f"refused {n}"))
        for n, each in enumerate(commands, 1)
    ]


def teams(number: int) -> list[Command]:
    return [c.FormTeam(f"Team {n}", id=uuid5(KEY, f"team {n}")) for n in range(number)]


def carried_out(world: World, many: list[Line]) -> list[Answered]:
    return [each for some in in_chunks(world.okr, many) for each in some]


def statuses(found: list[Answered]) -> list[str]:
    return [
        type(each.verdict).__name__ if not isinstance(each.verdict, Receipt)
        else "repeated" if each.verdict.repeated else "done"
        for each in found
    ]  # fmt: skip


# ---- in chunks --------------------------------------------------------------------------


def test_a_line_is_decided_on_what_those_before_it_decided(world: World) -> None:
    objective, key_result = uuid5(KEY, "o"), uuid5(KEY, "k")
    found = carried_out(
        world,
        lines(
            c.RegisterPerson("Cem", "cem@example.org", id=OTHER),
            c.FormTeam("Web", id=NEW),
            c.DraftObjective(Q3, NEW, OTHER, "Be seen", id=objective),
            c.AddKeyResult(objective, "Fans", STEPS, id=key_result),
            c.CommitObjective(objective),
            c.RetitleObjective(uuid5(KEY, "nothing"), "x"),
            c.FormTeam("Web again", id=NEW),
            c.RenameTeam(NEW, "World Wide Web"),
            c.RenameTeam(NEW, "World Wide Web"),
        ),
    )
    assert statuses(found) == ["done"] * 5 + ["NotFound", "AlreadyExists", "done", "done"]
    receipts = [each.verdict for each in found if isinstance(each.verdict, Receipt)]
    positions = [each.first_position for each in receipts]
    assert positions[-1] is None  # it had that name already
    assert positions[:-1] == sorted(positions[:-1])
    entries = world.okr.directory.entries({OTHER})
    assert entries[OTHER].name == "Cem"


def test_the_same_lines_again_append_nothing_and_say_the_same(world: World) -> None:
    many = lines(*teams(3), c.RenameTeam(UUID(int=9), "x"), c.RenameTeam(COMPANY, "Ours"))
    first = carried_out(world, many)
    before = world.snapshot()
    again = carried_out(world, many)
    assert world.snapshot() == before
    assert statuses(again) == ["repeated"] * 3 + ["NotFound", "repeated"]
    for one, other in zip(first, again, strict=True):
        if isinstance(one.verdict, Receipt) and isinstance(other.verdict, Receipt):
            assert one.verdict.first_position == other.verdict.first_position


def test_a_line_that_was_refused_stays_refused_in_the_same_body(world: World) -> None:
    web, other = uuid5(KEY, "team 0"), uuid5(KEY, "refused elsewhere")
    many = lines(c.RenameTeam(web, "Net"), c.RenamePerson(OTHER, "Cem C."), *teams(1),
                 c.RegisterPerson("Cem", id=OTHER))  # fmt: skip
    assert statuses(carried_out(world, many)) == ["NotFound", "NotFound", "done", "done"]
    before = world.snapshot()
    again = statuses(carried_out(world, many))
    assert again == ["RefusedBefore", "RefusedBefore", "repeated", "repeated"]
    assert world.snapshot() == before
    in_another_body = [replace(each, refusal_id=other) for each in many[:1]]
    assert statuses(carried_out(world, in_another_body)) == ["done"]


def test_one_key_twice_in_a_body_is_one_command_or_refused(on_sqlite: World) -> None:
    context = Context(ANN, command_id=KEY)
    one, other = c.FormTeam("Web", id=NEW), c.FormTeam("Net", id=OTHER)
    many = [Line(1, one, context), Line(2, one, context), Line(3, other, context)]
    assert statuses(carried_out(on_sqlite, many)) == ["done", "repeated", "CommandIdIsTaken"]


def test_a_reading_under_an_id_that_is_taken_refuses_itself_alone(world: World) -> None:
    world.execute(c.RecordReading(RESPONSE, TODAY, d("1"), NEW))
    again = uuid5(KEY, "again")
    found = carried_out(
        world,
        lines(
            c.RecordReading(RESPONSE, TODAY, d("2"), NEW),
            c.RecordReading(RESPONSE, TODAY, d("2"), again),
            c.RecordReading(RESPONSE, TODAY, d("3"), again, "Kiruna"),
            c.FormTeam("Web", id=again),
            c.RecordReadings((c.RecordReading(RESPONSE, TODAY, d("4"), NEW, "Luleå"),)),
        ),
    )
    assert statuses(found) == [
        "AlreadyExists",
        "done",
        "AlreadyExists",
        "Conflict",
        "AlreadyExists",
    ]


def test_more_ids_than_a_statement_takes_parameters_are_looked_for(world: World) -> None:
    """Two lines of readings with an id each have 70,000 of them, and PostgreSQL takes 65,535."""
    there = world.execute(c.RecordReading(RESPONSE, TODAY, d("1"), id=KEY))
    context = Context(ANN, reason="because")
    world.okr.execute(c.FormTeam("Night"), context)
    many = {UUID(int=KEY.int + number) for number in range(70_000)}
    with world.okr.database.transaction() as connection:
        looked = chunk.Chunk(world.okr.database, connection, world.okr.clock)
        assert looked.begun(many) == {there.id} == {KEY}
        assert looked.arrived(many | {context.command_id}) == {context.command_id}
        assert looked.begun(()) == set()


def test_what_changes_things_outside_the_log_is_carried_out_by_itself(world: World) -> None:
    found = carried_out(
        world,
        lines(
            c.RegisterPerson("Cem", id=OTHER),
            c.RenamePerson(OTHER, "Cem C."),
            c.RenamePerson(OTHER, "Cem D."),
            c.FormTeam("Web", id=NEW),
            c.ErasePerson(OTHER, "GDPR 17"),
            c.RenamePerson(OTHER, "Cem E."),
        ),
    )
    assert statuses(found)[:5] == ["done"] * 5
    assert not isinstance(found[5].verdict, Receipt)
    assert OTHER not in world.okr.directory.entries({OTHER})


def test_a_person_whose_line_is_refused_afterwards_is_not_left_in_the_directory(
    on_sqlite: World,
) -> None:
    found = carried_out(
        on_sqlite, lines(c.RegisterPerson("Cem", id=OTHER), c.FormTeam("Web"), comment="  ")
    )
    assert statuses(found) == ["Invalid", "Invalid"]
    assert OTHER not in on_sqlite.okr.directory.ids()


def test_a_chunk_ends_after_a_while_and_the_others_follow(
    on_sqlite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_SECONDS", -1)
    sizes = [len(some) for some in in_chunks(on_sqlite.okr, lines(*teams(3)))]
    assert sizes == [1, 1, 1]


def test_a_run_of_check_ins_that_read_nothing_is_written_by_one_statement(
    on_sqlite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    insert_rows = chunk.insert_rows

    def noted(connection: Any, rows: Iterator[Any]) -> bytes:
        some = list(rows)
        written.append(len(some))
        return insert_rows(connection, iter(some))

    monkeypatch.setattr(chunk, "insert_rows", noted)
    monkeypatch.setattr(chunk, "FEW", 0)
    check_ins = [c.CheckIn(CUSTOMERS, TODAY, n % 10, d(str(n))) for n in range(40)]
    assert statuses(carried_out(on_sqlite, lines(*check_ins))) == ["done"] * 40
    assert written == [40]


# ---- a log without a calendar -----------------------------------------------------------


def test_the_first_lines_of_a_log_begin_it(sqlite_url: str) -> None:
    with closing(Okr(sqlite_url)) as okr:
        said = {"by": ANN}
        first = [
            Line(1, c.RegisterPerson("Ann", id=ANN), Context(**said)),
            Line(2, c.FormTeam("Web", id=NEW), Context(**said)),
            Line(3, c.RenameTeam(NEW, "Net"), Context(**said)),
        ]
        found = [each for some in in_chunks(okr, first) for each in some]
        assert statuses(found) == ["done"] * 3
        assert okr.calendars.version == 1


# ---- all or none ------------------------------------------------------------------------


def test_all_or_none(world: World) -> None:
    bad = lines(*teams(2), c.RenameTeam(UUID(int=9), "x"), c.RegisterPerson("Cem", id=OTHER),
                c.FormTeam("again", id=uuid5(KEY, "team 0")))  # fmt: skip
    before = everything(world.okr)
    with pytest.raises(LinesRefused) as error:
        at_once(world.okr, bad)
    assert [each.number for each, _ in error.value.refused] == [3, 5]
    after = everything(world.okr)
    assert after.pop("shredding") != before.pop("shredding")  # of the person who was not added
    assert after == before
    good = [bad[0], bad[1], bad[3]]
    assert statuses(at_once(world.okr, good)) == ["done"] * 3
    assert statuses(at_once(world.okr, good)) == ["repeated"] * 3


def test_what_lies_outside_the_log_is_never_one_of_all_or_none(on_sqlite: World) -> None:
    with pytest.raises(LinesRefused) as error:
        at_once(on_sqlite.okr, lines(*teams(1), c.RenamePerson(ANN, "Ann B.")))
    ((line, refusal),) = error.value.refused
    assert (line.number, refusal.field) == (2, "command")


# ---- tried out --------------------------------------------------------------------------


def test_a_dry_run_of_many_foretells_each_and_leaves_nothing(world: World) -> None:
    many = lines(
        c.RegisterPerson("Cem", id=OTHER),
        c.FormTeam("Web", id=NEW),
        c.RenameTeam(NEW, "Net"),
        c.RenameTeam(NEW, " "),
        c.RenamePerson(ANN, "Ann A."),
        c.CommitPlan(Q3),
    )
    before = everything(world.okr)
    found = tried(world.okr, many)
    assert everything(world.okr) == before
    assert statuses(found) == ["DryRun"] * 3 + ["Invalid"] + ["DryRun"] * 2
    third = found[2].verdict
    assert isinstance(third, DryRun)
    assert third.would_record[0].about.name == "Net"
    done = carried_out(world, many[:2])
    assert statuses(done) == ["done"] * 2
    (known,) = tried(world.okr, many[:1])
    assert isinstance(known.verdict, DryRun)
    assert known.verdict.earlier_receipt is not None


# ---- broken off -------------------------------------------------------------------------


def failing_at(monkeypatch: pytest.MonkeyPatch, number: int, *, committed: bool) -> None:
    """Let the commit of the chunk of that number fail, once it was done or before."""
    count = 0
    end = Recording.end

    def ends(self: Recording, connection: Any, commit: Commit) -> None:
        nonlocal count
        count += 1
        end(self, connection, commit)
        if count == number:
            if committed:
                connection.commit()
            raise OperationalError("COMMIT", None, Exception("the connection broke"))

    monkeypatch.setattr(Recording, "end", ends)
    monkeypatch.setattr(Commit, "is_in_doubt", lambda self, _: self.is_sent)


def test_cut_off_between_chunks_the_rest_comes_with_the_same_lines_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_IN_CHUNK", 3)
    many = lines(*teams(8))
    parts = in_chunks(world.okr, many)
    next(parts)
    next(parts)
    parts.close()
    assert statuses(carried_out(world, many)) == ["repeated"] * 6 + ["done"] * 2


def test_a_chunk_that_fails_leaves_those_before_it_and_nothing_of_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_IN_CHUNK", 3)
    many = lines(*teams(7), c.RegisterPerson("Cem", id=OTHER), c.FormTeam("Web"))
    done: list[Answered] = []
    with monkeypatch.context() as broken:
        failing_at(broken, 3, committed=False)
        broken.setattr(Commit, "is_in_doubt", lambda *_: False)
        parts = in_chunks(world.okr, many)
        done += next(parts)
        done += next(parts)
        with pytest.raises(OperationalError):
            next(parts)
    assert statuses(done) == ["done"] * 6
    assert OTHER not in world.okr.directory.ids()
    assert statuses(carried_out(world, many)) == ["repeated"] * 6 + ["done"] * 3


def test_a_commit_in_doubt_that_was_done_counts_as_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = lines(*teams(3))
    with monkeypatch.context() as broken:
        failing_at(broken, 1, committed=True)
        assert statuses(carried_out(world, many)) == ["done"] * 3
    assert statuses(carried_out(world, many)) == ["repeated"] * 3


def test_nobody_knows_of_a_commit_that_cannot_be_looked_up(
    on_sqlite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = lines(*teams(3))
    with monkeypatch.context() as broken:
        failing_at(broken, 1, committed=False)
        broken.setattr("okr_es.log.in_doubt.LOOK_SECONDS", 0)
        with pytest.raises(OutcomeUnknown):
            carried_out(on_sqlite, many)
    assert statuses(carried_out(on_sqlite, many)) == ["done"] * 3


# ---- beside others ----------------------------------------------------------------------


def test_what_others_record_between_two_chunks_is_decided_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_IN_CHUNK", 2)
    web = uuid5(KEY, "team 0")
    many = lines(*teams(2), c.RenameTeam(web, "Net"), c.FormTeam("Below", parent_id=web))
    parts = in_chunks(world.okr, many)
    found = list(next(parts))
    world.execute(c.DisbandTeam(web))
    for some in parts:
        found += some
    assert statuses(found)[:2] == ["done", "done"]
    assert not isinstance(found[3].verdict, Receipt)
    assert isinstance(found[3].verdict, r.Refusal)


def test_single_commands_and_chunks_share_what_they_know_of_the_log(world: World) -> None:
    many = lines(c.RecordReading(RESPONSE, TODAY, d("1"), subject="a"), *teams(2))
    world.execute(c.RecordReading(RESPONSE, TODAY, d("2"), subject="b"))
    carried_out(world, many)
    world.okr.execute(c.RetireKpi(RESPONSE), Context(ANN, "because"))
    late = [Line(n, c.RecordReading(RESPONSE, TODAY, d("3"), subject=f"c {n}"), Context(ANN))
            for n in (1, 2)]  # fmt: skip
    assert statuses(carried_out(world, late)) == ["KpiIsRetired"] * 2


def test_chunks_and_single_commands_of_two_threads_come_to_one_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_IN_CHUNK", 5)
    head, many = world.okr.log.head(), lines(*teams(40))

    def rename() -> list[Receipt]:
        return [
            world.okr.execute(c.RenameTeam(COMPANY, f"Company {n}"), Context(ANN))
            for n in range(30)
        ]

    with ThreadPoolExecutor(2) as threads:
        in_bulk = threads.submit(carried_out, world, many)
        alone = threads.submit(rename)
        receipts = [each.verdict for each in in_bulk.result()] + alone.result()
    found = [each.last_position for each in receipts if isinstance(each, Receipt)]
    assert sorted(found) == list(range(head + 1, head + 71))
    assert len(world.okr.log.rows(head, 1_000)) == 70
