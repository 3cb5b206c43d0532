"""The fields of the forms by which goals are changed: how each is called, what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.domain.values import Aggregation, Cadence, Commitment
from web.pages.frame.formats import number
from web.pages.frame.language import gettext
from web.pages.frame.site import Site
from web.pages.frame.words import title, word

Row = Mapping[str, Any]
Options = list[tuple[str, str]]
MOST = 500


def _(text: str) -> str:
    return text


class Field(NamedTuple):
    """A field: its name as the command has it, its words, and how it is filled.

    `value` says what stands in it at first, of the thing as it is; `options` what can be chosen;
    `empty` is the choice of nothing.
    """

    name: str
    label: str
    kind: str = "text"
    value: Callable[[Row], Any] | None = None
    hint: str = ""
    options: Callable[[Site, Row], Options] | None = None
    empty: str | None = None
    required: bool = False

    def beginning(self, found: Row) -> str:
        """Return what stands in it at first."""
        given = None if self.value is None else self.value(found)
        if given is None:
            return ""
        if self.kind == "number":
            return number(given)
        return "\n".join(given) if isinstance(given, list) else str(given)


def of(name: str) -> Callable[[Row], Any]:
    """Return what reads a field of the thing."""
    return lambda found: found[name]


def id_of(name: str) -> Callable[[Row], Any]:
    """Return what reads the id of what the thing refers to."""
    return lambda found: found[name] and found[name]["id"]


# ---- what can be chosen -----------------------------------------------------------------------


def words(kind: str, *values: str) -> Callable[[Site, Row], Options]:
    """Return a choice of some words of the API."""
    return lambda _site, _found: [(each, word(each, kind)) for each in values]


def people(site: Site, _: Row) -> Options:
    """Return who is there, by name."""
    found = site.ask("people", state="active", sort="name", limit=MOST)["people"]
    return [(str(each["id"]), str(each["name"])) for each in found]


def teams(site: Site, _: Row) -> Options:
    """Return the teams there are, by name."""
    found = site.ask("teams", state="living", sort="name", limit=MOST)["teams"]
    return [(str(each["id"]), str(each["name"])) for each in found]


def open_cycles(site: Site, found: Row) -> Options:
    """Return the cycles that are open, but for its own."""
    cycles = site.ask("cycles", state="open", limit=MOST)["cycles"]
    own = str(found["cycle"]["id"])
    return [(str(each["id"]), str(each["name"])) for each in cycles if str(each["id"]) != own]


def kpis(site: Site, found: Row) -> Options:
    """Return the KPIs of the same unit that are in use."""
    rows = site.ask("kpis", state="in_use", sort="name", limit=MOST)["kpis"]
    return [(str(each["id"]), str(each["name"])) for each in rows if each["unit"] == found["unit"]]


def goals(site: Site, found: Row) -> Options:
    """Return what an objective can be aligned to: objectives of open cycles and key results."""
    cycles = site.ask("cycles", state="open", limit=MOST)["cycles"]
    ids = tuple({UUID(str(each["id"])) for each in cycles} | {UUID(str(found["cycle"]["id"]))})
    rows = site.ask("objectives", cycle=ids[:40], sort="title", limit=MOST)["objectives"]
    results = site.ask("key_results", cycle=ids[:40], sort="title", limit=MOST)["key_results"]
    mine = str(found["id"])
    chosen = [("nothing", gettext("nothing"))]
    chosen += [
        (f"objective/{each['id']}", f"{title(each)} ({each['cycle']['name']})")
        for each in rows
        if str(each["id"]) != mine
    ]
    return chosen + [
        (f"key_result/{each['id']}", f"· {title(each)}")
        for each in results
        if str(each["objective"]["id"]) != mine
    ]


CADENCES = words("cadence", *map(str, Cadence))
COMMITMENTS = words("commitment", *map(str, Commitment))
AGGREGATIONS = words("aggregation", *map(str, Aggregation))

# ---- fields that several forms have -----------------------------------------------------------

TITLE = Field("title", _("Title"), value=of("title"), required=True)
DESCRIPTION = Field(
    "description", _("Description"), "area", of("description"), _("Empty: none."),
)  # fmt: skip
OWNER = Field("owner_id", _("Owner"), "choice", id_of("owner"), options=people)
CADENCE = Field("cadence", _("How often"), "choice", of("cadence"), options=CADENCES)
WEIGHT = Field(
    "weight", _("Weight"), "number", of("weight"),
    _("Relative to the others of its objective; 0 leaves it out."),
)  # fmt: skip


def promise_fields(found: Row) -> tuple[Field, ...]:
    """Return what a key result promises, as the fields of its kind."""
    if found["kind"] == "milestone":
        steps = Field("measure.steps", _("Steps"), "area", of("steps"), _("One a line."))
        return (steps,)
    if found["kind"] == "ordinal":
        zones = [("commit", _("Commit")), ("target", _("Target")), ("stretch", _("Stretch"))]
        return tuple(Field(f"measure.zones.{zone}", name, value=zone_of(zone))
                     for zone, name in zones)  # fmt: skip
    unit = Field("measure.unit", _("Unit"), value=of("unit"))
    baseline = Field("measure.baseline", _("Start"), "number", of("baseline"))
    if found["direction"] == "within":
        low = Field("measure.minimum", _("Lowest good value"), "number", of("minimum"))
        high = Field("measure.maximum", _("Highest good value"), "number", of("maximum"))
        return low, high, unit
    target = Field("measure.target", _("Target"), "number", of("target"))
    return (target, unit) if found["direction"] else (target, baseline, unit)


def zone_of(zone: str) -> Callable[[Row], Any]:
    """Return what reads the words of a zone."""
    return lambda found: (found["zones"] or {}).get(zone)


def new_promise(_: Row) -> tuple[Field, ...]:
    """Return the fields of a new key result."""
    kinds = words("measure_kind", "metric", "milestone")
    directions = words("direction", "at_least", "at_most", "within")
    return (
        Field("title", TITLE.label, required=True),
        Field("measure.kind", NEW["kind"], "choice", options=kinds),
        Field("measure.baseline", NEW["baseline"], "number", hint=NEW["metric"]),
        Field("measure.target", NEW["target"], "number", hint=NEW["metric"]),
        Field("measure.unit", NEW["unit"], hint=NEW["unit_hint"]),
        Field("measure.direction", NEW["keep"], "choice", options=directions, empty=NEW["reach"]),
        Field("measure.minimum", NEW["minimum"], "number", hint=NEW["within"]),
        Field("measure.maximum", NEW["maximum"], "number", hint=NEW["within"]),
        Field("measure.steps", NEW["steps"], "area", hint=NEW["steps_hint"]),
        Field("cadence", CADENCE.label, "choice", options=CADENCES, empty=NEW["weekly"]),
        Field("weight", WEIGHT.label, "number", hint=WEIGHT.hint),
        Field("description", DESCRIPTION.label, "area"),
    )


NEW = {
    "kind": _("How it is measured"),
    "baseline": _("Start"),
    "target": _("Target"),
    "unit": _("Unit"),
    "unit_hint": _("Of a number: customers, %, days."),
    "metric": _("Of a number."),
    "keep": _("To reach or to keep"),
    "reach": _("to reach the target"),
    "minimum": _("Lowest good value"),
    "maximum": _("Highest good value"),
    "within": _("Only to keep between two values."),
    "steps": _("Steps"),
    "steps_hint": _("Of a milestone, one a line; none: it is done or not."),
    "weekly": _("weekly, or as its KPI"),
}


def reading_fields(found: Row) -> tuple[Field, ...]:
    """Return what can be corrected of a reading: `found` has what it measures beside it."""
    kind = found["kind"]
    comment = Field("comment", _("Comment"), "area", of("comment"))
    confidence = Field("confidence", _("Confidence, 0 to 10"), "number", of("confidence"))
    evidence = (
        Field("evidence.link", _("Link to the document"), hint=_("With its SHA-256, or neither.")),
        Field("evidence.sha256", _("SHA-256 of the document")),
    )
    if kind == "kpi":
        subject = Field("subject", _("Subject"), value=of("subject"))
        return Field("value", _("Value"), "number", of("value")), subject, comment, *evidence
    if kind == "ordinal":
        zones = words("zone", "none", "commit", "target", "stretch")
        said = Field("zone", _("Zone reached"), "choice", of("zone"), options=zones, empty="–")
        return said, confidence, comment
    said = Field("value", _("Value, or steps done"), "number", of("value"))
    return said, confidence, comment, *evidence


def bounds(prefix: str, found: Row) -> tuple[Field, ...]:
    """Return the numbers of a KPI's target, as its direction has them."""
    if found["direction"] == "within":
        low = Field(f"{prefix}minimum", NEW["minimum"], "number")
        return low, Field(f"{prefix}maximum", NEW["maximum"], "number")
    return (Field(f"{prefix}target", NEW["target"], "number"),)
