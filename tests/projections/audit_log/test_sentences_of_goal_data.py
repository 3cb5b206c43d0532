"""What was put right of a goal, in sentences: words, owners, days, commitment and cadence."""

from __future__ import annotations

import pytest

from okr_es import commands as c
from okr_es.domain.values import Cadence, Commitment
from tests.support.story import BEN, Story, day

WHEN = " on 19 February 2025 at 12:00 UTC through the API, with the reason “so it was”."
WANN = " den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”so it was”."
OF_WIN, AV_WIN = "of the objective “win”", "i målet ”win”"


def last(story: Story, language: str = "en") -> str:
    """The sentence of what happened last."""
    return str(story.queries.audit_log(limit=1, language=language)["entries"][0]["sentence"])


def says(story: Story, command: c.Command, english: str, swedish: str) -> None:
    """What a command comes to is told so."""
    story.does(command)
    assert last(story) == f"Ann Example {english}{WHEN}"
    assert last(story, "sv") == f"Ann Example {swedish}{WANN}"


def test_what_happens_to_an_objective_is_shown(story: Story) -> None:
    win = story.objective()
    says(
        story,
        c.DescribeObjective(win, "in the north"),
        "described the objective “win” (description “in the north”)",
        "beskrev målet ”win” (beskrivning ”in the north”)",
    )
    says(
        story,
        c.DescribeObjective(win, None),
        "described the objective “win” (no description instead of “in the north”)",
        "beskrev målet ”win” (beskrivning borttaget, tidigare ”in the north”)",
    )
    says(
        story,
        c.RescheduleObjective(win, day(90)),
        "changed the day the objective “win” is due from the end of its cycle to 31 March 2025",
        "ändrade förfallodagen för målet ”win” från cykelns slut till den 31 mars 2025",
    )
    says(
        story,
        c.RescheduleObjective(win, None),
        "changed the day the objective “win” is due from 31 March 2025 to the end of its cycle",
        "ändrade förfallodagen för målet ”win” från den 31 mars 2025 till cykelns slut",
    )
    says(
        story,
        c.ReplaceObjectiveCommitment(win, Commitment.ASPIRATIONAL),
        "changed the commitment of the objective “win” from committed to aspirational",
        "ändrade åtagandegraden för målet ”win” från åtagande till ambition",
    )
    says(
        story,
        c.KeepConfidential(win),
        "made the objective “win” confidential",
        "gjorde målet ”win” konfidentiellt",
    )
    says(
        story,
        c.OpenToAll(win),
        "opened the words of the objective “win” to all",
        "öppnade ordalydelsen i målet ”win” för alla",
    )


def test_what_happens_to_a_key_result_is_shown(story: Story) -> None:
    leads = story.key_result(story.objective(), title="leeds", cadence=Cadence.WEEKLY)
    says(
        story,
        c.RetitleKeyResult(leads, "leads"),
        "retitled the key result “leeds” of the objective “win” to “leads”",
        "ändrade titeln på nyckelresultatet ”leeds” i målet ”win” till ”leads”",
    )
    says(
        story,
        c.DescribeKeyResult(leads, "who paid"),
        f"described the key result “leads” {OF_WIN} (description “who paid”)",
        f"beskrev nyckelresultatet ”leads” {AV_WIN} (beskrivning ”who paid”)",
    )
    says(
        story,
        c.ReassignKeyResult(leads, BEN),
        f"handed the key result “leads” {OF_WIN} from the owner of its objective to Ben Example",
        f"lämnade över nyckelresultatet ”leads” {AV_WIN} från målets ägare till Ben Example",
    )
    says(
        story,
        c.ReassignKeyResult(leads, None),
        f"handed the key result “leads” {OF_WIN} from Ben Example to the owner of its objective",
        f"lämnade över nyckelresultatet ”leads” {AV_WIN} från Ben Example till målets ägare",
    )
    says(
        story,
        c.ReplaceKeyResultCadence(leads, Cadence.DAILY),
        f"changed the cadence of the key result “leads” {OF_WIN} from weekly to daily",
        f"ändrade takten för nyckelresultatet ”leads” {AV_WIN} från veckovis till dagligen",
    )
    story.does(c.DropKeyResult(leads))
    says(
        story,
        c.ReinstateKeyResult(leads),
        f"took up the dropped key result “leads” {OF_WIN} again",
        "tog upp det strukna nyckelresultatet ”leads” i målet ”win” igen",
    )


@pytest.mark.parametrize("owner", [BEN, None])
def test_one_that_is_added_names_an_owner_of_its_own(story: Story, owner: object) -> None:
    story.key_result(story.objective(), title="leads", owner_id=owner)
    said = "added the key result “leads” to the objective “win” (0 to 100 leads)"
    assert said + (", with the owner Ben Example," if owner else "") + " on " in last(story)
