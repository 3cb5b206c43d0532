"""The goals of a closure moved forward through the log: what an event touched is scored again.

The one incremental state of replays by day and by event, of explanations, and of whatever asks
for scores at many moments. Moments only go forward: plan, known and day each stay or grow.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from okr_es.domain.values import Zone
from okr_es.scoring.formulas import Policy
from okr_es.scoring.span_values import SpanReading
from projections.as_of.corrected import row_as_known
from projections.as_of.moments import Moment
from projections.as_of.rows import promised_by
from projections.goals.goal import Goal
from projections.goals.goal_history import Feed, GoalHistory, GoalVersion, ReadingVersion
from projections.goals.key_result_scores import KeyResultRow, as_known
from projections.goals.kpi_facts import Definition, Frame
from projections.goals.loading import made
from projections.goals.loading_sql import DAYS, KEY_RESULT
from projections.goals.more_readings import Days
from projections.goals.past import Past
from projections.goals.past_loading import Reading, ReadingsThen
from projections.goals.scoring import Score, Scoring
from projections.goals.span_readings import (
    Combined,
    frame_of,
    is_plain,
    span_value,
)
from projections.read_model.tables import FOREVER, Row

COLUMN = {name: number for number, name in enumerate(KEY_RESULT)}


class Known(NamedTuple):
    """A reading that is known, in the order of days and, on one day, of positions."""

    as_of: str
    first_position: int
    id: str
    value: str | None
    zone: Zone | None
    confidence: int | None
    definition: str | None
    done: str | None
    subject: str | None
    evidence: str | None

    @property
    def has_value(self) -> bool:
        """False for confidence or a comment alone."""
        return self.value is not None or self.zone is not None


class KeyResultState(NamedTuple):
    """A key result at a position, without its reading."""

    row: KeyResultRow
    is_dropped: bool


class Timeline:
    """Goals as of a moment that moves forward; each is made and scored when it is asked for."""

    def __init__(
        self,
        history: GoalHistory,
        moment: Moment,
        overridden: Mapping[str, Any] | None = None,
    ) -> None:
        self.history = history
        self.overridden = overridden
        self.moment = moment
        self.objectives: dict[str, Row] = {}
        self.key_results: dict[str, KeyResultState] = {}
        self.below: dict[str, set[str]] = defaultdict(set)
        self.own: dict[str, set[str]] = defaultdict(set)
        self.feeding: dict[str, set[str]] = defaultdict(set)
        self.readings: dict[str, list[Known]] = defaultdict(list)
        self.days_of_readings: dict[str, Known] = {}
        self.with_subjects: set[str] = set()
        self.definitions: dict[str, dict[str, Definition]] = defaultdict(dict)
        self.definition_versions = deque(history.definitions)
        self.spans: dict[str, dict[Frame, list[SpanReading]]] = defaultdict(dict)
        self.cycles: dict[str, Row] = {}
        versions = chain.from_iterable(history.cycles.values())
        self.cycle_versions = deque(sorted(versions, key=lambda row: int(row["known_from"])))
        self.days: dict[str, Row] = {}
        self.day_versions = deque(self.cycle_versions)
        self.goals: dict[str, Goal] = {}
        self.scoring = self.scoring_of(moment)
        for change in history.first_plan:
            self.apply(change)
        for reading in history.first_readings:
            self.apply_reading(reading)
        last = history.view.moment
        self.plan_feed = Feed(history.plan_changes, history.plan, last.plan)
        self.reading_feed = Feed(history.reading_changes, history.known, last.known)
        self.move(moment)

    def scoring_of(self, moment: Moment) -> Scoring:
        """Return what scores goals as of a moment."""
        calendars = self.history.view.calendars.known_at(moment.known)
        return Scoring(moment.day, calendars, self.overridden)

    # ---- moving -----------------------------------------------------------------------------

    def move(self, moment: Moment) -> set[str]:
        """Move forward to a moment; return the objectives whose score may differ, parents too."""
        touched: set[str] = set()
        for change in self.plan_feed.up_to(moment.plan):
            touched |= self.apply(change)
        for reading in self.reading_feed.up_to(moment.known):
            touched |= self.apply_reading(reading)
        turned = self.reschedule_cycles(moment.known) | self.turn_cycles(moment.plan)
        touched |= turned | self.redefine_kpis(moment.known)
        is_same_day = (moment.day, moment.read_until) == (self.moment.day, self.moment.read_until)
        self.moment = moment
        if not is_same_day:
            self.goals.clear()
            self.scoring = self.scoring_of(moment)
            return set(self.objectives)
        touched = self.with_parents(touched)
        for id_ in touched:
            self.goals.pop(id_, None)
            self.scoring.scores.pop(id_, None)
        return touched

    def apply(self, change: GoalVersion) -> set[str]:
        """Let a version of an objective or a key result begin; return the objectives it touches."""
        if change.table == "objective":
            return self.apply_objective(change.row)
        return self.apply_key_result(change.row)

    def apply_objective(self, row: Row) -> set[str]:
        """Let a version of an objective begin."""
        id_, parent = row["id"], row["parent_objective_id"]
        before = self.objectives.get(id_)
        touched = {id_}
        if before is not None and (old := before["parent_objective_id"]) is not None:
            self.below[old].discard(id_)
            touched.add(old)
        if parent is not None:
            self.below[parent].add(id_)
        self.objectives[id_] = row
        return touched

    def apply_key_result(self, stored: tuple[Any, ...]) -> set[str]:
        """Let a version of a key result begin."""
        state = KeyResultState(KeyResultRow._make(stored[:-1]), bool(stored[-1]))
        id_, objective = state.row.id, state.row.objective_id
        before = self.key_results.get(id_)
        touched = {objective}
        if before is not None:
            self.own[before.row.objective_id].discard(id_)
            self.feeding[before.row.fed_by].discard(id_)
            touched.add(before.row.objective_id)
        self.own[objective].add(id_)
        self.feeding[state.row.fed_by].add(id_)
        self.key_results[id_] = state
        return touched

    def apply_reading(self, reading: ReadingVersion) -> set[str]:
        """Let a version of a reading begin; return the objectives of all that it measures."""
        known = self.readings[reading.measured_id]
        if (before := self.days_of_readings.pop(reading.id, None)) is not None:
            known.remove(before)
        if not reading.retracted:
            key = Known(
                reading.as_of, reading.first_position, reading.id, reading.value, reading.zone,
                reading.confidence, reading.definition, reading.done, reading.subject,
                reading.evidence,
            )  # fmt: skip
            insort(known, key, key=lambda each: each[:2])
            self.days_of_readings[reading.id] = key
        self.spans.pop(reading.measured_id, None)
        if reading.subject is not None:
            self.with_subjects.add(reading.measured_id)
        return self.measured_by(reading.measured_id)

    def measured_by(self, id_: str) -> set[str]:
        """Return the objectives that a key result or a KPI measures."""
        fed = self.feeding[id_] | (self.key_results.keys() & {id_})
        return {self.key_results[each].row.objective_id for each in fed}

    def redefine_kpis(self, known: int) -> set[str]:
        """Bring definitions of KPIs up to a position; return the objectives that touches."""
        touched: set[str] = set()
        while self.definition_versions and self.definition_versions[0].position <= known:
            _, kpi_id, definition = self.definition_versions.popleft()
            self.definitions[kpi_id][definition.effective] = definition
            touched |= {self.key_results[id_].row.objective_id for id_ in self.feeding[kpi_id]}
        return touched

    def turn_cycles(self, plan: int) -> set[str]:
        """Bring cycles and policies up to a position; return the objectives that touches."""
        touched: set[str] = set()
        while self.cycle_versions and self.cycle_versions[0]["known_from"] <= plan:
            row = self.cycle_versions.popleft()
            self.cycles[row["id"]] = row | self.days[row["id"]]
            touched |= self.ids_of_cycle(row["id"])
        if self.policy(plan) is not self.policy(self.moment.plan):
            return set(self.objectives)
        return touched

    def reschedule_cycles(self, known: int) -> set[str]:
        """Bring the days of cycles up to a position; return the objectives that touches."""
        touched: set[str] = set()
        while self.day_versions and self.day_versions[0]["known_from"] <= known:
            row = self.day_versions.popleft()
            id_, days = row["id"], {name: row[name] for name in DAYS}
            if self.days.get(id_) != days:
                self.days[id_] = days
                if id_ in self.cycles:
                    self.cycles[id_] |= days
                    touched |= self.ids_of_cycle(id_)
        return touched

    def ids_of_cycle(self, cycle_id: str) -> set[str]:
        """Return the objectives of a cycle that are there."""
        return {id_ for id_, row in self.objectives.items() if row["cycle_id"] == cycle_id}

    def with_parents(self, ids: Iterable[str]) -> set[str]:
        """Return objectives and all they are aligned to, directly or through others."""
        found: set[str] = set()
        for each in ids:
            id_: str | None = each
            while id_ is not None and id_ not in found:
                found.add(id_)
                row = self.objectives.get(id_)
                id_ = None if row is None else row["parent_objective_id"]
        return found

    # ---- goals and scores -------------------------------------------------------------------

    def goal(self, id_: str) -> Goal | None:
        """Return an objective with all that is aligned to it; None if it is not there."""
        found = self.goals.get(id_)
        if found is None and (row := self.objectives.get(id_)) is not None:
            found = self.goals[id_] = self.made(row)
        return found

    def of_cycle(self, cycle_id: str) -> list[Goal]:
        """Return the objectives of a cycle that are there, in the order they were drafted."""
        ids = [i for i, row in self.objectives.items() if row["cycle_id"] == cycle_id]
        return [goal for id_ in ids if (goal := self.goal(id_)) is not None]

    def score(self, id_: str) -> Score | None:
        """Return the score of an objective; None if it is not there."""
        goal = self.goal(id_)
        return None if goal is None else self.scoring.score(goal)

    def made(self, row: Row) -> Goal:
        """Make a goal of its rows."""
        row = row_as_known(promised_by(row, self.moment.plan), self.moment.known)
        cycle = self.cycles[row["cycle_id"]]
        position = cycle["closing_position"] if cycle["closed"] else self.moment.plan
        goal = made(row, cycle, self.policy(position), self.scoring.flags.calendars)
        until = self.moment.read_until.isoformat()
        frame = cycle["starts"], min(cycle["ends"], until)
        states = [self.key_results[id_] for id_ in self.own[row["id"]]]
        states = [state for state in states if not state.is_dropped]
        states.sort(key=lambda state: state.row.first_position)
        goal.key_results = [
            self.with_span(goal, self.with_reading(state, frame)) for state in states
        ]
        if goal.is_settled_late(until):
            plans = self.history.plans_of(row["id"])
            goal.past = Past(plans, self.moment.plan, self.moment.known, self.readings_then(until))
        below = sorted(self.below[row["id"]], key=self.first_position)
        goal.aligned = [child for id_ in below if (child := self.goal(id_))]
        return goal

    def readings_then(self, until: str) -> ReadingsThen:
        """Return the readings of key results by the end of each day, up to a day."""
        return ReadingsThen(
            until, self.known_in, lambda kpi_id: sorted(self.definitions[kpi_id].values())
        )

    def known_in(self, frame: Frame) -> list[Reading]:
        """Return the readings of a frame that have a value or a zone, in the order of days."""
        found = self.within(frame.measured_id, (frame.first, frame.last), frame.definition)
        return [
            Reading(
                frame.measured_id, each.as_of, each.first_position, each.id, each.value,
                each.zone, each.done, each.definition, each.subject,
            )
            for each in reversed(list(found))
            if each.has_value
        ]  # fmt: skip

    def first_position(self, id_: str) -> int:
        """Return where an objective began."""
        return int(self.objectives[id_]["first_position"])

    def policy(self, position: int) -> Policy:
        """Return the scoring policy that was valid at a position."""
        policies = self.history.policies
        return policies[bisect_right(policies, position, key=lambda each: each[0]) - 1][1]

    def with_reading(self, state: KeyResultState, frame: Days) -> KeyResultRow:
        """Return a key result with the reading and the confidence that count in a frame."""
        row = as_known(state.row, self.moment.known)
        fed = self.within(row.fed_by, frame, row.own_definition)
        reading = next((each for each in fed if each.has_value), None)
        own = self.within(row.id, frame, row.definition)
        said = next((each for each in own if each.confidence is not None), None)
        fields = list(row)
        fields[COLUMN["confidence"]] = None if said is None else said.confidence
        if row.kpi_id is not None:
            fields[COLUMN["started_at"]] = self.started_at(row.kpi_id, frame)
        if reading is not None:
            fields[COLUMN["value"]], fields[COLUMN["zone"]] = reading.value, reading.zone
            fields[COLUMN["as_of"]], fields[COLUMN["reading_id"]] = reading.as_of, reading.id
            fields[COLUMN["done"]], fields[COLUMN["evidence"]] = reading.done, reading.evidence
        return KeyResultRow._make(fields)

    def with_span(self, goal: Goal, row: KeyResultRow) -> KeyResultRow:
        """Return a key result with the value that its readings make, where one does not."""
        fed_by = row.kpi_id or row.id
        frame = frame_of(goal, row, self.moment.read_until.isoformat())
        definitions = sorted(self.definitions[fed_by].values())
        is_plain_kpi = is_plain(definitions) and fed_by not in self.with_subjects
        if row.direction is None and is_plain_kpi:
            return row
        readings = self.readings_in(frame)
        known = {fed_by: definitions}
        combined = Combined(goal, 0, row, frame)
        calendars = self.history.view.calendars.known_at(self.moment.known)
        span = span_value(combined, readings, known, calendars, self.moment.day)
        return row._replace(span=span)

    def readings_in(self, frame: Frame) -> list[SpanReading]:
        """Return the readings of a frame that have a value."""
        spans = self.spans[frame.measured_id]
        found = spans.get(frame)
        if found is None:
            known = self.readings.get(frame.measured_id, ())
            first = bisect_left(known, (frame.first, 0), key=lambda each: each[:2])
            last = bisect_right(known, (frame.last, FOREVER), key=lambda each: each[:2])
            found = spans[frame] = [
                SpanReading(each.subject, each.as_of, each.first_position, Decimal(each.value))
                for each in known[first:last]
                if each.value is not None and frame.definition in (None, each.definition)
            ]
        return found

    def within(self, measured_id: str, frame: Days, definition: str | None) -> Iterator[Known]:
        """Yield what is known about the days of a frame, the last first.

        Check-ins count under the definition they were made under; None: readings of a KPI.
        """
        known = self.readings.get(measured_id, ())
        number = bisect_right(known, (frame[1], FOREVER), key=lambda each: each[:2])
        while number and (reading := known[number - 1]).as_of >= frame[0]:
            number -= 1
            if definition is None or reading.definition == definition:
                yield reading

    def started_at(self, kpi_id: str, frame: Days) -> str | None:
        """Return the last reading of a KPI about a day before a frame, as `loading_sql` does."""
        known = self.readings.get(kpi_id, ())
        before = min((frame[0], 0), (frame[1], FOREVER))
        number = bisect_left(known, before, key=lambda each: each[:2])
        if not number:
            return None
        reading = known[number - 1]
        return f"{reading.id}{reading.as_of}{reading.value}"


def at_position(position: int, day: date, read_until: date | None = None) -> Moment:
    """Return the moment right after an event, about a day."""
    return Moment(position, position, day, read_until or day)
