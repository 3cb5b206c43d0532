"""Every command of the API once on the command line, in a row that a small company can take."""

from __future__ import annotations

from typing import NamedTuple

from tests.web.conftest import BO

WHY = ("--reason", "It has to be.")
YES = "--yes"
SPAN = ("--starts", "2027-01-01", "--ends", "2027-12-31")


class Step(NamedTuple):
    """A call, and the type of the event it records; what it begins has the id `{label}` later.

    Its position is `{label_at}`, the request it makes `{label_request}`. Ada acts where nobody
    is named.
    """

    words: str
    options: tuple[str, ...]
    event: str
    label: str = ""


STEPS = (
    # people
    Step("people register", ("--name", "Cleo", "--email", "cleo@example.org"),
         "person.registered", "cleo"),
    Step("people rename", ("cleo", "--name", "Cleo Berg"), "person.renamed"),
    Step("people email", (BO, "--email", "bo@example.org"), "person.email_replaced"),
    Step("people deputy", ("Bo", "--deputy", "Ada", "--ends", "2099-01-31"), "person.deputy_named"),
    Step("people deactivate", ("Cleo Berg",), "person.deactivated"),
    Step("people reactivate", ("{cleo}",), "person.reactivated"),
    Step("people hold", (BO, "--matter", "T 1-25", *WHY), "person.hold_placed"),
    Step("people release", (BO, "--matter", "T 1-25", *WHY), "person.hold_lifted"),
    Step("people erase", ("{cleo}", "--legal-ground", "Article 17", *WHY, YES), "person.erased"),
    Step("people-figures choose", ("--people-figures", "hr_too", *WHY), "people_figures.chosen"),
    Step("texts redact", ("{change_at}", "--legal-ground", "unlawful", *WHY, YES),
         "text.redacted"),
    # rights
    Step("grants give", ("--person", "Bo", "--role", "lead", "--team", "Web", *WHY),
         "grant.given", "grant"),
    Step("grants reschedule", ("{grant}", "--ends", "2099-01-31", *WHY), "grant.rescheduled"),
    Step("grants end", ("{grant:.30}", *WHY), "grant.ended"),
    Step("keys create", ("--name", "Lake", "--role", "member", *WHY), "api_key.created"),
    Step("keys revoke", ("lake", *WHY, YES), "api_key.revoked"),
    # teams
    Step("teams form", ("--name", "Marketing", "--parent", "Acme"), "team.formed", "marketing"),
    Step("teams rename", ("Marketing", "--name", "Growth"), "team.renamed"),
    Step("teams kind", ("{marketing}", "--kind", "department"), "team.kind_replaced"),
    Step("teams move", ("{marketing}", "--no-parent"), "team.moved"),
    Step("teams disband", ("{marketing}", YES), "team.disbanded"),
    Step("teams reinstate", ("{marketing}",), "team.reinstated"),
    # cycles and approvals
    Step("cycles open", ("--name", "2099-Q1"), "cycle.opened"),
    Step("cycles rename", ("2099-Q1", "--name", "Far-off"), "cycle.renamed"),
    Step("cycles reschedule", ("Far-off", "--ends", "2099-03-30"), "cycle.rescheduled"),
    Step("cycles require-approval", ("Far-off", "--of", "closing"), "cycle.approval_required"),
    Step("approvals withdraw", ("{own_request_id}",), "approval.withdrawn"),
    Step("cycles require-approval", ("2025-Q4", *WHY, "--by", "Bo"), "approval.requested", "bo"),
    Step("approvals refuse", ("{bo_request}", *WHY), "approval.refused"),
    Step("approvals approve", ("{approval_id}",), "approval.approved"),
    # objectives
    Step("objectives draft", ("--title", "Win the north", "--cycle", "2025-Q3", "--team", "acme",
                              "--owner", "Ada"), "objective.drafted", "north"),
    Step("objectives retitle", ("Win the north", "--title", "Win the coast"),
         "objective.retitled"),
    Step("objectives describe", ("{north}", "--description", "All of it."), "objective.described"),
    Step("objectives describe", ("{north}", "--no-description"), "objective.described"),
    Step("objectives reschedule", ("{north}", "--due", "2025-09-15"), "objective.rescheduled"),
    Step("objectives commitment", ("{north}", "--commitment", "aspirational"),
         "objective.commitment_replaced"),
    Step("objectives keep-confidential", ("{north}",), "objective.kept_confidential"),
    Step("objectives open-to-all", ("{north}",), "objective.opened_to_all"),
    Step("objectives realign", ("{north}", "--aligned-to-objective", "{objective_id}", "--weight",
                                "2"), "objective.realigned"),
    Step("objectives reassign", ("{north}", "--owner", "Bo"), "objective.reassigned"),
    Step("objectives correct", ("{north}", "--weight", "3", *WHY), "objective.corrected"),
    # key results
    Step("key-results add", ("{north}", "--title", "Orders", "--kind", "metric", "--baseline", "0",
                             "--target", "10", "--unit", "orders", "--trajectory",
                             "on=2025-08-01,share=0.4"), "key_result.added", "orders"),
    Step("key-results retitle", ("Orders", "--title", "Signed orders"), "key_result.retitled"),
    Step("key-results describe", ("{orders}", "--description", "Of new clients."),
         "key_result.described"),
    Step("key-results reassign", ("{orders}", "--owner", "Ada"), "key_result.reassigned"),
    Step("key-results cadence", ("{orders}", "--cadence", "monthly"),
         "key_result.cadence_replaced"),
    Step("key-results retarget", ("{orders}", "--target", "12"), "key_result.retargeted"),
    Step("key-results correct", ("{orders}", "--target", "13", *WHY), "key_result.corrected"),
    Step("key-results reweight", ("{orders}", "--weight", "2"), "key_result.reweighted"),
    Step("key-results link", ("{other_key_result_id}", "--kpi", "lead time"),
         "key_result.linked"),
    Step("key-results check-in", ("{key_result_id}", "--value", "5", "--confidence", "7"),
         "reading.checked_in"),
    Step("key-results move", ("{orders}", "--to-objective", "Ship 2.0"), "key_result.moved"),
    Step("key-results drop", ("{orders}",), "key_result.dropped"),
    Step("key-results reinstate", ("{orders}",), "key_result.reinstated"),
    # KPIs and readings
    Step("kpis define", ("--name", "Churn", "--direction", "decrease", "--unit", "%", "--source",
                         "CRM", "--cadence", "monthly", "--owner", "Ada", "--starts", "2026-01-01",
                         "--ends", "2026-12-31", "--target", "2", "--baseline", "5"),
         "kpi.defined", "churn"),
    Step("kpis rename", ("Churn", "--name", "Clients lost"), "kpi.renamed"),
    Step("kpis reassign", ("{churn}", "--team", "Web"), "kpi.reassigned"),
    Step("kpis purpose", ("{churn}", "--purpose", "To see who leaves."), "kpi.purpose_replaced"),
    Step("kpis correct", ("{churn}", "--baseline", "6", *WHY), "kpi.corrected"),
    Step("kpis redefine", ("{churn}", "--counts", "All contracts.", *WHY), "kpi.redefined"),
    Step("kpis set-target", ("{churn}", *SPAN, "--target", "1"), "kpi.target_set"),
    Step("kpis retarget", ("{churn}", "--starts", "2027-01-01", "--target", "0.5", *WHY),
         "kpi.retargeted"),
    Step("kpis correct-target", ("{churn}", "--starts", "2027-01-01", "--target", "0.6", *WHY),
         "kpi.target_corrected"),
    Step("kpis source", ("{churn}", "--source", "Billing"), "kpi.source_replaced"),
    Step("kpis cadence", ("{churn}", "--cadence", "weekly"), "kpi.cadence_replaced"),
    Step("readings record", ("clients lost", "--value", "3.5", "--as-of", "2026-02-01"),
         "reading.recorded", "reading"),
    Step("readings record-many", ("--readings", "kpi_id=Clients lost,as_of=2026-03-01,value=3"),
         "reading.recorded"),
    Step("readings correct", ("{reading}", "--value", "3.4", *WHY), "reading.corrected"),
    Step("readings retract", ("{reading}", *WHY, YES), "reading.retracted"),
    Step("kpis retire", ("{churn}",), "kpi.retired"),
    Step("kpis reinstate", ("{churn}", *WHY), "kpi.reinstated"),
    # plans and endings
    Step("objectives commit", ("Win the coast",), "objective.committed"),
    Step("cycles commit-plan", ("2025-Q3", "--with-drafts", "all", YES), "cycle.plan_committed"),
    Step("objectives grade", ("{objective_id}",), "objective.graded"),
    Step("objectives reopen", ("{objective_id}", *WHY), "objective.reopened"),
    Step("objectives carry-over", ("{objective_id}", "--into-cycle", "Far-off"),
         "objective.carried_over"),
    Step("objectives abandon", ("{north}", *WHY), "objective.abandoned"),
    Step("cycles close", ("2025-Q3", "--grade-rest", YES), "cycle.closed"),
    Step("cycles reopen", ("2025-Q3", *WHY), "cycle.reopened"),
    # the whole organisation
    Step("calendar set", ("--working-days", "monday", "--grace-weekly", "2", *WHY),
         "calendar.revised"),
    Step("scoring-policy adopt", ("--at-risk", "0.6", *WHY), "scoring_policy.adopted"),
    Step("retention set", ("--person-texts-years", "3", *WHY, YES), "retention.chosen"),
    Step("signing-keys rotate", (*WHY, YES), "signing_key.adopted"),
    Step("clock accept", (*WHY, YES), "clock.accepted"),
)  # fmt: skip
