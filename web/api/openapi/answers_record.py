"""What the record answers, as JSON Schema: a component for each shared part."""

from __future__ import annotations

from projections.as_of.hierarchy import GOALS
from projections.audit_log.search import NEWEST, OLDEST
from web.api.openapi.answers import (
    ID,
    NEXT_BEFORE,
    PLACE,
    TEXT,
    TRUTH,
    Schema,
    answer,
    described,
    listed,
    nullable,
    part,
    shape,
    words,
)
from web.api.openapi.answers import SCHEMAS as PRESENT
from web.api.parameters import LANGUAGES

ENTRY: Schema = PRESENT["Entry"]["properties"]
CHANGE: Schema = PRESENT["Change"]["properties"]
NAME = nullable(TEXT, "As the directory has it now; a stand-in once they were erased.")
TOLD = nullable(TEXT, "As it is read in the language; null for none.")

SCHEMAS: dict[str, Schema] = {
    "AuditLog": answer(
        "A page of the audit log.",
        language=words(*LANGUAGES),
        order=words(NEWEST, OLDEST),
        entries=listed(part("AuditLogEntry")),
        complete=described(
            TRUTH, "False: it ended early, having decrypted many texts; go on with the next page."
        ),
        next_before=NEXT_BEFORE,
        next_after=nullable(
            PLACE, "The oldest first: ask for the next page with after=; null on the last page."
        ),
    ),
    "AuditLogEntry": shape(
        "An event: what someone decided, in a sentence and field by field.",
        **{name: schema for name, schema in ENTRY.items() if name != "changes"},
        sentence=described(TEXT, "Who did what to which goal, why, when, and from where."),
        by_name=NAME,
        on_behalf_of_name=NAME,
        goal=nullable(part("ToldGoal"), "Null where it is about no goal."),
        address=nullable(TEXT, "The network address the command came from, while it is known."),
        client=nullable(TEXT, "The client the command came from, as it calls itself."),
        changes=listed(part("ToldChange")),
    ),
    "ToldGoal": shape(
        "The goal an event is about, as it stood right after it.",
        kind=words(*GOALS),
        id=ID,
        title=described(TEXT, "The name of a KPI."),
        objective_id=nullable(ID, "The objective a key result is of."),
        objective=nullable(TEXT, "Its statement."),
    ),
    "ToldChange": shape(
        "A field before and after.",
        **CHANGE,
        label=described(TEXT, "The field's name in the language."),
        before_text=TOLD,
        after_text=TOLD,
    ),
}
