"""A dry run says what a command would do, as it would do it, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from okr_es import commands as c
from okr_es import dry_run as dry_runs
from okr_es.application import Okr, decide
from okr_es.commands import Command
from okr_es.context import Context, Receipt
from okr_es.domain import refusals as r
from okr_es.domain.calendar import CALENDAR_ID
from okr_es.domain.person import Person
from okr_es.domain.values import Controlled, Weekday
from okr_es.dry_run import DryRun, dry_run
from okr_es.evidence.signer import Signer
from okr_es.log.schema import LOG
from tests.conftest import ENGINES
from tests.support import tried as trying
from tests.support.begun import Begun
from tests.support.given import Clock, World, fact
from tests.support.history_of_rights import ruled
from tests.support.random_history import Told, begin_history, histories, zones
from tests.support.tried import everything, executed_as_tried
from tests.support.world import (
    ANN,
    BEN,
    COMPANY,
    CUSTOMERS,
    GROW,
    NEW,
    PRODUCT,
    Q3,
    Q4,
    RESPONSE,
    THOUSAND,
    TODAY,
    begin_world,
    opened,
)

SHARE = {"sqlite": 12, "postgresql": 3}  # of a hundred examples in the profile
KEY = UUID(int=0x1111)


class Tried(Told):
    """A world in which each command is tried out before it is executed."""

    def execute(self, command: Command, **context: Any) -> Receipt:
        asked = Context(**({"by": self.actor} | context))
        return executed_as_tried(self.okr, command, asked)


@pytest.mark.property
@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_happened_a_dry_run_foretells_what_happens_next(
    engine: str, request: pytest.FixtureRequest
) -> None:
    """Events, warnings and refusals, in random histories; and no row of any table changes."""
    begun: Begun = request.getfixturevalue(f"begun_on_{engine}")

    def check(history: Any, timezone: str) -> None:
        name, begin = timezone.replace("/", "-"), partial(begin_history, timezone=timezone)
        with begun.fresh(name, begin) as url, closing(Tried(url, timezone)) as told:
            told.plays(history)

    examples = max(settings.default.max_examples * SHARE[engine] // 100, 1)
    settings(max_examples=examples)(given(history=histories | ruled, timezone=zones)(check))()


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    """The small world, on each engine in turn."""
    with begun.fresh("world", begin_world) as url:
        world = opened(url)
        with closing(world.okr):
            yield world


def tried(world: World, command: Command, by: UUID = ANN, **context: Any) -> DryRun:
    """What a dry run says; it changed nothing."""
    before = everything(world.okr)
    found = dry_run(world.okr, command, Context(by, **context))
    assert everything(world.okr) == before
    return found


def told(found: DryRun) -> list[tuple[str, Any]]:
    return [(each.type, each.about.name) for each in found.would_record]


class TestWhatItSays:
    def test_the_events_with_what_they_are_about_and_their_fields(self, world: World) -> None:
        (event,) = tried(world, c.RetitleObjective(GROW, "lead")).would_record
        assert event == dry_runs.WouldRecord(
            "objective.retitled",
            dry_runs.NamedThing("objective", GROW, "lead"),
            {"title": "lead"},
        )

    def test_ids_are_shown_where_they_are_given_and_nowhere_else(self, world: World) -> None:
        added = c.AddKeyResult(GROW, "more", THOUSAND)
        (event,) = tried(world, added).would_record
        assert (event.about.id, event.about.name) == (None, "more")
        (event,) = tried(world, replace(added, id=NEW)).would_record
        assert event.about.id == NEW

    def test_nor_in_the_fields_of_what_begins_with_it(self, world: World) -> None:
        world.execute(c.CommitPlan(Q3))
        old, new, *key_results = tried(world, c.CarryOverObjective(GROW, Q4)).would_record
        assert (old.about.id, old.fields["as_objective_id"]) == (GROW, None)
        assert (new.about.id, new.fields["carried_from"]) == (None, str(GROW))
        assert [(each.about.id, each.fields["objective_id"]) for each in key_results] == [
            (None, None)
        ] * 3

    def test_a_reading_by_what_it_measures(self, world: World) -> None:
        reading = c.RecordReading(RESPONSE, TODAY, Decimal(3))
        assert told(tried(world, reading)) == [("reading.recorded", "Waiting leads")]
        check_in = c.CheckIn(CUSTOMERS, TODAY, 5, Decimal(3))
        assert told(tried(world, check_in)) == [("reading.checked_in", "1,000 new customers")]

    def test_people_by_their_ids_alone(self, world: World) -> None:
        """Who reads names is recorded, and a dry run is not."""
        (event,) = tried(world, c.PlaceLegalHold(BEN, "T 1-25"), reason="why").would_record
        assert (event.about.id, event.about.name) == (BEN, None)

    def test_that_nothing_would_have_to_change(self, world: World) -> None:
        found = tried(world, c.RenameTeam(COMPANY, "Company"))
        assert (found.count, found.would_record, found.warnings) == (0, (), ())

    def test_of_many_events_the_first_and_how_many_there_are(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dry_runs, "MOST_SHOWN", 2)
        readings = tuple(
            c.RecordReading(RESPONSE, date(2025, 7, day), Decimal(day)) for day in range(1, 6)
        )
        found = tried(world, c.RecordReadings(readings))
        assert (len(found.would_record), found.count) == (2, 5)

    def test_that_it_would_wait_for_approval_and_then_what_it_would_do(self, world: World) -> None:
        world.execute(c.RequireApproval(Q3, (Controlled.CLOSING,)))
        asked = tried(world, c.CloseCycle(Q3))
        assert asked.waits_for_approval
        assert [each.code for each in asked.warnings][-1] == "waits_for_approval"
        assert asked.warnings[-1].things == ()  # the request has no id yet
        (event,) = asked.would_record
        assert (event.type, event.about.id) == ("approval.requested", None)
        request = world.execute(c.CloseCycle(Q3)).approval_id
        assert request is not None
        approved = tried(world, c.ApproveRequest(request), BEN)
        assert told(approved) == [("approval.approved", None), ("cycle.closed", "2025-Q3")]
        assert not approved.waits_for_approval


class TestWhatItRefuses:
    def test_an_id_that_only_the_append_would_find_taken(self, world: World) -> None:
        reading = c.RecordReading(RESPONSE, TODAY, Decimal(3), NEW)
        world.execute(reading)
        for again in (
            reading,
            c.RecordReadings((reading,)),
            c.CheckIn(CUSTOMERS, TODAY, 5, id=NEW),
        ):
            with pytest.raises(r.AlreadyExists, match=str(NEW)):
                tried(world, again)

    def test_an_id_that_comes_twice(self, world: World) -> None:
        reading = c.RecordReading(RESPONSE, TODAY, Decimal(3), NEW)
        with pytest.raises(r.AlreadyExists, match=str(NEW)):
            tried(world, c.RecordReadings((reading, replace(reading, as_of=date(2025, 7, 2)))))

    def test_the_id_of_a_reading_for_anything_else(self, world: World) -> None:
        world.execute(c.RecordReading(RESPONSE, TODAY, Decimal(3), NEW))
        for act in (tried, lambda world, command: world.execute(command)):
            with pytest.raises(r.Conflict, match="Someone else changed"):
                act(world, c.FormTeam("Web", id=NEW))

    def test_the_name_of_a_cycle_that_is_taken(self, world: World) -> None:
        with pytest.raises(r.AlreadyExists):
            tried(world, c.OpenCycle("2025-Q3"))

    def test_a_name_that_nobody_can_have(self, world: World) -> None:
        with pytest.raises(r.Invalid):
            tried(world, c.RegisterPerson("  "))

    def test_a_reason_that_cannot_be_stored(self, world: World) -> None:
        with pytest.raises(r.Invalid):
            tried(world, c.RenameTeam(COMPANY, "Firm"), reason=" ")


class TestKeysOfCommands:
    def test_a_key_is_not_used_up(self, world: World) -> None:
        tried(world, c.RenameTeam(COMPANY, "Firm"), command_id=KEY)
        assert not world.execute(c.RenameTeam(PRODUCT, "Goods"), command_id=KEY).repeated

    def test_a_used_one_with_the_same_content_says_the_first_receipt(self, world: World) -> None:
        command = c.RenameTeam(COMPANY, "Firm")
        first = world.execute(command, command_id=KEY)
        found = tried(world, command, command_id=KEY)
        assert found == DryRun(
            (), 0, (), waits_for_approval=False, earlier_receipt=replace(first, repeated=True)
        )

    def test_with_other_content_it_is_refused(self, world: World) -> None:
        world.execute(c.RenameTeam(COMPANY, "Firm"), command_id=KEY)
        with pytest.raises(r.CommandIdIsTaken):
            tried(world, c.RenameTeam(COMPANY, "Other"), command_id=KEY)

    def test_an_erasure_that_was_not_completed_is_not_completed(self, world: World) -> None:
        """As the same command again would do."""
        command = c.ErasePerson(BEN, "on request")
        entries = world.okr.directory.remove
        world.okr.directory.remove = lambda *_: None  # type: ignore[method-assign]
        world.execute(command, reason="asked", command_id=KEY)
        world.okr.directory.remove = entries  # type: ignore[method-assign]
        assert tried(world, command, reason="asked", command_id=KEY).earlier_receipt
        assert BEN in world.okr.directory.entries()


class TestWhatItLeavesAlone:
    def test_the_directory_and_the_keys(self, world: World) -> None:
        Signer(world.okr).sign()
        tried(world, c.RegisterPerson("Cleo", "cleo@example.org"), reason="hired")
        tried(world, c.ErasePerson(BEN, "on request"), reason="asked")
        retired, adopted = sorted(
            tried(world, c.RotateSigningKey(), reason="a year").would_record,
            key=lambda each: each.type == "signing_key.adopted",
        )
        assert (retired.fields, adopted.fields["public_key"]) == ({"replaced_by": None}, None)

    def test_a_log_without_a_first_event(self, database_url: str) -> None:
        """Neither the person nor the calendar that comes with the first command is recorded."""
        with closing(Okr(database_url, clock=Clock(TODAY), timezone="Europe/Stockholm")) as okr:
            before = everything(okr)
            found = dry_run(okr, c.RegisterPerson("Ann", id=ANN), Context(ANN, reason="first"))
            assert [each.type for each in found.would_record] == ["person.registered"]
            assert found.would_record[0].about.id is None
            assert everything(okr) == before
            assert okr.log.head() == 0
            executed_as_tried(okr, c.RegisterPerson("Ann", id=ANN), Context(ANN, reason="first"))

    def test_the_calendar_of_an_old_log_that_has_none(self, database_url: str) -> None:
        with closing(Okr(database_url, clock=Clock(TODAY))) as okr:
            World(okr, Clock(TODAY), ANN).record(fact(Person.Registered, ANN))
            okr.directory.add_person(ANN, "Ann", None)
            command = c.SetCalendar(working_days=(Weekday.MONDAY,))
            executed_as_tried(okr, command, Context(ANN, reason="part-time"))
            assert len(okr.log.select_events(CALENDAR_ID)) == 2

    def test_the_bytes_of_the_files(self, tmp_path: Path) -> None:
        begin_world(f"sqlite:///{tmp_path}/okr.db")
        world = opened(f"sqlite:///{tmp_path}/okr.db")
        with closing(world.okr):
            world.execute(c.RenameTeam(COMPANY, "Firm"))
            before = files(tmp_path)
            for command in (
                c.RegisterPerson("Cleo"),
                c.ErasePerson(BEN, "on request"),
                c.CloseCycle(Q3),
                c.RecordReading(RESPONSE, TODAY, Decimal(3)),
            ):
                dry_run(world.okr, command, Context(ANN, reason="to see"))
            assert files(tmp_path) == before

    def test_whatever_another_process_writes(self, world: World) -> None:
        """It waits for nobody, and nobody waits for it."""
        with world.okr.database.transaction() as connection:
            LOG.lock(connection)
            assert tried(world, c.RenameTeam(COMPANY, "Firm")).count == 1

    def test_those_who_listen_for_what_is_recorded(self, world: World) -> None:
        heard: list[Any] = []
        world.okr.on_commit.append(heard.append)
        tried(world, c.RenameTeam(COMPANY, "Firm"))
        assert heard == []


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of all files but what readers of one file share of each other."""
    there = (each for each in folder.iterdir() if not each.name.endswith("-shm"))
    return {each.name: each.read_bytes() for each in there}


def note(okr: Okr, *_: Any) -> None:
    okr.client_info.note(KEY, ANN, "127.0.0.1", "curl")
    okr.client_info.write()


def read(okr: Okr, *_: Any) -> None:
    okr.access_log.record(ANN, "people", {})


def make_a_key(okr: Okr, *_: Any) -> None:
    okr.signing_keys.new()


def register(okr: Okr, *_: Any) -> None:
    okr.directory.add_person(NEW, "Cleo", None)


def use_up_the_key(okr: Okr, *asked: Any) -> None:
    okr.execute(*asked)


@pytest.mark.parametrize("leave", [note, read, make_a_key, register, use_up_the_key])
def test_whatever_a_dry_run_leaves_is_found(
    leave: Callable[..., None], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted violations, of each place that it could leave something in."""

    def leaving(*asked: Any) -> DryRun:
        leave(*asked)
        return dry_run(*asked)

    monkeypatch.setattr(trying, "dry_run", leaving)
    with pytest.raises(AssertionError, match="left something"):
        executed_as_tried(world.okr, c.RenameTeam(COMPANY, "Firm"), Context(ANN))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda found: replace(found, would_record=(), count=0),
        lambda found: replace(found, count=found.count + 1),
        lambda found: replace(found, warnings=()),
        lambda found: replace(found, waits_for_approval=True),
        lambda found: replace(
            found, would_record=(replace(found.would_record[0], fields={"title": "else"}),)
        ),
    ],
)
def test_whatever_it_foretells_wrongly_is_found(
    wrong: Callable[[DryRun], DryRun], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "dry_run", lambda *asked: wrong(dry_run(*asked)))
    command = c.OpenCycle("long", date(2025, 1, 1), date(2026, 12, 31), NEW)
    with pytest.raises(AssertionError):
        executed_as_tried(world.okr, command, Context(ANN))


def test_what_changed_while_it_was_decided_is_decided_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(first: Callable[[], Any]) -> Callable[..., Any]:
        waiting = [first]

        def decided(command: Command, work: Any) -> Any:
            found = decide(command, work)
            while waiting:
                waiting.pop()()
            return found

        return decided

    rename = partial(world.execute, c.RenameTeam(COMPANY, "Firm"))
    monkeypatch.setattr(dry_runs, "decide", meanwhile(rename))
    assert dry_run(world.okr, c.RenameTeam(COMPANY, "Firm"), Context(ANN)).count == 0
    disband = partial(world.execute, c.DisbandTeam(PRODUCT))
    monkeypatch.setattr(dry_runs, "decide", meanwhile(disband))
    with pytest.raises(r.RuleBroken):
        dry_run(world.okr, c.FormTeam("Web", parent_id=PRODUCT), Context(ANN))
