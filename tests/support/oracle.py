"""What every question about goals must answer, worked out from the log in the plainest way.

Nothing of projections: a moment is found by looking at every event, the rows are the plain fold of
the events up to it, and of the readings each one is looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from okr_es import commands
from okr_es.domain.base import Change
from okr_es.domain.calendar import Calendar, OrganisationCalendar
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import Invalid, NotFound
from okr_es.domain.team import Team
from okr_es.scoring import formulas
from tests.support import day_by_day, fraction_formulas, kpi_oracle, plain
from tests.support.day_by_day import Terms, TermsInTime
from tests.support.fraction_formulas import cut_down
from tests.support.meant import as_meant
from tests.support.plain import Row, Rows

NAMED, DATED = (Cycle.Opened, Cycle.Renamed), (Cycle.Opened, Cycle.Rescheduled)
WORDS = ("opened", "plan-committed", "cycle-end", "published")
HIDDEN = (
    "confidential", "first_position", "parent_objective_id", "committed_at", "promised_at",
    "covered_by", "ended_at", "returns", "effective", "redated", "first_key_result", "lineage",
    "corrections", "evidence",
)  # fmt: skip
HIDDEN_OF_KEY_RESULT = (
    "first_position", "cycle_id", "ended_at", "redefined_at", "returns", "came_at", "corrections",
    "promised_at", "covered_by",
)  # fmt: skip
STANDING = ("position", "plan_position", "day", "zone", "fixed")


class Fact(NamedTuple):
    """An event, with when and as what it was recorded, by whom and on whose behalf."""

    position: int
    recorded_at: datetime
    event: Change
    by: str | None = None
    on_behalf_of: str | None = None


class Point(NamedTuple):
    """A point in the log: its last position by then, the day it was, and what may become of it."""

    position: int
    day: date
    fixed: bool
    future: bool = False
    last_so_far: bool = False


@dataclass
class Oracle:
    """Answers as the log alone has them, in a time zone, at an instant."""

    log: Sequence[Fact]
    timezone: ZoneInfo
    now: datetime

    def __post_init__(self) -> None:
        self.folded: dict[tuple[int, int], Rows] = {}

    # ---- the questions --------------------------------------------------------------------

    def board(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.view(known_at, at, id_)
        cycle = view.cycle(str(id_))
        found = [view.objective(goal) for goal in view.goals(str(id_))]
        return {"cycle": cycle, "objectives": found, "next": None} | view.standing

    def tree(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.view(known_at, at, id_)
        found = {"cycle": view.cycle(str(id_)), "objectives": view.tree(str(id_)), "next": None}
        return found | view.standing

    def objective(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        cycle = self.cycle_of(id_, known_at, at)
        known_at, at = self.promise(id_, known_at, "known_at"), self.promise(id_, at, "at")
        view = self.view(known_at, at, cycle)
        view.require("objective", id_)
        waiting = {"pending_requests": view.pending(str(id_))}
        return view.objective(str(id_)) | waiting | view.standing

    def key_result(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        cycle = self.cycle_of(id_, known_at, at)
        known_at, at = self.promise(id_, known_at, "known_at"), self.promise(id_, at, "at")
        view = self.view(known_at, at, cycle)
        row = view.require("key_result", id_)
        waiting = {"pending_requests": view.pending(str(id_))}
        shown = view.dropped if row["dropped"] else view.key_result
        return shown(str(id_)) | waiting | view.standing

    def kpis(
        self,
        team_id: UUID | None = None,
        *,
        overdue: bool | None = None,
        known_at: str | None = None,
        at: str | None = None,
    ) -> Row:
        view = self.view(known_at, at)
        if team_id is not None and str(team_id) not in view.known["team"]:
            raise NotFound("There was no such team.", field="team_id")
        found = [view.kpi(id_) for id_ in view.kpis()]
        found = [
            kpi
            for kpi in found
            if team_id is None
            or (kpi["team"] and str(team_id) in view.teams_above(kpi["team"]["id"]))
        ]
        found = [kpi for kpi in found if overdue is None or kpi["overdue"] == overdue]
        found.sort(key=lambda kpi: (kpi["name"].lower(), kpi["id"]))
        return {"kpis": found, "next": None} | view.standing

    def kpi(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.view(known_at, at)
        if str(id_) not in view.kpis():
            raise NotFound("There was no such KPI.", field="id")
        return view.kpi(str(id_)) | view.judged_spans(str(id_)) | view.standing

    def readings(
        self,
        id_: UUID,
        limit: int = 100,
        before: int | None = None,
        known_at: str | None = None,
        at: str | None = None,
    ) -> Row:
        view = self.view(known_at, at)
        if str(id_) not in view.kpis():
            view.require("key_result", id_)
        found = [r for r in view.readings(str(id_)) if before is None or r["position"] < before]
        more = found[limit - 1]["position"] if len(found) > limit else None
        return {"readings": found[:limit], "next_before": more} | view.standing

    # ---- moments --------------------------------------------------------------------------

    def rows(self, position: int, known: int | None = None) -> Rows:
        """The rows as of a position, as corrected by another one, or by the same."""
        known = position if known is None else known
        if (position, known) not in self.folded:
            events = as_meant([fact.event for fact in self.log[:known]])
            self.folded[position, known] = plain.fold_all(events[:position])
        return self.folded[position, known]

    def written(self, position: int) -> str:
        """When an event was recorded, as the log writes it."""
        moment = self.log[position - 1].recorded_at.astimezone(UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.timezone).date()

    def cycle_of(self, id_: UUID, *texts: str | None) -> UUID | None:
        """The cycle of a goal, where a text is a bare word of it."""
        if not any(text and text.startswith(WORDS) for text in texts):
            return None
        rows = self.rows(len(self.log))
        found = rows["objective"].get(str(id_)) or rows["key_result"].get(str(id_))
        if found is None:
            raise NotFound(f"There is no {id_}.", field="id")
        return UUID(found["cycle_id"])

    def promise(self, id_: UUID, text: str | None, field: str) -> str | None:
        """The bare word `plan-committed` of a question about a goal: where its promise was made."""
        if text != "plan-committed":
            return text
        rows = self.rows(len(self.log))
        row = rows["objective"].get(str(id_)) or rows["key_result"][str(id_)]
        objective = rows["objective"][row.get("objective_id", str(id_))]
        promised_at = row["promised_at"] or objective["promised_at"]
        if promised_at is None:
            raise Invalid("Nothing of it is promised.", field=field)
        return str(max(promised_at, row.get("came_at") or row["first_position"]))

    def view(self, known_at: str | None, at: str | None, cycle: UUID | None = None) -> View:
        """What there is to see as of the moment two texts name."""
        known = Point(len(self.log), self.day_of(self.now), fixed=False)
        if known_at:
            known = self.point(known_at, "known_at", cycle)
        if known.future:
            raise Invalid("That is in the future.", field="known_at")
        about = self.point(at, "at", cycle) if at else known
        standing = (
            known.position,
            min(about.position, known.position),
            about.day,
            self.timezone.key,
            known.fixed and not about.last_so_far,
        )
        return View(self, dict(zip(STANDING, standing, strict=True)), min(about.day, known.day))

    def point(self, text: str, field: str, cycle: UUID | None) -> Point:
        """The point a well-formed text names."""
        name, _, word = text.rpartition(":")
        if word.startswith(WORDS):
            return self.at_word(word, self.cycle_named(name, field) if name else cycle, field)
        if text.isdigit():
            return self.at_position(int(text), field)
        if "T" in text:
            return self.at_instant(datetime.fromisoformat(text))
        return self.at_day(date.fromisoformat(text))

    def cycle_named(self, name: str, field: str) -> UUID:
        """The cycle that ever had a name, in whichever case it is written."""
        for fact in self.log:
            if isinstance(fact.event, NAMED) and fact.event.name.lower() == name.lower():
                return fact.event.originator_id
        raise NotFound(f"There is no {name}.", field=field)

    def at_position(self, position: int, field: str) -> Point:
        for fact in self.log:
            if fact.position == position:
                return Point(position, self.day_of(fact.recorded_at), fixed=True)
        raise Invalid("There is no such position.", field=field)

    def at_instant(self, moment: datetime) -> Point:
        position = sum(fact.recorded_at <= moment for fact in self.log)
        fixed = any(fact.recorded_at > moment for fact in self.log)
        future = moment > max(self.now, self.log[-1].recorded_at)
        return Point(position, self.day_of(moment), fixed, future)

    def at_day(self, day: date) -> Point:
        position = sum(self.day_of(fact.recorded_at) <= day for fact in self.log)
        fixed = any(self.day_of(fact.recorded_at) > day for fact in self.log)
        future = day > max(self.day_of(self.now), self.day_of(self.log[-1].recorded_at))
        return Point(position, day, fixed, future)

    def at_word(self, word: str, cycle: UUID | None, field: str) -> Point:
        if cycle is None:
            raise Invalid("That word names no cycle.", field=field)
        about = [fact for fact in self.log if fact.event.originator_id == cycle]
        if not about:
            raise NotFound("There is no such cycle.", field=field)
        if word == "cycle-end":
            ends = [f.event.ends for f in about if isinstance(f.event, DATED)]
            return self.at_day(ends[-1])._replace(fixed=False, last_so_far=True)
        kind, number = Cycle.Closed, word.removeprefix("published").strip("-")
        is_last = not number
        if word == "opened":
            return self.at_position(about[0].position, field)
        if word == "plan-committed":
            kind, number = Cycle.PlanCommitted, ""
            is_last = not any(isinstance(f.event, kind) and not f.event.teams for f in about)
        found = [fact.position for fact in about if isinstance(fact.event, kind)]
        if not 0 < int(number or len(found)) <= len(found):
            raise Invalid("That has not happened.", field=field)
        point = self.at_position(found[int(number or 0) - 1], field)
        return point._replace(fixed=False, last_so_far=True) if is_last else point


class Score(NamedTuple):
    """What a goal came to: its score, the score it would be graded by, all parts, what was due."""

    share: Fraction | None
    final: Fraction | None
    mean: fraction_formulas.Mean
    expected: Fraction


def with_days_of(known: plain.Rows, rows: plain.Rows) -> plain.Rows:
    """Rows whose cycles have the days that are known: they always ran from then to then."""
    cycles = {
        id_: row | {name: known["cycle"][id_][name] for name in ("starts", "ends")}
        for id_, row in rows["cycle"].items()
    }
    return rows | {"cycle": cycles}


def first_sentence(command: str) -> str:
    """What a command that can be asked for does, by the page of commands."""
    (about,) = (each.__doc__ or "" for each in vars(commands).values() if is_named(each, command))
    return re.split(r"[.\n]", about)[0] + "."


def is_named(each: object, name: str) -> bool:
    return isinstance(each, type) and each.__module__ == commands.__name__ and each.__name__ == name


def actor(id_: str | None) -> Row | None:
    """Who acted, as answers refer to them; None: nobody."""
    return None if id_ is None else {"id": UUID(id_)}


class View:
    """The goals as of a moment: the plan's rows, and the readings known."""

    def __init__(self, oracle: Oracle, standing: Row, read_until: date) -> None:
        self.oracle = oracle
        self.standing = standing
        self.known = oracle.rows(standing["position"])
        self.rows = with_days_of(
            self.known, oracle.rows(standing["plan_position"], standing["position"])
        )
        self.judged = self.rows
        self.day: date = standing["day"]
        self.read_until = read_until.isoformat()

    def require(self, table: str, id_: UUID, field: str = "id") -> Row:
        if str(id_) not in self.rows[table]:
            raise NotFound(f"There was no {table} {id_}.", field=field)
        return self.rows[table][str(id_)]

    def cycle(self, id_: str) -> Row:
        row = self.require("cycle", UUID(id_))
        closings = [{"position": n, "at": self.oracle.written(n)} for n in row["closings"]]
        commits = [
            {
                "position": each["position"],
                "at": self.oracle.written(each["position"]),
                "team": refers(each["team_id"]),
                "with_teams_below": each["with_teams_below"],
            }
            for each in row["plan_commits"]
        ]
        hidden = ("first_position", "closing_position")
        return {
            "id": id_, **without(row, *hidden), "closings": closings, "plan_commits": commits,
        }  # fmt: skip

    # ---- teams ----------------------------------------------------------------------------

    def teams_above(self, id_: str) -> list[str]:
        """A team and all above it on the day."""
        found: list[str] = []
        above: str | None = id_
        while above is not None and above not in found:
            found.append(above)
            above = self.moves(above)[-1][0]
        return found

    def moves(self, id_: str) -> list[tuple[str | None, date]]:
        """The teams it was put below that hold on the day, each with when that was recorded."""
        found = []
        for fact in self.oracle.log[: self.standing["position"]]:
            event = fact.event
            if str(event.originator_id) != id_ or not isinstance(event, Team.Formed | Team.Moved):
                continue
            if isinstance(event, Team.Moved):
                has_come = fact.position <= self.standing["plan_position"]
                if not (has_come if event.effective is None else event.effective <= self.day):
                    continue
            parent = None if event.parent_id is None else str(event.parent_id)
            found.append((parent, self.oracle.day_of(fact.recorded_at)))
        return found

    # ---- objectives -----------------------------------------------------------------------

    def goals(self, cycle_id: str) -> list[str]:
        return [i for i, row in self.rows["objective"].items() if row["cycle_id"] == cycle_id]

    def serving(self, id_: str) -> list[str]:
        return [i for i, row in self.rows["objective"].items() if row["parent_objective_id"] == id_]

    def aligned(self, id_: str) -> list[str]:
        """What serves a goal and was not given up."""
        goals = self.rows["objective"]
        return [i for i in self.serving(id_) if goals[i]["state"] != "abandoned"]

    def cycle_row(self, goal: Row) -> Row:
        return self.rows["cycle"][goal["cycle_id"]]

    def horizon(self, goal: Row) -> str:
        return goal["due"] or self.cycle_row(goal)["ends"]

    def policy(self, goal: Row) -> formulas.Policy:
        """The policy a goal is judged by: a closed cycle keeps the one it was closed under."""
        cycle = self.cycle_row(goal)
        closed = cycle["closed"]
        return policy_in(self.oracle.rows(cycle["closing_position"]) if closed else self.rows)

    def objective(self, id_: str) -> Row:
        row = self.rows["objective"][id_]
        score, policy, key_results = self.score(id_), self.policy(row), self.key_results(id_)
        statuses = [each["status"] for each in key_results]
        off_track = self.off_track(id_)
        overdue = [each for each in key_results if each["overdue"]]
        return {
            "id": id_,
            **referring(without(row, *HIDDEN) | self.held_then(id_)),
            "recorded_later": self.recorded_later(id_),
            "key_results": key_results,
            "aligned": [self.below(id_, other) for other in self.aligned(id_)],
            "added_mid_cycle": self.is_added(row),
            "score": cut_down(score.share),
            "coverage": cut_down(score.mean.coverage),
            "rolled_up": cut_down(self.rolled_up(id_)),
            "expected": cut_down(score.expected),
            **self.pace_and_status(row, score, off_track),
            "off_track": off_track,
            "not_measured": statuses.count("not_measured"),
            "overdue": len(overdue),
            "grade": self.grade(id_, score, policy) if row["graded"] else None,
            **self.ending(id_, score, policy),
        }

    # ---- who had it on the day ------------------------------------------------------------

    def held_then(self, id_: str) -> Row:
        """Owner and team of an objective on the day, as known, by a look at every event."""
        return {field: value for field, (value, _) in self.holding(id_).items()}

    def recorded_later(self, id_: str) -> date | None:
        """When that was recorded, where the log had others by the day."""
        row = self.rows["objective"][id_]
        holding = self.holding(id_).items()
        return max((day for field, (value, day) in holding if value != row[field]), default=None)

    def holding(self, id_: str) -> dict[str, tuple[str, date]]:
        """Owner and team on the day, each with the day that was recorded.

        What was recorded last holds from its day on, without a day of its own from its position on;
        one says what stays from another day on. Before version 3, that of nobody gives another day
        to the one before.
        """
        held: dict[str, tuple[str, date]] = {}
        now: Row = {}
        passed: list[str] = []
        for fact in self.oracle.log[: self.standing["position"]]:
            event, recorded = fact.event, self.oracle.day_of(fact.recorded_at)
            if str(event.originator_id) != id_:
                continue
            if isinstance(event, Objective.Drafted | Objective.Reassigned):
                after = {"owner_id": str(event.owner_id), "team_id": str(event.team_id)}
                changed = [field for field in after if now.get(field) != after[field]]
                redated = getattr(event, "redated", None)
                passed = changed or passed if redated is None else [*changed, *redated]
                effective = getattr(event, "effective", None)
                has_come = fact.position <= self.standing["plan_position"]
                holds = has_come if effective is None else effective <= self.day
                if not now or holds:
                    held |= {field: (after[field], recorded) for field in passed}
                now = after
        return held

    def below(self, above: str, id_: str) -> Row:
        weight = self.rows["objective"][id_]["weight"]
        return {
            "id": id_, "weight": weight, "score": cut_down(self.score(id_).share),
            "counts": id_ in self.counting(above),
        }  # fmt: skip

    def came_to_plan(self, row: Row, goal: Row) -> bool:
        """Whether a key result was added mid-cycle; one that was moved has its first promise."""
        if row["promised_at"] is not None:
            return self.is_added(row)
        promised_at = goal["promised_at"] or self.standing["plan_position"]
        return self.is_added(goal) or (row["came_at"] or row["first_position"]) > promised_at

    def is_added(self, goal: Row) -> bool:
        """Whether a goal is promised, but no commit of a plan covered it."""
        return goal["promised_at"] is not None and goal["covered_by"] is None

    # ---- scores ---------------------------------------------------------------------------

    def score(self, id_: str, until: str | None = None) -> Score:
        """What a goal came to, and what was expected of it; by the readings up to a day."""
        goal = self.rows["objective"][id_]
        living = self.living(id_)
        if goal["first_key_result"]:
            parts = [(self.clamped(k, until), self.weight("key_result", k)) for k in living]
        else:
            same = [i for i in self.counting(id_) if self.cycle_of(i) == goal["cycle_id"]]
            parts = [(self.score(i, until).share, self.weight("objective", i)) for i in same]
        mean = fraction_formulas.mean_of(parts)
        counts_zero = self.policy(goal).not_measured == "counts_zero"
        final = mean.complete if counts_zero else mean.measured
        is_final = self.is_final(id_)
        share = final if is_final and mean.measured is not None else mean.measured
        planned = formulas.weighted_mean(
            (self.expected(k), self.weight("key_result", k))
            for k in living
            if self.progress(k) is not None or (is_final and counts_zero)
        )
        return Score(share, final, mean, self.linear(goal) if planned is None else planned)

    def clamped(self, key_result: str, until: str | None) -> Fraction | None:
        progress = self.progress(key_result, until)
        return None if progress is None else formulas.clamped(progress)

    def weight(self, table: str, id_: str) -> Fraction:
        return Fraction(self.rows[table][id_]["weight"])

    def cycle_of(self, id_: str) -> str:
        return str(self.rows["objective"][id_]["cycle_id"])

    def is_final(self, id_: str) -> bool:
        """Whether what is not measured counts: graded, closed, or the cycle is over."""
        goal = self.judged["objective"][id_]
        cycle = self.judged["cycle"][goal["cycle_id"]]
        return goal["graded"] or cycle["closed"] or self.day.isoformat() > cycle["ends"]

    def rolled_up(self, id_: str) -> Fraction | None:
        return fraction_formulas.rolled_up(
            self.score(id_).share,
            [(self.score(i).share, self.weight("objective", i)) for i in self.counting(id_)],
        )

    def counting(self, id_: str) -> list[str]:
        """Of what serves a goal, what counts in its roll-up."""
        return [i for i in self.serving(id_) if self.counts(i, self.serving(id_))]

    def counts(self, id_: str, siblings: list[str]) -> bool:
        goals = self.rows["objective"]
        goal = goals[id_]
        if goal["state"] in ("draft", "abandoned"):
            return False
        through = goal["aligned_to_key_result_id"]
        if through and self.rows["key_result"][through]["dropped"]:
            return False
        after = self.successors(id_)
        return not any(i in after and goals[i]["committed_at"] for i in siblings)

    def successors(self, id_: str) -> set[str]:
        """What a goal was carried over to, and that again."""
        found: set[str] = set()
        while (after := self.rows["objective"][id_]["carried_to"]) is not None:
            found.add(after)
            if after not in self.rows["objective"]:
                break
            id_ = after
        return found

    def off_track(self, id_: str) -> int:
        """How many key results that weigh something are off track, overdue or not."""
        return sum(
            self.weight("key_result", each) > 0 and self.status(each) == "off_track"
            for each in self.living(id_)
        )

    def expected_grade(self, goal: Row) -> Decimal:
        policy = self.policy(goal)
        by_commitment = {
            "committed": policy.committed_expected,
            "aspirational": policy.aspirational_expected,
        }
        return by_commitment[goal["commitment"]]

    def pace_and_status(self, goal: Row, score: Score, off_track: int) -> Row:
        if score.share is None:
            return {"pace": None, "status": "not_measured"}
        pace = fraction_formulas.pace(score.share, score.expected, self.expected_grade(goal))
        status = fraction_formulas.status(pace, self.policy(goal))
        if status == "on_track" and off_track:
            status = "at_risk"
        return {"pace": cut_down(pace), "status": status}

    def band(self, goal: Row, final: Fraction | Decimal | None) -> str | None:
        if final is None:
            return None
        if final >= self.expected_grade(goal):
            return "green"
        return "yellow" if final >= self.policy(goal).yellow_from else "red"

    def grade(self, id_: str, score: Score, policy: formulas.Policy) -> Row:
        row, living = self.rows["objective"][id_], self.living(id_)
        adjusted = row["adjusted_grade"]
        return {
            "computed": cut_down(score.final),
            "adjusted": adjusted,
            "band": self.band(row, score.share if adjusted is None else Decimal(adjusted)),
            "expected": format(self.expected_grade(row), "f"),
            "coverage": cut_down(score.mean.coverage),
            "not_measured": sum(self.progress(each) is None for each in living),
            "of": len(living),
            "evidence": document(row["evidence"]),
        }

    def ending(self, id_: str, score: Score, policy: formulas.Policy) -> Row:
        """What came out of a goal that has ended, by what, and how late it was met."""
        row = self.rows["objective"][id_]
        ended_by = None
        if row["state"] in ("abandoned", "carried_over"):
            ended_by = row["state"]
        elif row["state"] == "committed" and row["graded"]:
            ended_by = "graded"
        elif row["state"] == "committed" and self.cycle_row(row)["closed"]:
            ended_by = "ungraded"
        if ended_by is None:
            return {"outcome": None, "ended_by": None, "late_days": None}
        adjusted = row["adjusted_grade"]
        band = self.band(row, score.share if adjusted is None else Decimal(adjusted))
        outcome = {
            "green": "met", "yellow": "partly_met", "red": "missed", None: "not_measured",
        }[band]  # fmt: skip
        is_late_known = outcome == "met" and adjusted is None
        late = self.days_late(id_) if is_late_known else None
        return {"outcome": outcome, "ended_by": ended_by, "late_days": late}

    def days_late(self, id_: str) -> int:
        """How many days after its due day a goal was for the last time short of its grade.

        Each day has the plan that was in force at its end; one before the goal was committed has
        that of the day it was.
        """
        goal = self.rows["objective"][id_]
        if not goal["due"] or goal["due"] >= self.read_until:
            return 0
        due, late = date.fromisoformat(goal["due"]), 0
        committed = self.day_recorded(goal["committed_at"]) if goal["committed_at"] else due
        counts_zero = self.policy(goal).not_measured == "counts_zero"
        for number in range((date.fromisoformat(self.read_until) - due).days + 1):
            day = due + timedelta(days=number)
            then = self.under_plan_of(max(day, committed))
            final = None
            if id_ in then.rows["objective"]:
                mean = then.score(id_, day.isoformat()).mean
                final = mean.complete if counts_zero else mean.measured
            if final is None or final < self.expected_grade(goal):
                late = number + 1
        return late

    def under_plan_of(self, day: date) -> View:
        """The same goals with the plan that was in force at the end of a day."""
        position = min(self.oracle.at_day(day).position, self.standing["plan_position"])
        then = copy(self)
        then.rows = with_days_of(self.known, self.oracle.rows(position, self.standing["position"]))
        then.judged = self.rows
        return then

    def first_day(self, goal: Row) -> str:
        """The day from which something is expected of a goal."""
        starts: str = self.cycle_row(goal)["starts"]
        if goal["committed_at"] is None:
            return starts
        fact = self.oracle.log[goal["committed_at"] - 1]
        committed = self.oracle.day_of(fact.recorded_at).isoformat()
        return max(starts, committed) if committed <= self.horizon(goal) else starts

    def linear(self, goal: Row, points: Sequence[tuple[date, Decimal]] = ()) -> Fraction:
        """The share of the way planned for the day: through the dated points, then as it was."""
        first = date.fromisoformat(self.first_day(goal))
        last = date.fromisoformat(self.horizon(goal))
        corners = {first - timedelta(days=1): Fraction(0), last: Fraction(1)}
        corners |= {on: Fraction(share) for on, share in points if first <= on <= last}
        day = min(self.day, last)
        if day < first:
            return Fraction(0)
        before = max(on for on in corners if on <= day)
        after = min(on for on in corners if on >= day)
        if before == after:
            return corners[day]
        way = Fraction((day - before).days, (after - before).days)
        return corners[before] + (corners[after] - corners[before]) * way

    def tree(self, cycle_id: str) -> list[Row]:
        """The goals of a cycle that serve none of those seen, each with all that serves it."""
        seen = self.goals(cycle_id)
        for id_ in seen:
            seen.extend(other for other in self.serving(id_) if other not in seen)
        goals = self.rows["objective"]
        return [
            self.branch(i)
            for i in goals
            if i in seen and goals[i]["parent_objective_id"] not in seen
        ]

    def branch(self, id_: str) -> Row:
        answer = self.objective(id_)
        hidden = (
            *(
                "version",
                "description",
                "commitment",
                "due",
                "graded",
                "adjusted_grade",
                "carried_from",
            ),
            *("carried_to", "revisions", "added_mid_cycle", "overdue", "grade", "outcome"),
            *("ended_by", "late_days"),
        )
        aligned = [self.branch(other) for other in self.serving(id_)]
        return without(answer, *hidden) | {"matches": True, "aligned": aligned}

    # ---- key results ----------------------------------------------------------------------

    def living(self, objective_id: str) -> list[str]:
        return [
            id_
            for id_, row in self.rows["key_result"].items()
            if row["objective_id"] == objective_id and not row["dropped"]
        ]

    def key_results(self, objective_id: str) -> list[Row]:
        return [self.key_result(id_) for id_ in self.living(objective_id)]

    def key_result(self, id_: str) -> Row:
        row = self.rows["key_result"][id_]
        goal, reading = self.rows["objective"][row["objective_id"]], self.reading(id_)
        progress, expected, check_in = self.progress(id_), self.expected(id_), self.check_in(id_)
        pace, status = self.pace(id_), self.status(id_)
        return self.dropped(id_) | {
            "confidence": check_in["confidence"] if check_in else None,
            "added_mid_cycle": self.came_to_plan(row, goal),
            "reading": self.read(row, reading) if reading else None,
            "started_at": self.started_at(id_),
            **self.spanned(id_, reading),
            "redefined": row["redefined_at"] is not None and reading is None,
            "progress": cut_down(progress),
            "expected": cut_down(expected),
            "pace": cut_down(pace),
            "status": status,
            "overdue": self.is_overdue(id_, reading, progress),
        }

    def read(self, row: Row, reading: Row) -> Row:
        """A reading as a key result shows it."""
        done = reading["done"]
        steps = done and [step for step in row["steps"] or [] if step in done["done"]]
        return {name: reading[name] for name in ("id", "as_of", "value", "zone", "evidence")} | {
            "done_steps": steps
        }

    def status(self, id_: str) -> str:
        row, progress = self.rows["key_result"][id_], self.progress(id_)
        policy = self.policy(self.rows["objective"][row["objective_id"]])
        if row["direction"] is not None:
            return self.to_keep(progress, policy)
        if progress is None:
            return "not_measured"
        return fraction_formulas.status(self.pace(id_), policy)

    def pace(self, id_: str) -> Fraction | None:
        goal = self.rows["objective"][self.rows["key_result"][id_]["objective_id"]]
        progress = self.progress(id_)
        if progress is None:
            return None
        to_keep = self.rows["key_result"][id_]["direction"] is not None
        grade = Decimal(1) if to_keep else self.expected_grade(goal)
        return fraction_formulas.pace(progress, self.expected(id_), grade)

    def started_at(self, id_: str) -> Row | None:
        """The last reading of the KPI that feeds a key result about a day before its cycle."""
        row = self.rows["key_result"][id_]
        if row["kpi_id"] is None:
            return None
        starts = self.rows["cycle"][row["cycle_id"]]["starts"]
        found = last(r for r in self.readings(row["kpi_id"]) if r["as_of"] < starts)
        return found and {name: found[name] for name in ("id", "as_of", "value")}

    @staticmethod
    def to_keep(progress: Fraction | None, policy: formulas.Policy) -> str:
        """The status of what is to be kept: inside, or how far outside."""
        if progress is None:
            return "not_measured"
        if progress == 1:
            return "on_track"
        return "at_risk" if progress >= Fraction(policy.at_risk) else "off_track"

    # ---- values of several readings -------------------------------------------------------

    def is_combined(self, id_: str) -> bool:
        """Whether one reading does not make the value: one to keep, or by the rule of a KPI."""
        row = self.rows["key_result"][id_]
        if row["kind"] != "metric":
            return False
        if row["direction"] is not None:
            return True
        kpi = row["kpi_id"]
        if kpi is None:
            return False
        ever = self.oracle.rows(len(self.oracle.log))
        rules = [d["aggregation"] for d in ever["kpi_definition"].values() if d["kpi_id"] == kpi]
        readings = (each for each in ever["reading"].values() if each["measured_id"] == kpi)
        return rules != ["last"] or any(each["subject"] for each in readings)

    def definitions(self, kpi_id: str) -> list[Row]:
        """The definitions of a KPI known by then, by the days they hold from."""
        found = [d for d in self.known["kpi_definition"].values() if d["kpi_id"] == kpi_id]
        return sorted(found, key=lambda each: each["effective"])

    def rule(self, kpi_id: str, day: str) -> Row:
        """The definition that holds on a day."""
        return [each for each in self.definitions(kpi_id) if each["effective"] <= day][-1]

    def is_comparable(self, kpi_id: str, first: str, last: str) -> bool:
        return not any(first < each["effective"] <= last for each in self.definitions(kpi_id))

    def standing_readings(self, measured_id: str, first: str, last: str) -> list[Row]:
        """The readings with a value about some days that were not retracted."""
        return [
            reading
            for reading in self.readings(measured_id)
            if first <= reading["as_of"] <= last
            and not reading["retracted"]
            and reading["value"] is not None
        ]

    def span(self, id_: str, until: str | None = None) -> Row:
        """What the readings about the days of the cycle come to for a key result; up to a day."""
        row = self.rows["key_result"][id_]
        cycle = self.cycle_row(self.rows["objective"][row["objective_id"]])
        first, last = cycle["starts"], min(cycle["ends"], self.read_until, until or cycle["ends"])
        kpi = row["kpi_id"]
        rule = self.rule(kpi, last)["aggregation"] if kpi else "last"
        counting = {each["id"] for each in self.within(id_, kpi or id_)}
        readings = [
            each
            for each in self.standing_readings(kpi or id_, first, last)
            if each["id"] in counting
        ]
        direction = row["direction"] or (
            "increase" if Decimal(row["target"]) > Decimal(row["baseline"]) else "decrease"
        )
        best = kpi_oracle.better(direction, row, row["baseline"])
        rate = None
        if row["direction"] is not None and rule != "sum":
            days = date.fromisoformat(first), date.fromisoformat(cycle["ends"])
            rate = kpi_oracle.hit_rate(
                readings,
                self.terms(),
                row["cadence"],
                self.judge(direction, row, rule, best),
                days,
                self.day,
            )
        return {
            "exact": kpi_oracle.combined(rule, readings, best),
            "hit_rate": rate,
            "comparable": kpi is None or self.is_comparable(kpi, first, last),
        }

    @staticmethod
    def judge(direction: str, goal: Row, rule: str, best: Any) -> Any:
        """Whether the last readings of a period are inside."""

        def is_inside(readings: list[Row]) -> bool:
            subjects: dict[Any, Row] = {}
            for each in sorted(readings, key=lambda row: (row["as_of"], row["position"])):
                subjects[each["subject"]] = each
            value = kpi_oracle.combined(rule, subjects.values(), best)
            return value is not None and kpi_oracle.inside(direction, goal, value)

        return is_inside

    def spanned(self, id_: str, reading: Row | None) -> Row:
        if not self.is_combined(id_):
            value = reading["value"] if reading else None
            return {"value": value, "hit_rate": None, "comparable": True}
        span = self.span(id_)
        value = kpi_oracle.written(span["exact"], self.rows["key_result"][id_])
        return {"value": value} | {name: span[name] for name in ("hit_rate", "comparable")}

    # ---- overdue --------------------------------------------------------------------------

    def terms(self) -> TermsInTime:
        """The calendars known by then, in plain words."""
        found: list[tuple[date, Terms]] = []
        for fact in self.oracle.log[: self.standing["position"]]:
            if isinstance(fact.event, OrganisationCalendar.Adopted):
                found.append((date.min, terms_of(fact.event.calendar)))
            if isinstance(fact.event, OrganisationCalendar.Revised):
                first = fact.event.valid_from
                found = [each for each in found if each[0] < first]
                found.append((first, terms_of(fact.event.calendar)))
        return TermsInTime(tuple(found))

    def day_recorded(self, position: int) -> date:
        return self.oracle.day_of(self.oracle.log[position - 1].recorded_at)

    def is_overdue(self, id_: str, reading: Row | None, progress: Fraction | None) -> bool:
        row = self.rows["key_result"][id_]
        goal = self.rows["objective"][row["objective_id"]]
        cycle = self.cycle_row(goal)
        is_over = goal["state"] not in ("committed", "carried_over") or goal["graded"]
        is_done = row["kind"] == "milestone" and progress == 1
        if is_over or is_done or cycle["closed"]:
            return False
        starts = max(
            date.fromisoformat(cycle["starts"]),
            self.day_recorded(goal["committed_at"]),
            self.day_recorded(row["first_position"]),
            *(
                self.oracle.day_of(fact.recorded_at)
                for fact in self.oracle.log[: self.standing["plan_position"]]
                if str(fact.event.originator_id) == id_
                and isinstance(
                    fact.event,
                    KeyResult.Linked | KeyResult.Unlinked | KeyResult.CadenceReplaced,
                )
            ),
        )
        ends = date.fromisoformat(cycle["ends"])
        is_done = self.is_done_by_day(id_)
        dues = day_by_day.due_while_not_done(
            self.terms(), row["cadence"], starts, ends, self.day, is_done
        )
        return day_by_day.is_overdue(dues, days_about(reading))

    def is_done_by_day(self, id_: str) -> Callable[[date], bool]:
        """Whether a milestone was done at the end of a day: by its steps and its last reading."""
        if self.rows["key_result"][id_]["kind"] != "milestone":
            return lambda day: False
        measures = [
            (self.oracle.day_of(fact.recorded_at), fact.event.measure)
            for fact in self.oracle.log[: self.standing["plan_position"]]
            if str(fact.event.originator_id) == id_ and hasattr(fact.event, "measure")
        ]
        readings = [each for each in self.within(id_, id_) if each["value"] is not None]

        def is_done(day: date) -> bool:
            steps = ([each for on, each in measures if on <= day] or [measures[0][1]])[-1].steps
            found = last(each for each in readings if each["as_of"] <= day.isoformat())
            if found is None:
                return False
            then = found["done"]
            return (
                fraction_formulas.milestone_progress(
                    list(steps), then["steps"], then["done"], int(Decimal(found["value"]))
                )
                == 1
            )

        return is_done

    def is_kpi_overdue(self, id_: str, targets: list[Row], reading: Row | None) -> bool:
        if id_ not in self.rows["kpi"]:
            return False
        row = self.rows["kpi"][id_]
        since = row["first_position"]
        for fact in self.oracle.log[: self.standing["plan_position"]]:
            event = fact.event
            if isinstance(event, Kpi.CadenceReplaced) and str(event.originator_id) == id_:
                since = fact.position
        defined = self.day_recorded(since)
        spans = [
            [date.fromisoformat(each[name]) for name in ("starts", "ends")] for each in targets
        ]
        dues = [
            due
            for first, last in day_by_day.runs((one, two) for one, two in spans)
            for due in day_by_day.due_of(
                self.terms(), row["cadence"], max(first, defined), last, self.day, is_kpi=True
            )
        ]
        return not row["retired"] and day_by_day.is_overdue(dues, days_about(reading))

    def dropped(self, id_: str) -> Row:
        """A key result without a verdict: all there is to say of one that was dropped."""
        row = self.rows["key_result"][id_]
        lists = {name: row[name] or [] for name in ("steps", "trajectory")}
        return {
            "id": id_,
            **referring(without(row, *HIDDEN_OF_KEY_RESULT)),
            **lists,
            "status": "dropped",
        }  # fmt: skip

    def reading(self, id_: str, until: str | None = None) -> Row | None:
        """The reading of a key result, or of what feeds it, that counts; up to a day."""
        measured = self.rows["key_result"][id_]["kpi_id"] or id_
        return last(
            r
            for r in self.within(id_, measured)
            if (r["value"] or r["zone"]) and (until is None or r["as_of"] <= until)
        )

    def check_in(self, id_: str) -> Row | None:
        """The check-in whose confidence counts, also one without a value."""
        return last(r for r in self.within(id_, id_) if r["confidence"] is not None)

    def within(self, id_: str, measured_id: str) -> list[Row]:
        """The readings about days of the cycle, made when unit and zones were as they are."""
        row = self.rows["key_result"][id_]
        cycle = self.rows["cycle"][row["cycle_id"]]
        return [
            r
            for r in self.all_readings(measured_id)
            if cycle["starts"] <= r["as_of"] <= cycle["ends"]
            and all((r["made_under"] or row)[name] == row[name] for name in ("unit", "zones"))
        ]

    def progress(self, id_: str, until: str | None = None) -> Fraction | None:
        row, reading = self.rows["key_result"][id_], self.reading(id_, until)
        if self.is_combined(id_):
            return self.progress_of_span(row, self.span(id_, until)["exact"])
        if reading is None:
            return None
        if row["kind"] == "ordinal":
            return formulas.ordinal_progress(reading["zone"])
        value = Decimal(reading["value"])
        if row["kind"] == "milestone":
            then = reading["done"]
            return fraction_formulas.milestone_progress(
                row["steps"] or [], then["steps"], then["done"], int(value)
            )
        baseline, target = Decimal(row["baseline"]), Decimal(row["target"])
        return fraction_formulas.metric_progress(baseline, target, value)

    @staticmethod
    def progress_of_span(row: Row, value: Fraction | None) -> Fraction | None:
        """The progress of a value that several readings make."""
        if value is None or row["direction"] is not None:
            return (
                None
                if value is None
                else kpi_oracle.progress(row["direction"], row, value, row["baseline"])
            )
        ends = Decimal(row["baseline"]), Decimal(row["target"])
        return fraction_formulas.metric_progress(*ends, value)

    def expected(self, id_: str) -> Fraction:
        row = self.rows["key_result"][id_]
        if row["direction"] is not None:
            starts = self.cycle_row(self.rows["objective"][row["objective_id"]])["starts"]
            return Fraction(self.day.isoformat() >= starts)
        points = [
            (date.fromisoformat(point["on"]), Decimal(point["share"]))
            for point in row["trajectory"] or []
        ]
        return self.linear(self.rows["objective"][row["objective_id"]], points)

    def pending(self, id_: str) -> list[Row]:
        """The requests that wait about a goal, and about the key results that were its own."""
        own = {
            key_result
            for key_result, row in self.rows["key_result"].items()
            if row["objective_id"] == id_
        }
        waiting = [
            (row["first_position"], request_id, row)
            for request_id, row in self.known["approval"].items()
            if row["decision"] == "pending" and str(row["about"]) in {id_, *own}
        ]
        return [
            {
                "id": request_id,
                "what": first_sentence(row["command"]),
                "goal": {
                    "kind": "objective" if str(row["about"]) == id_ not in own else "key_result",
                    "id": str(row["about"]),
                },
                "requester": {"id": str(row["asked_by"])},
                "since": self.oracle.written(position),
            }
            for position, request_id, row in sorted(waiting, key=lambda each: each[0])
        ]

    # ---- readings and KPIs ----------------------------------------------------------------

    def all_readings(self, measured_id: str) -> list[Row]:
        """The readings known by then, the last recorded first; retracted ones say so."""
        found = [
            {"id": id_, **without(row, "measured_id", "first_position")}
            | {"position": row["first_position"], "evidence": document(row["evidence"])}
            for id_, row in self.known["reading"].items()
            if row["measured_id"] == measured_id and row["as_of"] <= self.read_until
        ]
        return sorted(found, key=lambda row: -row["position"])

    def readings(self, measured_id: str) -> list[Row]:
        """The same as they are shown; nobody comments in a history that is judged here."""
        return [
            without(row, "made_under", "done") | {"comment": None} | self.recorded(row)
            for row in self.all_readings(measured_id)
        ]

    def recorded(self, reading: Row) -> Row:
        """How a reading was recorded at first, and whether it was corrected since."""
        events = [
            fact
            for fact in self.oracle.log[: self.standing["position"]]
            if str(fact.event.originator_id) == reading["id"]
        ]
        corrections = [each for each in events[1:] if not isinstance(each.event, Reading.Retracted)]
        first = events[0]
        return {
            "recorded_at": self.oracle.written(first.position),
            "by": actor(first.by),
            "on_behalf_of": actor(first.on_behalf_of),
            "corrected": corrections != [],
        }

    def kpis(self) -> list[str]:
        """The KPIs there were, and those recorded later that are about the day or one before."""
        day = self.day.isoformat()
        return [
            id_
            for id_ in self.known["kpi"]
            if id_ in self.rows["kpi"]
            or any(target["starts"] <= day for target in self.targets(id_))
            or self.readings(id_)
        ]

    def kpi_row(self, id_: str) -> Row:
        """A KPI as it was then; unit, direction and baseline always were what is known of them."""
        known = self.known["kpi"][id_]
        corrected = {name: known[name] for name in ("unit", "direction", "baseline")}
        return self.rows["kpi"].get(id_, known) | corrected

    def kpi(self, id_: str) -> Row:
        row, day = self.kpi_row(id_), self.day.isoformat()
        reading = last(self.readings(id_))
        targets = self.targets(id_)
        begun = [target for target in targets if target["starts"] <= day]
        target = max(begun, key=lambda each: each["starts"], default=None)
        definition = self.rule(id_, day)
        shown = None
        if reading:
            names = ("id", "as_of", "value", "subject", "evidence")
            later = reading["position"] > self.standing["plan_position"]
            shown = {name: reading[name] for name in names} | {"recorded_later": later}
        return {
            "id": id_,
            **referring(without(row, "first_position", "defined_from")),
            "counts": definition["counts"],
            "aggregation": definition["aggregation"],
            "breaks": [
                {name: each[name] for name in ("effective", "counts", "aggregation")}
                | {"position": self.defined_at(id_, each)}
                for each in self.definitions(id_)
                if each["effective"] > "0001-01-01"
            ],
            "recorded_later": id_ not in self.rows["kpi"],
            "targets": targets,
            "target": target,
            "reading": shown,
            "overdue": self.is_kpi_overdue(id_, targets, reading),
            **self.verdict(id_, row, target),
            "subjects": self.subjects(id_, row, target),
        }

    def defined_at(self, kpi_id: str, definition: Row) -> int:
        """Where a definition from a day on was last recorded by then."""
        return max(
            fact.position
            for fact in self.oracle.log[: self.standing["position"]]
            if isinstance(fact.event, Kpi.Redefined)
            and str(fact.event.originator_id) == kpi_id
            and str(fact.event.effective) == definition["effective"]
        )

    def judged_spans(self, id_: str) -> Row:
        """Each span of a KPI that has begun, with its verdict."""
        row = self.kpi_row(id_)
        begun = [each for each in self.targets(id_) if each["starts"] <= self.day.isoformat()]
        return {"spans": [each | self.verdict(id_, row, each) for each in begun]}

    def in_span(self, id_: str, target: Row) -> tuple[str, list[Row]]:
        """The rule of a span, and its readings by the day."""
        until = min(target["ends"], self.day.isoformat())
        rule = self.rule(id_, until)["aggregation"]
        return rule, self.standing_readings(id_, target["starts"], target["ends"])

    def subjects(self, id_: str, row: Row, target: Row | None) -> list[Row]:
        """The value of each subject of the span, where any reading names one."""
        if target is None:
            return []
        rule, readings = self.in_span(id_, target)
        names = {each["subject"] for each in readings}
        best = kpi_oracle.better(row["direction"], target, row["baseline"])
        return [
            {
                "subject": name,
                "value": kpi_oracle.written(
                    kpi_oracle.combined(rule, [r for r in readings if r["subject"] == name], best),
                    target,
                    row,
                ),
            }
            for name in sorted(names, key=lambda each: each or "")
            if names != {None}
        ]

    @staticmethod
    def side(row: Row, target: Row) -> Any:
        """What says on which side of a target a value is; None without a target."""
        if target["target"] is None and target["minimum"] is None:
            return None
        return lambda value: kpi_oracle.inside(row["direction"], target, value)

    def verdict(self, id_: str, row: Row, target: Row | None) -> Row:
        """What the readings of a span come to, and what is said of that."""
        found = {
            "value": None, "progress": None, "expected": None, "pace": None,
            "status": "not_measured", "inside": None, "met": None, "hit_rate": None,
            "comparable": True,
        }  # fmt: skip
        if target is None:
            return found
        rule, readings = self.in_span(id_, target)
        until = min(target["ends"], self.day.isoformat())
        found["comparable"] = self.is_comparable(id_, target["starts"], until)
        best = kpi_oracle.better(row["direction"], target, row["baseline"])
        value, side = kpi_oracle.combined(rule, readings, best), self.side(row, target)
        found["value"] = kpi_oracle.written(value, target, row)
        kept = row["direction"] not in ("increase", "decrease") and rule != "sum"
        if kept and side is not None:
            judge = self.judge(row["direction"], target, rule, best)
            days = date.fromisoformat(target["starts"]), date.fromisoformat(target["ends"])
            found["hit_rate"] = kpi_oracle.hit_rate(
                readings, self.terms(), row["cadence"], judge, days, self.day, is_kpi=True
            )
        if value is None:
            return found
        if side is None:
            return found | {"status": "no_target"}
        policy = policy_in(self.rows)
        return found | kpi_oracle.status(value, row, target, rule, self.day, policy)

    def targets(self, kpi_id: str) -> list[Row]:
        """The targets of a KPI by their days: in force then, or recorded later about such a day.

        A span keeps what it was on the day, up to where one recorded later begins inside it.
        """
        day, found = self.day.isoformat(), []
        for id_, known in self.known["kpi_target"].items():
            then = self.rows["kpi_target"].get(id_)
            if known["kpi_id"] == kpi_id and (then or known["starts"] <= day):
                row = without(then or known, "kpi_id", "first_position", "version")
                row |= kpi_oracle.judging(self.kpi_row(kpi_id), row)
                found.append(row | {"recorded_later": then is None})
        for row in found:
            for other in found:
                if other["recorded_later"] and row["starts"] < other["starts"] <= row["ends"]:
                    eve = date.fromisoformat(other["starts"]) - timedelta(days=1)
                    row["ends"] = eve.isoformat()
        return sorted(found, key=lambda target: target["starts"])


REFERENCES = {
    "cycle_id": "cycle", "team_id": "team", "owner_id": "owner", "objective_id": "objective",
    "kpi_id": "kpi", "carried_from": "carried_from", "carried_to": "carried_to",
}  # fmt: skip


def refers(id_: Any) -> Row | None:
    """A reference, where there is something to refer to."""
    return {"id": str(id_)} if id_ else None


def referring(row: Row) -> Row:
    """A row whose ids of other things are references."""
    answer = {}
    for name, value in row.items():
        if name in REFERENCES:
            answer[REFERENCES[name]] = refers(value)
        elif not name.startswith("aligned_to_"):
            answer[name] = value
    if "aligned_to_objective_id" in row:
        objective, key_result = row["aligned_to_objective_id"], row["aligned_to_key_result_id"]
        answer["aligned_to"] = (
            {"kind": "objective", "id": objective} if objective
            else {"kind": "key_result", "id": key_result} if key_result
            else None
        )  # fmt: skip
    return answer


def last(readings: Any) -> Row | None:
    """Of readings that were not retracted the one about the last day, of one day the last."""
    standing = [reading for reading in readings if not reading["retracted"]]
    return max(standing, key=lambda row: (row["as_of"], row["position"]), default=None)


def document(text: str | None) -> Row | None:
    """The document of a reading, as answers have it."""
    return None if text is None else json.loads(text)


def days_about(reading: Row | None) -> list[date]:
    """The day a reading is about, if there is one."""
    return [date.fromisoformat(reading["as_of"])] if reading else []


def policy_in(rows: Rows) -> formulas.Policy:
    """The scoring policy of some rows, the built-in one where none was adopted."""
    for row in rows["scoring_policy"].values():
        shares = without(row, "first_position", "version", "not_measured")
        thresholds = {name: Decimal(share) for name, share in shares.items()}
        return formulas.Policy(**thresholds, not_measured=row["not_measured"])
    return formulas.Policy()


def terms_of(calendar: Calendar) -> Terms:
    """A calendar in plain words."""
    off = (day for each in calendar.holidays for day in day_by_day.all_days(each.starts, each.last))
    return Terms(
        frozenset(map(str, calendar.working_days)),
        frozenset(off),
        calendar.first_month,
        calendar.two_weeks_from,
        frozenset(vars(calendar.grace).items()),
    )


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}
