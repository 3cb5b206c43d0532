"""What happened to a goal, in a word or two, by the type of the event."""

from __future__ import annotations

from web.pages.frame.language import gettext


def _(text: str) -> str:
    return text


HAPPENED = {
    "added": _("key result added"),
    "retargeted": _("target changed"),
    "corrected": _("corrected"),
    "rebased": _("new start"),
    "reweighted": _("weight changed"),
    "linked": _("linked to a KPI"),
    "unlinked": _("unlinked from a KPI"),
    "moved": _("moved to another objective"),
    "reassigned": _("handed over"),
    "cadence_replaced": _("measured at other times"),
    "dropped": _("dropped"),
    "reinstated": _("taken up again"),
    "realigned": _("re-aligned"),
    "rescheduled": _("due day moved"),
    "commitment_replaced": _("other expectation"),
    "abandoned": _("abandoned"),
    "reopened": _("reopened"),
    "carried_over": _("carried over"),
    "target_set": _("target set"),
    "span_split": _("target changed"),
    "target_corrected": _("target corrected"),
    "redefined": _("defined otherwise"),
    "source_replaced": _("other source"),
    "retired": _("retired"),
    "retracted": _("reading taken back"),
    "committed": _("committed"),
    "graded": _("graded"),
    "drafted": _("drafted"),
    "requested": _("request for approval"),
}


def happened(type_: str) -> str:
    """Return the words for a type of events, such as `key_result.retargeted`, or its end."""
    word = type_.rpartition(".")[2]
    return gettext(HAPPENED.get(word, word.replace("_", " ")))
