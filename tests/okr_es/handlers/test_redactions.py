"""One text is destroyed alone: nothing else changes, and whom a legal hold keeps is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.commands import RedactText
from okr_es.domain.refusals import NotFound, PersonIsHeld, ReasonIsMissing
from okr_es.domain.text import RedactedText, RedactionGround, redaction_id
from okr_es.domain.values import Controlled
from okr_es.log import redactions
from okr_es.operations.verify_beside import verify_beside
from okr_es.people.shredding import NotShredded
from tests.okr_es.people.test_erasure import bytes_of
from tests.okr_es.people.test_texts import said
from tests.support.begun import Begun
from tests.support.given import World, fact, given
from tests.support.world import ANN, BEN, GROW, OTHER, PRODUCT, Q3, RESPONSE, TODAY, begun_world, d

SAID, OTHERS = UUID(int=0x5A1D), UUID(int=0x5A1E)
RENAMED = c.RenameTeam(PRODUCT, "P")
UNLAWFUL = RedactionGround.UNLAWFUL
WHY = {"by": ANN, "reason": "It names somebody."}


def telling(world: World, command: c.Command = RENAMED, **context: Any) -> int:
    """The position of an event with a text."""
    told = {"by": BEN, "reason": "Cem was ill", "command_id": SAID} | context
    position = world.execute(command, **told).last_position
    assert position is not None
    return position


def redacted(position: int, text_of: UUID = SAID) -> RedactedText.Redacted:
    found = fact(
        RedactedText.Redacted, redaction_id(text_of), text_of=text_of, at_position=position,
        legal_ground=UNLAWFUL,
    )  # fmt: skip
    assert isinstance(found, RedactedText.Redacted)
    return found


@pytest.fixture
def both(begun: Begun) -> Iterator[World]:
    """The world on each engine."""
    yield from begun_world(begun)


class TestRedactText:
    def test_it_is_recorded(self, world: World) -> None:
        position = telling(world)
        given(world).when(RedactText(position, UNLAWFUL), **WHY).then(redacted(position))

    def test_what_was_written_is_gone_and_all_else_stays(self, both: World) -> None:
        position = telling(both, comment="see there")
        both.execute(c.RetitleObjective(GROW, "Grow"), by=BEN, reason="clearer")
        both.execute(RedactText(position, UNLAWFUL), **WHY)
        assert said(both) == {
            "team.renamed": {}, "objective.retitled": {"reason": "clearer"},
            "text.redacted": {"reason": "It names somebody."},
        }  # fmt: skip
        assert verify_beside(both.okr.database.url.render_as_string(hide_password=False)) == []

    def test_its_key_is_gone_to_the_last_byte(self, both: World) -> None:
        texts = both.okr.directory.texts
        (root,) = texts.nodes(["/"]).values()
        position = telling(both)
        assert root in bytes_of(both.okr.directory)
        both.execute(RedactText(position, UNLAWFUL), **WHY)
        assert root not in bytes_of(both.okr.directory)

    def test_with_each_event_of_its_command(self, world: World) -> None:
        many = tuple(
            c.RecordReading(RESPONSE, TODAY, d(number), subject=number) for number in "123"
        )
        last = telling(world, c.RecordReadings(many))
        world.execute(RedactText(last - 1, UNLAWFUL), **WHY)
        assert said(world)["reading.recorded"] == {}

    def test_a_text_about_somebody(self, world: World) -> None:
        world.execute(c.RegisterPerson("Cem", id=OTHER))
        position = telling(world, c.DeactivatePerson(OTHER))
        world.execute(RedactText(position, UNLAWFUL), **WHY)
        assert said(world)["person.deactivated"] == {}
        assert world.okr.directory.texts.subjects_of([f"{OTHER}/2"]) == set()

    def test_the_words_of_a_request_go_with_what_came_of_it(self, world: World) -> None:
        given(world, c.CommitPlan(Q3), c.RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)))
        world.execute(c.RegisterPerson("Cem", id=OTHER))
        asked = world.execute(c.RetitleObjective(GROW, "x"), by=BEN, reason="Cem", command_id=SAID)
        assert asked.approval_id is not None
        approved = world.execute(
            c.ApproveRequest(asked.approval_id), by=OTHER, command_id=OTHERS
        ).last_position
        assert approved is not None
        world.execute(RedactText(approved, UNLAWFUL), **WHY)
        found = said(world)
        assert (found["approval.requested"], found["objective.retitled"]) == ({}, {})

    def test_again_nothing_happens(self, world: World) -> None:
        position = telling(world)
        world.execute(RedactText(position, UNLAWFUL), **WHY)
        given(world).when(RedactText(position, UNLAWFUL), **WHY).then_nothing()

    @pytest.mark.parametrize("position", [1, 10_000, 0])
    def test_not_where_nothing_was_written(self, position: int, world: World) -> None:
        given(world).when(RedactText(position, UNLAWFUL), **WHY).then_refused(
            NotFound, field="position"
        )

    def test_not_without_a_reason(self, world: World) -> None:
        position = telling(world)
        given(world).when(RedactText(position, UNLAWFUL), by=ANN).then_refused(
            ReasonIsMissing, field="reason"
        )

    @pytest.mark.parametrize("held", [BEN, OTHER], ids=["author", "subject"])
    def test_not_while_a_legal_hold_keeps_author_or_subject(self, held: UUID, world: World) -> None:
        world.execute(c.RegisterPerson("Cem", id=OTHER))
        given(world, c.ReassignObjective(GROW, OTHER))
        position = telling(world, c.GradeObjective(GROW, d("0.5")))
        world.execute(c.PlaceLegalHold(held, "T 1"), **WHY)
        given(world).when(RedactText(position, UNLAWFUL), **WHY).then_refused(
            PersonIsHeld, field="position"
        )
        world.execute(c.LiftLegalHold(held, "T 1"), **WHY)
        assert world.execute(RedactText(position, UNLAWFUL), **WHY).last_position is not None

    def test_what_a_process_did_not_come_to_is_done_by_the_next(
        self, both: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        position = telling(both)

        def away(*_: object) -> None:
            raise OperationalError("DELETE", {}, Exception("away"))

        with monkeypatch.context() as patch:
            patch.setattr(both.okr.directory.texts, "destroy", away)
            with pytest.raises(NotShredded):
                both.execute(RedactText(position, UNLAWFUL), **WHY)
        assert said(both)["team.renamed"] == {"reason": "Cem was ill"}
        url = both.okr.database.url.render_as_string(hide_password=False)
        Okr(url).close()
        assert said(both)["team.renamed"] == {}
        assert redactions.redacted_commands(both.okr.database) == {SAID}
