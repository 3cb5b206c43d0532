"""Whose text it is: records stay when their author is erased, what is about somebody goes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Controlled, Role
from okr_es.handlers.comments import comments
from okr_es.people.text_classes import PERSONAL, SUBJECTS, Subject, TextClass, text_class
from okr_es.people.texts import EncryptedText
from tests.house import source
from tests.house.catalogue import ROOT
from tests.support.begun import Begun
from tests.support.given import World
from tests.support.world import (
    ANN,
    BEN,
    CUSTOMERS,
    GROW,
    NEW,
    OTHER,
    PRODUCT,
    Q3,
    TODAY,
    begun_world,
    d,
)

CEM, CEMS = OTHER, "because of Cem"
WHY = {"by": ANN, "reason": "asked"}


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    for world in begun_world(begun):
        world.execute(c.RegisterPerson("Cem", id=CEM))
        yield world


def said(world: World) -> dict[str, dict[str, str]]:
    """What can be read of what was said, by the type of the last event of that type."""
    columns = ("type", "stream", "version", "encrypted", "command_id")
    rows = [row for row in world.okr.log.rows(0, 10_000, columns) if row[4] is not None]
    texts = world.okr.directory.texts.decrypt(
        EncryptedText(f"{stream}/{version}", bytes(encrypted), UUID(str(command)))
        for _, _, stream, version, encrypted, command in rows
    )
    return {row[1]: text for row, text in zip(rows, texts, strict=True)}


def test_every_event_says_whom_its_text_is_about() -> None:
    topics = {event.topic for each in source.aggregates(ROOT) for event in source.events(each)}
    assert set(SUBJECTS) == topics
    assert list(SUBJECTS) == sorted(SUBJECTS)


def test_the_classes_are_those_that_the_pages_say() -> None:
    """By hand: what goes with a person."""
    assert {topic for topic in SUBJECTS if text_class(topic) is TextClass.PERSON} == {
        "grant.ended", "grant.given", "grant.rescheduled", "objective.graded",
        "person.deactivated", "person.deputy_named", "person.deputy_withdrawn",
        "person.email_replaced", "person.hold_lifted", "person.hold_placed", "person.reactivated",
        "person.registered", "person.renamed",
    }  # fmt: skip
    assert {topic for topic, about in SUBJECTS.items() if about is Subject.REQUESTED} == {
        "approval.approved", "approval.refused", "approval.requested", "approval.withdrawn",
    }  # fmt: skip
    assert "person.erased" not in PERSONAL


def test_who_wrote_about_goals_is_erased_and_what_they_wrote_stays(world: World) -> None:
    world.execute(c.RetitleObjective(GROW, "Grow"), by=CEM, reason="clearer", comment="see there")
    world.execute(c.CheckIn(CUSTOMERS, TODAY, 5, d("1"), id=NEW), by=CEM, comment="slow")
    world.execute(c.ErasePerson(CEM, "GDPR 17"), **WHY)
    found = said(world)
    assert found["objective.retitled"] == {"reason": "clearer", "comment": "see there"}
    assert comments(world.okr.database, world.okr.directory, [NEW]) == {NEW: "slow"}
    assert found["person.erased"] == {"reason": "asked"}


HOLD = c.PlaceLegalHold(CEM, "T 1")
RELEASE = c.LiftLegalHold(CEM, "T 1")
ABOUT_CEM: dict[str, tuple[c.Command, ...]] = {
    "person.deactivated": (c.DeactivatePerson(CEM),),
    "person.hold_placed": (HOLD,),
    "person.hold_lifted": (HOLD, RELEASE),
    "person.renamed": (c.RenamePerson(CEM, "Cemre"),),
    "grant.given": (c.GrantRole(CEM, Role.LEAD, PRODUCT),),
    "objective.graded": (
        c.ReassignObjective(GROW, CEM),
        c.GradeObjective(GROW, d("0.5")),
    ),
}


@pytest.mark.parametrize("topic", ABOUT_CEM)
def test_what_others_wrote_about_them_goes_with_them(topic: str, world: World) -> None:
    for command in ABOUT_CEM[topic]:
        world.execute(command, by=ANN, reason=CEMS)
    assert said(world)[topic] == {"reason": CEMS}
    if topic == "person.hold_placed":
        world.execute(RELEASE, **WHY)
    world.execute(c.ErasePerson(CEM, "GDPR 17"), **WHY)
    assert said(world)[topic] == {}


def test_what_they_wrote_about_somebody_else_stays_for_that_one(world: World) -> None:
    world.execute(c.DeactivatePerson(BEN), by=CEM, reason="moved away")
    world.execute(c.ErasePerson(CEM, "GDPR 17"), **WHY)
    assert said(world)["person.deactivated"] == {"reason": "moved away"}
    world.execute(c.ErasePerson(BEN, "GDPR 17"), **WHY)
    assert said(world)["person.deactivated"] == {}


def test_what_is_said_of_a_request_to_grade_is_about_the_owner(world: World) -> None:
    world.execute(c.ReassignObjective(GROW, BEN))
    world.execute(c.RequireApproval(Q3, (Controlled.ADJUSTED_GRADES,)))
    receipt = world.execute(c.GradeObjective(GROW, d("0.5")), by=ANN, reason="He was ill.")
    assert receipt.approval_id is not None
    world.execute(c.ApproveRequest(receipt.approval_id), by=CEM, comment="He was.")
    topics = ("approval.requested", "approval.approved", "objective.graded")
    found = said(world)
    assert [found[topic] for topic in topics] == [
        {"reason": "He was ill."}, {"comment": "He was."}, {"reason": "He was ill."},
    ]  # fmt: skip
    world.execute(c.ErasePerson(BEN, "GDPR 17"), **WHY)
    found = said(world)
    assert [found[topic] for topic in topics] == [{}, {}, {}]


def test_what_is_written_about_someone_erased_before_is_kept_as_a_record(world: World) -> None:
    """Nobody is left whom it is about; what was decided still needs its reason."""
    world.execute(c.ReassignObjective(GROW, CEM))
    world.execute(c.ErasePerson(CEM, "GDPR 17"), **WHY)
    world.execute(c.GradeObjective(GROW, d("0.5")), by=ANN, reason="as agreed")
    assert said(world)["objective.graded"] == {"reason": "as agreed"}


def test_a_key_that_came_while_a_person_was_erased_is_removed_with_the_next_opening(
    world: World,
) -> None:
    texts, directory = world.okr.directory.texts, world.okr.directory
    world.execute(c.ErasePerson(CEM, "GDPR 17"), **WHY)
    assert texts.personal_keys({"x/1": CEM}) == {}
    directory.add_person(CEM, "Cem", None)
    assert texts.personal_keys({"x/1": CEM}).keys() == {"x/1"}
    assert directory.left_of([CEM]) == {CEM}
    directory.complete_erasures(world.okr.database)
    assert directory.left_of([CEM]) == set()


def test_of_two_who_write_with_one_event_both_get_the_same_key(world: World) -> None:
    texts = world.okr.directory.texts
    assert texts.personal_keys({"x/1": CEM}) == texts.personal_keys({"x/1": CEM})
    assert texts.personal_keys({"x/1": BEN}) != texts.personal_keys({"x/1": CEM})


def test_what_was_destroyed_is_gone_and_all_else_stays(world: World) -> None:
    world.execute(c.RenameTeam(PRODUCT, "P"), by=BEN, reason="first")
    world.execute(c.RetitleObjective(GROW, "Grow"), by=BEN, reason="second")
    world.execute(c.DeactivatePerson(CEM), by=BEN, reason="third")
    columns = ("command_id", "stream", "version", "type")
    of = {row[4]: row for row in world.okr.log.rows(0, 10_000, columns)}
    texts = world.okr.directory.texts
    for topic in ("team.renamed", "person.deactivated"):
        _, command, stream, version, _ = of[topic]
        for _ in range(2):
            texts.destroy([UUID(str(command))], [f"{stream}/{version}"])
    found = said(world)
    assert (found["team.renamed"], found["person.deactivated"]) == ({}, {})
    assert found["objective.retitled"] == {"reason": "second"}
    world.execute(c.RetitleObjective(GROW, "Grow more"), by=BEN, reason="fourth")
    assert said(world)["objective.retitled"] == {"reason": "fourth"}
