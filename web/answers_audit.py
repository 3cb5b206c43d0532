"""What the questions of an auditor answer, as JSON Schema: requests for approval."""

from __future__ import annotations

from okr_es.domain.values import Action, Decision

from .answers import (
    COUNT,
    ID,
    NEXT_BEFORE,
    PLACE,
    SEALED,
    TEXT,
    VERSION,
    Schema,
    answer,
    described,
    listed,
    nullable,
    part,
    shape,
    word_of,
    words,
)
from .answers_past import INSTANT

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
            statement=described(TEXT, "Its words; of a cycle the name."),
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
        **dict.fromkeys(("reason", "comment"), SEALED),
    ),
}
