"""Redactions as they may once have been recorded: nothing more happens, and the text goes."""

from okr_es.commands import RedactText
from okr_es.domain.text import RedactedText, RedactionGround, redaction_id
from tests.okr_es.handlers.test_redactions import SAID, UNLAWFUL, WHY, telling
from tests.okr_es.people.test_texts import said
from tests.support.given import World, fact, given


def test_what_was_redacted_on_another_ground_is_destroyed_all_the_same(world: World) -> None:
    position = telling(world)
    old = fact(
        RedactedText.Redacted, redaction_id(SAID), text_of=SAID, at_position=0,
        legal_ground=RedactionGround.LEGAL_DUTY,
    )  # fmt: skip
    assert said(world)["team.renamed"] != {}
    given(world, old).when(RedactText(position, UNLAWFUL), **WHY).then_nothing()
    assert said(world)["team.renamed"] == {}
