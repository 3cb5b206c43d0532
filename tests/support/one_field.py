"""Every command that changes something, field by field: what each field, sent alone, may change.

A new command has a line here, or stands in `NOTHING_STAYS`: `test_one_field_alone.py` sees to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, get_args, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from msgspec import UNSET

from okr_es import changes
from okr_es import commands as c
from okr_es.changes import GraceChanges, MeasureChanges, TargetChanges
from okr_es.domain.calendar import Holiday
from okr_es.domain.evidence import Evidence
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import (
    Aggregation,
    Cadence,
    Commitment,
    Controlled,
    Direction,
    Kind,
    NotMeasured,
    PeopleFigures,
    Point,
    Role,
    TeamKind,
    Weekday,
    Zone,
)
from tests.support.world import (
    ANN,
    BEN,
    BRAND,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    Q4,
    Q4_ENDS,
    Q4_STARTS,
    REACH,
    RESPONSE,
    TODAY,
    built,
    d,
)

WEB, LOAD, KEPT, RANGED, LEAN, LED = (UUID(int=0xF10 + i) for i in range(6))
READ, CHECKED, STEPPED, BRANDED = (UUID(int=0xF20 + i) for i in range(4))

DOCUMENT = Evidence("https://files.example.org/corrected", "07" * 32)

# What begins something, or ends it, or decides a request: nothing is there that could stay.
NOTHING_STAYS = {
    "RegisterPerson", "ErasePerson", "FormTeam", "DisbandTeam", "OpenCycle", "CommitPlan",
    "CloseCycle", "ReopenCycle", "ApproveRequest", "RefuseRequest", "WithdrawRequest",
    "DraftObjective", "CommitObjective", "CarryOverObjective", "GradeObjective",
    "ReopenObjective", "AbandonObjective", "AddKeyResult", "DropKeyResult", "CheckIn",
    "DefineKpi", "SetKpiTarget", "RetireKpi", "RecordReading", "RecordReadings",
    "RetractReading", "RotateSigningKey", "ReinstateKeyResult", "NameDeputy",
    "DeactivatePerson", "ReactivatePerson",
    "RenamePerson", "ReplaceEmail",  # the directory has their texts, each by itself
    "ReinstateTeam", "ReinstateKpi", "AcceptClock", "GrantRole", "EndGrant",
    "CreateApiKey", "RevokeApiKey", "RedactText", "KeepConfidential", "OpenToAll",
}  # fmt: skip


class Way(NamedTuple):
    """A field that is sent alone: a value that changes it, others, and what may change by it."""

    subject: UUID | None  # None: there is one in the organisation
    name: str  # of the field, dotted where it is part of a part
    command: Callable[[Any], c.Command]
    sure: Any
    others: st.SearchStrategy[Any]
    changed: frozenset[str]  # the last words of the attributes


def way(
    command: type[c.Command],
    name: str,
    sure: Any,
    others: st.SearchStrategy[Any] | None = None,
    *,
    changed: tuple[str, ...] | None = None,
    **about: Any,
) -> Way:
    subject = next(iter(about.values()), None)
    outer, _, inner = name.partition(".")
    part = PARTS.get(name.partition(".")[0]) if inner else None

    def made(value: Any) -> c.Command:
        if part is None:
            return command(**about, **{outer: value})
        return command(**about, **{outer: part(**{inner: value})})

    found = frozenset((name,) if changed is None else changed)
    return Way(subject, name, made, sure, st.just(sure) if others is None else others, found)


def from_start(**named: Any) -> TargetChanges:
    """Changes of the target of the third quarter."""
    return TargetChanges(Q3_STARTS, **named)


PARTS: dict[str, Callable[..., Any]] = {
    "measure": MeasureChanges, "grace": GraceChanges, "target": from_start,
}  # fmt: skip

SOME = st.decimals(1, 900, places=1)
SHARES = st.decimals("0.1", 1, places=2)
WORDS = st.sampled_from(["grow", "win", "more"])
METRICS = {"unit": st.sampled_from(["leads", "deals", None])}
POINTS = st.sampled_from([(), (Point(TODAY, d("0.1")),), (Point(Q3_ENDS, d("1")),)])
DAYS = st.sampled_from([None, Q3_ENDS, Q4_STARTS])
HOLIDAYS = st.sampled_from([(), (Holiday(date(2025, 12, 24), "Eve"),)])
GRACES = st.integers(0, 9)
CADENCES = tuple(each.name for each in fields(GraceChanges))
STEPS = st.sampled_from([(), ("design",), ("build", "launch"), ("launch", "design")])
THRESHOLDS = (
    "on_track", "at_risk", "yellow_from", "committed_expected", "aspirational_expected",
)  # fmt: skip
SURE_SHARES = dict(zip(THRESHOLDS, map(d, ("0.95", "0.5", "0.3", "0.9", "0.8")), strict=True))
TO = ("aligned_to_objective_id", "aligned_to_key_result_id")


def promises(of: type[c.Command]) -> Iterator[Way]:
    """The ways to change, or to correct, what a key result promises."""
    for number in ("baseline", "target"):
        yield way(of, f"measure.{number}", d("7"), SOME, key_result_id=CUSTOMERS)
        yield way(of, f"measure.{number}", d("7"), SOME, key_result_id=KEPT)
    yield way(of, "measure.baseline", None, key_result_id=KEPT)
    for bound in ("minimum", "maximum"):
        yield way(of, f"measure.{bound}", d("4"), SOME, key_result_id=RANGED)
    yield way(of, "measure.unit", "deals", METRICS["unit"], key_result_id=CUSTOMERS)
    yield way(of, "measure.kind", Kind.METRIC, key_result_id=CUSTOMERS, changed=())
    ways = st.sampled_from([None, *Direction])
    yield way(of, "measure.direction", Direction.AT_MOST, ways, key_result_id=CUSTOMERS)
    yield way(of, "measure.direction", None, ways, key_result_id=KEPT)
    yield way(of, "measure.steps", ("design", "test"), STEPS, key_result_id=LAUNCH)
    zones = Zones("seen", "liked", "loved")
    yield way(of, "measure.zones", zones, key_result_id=BRAND, changed=("zones.commit",))
    for key_result in (CUSTOMERS, LAUNCH, BRAND, RANGED):
        yield way(of, "trajectory", (), POINTS, key_result_id=key_result)


def words_and_owners() -> Iterator[Way]:
    """The ways to put right what is said of goals beside their numbers."""
    maybe, whose = st.none() | WORDS, st.sampled_from([None, ANN, BEN])
    yield way(c.RetitleObjective, "title", "win", WORDS, objective_id=GROW)
    for words in (None, "win"):
        yield way(c.DescribeObjective, "description", words, maybe, objective_id=GROW)
        yield way(c.DescribeKeyResult, "description", words, maybe, key_result_id=CUSTOMERS)
    for due in (None, Q3_ENDS):
        yield way(c.RescheduleObjective, "due", due, DAYS, objective_id=LEAN)
    kinds = st.sampled_from(Commitment)
    of = c.ReplaceObjectiveCommitment
    yield way(of, "commitment", Commitment.ASPIRATIONAL, kinds, objective_id=GROW)
    yield way(c.RetitleKeyResult, "title", "win", WORDS, key_result_id=CUSTOMERS)
    for owner in (None, ANN):
        yield way(c.ReassignKeyResult, "owner_id", owner, whose, key_result_id=CUSTOMERS)
    rates = st.sampled_from(Cadence)
    yield way(c.ReplaceKeyResultCadence, "cadence", Cadence.DAILY, rates, key_result_id=CUSTOMERS)


def targets(of: type[c.Command]) -> Iterator[Way]:
    """The ways to move, or to correct, the target of a span."""
    yield way(of, "target.target", d("1"), SOME, kpi_id=RESPONSE, changed=("target",))
    yield way(of, "target.target", None, kpi_id=RESPONSE, changed=("target",))
    yield way(of, "target.ends", Q3_ENDS, kpi_id=RESPONSE, changed=())
    yield way(of, "target.minimum", d("70"), SOME, kpi_id=LOAD, changed=("minimum",))
    yield way(of, "target.maximum", d("96"), SOME, kpi_id=LOAD, changed=("maximum",))


def readings() -> Iterator[Way]:
    """The ways to correct a reading or a check-in."""
    of = c.CorrectReading
    yield way(of, "value", d("3"), SOME, reading_id=READ)
    yield way(of, "value", d("3"), SOME, reading_id=CHECKED)
    yield way(of, "zone", Zone.STRETCH, st.sampled_from(Zone), reading_id=BRANDED)
    yield way(of, "done_steps", ("launch",), STEPS, reading_id=STEPPED)
    counts = st.integers(0, 3).map(Decimal)
    yield way(of, "value", d("3"), counts, reading_id=STEPPED, changed=("value", "done_steps"))
    for of_what in (READ, CHECKED):
        yield way(of, "evidence", DOCUMENT, st.none() | st.just(DOCUMENT), reading_id=of_what)
        yield way(of, "comment", "late", st.none() | WORDS, reading_id=of_what)
    yield way(of, "confidence", 2, st.none() | st.integers(0, 10), reading_id=BRANDED)
    yield way(of, "subject", "North", st.none() | WORDS, reading_id=READ)


def of_the_organisation() -> Iterator[Way]:
    """The ways to change calendar, scoring policy and figures per person."""
    for name in THRESHOLDS:
        yield way(c.AdoptScoringPolicy, name, SURE_SHARES[name], SHARES)
    words = st.sampled_from(NotMeasured)
    yield way(c.AdoptScoringPolicy, "not_measured", NotMeasured.COUNTS_ZERO, words)
    zones = st.sampled_from(["Europe/Stockholm", "Europe/London", "UTC"])
    week = st.sampled_from([tuple(Weekday), tuple(Weekday)[1:4]])
    days = ("calendar.working_days",)
    yield way(c.SetCalendar, "zone", "Europe/London", zones, changed=("calendar.zone",))
    yield way(c.SetCalendar, "working_days", tuple(Weekday), week, changed=days)
    holidays = ("calendar.holidays",)
    yield way(c.SetCalendar, "holidays", (), HOLIDAYS, changed=holidays)
    yield way(c.SetCalendar, "add_holidays", (Holiday(TODAY, "Now"),), changed=holidays)
    yield way(c.SetCalendar, "remove_holidays", (date(2025, 12, 25),), changed=holidays)
    yield way(c.SetCalendar, "holidays_of", "SE", changed=holidays)
    month, mondays = ("calendar.first_month",), ("calendar.two_weeks_from",)
    yield way(c.SetCalendar, "first_month", 7, st.integers(1, 12), changed=month)
    yield way(c.SetCalendar, "two_weeks_from", date(2025, 7, 7), changed=mondays)
    for cadence in CADENCES:
        yield way(c.SetCalendar, f"grace.{cadence}", 9, GRACES)
    yield way(c.RescheduleGrant, "ends", None, DAYS, grant_id=LED)
    figures = st.sampled_from(PeopleFigures)
    yield way(c.ChoosePeopleFigures, "people_figures", PeopleFigures.OFF, figures)
    for field in ("person_texts_years", "client_info_years", "access_log_years"):
        yield way(c.SetRetention, field, None, st.integers(0, 9))


WAYS: dict[type[c.Command], list[Way]] = {
    c.PlaceLegalHold: [way(c.PlaceLegalHold, "matter", "T 2", changed=("holds",), person_id=BEN)],
    c.LiftLegalHold: [way(c.LiftLegalHold, "matter", "T 1", changed=("holds",), person_id=BEN)],
    c.RenameTeam: [way(c.RenameTeam, "name", "Web", WORDS, team_id=MARKETING)],
    c.MoveTeam: [
        way(c.MoveTeam, "parent_id", None, st.sampled_from([None, COMPANY, PRODUCT]), team_id=WEB)
    ],
    c.RequireApproval: [
        way(c.RequireApproval, "of", (Controlled.CLOSING,), changed=("approval_required",),
            cycle_id=Q4)
    ],
    c.ReassignObjective: [
        way(c.ReassignObjective, "owner_id", ANN, st.sampled_from([ANN, BEN]), objective_id=REACH),
        way(c.ReassignObjective, "team_id", WEB, st.sampled_from([WEB, PRODUCT]),
            objective_id=REACH),
    ],
    c.RealignObjective: [
        way(c.RealignObjective, TO[0], None, objective_id=REACH),
        way(c.RealignObjective, TO[0], LEAN, st.sampled_from([None, GROW, LEAN]),
            objective_id=REACH),
        way(c.RealignObjective, TO[1], CUSTOMERS, objective_id=REACH, changed=TO),
        way(c.RealignObjective, TO[1], None, st.sampled_from([None, LEADS]), objective_id=LEAN),
        way(c.RealignObjective, "weight", d("2"), SOME, objective_id=REACH),
        way(c.RealignObjective, "weight", d("2"), SOME, objective_id=LEAN),
    ],
    c.RetargetKeyResult: list(promises(c.RetargetKeyResult)),
    c.CorrectKeyResult: [
        *promises(c.CorrectKeyResult),
        way(c.CorrectKeyResult, "weight", d("5"), SOME, key_result_id=KEPT),
    ],
    c.CorrectObjective: [way(c.CorrectObjective, "weight", d("2"), SOME, objective_id=REACH)],
    c.ReweightKeyResult: [way(c.ReweightKeyResult, "weight", d("2"), SOME, key_result_id=LAUNCH)],
    c.LinkKeyResult: [
        way(c.LinkKeyResult, "kpi_id", None, st.sampled_from([None, RESPONSE]), key_result_id=LEADS)
    ],
    c.MoveKeyResult: [
        way(c.MoveKeyResult, "to_objective_id", LEAN, st.sampled_from([GROW, LEAN]),
            changed=("objective_id",), key_result_id=BRAND)
    ],
    c.ReplaceTeamKind: [
        way(c.ReplaceTeamKind, "kind", TeamKind.TEAM, st.sampled_from(TeamKind), team_id=MARKETING)
    ],
    c.RenameCycle: [
        way(c.RenameCycle, "name", "last", st.sampled_from(["last", "LAST", "2025-Q4"]),
            cycle_id=Q4)
    ],
    c.RescheduleCycle: [
        way(c.RescheduleCycle, "starts", TODAY, st.sampled_from([TODAY, Q4_STARTS]), cycle_id=Q4),
        way(c.RescheduleCycle, "ends", Q4_STARTS, st.sampled_from([TODAY, Q4_STARTS]), cycle_id=Q4),
    ],
    c.RenameKpi: [way(c.RenameKpi, "name", "Answers", WORDS, kpi_id=RESPONSE)],
    c.ReassignKpi: [
        way(c.ReassignKpi, "owner_id", BEN, st.sampled_from([ANN, BEN]), kpi_id=RESPONSE),
        way(c.ReassignKpi, "team_id", None, st.sampled_from([None, WEB]), kpi_id=RESPONSE),
    ],
    c.ReplaceKpiPurpose: [
        way(c.ReplaceKpiPurpose, "purpose", None, st.none() | WORDS, kpi_id=LOAD)
    ],
    c.CorrectKpi: [
        way(c.CorrectKpi, "unit", "Leads", st.sampled_from(["leads", "LEADS"]), kpi_id=RESPONSE),
        way(c.CorrectKpi, "direction", Direction.AT_MOST, st.sampled_from(Direction),
            kpi_id=RESPONSE),
        way(c.CorrectKpi, "baseline", None, st.none() | SOME, kpi_id=RESPONSE),
    ],
    c.RedefineKpi: [
        way(c.RedefineKpi, "counts", None, WORDS, kpi_id=RESPONSE),
        way(c.RedefineKpi, "counts", "more", WORDS, kpi_id=RESPONSE),
        way(c.RedefineKpi, "aggregation", Aggregation.MEAN, st.sampled_from(Aggregation),
            kpi_id=RESPONSE),
    ],
    c.RetargetKpi: list(targets(c.RetargetKpi)),
    c.CorrectKpiTarget: list(targets(c.CorrectKpiTarget)),
    c.ReplaceKpiSource: [way(c.ReplaceKpiSource, "source", "web", WORDS, kpi_id=RESPONSE)],
    c.ReplaceKpiCadence: [
        way(c.ReplaceKpiCadence, "cadence", Cadence.MONTHLY, st.sampled_from(Cadence),
            kpi_id=RESPONSE)
    ],
    c.CorrectReading: list(readings()),
}  # fmt: skip
for each in (*words_and_owners(), *of_the_organisation()):
    WAYS.setdefault(type(each.command(each.sure)), []).append(each)


# What is one thing under several names: one takes the place of the others.
ONE_THING = (frozenset(TO), frozenset({"value", "done_steps"}))

# The world with nothing at its default, so that whatever does not stay is seen.
KEEP = Measure(Kind.METRIC, d("1"), d("3"), "leads", direction=Direction.AT_LEAST)
RANGE = Measure(
    Kind.METRIC, d("0"), None, "%", direction=Direction.WITHIN, minimum=d("2"), maximum=d("5")
)
PAPER = Evidence("https://example.org/a", "ab" * 32)
HALF = (Point(TODAY, d("0.5")),)
LATER = Target(Q4_STARTS, Q4_ENDS, d("1.5"))
SETTLED: tuple[c.Command, ...] = (
    c.FormTeam("Shop", parent_id=MARKETING, id=WEB),
    c.PlaceLegalHold(BEN, "T 1"),
    c.ChoosePeopleFigures(PeopleFigures.HR_TOO),
    c.SetRetention(11, 12, 13),
    c.GrantRole(BEN, Role.LEAD, MARKETING, ends=Q3_ENDS, id=LED),
    c.DraftObjective(Q3, PRODUCT, BEN, "be lean", due=date(2025, 9, 15), id=LEAN),
    c.AddKeyResult(GROW, "kept", KEEP, d("2"), trajectory=HALF, id=KEPT),
    c.AddKeyResult(GROW, "ranged", RANGE, d("2"), trajectory=HALF, id=RANGED),
    *(c.RetargetKeyResult(id_, trajectory=HALF) for id_ in (CUSTOMERS, LAUNCH, BRAND)),
    c.RealignObjective(REACH, GROW, weight=d("3")),
    c.RealignObjective(LEAN, aligned_to_key_result_id=CUSTOMERS, weight=d("3")),
    c.LinkKeyResult(LEADS, RESPONSE),
    c.DescribeObjective(GROW, "in the north"),
    c.DescribeKeyResult(CUSTOMERS, "who paid"),
    c.ReassignKeyResult(CUSTOMERS, BEN),
    c.DefineKpi(
        "Load", Direction.WITHIN, "%", "monitor", Cadence.WEEKLY, BEN,
        Target(Q3_STARTS, Q3_ENDS, minimum=d("80"), maximum=d("95")), purpose="rest",
        baseline=d("60"), id=LOAD,
    ),
    c.SetKpiTarget(RESPONSE, LATER),
    c.RedefineKpi(RESPONSE, "first answers", Aggregation.SUM, TODAY),
    c.RecordReading(LOAD, TODAY, d("88"), READ, "north", PAPER),
    c.CheckIn(CUSTOMERS, TODAY, 7, d("100"), id=CHECKED),
    c.CheckIn(LAUNCH, TODAY, 7, done_steps=("build",), id=STEPPED),
    c.CheckIn(BRAND, TODAY, 7, zone=Zone.COMMIT, id=BRANDED),
    c.AdoptScoringPolicy(
        d("0.85"), d("0.6"), d("0.2"), d("0.95"), d("0.65"), NotMeasured.LEFT_OUT
    ),
    c.SetCalendar(
        zone="Europe/Stockholm",
        working_days=tuple(Weekday)[:4],
        holidays=(Holiday(date(2025, 12, 25), "Christmas"),),
        first_month=3,
        two_weeks_from=date(2025, 7, 14),
        grace=GraceChanges(**dict.fromkeys(CADENCES, 8)),
    ),
)  # fmt: skip


def begin_settled(url: str) -> None:
    """Make that world, and close it."""
    world = built(url)
    with closing(world.okr):
        for command in SETTLED:
            world.execute(command, reason="so it was")


def leavable(command: type) -> set[str]:
    """The fields of a command that can be left out, dotted where they are parts of a part."""
    found = set()
    for field in fields(command):
        hint = get_type_hints(command)[field.name]
        inner = [each for each in (hint, *get_args(hint)) if is_part(each)]
        if inner:
            found |= {f"{field.name}.{name}" for name in leavable(inner[0])}
        elif field.default is UNSET:
            found.add(field.name)
    return found


def is_part(hint: Any) -> bool:
    """Whether a type names a part of a part."""
    return is_dataclass(hint) and getattr(hint, "__module__", "") == changes.__name__
