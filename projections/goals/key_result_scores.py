"""The score of a key result: progress, expectation, pace and status.

One scorer sits over all goals of the same days, commitment and policy. Numbers stay exact: ratios
until they are shown (`okr_es.scoring.shown`).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from okr_es.domain.values import Cadence, Direction, Kind, Zone
from okr_es.scoring import formulas, ratios
from okr_es.scoring.formulas import Policy
from okr_es.scoring.ratios import Ratio
from okr_es.scoring.shown import cut_down
from okr_es.scoring.span_values import HitRate
from projections.as_of.answers import Status
from projections.as_of.corrected import meant_by
from projections.goals.answers import StartedAt

ID_LENGTH, DAY_END = 36, 46
decoded = msgspec.json.Decoder().decode


class SpanValue(NamedTuple):
    """What several readings come to (`span_readings.py`): exact, and as it is shown.

    `comparable`: the KPI was defined alike on all days they are about; `breaks` are the days from
    which it was ever defined otherwise.
    """

    value: Ratio | None
    shown: str | None
    aggregation: str
    hit_rate: HitRate | None
    comparable: bool
    breaks: tuple[str, ...]


class KeyResultRow(NamedTuple):
    """A key result as loaded, with the reading that counts; texts as they stand in the rows.

    Kind, cadence and zone are plain texts that equal the domain's words.
    """

    id: str
    version: int
    objective_id: str
    owner_id: str | None
    title: str
    description: str | None
    unit: str | None
    weight: str
    kpi_id: str | None
    carried_from: str | None
    revisions: int
    confidence: int | None
    kind: Kind
    baseline: str | None
    target: str | None
    cadence: Cadence
    added_time: str | None
    linked_time: str | None
    steps: str | None
    earlier_steps: str | None
    earlier_cadences: str | None
    trajectory: str | None
    value: str | None
    zone: Zone | None
    as_of: str | None
    zones: str | None
    first_position: int
    came_at: int | None
    promised_at: int | None
    covered_by: int | None
    reading_id: str | None
    done: str | None
    evidence: str | None
    definition: str
    redefined_at: int | None
    started_at: str | None
    direction: Direction | None
    minimum: str | None
    maximum: str | None
    combines: bool
    span: SpanValue | None
    renamed_steps: str | None
    corrected: str | None

    @property
    def fed_by(self) -> str:
        """What its readings are about: the KPI that feeds it, or itself."""
        return self.kpi_id or self.id

    @property
    def came_with(self) -> int:
        """Where it came to its objective: where it was added, or reinstated in a committed plan."""
        return self.came_at or self.first_position

    @property
    def own_definition(self) -> str | None:
        """The definition its check-ins need to count; None where a KPI feeds it, with its own."""
        return None if self.kpi_id else self.definition


def as_known(row: KeyResultRow, known: int) -> KeyResultRow:
    """Return a key result as corrected by a position."""
    if row.corrected is None:
        return row
    return row._replace(**meant_by(row.corrected, known))


class Expected(NamedTuple):
    """What was planned for a day, exact and as it is shown."""

    share: Ratio
    shown: Decimal


class KeyResultScore(NamedTuple):
    """Progress within 0..1 and expectation, exact, and all of it as it is shown."""

    clamped: Ratio | None
    expected: Ratio
    status: Status
    progress_shown: Decimal | None
    expected_shown: Decimal
    pace_shown: Decimal | None


class KeyResultScorer:
    """Scores key results of one commitment and policy between the same days, as of a day."""

    def __init__(
        self, starts: str, horizon: str, day: date, policy: Policy, commitment: str
    ) -> None:
        self.starts = starts
        self.horizon = horizon
        self.day = day
        self.policy = policy
        self.bands = ratios.bands(commitment, policy)
        self.grade = self.bands.expected
        self.thresholds = ratios.thresholds(policy)
        self.plans: dict[str | None, Expected] = {}

    def expected(self, trajectory: str | None) -> Expected:
        """Return what was planned for the day."""
        found = self.plans.get(trajectory)
        if found is None:
            share = expected_by(self.starts, self.horizon, self.day, trajectory)
            found = Expected(share.as_integer_ratio(), cut_down(share))
            self.plans[trajectory] = found
        return found

    def score(self, row: KeyResultRow) -> KeyResultScore:
        """Return progress, expectation, pace and status of a key result."""
        if row.direction is not None:
            return self.score_to_keep(row)
        expected, expected_shown = self.expected(row.trajectory)
        progress = progress_of(row)
        if progress is None:
            return KeyResultScore(None, expected, "not_measured", None, expected_shown, None)
        pace = ratios.pace(progress, expected, self.grade)
        return KeyResultScore(
            ratios.clamped(progress),
            expected,
            ratios.status(pace, self.thresholds),
            cut_down(progress),
            expected_shown,
            cut_down(pace),
        )

    def score_to_keep(self, row: KeyResultRow) -> KeyResultScore:
        """Return the score of a key result to keep: 1 is expected from its first day.

        The project's arithmetic: on_track inside, outside at_risk from the policy's `at_risk`,
        else off_track; whatever is expected of the objective.
        """
        has_begun = self.day >= date.fromisoformat(self.starts)
        expected = ratios.WHOLE if has_begun else ratios.NOTHING
        progress, shown = progress_of(row), cut_down(expected)
        if progress is None:
            return KeyResultScore(None, expected, "not_measured", None, shown, None)
        status = ratios.status_to_keep(progress, self.thresholds)
        pace = ratios.pace(progress, expected)
        return KeyResultScore(progress, expected, status, cut_down(progress), shown, cut_down(pace))

    def pace_and_status(
        self, score: Ratio | None, expected: Ratio, off_track: int
    ) -> tuple[Decimal | None, Status]:
        """Return pace, as shown, and status of a goal, by how many key results are off track.

        It is never better than at_risk while one that weighs is.
        """
        if score is None:
            return None, "not_measured"
        pace = ratios.pace(score, expected, self.grade)
        status: Status = ratios.status(pace, self.thresholds)
        if off_track and status == "on_track":
            status = "at_risk"
        return cut_down(pace), status


def progress_of(row: KeyResultRow) -> Ratio | None:
    """Return the progress of a key result, by its kind, or None where it is not measured."""
    if row.kind == "ordinal":
        return None if row.zone is None else ratios.ordinal_progress(row.zone)
    if row.span is not None:
        return None if row.span.value is None else progress_of_value(row, row.span.value)
    if row.value is None:
        return None
    if row.kind == "milestone":
        return milestone_progress(row.steps, row.done, row.value, row.renamed_steps)
    return progress_of_value(row, ratios.ratio(row.value))


def progress_of_value(row: KeyResultRow, value: Ratio) -> Ratio:
    """Return the progress of a metric at a value, in its own unit."""
    if row.direction is None:
        baseline, target = ratios.ratio(row.baseline or ""), ratios.ratio(row.target or "")
        return ratios.metric_progress(baseline, target, value)
    bounds = (row.target, row.minimum, row.maximum, row.baseline)
    return ratios.progress_to_keep(row.direction, value, *bounds)


@lru_cache(maxsize=4_096)
def milestone_progress(
    steps: str | None, done: str | None, value: str, renamed: str | None = None
) -> Ratio:
    """Return the share of a milestone's steps that are done; steps that are new are not.

    Takes its steps as they are now, the steps it had when it was checked in on with those done (in
    JSON, see `read_model/definitions.py`), their number, and the names that were corrected. One
    without steps is done or not: it is done where all steps it had then were.
    """
    wanted = unpacked(steps, [])
    then = unpacked(done, {"steps": [], "done": []})
    if not wanted:
        is_done = then["done"] == then["steps"] if then["steps"] else Decimal(value) >= 1
        return ratios.milestone_progress(int(is_done), 0)
    return ratios.milestone_progress(len(set(wanted) & done_now(then, renamed)), len(wanted))


def done_steps(row: KeyResultRow) -> list[str] | None:
    """Return the steps of a milestone that its reading says are done, of those it has now."""
    if row.done is None:
        return None
    done = done_now(decoded(row.done), row.renamed_steps)
    return [step for step in unpacked(row.steps, []) if step in done]


def done_now(then: dict[str, list[str]], renamed: str | None) -> set[str]:
    """Return the steps that were done then, by the names they were meant to have."""
    names = unpacked(renamed, {})
    return {names.get(step, step) for step in then["done"]}


def started_at(row: KeyResultRow) -> StartedAt | None:
    """Return the last reading of its KPI about a day before the frame, from one text of all."""
    if row.started_at is None:
        return None
    text = row.started_at
    return {"id": text[:ID_LENGTH], "as_of": text[ID_LENGTH:DAY_END], "value": text[DAY_END:]}


def expected_by(starts: str, horizon: str, day: date, trajectory: str | None) -> Fraction:
    """Return the share of the way planned for the day."""
    points = tuple(
        (date.fromisoformat(point["on"]), Decimal(point["share"]))
        for point in unpacked(trajectory, [])
    )
    return formulas.expected(date.fromisoformat(starts), date.fromisoformat(horizon), day, points)


def unpacked(text: str | None, empty: Any) -> Any:
    """Return what JSON text stands for."""
    return empty if text is None else decoded(text)
