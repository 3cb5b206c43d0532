"""What is found in any history is what one who reads the log event by event finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from okr_es.domain.approval import Approval
from okr_es.domain.base import Change
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.policy import ScoringPolicy
from okr_es.domain.reading import Reading
from projections.queries import Queries
from tests.support import day_by_day, fraction_formulas, plain
from tests.support.as_of_answers import oracle_of
from tests.support.oracle import Oracle
from tests.support.random_history import CYCLES, Told, sequels

Every = Callable[..., None]
REASONS, KPI_TARGETS = "repeated_reason", "kpi.retargeted"
MANY = {"sqlite": 20, "postgresql": 2}
LAST_DAYS = 60  # the histories begin 41 days before the first cycle ends


class Step(NamedTuple):
    """An event as a reader meets it: the rows before it, who acted, and on which day."""

    position: int
    event: Change
    before: plain.Rows
    people: set[str]
    day: date


def read(told: Told, oracle: Oracle) -> list[Step]:
    """The log, event by event."""
    found, rows = [], plain.fold(())
    who = told.okr.log.rows(0, 10_000, ("by", "on_behalf_of"))
    for fact, (_, *people) in zip(oracle.log, who, strict=True):
        step = Step(
            fact.position, fact.event, deepcopy(rows), {str(each) for each in people if each},
            oracle.day_of(fact.recorded_at),
        )  # fmt: skip
        found.append(step)
        plain.happens(rows, fact.position, fact.event)
    return found


CORRECTIONS = (Objective.Corrected, KeyResult.Corrected)


class Reader:
    """Someone who knows the whole log and looks for what is worth a look, in one cycle."""

    def __init__(self, oracle: Oracle, steps: list[Step], cycle_id: UUID) -> None:
        self.oracle, self.steps, self.cycle_id = oracle, steps, str(cycle_id)
        self.rows = oracle.rows(len(oracle.log))
        self.cycle = self.rows["cycle"][self.cycle_id]
        mine = {"objective": set[str](), "key_result": set[str]()}
        for table, ids in mine.items():
            ids |= {i for i, r in self.rows[table].items() if r["cycle_id"] == self.cycle_id}
        self.objectives, self.key_results = mine.values()
        self.measured = self.key_results | {
            str(step.event.kpi_id)
            for step in steps
            if isinstance(step.event, KeyResult.Linked)
            and str(step.event.originator_id) in self.key_results
        }

    def findings(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Kind and positions of all but KPIs' targets and repeated reasons."""
        realigned: defaultdict[UUID, list[int]] = defaultdict(list)
        for step in self.steps:
            for kind in self.kinds(step):
                yield kind, (step.position,)
            for kind in self.mid_cycle(step):
                yield kind, (step.position,)
            if self.is_realignment(step):
                realigned[step.event.originator_id].append(step.position)
        for positions in realigned.values():
            if len(positions) > 1:
                yield "realigned_again", tuple(positions)
        for positions in pairs_of(self.steps, self.cycle_id):
            yield "approved_each_other", positions

    def kinds(self, step: Step) -> Iterator[str]:
        match step.event:
            case Reading.Recorded() | Reading.CheckedIn():
                if self.counts(self.rows["reading"][str(step.event.originator_id)]) and (
                    self.is_late(step) or step.before["cycle"][self.cycle_id]["closed"]
                ):
                    yield "late_reading"
            case (
                Reading.Corrected()
                | Reading.ConfidenceCorrected()
                | Reading.CommentCorrected()
                | Reading.EvidenceCorrected()
                | Reading.SubjectCorrected()
                | Reading.Retracted()
            ):
                if self.counts(self.rows["reading"][str(step.event.originator_id)]):
                    yield "changed_reading"
            case Objective.Graded() if str(step.event.originator_id) in self.objectives:
                yield from self.of_grading(step, step.event)
            case Objective() | KeyResult():
                return
        if self.is_in_the_plan(step):
            if step.day > date.fromisoformat(self.cycle["ends"]) - timedelta(days=LAST_DAYS):
                yield "last_days"
            if isinstance(step.event, KeyResult.Retargeted) and self.is_easier(step):
                yield "lowered_target"

    def mid_cycle(self, step: Step) -> Iterator[str]:
        """What was changed under the running cycle."""
        id_, cycle = str(step.event.originator_id), step.before["cycle"].get(self.cycle_id)
        is_closed = cycle is not None and cycle["closed"]
        runs = step.day >= date.fromisoformat(self.cycle["starts"]) and not is_closed
        match step.event:
            case Objective.Reassigned(effective=date() as effective) if id_ in self.objectives:
                is_draft = step.before["objective"][id_]["state"] == "draft"
                if not is_draft and effective < step.day - timedelta(days=7):
                    yield "backdated_hand_over"
            case Reading.Corrected() | Reading.Retracted() if not is_closed:
                is_late = step.day > date.fromisoformat(self.cycle["ends"]) - timedelta(days=7)
                reading = self.rows["reading"][id_]
                if is_late and self.counts(reading) and self.moves_a_band(step.position):
                    yield "moved_outcome"
            case Kpi.Retired() if runs and self.feeds_a_promise(id_, step):
                yield "retired_kpi"
            case ScoringPolicy.Adopted() | ScoringPolicy.Revised() if runs:
                if any(self.was_promised(each, step.position) for each in self.objectives):
                    yield "changed_policy"

    def moves_a_band(self, position: int) -> bool:
        """Whether what would come out of a goal differs from right before."""
        before, after = (self.bands(str(at)) for at in (position - 1, position))
        return any(before[id_] != band for id_, band in after.items())

    def bands(self, known_at: str) -> dict[str, str | None]:
        """The band of the grade that each promise has, or would get."""
        view, found = self.oracle.view(known_at, None), {}
        for id_ in self.objectives & view.rows["objective"].keys():
            goal = view.rows["objective"][id_]
            if goal["state"] in {"draft", "abandoned"}:
                continue
            score, adjusted = view.score(id_), goal["adjusted_grade"]
            computed = None if score.share is None else score.final
            found[id_] = view.band(goal, computed if adjusted is None else Decimal(adjusted))
        return found

    def feeds_a_promise(self, kpi_id: str, step: Step) -> bool:
        """Whether a KPI feeds a key result whose promise still runs."""
        fed = (
            row
            for id_, row in step.before["key_result"].items()
            if id_ in self.key_results and row["kpi_id"] == kpi_id and not row["dropped"]
        )
        rows = [(row, step.before["objective"][row["objective_id"]]) for row in fed]
        return any(
            goal["state"] in {"draft", "committed"} and not goal["graded"]
            and (row["promised_at"] or self.was_promised(row["objective_id"], step.position))
            for row, goal in rows
        )  # fmt: skip

    def was_promised(self, objective: str, position: int) -> bool:
        promised_at = self.rows["objective"][objective]["promised_at"]
        return promised_at is not None and promised_at < position

    def counts(self, reading: plain.Row) -> bool:
        """Whether a reading is of the cycle, and about one of its days."""
        last = min(self.cycle["ends"], str(self.oracle.day_of(self.oracle.now)))
        return (
            reading["measured_id"] in self.measured
            and self.cycle["starts"] <= reading["as_of"] <= last
        )

    def is_late(self, step: Step) -> bool:
        """Whether a reading was recorded after the day that the period it is about was due by."""
        row = self.rows["reading"][str(step.event.originator_id)]
        about, id_ = date.fromisoformat(row["as_of"]), row["measured_id"]
        is_kpi = id_ in step.before["kpi"]
        cadence = step.before["kpi" if is_kpi else "key_result"][id_]["cadence"]
        if cadence == "per_project":
            return False
        terms = self.oracle.view(None, None).terms()
        if is_kpi:
            start = self.cadence_since(id_, step.position)
            end = next(
                days[-1]
                for days in day_by_day.periods(terms, cadence, about, about)
                if about in days
            )
        else:
            start = self.began(id_, step.position)
            end = date.fromisoformat(self.cycle["ends"])
        if is_kpi:
            dues = day_by_day.due_of(terms, cadence, start, end, date.max, is_kpi=True)
        else:
            is_done = self.oracle.view(None, None).is_done_by_day(id_)
            last = max(step.day, about) + timedelta(days=400)
            dues = day_by_day.due_while_not_done(terms, cadence, start, end, last, is_done)
        return any(first <= about <= last and step.day > by for first, last, by in dues)

    def began(self, key_result: str, position: int) -> date:
        """The first day of the cycle, or the later one it was added or its objective committed, or
        it got the cadence that it had at a position.
        """
        row = self.rows["key_result"][key_result]
        committed = self.rows["objective"][row["objective_id"]]["committed_at"]
        positions = [each for each in (row["first_position"], committed) if each is not None]
        days = [self.steps[position - 1].day for position in positions]
        days += [
            step.day
            for step in self.steps[:position]
            if str(step.event.originator_id) == key_result
            and isinstance(step.event, KeyResult.CadenceReplaced)
        ]
        return max(date.fromisoformat(self.cycle["starts"]), *days)

    def cadence_since(self, kpi: str, position: int) -> date:
        """The day from which a KPI had the cadence that it had at a position."""
        found = [
            step.day
            for step in self.steps[:position]
            if str(step.event.originator_id) == kpi
            and isinstance(step.event, Kpi.Defined | Kpi.CadenceReplaced)
        ]
        return found[-1]

    def of_grading(self, step: Step, event: Objective.Graded) -> Iterator[str]:
        id_ = str(event.originator_id)
        if step.before["objective"][id_]["owner_id"] in step.people:
            yield "graded_own"
        if event.adjusted_grade is not None:
            score = self.oracle.view(str(step.position), None).score(id_)
            if score.share is None or Fraction(event.adjusted_grade) != score.final:
                yield "adjusted_grade"

    def is_in_the_plan(self, step: Step) -> bool:
        """Whether an event revised the committed plan, corrected it, or added to it."""
        id_ = str(step.event.originator_id)
        if isinstance(step.event, KeyResult.Added):
            return id_ in self.key_results and self.came_to_plan(id_) == step.position
        if id_ in self.objectives and self.is_addition(id_, step.position):
            return True
        table = "objective" if id_ in self.objectives else "key_result"
        if id_ not in self.objectives | self.key_results or id_ not in step.before[table]:
            return False
        row = step.before[table][id_]
        is_return = isinstance(step.event, KeyResult.Reinstated) or (
            isinstance(step.event, Objective.Reopened) and row["state"] == "abandoned"
        )
        is_change = isinstance(step.event, plain.REVISIONS + CORRECTIONS) or is_return
        if isinstance(step.event, KeyResult.Moved) and self.came_to_plan(id_) == step.position:
            return True
        return is_change and plain.is_promised(step.before, row)

    def is_addition(self, objective: str, position: int) -> bool:
        """Whether an objective came at a position to a plan that was committed before."""
        row = self.rows["objective"][objective]
        return row["promised_at"] == position and row["covered_by"] is None

    def came_to_plan(self, key_result: str) -> int | None:
        """Where a key result came to a plan: with that, or by its addition or a move later."""
        row = self.rows["key_result"][key_result]
        promised_at = self.rows["objective"][row["objective_id"]]["promised_at"]
        if row["promised_at"] is not None or promised_at is None:
            return row["promised_at"]  # type: ignore[no-any-return]
        return max(promised_at, row["came_at"] or row["first_position"])

    def is_easier(self, step: Step) -> bool:
        """Judged by what the same numbers, steps or words would have counted for."""
        before = step.before["key_result"][str(step.event.originator_id)]
        after = step.event.measure  # type: ignore[attr-defined]
        if before["kind"] == "ordinal":
            return before["zones"] != plain.plainly(after.zones)
        if before["kind"] == "milestone":
            return max(len(after.steps), 1) < max(len(before["steps"] or ()), 1)
        if before["direction"] != after.direction:
            return True
        if after.direction is not None:
            return is_easier_to_keep(before, after)
        old = Decimal(before["baseline"]), Decimal(before["target"])
        new = after.baseline, after.target
        progress = fraction_formulas.metric_progress
        turned = (old[0] < old[1]) != (new[0] < new[1])
        return turned or any(progress(*new, at) > progress(*old, at) for at in old)

    def is_realignment(self, step: Step) -> bool:
        id_ = str(step.event.originator_id)
        if not isinstance(step.event, Objective.Realigned) or id_ not in self.objectives:
            return False
        row = step.before["objective"][id_]
        served = row["aligned_to_objective_id"] or row["aligned_to_key_result_id"]
        return row["state"] != "draft" or served is not None


def pairs_of(steps: list[Step], cycle_id: str) -> Iterator[tuple[int, ...]]:
    """Who approved nothing but each other's requests, told by all positions of theirs."""
    asked: dict[str, tuple[int, set[str]]] = {}
    approved: dict[str, list[tuple[set[str], tuple[int, int]]]] = defaultdict(list)
    for step in steps:
        id_ = str(step.event.originator_id)
        if isinstance(step.event, Approval.Requested) and str(step.event.cycle_id) == cycle_id:
            asked[id_] = step.position, step.people
        if isinstance(step.event, Approval.Approved) and id_ in asked:
            (by,) = step.people
            approved[by].append((asked[id_][1], (asked[id_][0], step.position)))
    for (one, its), (other, theirs) in combinations(sorted(approved.items()), 2):
        each_others = all(other in people for people, _ in its) and all(
            one in people for people, _ in theirs
        )
        if each_others and len(its) > 1 and len(theirs) > 1:
            yield tuple(sorted(at for _, places in (*its, *theirs) for at in places))


def is_easier_to_keep(before: plain.Row, after: Measure) -> bool:
    """Whether a bound went away from what is to be kept, or progress falls slower behind it."""
    names = {"at_least": ["target", "minimum"], "at_most": ["target", "maximum"]}.get(
        str(after.direction), ["minimum", "maximum"]
    )
    bounds = [
        (Decimal(before[name]), getattr(after, name), -1 if is_low(name, after) else 1)
        for name in names
        if before[name] is not None
    ]
    if any((new - old) * side > 0 for old, new, side in bounds):
        return True
    baselines = [None if b is None else Decimal(b) for b in (before["baseline"], after.baseline)]
    same = all(old == new for old, new, _ in bounds)
    return same and any(
        reach(new, baselines[1], side) > reach(old, baselines[0], side) for old, new, side in bounds
    )


def is_low(name: str, measure: Measure) -> bool:
    """Whether values below a bound miss it."""
    return name == "minimum" or (name == "target" and str(measure.direction) == "at_least")


def reach(bound: Decimal, baseline: Decimal | None, side: int) -> Decimal:
    """How far behind a bound progress is 0: at the baseline if that is there."""
    if baseline is not None and (baseline - bound) * side > 0:
        return abs(baseline - bound)
    return abs(bound) or Decimal(1)


def test_what_is_found_is_what_a_reader_of_the_log_finds(every_history: Every) -> None:
    def holds(told: Told) -> None:
        oracle = oracle_of(told)
        steps = read(told, oracle)
        queries = Queries(told.okr, told.runner)
        for cycle_id in CYCLES:
            answer = queries.patterns(cycle_id, LAST_DAYS)
            found = [
                (each["kind"], tuple(event["position"] for event in each["events"]))
                for each in answer["findings"]
                if each["kind"] != REASONS and each["events"][0]["type"] != KPI_TARGETS
            ]
            expected = list(Reader(oracle, steps, cycle_id).findings())
            assert sorted(found) == sorted(expected)

    every_history(holds, MANY)


def test_the_report_of_a_position_stays_whatever_comes_later(every_history: Every) -> None:
    def holds(told: Told, sequel: Any) -> None:
        queries, head = Queries(told.okr, told.runner), told.okr.log.head()
        before = [report(queries, id_, head) for id_ in CYCLES]
        told.plays(sequel)
        assert [report(queries, id_, head) for id_ in CYCLES] == before

    every_history(holds, sequel=sequels)


def report(queries: Queries, cycle_id: UUID, head: int) -> Any:
    """The report as of a position, but for the reasons, which vanish with who gave them."""
    found = queries.patterns(cycle_id, known_at=str(head))["findings"]
    for event in (event for each in found for event in each["events"]):
        event["reason"] = None
    return [each for each in found if each["kind"] != REASONS]


@pytest.mark.parametrize("every_history", ["sqlite"], indirect=True)
def test_the_histories_hold_most_of_what_can_be_found(every_history: Every) -> None:
    """Were nothing found, the properties above would hold of nothing."""
    seen: set[str] = set()

    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        for cycle_id in CYCLES:
            findings = queries.patterns(cycle_id, LAST_DAYS)["findings"]
            seen.update(each["kind"] for each in findings)

    every_history(holds, MANY)
    assert {"late_reading", "changed_reading", "last_days"} <= seen, seen
