"""English (en_GB): every sentence of the audit log, on one page."""

from __future__ import annotations

from projections.audit_log.languages.vocabulary import Vocabulary

KEY_RESULT = "the key result “{key_result}” of the objective “{objective}”"

DEEDS = {
    "cycle.opened": "opened the cycle {cycle}, {starts} to {ends},",
    "cycle.renamed": "renamed the cycle {name_before} to {name}",
    "cycle.rescheduled": "corrected the days of the cycle {cycle}[ ({changes})]",
    "cycle.plan_committed": "committed the plan of the cycle {cycle}",
    "cycle.plan_committed:team": "committed the plan of the team “{team}” for the cycle {cycle}",
    "cycle.plan_committed:with teams below": "committed the plan of the team “{team}”, with all"
    " teams below, for the cycle {cycle}",
    "cycle.closed": "closed the cycle {cycle} and so published its result",
    "cycle.reopened": "reopened the cycle {cycle}",
    "cycle.approval_required": "decided what needs approval[ in the cycle {cycle}]",
    "team.formed": "formed the team “{team}”[ below “{above}”]",
    "team.renamed": "renamed the team “{name_before}” to “{name}”",
    "team.kind_replaced": "changed the kind of the team “{team}” from {kind_before} to {kind}",
    "team.moved": "moved the team “{team}” from {place_before} to {place}[, effective from"
    " {effective},]",
    "team.moved:effective": "changed the day from which the move of the team “{team}” is effective"
    " to {effective}",
    "team.disbanded": "disbanded the team “{team}”",
    "team.reinstated": "reinstated the team “{team}”",
    "person.registered": "entered {person} into the directory",
    "person.renamed": "entered another name for {person} into the directory",
    "person.email_replaced": "entered another e-mail address for {person} into the directory, or"
    " took it out,",
    "person.deputy_named": "named {deputy} to stand in for {person} from {starts} to {ends}",
    "person.deputy_withdrawn": "withdrew {deputy_before}, who was to stand in for {person},",
    "person.deactivated": "deactivated {person}, gone from {effective} on,",
    "person.reactivated": "reactivated {person}, back from {effective} on,",
    "person.erased": "erased {person} from the directory on the legal ground “{legal_ground}”",
    "person.hold_placed": "placed a legal hold on {person}[ for the matter “{matter}”]",
    "person.hold_lifted": "lifted the legal hold on {person}[ for the matter “{matter}”]",
    "scoring_policy.adopted": "adopted a scoring policy[ ({changes})]",
    "scoring_policy.revised": "revised the scoring policy[ ({changes})]",
    "calendar.adopted": "recorded the first calendar, in the time zone {zone}, for all earlier days"
    " too,",
    "calendar.revised": "set the calendar from {valid_from} on[ ({changes})]",
    "people_figures.chosen": "chose which figures per person exist: {people_figures}",
    "people_figures.replaced": "changed which figures per person exist from"
    " {people_figures_before} to {people_figures}",
    "api_key.created": "made the api key “{api_key}” with the role {role}[ for the team"
    " “{team}”][ for {kpi_ids}], until {ends},",
    "api_key.revoked": "revoked the api key “{api_key}”",
    "grant.given": "gave {person} the role {role}[ for the team “{team}”] from {starts} on[, to"
    " {ends}][, for the purpose “{purpose}”],",
    "grant.rescheduled": "gave the role {role} of {person}[ for the team “{team}”] another last"
    " day: {ends} in place of {ends_before},",
    "grant.ended": "ended the role {role} of {person}[ for the team “{team}”], from {effective}"
    " on,",
    "objective.drafted": "drafted the objective “{objective}” (cycle {cycle}, team “{team}”, owner"
    " {owner})[, carrying on “{carried_from}”,]",
    "objective.committed": "committed to the objective “{objective}”",
    "objective.retitled": "retitled the objective “{title_before}” to “{title}”",
    "objective.described": "described the objective “{objective}”[ ({changes})]",
    "objective.kept_confidential": "made the objective “{objective}” confidential",
    "objective.opened_to_all": "opened the words of the objective “{objective}” to all",
    "objective.rescheduled": "changed the day the objective “{objective}” is due from {due_before}"
    " to {due}",
    "objective.commitment_replaced": "changed the commitment of the objective “{objective}” from"
    " {commitment_before} to {commitment}",
    "objective.reassigned": "handed the objective “{objective}”[ from {owner_before} to {owner}]"
    "[ from the team “{team_before}” to the team “{team}”][, effective from {effective},]",
    "objective.reassigned:effective": "changed the day from which the hand-over of the objective"
    " “{objective}” is effective to {effective}",
    "objective.realigned": "re-aligned the objective “{objective}” from {aligned_to_before} to"
    " {aligned_to}[ and its weight from {weight_before} to {weight}]",
    "objective.realigned:weight": "changed the weight with which the objective “{objective}” is"
    " aligned to {aligned_to} from {weight_before} to {weight}",
    "objective.corrected": "corrected the weight with which the objective “{objective}” is"
    " aligned from {weight_before} to {weight}, as it was meant all along[ until version {until}],",
    "objective.carried_over": "carried the objective “{objective}” over into the cycle"
    " {into_cycle}",
    "objective.graded": "graded the objective “{objective}”[ with an adjusted grade of"
    " {adjusted_grade}][, by the document {link},]",
    "objective.graded:graded": "graded the objective “{objective}” as computed",
    "objective.reopened": "reopened the graded objective “{objective}”"
    "[ and took back its adjusted grade of {adjusted_grade_before}]",
    "objective.reopened:state": "took up the abandoned objective “{objective}” again",
    "objective.abandoned": "abandoned the objective “{objective}”",
    "key_result.added": "added the key result “{key_result}” to the objective “{objective}”"
    "[ ({promise})][, with the owner {owner},][, carrying on “{carried_from}”,]",
    "key_result.retitled": "retitled the key result “{title_before}” of the objective"
    " “{objective}” to “{title}”",
    "key_result.described": f"described {KEY_RESULT}[ ({{changes}})]",
    "key_result.reassigned": f"handed {KEY_RESULT} from {{owner_before}} to {{owner}}",
    "key_result.cadence_replaced": f"changed the cadence of {KEY_RESULT} from {{cadence_before}} to"
    " {cadence}",
    "key_result.retargeted": f"changed what {KEY_RESULT} promises[ ({{changes}})]",
    "key_result.retargeted:target": f"changed the target of {KEY_RESULT} from {{target_before}} to"
    " {target}[ {unit}]",
    "key_result.corrected": f"corrected what {KEY_RESULT} promises[ ({{changes}})], as it was meant"
    " all along[ until version {until}],",
    "key_result.corrected:target": f"corrected the target of {KEY_RESULT} from {{target_before}} to"
    " {target}[ {unit}], as it was meant all along[ until version {until}],",
    "key_result.rebased": f"fixed where {KEY_RESULT}, carried over, begins[ ({{changes}})]",
    "key_result.reweighted": f"changed the weight of {KEY_RESULT} from {{weight_before}} to"
    " {weight}",
    "key_result.linked": f"linked {KEY_RESULT} to the KPI “{{kpi}}”[ in place of “{{kpi_before}}”]",
    "key_result.unlinked": f"took the link to the KPI “{{kpi_before}}” away from {KEY_RESULT}",
    "key_result.moved": "moved the key result “{key_result}” from the objective"
    " “{objective_before}” to the objective “{objective}”",
    "key_result.dropped": "dropped the key result “{key_result}” from the objective “{objective}”",
    "key_result.reinstated": "took up the dropped key result “{key_result}” of the objective"
    " “{objective}” again",
    "kpi.defined": "defined the KPI “{kpi}” ({direction}, in {unit}, read {cadence} from"
    " “{source}”[, counting “{counts}”][, {rule}], owner {owner})",
    "kpi.renamed": "renamed the KPI “{name_before}” to “{name}”",
    "kpi.reassigned": "handed over the KPI “{kpi}”[ ({changes})]",
    "kpi.purpose_replaced": "changed what the KPI “{kpi}” is for[ ({changes})]",
    "kpi.corrected": "corrected the KPI “{kpi}”[ ({changes})]",
    "kpi.redefined": "redefined the KPI “{kpi}” from {effective} on[ ({changes})]",
    "kpi.target_set": "set the target of the KPI “{kpi}”[ to {target}]"
    "[ to between {minimum} and {maximum}][ {unit}] for {starts} to {ends},",
    "kpi.retargeted": "changed the target of the KPI “{kpi}”[ from {target_before} to {target}]"
    "[ from at least {minimum_before} to at least {minimum}]"
    "[ from at most {maximum_before} to at most {maximum}][ {unit}] for {starts} to {ends},",
    "kpi.span_split": "changed the target of the KPI “{kpi}”[ to {target}]"
    "[ to between {minimum} and {maximum}][ {unit}] for {starts} to {ends}, the days before keep"
    " theirs,",
    "kpi.target_corrected": "corrected the target of the KPI “{kpi}”[ from {target_before} to"
    " {target}][ from at least {minimum_before} to at least {minimum}]"
    "[ from at most {maximum_before} to at most {maximum}][ {unit}] for {starts} to {ends}, as it"
    " was meant all along[ until version {until}],",
    "kpi.source_replaced": "changed the source of the KPI “{kpi}” from “{source_before}” to"
    " “{source}”",
    "kpi.cadence_replaced": "changed the cadence of the KPI “{kpi}” from {cadence_before} to"
    " {cadence}",
    "kpi.retired": "retired the KPI “{kpi}”",
    "kpi.reinstated": "reinstated the KPI “{kpi}”",
    "reading.recorded": "recorded {result} for the KPI “{kpi}”[ ({subject})] as of {as_of}[, by"
    " the document {link}],",
    "reading.checked_in": f"checked in on {KEY_RESULT} as of {{as_of}}[ with {{result}}]"
    "[ and confidence {also_confidence} of 10][ with confidence {confidence} of 10][, by the"
    " document {link},]",
    "reading.corrected": "corrected the reading for {measured} as of {as_of}[ from {result_before}"
    " to {result}]",
    "reading.confidence_corrected": "corrected the check-in on {measured} as of {as_of}"
    " ({changes})",
    "reading.comment_corrected": "corrected the comment of the reading for {measured} as of"
    " {as_of}",
    "reading.evidence_corrected": "corrected the reading for {measured} as of {as_of} ({changes})",
    "reading.subject_corrected": "corrected the reading for {measured} as of {as_of} ({changes})",
    "reading.retracted": "took back the reading[ of {result}] for {measured} as of {as_of},",
    "approval.requested": "asked for approval[ {what}]",
    "approval.approved": "approved a request[ of {requester}][ {what}][, asked for with the reason"
    " “{requested_reason}”,]",
    "approval.refused": "refused a request[ of {requester}][ {what}][, asked for with the reason"
    " “{requested_reason}”,]",
    "approval.withdrawn": "withdrew a request for approval[ {what}]",
    "clock.accepted": "accepted the clock of the server",
    "retention.chosen": "set how long it is kept[: texts about people of closed cycles for "
    "{person_texts_years} years][; client info for {client_info_years} "
    "years][; the access log for {access_log_years} years]",
    "retention.replaced": "set how long it is kept[: texts about people of closed cycles for "
    "{person_texts_years} years][; client info for {client_info_years} "
    "years][; the access log for {access_log_years} years]",
    "retention_run.carried_out": "destroyed what was kept long enough: texts about people: "
    "{person_texts}, client info of commands: {client_info}, reads of the access log: {reads}, "
    "kept by legal holds: texts: {held}, reads: {reads_held}",
    "retention.access_log_cut": "destroyed the oldest reads of the access log, up to read {cut_at}",
    "text.redacted": "redacted what was written with event {at_position} on the legal ground"
    " “{legal_ground}”",
    "signing_key.adopted": "adopted a key to sign the state of the log with",
    "signing_key.retired": "retired a key the state of the log was signed with",
    "*": "recorded an event of the type {type}",
}

# What requests for approval ask for, by their commands.
REQUESTS = {
    "RequireApproval": "to decide what needs approval in the cycle {cycle}[ ({changes})]",
    "CloseCycle": "to close the cycle {cycle}",
    "RescheduleCycle": "to correct the days of the cycle {cycle}[ ({changes})]",
    "GradeObjective": "to grade the objective “{objective}”[ ({changes})]",
    "CommitObjective": "to commit to the objective “{objective}”",
    "RetitleObjective": "to retitle the objective “{objective}”[ ({changes})]",
    "RescheduleObjective": "to change the day the objective “{objective}” is due[ ({changes})]",
    "ReplaceObjectiveCommitment": "to change the commitment of the objective “{objective}”"
    "[ ({changes})]",
    "ReassignObjective": "to hand over the objective “{objective}”[ ({changes})]",
    "RealignObjective": "to re-align the objective “{objective}”[ ({changes})]",
    "CorrectObjective": "to correct the weight with which the objective “{objective}” is aligned"
    "[ ({changes})]",
    "ReopenObjective": "to take up the objective “{objective}” again",
    "AbandonObjective": "to abandon the objective “{objective}”",
    "AddKeyResult": "to add the key result “{title}” to the objective “{objective}”[ ({changes})]",
    "RetitleKeyResult": f"to retitle {KEY_RESULT}[ ({{changes}})]",
    "ReassignKeyResult": f"to hand over {KEY_RESULT}[ ({{changes}})]",
    "RetargetKeyResult": f"to change what {KEY_RESULT} promises[ ({{changes}})]",
    "ReweightKeyResult": f"to change the weight of {KEY_RESULT}[ ({{changes}})]",
    "CorrectKeyResult": f"to correct what {KEY_RESULT} promises[ ({{changes}})]",
    "LinkKeyResult": f"to change which KPI feeds {KEY_RESULT}[ ({{changes}})]",
    "MoveKeyResult": f"to move {KEY_RESULT}[ ({{changes}})]",
    "DropKeyResult": f"to drop {KEY_RESULT}",
    "ReinstateKeyResult": f"to take up {KEY_RESULT} again",
    "RetireKpi": "to retire the KPI “{kpi}”",
    "ReinstateKpi": "to reinstate the KPI “{kpi}”",
    "CorrectKpi": "to correct the KPI “{kpi}”[ ({changes})]",
    "CorrectKpiTarget": "to correct the target of the KPI “{kpi}” for the span from {starts}"
    "[ ({changes})]",
    "ErasePerson": "to erase {person} from the directory on the legal ground “{legal_ground}”",
    "DeactivatePerson": "to deactivate {person}[ ({changes})]",
    "ReactivatePerson": "to reactivate {person}[ ({changes})]",
    "PlaceLegalHold": "to place a legal hold on {person} for the matter “{matter}”",
    "LiftLegalHold": "to lift the legal hold on {person} for the matter “{matter}”",
    "RedactText": "to redact what was written with event {at_position} on the legal ground"
    " “{legal_ground}”",
}

PHRASES = {
    "sentence": "{who}[, on behalf of {behalf},] {deed} on {day} at {time} {origin}"
    "[ from {address}][, with the reason “{reason}”][, commenting “{comment}”]"
    "[; the text was redacted on {redacted_on} on the ground “{redacted_ground}”].",
    "approved sentence": "{behalf}, with the approval of {who}, {deed} on {day} at {time} {origin}"
    "[ from {address}][, having asked with the reason “{reason}”][, commenting “{comment}”]"
    "[; the text was redacted on {redacted_on} on the ground “{redacted_ground}”].",
    "former colleague": "former colleague",
    "a former colleague": "a former colleague",
    "themself": "themself",
    "someone": "okr-es itself",
    "nothing": "nothing",
    "confidential": "confidential",
    "end of its cycle": "the end of its cycle",
    "owner of its objective": "the owner of its objective",
    "yes": "yes",
    "no": "no",
    "top": "the top",
    "below": "below “{above}”",
    "key result": KEY_RESULT,
    "objective": "the objective “{objective}”",
    "kpi": "the KPI “{kpi}”",
    "aligned key result": "the key result “{key_result}”",
    "metric": "{baseline} to {target}[ {unit}]",
    "at_least": "at least {target}[ {unit}]",
    "at_most": "at most {target}[ {unit}]",
    "within": "{minimum} to {maximum}[ {unit}], to be kept",
    "no target": "none",
    "sum": "each span by the sum of its readings",
    "mean": "each span by the mean of its readings",
    "worst": "each span by the worst of its readings",
    "milestone": "{steps}",
    "milestone without steps": "done or not",
    "ordinal": "{zones}",
    "value": "{value}[ {unit}]",
    "steps": "{value} of {most} steps",
    "zone": "the zone {zone}",
    "change": "{field} from {before} to {after}",
    "beginning": "{field} {after}",
    "end": "no {field} instead of {before}",
    "kpis": "{count} KPIs",
    "no last day": "no last day",
    "holidays": "{count} days from {first} to {last}",
    "grace": "{days} ({cadence})",
    "zones": "commit: {commit}; target: {target}; stretch: {stretch}",
    "point": "{share} on {on}",
}

FIELDS = {
    "name": "name", "starts": "first day", "ends": "last day",
    "plan_committed": "plan committed", "closed": "closed",
    "closing_position": "closed at position",
    "kind": "kind", "parent_id": "above", "disbanded": "disbanded",
    "legal_ground": "legal ground", "erased": "erased",
    "on_track": "on-track threshold", "at_risk": "at-risk threshold",
    "yellow_from": "lower bound of yellow", "not_measured": "what is not measured",
    "committed_expected": "grade expected of committed goals",
    "aspirational_expected": "grade expected of aspirational goals",
    "cycle_id": "cycle", "team_id": "team", "owner_id": "owner", "title": "title",
    "description": "description",
    "person_id": "person", "role": "role", "kpi_ids": "KPIs", "created_by": "made by",
    "revoked": "revoked",
    "people_figures": "figures per person",
    "confidential": "confidential",
    "commitment": "commitment", "due": "due", "effective": "effective from",
    "carried_from": "carried over from",
    "carried_to": "carried over to", "aligned_to_objective_id": "aligned to the objective",
    "aligned_to_key_result_id": "aligned to the key result", "weight": "weight", "state": "state",
    "graded": "graded", "adjusted_grade": "adjusted grade", "objective_id": "objective",
    "baseline": "baseline", "target": "target", "unit": "unit", "steps": "steps",
    "zones": "zones", "cadence": "cadence", "trajectory": "trajectory", "kpi_id": "KPI",
    "dropped": "dropped", "direction": "direction", "source": "source", "purpose": "purpose",
    "retired": "retired", "minimum": "minimum", "maximum": "maximum",
    "measured_id": "measures", "as_of": "as of", "value": "value", "zone": "zone",
    "confidence": "confidence", "retracted": "taken back", "holds": "legal holds",
    "active": "active", "deputy_id": "deputy", "deputy_starts": "deputy from",
    "deputy_ends": "deputy until",
    "approval_required": "needs approval", "action": "action", "command": "command",
    "counts": "counts", "aggregation": "value of a span",
    "subject": "subject", "evidence": "document",
    "fields": "fields", "asked_by": "asked by", "asked_for": "asked for",
    "working_days": "working days", "holidays": "holidays", "valid_from": "valid from",
    "first_month": "first month of the year", "two_weeks_from": "two-week periods from",
    "grace": "grace in working days",
    "known_at": "decided at position", "decision": "decision",
}  # fmt: skip

CADENCES = {
    "daily": "daily", "weekly": "weekly", "every_two_weeks": "every two weeks",
    "monthly": "monthly", "quarterly": "quarterly",
    "half_yearly": "half-yearly", "yearly": "yearly", "per_project": "once a project",
}  # fmt: skip

WORDS = {
    "kind": {
        "company": "company", "department": "department", "team": "team",
        "metric": "metric", "milestone": "milestone", "ordinal": "ordinal",
    },
    "people_figures": {
        "off": "none",
        "own_and_leads": "for people themselves and their leads",
        "hr_too": "for people themselves, their leads and HR",
    },
    "legal_ground": {
        "not_needed": "it is not needed any more", "consent_withdrawn": "consent was withdrawn",
        "objection": "the person objected", "unlawful": "it was unlawful",
        "legal_duty": "a law asks for it",
    },
    "role": {
        "lead": "lead", "hr": "HR", "auditor": "auditor", "administrator": "administrator",
        "member": "member", "ingest_key": "ingest key",
    },
    "approval_required": {
        "closing": "closing", "adjusted_grades": "adjusted grades",
        "plan_revisions": "changes of the committed plan",
    },
    "commitment": {"committed": "committed", "aspirational": "aspirational"},
    "state": {
        "draft": "draft", "committed": "committed", "carried_over": "carried over",
        "abandoned": "abandoned",
    },
    "direction": {
        "increase": "to increase", "decrease": "to decrease", "at_least": "at least its target",
        "at_most": "at most its target", "within": "within bounds",
    },
    "cadence": CADENCES,
    "not_measured": {"counts_zero": "counts 0", "left_out": "is left out"},
    "aggregation": {
        "last": "last reading", "sum": "sum", "mean": "mean", "worst": "worst reading",
    },
    "working_days": {
        "monday": "Monday", "tuesday": "Tuesday", "wednesday": "Wednesday",
        "thursday": "Thursday", "friday": "Friday", "saturday": "Saturday", "sunday": "Sunday",
    },
    "zone": {"none": "none", "commit": "commit", "target": "target", "stretch": "stretch"},
}  # fmt: skip

VOCABULARY = Vocabulary(
    deeds=DEEDS,
    requests=REQUESTS,
    phrases=PHRASES,
    fields=FIELDS,
    words=WORDS,
    origins={
        "api": "through the API",
        "cli": "on the command line of the machine",
        "page": "on a page",
        "import": "by an import",
        "job": "by a job",
        "seed": "by the seeding of the log",
    },
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    day="{day} {month} {year}",
    quotes=("“", "”"),
    group=",",
    point=".",
    minus="-",
)  # fmt: skip
