"""What a replay shows of a cycle while its timeline moves, and the replay event by event.

The log is read in stretches, so memory does not grow with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from projections.as_of.moments import Moment
from projections.audit_log.history import History
from projections.goals.goal_history import STRETCH
from projections.goals.roll_up import COUNTING
from projections.goals.timeline import Timeline, at_position
from projections.read_model.tables import Row
from projections.retrospect.replay_answers import ReplayedObjective, ReplayEvent, StatusCounts

Answers = dict[str, ReplayedObjective]  # by the id of the objective


def statuses(answers: Answers) -> StatusCounts:
    """Return how many objectives have which status; drafts and abandoned ones count nowhere."""
    counted = Counter(row["status"] for row in answers.values() if row["state"] in COUNTING)
    return {
        "on_track": counted["on_track"],
        "at_risk": counted["at_risk"],
        "off_track": counted["off_track"],
        "not_measured": counted["not_measured"],
    }


class Shown:
    """What is shown of each objective of a cycle at the moment its timeline has come to."""

    def __init__(self, timeline: Timeline, cycle_id: str) -> None:
        self.timeline = timeline
        self.cycle_id = cycle_id
        self.answers: Answers = {}

    def begin(self) -> list[ReplayedObjective]:
        """Return what is shown before the first move."""
        self.answers = self.of(self.timeline.objectives)
        return list(self.answers.values())

    def move(self, moment: Moment) -> list[ReplayedObjective]:
        """Move to a moment; return what is shown of the objectives that changed."""
        before = self.answers
        after = self.of(self.timeline.move(moment))
        self.answers = before | after
        return [row for id_, row in after.items() if before.get(id_) != row]

    def of(self, ids: dict[str, Row] | set[str]) -> Answers:
        """Return what is shown of those objectives that are of the cycle itself, in their order."""
        timeline = self.timeline
        return {
            id_: self.answer(id_)
            for id_, row in timeline.objectives.items()
            if id_ in ids and row["cycle_id"] == self.cycle_id
        }

    def answer(self, id_: str) -> ReplayedObjective:
        """Return what a step shows of an objective."""
        goal = self.timeline.goal(id_)
        if goal is None:
            raise LookupError(f"There is no objective {id_} at {self.timeline.moment}.")
        answer = self.timeline.scoring.answer(goal)
        return {
            "id": answer["id"],
            "title": answer["title"],
            "score": answer["score"],
            "coverage": answer["coverage"],
            "rolled_up": answer["rolled_up"],
            "expected": answer["expected"],
            "pace": answer["pace"],
            "status": answer["status"],
            "state": answer["state"],
            "grade": answer["grade"],
            "outcome": answer["outcome"],
            "ended_by": answer["ended_by"],
            "late_days": answer["late_days"],
        }


def by_event(
    shown: Shown, history: History, progress: Callable[[int, int], None] | None
) -> Iterator[ReplayEvent]:
    """Yield the state right after each event that is about the cycle or its goals."""
    goals, start = shown.timeline.history, shown.timeline.moment
    last, dates = goals.view.moment.known, goals.view.dates
    changed = shown.begin()
    yield {
        "day": start.day,
        "position": start.known,
        "event": None,
        "statuses": statuses(shown.answers),
        "changed": changed,
    }
    for first in range(start.known, last, STRETCH):
        end = min(first + STRETCH, last)
        headings = history.headings(goals.view, goals.positions(first, end, shown.cycle_id))
        for position, heading in sorted(headings.items()):
            day = dates.day_of(heading["recorded_at"])
            changed = shown.move(at_position(position, day))
            yield {
                "day": day,
                "position": position,
                "event": heading,
                "statuses": statuses(shown.answers),
                "changed": changed,
            }
        if progress is not None:
            progress(end - start.known, last - start.known)
