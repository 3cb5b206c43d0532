"""What the questions of an auditor answer, as JSON Schema: patterns, requests for approval."""

from __future__ import annotations

from okr_es.domain.values import Action, Decision
from projections.patterns.report import EVENT_FIELDS, KINDS
from web.api.openapi.answers import (
    COUNT,
    DAY,
    ENCRYPTED,
    EXACT,
    ID,
    NEXT_BEFORE,
    OF_CYCLE,
    PLACE,
    ROUNDED,
    TEXT,
    TRUTH,
    VERSION,
    Schema,
    answer,
    answer_then,
    described,
    listed,
    nullable,
    part,
    shape,
    word_of,
    words,
)
from web.api.openapi.answers import SCHEMAS as PRESENT
from web.api.openapi.answers_past import INSTANT

ENTRY: Schema = PRESENT["Entry"]["properties"]
INTEGER: Schema = {"type": "integer"}

APPROVAL: Schema = {
    "id": ID,
    "version": VERSION,
    "cycle_id": ID,
    "action": described(word_of(Action), "What it falls under; requirement: that itself."),
    "decision": word_of(Decision),
    "command": described(TEXT, "The command that waits, or waited."),
    "fields": described({}, "Its fields, exact, as the command's own address takes them."),
    "what": described(TEXT, "What it asks for, in a sentence."),
    "subject": nullable(
        shape(
            "What it is about.",
            kind=words("cycle", "objective", "key_result"),
            id=ID,
            title=described(TEXT, "Its words; of a cycle the name."),
        ),
        "Null: the command is none of today's.",
    ),
    "changes": listed(
        part("Change"), "What it would change, or has changed where it was approved."
    ),
    "known_at": described(COUNT, "The position at which it was decided that it may be asked for."),
    "requested": part("Said"),
    "decided": nullable(part("Said"), "Null while it is pending."),
    "events": listed(PLACE, "The positions of what was carried out once it was approved."),
}

SCHEMAS: dict[str, Schema] = {
    "Patterns": answer_then(
        "What is worth an auditor's eye in a cycle, by kind, each in the order of the log.",
        **OF_CYCLE,
        last_days=described(PLACE, "The days at its end in which a change of plan is told."),
        counts=shape("How many of each kind.", **dict.fromkeys(KINDS, COUNT)),
        findings=listed(part("Finding")),
    ),
    "Finding": shape(
        "Something worth a look. Numbers that do not belong to its kind are null.",
        kind=words(*KINDS),
        goal=nullable(part("AuditedGoal"), "Null: of several goals, as each event tells."),
        amount=nullable(EXACT, "By how much a target was made easier, or a grade adjusted."),
        share=nullable(ROUNDED, "The part of the way that was let off."),
        computed=nullable(ROUNDED, "The grade as computed at that moment."),
        days_left=nullable(INTEGER, "Days to the end of the cycle; below 0: after it."),
        days_late=nullable(COUNT, "Days from the day it is about to its recording."),
        after_closing=nullable(TRUTH, "It was recorded while the cycle was closed."),
        times=nullable(COUNT, "How often."),
        events=listed(part("AuditedEvent"), "In the order of the log."),
    ),
    "AuditedGoal": shape(
        "The goal, as known at the moment.",
        kind=words("objective", "key_result", "kpi"),
        id=ID,
        objective_id=described(ID, "The objective it belongs to, or feeds."),
        title=described(TEXT, "Its words; of a KPI the name."),
        team_id=nullable(ID),
        owner_id=ID,
    ),
    "AuditedEvent": shape(
        "An event of a finding.",
        **{name: ENTRY[name] for name in EVENT_FIELDS},
        day=described(DAY, "On which it was recorded."),
        goal_id=nullable(ID, "The goal it is about; null: the cycle itself."),
    ),
    "Approvals": answer(
        "A page of requests for approval, the last asked first.",
        approvals=listed(part("ApprovalBody")),
        next_before=NEXT_BEFORE,
    ),
    "Approval": answer("A request for approval.", **APPROVAL),
    "ApprovalBody": shape("A request for approval.", **APPROVAL),
    "Said": shape(
        "Who said it, when and why.",
        position=PLACE,
        recorded_at=INSTANT,
        by=nullable(ID, "The person who acted."),
        on_behalf_of=nullable(ID, "The person for whom."),
        **dict.fromkeys(("reason", "comment"), ENCRYPTED),
    ),
}
