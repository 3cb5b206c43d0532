"""Laws of looking back that hold for every history, whatever happened in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound
from projections.queries import Queries
from projections.retrospect.compare import Limits, like_with_like, moment_of, side
from projections.retrospect.diff import applied, compared
from tests.support.explained import every_part
from tests.support.random_history import CYCLES, OBJECTIVES, Told, commands

Every = Callable[..., None]
Row = dict[str, Any]
shares = st.floats(0, 1)


def position(told: Told, share: float) -> str:
    """A position somewhere in the log."""
    return str(max(1, round(share * told.okr.log.head())))


def state(queries: Queries, text: str, cycle: UUID | None = None) -> dict[Any, Row]:
    """All that a comparison looks at, on one side, of all cycles or of one."""
    limits, _ = like_with_like(queries.reader.moments, text, text, Limits(cycle))
    moment = moment_of(queries.reader.moments, text, "from", limits)
    found = side(queries.reader.now().at(moment), text, limits).state
    return {key: compared(record) for key, record in found.items()}


def test_a_moment_compared_with_itself_differs_in_nothing(every_history: Every) -> None:
    def holds(told: Told, share: float) -> None:
        queries, at = Queries(told.okr, told.runner), position(told, share)
        assert queries.compare(at, at)["entries"] == []
        for cycle in ("first", "second"):
            assert queries.compare(cycle, cycle)["entries"] == []

    every_history(holds, share=shares)


def test_a_comparison_applied_to_one_side_gives_the_other(every_history: Every) -> None:
    def holds(told: Told, one: float, other: float) -> None:
        queries = Queries(told.okr, told.runner)
        before, after = position(told, one), position(told, other)
        for from_, to in ((before, after), ("first", "second")):
            found = applied(state(queries, from_), queries.compare(from_, to))
            assert found == state(queries, to), (from_, to)
        for from_, to in ((before, "cycle:first"), ("cycle:first", after)):
            found = applied(state(queries, from_, CYCLES[0]), queries.compare(from_, to))
            assert found == state(queries, to, CYCLES[0]), (from_, to)

    every_history(holds, one=shares, other=shares)


def test_an_explanation_sums_exactly_to_the_difference(every_history: Every) -> None:
    def holds(told: Told, one: float, other: float) -> None:
        queries = Queries(told.okr, told.runner)
        first, last = sorted((int(position(told, one)), int(position(told, other))))
        for id_ in OBJECTIVES:
            try:
                answer = queries.explanation(id_, str(first), str(last))
            except NotFound:
                continue
            for parts in (every_part(answer), answer["causes"]):
                assert exact_sum(parts) == Fraction(answer["change"]["exact"])
            for part in every_part(answer):
                if part["events"]:  # days that passed have none
                    assert exact_sum(part["events"]) == Fraction(part["change"]["exact"])
            assert {each["cause"] for each in answer["causes"]} <= CAUSES
            whole = (answer["after"] or 0) - (answer["before"] or 0)
            assert abs(Fraction(whole) - Fraction(answer["change"]["exact"])) <= Fraction(1, 10_000)

    every_history(holds, one=shares, other=shares)


def test_an_explanation_stands_on_the_goal_of_both_moments(every_history: Every) -> None:
    """Each side of each key result is that of the objective as it was then."""

    def holds(told: Told, one: float, other: float) -> None:
        queries = Queries(told.okr, told.runner)
        first, last = sorted((int(position(told, one)), int(position(told, other))))
        for id_ in OBJECTIVES:
            try:
                answer = queries.explanation(id_, str(first), str(last))
            except NotFound:
                continue
            for name, at in (("from", first), ("to", last)):
                shown = {
                    each["key_result"]["id"]: each[name]
                    for each in answer["key_results"]
                    if each[name] is not None
                }
                assert shown == key_results_at(queries, id_, at), (name, at)

    every_history(holds, one=shares, other=shares)


def key_results_at(queries: Queries, id_: UUID, at: int) -> dict[str, Row]:
    """What the key results of an objective were at a position; none before it was drafted."""
    try:
        found = queries.objective(id_, known_at=str(at))["key_results"]
    except NotFound:
        return {}
    names = ("value", "progress", "baseline", "target", "minimum", "maximum", "weight")
    return {
        each["id"]: {name: each[name] for name in names}
        | {"zone": each["reading"] and each["reading"]["zone"]}
        for each in found
    }


def exact_sum(parts: list[Row]) -> Fraction:
    return sum((Fraction(part["change"]["exact"]) for part in parts), Fraction(0))


CAUSES = {
    "readings", "corrections", "targets", "links", "weights", "realignments", "added", "dropped",
    "grading", "policy", "dates", "time",
}  # fmt: skip


def test_what_was_published_and_its_review_stay_the_same_for_ever(every_history: Every) -> None:
    published: list[int] = []

    def holds(told: Told, more: list[c.Command]) -> None:
        queries = Queries(told.okr, told.runner)
        told.tries(c.ReopenCycle(CYCLES[0]))
        told.tries(c.CloseCycle(CYCLES[0]))
        closings = queries.results(CYCLES[0])["closings"]
        if not closings:  # it may need the approval of someone else
            return
        published.append(len(closings))
        review = queries.review(CYCLES[0])
        for command in filter(is_of_its_time, more):
            told.tries(command)
        told.on(told.okr.today().replace(year=2026))
        after = queries.results(CYCLES[0])["closings"]
        assert without_reopened(after[: len(closings)]) == without_reopened(closings)
        if len(after) == len(closings):
            last = str(closings[-1]["position"])
            assert known(queries.review(CYCLES[0], known_at=last)) == known(review)

    every_history(holds, more=st.lists(commands, max_size=8))
    assert published


def without_reopened(closings: list[Row]) -> list[Row]:
    return [{k: v for k, v in each.items() if k != "reopened"} for each in closings]


def known(review: Row) -> Row:
    return {name: value for name, value in review.items() if name != "fixed"}


def is_of_its_time(command: c.Command) -> bool:
    """Whether it leaves answers about the past as they are: the choice of figures is of today."""
    return not isinstance(command, c.ChoosePeopleFigures)


def test_a_replay_by_event_is_the_board_after_each_event(every_history: Every) -> None:
    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        for cycle in CYCLES:
            shown: dict[str, Row] = {}
            steps = replayed(queries, cycle, step="event")
            for step in steps:
                shown |= {each["id"]: each for each in step["changed"]}
                if step["position"]:  # the first is the end of the eve of the cycle
                    eve = str(step["day"]) if step is steps[0] else None
                    assert shown == board(queries, cycle, step["position"], eve), step["position"]

    every_history(holds)


def test_a_replay_by_day_ends_as_one_by_event(every_history: Every) -> None:
    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        for cycle in CYCLES:
            days = replayed(queries, cycle)
            if not days:
                continue
            end = {each["id"]: each for day in days for each in day["changed"]}
            assert end == board(queries, cycle, days[-1]["position"], str(days[-1]["day"]))

    every_history(holds)


def test_a_replay_by_the_days_things_are_about_is_the_board_about_each_day(
    every_history: Every,
) -> None:
    """As known at one position, whichever: each step applied, day for day."""

    def holds(told: Told, share: float) -> None:
        queries, known = Queries(told.okr, told.runner), position(told, share)
        for known_at in (None, known):
            for cycle in CYCLES:
                shown: dict[str, Row] = {}
                asked: dict[str, Any] = {"by": "as_of", "known_at": known_at}
                entered = 0  # of a cycle entered after its end: where the days have their own plan
                for step in replayed(queries, cycle, **asked):
                    entered = entered or next(queries.replay(cycle, **asked))["plan_from"] or 1
                    shown |= {each["id"]: each for each in step["changed"]}
                    for day in (step["since"], step["day"]) if step["position"] >= entered else ():
                        assert shown == board_about(queries, cycle, known_at, day), day

    every_history(holds, share=shares)


def board_about(queries: Queries, cycle: UUID, known_at: str | None, day: date) -> dict[str, Row]:
    """What a replay shows of a board about a day; nothing before the cycle was opened."""
    try:
        return shown_of(queries.board(cycle, known_at=known_at, at=str(day))["objectives"])
    except NotFound:
        return {}


def replayed(queries: Queries, cycle: UUID, **asked: Any) -> list[Row]:
    """The steps of a replay; none of a cycle whose first day was corrected to one to come."""
    try:
        _, *steps = queries.replay(cycle, **asked)
    except Invalid as refusal:
        if refusal.field != "from":
            raise
        return []
    except NotFound:  # it was opened later
        return []
    return steps


def board(queries: Queries, cycle: UUID, position: int, at: str | None = None) -> dict[str, Row]:
    """What a replay shows of a board; nothing before the cycle was opened."""
    try:
        return shown_of(queries.board(cycle, known_at=at or str(position))["objectives"])
    except NotFound:
        return {}


def shown_of(objectives: list[Any]) -> dict[str, Row]:
    """What a replay shows of the objectives of a board, by their ids."""
    names = ("id", "title", "score", "coverage", "rolled_up", "expected", "pace", "status", "state",
             "grade", "outcome", "ended_by", "late_days")  # fmt: skip
    return {each["id"]: {name: each[name] for name in names} for each in objectives}


def test_a_promise_is_the_goal_at_the_position_where_it_was_made(every_history: Every) -> None:
    """Where nothing of it was corrected since; then the promise is what was meant."""
    seen: dict[bool, int] = {}

    def holds(told: Told) -> None:
        is_sqlite = told.okr.database.is_sqlite
        seen.setdefault(is_sqlite, 0)
        queries = Queries(told.okr, told.runner)
        for cycle in CYCLES:
            plan = queries.plan(cycle)
            corrected = {each["id"] for each in plan["goals"] if each["corrections"]}
            for promise in plan["promises"]:
                then = queries.objective(UUID(promise["id"]), known_at=str(promise["promised_at"]))
                if promise["id"] not in corrected:
                    assert picked(promise, OF_OBJECTIVES) == picked(then, OF_OBJECTIVES)
                for each in promise["key_results"]:
                    at = str(each["promised_at"])
                    was = queries.key_result(UUID(each["id"]), known_at=at)
                    if each["id"] not in corrected:
                        seen[is_sqlite] += 1
                        assert picked(each, OF_KEY_RESULTS) == picked(was, OF_KEY_RESULTS)

    every_history(holds)
    assert seen.get(True, 1)  # there are few histories on PostgreSQL


OF_OBJECTIVES = ("title", "team", "owner", "commitment", "due", "weight", "aligned_to")
OF_KEY_RESULTS = (
    "title", "owner", "baseline", "target", "minimum", "maximum", "unit", "direction", "steps",
    "zones", "trajectory", "weight", "kpi",
)  # fmt: skip


def picked(found: Any, names: tuple[str, ...]) -> Row:
    return {name: found[name] for name in names}


def test_plans_count_what_their_page_tells(every_history: Every) -> None:
    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        for cycle in CYCLES:
            plan = queries.plan(cycle, limit=1_000)
            others = {"objective.committed", "key_result.added", "key_result.reinstated"}
            revisions = [each for each in plan["changes"] if each["type"] not in others]
            assert plan["revisions"] == len(revisions)
            assert plan["revisions"] == sum(each["revisions"] for each in plan["teams"])

    every_history(holds)
