"""The audit log in sentences: who did what to which goal, why, for whom, when, and from where."""

from __future__ import annotations

from decimal import Decimal

from okr_es import commands as c
from okr_es.access.rights import Held
from okr_es.access.secrets import Secret, hash_of
from okr_es.changes import GraceChanges
from okr_es.domain.api_key import KeyRole
from okr_es.domain.calendar import Holiday
from okr_es.domain.evidence import Evidence
from okr_es.domain.kpi import Target
from okr_es.domain.text import RedactionGround
from okr_es.domain.values import Cadence, PeopleFigures, Point, Role, TeamKind, Weekday, Zone
from tests.support.story import ANN, BEN, NEXT, SALES, ZONES, Story, day, metric, steps, wanted

DOCUMENT = Evidence("https://example.org/7", "07" * 32)
NBSP, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def last(story: Story, language: str = "en") -> str:
    """The sentence of what happened last."""
    return str(story.queries.audit_log(limit=1, language=language)["entries"][0]["sentence"])


def says(story: Story, english: str, swedish: str) -> None:
    """What happened last is told so; when and from where is the same for all of a story."""
    assert last(story) == english
    assert last(story, "sv") == swedish


def test_a_retarget_says_from_what_to_what_and_why(story: Story) -> None:
    leads = story.key_result(story.objective("win"), metric("0", "1000"), title="new leads")
    story.does(c.RetargetKeyResult(leads, metric("0", "1250.50")), reason="The market grew.")
    says(
        story,
        "Ann Example changed the target of the key result “new leads” of the objective “win” from"
        " 1,000 to 1,250.50 leads on 19 February 2025 at 12:00 UTC through the API, with the"
        " reason “The market grew.”",
        "Ann Example ändrade målvärdet för nyckelresultatet ”new leads” i målet ”win” från"
        f" 1{NBSP}000 till 1{NBSP}250,50 leads den 19 februari 2025 kl. 12:00 UTC via API:et, med"
        " motiveringen ”The market grew.”",
    )


def test_a_retarget_of_more_than_the_target_lists_all_of_it(story: Story) -> None:
    leads = story.key_result(story.objective("win"), title="new leads")
    points = (Point(day(40), Decimal("0.25")),)
    story.does(c.RetargetKeyResult(leads, metric("-5", "50", "deals"), points))
    says(
        story,
        "Ann Example changed what the key result “new leads” of the objective “win” promises"
        " (baseline from 0 to -5, target from 100 to 50, unit from “leads” to “deals”, trajectory"
        " 0.25 on 9 February 2025) on 19 February 2025 at 12:00 UTC through the API, with the"
        " reason “so it was”.",
        "Ann Example ändrade vad nyckelresultatet ”new leads” i målet ”win” lovar (utgångsvärde"
        f" från 0 till {MINUS}5, målvärde från 100 till 50, enhet från ”leads” till ”deals”, bana"
        " 0,25 den 9 februari 2025) den 19 februari 2025 kl. 12:00 UTC via API:et, med"
        " motiveringen ”so it was”.",
    )


def test_a_realignment_says_what_it_was_aligned_to_before(story: Story) -> None:
    goal, old, new = story.objective("win"), story.objective("lead"), story.objective("last")
    known = story.key_result(new, ZONES, title="known by all")
    story.aligns(goal, aligned_to_objective_id=old)
    story.aligns(goal, "0.5", aligned_to_key_result_id=known)
    says(
        story,
        "Ann Example re-aligned the objective “win” from the objective “lead” to the key result"
        " “known by all” and its weight from 1 to 0.5 on 19 February 2025 at 12:00 UTC through the"
        " API, with the reason “so it was”.",
        "Ann Example riktade om målet ”win” från målet ”lead” till nyckelresultatet"
        " ”known by all” och dess vikt från 1 till 0,5 den 19 februari 2025 kl. 12:00 UTC via"
        " API:et, med motiveringen ”so it was”.",
    )
    story.aligns(goal, "3", aligned_to_key_result_id=known)
    assert last(story).startswith(
        "Ann Example changed the weight with which the objective “win” is aligned to the key result"
        " “known by all” from 0.5 to 3 on "
    )
    story.aligns(goal, "3")
    assert "from the key result “known by all” to nothing" in last(story)


def test_a_check_in_says_its_day_value_confidence_and_comment(story: Story) -> None:
    leads = story.key_result(story.objective("win"), title="new leads")
    story.does(c.CheckIn(leads, day(48), 7, Decimal("30.0")), reason=None, comment="On the way")
    says(
        story,
        "Ann Example checked in on the key result “new leads” of the objective “win” as of 17"
        " February 2025 with 30.0 leads and confidence 7 of 10 on 19 February 2025 at 12:00 UTC"
        " through the API, commenting “On the way”.",
        "Ann Example stämde av nyckelresultatet ”new leads” i målet ”win” per den 17 februari 2025"
        " med 30,0 leads och tilltron 7 av 10 den 19 februari 2025 kl. 12:00 UTC via API:et, med"
        " kommentaren ”On the way”.",
    )


def test_a_check_in_is_shown_in_the_terms_of_its_key_result(story: Story) -> None:
    goal, kpi = story.objective("win"), story.kpi()
    story.checks_in(story.key_result(goal, steps("built", "tried")), "1")
    assert "with 1 of 2 steps and confidence 7 of 10" in last(story)
    story.checks_in(story.key_result(goal, ZONES), Zone.STRETCH)
    assert "with the zone stretch and confidence 7 of 10" in last(story)
    assert "med zonen sträckmål och tilltron 7 av 10" in last(story, "sv")
    story.checks_in(story.key_result(goal, kpi_id=kpi))
    assert "as of 19 February 2025 with confidence 7 of 10" in last(story)


def test_a_correction_says_what_was_said_before(story: Story) -> None:
    leads = story.key_result(story.objective("win"), title="new leads")
    reading = story.checks_in(leads, "30", day(48))
    story.does(c.CorrectReading(reading, Decimal(13)), reason="Two digits swapped!")
    says(
        story,
        "Ann Example corrected the reading for the key result “new leads” of the objective “win” as"
        " of 17 February 2025 from 30 leads to 13 leads on 19 February 2025 at 12:00 UTC through"
        " the API, with the reason “Two digits swapped!”",
        "Ann Example rättade avläsningen av nyckelresultatet ”new leads” i målet ”win” per den 17"
        " februari 2025 från 30 leads till 13 leads den 19 februari 2025 kl. 12:00 UTC via"
        " API:et, med motiveringen ”Two digits swapped!”",
    )
    story.does(c.RetractReading(reading))
    assert "took back the reading of 13 leads for the key result “new leads”" in last(story)


def test_a_correction_of_the_steps_done_alone_has_no_other_value(story: Story) -> None:
    launched = story.key_result(story.objective("win"), steps(), title="launched")
    reading = story.checks_in(launched, "1", day(48))
    story.does(c.RetargetKeyResult(launched, steps("a")))
    story.does(c.CorrectReading(reading, done_steps=("a",)))
    says(
        story,
        "Ann Example corrected the reading for the key result “launched” of the objective “win” as"
        " of 17 February 2025 on 19 February 2025 at 12:00 UTC through the API, with the reason"
        " “so it was”.",
        "Ann Example rättade avläsningen av nyckelresultatet ”launched” i målet ”win” per den 17"
        " februari 2025 den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”so it"
        " was”.",
    )


def test_corrections_of_what_is_said_beside_a_value_are_shown(story: Story) -> None:
    leads = story.key_result(story.objective("win"), title="new leads")
    reading = story.checks_in(leads, "30", day(48))
    end = " on 19 February 2025 at 12:00 UTC through the API, with the reason “so it was”."
    slut = " den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”so it was”."
    what = "the key result “new leads” of the objective “win” as of 17 February 2025"
    vad = "nyckelresultatet ”new leads” i målet ”win” per den 17 februari 2025"
    story.does(c.CorrectReading(reading, confidence=3))
    says(
        story,
        f"Ann Example corrected the check-in on {what} (confidence from 7 to 3){end}",
        f"Ann Example rättade avstämningen av {vad} (tilltro från 7 till 3){slut}",
    )
    story.does(c.CorrectReading(reading, confidence=None))
    assert "(no confidence instead of 3)" in last(story)
    story.does(c.CorrectReading(reading, evidence=DOCUMENT))
    says(
        story,
        f"Ann Example corrected the reading for {what} (document https://example.org/7){end}",
        f"Ann Example rättade avläsningen av {vad} (dokument https://example.org/7){slut}",
    )
    story.does(c.CorrectReading(reading, comment="late"))
    commenting, kommentar = ", commenting “late”.", ", med kommentaren ”late”."
    says(
        story,
        f"Ann Example corrected the comment of the reading for {what}{end[:-1]}{commenting}",
        f"Ann Example rättade kommentaren till avläsningen av {vad}{slut[:-1]}{kommentar}",
    )


def test_the_document_of_a_check_in_and_of_a_grade_is_shown(story: Story) -> None:
    goal = story.objective("win")
    leads = story.key_result(goal, title="new leads")
    story.checks_in(leads, "30", day(48), evidence=DOCUMENT)
    assert "with 30 leads and confidence 7 of 10, by the document https://example.org/7, on" in (
        last(story)
    )
    story.does(c.GradeObjective(goal, evidence=DOCUMENT))
    assert "graded the objective “win”, by the document https://example.org/7, on" in last(story)
    story.does(c.ReopenObjective(goal))
    assert "reopened the graded objective “win” on" in last(story)
    story.does(c.GradeObjective(goal, Decimal("0.5"), DOCUMENT))
    assert "an adjusted grade of 0.5, by the document https://example.org/7, on" in last(story)


def test_a_reading_and_its_kpi_are_shown(story: Story) -> None:
    kpi = story.kpi("within", wanted(minimum="10", maximum="20"), unit="%")
    assert "to between 10 and 20 % for 1 January 2025 to 10 April 2025, on" in last(story)
    story.reads(kpi, "12345.60", day(49))
    says(
        story,
        "Ann Example recorded 12,345.60 % for the KPI “within” as of 18 February 2025, on 19"
        " February 2025 at 12:00 UTC through the API, with the reason “so it was”.",
        f"Ann Example registrerade 12{NBSP}345,60 % för nyckeltalet ”within” per den 18 februari"
        " 2025, den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”so it was”.",
    )
    story.does(c.RetargetKpi(kpi, wanted(minimum="10", maximum="25")))
    assert "changed the target of the KPI “within” from at most 20 to at most 25 %" in last(story)
    story.does(c.ReplaceKpiCadence(kpi, Cadence.HALF_YEARLY))
    assert "changed the cadence of the KPI “within” from daily to half-yearly" in last(story)


def test_an_adjusted_grade_is_distinguished_from_a_computed_one(story: Story) -> None:
    goal = story.objective("win")
    story.does(c.GradeObjective(goal, Decimal("0.8")), reason="It counted twice.")
    says(
        story,
        "Ann Example graded the objective “win” with an adjusted grade of 0.8 on 19 February 2025"
        " at 12:00 UTC through the API, with the reason “It counted twice.”",
        "Ann Example betygsatte målet ”win” med det justerade betyget 0,8 den 19 februari 2025 kl."
        " 12:00 UTC via API:et, med motiveringen ”It counted twice.”",
    )
    story.does(c.ReopenObjective(goal))
    assert "reopened the graded objective “win” and took back its adjusted grade of 0.8" in (
        last(story)
    )
    story.does(c.GradeObjective(goal), reason=None)
    assert "graded the objective “win” as computed" in last(story)


def test_an_objective_carried_over_says_both_ends(story: Story) -> None:
    goal = story.objective("win")
    story.does(c.CarryOverObjective(goal, NEXT), reason=None)
    new, old = story.queries.audit_log(limit=2)["entries"]
    assert old["sentence"] == (
        "Ann Example carried the objective “win” over into the cycle next on 19 February 2025 at"
        " 12:00 UTC through the API."
    )
    assert new["sentence"] == (
        "Ann Example drafted the objective “win” (cycle next, team “Company”, owner Ann Example),"
        " carrying on “win”, on 19 February 2025 at 12:00 UTC through the API."
    )
    old_swedish = story.queries.audit_log(limit=2, language="sv")["entries"][1]["sentence"]
    assert old_swedish == (
        "Ann Example förde över målet ”win” till cykeln next den 19 februari 2025 kl. 12:00 UTC"
        " via API:et."
    )


def test_an_abandonment_and_its_end_are_shown(story: Story) -> None:
    goal = story.objective("win")
    story.does(c.AbandonObjective(goal))
    assert "abandoned the objective “win”" in last(story)
    story.does(c.ReopenObjective(goal))
    assert "took up the abandoned objective “win” again" in last(story)


def test_where_a_command_came_from_is_shown(story: Story) -> None:
    kpi = story.kpi()
    reading = c.RecordReading(kpi, day(50), Decimal(5))
    story.does(reading, origin="import", reason=None)
    assert last(story).endswith("on 19 February 2025 at 12:00 UTC by an import.")
    assert last(story, "sv").endswith("den 19 februari 2025 kl. 12:00 UTC genom en import.")
    story.does(reading, origin="page", reason=None)
    assert last(story).endswith("UTC on a page.")


def test_on_whose_behalf_and_from_which_address_is_shown(story: Story) -> None:
    goal = story.objective("win")
    receipt = story.execute(c.ReassignObjective(goal, BEN, SALES), on_behalf_of=BEN, reason="why?")
    story.okr.client_info.note(receipt.command_id, ANN, "192.0.2.7", "curl/8")
    says(
        story,
        "Ann Example, on behalf of Ben Example, handed the objective “win” from Ann Example to Ben"
        " Example from the team “Company” to the team “Sales” on 19 February 2025 at 12:00 UTC"
        " through the API from 192.0.2.7, with the reason “why?”",
        "Ann Example, på uppdrag av Ben Example, lämnade över målet ”win” från Ann Example till Ben"
        " Example från teamet ”Company” till teamet ”Sales” den 19 februari 2025 kl. 12:00 UTC via"
        " API:et från 192.0.2.7, med motiveringen ”why?”",
    )
    entry = story.queries.audit_log(limit=1)["entries"][0]
    assert (entry["address"], entry["client"]) == ("192.0.2.7", "curl/8")
    assert (entry["by"]["name"], entry["on_behalf_of"]["name"]) == ("Ann Example", "Ben Example")


def test_who_was_erased_is_a_former_colleague_everywhere(story: Story) -> None:
    goal = story.objective("win", owner_id=BEN)
    story.does(c.RetitleObjective(goal, "win more"), by=BEN, on_behalf_of=ANN, reason="private")
    story.does(c.ErasePerson(BEN, "on request"))
    says(
        story,
        "Ann Example erased a former colleague from the directory on the legal ground “on request”"
        " on 19 February 2025 at 12:00 UTC through the API, with the reason “so it was”.",
        "Ann Example raderade en tidigare kollega ur katalogen på den rättsliga grunden ”on"
        " request” den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”so it was”.",
    )
    english, swedish = (
        story.queries.audit_log(goal_id=goal, language=code)["entries"] for code in ("en", "sv")
    )
    assert english[0]["sentence"] == (
        "A former colleague, on behalf of Ann Example, retitled the objective “win” to “win more”"
        " on 19 February 2025 at 12:00 UTC through the API, with the reason “private”."
    )
    assert "(cycle now, team “Company”, owner a former colleague)" in english[2]["sentence"]
    assert swedish[0]["sentence"].startswith("En tidigare kollega, på uppdrag av Ann Example,")
    assert english[0]["by"]["name"] == "former colleague"
    assert swedish[0]["by"]["name"] == "tidigare kollega"
    owner = next(each for each in swedish[2]["changes"] if each["field"] == "owner_id")
    assert (owner["label"], owner["after_text"]) == ("ägare", "en tidigare kollega")


def test_who_entered_themself_is_not_named_twice(untold: Story) -> None:
    untold.does(c.RegisterPerson("Ann Example", id=ANN), reason=None)
    assert last(untold).startswith("Ann Example entered themself into the directory on ")
    assert "förde in sig själv i katalogen" in last(untold, "sv")


def test_teams_cycles_and_policies_are_shown(story: Story) -> None:
    story.does(c.MoveTeam(SALES, None))
    assert "moved the team “Sales” from below “Company” to the top" in last(story)
    assert "flyttade teamet ”Sales” från ”Company” till toppen" in last(story, "sv")
    story.does(c.RenameTeam(SALES, "Growth"))
    assert "renamed the team “Sales” to “Growth”" in last(story)
    story.does(c.AdoptScoringPolicy(at_risk=Decimal("0.6")))
    assert "adopted a scoring policy (on-track threshold 0.9, at-risk threshold 0.6," in last(story)
    story.does(c.AdoptScoringPolicy(at_risk=Decimal("0.65")))
    assert "revised the scoring policy (at-risk threshold from 0.6 to 0.65)" in last(story)


def test_a_calendar_is_set_in_words(story: Story) -> None:
    first = story.queries.audit_log("oldest")["entries"][0]
    assert first["sentence"] == (
        "Okr-es itself recorded the first calendar, in the time zone UTC, for all earlier days too,"
        " on 1 January 2025 at 12:00 UTC by a job."
    )
    eve = Holiday(day(60), "Eve")
    story.does(c.SetCalendar(day(55), first_month=5, add_holidays=(eve,)))
    assert last(story).startswith(
        "Ann Example set the calendar from 24 February 2025 on (holidays from nothing to"
        " Eve (1 March 2025), first month of the year from January to May) on 19 February 2025"
    )
    story.does(c.SetCalendar(day(56), holidays_of="SE", preset_to=2025))
    assert "from Eve (1 March 2025) to 17 days from 1 January 2025 to 31 December 2025" in last(
        story
    )
    story.does(c.SetCalendar(day(57), working_days=(Weekday.MONDAY,), grace=GraceChanges(weekly=1)))
    assert "arbetsdagar från måndag, tisdag, onsdag, torsdag, fredag till måndag" in last(
        story, "sv"
    )
    assert "1 (veckovis), 5 (månadsvis)" not in last(story)
    assert "1 (weekly)" in last(story)


def test_the_time_is_the_organisations(story: Story) -> None:
    story.objective("win")
    story.does(c.SetCalendar(zone="Europe/Stockholm"))
    story.clock.now = story.clock.now.replace(hour=23, minute=30)
    story.objective("win")
    assert "on 20 February 2025 at 00:30 CET through" in last(story)
    assert "den 20 februari 2025 kl. 00:30 CET via" in last(story, "sv")


def test_words_are_those_that_stood_then(story: Story) -> None:
    goal, other = story.objective("win"), story.objective("other")
    leads = story.key_result(goal, title="new leads")
    story.does(c.RetitleObjective(goal, "win more"))
    story.does(c.MoveKeyResult(leads, other))
    added = story.queries.audit_log(type="key_result.added")["entries"][0]
    assert "the key result “new leads” to the objective “win” (0 to 100 leads)" in added["sentence"]
    assert added["goal"] == {
        "kind": "key_result", "id": str(leads), "title": "new leads",
        "objective": {"id": str(goal), "title": "win"},
    }  # fmt: skip
    assert "from the objective “win more” to the objective “other”" in last(story)


def test_what_looks_like_a_template_is_shown_as_it_is(story: Story) -> None:
    goal = story.objective("win {who} [more]")
    story.does(c.RetitleObjective(goal, "{deed} [x]"), reason="{reason} [because]")
    assert "“win {who} [more]” to “{deed} [x]”" in last(story)
    assert last(story).endswith("with the reason “{reason} [because]”.")


def test_a_kpis_target_is_shown_before_and_after(story: Story) -> None:
    kpi = story.kpi()
    story.does(c.RetargetKpi(kpi, Target(day(1), day(100), Decimal("1000"))))
    entry = story.queries.audit_log(limit=1)["entries"][0]
    assert entry["changes"] == [{
        "field": "target", "before": "80", "after": "1000", "label": "target",
        "before_text": "80", "after_text": "1,000",
    }]  # fmt: skip


def test_a_hand_over_that_holds_from_an_earlier_day_says_so(story: Story) -> None:
    goal = story.objective("win")
    story.does(c.ReassignObjective(goal, BEN, SALES, effective=day(46)), reason=None)
    says(
        story,
        "Ann Example handed the objective “win” from Ann Example to Ben Example from the team"
        " “Company” to the team “Sales”, effective from 15 February 2025, on 19 February 2025 at"
        " 12:00 UTC through the API.",
        "Ann Example lämnade över målet ”win” från Ann Example till Ben Example från teamet"
        " ”Company” till teamet ”Sales”, med verkan från den 15 februari 2025, den 19 februari 2025"
        " kl. 12:00 UTC via API:et.",
    )
    story.does(c.ReassignObjective(goal, effective=day(40)), reason=None)
    says(
        story,
        "Ann Example changed the day from which the hand-over of the objective “win” is effective"
        " to 9 February 2025 on 19 February 2025 at 12:00 UTC through the API.",
        "Ann Example ändrade dagen från vilken överlämningen av målet ”win” gäller till den 9"
        " februari 2025 den 19 februari 2025 kl. 12:00 UTC via API:et.",
    )
    story.does(c.ReassignObjective(goal, ANN), reason=None)
    assert "effective" not in last(story)


def test_a_move_that_holds_from_an_earlier_day_says_so(story: Story) -> None:
    team = story.does(c.FormTeam("Web"))
    story.does(c.MoveTeam(team, SALES, day(46)), reason=None)
    says(
        story,
        "Ann Example moved the team “Web” from the top to below “Sales”, effective from 15 February"
        " 2025, on 19 February 2025 at 12:00 UTC through the API.",
        "Ann Example flyttade teamet ”Web” från toppen till ”Sales”, med verkan från den 15"
        " februari 2025, den 19 februari 2025 kl. 12:00 UTC via API:et.",
    )
    story.does(c.MoveTeam(team, SALES, day(40)), reason=None)
    assert last(story).startswith(
        "Ann Example changed the day from which the move of the team “Web” is effective to 9 "
    )


def test_who_sees_figures_per_person_is_shown_in_words(story: Story) -> None:
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO), reason="Agreed.")
    says(
        story,
        "Ann Example chose which figures per person exist: for people themselves, their leads and"
        " HR on 19 February 2025 at 12:00 UTC through the API, with the reason “Agreed.”",
        "Ann Example bestämde vilka personuppgifter som visas: för personen själv, dess ledare och"
        " HR den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”Agreed.”",
    )
    story.does(c.ChoosePeopleFigures(PeopleFigures.OFF), reason="Ended.")
    assert "changed which figures per person exist from for people themselves" in last(story)


def test_a_team_is_put_right_in_words(story: Story) -> None:
    story.does(c.ReplaceTeamKind(SALES, TeamKind.DEPARTMENT))
    assert "changed the kind of the team “Sales” from team to department on" in last(story)
    assert "ändrade slaget av teamet ”Sales” från team till avdelning den" in last(story, "sv")
    story.does(c.DisbandTeam(SALES))
    story.does(c.ReinstateTeam(SALES))
    assert "reinstated the team “Sales” on" in last(story)
    assert "återinrättade teamet ”Sales” den" in last(story, "sv")


def test_who_accepted_the_clock_is_shown_in_words(story: Story) -> None:
    story.does(c.AcceptClock(), reason="It is right.")
    assert "Ann Example accepted the clock of the server on" in last(story)
    assert "Ann Example godtog serverns klocka den" in last(story, "sv")


def test_a_role_is_given_changed_and_ended_in_words(story: Story) -> None:
    given = story.does(c.GrantRole(BEN, Role.LEAD, SALES, ends=day(60)), reason="Agreed.")
    says(
        story,
        "Ann Example gave Ben Example the role lead for the team “Sales” from 19 February 2025 on,"
        " to 1 March 2025, on 19 February 2025 at 12:00 UTC through the API, with the reason"
        " “Agreed.”",
        "Ann Example gav Ben Example rollen ledare för teamet ”Sales” från den 19 februari 2025"
        " till den 1 mars 2025 den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen"
        " ”Agreed.”",
    )
    story.does(c.RescheduleGrant(given, None), reason="Agreed.")
    says(
        story,
        "Ann Example gave the role lead of Ben Example for the team “Sales” another last day: no"
        " last day in place of 1 March 2025, on 19 February 2025 at 12:00 UTC through the API, with"
        " the reason “Agreed.”",
        "Ann Example gav Ben Examples roll ledare för teamet ”Sales” en annan sista dag: ingen"
        " sista dag i stället för den 1 mars 2025 den 19 februari 2025 kl. 12:00 UTC via API:et,"
        " med motiveringen ”Agreed.”",
    )
    story.does(c.EndGrant(given, day(55)), reason="Agreed.")
    says(
        story,
        "Ann Example ended the role lead of Ben Example for the team “Sales”, from 24 February 2025"
        " on, on 19 February 2025 at 12:00 UTC through the API, with the reason “Agreed.”",
        "Ann Example avslutade Ben Examples roll ledare för teamet ”Sales” från den 24 februari"
        " 2025 den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”Agreed.”",
    )


def test_a_role_of_the_organisation_a_purpose_and_the_machine_are_shown(story: Story) -> None:
    story.does(c.GrantRole(BEN, Role.AUDITOR, purpose="audit 7"), reason="Agreed.")
    assert "the role auditor from 19 February 2025 on, for the purpose “audit 7”, on" in last(story)
    assert "rollen revisor från den 19 februari 2025, för ändamålet ”audit 7”, den" in last(
        story, "sv"
    )
    story.does(c.GrantRole(ANN, Role.ADMINISTRATOR), origin="cli", reason="First.")
    assert last(story).startswith("Ann Example gave Ann Example the role administrator from")
    assert "on the command line of the machine, with the reason “First.”" in last(story)
    assert "på maskinens kommandorad" in last(story, "sv")


def test_a_role_of_who_was_erased_is_a_former_colleagues(story: Story) -> None:
    story.does(c.GrantRole(BEN, Role.HR), reason="Agreed.")
    story.does(c.ErasePerson(BEN, "GDPR 17"), reason="Their wish.")
    entries = story.queries.audit_log(limit=2)["entries"]
    assert "gave a former colleague the role HR from" in str(entries[1]["sentence"])
    assert "Ben" not in str(entries)


def test_roles_are_found_by_who_has_them(story: Story) -> None:
    given = story.does(c.GrantRole(BEN, Role.LEAD, SALES))
    story.does(c.EndGrant(given))
    found = story.queries.audit_log(person_id=BEN, type="grant")["entries"]
    assert [each["type"] for each in found] == ["grant.ended", "grant.given"]


def test_api_keys_are_made_by_people_and_act_under_their_names(story: Story) -> None:
    made = story.does(c.CreateApiKey("Lake", KeyRole.MEMBER, ends=day(60)), reason="Nightly.")
    assert last(story).startswith(
        "Ann Example made the api key “Lake” with the role member, until 1 March 2025, on"
    )
    assert last(story, "sv").startswith(
        "Ann Example gjorde api-nyckeln ”Lake” med rollen medlem, till och med den 1 mars 2025, den"
    )
    story.does(c.RenameTeam(SALES, "Selling"), by=made, key_roles=(Held("administrator"),))
    assert last(story).startswith("Lake renamed the team")
    story.does(c.RevokeApiKey(made), reason="Lost.")
    assert last(story).startswith("Ann Example revoked the api key “Lake” on")
    assert last(story, "sv").startswith("Ann Example återkallade api-nyckeln ”Lake” den")


def test_the_hash_of_a_secret_is_in_no_history(story: Story) -> None:
    story.okr.new_secret = lambda: Secret("s" * 43, hash_of("s" * 43))
    story.does(c.CreateApiKey("Lake", KeyRole.MEMBER), reason="Nightly.")
    assert hash_of("s" * 43).hex() not in str(story.queries.audit_log(limit=2))


def test_a_redacted_text_says_when_and_on_which_ground(story: Story) -> None:
    team = story.does(c.FormTeam("Sales"))
    story.does(c.RenameTeam(team, "Sale"), reason="private")
    position = story.okr.log.head()
    story.does(c.RedactText(position, RedactionGround.UNLAWFUL))
    says(
        story,
        f"Ann Example redacted what was written with event {position} on the legal ground “it was"
        " unlawful” on 19 February 2025 at 12:00 UTC through the API, with the reason “so it was”.",
        f"Ann Example raderade det som skrevs med händelse {position} på den rättsliga grunden ”det"
        " var olagligt” den 19 februari 2025 kl. 12:00 UTC via API:et, med motiveringen ”so it"
        " was”.",
    )
    english, swedish = (
        story.queries.audit_log(type="team.renamed", language=code)["entries"][0]
        for code in ("en", "sv")
    )
    assert english["redacted"] == {
        "position": position + 1, "recorded_at": "2025-02-19T12:00:00.000000Z",
        "legal_ground": "unlawful",
    }  # fmt: skip
    assert english["reason"] is None
    assert english["sentence"].endswith(
        "API; the text was redacted on 19 February 2025 on the ground “it was unlawful”."
    )
    assert swedish["sentence"].endswith(
        "API:et; texten raderades den 19 februari 2025 på grunden ”det var olagligt”."
    )
    (entry,) = [
        each for each in story.queries.history(team)["entries"] if each["type"] == "team.renamed"
    ]
    assert entry["redacted"] == english["redacted"]
