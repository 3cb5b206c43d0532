"""What the questions of an auditor answer: history, audit log, approvals, access log."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from okr_es.access_log import RECORDED
from okr_es.context import ORIGINS
from okr_es.domain.text import RedactionGround
from okr_es.domain.values import Action, Decision
from projections.as_of.answers import (
    Actor,
    AtPosition,
    By,
    Count,
    Decrypted,
    EventId,
    EventType,
    Filled,
    GoalKind,
    Id,
    Instant,
    NamedCycle,
    NextBefore,
    OnBehalfOf,
    Position,
    Ref,
    Title,
    Version,
    doc,
    one_of,
)
from projections.audit_log.languages import LANGUAGES

Order = Annotated[Literal["newest", "oldest"], doc("Which of the events come first.")]
Text = Annotated[str | None, doc("As it reads in the language; null for none.")]
Name = Annotated[str | None, doc("As the directory has it now; a stand-in once they were erased.")]

# ---- events and what they changed -------------------------------------------------------


class ChangedRef(TypedDict):
    """What a field referred to, by its name or title at the moment of the answer."""

    kind: Annotated[
        Literal["objective", "key_result", "kpi", "team", "cycle", "person"] | None,
        doc("What kind of thing it is; null: it is not known any more."),
    ]
    id: Id
    title: Annotated[
        str | None, doc("Of a person, a team, a cycle and a KPI the name; null: it is not for you.")
    ]


Changed = str | int | bool | ChangedRef | None


class ChangeAnswer(TypedDict):
    """A field before and after, under the names of events and commands."""

    field: Annotated[str, doc("Its name.")]
    before: Annotated[Changed, doc("Null at the beginning."), Filled(None)]
    after: Annotated[
        Changed, doc("Steps, zones and trajectory are JSON in text here."), Filled(None)
    ]


class Heading(TypedDict):
    """An event: where, when, which, and who; also who asked for it and who approved."""

    position: Position
    recorded_at: Instant
    id: EventId
    type: EventType
    by: By
    on_behalf_of: OnBehalfOf
    requester: Annotated[
        Actor | None,
        doc("Who asked for it, and gave the reason, where it came of a request; else null."),
    ]
    approver: Annotated[
        Actor | None, doc("Who approved the request, where it came of one; else null.")
    ]


class Requested(TypedDict):
    """What a request for approval asks for, compared with what was in force right before."""

    what: Annotated[str, doc("What its command does, in a sentence.")]
    subject: Annotated[Subject | None, doc("What it is about; null: a text, or unknown today.")]
    changes: Annotated[list[ChangeAnswer], doc("Field by field.")]
    requester: Annotated[Actor, doc("The person who asked for it.")]
    reason: Annotated[
        str | None, doc("Why, where the event decided about it; null: none, or it is the request.")
    ]


class Attributed(Heading):
    """An event with all that is known of who decided it and why."""

    approval_id: Annotated[Id | None, doc("The request for approval it came of; null: of none.")]
    request: Annotated[
        Requested | None,
        doc("Of an event that made or decided a request for approval what it is for; else null."),
    ]
    reason: Decrypted
    comment: Decrypted


class Redacted(TypedDict):
    """That a text was destroyed, by which event, when and on which legal ground."""

    position: Position
    recorded_at: Instant
    legal_ground: Annotated[str, one_of(RedactionGround), doc("Of article 17 of the GDPR.")]


class Sent(Attributed):
    """An event with the command it came of."""

    redacted: Annotated[
        Redacted | None, doc("What was written with it was destroyed; null: it was not.")
    ]

    origin: Annotated[str, one_of(ORIGINS), doc("Through what the command came.")]
    command_id: Annotated[Id | None, doc("The command it came of; null: of none.")]


class EntryAnswer(Sent):
    """An event: what someone decided."""

    changes: Annotated[list[ChangeAnswer], doc("Field by field.")]


class HistoryEntry(EntryAnswer):
    """An event of a history."""

    sentence: Annotated[
        str | None,
        doc("Who did what to it, why and when, in the language asked for; null: none was."),
    ]


class HistoryAnswer(AtPosition):
    """A page of the history of a goal, the newest first."""

    id: Annotated[Id, doc("Of the goal.")]
    title: Annotated[
        str | None,
        doc("Of all that is no objective or key result the name; null: none, or not for you."),
        Filled("any"),
    ]
    entries: Annotated[list[HistoryEntry], doc("The newest first.")]
    next_before: NextBefore


# ---- the audit log ----------------------------------------------------------------------


class TitledRef(Ref):
    """A reference to an objective, with its title right after the event."""

    title: Title


class LoggedGoal(TypedDict):
    """The goal an event is about, as it was right after it."""

    kind: GoalKind
    id: Id
    title: Annotated[str | None, doc("Of a KPI the name; null: it is not for you.")]
    objective: Annotated[
        TitledRef | None, doc("The objective a key result is of; null for all others.")
    ]


class LabelledChange(ChangeAnswer):
    """A field before and after, in the language."""

    label: Annotated[str, doc("The field's name in the language.")]
    before_text: Text
    after_text: Text


class AuditLogEntry(Sent):
    """An event: what someone decided, in a sentence and field by field."""

    sentence: Annotated[str, doc("Who did what to which goal, why, when, and from where.")]
    goal: Annotated[LoggedGoal | None, doc("Null where it is about no goal.")]
    address: Annotated[
        str | None, doc("The network address the command came from, while it is known.")
    ]
    client: Annotated[str | None, doc("The client the command came from, as it calls itself.")]
    changes: Annotated[list[LabelledChange], doc("Field by field.")]


class AuditLogAnswer(AtPosition):
    """A page of the audit log."""

    language: Annotated[str, one_of(LANGUAGES), doc("Of sentences, labels and texts.")]
    order: Order
    entries: Annotated[list[AuditLogEntry], doc("In the order that was asked for.")]
    complete: Annotated[
        bool,
        doc(
            "False: it ended early, having looked at many events or decrypted many texts; go on "
            "with the next page."
        ),
    ]
    searched_to: Annotated[
        Position | None,
        doc("The last position that was looked at, in the order; null: there was none to look at."),
    ]
    next_before: NextBefore
    next_after: Annotated[
        Position | None,
        doc("The oldest first: ask for the next page with after=; null on the last page."),
    ]


# ---- requests for approval --------------------------------------------------------------


class Attribution(TypedDict):
    """Who asked or decided, when and why."""

    position: Position
    recorded_at: Instant
    by: By
    on_behalf_of: OnBehalfOf
    reason: Decrypted
    comment: Decrypted


SubjectKind = Annotated[
    Literal["cycle", "objective", "key_result", "kpi", "person"], doc("Which of the five it is.")
]


class Subject(TypedDict):
    """What a request is about."""

    kind: SubjectKind
    id: Id
    title: Annotated[
        str | None,
        doc("Of a cycle, a KPI and a person the name; null: it is not for you."),
        Filled(None),
    ]


class ApprovalBody(TypedDict):
    """A request for approval."""

    id: Id
    version: Version
    cycle: Annotated[
        NamedCycle | None,
        doc("The cycle whose requirement it falls under; null: it is about a person."),
    ]
    action: Annotated[Action, doc("What it falls under; requirement: that itself.")]
    decision: Annotated[Decision, doc("What became of it.")]
    command: Annotated[str, doc("The command that waits, or waited.")]
    fields: Annotated[Any, doc("Its fields, exact, as the command's own address takes them.")]
    what: Annotated[str, doc("What it asks for, in a sentence.")]
    subject: Annotated[
        Subject | None,
        doc(
            "Null: it is a text, whose position is in `fields`, or the command is none of today's."
        ),
    ]
    changes: Annotated[
        list[ChangeAnswer],
        doc("What it would change, or has changed where it was approved."),
    ]
    corrected_along: Annotated[
        list[Subject],
        doc("The key results that get the unit of a corrected KPI along with it."),
    ]
    known_at: Annotated[
        Count, doc("The position at which it was decided that it may be asked for.")
    ]
    requested: Annotated[Attribution, doc("Who asked for it.")]
    decided: Annotated[Attribution | None, doc("Null while it is pending.")]
    events: Annotated[
        list[Position], doc("The positions of what was carried out once it was approved.")
    ]


class ApprovalAnswer(ApprovalBody, AtPosition):
    """A request for approval, with the position the answer is based on."""


class ApprovalsAnswer(AtPosition):
    """A page of requests for approval, the last asked first."""

    approvals: Annotated[list[ApprovalBody], doc("The last asked first.")]
    next_before: NextBefore


# ---- the access log ---------------------------------------------------------------------


class LookedAt(TypedDict):
    """What a read was about: a thing, or something it was asked with."""

    parameter: Annotated[
        str, Meta(pattern="^[a-z]+(_[a-z]+)*$", description="The name of the parameter.")
    ]
    asked: Annotated[str | None, doc("What it was asked with; null: a thing, by its id.")]
    id: Annotated[Id | None, doc("The id of a thing; null: it is none.")]
    title: Annotated[
        str | None,
        doc("Of all that is no objective or key result the name; null: none, or not for you."),
        Filled("any"),
    ]


class AccessAnswer(TypedDict):
    """A read: who looked at what."""

    position: Annotated[
        int, Meta(ge=1, description="In the access log, which has positions of its own.")
    ]
    recorded_at: Instant
    by: Annotated[Actor | None, doc("The person who read; null: nobody was named.")]
    what: Annotated[str, one_of(RECORDED), doc("Which question was asked.")]
    about: Annotated[
        list[LookedAt],
        doc("Things, filters, and the position of the log the answer is based on."),
    ]


class AccessCutAnswer(TypedDict):
    """Where the access log was cut by retention."""

    at: Annotated[int, Meta(ge=1, description="All reads up to this one are destroyed.")]
    recorded_at: Instant
    event: Annotated[int, Meta(ge=1, description="The position of the event that cut it.")]
    years: Annotated[int | None, doc("For how many years reads are kept, as was set.")]
    set_by_event: Annotated[Count, doc("The position of the event that had set the years.")]


FOR_EVER = "null: they are kept for ever."
YearsKept = int | None


class RetentionAnswer(AtPosition):
    """For how many years what is about people is kept, as was set last."""

    person_texts_years: Annotated[
        YearsKept, doc(f"Texts about people of a cycle, from its closing on; {FOR_EVER}")
    ]
    client_info_years: Annotated[
        YearsKept, doc(f"Network address and client of commands; {FOR_EVER}")
    ]
    access_log_years: Annotated[YearsKept, doc(f"Reads of the access log; {FOR_EVER}")]
    set_at: Annotated[Instant | None, doc("When it was set; null: nothing was set yet.")]
    set_by_event: Annotated[
        int | None, doc("The position of the event by which it was set; null: nothing was set.")
    ]
    access_log_cut: Annotated[
        AccessCutAnswer | None, doc("The last time the oldest reads were cut; null: never.")
    ]


class AccessLogAnswer(AtPosition):
    """A page of the access log, the newest first."""

    newest: Annotated[Count, doc("The last position of the access log.")]
    entries: Annotated[list[AccessAnswer], doc("The newest first.")]
    next_before: NextBefore
    cut: Annotated[
        AccessCutAnswer | None, doc("The last time the oldest reads were cut; null: never.")
    ]
