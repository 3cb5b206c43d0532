"""Whose text it is: the class of what is written with each event, in one place.

A text of class `goal` is a business record: a reason or comment on a goal, a KPI, a plan. It stays
when its author is erased, who is then named by an id alone. A text of class `person` is about
somebody, and goes when they are erased, also what others wrote. It stays for the person it is about
when its author is erased.
"""

from __future__ import annotations

from enum import StrEnum


class TextClass(StrEnum):
    """The class of a text."""

    GOAL = "goal"
    PERSON = "person"


class Subject(StrEnum):
    """Whom the text of an event is about."""

    NOBODY = "nobody"  # it is of class `goal`
    ITSELF = "itself"  # the person whose event it is
    GRANTED = "granted"  # the person who has the role
    OWNER = "owner"  # who owns the objective as it is recorded
    REQUESTED = "requested"  # the same as with the event that is requested


GRADE = "GradeObjective"  # what a request asks for, where it is about the owner
# And where it is about whom the command names, or whom the text is about that it destroys.
ABOUT_PERSON = frozenset({
    "DeactivatePerson", "ErasePerson", "LiftLegalHold", "PlaceLegalHold", "ReactivatePerson",
    "RedactText",
})  # fmt: skip
# By the stored name of the event, in alphabetical order.
SUBJECTS: dict[str, Subject] = {
    "api_key.created": Subject.NOBODY,
    "api_key.revoked": Subject.NOBODY,
    "approval.approved": Subject.REQUESTED,
    "approval.refused": Subject.REQUESTED,
    "approval.requested": Subject.REQUESTED,
    "approval.withdrawn": Subject.REQUESTED,
    "calendar.adopted": Subject.NOBODY,
    "calendar.revised": Subject.NOBODY,
    "clock.accepted": Subject.NOBODY,
    "cycle.approval_required": Subject.NOBODY,
    "cycle.closed": Subject.NOBODY,
    "cycle.opened": Subject.NOBODY,
    "cycle.plan_committed": Subject.NOBODY,
    "cycle.renamed": Subject.NOBODY,
    "cycle.reopened": Subject.NOBODY,
    "cycle.rescheduled": Subject.NOBODY,
    "grant.ended": Subject.GRANTED,
    "grant.given": Subject.GRANTED,
    "grant.rescheduled": Subject.GRANTED,
    "key_result.added": Subject.NOBODY,
    "key_result.cadence_replaced": Subject.NOBODY,
    "key_result.corrected": Subject.NOBODY,
    "key_result.described": Subject.NOBODY,
    "key_result.dropped": Subject.NOBODY,
    "key_result.linked": Subject.NOBODY,
    "key_result.moved": Subject.NOBODY,
    "key_result.reassigned": Subject.NOBODY,
    "key_result.rebased": Subject.NOBODY,
    "key_result.reinstated": Subject.NOBODY,
    "key_result.retargeted": Subject.NOBODY,
    "key_result.retitled": Subject.NOBODY,
    "key_result.reweighted": Subject.NOBODY,
    "key_result.unlinked": Subject.NOBODY,
    "kpi.cadence_replaced": Subject.NOBODY,
    "kpi.corrected": Subject.NOBODY,
    "kpi.defined": Subject.NOBODY,
    "kpi.purpose_replaced": Subject.NOBODY,
    "kpi.reassigned": Subject.NOBODY,
    "kpi.redefined": Subject.NOBODY,
    "kpi.reinstated": Subject.NOBODY,
    "kpi.renamed": Subject.NOBODY,
    "kpi.retargeted": Subject.NOBODY,
    "kpi.retired": Subject.NOBODY,
    "kpi.source_replaced": Subject.NOBODY,
    "kpi.span_split": Subject.NOBODY,
    "kpi.target_corrected": Subject.NOBODY,
    "kpi.target_set": Subject.NOBODY,
    "objective.abandoned": Subject.NOBODY,
    "objective.carried_over": Subject.NOBODY,
    "objective.commitment_replaced": Subject.NOBODY,
    "objective.committed": Subject.NOBODY,
    "objective.corrected": Subject.NOBODY,
    "objective.described": Subject.NOBODY,
    "objective.drafted": Subject.NOBODY,
    "objective.graded": Subject.OWNER,
    "objective.kept_confidential": Subject.NOBODY,
    "objective.opened_to_all": Subject.NOBODY,
    "objective.realigned": Subject.NOBODY,
    "objective.reassigned": Subject.NOBODY,
    "objective.reopened": Subject.NOBODY,
    "objective.rescheduled": Subject.NOBODY,
    "objective.retitled": Subject.NOBODY,
    "people_figures.chosen": Subject.NOBODY,
    "people_figures.replaced": Subject.NOBODY,
    "person.deactivated": Subject.ITSELF,
    "person.deputy_named": Subject.ITSELF,
    "person.deputy_withdrawn": Subject.ITSELF,
    "person.email_replaced": Subject.ITSELF,
    "person.erased": Subject.NOBODY,  # why they were erased: the proof that it was right to
    "person.hold_lifted": Subject.ITSELF,
    "person.hold_placed": Subject.ITSELF,
    "person.reactivated": Subject.ITSELF,
    "person.registered": Subject.ITSELF,
    "person.renamed": Subject.ITSELF,
    "reading.checked_in": Subject.NOBODY,
    "reading.comment_corrected": Subject.NOBODY,
    "reading.confidence_corrected": Subject.NOBODY,
    "reading.corrected": Subject.NOBODY,
    "reading.evidence_corrected": Subject.NOBODY,
    "reading.recorded": Subject.NOBODY,
    "reading.retracted": Subject.NOBODY,
    "reading.subject_corrected": Subject.NOBODY,
    "retention.access_log_cut": Subject.NOBODY,
    "retention.chosen": Subject.NOBODY,
    "retention.replaced": Subject.NOBODY,
    "retention_run.carried_out": Subject.NOBODY,
    "scoring_policy.adopted": Subject.NOBODY,
    "scoring_policy.revised": Subject.NOBODY,
    "signing_key.adopted": Subject.NOBODY,
    "signing_key.retired": Subject.NOBODY,
    "team.disbanded": Subject.NOBODY,
    "team.formed": Subject.NOBODY,
    "team.kind_replaced": Subject.NOBODY,
    "team.moved": Subject.NOBODY,
    "team.reinstated": Subject.NOBODY,
    "team.renamed": Subject.NOBODY,
    "text.redacted": Subject.NOBODY,
}


def text_class(topic: str) -> TextClass:
    """Return the class of what is written with an event.

    What is about a request has the class of what is requested; that of a request alone is `goal`.
    """
    has_person = SUBJECTS[topic] not in {Subject.NOBODY, Subject.REQUESTED}
    return TextClass.PERSON if has_person else TextClass.GOAL


PERSONAL = frozenset(topic for topic, about in SUBJECTS.items() if about is not Subject.NOBODY)
