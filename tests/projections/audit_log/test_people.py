"""People in the audit log: what was corrected, who stands in, who left and came back."""

from __future__ import annotations

from datetime import date

from okr_es import commands as c
from tests.projections.audit_log.test_sentences import last, says
from tests.support.story import ANN, BEN, Story, day


def test_of_a_name_and_an_address_only_that_they_were_corrected(story: Story) -> None:
    story.does(c.RenamePerson(BEN, "Benno Example"), reason=None)
    says(
        story,
        "Ann Example entered another name for Benno Example into the directory on 19 February 2025"
        " at 12:00 UTC through the API.",
        "Ann Example förde in ett annat namn för Benno Example i katalogen den 19 februari 2025 kl."
        " 12:00 UTC via API:et.",
    )
    story.does(c.ReplaceEmail(BEN, "benno@example.org"), reason=None)
    assert last(story).startswith(
        "Ann Example entered another e-mail address for Benno Example into the directory, or took"
        " it out, on"
    )
    assert "en annan e-postadress för Benno Example" in last(story, "sv")
    story.does(c.RenamePerson(ANN, "Ann Sample"), reason=None)
    assert last(story).startswith("Ann Sample entered another name for themself into the directory")


def test_who_stands_in_and_when(story: Story) -> None:
    story.does(c.NameDeputy(ANN, BEN, day(60), day(70)), reason=None)
    says(
        story,
        "Ann Example named Ben Example to stand in for themself from 1 March 2025 to 11 March 2025"
        " on 19 February 2025 at 12:00 UTC through the API.",
        "Ann Example utsåg Ben Example till ersättare för sig själv från den 1 mars 2025 till den"
        " 11 mars 2025 den 19 februari 2025 kl. 12:00 UTC via API:et.",
    )
    story.does(c.NameDeputy(ANN, None), reason=None)
    assert last(story).startswith("Ann Example withdrew Ben Example, who was to stand in for")
    assert "tog tillbaka Ben Example som ersättare för sig själv" in last(story, "sv")


def test_who_left_and_came_back(story: Story) -> None:
    story.does(c.DeactivatePerson(BEN, day(40)))
    says(
        story,
        "Ann Example deactivated Ben Example, gone from 9 February 2025 on, on 19 February 2025 at"
        " 12:00 UTC through the API, with the reason “so it was”.",
        "Ann Example avaktiverade Ben Example, borta från och med den 9 februari 2025, den 19"
        " februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”so it was”.",
    )
    story.does(c.ReactivatePerson(BEN, day(50)))
    assert "reactivated Ben Example, back from 19 February 2025 on, on" in last(story)
    assert "återaktiverade Ben Example, tillbaka från och med den 19 februari" in last(story, "sv")


def test_a_search_for_a_person_finds_what_was_decided_about_them(story: Story) -> None:
    def found() -> list[str]:
        entries = story.queries.audit_log(person_id=BEN)["entries"]
        return [each["type"] for each in entries if each["type"].startswith("person.")]

    story.does(c.NameDeputy(ANN, BEN, day(60), day(70)), reason=None)
    story.does(c.NameDeputy(ANN, None), reason=None)
    story.does(c.RenamePerson(BEN, "Benno"), reason=None)
    story.does(c.ReplaceEmail(BEN, "b@example.org"), reason=None)
    story.does(c.DeactivatePerson(BEN), reason=None)
    story.does(c.ReactivatePerson(BEN), reason=None)
    assert found() == [
        "person.reactivated", "person.deactivated", "person.email_replaced", "person.renamed",
        "person.deputy_withdrawn", "person.deputy_named", "person.registered",
    ]  # fmt: skip
    types = [each["type"] for each in story.queries.history(BEN)["entries"]]
    assert types[:4] == found()[:4]


def test_a_search_for_a_type_finds_it(story: Story) -> None:
    story.does(c.DeactivatePerson(BEN, date(2025, 2, 1)))
    (entry,) = story.queries.audit_log(type="person.deactivated")["entries"]
    assert [each["field"] for each in entry["changes"]] == ["effective", "active"]
