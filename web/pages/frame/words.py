"""The words of the API as people read them: one word for each notion, in both languages.

`_` marks what the catalogue has to hold; the words are looked up when a page is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from web.pages.frame.formats import number, quantity
from web.pages.frame.language import gettext, said

Row = Mapping[str, Any]


def _(text: str) -> str:
    return text


WORDS = {
    "status": {
        "on_track": _("on track"),
        "at_risk": _("at risk"),
        "off_track": _("off track"),
        "not_measured": _("not measured"),
        "dropped": _("dropped"),
    },
    "state": {
        "draft": _("draft"),
        "committed": _("committed"),
        "abandoned": _("abandoned"),
        "carried_over": _("carried over"),
    },
    "outcome": {
        "met": _("met"),
        "partly_met": _("partly met"),
        "missed": _("missed"),
        "not_measured": _("not measured"),
    },
    "ended_by": {
        "graded": _("graded"),
        "abandoned": _("abandoned"),
        "carried_over": _("carried over"),
        "ungraded": _("closed without a grade"),
    },
    "need": {
        "reading_overdue": _("check-in overdue"),
        "reading_due": _("check-in due"),
        "approval": _("request to decide"),
        "grade": _("to grade"),
        "draft": _("draft to commit"),
        "request": _("your request waits"),
    },
    "team": {"company": _("company"), "department": _("department"), "team": _("team")},
    "kpi_status": {
        "met": _("met"),
        "missed": _("missed"),
        "inside": _("inside"),
        "outside": _("outside"),
        "no_target": _("no target"),
        "not_measured": _("not measured"),
        "on_track": _("on track"),
        "at_risk": _("at risk"),
        "off_track": _("off track"),
    },
    "decision": {
        "pending": _("waits"),
        "approved": _("approved"),
        "refused": _("refused"),
        "withdrawn": _("withdrawn"),
    },
    "change": {
        "plan_commits": _("plan committed"),
        "closings": _("closed or opened again"),
        "grades": _("grades"),
        "hand_overs": _("hand-overs"),
        "realignments": _("re-alignments"),
        "retargets": _("new targets"),
        "corrections": _("corrections"),
        "endings": _("goals ended"),
        "returns": _("goals taken up again"),
        "readings": _("readings"),
        "check_ins": _("check-ins"),
        "approvals": _("approvals"),
        "new_goals": _("new goals"),
        "others": _("other changes"),
    },
    "differs": {
        "not_in_the_other_cycle": _("not in the other cycle"),
        "added": _("added"),
        "dropped": _("dropped"),
        "carried_over": _("carried over"),
        "retitled": _("other title"),
        "described": _("other description"),
        "commitment_replaced": _("other expectation"),
        "reassigned": _("handed over"),
        "realigned": _("re-aligned"),
        "reweighted": _("other weight"),
        "state_changed": _("other state"),
        "graded": _("graded"),
        "rescheduled": _("other due day"),
        "outcome_moved": _("other outcome"),
        "status_moved": _("other status"),
        "cadence_replaced": _("read at other times"),
        "moved": _("moved to another objective"),
        "linked": _("other KPI"),
        "retargeted": _("other target"),
        "corrected": _("corrected"),
        "score_moved": _("other score"),
    },
    "origin": {
        "api": _("API"),
        "cli": _("command line"),
        "page": _("page"),
        "import": _("import"),
        "job": _("job"),
        "seed": _("seeding"),
    },
    "role": {
        "lead": _("lead"),
        "hr": _("HR"),
        "auditor": _("auditor"),
        "administrator": _("administrator"),
    },
    "commitment": {"committed": _("committed"), "aspirational": _("aspirational")},
    "cadence": {
        "daily": _("daily"),
        "weekly": _("weekly"),
        "every_two_weeks": _("every two weeks"),
        "monthly": _("monthly"),
        "quarterly": _("quarterly"),
        "half_yearly": _("every half year"),
        "yearly": _("yearly"),
        "per_project": _("as the project goes"),
    },
    "measure_kind": {"metric": _("by a number"), "milestone": _("by steps, or done or not")},
    "direction": {
        "at_least": _("to keep: at least the target"),
        "at_most": _("to keep: at most the target"),
        "within": _("to keep: between two values"),
    },
    "aggregation": {
        "last": _("the last reading"),
        "sum": _("the sum of readings"),
        "mean": _("the mean of readings"),
        "worst": _("the worst reading"),
    },
    "cause": {
        "readings": _("readings"),
        "corrections": _("corrections"),
        "targets": _("targets"),
        "weights": _("weights"),
        "links": _("links to KPIs"),
        "realignments": _("re-alignments"),
        "added": _("what was added"),
        "dropped": _("what was dropped or abandoned"),
        "grading": _("grading and closing"),
        "dates": _("days of the cycle"),
        "policy": _("scoring policy"),
        "other": _("other changes"),
        "time": _("days that passed"),
    },
    "zone": {
        "none": _("none reached"),
        "commit": _("commit"),
        "target": _("target"),
        "stretch": _("stretch"),
    },
    "band": {"green": _("green"), "yellow": _("yellow"), "red": _("red")},
}
# Never colour alone: a shape as well.
SHAPES = {
    "on_track": "●",
    "at_risk": "▲",
    "off_track": "■",
    "not_measured": "○",
    "dropped": "×",
    "met": "●",
    "partly_met": "▲",
    "missed": "■",
    "inside": "●",
    "outside": "■",
    "no_target": "○",
}
TO_KEEP = {
    "at_least": _("at least %(target)s"),
    "at_most": _("at most %(target)s"),
    "within": _("%(minimum)s to %(maximum)s"),
}


def word(value: str | None, kind: str) -> str:
    """Return a word of the API in the language of the page; none for none."""
    if value is None:
        return ""
    return gettext(WORDS[kind].get(value, value.replace("_", " ")))


def shape(status: str | None) -> str:
    """Return the shape of a status or an outcome."""
    return SHAPES.get(status or "", "")


def title(thing: Row | None) -> str:
    """Return the title or name of what is referred to; what is not for the viewer says so."""
    if thing is None:
        return ""
    return str(thing.get("name") or thing.get("title") or gettext("confidential"))


def said_value(value: Any) -> str:
    """Return a value of an event as text: a thing by its title, true and false in words."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return title(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(said_value, value)) or "–"
    return str(value)


PAGE_OF = {"objective": "objectives", "key_result": "key-results", "kpi": "kpis"}


def address_of(thing: Row, at: str = "") -> str:
    """Return the address of the page of a goal; `at` is the moment for it."""
    return f"/{PAGE_OF[thing['kind']]}/{thing['id']}{at}"


def stands_at(row: Row) -> str:
    """Return what a key result stands at, beside what it promises: "612 of 1,000 customers"."""
    kind, value = row["kind"], row["value"]
    if kind == "ordinal":
        reading = row["reading"]
        zone = reading["zone"] if reading else None
        return row["zones"][zone] if zone and row["zones"] else gettext("no zone yet")
    if kind == "milestone":
        return done_of(row)
    if row["direction"]:
        kept = {name: number(row[name]) for name in ("target", "minimum", "maximum")}
        promise = said(TO_KEEP[row["direction"]], kept)
        values = {"value": number(value), "promise": promise, "unit": row["unit"] or ""}
        return said(_("%(value)s, %(promise)s %(unit)s"), values).strip()
    target = quantity(row["target"], row["unit"])
    values = {"value": gettext("no value yet") if value is None else number(value)}
    return said(_("%(value)s of %(target)s"), values | {"target": target})


def done_of(row: Row) -> str:
    """Return how much of a milestone is done."""
    if not row["steps"]:
        return gettext("done") if row["value"] not in {None, "0"} else gettext("not done")
    values = {"done": row["value"] or 0, "steps": len(row["steps"])}
    return said(_("%(done)s of %(steps)s steps"), values)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "word": word,
    "shape": shape,
    "title_of": title,
    "address_of": address_of,
    "said_value": said_value,
    "stands_at": stands_at,
}
