"""What holds for every history: the rows are the fold of the log, however they came about."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from projections.read_model.runner import Runner
from projections.read_model.tables import FOREVER
from tests.support import plain
from tests.support.history_of_rights import ruled
from tests.support.random_history import Told
from tests.support.tables import at, current, tables

Every = Callable[..., None]
ABOUT_RIGHTS = {
    "grant.given", "grant.rescheduled", "grant.ended", "objective.kept_confidential",
    "objective.opened_to_all", "api_key.created", "api_key.revoked", "retention.chosen",
    "text.redacted",
}  # fmt: skip


def caught_up(told: Told) -> dict[str, list[dict[str, Any]]]:
    """The rows after catching up."""
    return tables(told.runner.fresh())


def rebuilt(told: Told, batch: int = 5_000) -> dict[str, list[dict[str, Any]]]:
    """The rows of a generation built anew, by batches of that size."""
    runner = Runner(told.okr, batch)
    try:
        return tables(runner.rebuild())
    finally:
        runner.close()


def test_a_rebuild_gives_the_rows_that_came_bit_by_bit(every_history: Every) -> None:
    def holds(told: Told, more: list[Any]) -> None:
        told.plays(more)
        came = caught_up(told)
        assert rebuilt(told) == came

    every_history(holds, more=ruled)


def test_batches_of_any_size_give_the_same_rows(every_history: Every) -> None:
    def holds(told: Told, batch: int) -> None:
        assert rebuilt(told, batch) == rebuilt(told)

    every_history(holds, batch=st.integers(1, 40))


def test_feeding_twice_changes_nothing(every_history: Every) -> None:
    def holds(told: Told) -> None:
        once = caught_up(told)
        assert told.runner.catch_up() == 0
        other = Runner(told.okr)
        assert other.catch_up() == 0
        other.close()
        assert tables(told.runner.model) == once

    every_history(holds)


def test_two_runners_racing_count_each_event_once(every_history: Every) -> None:
    def holds(told: Told, batch: int) -> None:
        runners = [Runner(told.okr, batch), Runner(told.okr, batch + 1)]
        at_once(*(runner.catch_up for runner in runners))
        found = {runner.model.generation: tables(runner.fresh()) for runner in runners}
        assert len(found) == 1
        for runner in runners:
            runner.close()
        assert list(found.values()) == [rebuilt(told)]

    every_history(holds, batch=st.integers(1, 5))


def test_the_rows_at_every_position_are_the_fold_of_the_log_up_to_it(every_history: Every) -> None:
    decided: dict[bool, set[str]] = {False: set(), True: set()}

    def holds(told: Told, more: list[Any]) -> None:
        told.plays(more)
        found, facts = caught_up(told), told.facts()
        decided[told.okr.database.is_sqlite].update(event.TOPIC for event in facts)
        for position, rows in enumerate(plain.folds(facts), 1):
            assert at(found, position) == rows, position
        assert current(found) == plain.fold(facts)

    every_history(holds, {"sqlite": 24, "postgresql": 4}, more=ruled)
    few = not decided[True]  # on PostgreSQL
    assert few or decided[True] >= ABOUT_RIGHTS, ABOUT_RIGHTS - decided[True]


def test_versions_follow_one_another_without_gap_or_overlap(every_history: Every) -> None:
    def holds(told: Told) -> None:
        for name, rows in caught_up(told).items():
            spans = defaultdict(list)
            for row in rows if name not in {"links", "progress"} else ():
                spans[row["id"]].append((row["known_from"], row["known_until"]))
                assert row["known_from"] >= row["first_position"]
            for id_, found in spans.items():
                starts, ends = zip(*sorted(found), strict=True)
                assert (*starts[1:], FOREVER) == ends, (name, id_)
                assert all(start < end for start, end in found), (name, id_)

    every_history(holds)


def at_once(*tasks: Callable[[], Any]) -> None:
    """Run tasks in threads that start together; raise what any of them raised."""
    together, raised = threading.Barrier(len(tasks)), []

    def run(task: Callable[[], Any]) -> None:
        together.wait()
        try:
            task()
        except Exception as error:  # noqa: BLE001  - whatever a forger wrote there
            raised.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
