"""KPIs: what the readings of a span come to, against the target of that span."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from functools import cache
from uuid import UUID

from okr_es.database.dialect import Dialect
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Aggregation
from okr_es.scoring import span_values
from okr_es.scoring.cadences import Schedule
from okr_es.scoring.formulas import Policy
from okr_es.scoring.shown import cut_down
from okr_es.scoring.span_values import HitRate, SpanReading, Verdict
from projections.as_of.pages import Value, Walk
from projections.as_of.references import ref
from projections.as_of.view import View, as_of_fields
from projections.goals.documents import evidence_of
from projections.goals.key_result_answers import hit_rate_answer
from projections.goals.kpi_answers import (
    JudgedSpan,
    KpiAnswer,
    KpiBody,
    KpiBreak,
    KpiReading,
    KpisAnswer,
    KpiTarget,
    KpiVerdict,
    SpanTarget,
    SubjectValue,
)
from projections.goals.kpi_facts import (
    Definition,
    Frame,
    KpiFacts,
    KpiSpan,
    is_comparable,
    kpi_facts,
    kpis_of,
    policy_at,
    readings_of,
)
from projections.goals.kpi_filters import KpiFilters
from projections.goals.loading_sql import counting
from projections.goals.overdue import overdue_kpis
from projections.read_model.folding import title_key
from projections.read_model.tables import FIRST_DAY, Row


def kpis(view: View, walk: Walk, filters: KpiFilters) -> KpisAnswer:
    """Return a page of the KPIs that meet filters; those alone are judged, if that is possible."""
    facts = filters.stored(view, kpi_facts(view))
    by = walk.sort.name
    values = {each.row["id"]: sort_value(each, by) for each in facts}
    if filters.is_computed:
        answers, following = walk.page_of(
            view.moment,
            filter(filters.meets, judged_kpis(view, facts)),
            lambda answer: values[answer["id"]],
            lambda answer: answer["id"],
        )
    else:
        page, following = walk.page_of(
            view.moment,
            facts,
            lambda each: values[each.row["id"]],
            lambda each: each.row["id"],
        )
        answers = judged_kpis(view, page)
    return {**as_of_fields(view), "kpis": answers, "next": following}


def sort_value(facts: KpiFacts, by: str) -> Value:
    """Return what a KPI is sorted by."""
    return title_key(facts.row["name"]) if by == "name" else int(facts.row["first_position"])


def kpi(view: View, id_: UUID) -> KpiAnswer:
    """Return a KPI with the verdict on each of its spans that has begun; raise NotFound."""
    found = kpis_of(view, id_)
    if not found:
        raise NotFound(f"There is no KPI {id_} by then.", field="id")
    facts, policy = found[0], policy_at(view)
    return {
        **judged_kpis(view, found, policy)[0],
        "spans": judged_spans(view, facts, policy),
        **as_of_fields(view),
    }


def judged_kpis(view: View, kpis: list[KpiFacts], policy: Policy | None = None) -> list[KpiBody]:
    """Return KPIs, each judged in the span of the day, with its last reading."""
    day = view.moment.day.isoformat()
    spans = {facts.row["id"]: facts.span(day) for facts in kpis}
    frames = {id_: frame_of(view, id_, span) for id_, span in spans.items() if span is not None}
    readings = readings_of(view, list(frames.values()))
    last = last_readings(view, kpis)
    policy = policy or policy_at(view)
    days = {k.row["id"]: [(each.starts, each.ends) for each in k.spans] for k in kpis}
    overdue = overdue_kpis(view, days, {id_: each["as_of"] for id_, each in last.items()})
    return [
        judged(
            view,
            facts,
            Judged.of(
                facts,
                spans[facts.row["id"]],
                readings_in(facts, frames, readings),
                view,
                policy,
            ),
            last.get(facts.row["id"]),
            is_overdue=facts.row["id"] in overdue,
        )
        for facts in kpis
    ]


def readings_in(
    facts: KpiFacts, frames: dict[str, Frame], readings: dict[Frame, list[SpanReading]]
) -> list[SpanReading]:
    """Return the readings in the frame of a KPI, none without a frame."""
    frame = frames.get(facts.row["id"])
    return [] if frame is None else readings.get(frame, [])


def frame_of(view: View, kpi_id: str, span: KpiSpan) -> Frame:
    """Return the days of a span whose readings count by the moment."""
    return Frame(kpi_id, span.starts, min(span.ends, view.moment.read_until.isoformat()))


# ---- the verdict on a span --------------------------------------------------------------


class Judged:
    """A span of a KPI with its readings up to a day, and the verdict on them."""

    def __init__(
        self,
        facts: KpiFacts,
        span: KpiSpan,
        readings: list[SpanReading],
        view: View,
        policy: Policy,
    ) -> None:
        day = self.day = view.moment.day
        self.facts, self.span, self.readings = facts, span, readings
        self.calendars = view.calendars
        self.days = date.fromisoformat(span.starts), date.fromisoformat(span.ends)
        self.last_day = min(day, self.days[1])
        self.definition = facts.definition(self.last_day.isoformat())
        self.goodness = span.bounds.goodness()
        value = span_values.value_of(self.aggregation, readings, self.goodness)
        self.verdict: Verdict = span_values.verdict(
            value, self.aggregation, span.bounds, self.days, day, policy
        )

    @classmethod
    def of(
        cls,
        facts: KpiFacts,
        span: KpiSpan | None,
        readings: list[SpanReading],
        view: View,
        policy: Policy,
    ) -> Judged | None:
        """Return a span judged; None without one."""
        return None if span is None else cls(facts, span, readings, view, policy)

    @property
    def aggregation(self) -> str:
        """How readings become the value of the span."""
        return self.definition.aggregation

    @property
    def is_comparable(self) -> bool:
        """Whether the KPI was defined alike on all days of the span that have begun."""
        return is_comparable(self.facts.definitions, self.span.starts, self.last_day.isoformat())

    def hit_rate(self) -> HitRate | None:
        """Return in how many periods it was inside; None of what is to be reached, or of a sum."""
        bounds = self.span.bounds
        if not bounds.is_set or self.aggregation == "sum" or bounds.is_to_reach(self.aggregation):
            return None
        cadence, (first, last) = self.facts.row["cadence"], self.days
        schedule = Schedule(self.calendars, cadence, first, last, has_usual_grace=True)
        return span_values.hit_rate(self.readings, schedule, self.aggregation, bounds, self.day)

    def subjects(self) -> list[SubjectValue]:
        """Return the value of each subject by its name; none where no reading names one."""
        found = span_values.subject_values(self.aggregation, self.readings, self.goodness)
        if not found.keys() - {None}:
            return []
        return [
            {"subject": subject, "value": shown_value(value, self.span)}
            for subject, value in sorted(found.items(), key=lambda each: each[0] or "")
        ]


def shown_value(value: Fraction | None, span: KpiSpan) -> str | None:
    """Return a value as it is shown, on its side of the target; None stays None."""
    return None if value is None else span.bounds.value_text(value)


# ---- answers ----------------------------------------------------------------------------


def judged(
    view: View,
    facts: KpiFacts,
    span: Judged | None,
    last: KpiReading | None,
    *,
    is_overdue: bool,
) -> KpiBody:
    """Return a KPI, judged on the day of a view; without a span for it nothing is judged."""
    row, day = facts.row, view.moment.day
    definition = facts.definition(day.isoformat())
    return {
        "id": row["id"],
        "version": row["version"],
        "name": row["name"],
        "direction": row["direction"],
        "unit": row["unit"],
        "source": row["source"],
        "cadence": row["cadence"],
        "counts": definition.counts,
        "aggregation": Aggregation(definition.aggregation),
        "breaks": breaks_of(facts.definitions),
        "purpose": row["purpose"],
        "baseline": row["baseline"],
        "retired": row["retired"],
        "owner": ref(row["owner_id"]),
        "team": ref(row["team_id"]),
        "recorded_later": facts.is_recorded_later,
        "targets": [span_answer(each) for each in facts.spans],
        "target": None if span is None else span_answer(span.span),
        "reading": last,
        **verdict_answer(span),
        "subjects": [] if span is None else span.subjects(),
        "overdue": is_overdue,
    }


def verdict_answer(span: Judged | None) -> KpiVerdict:
    """Return the verdict on a span; of no span that nothing is measured."""
    if span is None:
        return NOTHING_JUDGED
    found = span.verdict
    return {
        "value": shown_value(found.value, span.span),
        "progress": cut_down(found.progress),
        "expected": cut_down(found.expected),
        "pace": cut_down(found.pace),
        "status": found.status,
        "inside": found.is_inside,
        "met": found.is_met,
        "hit_rate": hit_rate_answer(span.hit_rate()),
        "comparable": span.is_comparable,
    }


NOTHING_JUDGED: KpiVerdict = {
    "value": None,
    "progress": None,
    "expected": None,
    "pace": None,
    "status": "not_measured",
    "inside": None,
    "met": None,
    "hit_rate": None,
    "comparable": True,
}


def breaks_of(definitions: Iterable[Definition]) -> list[KpiBreak]:
    """Return from which days a KPI was defined otherwise."""
    return [
        {
            "effective": each.effective,
            "counts": each.counts,
            "aggregation": Aggregation(each.aggregation),
            "position": each.position,
        }
        for each in definitions
        if each.effective != FIRST_DAY
    ]


def span_answer(span: KpiSpan) -> SpanTarget:
    """Return what is wanted in a span, and whether it was first recorded after the day."""
    target, minimum, maximum = (
        None if number is None else format(number, "f") for number in span.bounds[1:4]
    )
    return {
        "starts": span.starts,
        "ends": span.ends,
        "target": target,
        "minimum": minimum,
        "maximum": maximum,
        "recorded_later": span.is_recorded_later,
    }


def target_answer(row: Row) -> KpiTarget:
    """Return what is wanted in a span."""
    return {
        "starts": row["starts"],
        "ends": row["ends"],
        "target": row["target"],
        "minimum": row["minimum"],
        "maximum": row["maximum"],
    }


def judged_spans(view: View, facts: KpiFacts, policy: Policy) -> list[JudgedSpan]:
    """Return each span of a KPI that has begun by the day, with the verdict on it."""
    day = view.moment.day
    begun = [span for span in facts.spans if span.starts <= day.isoformat()]
    frames = [frame_of(view, facts.row["id"], span) for span in begun]
    readings = readings_of(view, frames)
    return [
        {
            **span_answer(span),
            **verdict_answer(Judged(facts, span, readings.get(frame, []), view, policy)),
        }
        for span, frame in zip(begun, frames, strict=True)
    ]


# ---- the last reading -------------------------------------------------------------------


def last_readings(view: View, kpis: list[KpiFacts]) -> dict[str, KpiReading]:
    """Return the last reading of each KPI that has one, by its id."""
    ids = view.array(facts.row["id"] for facts in kpis)
    found = view.rows(last_statement(view.dialect), **view.moment.parameters, ids=ids)
    return {
        measured: {
            "id": id_,
            "as_of": as_of,
            "value": value,
            "subject": subject,
            "evidence": evidence_of(evidence),
            "recorded_later": position > view.moment.plan,
        }
        for measured, id_, as_of, value, subject, evidence, position in found
    }


@cache
def last_statement(dialect: Dialect) -> str:
    """Return the statement of the readings that count, of some KPIs."""
    return f"""
      SELECT m.measured_id, m.id, m.as_of, m.value, m.subject, m.evidence, m.first_position
      FROM ({dialect.unnest("ids")}) AS i
      {dialect.first_of("m", "reading", "r.*", counting("i.value", ":day"))}
      WHERE m.id IS NOT NULL
    """
