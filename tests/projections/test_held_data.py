"""All that is held about a person comes out, and of others nothing but what they wrote about them.

Each column of every area says what of a person it can hold, or that it holds nothing; a word of its
own in each that can comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from okr_es import commands as c
from okr_es.access.links import Links, Purpose
from okr_es.access.rights import Held
from okr_es.access.sessions import Sessions
from okr_es.areas import AREAS
from okr_es.context import Context
from okr_es.database.clock import instant
from okr_es.domain.api_key import KeyRole
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Role
from okr_es.evidence.signer import Signer
from okr_es.operations.retention import carry_out
from okr_es.people.identities import Identities, Identity
from projections import held_data
from projections.held_data_answers import SECTIONS
from projections.queries import Queries
from tests.support.given import World
from tests.support.world import ANN, BEN, GROW, MARKETING, OTHER, built, d
from web.api.exact_json import encode

# Column -> the section of what it holds of a person.
HELD = {
    "log.events.data": "event", "log.events.encrypted": "event", "log.events.by": "event",
    "log.events.on_behalf_of": "event", "log.events.origin": "event",
    "directory.people.entry": "directory",
    "directory.identities.encrypted": "account",
    "directory.client_info.encrypted": "client_info",
    "directory.client_info.command_id": "client_info",
    "access_log.accesses.about": "own_look", "access_log.accesses.by": "own_look",
    "access_log.accesses.what": "look", "access_log.accesses.recorded_at": "look",
    "access_log.access_about.id": "look",
    "sessions.sessions.id": "session", "sessions.sessions.how": "session",
    "sessions.sessions.began_at": "session", "sessions.sessions.seen_at": "session",
    "sessions.sessions.ends_at": "session",
    "sessions.links.ends_at": "link",
}  # fmt: skip
# Ids by which the rows above are found, keys and hashes that say nothing, copies of what the
# events say, and what is about no person.
NOTHING = {
    "access_log": {
        "access_about": "position", "access_counter": "id position recorded_at",
        "accesses": "position",
    },
    "directory": {
        "client_info": "person_id", "identities": "identity_hash person_id", "people": "id key",
        "personal_keys": "event_id person_id key", "record_keys": "place key",
        "shredding": "id due records_due removals", "signing_keys": "public_key private_key",
    },
    "jobs": {
        "leases": "job holder until", "runs": "id job holder began_at ended_at outcome detail",
    },
    "log": {
        "access_checkpoints": "size root note signed_at edge",
        "checkpoints": "size root note signed_at cause",
        "commands": "command_id fingerprint first_position last_position recorded_at receipt",
        "counter": "id position recorded_at seeding",
        "events": "position recorded_at stream version type schema_version command_id"
        " correlation_id causation_id written_at hash",
        "names": "kind name stream", "published_checkpoints": "sink size published_at",
        "streams": "stream type version parent living state", "tree": "level number hash",
    },
    "sessions": {
        "attempts": "state_hash secret_hash provider link_hash next ends_at",
        "key_uses": "key_id minute taken", "links": "secret_hash person_id",
        "sessions": "secret_hash person_id",
    },
}  # fmt: skip
WORDS = {
    name: f"{name}-{uuid4().hex[:8]}"
    for name in (
        "name", "email", "subject", "reason about", "reason by", "comment by", "grade", "hold",
        "client", "how", "key name", "purpose", "of another",
    )
}  # fmt: skip


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    world = built(database_url)
    yield world
    world.okr.close()


@pytest.fixture
def queries(world: World) -> Iterator[Queries]:
    queries = Queries(world.okr)
    yield queries
    queries.runner.close()


def lives(world: World) -> None:
    """Let there be something of a person in each column that can hold it."""
    okr, told = world.okr, WORDS
    person = c.RegisterPerson(told["name"], f"{told['email']}@example.org", OTHER)
    world.execute(person, by=ANN)
    account = Identity("https://login.example", told["subject"])
    assert Identities(okr.directory).connect(OTHER, account)
    command = uuid4()
    okr.execute(
        c.RenameTeam(MARKETING, "M"),
        Context(OTHER, told["reason by"], told["comment by"], command_id=command),
    )
    okr.client_info.note(command, OTHER, "192.0.2.7", told["client"])
    world.execute(c.DeactivatePerson(OTHER), by=BEN, reason=told["reason about"])
    world.execute(c.ReactivatePerson(OTHER), by=BEN)
    world.execute(c.PlaceLegalHold(OTHER, "T 1"), by=ANN, reason=told["hold"])
    grant = c.GrantRole(OTHER, Role.AUDITOR, purpose=told["purpose"])
    world.execute(grant, by=ANN, reason="so it is")
    world.execute(c.ReassignObjective(GROW, OTHER), by=ANN)
    world.execute(c.GradeObjective(GROW, d("0.5")), by=ANN, reason=told["grade"])
    world.execute(c.CreateApiKey(told["key name"], KeyRole.MEMBER), by=OTHER, reason="so it is")
    world.execute(c.DeactivatePerson(BEN), by=ANN, reason=told["of another"])
    url = okr.database.url.render_as_string(hide_password=False)
    with closing(Sessions(url, okr.clock)) as sessions:
        sessions.create()
        sessions.begin(OTHER, told["how"])
        Links(sessions).make(OTHER, Purpose.SIGN_IN)
    okr.access_log.record(BEN, "review", {"person_id": str(OTHER)})
    okr.access_log.record(OTHER, "review", {"cycle": "2025-Q3", "person_id": str(BEN)})


def lines(queries: Queries, person: UUID = OTHER) -> list[dict[str, Any]]:
    return [msgspec.json.decode(encode(each)) for each in queries.held_data(person)]


def test_each_column_says_what_it_holds_of_a_person() -> None:
    columns = {
        f"{area.name}.{table.name}.{column.name}"
        for area in AREAS.values()
        for table in area.metadata.sorted_tables
        for column in table.columns
    }
    nothing = {
        f"{area}.{table}.{column}"
        for area, tables in NOTHING.items()
        for table, names in tables.items()
        for column in names.split()
    }
    assert columns == HELD.keys() | nothing
    assert not HELD.keys() & nothing
    assert set(HELD.values()) <= SECTIONS.keys()


def test_all_of_it_comes_out_and_nothing_about_others(world: World, queries: Queries) -> None:
    lives(world)
    found = lines(queries)
    text = msgspec.json.encode(found).decode()
    assert [name for name, word in WORDS.items() if word not in text] == ["of another"]
    assert "192.0.2.7" in text
    assert {each["section"] for each in found} == SECTIONS.keys()
    heading = {"person": str(OTHER), "position": world.okr.log.head(), "looks_since": None}
    assert found[0]["item"] == heading
    for other in (ANN, BEN):
        assert str(other) not in text
        assert world.okr.directory.entries([other])[other].name not in text


def test_who_wrote_and_looked_is_not_named(world: World, queries: Queries) -> None:
    lives(world)
    found = lines(queries)
    events = {each["item"]["type"]: each["item"] for each in found if each["section"] == "event"}
    assert events["person.deactivated"]["by"].startswith("person ")
    assert events["person.deactivated"]["by"] != events["objective.graded"]["by"]
    assert events["objective.graded"]["sentence"].startswith(
        events["objective.graded"]["by"].title()[:1]
    )
    assert events["team.renamed"]["by"] == "you"
    assert events["team.renamed"]["client"] == WORDS["client"]
    (look,) = [each["item"] for each in found if each["section"] == "look"]
    assert (look["what"], look["showed"], "by" in look) == (
        "review", "the review of a cycle, per goal, person and team", False,
    )  # fmt: skip


def test_a_program_is_named_by_its_key_and_people_looked_at_are_numbered(
    world: World, queries: Queries
) -> None:
    lives(world)
    made = world.execute(c.CreateApiKey("Sync", KeyRole.MEMBER), by=ANN, reason="so it is")
    assert made.id is not None
    named = Context(made.id, key_roles=(Held("administrator"),))
    world.okr.execute(c.RenamePerson(OTHER, WORDS["name"] + " again"), named)
    found = lines(queries)
    renamed = next(each["item"] for each in found if each["item"].get("type") == "person.renamed")
    assert renamed["by"] == "the api key Sync"
    assert renamed["sentence"].startswith("The api key Sync entered another name for you")
    (look,) = [each["item"] for each in found if each["section"] == "own_look"]
    assert look["about"]["person_id"].startswith("person ")
    (role,) = [each["item"] for each in found if each["section"] == "role"]
    assert role["team"] is None


def test_it_says_since_when_looks_are_held_where_older_ones_are_gone(
    world: World, queries: Queries
) -> None:
    lives(world)
    assert lines(queries)[0]["item"]["looks_since"] is None
    signer = Signer(world.okr, origin="okr-es.example")
    signer.sign()
    world.execute(c.LiftLegalHold(OTHER, "T 1"), by=ANN, reason="settled")
    world.execute(c.SetRetention(access_log_years=1), by=ANN, reason="So says our list.")
    world.clock.now += timedelta(days=366)
    world.okr.access_log.record(BEN, "review", {"person_id": str(OTHER)})
    carry_out(world.okr)
    found = lines(queries)
    assert found[0]["item"]["looks_since"] == instant(world.clock.now)
    assert len([each for each in found if each["section"] in {"look", "own_look"}]) == 1


def test_of_somebody_erased_nothing_is_held(world: World, queries: Queries) -> None:
    world.execute(c.ErasePerson(BEN, "GDPR 17"), reason="asked")
    for nobody in (BEN, OTHER):
        with pytest.raises(NotFound):
            queries.held_data(nobody)


def test_it_is_read_some_at_a_time(
    world: World, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives(world)
    for _ in range(7):
        world.okr.access_log.record(BEN, "review", {"person_id": str(OTHER)})
    all_at_once = lines(queries)
    monkeypatch.setattr(held_data, "AT_ONCE", 2)
    assert lines(queries) == all_at_once
    assert date.fromisoformat(all_at_once[-1]["item"]["ends"]) > date(2025, 7, 15)
