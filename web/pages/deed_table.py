"""Everything that can be done about a goal on a page, as one table.

A deed has its command, its verb, its fields, and the state of a goal in which it makes sense. What
cannot simply be undone is `final`: its page says first what would be recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from okr_es import commands as c
from web.pages import deed_fields as f
from web.pages.deed_fields import Field, Row
from web.pages.frame.language import gettext

Fields = Callable[[Row], tuple[Field, ...]]


def _(text: str) -> str:
    return text


def none(_: Row) -> tuple[Field, ...]:
    """Return no field."""
    return ()


def fields(*given: Field) -> Fields:
    """Return the same fields for any state."""
    return lambda _: given


class Deed(NamedTuple):
    """Something that can be done about a goal."""

    slug: str
    command: type[c.Command]
    verb: str
    fields: Fields = none
    makes_sense: Callable[[Row], bool] = bool
    final: bool = False
    after_closing: bool = False  # it makes sense when the cycle is closed, too
    says: str = ""  # what it does, in a sentence
    empties: tuple[str, ...] = ()  # fields that are taken away when they are left empty
    fixed: Callable[[Mapping[str, str]], dict[str, Any]] | None = None

    @property
    def button(self) -> str:
        """The words of its button."""
        return gettext(self.verb)


def runs(found: Row) -> bool:
    """Return whether an objective can still be changed."""
    return found["state"] in {"draft", "committed"} and not found["graded"]


def is_draft(found: Row) -> bool:
    """Return whether an objective is a draft."""
    return bool(found["state"] == "draft")


def is_committed(found: Row) -> bool:
    """Return whether an objective is committed and runs."""
    return runs(found) and found["state"] == "committed"


def can_be_carried(found: Row) -> bool:
    """Return whether an objective can go on in another cycle."""
    return found["state"] == "committed" and found["carried_to"] is None


def has_ended(found: Row) -> bool:
    """Return whether an objective was graded or abandoned."""
    return bool(found["graded"] or found["state"] == "abandoned")


def is_aligned(found: Row) -> bool:
    """Return whether a committed objective is aligned to something."""
    return is_committed(found) and found["aligned_to"] is not None


def aligned_to(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what an objective is aligned to, as the command takes it."""
    kind, _, id_ = form.get("aligned_to", "").partition("/")
    if kind in {"objective", "key_result"}:
        return {f"aligned_to_{kind}_id": id_}
    return {"aligned_to_objective_id": None} if kind == "nothing" else {}


def aligned_now(found: Row) -> str:
    """Return what an objective is aligned to, as the choice has it."""
    to = found["aligned_to"]
    return "nothing" if to is None else f"{to['kind']}/{to['id']}"


def is_there(found: Row) -> bool:
    """Return whether a key result was not dropped."""
    return not found["dropped"]


def was_dropped(found: Row) -> bool:
    """Return whether a key result was dropped."""
    return bool(found["dropped"])


def is_in_use(found: Row) -> bool:
    """Return whether a KPI was not retired."""
    return not found["retired"]


def is_retired(found: Row) -> bool:
    """Return whether a KPI was retired."""
    return bool(found["retired"])


def counts(found: Row) -> bool:
    """Return whether a reading was not taken back."""
    return not found["retracted"]


def owner(name: str) -> Field:
    """Return the field of who owns it from now on."""
    return f.OWNER._replace(label=name)


def target_fields(found: Row) -> tuple[Field, ...]:
    """Return the fields of a target for days that have none."""
    return (
        Field("target.starts", _("From"), "date", required=True),
        Field("target.ends", _("To"), "date", required=True),
        *f.bounds("target.", found),
    )


def first_day(found: Row) -> Any:
    """Return the first day of the span of a KPI."""
    return (found["target"] or {}).get("starts")


def moved_target(found: Row) -> tuple[Field, ...]:
    """Return the fields of a target that is moved."""
    hint = _("The first day of the span, or the day from which the target moves.")
    starts = Field("target.starts", _("From"), "date", first_day, hint, required=True)
    return (starts, *f.bounds("target.", found))


READING_OF_KPI = fields(
    Field("value", _("Value"), "number", required=True),
    Field("as_of", _("As of"), "date", hint=_("The day the value is about; empty: today.")),
    Field("subject", _("Subject"), hint=_("Only where several are measured: which of them.")),
    Field("comment", _("Comment"), "area"),
)
OBJECTIVE = (
    Deed("commit", c.CommitObjective, _("Commit"), none, is_draft, final=True,
         says=_("From then on it counts, and later changes are revisions.")),
    Deed("add-key-result", c.AddKeyResult, _("Add key result"), f.new_promise, runs),
    Deed("re-align", c.RealignObjective, _("Re-align"), fields(
        Field("aligned_to", _("Aligned to"), "choice", aligned_now, options=f.goals),
        Field("weight", _("Weight"), "number", f.of("weight"),
              _("In the roll-up of what it is aligned to."))),
         runs, fixed=aligned_to),
    Deed("hand-over", c.ReassignObjective, _("Hand over"), fields(
        owner(_("New owner")),
        Field("team_id", _("Team"), "choice", f.id_of("team"), options=f.teams),
        Field("effective", _("From"), "date", hint=_("Empty: today; the past is allowed."))), runs),
    Deed("reschedule", c.RescheduleObjective, _("Move the due day"), fields(
        Field("due", _("Due"), "date", f.of("due"), _("Empty: the last day of its cycle."))),
         runs, empties=("due",)),
    Deed("retitle", c.RetitleObjective, _("Retitle"), fields(f.TITLE), runs),
    Deed("describe", c.DescribeObjective, _("Describe"), fields(f.DESCRIPTION), runs,
         empties=("description",)),
    Deed("expect", c.ReplaceObjectiveCommitment, _("Change what is expected"), fields(
        Field("commitment", _("Expected"), "choice", f.of("commitment"), options=f.COMMITMENTS)),
         runs),
    Deed("correct", c.CorrectObjective, _("Correct"), fields(
        Field("weight", _("Weight of its alignment"), "number", f.of("weight"),
              _("What was meant all along: it takes the place of the wrong one for all days."))),
         is_aligned),
    Deed("grade", c.GradeObjective, _("Grade"), fields(
        Field("adjusted_grade", _("Adjusted grade, 0 to 1"), "number",
              hint=_("Empty: as computed. An adjusted one needs a reason."))),
         is_committed, final=True, says=_("It is graded by its score, or by the grade you give.")),
    Deed("carry-over", c.CarryOverObjective, _("Carry over"), fields(
        Field("into_cycle_id", _("Into"), "choice", options=f.open_cycles, required=True),
        Field("with_reached", _("Also key results that were reached"), "check")), can_be_carried,
         after_closing=True),
    Deed("abandon", c.AbandonObjective, _("Abandon"), none, is_committed, final=True,
         says=_("It stops: it counts in the score as committed, and nowhere else.")),
    Deed("reopen", c.ReopenObjective, _("Reopen"), none, has_ended, final=True,
         says=_("Its grade or its abandonment is taken back.")),
)  # fmt: skip
KEY_RESULT = (
    Deed("retarget", c.RetargetKeyResult, _("Retarget"), f.promise_fields, is_there,
         says=_("A revision: it holds from today on. What is left as it is stays.")),
    Deed("correct", c.CorrectKeyResult, _("Correct"),
         lambda found: (*f.promise_fields(found), f.WEIGHT), is_there,
         says=_("A correction: what was meant all along, for all days. It needs a reason.")),
    Deed("hand-over", c.ReassignKeyResult, _("Hand over"), fields(
        f.OWNER._replace(empty=_("the owner of its objective"))), is_there, empties=("owner_id",)),
    Deed("retitle", c.RetitleKeyResult, _("Retitle"), fields(f.TITLE), is_there),
    Deed("describe", c.DescribeKeyResult, _("Describe"), fields(f.DESCRIPTION), is_there,
         empties=("description",)),
    Deed("reweight", c.ReweightKeyResult, _("Reweight"), fields(f.WEIGHT), is_there),
    Deed("cadence", c.ReplaceKeyResultCadence, _("Change how often"), fields(f.CADENCE), is_there),
    Deed("link", c.LinkKeyResult, _("Link to a KPI"), fields(
        Field("kpi_id", _("KPI"), "choice", f.id_of("kpi"), _("Its readings then feed it."),
              f.kpis, _("none: check-ins feed it"))),
         lambda found: is_there(found) and found["kind"] == "metric", empties=("kpi_id",)),
    Deed("drop", c.DropKeyResult, _("Drop"), none, is_there, final=True,
         says=_("It counts in the score as committed, and nowhere else.")),
    Deed("reinstate", c.ReinstateKeyResult, _("Take up again"), none, was_dropped, final=True,
         says=_("It counts again, as it was.")),
)  # fmt: skip
KPI = (
    Deed("record", c.RecordReading, _("Record a reading"), READING_OF_KPI, is_in_use),
    Deed("set-target", c.SetKpiTarget, _("Set a target"), target_fields, is_in_use,
         says=_("For days that have no target yet.")),
    Deed("retarget", c.RetargetKpi, _("Move the target"), moved_target,
         lambda found: is_in_use(found) and found["target"] is not None),
    Deed("redefine", c.RedefineKpi, _("Redefine"), fields(
        Field("counts", _("What is counted and how"), "area", f.of("counts")),
        Field("aggregation", _("How readings become the value"), "choice", f.of("aggregation"),
              options=f.AGGREGATIONS),
        Field("effective", _("From"), "date", hint=_("Empty: today."))), is_in_use,
         says=_("Readings about days before and since cannot be compared.")),
    Deed("hand-over", c.ReassignKpi, _("Hand over"), fields(
        owner(_("New owner")),
        Field("team_id", _("Team"), "choice", f.id_of("team"), options=f.teams,
              empty=_("no team"))), is_in_use, empties=("team_id",)),
    Deed("rename", c.RenameKpi, _("Rename"), fields(
        Field("name", _("Name"), value=f.of("name"), required=True)), is_in_use),
    Deed("purpose", c.ReplaceKpiPurpose, _("Say what it is for"), fields(
        Field("purpose", _("Purpose"), "area", f.of("purpose"))), is_in_use, empties=("purpose",)),
    Deed("source", c.ReplaceKpiSource, _("Name another source"), fields(
        Field("source", _("Source"), value=f.of("source"), required=True)), is_in_use),
    Deed("cadence", c.ReplaceKpiCadence, _("Change how often"), fields(f.CADENCE), is_in_use),
    Deed("retire", c.RetireKpi, _("Retire"), none, is_in_use, final=True,
         says=_("It takes no more readings, and none are due.")),
    Deed("reinstate", c.ReinstateKpi, _("Take up again"), none, is_retired, final=True,
         says=_("It takes readings again, which are due again.")),
)  # fmt: skip
READING = (
    Deed("correct", c.CorrectReading, _("Correct"), f.reading_fields, counts,
         says=_("The wrong value stays in the history, and counts no more.")),
    Deed("retract", c.RetractReading, _("Take back"), none, counts, final=True,
         says=_("It stays in the history, and counts no more.")),
)  # fmt: skip
